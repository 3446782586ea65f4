"""The manifest of one commit, read directory by directory as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.snapshot import FileEntry, Manifest
from changelog_ledger.snapshots.manifest import decoded
from changelog_ledger.snapshots.note import SnapshotNote, parse_message
from changelog_ledger.snapshots.objects import ObjectReader
from changelog_ledger.snapshots.paths import MANIFESTS, is_within, manifest_directory, manifest_path, split

_NOTHING: Mapping[str, FileEntry] = MappingProxyType({})


class CommittedManifest:
    """What a commit says of every path; of no commit (None) that there is nothing.

    A snapshot of twenty thousand files asks for the few directories in which something happened, so nothing is read before it is wanted.
    What was read is kept. For one thread.
    """

    def __init__(self, objects: ObjectReader, commit: str | None) -> None:
        self.commit = commit
        self._readable = commit
        self._note: SnapshotNote | None = None
        self._objects = objects
        self._directories: dict[str, Mapping[str, FileEntry]] = {}
        self._places: dict[str, str] | None = None

    def followed_by(self, commit: str, note: SnapshotNote, manifests: Mapping[str, bytes | None]) -> CommittedManifest:
        """The manifest of a commit that follows this one and cannot be read yet, since it lies in a pack that a writer is still making.

        :param manifests: what the commit writes of the manifest, as in :class:`~changelog_ledger.snapshots.writer.TreeChange`.
        """
        later = CommittedManifest(self._objects, commit)
        later._readable, later._note = self._readable, note
        written = {directory: decoded(directory, data) if data else _NOTHING for directory, data in manifests.items()}
        later._directories = {**self._directories, **written}
        gone = {directory for directory, data in manifests.items() if data is None}
        later._places = {directory: place for directory, place in self._all_places().items() if directory not in gone}
        later._places |= dict.fromkeys(manifests.keys() - gone, "")
        return later

    def directory(self, path: str) -> Mapping[str, FileEntry]:
        """The entries of one host directory by name; empty if the commit has none.

        :raises RepositoryError: if the commit or the manifest cannot be read.
        """
        known = self._directories.get(path)
        if known is None:
            known = self._directories[path] = self._read(path)
        return known

    def entry(self, path: str) -> FileEntry | None:
        """The entry of one host path, or None."""
        directory, name = split(path)
        return self.directory(directory).get(name)

    def differing(self, later: CommittedManifest, directory: str) -> tuple[Mapping[str, FileEntry], Mapping[str, FileEntry]]:
        """The entries of one directory that are not the same here and in ``later``, by name. Equal ones are not even decoded.

        :raises RepositoryError: if one of the two cannot be read.
        """
        here, there = self._stored(directory).splitlines(), later._stored(directory).splitlines()
        sides = (set(here).difference(there), set(there).difference(here))
        old, new = (decoded(directory, b"\n".join(lines)) for lines in sides)
        return old, new

    def directories(self) -> frozenset[str]:
        """Every host directory that has entries. Walks the manifest's trees once."""
        return frozenset(self._all_places())

    def below(self, top: str) -> Iterator[str]:
        """The host directories with entries that are ``top`` or lie below it."""
        return (directory for directory in self._all_places() if is_within(directory, top))

    def whole(self) -> Manifest:
        """All entries, in the order of git's trees.

        :raises RepositoryError: if something of it cannot be read.
        """
        places = self._all_places()
        wanted = {directory: blob for directory, blob in places.items() if directory not in self._directories}
        for directory, found in zip(wanted, self._objects.many(list(wanted.values())), strict=True):
            if found is None:
                raise RepositoryError(f"the manifest of {directory!r} in commit {self.commit} is missing", "run 'ledger verify'")
            self._directories[directory] = decoded(directory, found.data)
        return Manifest({entry.path: entry for directory in places for entry in self._directories[directory].values()})

    def note(self) -> SnapshotNote | None:
        """What the commit's message says of the snapshot; None for no commit, or one that says nothing."""
        if self._note is not None:
            return self._note
        found = self._objects.get(self.commit) if self.commit else None
        return parse_message(found.data.partition(b"\n\n")[2]) if found else None

    def _read(self, path: str) -> Mapping[str, FileEntry]:
        data = self._stored(path)
        return MappingProxyType(decoded(path, data)) if data else _NOTHING

    def _stored(self, path: str) -> bytes:
        """One directory's manifest as it is in git; nothing if the commit has none."""
        item = self._objects.find(self._readable, manifest_path(path)) if self._readable else None
        found = self._objects.get(item.id) if item else None
        if item and not found:
            raise RepositoryError(f"the manifest of {path!r} in commit {self.commit} is missing", "run 'ledger verify'")
        return found.data if found else b""

    def _all_places(self) -> dict[str, str]:
        """The blob id of every directory's manifest."""
        if self._places is None:
            top = self._objects.find(self._readable, MANIFESTS) if self._readable else None
            found = self._objects.walk(top.id, MANIFESTS) if top else iter(())
            self._places = {directory: item.id for path, item in found if (directory := manifest_directory(path)) is not None}
        return self._places
