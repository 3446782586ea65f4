"""The versions of one file, the newest first, and in which of them each of its values came about.

The recorded differences say which versions matter; only those are read from git and parsed. In them a value is followed by what it is, not by
its place: through renamed and moved items, and lists that grew in front of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from changelog_ledger.diff.flatten import LINES, KeyValue, kept, keys_of
from changelog_ledger.errors import NotFound
from changelog_ledger.model.document import Document, FileVersion, KeyPath
from changelog_ledger.model.evidence import Op, RecordedDelta
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.snapshots.repository import SnapshotRepository
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.compare_files import format_for, version
from changelog_ledger.workflows.workspace import Workspace

MOST_VERSIONS = 200
"""Versions that are read at most."""

MOST_DELTAS = 5_000
"""Differences of one file that are looked at."""

_LINES = re.compile(r"lines? (\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Edit:
    """A snapshot that found the file different from the snapshot before, and the differences."""

    snapshot: Snapshot
    deltas: tuple[RecordedDelta, ...]

    @property
    def of_content(self) -> tuple[RecordedDelta, ...]:
        """Those that are not about the metadata alone."""
        return tuple(each for each in self.deltas if each.delta.op is not Op.METADATA)


@dataclass(frozen=True, slots=True)
class Traced:
    """Where a value came about.

    :ivar edit: the edit that set it; None if it is older than all of them.
    :ivar since: the oldest of the edits that may have set it, where versions in between could not be read; else the same.
    :ivar there: the value as it stood in the version that the edit made: under another key, perhaps.
    """

    edit: Edit | None
    since: Edit | None
    there: KeyValue


@dataclass(frozen=True, slots=True)
class FileHistory:
    """One file up to a snapshot.

    :ivar path: as the manifest has it.
    :ivar edits: the newest first.
    :ivar whole: whether there are no older ones.
    :ivar as_format: what the home's settings say that it is to be read as, or None.
    """

    repository: SnapshotRepository
    path: str
    edits: tuple[Edit, ...]
    whole: bool
    as_format: str | None = None

    def at(self, commit: str | None, as_format: str | None = None) -> FileVersion | None:
        """The file in a commit; None if it was not there."""
        entry = self.repository.manifest_of(commit).entry(self.path) if commit else None
        if entry is None or commit is None:
            return None
        try:
            return version(self.path, self.repository.read(commit, self.path), entry, as_format or self.as_format)
        except NotFound:
            return version(self.path, None, entry)

    def before(self, edit: Edit, as_format: str | None = None) -> FileVersion | None:
        """The file before an edit; None if it was not there."""
        return self.at(edit.snapshot.previous, as_format)

    def trace(self, document: Document, values: Iterable[KeyValue]) -> dict[KeyPath, Traced | None]:
        """Where each of the values of the newest version came about; None where that lies further back than versions are read."""
        walk = _Walk(document, list(values))
        as_format = LINES if document.format == LINES else None  # a file that is broken now was not before, but it had lines
        for edit in self.edits:
            if not walk.waiting:
                break
            if not walk.concerns(edit):
                continue
            if walk.looked_at == MOST_VERSIONS:
                return walk.given_up()
            walk.step(edit, self.before(edit, as_format))
        return walk.ended() if self.whole else walk.given_up()


def history_of(view: View, workspace: Workspace, path: str, until: Snapshot) -> FileHistory:
    """The history of a file up to a snapshot."""
    edits, whole = _edits_of(view, until.host, path, until)
    return FileHistory(workspace.repository, path, edits, whole, format_for(path, workspace.settings.format_rules))


def _edits_of(view: View, host: str, path: str, until: Snapshot) -> tuple[tuple[Edit, ...], bool]:
    """The edits of a file up to a snapshot, the newest first, and whether these are all."""
    deltas = view.evidence.deltas_of_file(host, path, until.at, MOST_DELTAS)
    snapshots = view.evidence.snapshots_by_id({each.snapshot for each in deltas})
    groups = ((identity, tuple(found)) for identity, found in groupby(deltas, key=lambda each: each.snapshot))
    edits = tuple(Edit(snapshots[identity], found) for identity, found in groups if identity in snapshots)
    return edits, len(deltas) < MOST_DELTAS


def values_of(document: Document) -> tuple[KeyValue, ...]:
    """The values of a document, their keys as the store writes them."""
    return tuple(each._replace(key=plain_text(each.key), above=tuple(map(plain_text, each.above))) for each in keys_of(document))


def delta_of(edit: Edit, value: KeyValue) -> RecordedDelta | None:
    """The recorded difference that set a value: the one at its key, else the nearest above it, else that of the whole file."""
    found = [each for each in edit.of_content if each.delta.op is not Op.MOVED]
    for key in (value.key, *reversed(value.above)):
        at_key = next((each for each in found if each.delta.key == key), None)
        if at_key:
            return at_key
    return next((each for each in found if each.delta.key is None or _holds_line(each.delta.key, value)), None)


def _holds_line(key: str, value: KeyValue) -> bool:
    lines = _LINES.fullmatch(key)
    return bool(lines and value.line and int(lines[1]) <= value.line <= int(lines[2] or lines[1]))


class _Walk:
    """Back through the versions, with the values that are still to be placed.

    :ivar waiting: by their paths in the version that was read last; two that are one item (a set written with repetition) share a path.
    """

    def __init__(self, document: Document, values: Sequence[KeyValue]) -> None:
        self.waiting: dict[KeyPath, list[KeyPath]] = {value.path: [value.path] for value in values}
        self.looked_at = 0
        self._found: dict[KeyPath, Traced | None] = {}
        self._document = document
        self._names = {value.path: value for value in values}
        self._readable_since: Edit | None = None
        self._last: Edit | None = None

    def concerns(self, edit: Edit) -> bool:
        """Whether an edit may have touched one of the waiting values. Where in doubt, it may."""
        if self._readable_since is not None or self._document.aliases:
            return True  # what YAML takes over from an anchor changes without a difference of its own
        stems = {_stem(each.delta.key) for each in edit.of_content}
        return any(_related(stem, self._named(path).key) for stem in stems for path in self.waiting)

    def step(self, edit: Edit, before: FileVersion | None) -> None:
        """Go back behind an edit: the values that were not there have come by it."""
        self.looked_at += 1
        self._last = edit
        document = before.document if before else None
        places = kept(document, self._document) if document else None
        if before is not None and places is None:  # what lies before cannot be compared by keys: look further back
            self._readable_since = self._readable_since or edit
            return
        setter = self._readable_since or edit
        self._readable_since = None
        waiting: dict[KeyPath, list[KeyPath]] = {}
        for path, originals in self.waiting.items():
            if places and path in places:
                waiting.setdefault(places[path], []).extend(originals)
            else:
                self._settle(path, originals, setter, edit)
        self.waiting = waiting
        if document is not None:
            self._document = document
            self._names = {}

    def ended(self) -> dict[KeyPath, Traced | None]:
        """There is nothing further back: the rest was there from the beginning, or became readable at some time."""
        for path, originals in self.waiting.items():
            self._settle(path, originals, self._readable_since, self._last if self._readable_since else None)
        return self._found

    def given_up(self) -> dict[KeyPath, Traced | None]:
        """There is more, and nobody looks."""
        self._found.update(dict.fromkeys(original for originals in self.waiting.values() for original in originals))
        return self._found

    def _settle(self, path: KeyPath, originals: Iterable[KeyPath], edit: Edit | None, since: Edit | None) -> None:
        self._found.update(dict.fromkeys(originals, Traced(edit, since, self._named(path))))

    def _named(self, path: KeyPath) -> KeyValue:
        """A value of the version that was read last."""
        if path not in self._names:
            self._names = {value.path: value for value in values_of(self._document)}
        return self._names[path]


def _stem(key: str | None) -> str:
    """The part of a key that no other name of an item can alter; empty where nothing is known, so that it fits every key."""
    if key is None or _LINES.fullmatch(key):
        return ""
    return key.partition("[")[0]


def _related(stem: str, key: str) -> bool:
    return key.startswith(stem) or stem.startswith(key)
