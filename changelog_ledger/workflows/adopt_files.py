"""What a foreign commit changes on a host: its files as a snapshot would have taken them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from heapq import heapify, heappop, heappush

from changelog_ledger.model.snapshot import UNSEEN, FileEntry, FileType, Skipped
from changelog_ledger.snapshots.committed import CommittedManifest
from changelog_ledger.snapshots.foreign import ForeignRepository
from changelog_ledger.snapshots.foreign_objects import LINK, SUBMODULE, Item
from changelog_ledger.snapshots.paths import joined, split
from changelog_ledger.snapshots.plan import Taken, edit_change, needs
from changelog_ledger.snapshots.writer import TreeChange
from changelog_ledger.sources.files import HASH_LIMIT
from changelog_ledger.sources.patterns import path_test
from changelog_ledger.workflows.adopt_books import Books
from changelog_ledger.workflows.masking import FileStore
from changelog_ledger.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Edit:
    """A path of a host that a commit changed.

    :ivar source: where it lies in the foreign repository.
    :ivar item: what lies there; None where it is gone.
    """

    path: str
    source: bytes
    item: Item | None


class Captor:
    """Takes files out of a foreign repository: what the home ignores is left out, what is too large is hashed, secrets are masked."""

    def __init__(self, workspace: Workspace, source: ForeignRepository, books: Books, prefix: str) -> None:
        """:param prefix: what stands before every path: folders above it are not recorded."""
        self._source = source
        self._books = books
        self._prefix = prefix
        self._size_limit = workspace.settings.size_limit
        self._ignores = path_test(workspace.settings.ignore)
        self._ignored_folders: dict[str, bool] = {"/": False}

    def is_ignored(self, path: str) -> bool:
        """Whether the home's settings leave a path out, or a folder above it."""
        folder, name = split(path)
        known = self._ignored_folders.get(folder)
        if known is None:
            known = self._ignored_folders[folder] = self.is_ignored(folder)
        return known or self._ignores(path, name)

    def change(self, store: FileStore, previous: CommittedManifest, edits: Sequence[Edit], tree: str, altered: Iterable[bytes]) -> TreeChange:
        """What a commit changes against the snapshot before.

        :param tree: the commit's.
        :param altered: paths of the repository of whose modes or owners something new is said.
        """
        wanted = {edit.path: edit for edit in edits if not self.is_ignored(edit.path)}
        removed = [path for path, edit in wanted.items() if edit.item is None]
        told = {path: source for source in altered if not self.is_ignored(path := self._host_path(source)) and path not in wanted}
        taken = {item.entry.path: item for item in self._with_new_metadata(previous, told)}
        for path in [path for path, item in taken.items() if needs(previous.entry(path), item.entry).content]:  # made executable by the books alone
            wanted[path] = Edit(path, told[path], self._source.find(tree, told[path]))
        taken |= {item.entry.path: item for item in self._captured(store, previous, [edit for edit in wanted.values() if edit.item is not None])}
        taken |= self._folders_for(previous, [*taken, *self._empty_folders(told)], removed)
        return edit_change(previous, taken.values(), [*removed, *self._emptied(previous, taken, removed, told)])

    def _host_path(self, source: bytes) -> str:
        return f"{self._prefix}/{os.fsdecode(source)}".rstrip("/") or "/"

    def _source_path(self, path: str) -> bytes:
        return os.fsencode(path[len(self._prefix) + 1 :])

    # ---- files

    def _captured(self, store: FileStore, previous: CommittedManifest, edits: Sequence[Edit]) -> Iterator[Taken]:
        for edit in edits:
            if edit.item is not None and edit.item.type == SUBMODULE:
                yield Taken(self._submodule(edit, edit.item))
        by_blob: dict[str, list[Edit]] = {}
        for edit in edits:
            if edit.item is not None and edit.item.type != SUBMODULE:
                by_blob.setdefault(edit.item.id, []).append(edit)
        sizes = self._source.sizes(list(by_blob))
        for blob, size in sizes.items():
            if size > self._size_limit:
                yield from (Taken(self._oversized(edit, blob, size)) for edit in by_blob[blob])
        for blob, content in self._source.read({blob: size for blob, size in sizes.items() if size <= self._size_limit}):
            for edit in by_blob[blob]:
                yield store.stored(self._entry(edit, content), content, previous.entry(edit.path))

    def _entry(self, edit: Edit, content: bytes) -> FileEntry:
        entry = self._bare(edit)
        if entry.type is FileType.SYMLINK:
            return replace(entry, size=len(content), link_to=os.fsdecode(content))
        return replace(entry, size=len(content), sha256=sha256(content).hexdigest())

    def _oversized(self, edit: Edit, blob: str, size: int) -> FileEntry:
        is_hashed = size <= HASH_LIMIT
        detail = f"over {self._size_limit} bytes: hash only" if is_hashed else f"over {HASH_LIMIT} bytes: not hashed"
        digest = self._source.digest(blob, size) if is_hashed else ""
        return replace(self._bare(edit), size=size, sha256=digest, skipped=Skipped.OVERSIZED, detail=detail)

    def _submodule(self, edit: Edit, item: Item) -> FileEntry:
        """Another repository's commit: its files are not here. The digest of the commit's id shows when it moves."""
        detail = f"a git submodule, at commit {item.id}"
        return replace(self._bare(edit), sha256=sha256(item.id.encode()).hexdigest(), skipped=Skipped.SPECIAL, detail=detail)

    def _bare(self, edit: Edit) -> FileEntry:
        is_link = edit.item is not None and edit.item.type == LINK
        is_executable = edit.item is not None and bool(edit.item.mode & 0o100)
        kind, mode = (FileType.SYMLINK, 0o777) if is_link else (FileType.FILE, 0o644)
        entry = FileEntry(edit.path, kind, mode, 0, 0, "root", "root", assumed=UNSEEN)
        return entry if is_link else self._books.entered(replace(entry, mode=0o755) if is_executable else entry, edit.source)

    # ---- modes, owners, folders

    def _with_new_metadata(self, previous: CommittedManifest, told: dict[str, bytes]) -> Iterator[Taken]:
        """Known paths of which the books say something else now."""
        for path, source in told.items():
            before = previous.entry(path)
            if before is None or before.type is FileType.SYMLINK or not self._books.speak_of(source):
                continue
            if (entry := self._books.entered(before, source)) != before:
                yield Taken(entry)

    def _empty_folders(self, told: dict[str, bytes]) -> Iterator[str]:
        """Below an empty folder that is to be recorded lies, as it were, nothing."""
        return (joined(path, "") for path, source in told.items() if self._books.is_folder(source))

    def _folders_for(self, previous: CommittedManifest, paths: Iterable[str], removed: Iterable[str]) -> dict[str, Taken]:
        """The folders above ``paths`` that the manifest does not have yet."""
        gone = set(removed)
        new: dict[str, Taken] = {}
        for path in paths:
            folder = split(path)[0]
            while len(folder) >= max(len(self._prefix), 2) and folder not in new:
                before = previous.entry(folder)
                if before is not None and before.type is FileType.DIRECTORY and folder not in gone:
                    break
                entry = FileEntry(folder, FileType.DIRECTORY, 0o755, 0, 0, "root", "root", assumed=UNSEEN)
                new[folder] = Taken(self._books.entered(entry, self._source_path(folder)))
                folder = split(folder)[0]
        return new

    def _emptied(self, previous: CommittedManifest, taken: Iterable[str], removed: Iterable[str], told: dict[str, bytes]) -> set[str]:
        """Folders that nothing is left in, unless the books say that they are there: git does not know empty ones."""
        gone = set(removed)
        kept = set(taken) | {path for path, source in told.items() if self._books.is_folder(source)}
        holding = {split(path)[0] for path in kept}
        waiting = [(-len(folder), folder) for folder in {split(path)[0] for path in gone} | told.keys()]  # what lies deeper has the longer path
        heapify(waiting)
        emptied: set[str] = set()
        while waiting:
            _, folder = heappop(waiting)
            if folder not in holding and folder not in emptied and self._is_empty(previous, folder, gone):
                emptied.add(folder)
                gone.add(folder)
                heappush(waiting, (-len(split(folder)[0]), split(folder)[0]))
        return emptied

    def _is_empty(self, previous: CommittedManifest, folder: str, gone: Collection[str]) -> bool:
        """Whether a folder of the manifest loses all that was in it, and the books do not keep it."""
        before = previous.entry(folder) if folder != "/" else None
        if before is None or before.type is not FileType.DIRECTORY or self._books.is_folder(self._source_path(folder)):
            return False
        return all(joined(folder, name) in gone for name in previous.directory(folder))
