"""The repository of snapshots: bare, one branch a host, written by plumbing only.

Layout: ``refs/heads/host/NAME`` a branch a host; in every commit the host's files at their paths, ``.ledger/manifest/`` one small file a
directory, ``.ledger/sealed/`` the originals of redacted files; ``refs/incoming/ID`` scratch refs of writers. Needs git 2.36 (``core.fsync``).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from changelog_ledger.errors import BranchMoved, HomeError, NotFound, RepositoryError
from changelog_ledger.model.snapshot import Manifest, Skipped
from changelog_ledger.model.topology import checked_name
from changelog_ledger.snapshots import refs, sweeping
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.note import SnapshotNote, parse_message
from changelog_ledger.snapshots.objects import ObjectReader, StoredObject, checked_id
from changelog_ledger.snapshots.paths import host_path, manifest_directory, sealed_path, tree_path
from changelog_ledger.snapshots.plumbing import Plumbing
from changelog_ledger.snapshots.refs import BranchMove
from changelog_ledger.snapshots.sweeping import Leftover
from changelog_ledger.snapshots.writer import Incoming, Writer

if TYPE_CHECKING:
    from changelog_ledger.model.upkeep import Room
    from changelog_ledger.snapshots.keeping import Parting, Repacking

__all__ = ["BranchMove", "BranchMoved", "ChangedPath", "Changes", "Leftover", "NotedCommit", "SnapshotRepository", "Splitting"]

_CONFIG = """\
[core]
\tfsync = all
\thooksPath = /dev/null
\tsharedRepository = 0600
[gc]
\tauto = 0
[maintenance]
\tauto = false
[ledger]
\tlayout = 1
"""
_INSIDE = b".ledger/"


class ChangedPath(NamedTuple):
    """A host path that differs between two commits, with the blob on each side, None where there is none. Modes may differ instead."""

    path: str
    before: str | None
    after: str | None


class Changes(NamedTuple):
    """What differs between two commits.

    ``directories`` are the host directories whose manifest differs: owners, modes, what was skipped; their entries say what.
    """

    paths: tuple[ChangedPath, ...]
    directories: tuple[str, ...]


class Splitting(NamedTuple):
    """What many commits do not agree on, by host path.

    ``contents``: the blob in each commit, None where there is none. ``access``: type, mode, owner and group in one text, None where that is not
    known; numbers of users and groups count only where they have no names. ``unkept``: for each commit, why contents are missing that should be
    there, by path; a directory is named for all that lies below it.
    """

    contents: Mapping[str, tuple[str | None, ...]]
    access: Mapping[str, tuple[str | None, ...]]
    unkept: tuple[Mapping[str, Skipped], ...]


class NotedCommit(NamedTuple):
    """A commit of a host's branch; ``note`` is None where its message has none."""

    commit: str
    parent: str | None
    note: SnapshotNote | None


