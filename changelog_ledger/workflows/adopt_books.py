"""Modes, owners and empty folders of an adopted history, as etckeeper noted them from commit to commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from changelog_ledger.model.owners import owner_number
from changelog_ledger.model.snapshot import FileEntry
from changelog_ledger.snapshots.foreign import ForeignRepository
from changelog_ledger.sources.etckeeper import FILE_NAME, OLD_FILE_NAME, Bookkeeping, ids_by_name

OWN_FILES = (FILE_NAME, OLD_FILE_NAME)
"""What etckeeper writes for itself: it is applied, not recorded as configuration."""

_USERS, _GROUPS = b"passwd", b"group"
_LARGEST = 16 * 1024 * 1024
_SUPERUSER = "root"
_UNKNOWN = -1  # chown(2): leave it as it is


class Books:
    """What a repository's ``.etckeeper`` says, with the numbers of users and groups from its own ``passwd`` and ``group``.

    Without etckeeper everything is as git has it, and belongs to root.
    """

    def __init__(self, source: ForeignRepository, *, kept: bool) -> None:
        """:param kept: whether this is a history of etckeeper."""
        self.kept = kept
        self._source = source
        self._said = Bookkeeping()
        self._users: Mapping[str, int] = {}
        self._groups: Mapping[str, int] = {}

    def open_at(self, tree: str) -> None:
        """Go on after a commit with this tree."""
        for path in (_USERS, _GROUPS, FILE_NAME) if self.kept else ():
            self._read(path, item.id if (item := self._source.find(tree, path)) else None)

    def update(self, changed: Mapping[bytes, str | None]) -> frozenset[bytes]:
        """Take in a commit; the paths of which something else is said now.

        :param changed: blobs by path, None where a path is gone.
        """
        altered: Iterable[bytes] = ()
        for path in (_USERS, _GROUPS, FILE_NAME) if self.kept else ():
            if path in changed:
                altered = self._read(path, changed[path])
        return frozenset(altered) if FILE_NAME in changed else frozenset()

    def entered(self, entry: FileEntry, path: bytes) -> FileEntry:
        """An entry with what the books say of its path in the repository."""
        if not self.kept:
            return entry
        said = self._said.of(path)
        owner, uid = _numbered(said.owner or _SUPERUSER, self._users)
        group, gid = _numbered(said.group or _SUPERUSER, self._groups)
        assumed = ("attributes",) if said.mode is not None else ("mode", "attributes")
        mode = entry.mode if said.mode is None else said.mode
        return replace(entry, mode=mode, owner=owner, uid=uid, group=group, gid=gid, assumed=assumed)

    def speak_of(self, path: bytes) -> bool:
        """Whether the books name its mode: they name that of everything that is there."""
        return self._said.of(path).mode is not None

    def is_folder(self, path: bytes) -> bool:
        """Whether the books say that there is an empty folder."""
        return self._said.of(path).is_folder

    def _read(self, path: bytes, blob: str | None) -> frozenset[bytes]:
        data = self._content(blob) if blob else b""
        if path == FILE_NAME:
            return self._said.update(data)
        if path == _USERS:
            self._users = ids_by_name(data)
        else:
            self._groups = ids_by_name(data)
        return frozenset()

    def _content(self, blob: str) -> bytes:
        sizes = self._source.sizes([blob])
        return next((data for _, data in self._source.read(sizes)), b"") if sizes[blob] <= _LARGEST else b""


def _numbered(name: str, ids: Mapping[str, int]) -> tuple[str, int]:
    """Name and number; etckeeper writes the number where there was no name."""
    if name == _SUPERUSER:
        return name, 0
    if name in ids:
        return name, ids[name]
    number = owner_number(name)
    return (name, _UNKNOWN) if number is None else ("", number)
