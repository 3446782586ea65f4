"""Whether a path is as a snapshot has it: what a restore plans by, and what it proves afterwards."""

from __future__ import annotations

import glob
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from changelog_ledger.errors import RepositoryError, SnapshotError
from changelog_ledger.model.restore import Aspect, Unrestored
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.snapshots.restoring_metadata import KERNELS_OWN, is_owner
from changelog_ledger.snapshots.restoring_owners import TargetOwners
from changelog_ledger.snapshots.sealing import unseal
from changelog_ledger.sources.files import CapturedFile, Survey, read_changed, survey
from changelog_ledger.workflows.masking import is_original
from changelog_ledger.workflows.workspace import Workspace


@dataclass(frozen=True)
class Equality:
    """Compares captured files with entries of a snapshot."""

    workspace: Workspace
    owners: TargetOwners

    def aspects(self, then: FileEntry, captured: CapturedFile) -> tuple[Aspect, ...]:
        """In what a path differs from its entry; empty if it is equal. What nobody saw then (an import knows no time) is not compared."""
        now = captured.entry
        if then.type is not now.type:
            return (Aspect.TYPE,)
        return tuple(aspect for aspect, equal in self._judged(then, now, captured) if not equal)

    def _judged(self, then: FileEntry, now: FileEntry, captured: CapturedFile) -> Iterator[tuple[Aspect, bool]]:
        yield Aspect.CONTENT, self._same_content(then, now, captured.content)
        yield Aspect.MODE, then.type is FileType.SYMLINK or "mode" in then.assumed or then.mode == now.mode
        yield Aspect.OWNER, is_owner(self.owners.of(then), (now.uid, now.gid))
        yield Aspect.ATTRIBUTES, "attributes" in then.assumed or _attributes(then) == _attributes(now)
        yield Aspect.TIME, not then.mtime_ns or then.mtime_ns == now.mtime_ns

    def _same_content(self, then: FileEntry, now: FileEntry, content: bytes | None) -> bool:
        if then.type not in (FileType.FILE, FileType.SYMLINK):
            return True
        if then.redacted or then.type is FileType.SYMLINK:
            return content is not None and is_original(self.workspace, then, content)
        return bool(then.sha256) and then.sha256 == now.sha256


def _attributes(entry: FileEntry) -> dict[str, str]:
    return {name: value for name, value in entry.attributes if name not in KERNELS_OWN}


@dataclass(frozen=True)
class Originals:
    """The exact bytes that a commit holds, sealed or not."""

    workspace: Workspace
    commit: str

    def content(self, entry: FileEntry) -> bytes:
        """The bytes of a file as it was, or the text of a link.

        :raises HomeError: if there is no key that opens the sealed original.
        :raises SnapshotError: if the keys at hand do not open it, or what comes out is not what the manifest says.
        """
        repository = self.workspace.repository
        if not entry.redacted:
            data = repository.read(self.commit, entry.path)
        else:
            sealed = repository.sealed(self.commit, entry.path)
            if sealed is None:
                raise RepositoryError(f"the sealed original of {entry.path} is missing", "run 'ledger verify'; a backup may have it")
            data = unseal(sealed, self.workspace.identities)
        if not is_original(self.workspace, entry, data):
            raise SnapshotError(f"the repository's content of {entry.path} is not what its manifest says", "run 'ledger verify'")
        return data


def looked_at(workspace: Workspace, paths: Collection[str], root: str, *, is_copy: bool) -> tuple[Survey, Iterator[CapturedFile]]:
    """What is at and below ``paths`` now: where was looked, and one file after the other.

    :param is_copy: look at everything; of the host itself what snapshots ignore is left out.
    """
    found = survey([glob.escape(path) for path in paths], root=root, ignore=() if is_copy else workspace.settings.ignore)
    return found, read_changed(found, {}, size_limit=workspace.settings.size_limit)


def proven_equal(
    equality: Equality, wanted: Collection[FileEntry], removed: Collection[str], seen: Iterable[CapturedFile]
) -> tuple[int, tuple[Unrestored, ...]]:
    """How many paths are as wanted, and those that are not.

    :param removed: paths that are not to be there.
    :param seen: what was found afterwards.
    """
    expected = {entry.path: entry for entry in wanted}
    gone = set(removed)
    proven, wrong = 0, []
    for captured in seen:
        path = captured.entry.path
        if path in gone:
            wrong.append(Unrestored(path, "it is there again after it was removed", "see what made it"))
        then = expected.pop(path, None)
        if then is None:
            continue
        differing = equality.aspects(then, captured)
        if differing:
            wrong.append(Unrestored(path, f"afterwards it differs in {', '.join(differing)}", "see what writes it, and restore it again"))
        else:
            proven += 1
    wrong += [Unrestored(path, "it is not there afterwards", "see what removed it, and restore it again") for path in expected]
    return proven, tuple(sorted(wrong, key=lambda entry: entry.path))