class SnapshotRepository:
    """Open by :meth:`open` or :meth:`create`; a context manager that ends the reading git process. For one thread."""

    def __init__(self, path: Path) -> None:
        """Use :meth:`open`, which looks first."""
        self.path = path
        self._plumbing = Plumbing(str(path))
        self._objects = ObjectReader(self._plumbing)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new repository, 0700. Repeating it on one of ours, or on a half made one, completes it.

        :raises HomeError: if something else is at ``path`` or it cannot be made.
        :raises RepositoryError: if git fails.
        """
        place = path.absolute()
        if _is_ours(place):
            return cls.open(place)
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            foreign = {entry.name for entry in place.iterdir()} - {"HEAD", "config", "objects", "refs", "branches", "config.lock"}
        except OSError as error:
            raise HomeError(f"cannot make the repository {place}: {error.strerror}", "choose another home, or make its folder writable") from error
        if foreign:
            raise HomeError(f"{place} is not empty", "choose another home, or move away what is there")
        Plumbing(str(place)).run("init", "--quiet", "--bare", "--shared=0600", "--template=")
        temporary = place / "config.ledger"
        temporary.write_text((place / "config").read_text() + _CONFIG)
        temporary.chmod(0o600)
        temporary.replace(place / "config")
        return cls.open(place)

    @classmethod
    def open(cls, path: Path) -> Self:
        """An existing repository. Starts no process.

        :raises HomeError: if there is nothing at ``path``, or it cannot be read.
        :raises RepositoryError: if it belongs to somebody else or is no repository of the ledger.
        """
        place = path.absolute()
        try:
            owner = place.stat().st_uid
        except OSError as error:
            raise HomeError(f"no repository at {place}: {error.strerror}", "run 'ledger init', or name the home with --home") from error
        if owner != os.geteuid():  # its configuration can make git run commands, so git would refuse too (safe.directory)
            raise RepositoryError(
                f"{place} belongs to user {owner}, not to you ({os.geteuid()})", "run the command as the owner of the ledger's home"
            )
        if not _is_ours(place):
            raise RepositoryError(f"{place} is no snapshot repository", "run 'ledger init', or name the home with --home")
        return cls(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the reading process. The repository may be used again afterwards."""
        self._objects.close()

    # ---- branches

    def tip(self, host: str) -> str | None:
        """The last commit of a host, None if it has none."""
        return refs.tip(self.path, checked_name(host))

    def tips(self) -> Mapping[str, str]:
        """The last commit of every host."""
        return refs.tips(self._plumbing)

    def writer(self, incoming_id: str) -> Writer:
        """A writer; ``incoming_id`` is a ULID or the like, unique among writers."""
        return Writer(self._plumbing, incoming_id)

    def advance(self, moves: Sequence[BranchMove], incoming: Incoming | None = None) -> None:
        """Move hosts' branches, all or none, and drop the writer's scratch ref in the same transaction.

        :raises BranchMoved: if a branch is not where its move says it was.
        :raises RepositoryError: if git fails.
        """
        refs.advance(self._plumbing, self.path, moves, incoming)

    def pack_refs(self) -> None:
        """Put all refs into one file: ten thousand loose ones take 40 MB and are slow."""
        self._plumbing.run("pack-refs", "--all", "--prune")

    # ---- reading

    def manifest_of(self, commit: str | None) -> CommittedManifest:
        """A commit's manifest, read as it is asked for."""
        if commit is not None:
            self._objects.warm_up()
        return CommittedManifest(self._objects, commit)

    def manifest(self, commit: str) -> Manifest:
        """A commit's whole manifest."""
        return self.manifest_of(commit).whole()

    def read(self, commit: str, path: str) -> bytes:
        """The content of a host path as stored, that is redacted; of a link its text.

        :raises NotFound: if the commit has no content for it.
        """
        data = self._content(commit, tree_path(path))
        if data is None:
            raise NotFound(
                f"{path} has no content in commit {commit[:12]}", "it is no regular file, or was left out: too large, unreadable or changing"
            )
        return data

    def sealed(self, commit: str, path: str) -> bytes | None:
        """The sealed original of a redacted file, None if there is none."""
        return self._content(commit, sealed_path(path))

    def read_blobs(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        """Contents by blob id.

        :raises RepositoryError: if one is missing.
        """
        wanted = list(dict.fromkeys(blobs))
        return {blob: _present(found, blob).data for blob, found in zip(wanted, self._objects.many(wanted), strict=True)}

    def files(self, commit: str, under: str = "/") -> Mapping[str, str]:
        """Blob ids by host path of all content at or below ``under``."""
        prefix = b"" if under == "/" else tree_path(under)
        top = self._objects.find(commit, prefix) if prefix else None
        if prefix and top is None:
            return {}
        if top and top.mode != "40000":
            return {under: top.id}
        tree = top.id if top else self._objects.tree_of(commit)
        found = ((path, item.id) for path, item in self._objects.walk(tree, prefix) if not path.startswith(_INSIDE))
        return {host_path(path): blob for path, blob in found}

    def changed(self, before: str | None, after: str) -> Changes:
        """What differs between two commits; None stands for the empty beginning."""
        old = self._objects.tree_of(before) if before else None
        rows = self._objects.differing(old, self._objects.tree_of(after))
        paths = [ChangedPath(host_path(row.path), row.before, row.after) for row in rows if not row.path.startswith(_INSIDE)]
        directories = [directory for row in rows if (directory := manifest_directory(row.path)) is not None]
        return Changes(tuple(paths), tuple(directories))

    def splitting(self, commits: Sequence[str]) -> Splitting:
        """What is not the same in all of many commits."""
        from changelog_ledger.snapshots.access import differing_manifests

        found = self._objects.many(list(dict.fromkeys(commits)))
        trees = {each.id: each.data[5:45].decode() for each in found if each is not None}
        if missing := set(commits) - trees.keys():
            raise _missing(min(missing))
        split = self._objects.splitting([trees[commit] for commit in commits])
        contents = {host_path(path): blobs for path, blobs in split.items() if not path.startswith(_INSIDE)}
        manifests = {directory: blobs for path, blobs in split.items() if (directory := manifest_directory(path)) is not None}
        return Splitting(contents, *differing_manifests(self._objects, manifests, len(commits)))

    # ---- history

    def exists(self, commit: str) -> bool:
        """Whether the repository has this commit."""
        found = self._objects.get(commit)
        return found is not None and found.kind == "commit"

    def notes_since(self, host: str, commit: str | None) -> tuple[NotedCommit, ...]:
        """The commits of a host's branch after ``commit`` (None: all of them), oldest first."""
        tip = self.tip(host)
        if tip is None:
            return ()
        limits = f"{tip}\n" + (f"^{checked_id(commit)}\n" if commit else "")
        ids = self._plumbing.run("rev-list", "--topo-order", "--reverse", "--stdin", stdin=limits.encode()).decode().split()
        return tuple(_noted(_present(found, wanted)) for wanted, found in zip(ids, self._objects.many(ids), strict=True))

    def missing(self, commits: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
        """Of the commits by host, those that the host's refs do not reach, because they or some before them are not there.

        One git process for all hosts; hosts without missing commits are left out.
        """
        from changelog_ledger.snapshots import keeping

        found = keeping.all_refs(self._plumbing)
        starts = {host: [found[name] for name in (refs.HOSTS + host, keeping.KEPT + host) if name in found] for host in commits}
        parents = self._parents([start for host in commits for start in starts[host]])
        lost = {host: tuple(sorted(set(wanted) - _reached(starts[host], parents))) for host, wanted in commits.items()}
        return {host: gone for host, gone in lost.items() if gone}

    # ---- upkeep

    def check(self) -> None:
        """Look whether every object that a host's branch needs is there (git-fsck(1)).

        :raises RepositoryError: naming what git found.
        """
        self._plumbing.run("fsck", "--connectivity-only", "--no-dangling", "--no-progress")

    def leftovers(self) -> tuple[Leftover, ...]:
        """What killed writers left: scratch refs, locks, temporary packs, crash reports."""
        return sweeping.leftovers(self._plumbing, self.path)

    def sweep(self, leftovers: Iterable[Leftover]) -> None:
        """Remove leftovers. The caller picks those old enough that no writer can still own them."""
        sweeping.sweep(self._plumbing, self.path, leftovers)

    def room(self) -> Room:
        """What the repository takes; a pack is added by each snapshot that finds something new, until ``gc``."""
        from changelog_ledger.snapshots import keeping

        return keeping.room(self.path)

    def parting(self, unwanted: Mapping[str, Collection[str]]) -> Parting:
        """How commits can be forgotten, by host. Alters nothing; only one at a time may be under way.

        :raises RepositoryError: if git fails.
        """
        from changelog_ledger.snapshots import keeping

        return keeping.parting(self._plumbing, self.path, unwanted)

    def let_go(self, decided: Parting) -> None:
        """Forget commits; the objects stay until they are repacked. The caller has the repository alone, and has swept it.

        :raises RepositoryError: if git fails.
        """
        from changelog_ledger.snapshots import keeping

        keeping.let_go(self._plumbing, self.path, decided)

    def repacking(self) -> Repacking:
        """The replacement of all packs by one."""
        from changelog_ledger.snapshots.keeping import Repacking

        return Repacking(self._plumbing, self.path)

    def _content(self, commit: str, path: bytes) -> bytes | None:
        item = self._objects.find(commit, path)
        if item is None or item.mode == "40000":
            return None
        return _present(self._objects.get(item.id), item.id).data

    def _parents(self, tips: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The parents of all that is reachable; up to the first damage where there is some."""
        if not tips:
            return {}
        try:
            output = self._plumbing.run("rev-list", "--parents", "--stdin", stdin="".join(f"{tip}\n" for tip in tips).encode())
        except RepositoryError:  # something on the way is missing: ask for one commit after the other, to see how far it goes
            return dict(self._walked(tips))
        rows = (line.split() for line in output.decode().splitlines())
        return {commit: parents for commit, *parents in rows}

    def _walked(self, tips: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
        waiting, seen = list(tips), set(tips)
        while waiting:
            found = self._objects.get(waiting.pop())
            if found is not None and found.kind == "commit":
                parents = _parents_in(found)
                yield found.id, parents
                waiting += [parent for parent in parents if parent not in seen]
                seen.update(parents)


def _reached(starts: Iterable[str], parents: Mapping[str, Sequence[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        commit = waiting.pop()
        if commit in parents and commit not in reached:
            reached.add(commit)
            waiting += parents[commit]
    return reached


def _noted(found: StoredObject) -> NotedCommit:
    parents = _parents_in(found)
    return NotedCommit(found.id, parents[0] if parents else None, parse_message(found.data.partition(b"\n\n")[2]))


def _parents_in(commit: StoredObject) -> list[str]:
    header = commit.data.partition(b"\n\n")[0]
    return [line[7:].decode() for line in header.split(b"\n") if line.startswith(b"parent ")]


def _present(found: StoredObject | None, wanted: str) -> StoredObject:
    if found is None:
        raise _missing(wanted)
    return found


def _missing(wanted: str) -> RepositoryError:
    return RepositoryError(f"the repository has no object {wanted}", "run 'ledger verify'; a backup may have it")


def _is_ours(place: Path) -> bool:
    try:
        return "[ledger]" in (place / "config").read_text(errors="surrogateescape") and (place / "objects").is_dir()
    except OSError:
        return False
