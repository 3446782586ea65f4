"""From the previous manifest and a capture to the difference that is committed.

A capture says three things: which paths were *seen* (with their stat signatures), which of them were *taken* (new, changed, or could not be
read), and below which paths everything is *unknown* because a directory could not be listed. What was seen with the known signature and not
taken is unchanged; what is neither seen nor unknown is gone.

The join, one captured file at a time, so that contents never pile up::

    need = needs(previous.entry(path), entry)         # entry as it is to be recorded, that is after redaction
    Taken(entry, writer.blob(text) if need.content else None, writer.blob(seal(original)) if need.seal else None)

and at the end ``tree_change(previous, taken, Seen(...))``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from changelog_ledger.errors import InvalidInput, SnapshotError
from changelog_ledger.model.snapshot import MOST_NAMED, FileEntry, FileType, LeftOut, Skipped
from changelog_ledger.snapshots import manifest
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.paths import ancestors, is_within, joined, split
from changelog_ledger.snapshots.writer import EXECUTABLE, LINK, REGULAR, Blob, TreeChange, TreeFile

Signatures = Mapping[str, Mapping[str, tuple[int, int, int, int, int, int, int]]]
"""Stat signatures (mtime_ns, ctime_ns, size, inode, mode, uid, gid) by host directory and name."""

_KEPT = (Skipped.UNREADABLE, Skipped.CHANGING)
_OWNER_EXECUTES = 0o100


@dataclass(frozen=True, slots=True)
class Needs:
    """What of an entry has to be stored anew."""

    content: bool
    seal: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A captured path with what was stored for it.

    :ivar entry: as it is to be recorded, after redaction.
    :ivar blob: its content; None where :func:`needs` asked for none.
    :ivar sealed: its sealed original; likewise.
    """

    entry: FileEntry
    blob: Blob | None = None
    sealed: Blob | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a capture looked.

    :ivar found: the signatures of everything seen.
    :ivar known: the signatures that came with the previous commit (the stat cache's, for exactly that commit); empty if there are none.
    :ivar unknown: paths that could not be listed or looked at. They and what lies below stay as they were.
    :ivar scope: the paths that were looked at and below, where only a part was (``--path``); None for everything.
    :ivar covered: whether a path lies at or below what a watched glob can match; what is gone there was removed.
    :ivar folders: the folders that watched globs begin in.
    """

    found: Signatures
    known: Signatures = field(default_factory=dict)
    unknown: Collection[str] = ()
    scope: Collection[str] | None = None
    covered: Callable[[str], bool] = field(default=lambda _path: False)
    folders: Collection[str] = ()

    def keeps(self, path: str) -> bool:
        """Whether nothing can be said of ``path`` by its absence."""
        if any(is_within(path, top) for top in self.unknown):
            return True
        return self.scope is not None and not any(is_within(path, top) for top in self.scope) and not self.covered(path)

    def concerns(self, directory: str) -> bool:
        """Whether something in ``directory`` may be gone."""
        if not self.keeps(directory) or any(split(top)[0] == directory for top in self.scope or ()):
            return True
        return any(is_within(directory, folder) for folder in self.folders)


def has_content(entry: FileEntry | None) -> bool:
    """Whether the tree holds content for it: a link's text, or a file's last bytes that could be read."""
    if entry is None or entry.type not in (FileType.FILE, FileType.SYMLINK) or entry.skipped in (Skipped.OVERSIZED, Skipped.SPECIAL):
        return False
    return entry.skipped is None or bool(entry.sha256 or entry.fingerprint or entry.link_to)


def needs(before: FileEntry | None, entry: FileEntry) -> Needs:
    """What has to be stored of ``entry``, given what the previous commit says of its path."""
    if not has_content(entry) or entry.skipped:
        return Needs(content=False, seal=False)
    same_seal = before is not None and before.redacted and (before.fingerprint, before.sealed_for) == (entry.fingerprint, entry.sealed_for)
    same_content = before is not None and has_content(before) and _content(before) == _content(entry)
    return Needs(content=not same_content, seal=bool(entry.redacted) and not same_seal)


def reconciled(before: FileEntry | None, entry: FileEntry) -> FileEntry:
    """The entry to record.

    - Only the modification time differs: nothing happened (``touch`` makes no commit), the earlier entry stays.
    - The owner's name is gone though the number is the same: the directory service is away, the name stays.
    - It could not be read: the tree keeps the last content, and the entry keeps that content's digest.
    """
    if before is None:
        return entry
    if entry.type is FileType.UNKNOWN:
        return replace(before, skipped=entry.skipped, detail=entry.detail)
    owner = entry.owner or (before.owner if before.uid == entry.uid else "")
    group = entry.group or (before.group if before.gid == entry.gid else "")
    entry = replace(entry, owner=owner, group=group)
    if entry.skipped in _KEPT and entry.type is before.type and has_content(before):
        kept = {name: getattr(before, name) for name in ("sha256", "fingerprint", "redacted", "sealed_for", "link_to", "attributes")}
        entry = replace(entry, **kept)
    return before if replace(entry, mtime_ns=before.mtime_ns) == before else entry


def tree_change(previous: CommittedManifest, taken: Iterable[Taken], seen: Seen) -> TreeChange:
    """What a capture changes against the previous commit; false if nothing.

    :raises SnapshotError: if ``seen.known`` does not belong to the previous commit.
    :raises RepositoryError: if the previous manifest cannot be read.
    """
    by_directory = _by_directory(taken)
    versions = [
        _Version(directory, before, after, by_directory.get(directory, {})) for directory, before, after in _compared(previous, by_directory, seen)
    ]
    return _assembled(previous, versions)


def edit_change(previous: CommittedManifest, taken: Iterable[Taken], removed: Iterable[str]) -> TreeChange:
    """What setting some files and removing others changes; everything not named stays (an import's ``files``).

    A path that is removed and does not exist is no error: the import is as true as before.

    :raises InvalidInput: if a file would have to be a directory at the same time.
    """
    by_directory = _by_directory(taken)
    gone: dict[str, set[str]] = {}
    for path in removed:
        directory, name = split(path)
        gone.setdefault(directory, set()).add(name)
    versions = []
    for directory in sorted({*by_directory, *gone}):
        before = previous.directory(directory)
        set_here = by_directory.get(directory, {})
        after = {name: entry for name, entry in before.items() if name not in gone.get(directory, ())}
        after |= {name: reconciled(before.get(name), item.entry) for name, item in set_here.items()}
        versions.append(_Version(directory, before, after, set_here))
    _refuse_files_as_directories(previous, versions)
    return _assembled(previous, versions)


@dataclass(frozen=True, slots=True)
class _Version:
    """One directory before and after."""

    directory: str
    before: Mapping[str, FileEntry]
    after: Mapping[str, FileEntry]
    taken: Mapping[str, Taken]

    def changed(self) -> Iterator[tuple[str, FileEntry | None, FileEntry | None]]:
        """Path, entry before and entry after, of everything that differs."""
        for name in {**self.before, **self.after}:
            before, after = self.before.get(name), self.after.get(name)
            if before != after:
                yield joined(self.directory, name), before, after


def _by_directory(taken: Iterable[Taken]) -> dict[str, dict[str, Taken]]:
    grouped: dict[str, dict[str, Taken]] = {}
    for item in taken:
        directory, name = split(item.entry.path)
        grouped.setdefault(directory, {})[name] = item
    return grouped


def _compared(
    previous: CommittedManifest, taken: Mapping[str, Mapping[str, Taken]], seen: Seen
) -> Iterator[tuple[str, Mapping[str, FileEntry], Mapping[str, FileEntry]]]:
    """Every directory in which something may have happened, with its entries before and after."""
    was_there = seen.known.keys() if seen.known else previous.directories()
    waiting = {directory for directory, names in seen.found.items() if names is not (then := seen.known.get(directory)) and names != then}
    waiting |= taken.keys() | {directory for directory in was_there - seen.found.keys() if seen.concerns(directory)}
    done: set[str] = set()
    while waiting:
        directory = waiting.pop()
        if directory in done:
            continue
        done.add(directory)
        before = previous.directory(directory)
        after = _after(directory, before, taken.get(directory, {}), seen)
        yield directory, before, after
        for name, entry in before.items():  # a directory that is gone, or is a file now, takes along what was below it
            still = after.get(name)
            if entry.type is FileType.DIRECTORY and (still is None or still.type is not FileType.DIRECTORY):
                waiting |= set(previous.below(joined(directory, name))) - done


def _after(directory: str, before: Mapping[str, FileEntry], taken: Mapping[str, Taken], seen: Seen) -> dict[str, FileEntry]:
    after: dict[str, FileEntry] = {}
    known = seen.known.get(directory, {})
    for name, signature in seen.found.get(directory, {}).items():
        if name in taken or known.get(name) != signature:
            continue  # what has vanished since it was seen was not taken either
        if name not in before:
            raise SnapshotError(f"the stat cache does not fit the last snapshot at {joined(directory, name)}", "remove the home's cache folder")
        after[name] = before[name]
    after |= {name: reconciled(before.get(name), item.entry) for name, item in taken.items()}
    after |= {name: entry for name, entry in before.items() if name not in after and seen.keeps(joined(directory, name))}
    return after


def _assembled(previous: CommittedManifest, versions: Collection[_Version]) -> TreeChange:
    written: dict[str, TreeFile] = {}
    removed: list[str] = []
    manifests: dict[str, bytes | None] = {}
    sealed: dict[str, Blob | None] = {}
    entries, added = 0, 0
    unread: list[str] = []
    for version in sorted(versions, key=lambda version: version.directory):
        unread += [item.entry.path for item in version.taken.values() if item.entry.is_unread]
        changed = list(version.changed())
        if changed:
            manifests[version.directory] = manifest.encoded(version.after) if version.after else None
        for path, before, after in changed:
            entries += 1
            added += _counts(after) - _counts(before)
            item = version.taken.get(split(path)[1])
            if has_content(before) and not has_content(after):
                removed.append(path)
            elif item and item.blob and after:
                written[path] = TreeFile(_git_mode(after), item.blob)
            if item and item.sealed:
                sealed[path] = item.sealed
            elif before and before.redacted and not (after and after.redacted):
                sealed[path] = None
    left_out, count = _left_out(previous, versions)
    return TreeChange(written, tuple(removed), manifests, sealed, entries, _files(previous) + added, tuple(sorted(unread)), left_out, count)


def _left_out(previous: CommittedManifest, versions: Iterable[_Version]) -> tuple[tuple[LeftOut, ...], int]:
    """What is left out by rule, some of it by name: as the previous note says, but for the directories that were looked at."""
    note = previous.note()
    named, count = (note.left_out, note.left_out_count) if note else ((), 0)
    seen = {version.directory for version in versions}
    found = [left for left in named if split(left.path)[0] not in seen]
    for version in versions:
        here = [left for entry in version.after.values() if (left := entry.left_out)]
        count += len(here) - sum(entry.left_out is not None for entry in version.before.values())
        found += here
    return tuple(sorted(found, key=lambda left: left.path)[:MOST_NAMED]), count


def _files(previous: CommittedManifest) -> int:
    note = previous.note()
    return note.files if note else sum(map(_counts, previous.whole()))


def _counts(entry: FileEntry | None) -> int:
    return int(entry is not None and entry.type is not FileType.DIRECTORY)


def _content(entry: FileEntry) -> tuple[object, ...]:
    """What the blob and its mode in git depend on."""
    return entry.type, entry.sha256, entry.fingerprint, entry.redacted, entry.link_to, _git_mode(entry)


def _git_mode(entry: FileEntry) -> str:
    if entry.type is FileType.SYMLINK:
        return LINK
    return EXECUTABLE if entry.mode & _OWNER_EXECUTES else REGULAR


def _refuse_files_as_directories(previous: CommittedManifest, versions: Iterable[_Version]) -> None:
    after = {joined(version.directory, name): entry for version in versions for name, entry in version.after.items()}
    edited = {version.directory for version in versions}
    for version in versions:
        if version.after:
            for above in ancestors(joined(version.directory, "x")):  # itself, and what is above it
                directory, name = split(above)
                entry = after.get(above) if directory in edited else previous.directory(directory).get(name)
                if entry is not None and entry.type is not FileType.DIRECTORY:
                    raise InvalidInput(f"{above} is a file, so nothing can lie below it in {version.directory}", "remove the file first, with null")
        for name in version.taken.keys() - version.before.keys():
            _refuse_directory_as_file(previous, joined(version.directory, name), edited)


def _refuse_directory_as_file(previous: CommittedManifest, path: str, edited: Collection[str]) -> None:
    for directory in previous.below(path):
        if directory not in edited and previous.directory(directory):
            raise InvalidInput(f"{path} is a directory: files lie in {directory}", "remove those files first, with null")
