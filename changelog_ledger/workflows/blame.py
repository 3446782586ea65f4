"""``blame``: which change or snapshot last set each key of a file.

The data's way: snapshot → the file's recorded differences (an index) → the versions that they name (git) → each key's edit → its change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from changelog_ledger.diff.attributes import shown_attributes
from changelog_ledger.diff.flatten import LINES, KeyValue
from changelog_ledger.diff.whole_file import described_file
from changelog_ledger.errors import InvalidInput
from changelog_ledger.investigation import attribute, net_evidence
from changelog_ledger.investigation.key_globs import key_pattern
from changelog_ledger.model.blame import Blame, BlamedEntry, BlameKind, Origin, Setting
from changelog_ledger.model.change import Change
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Evidence, Op, RecordedDelta
from changelog_ledger.model.snapshot import FileEntry, FileType, Snapshot
from changelog_ledger.model.state import is_state
from changelog_ledger.model.times import EARLIEST
from changelog_ledger.model.topology import Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.blame_hints import no_such_file, no_such_key
from changelog_ledger.workflows.blame_history import Edit, FileHistory, Traced, delta_of, history_of, values_of
from changelog_ledger.workflows.read_snapshots import snapshot_at, stored_path
from changelog_ledger.workflows.topology import acting_on, scope_of
from changelog_ledger.workflows.what_changed import changes_touching, runs_on
from changelog_ledger.workflows.workspace import Workspace

_OLDER = "older than the versions that were looked at"
_EXPIRED = "earlier snapshots have expired"
_UNREADABLE = "the versions in between could not be read by keys"


def blame(workspace: Workspace, host: str, path: str, key: str | None = None, *, at: datetime | None = None) -> Blame:
    """For every key of a file: who set it last, and when.

    :param key: only this key or block, or those that fit a glob (``http/**/listen``); one that is gone may be asked for too, and so may a file.
    :param at: as the file was then; None for the last snapshot.
    :raises InvalidInput: if ``path`` is not absolute.
    :raises NotFound: if there is no such host, file or key; the hint names the nearest ones.
    """
    if not path.startswith("/") and not is_state(path):
        raise InvalidInput(f"{path} is no path on a host", f"it begins with a slash: /{path}")
    with workspace.store.reading() as view:
        snapshot = snapshot_at(view, host, at)
        name = stored_path(workspace.repository.manifest_of(snapshot.commit), path)
        history = history_of(view, workspace, name, snapshot)
        judged = _judged(view, host, history.edits, workspace.now())
    return _Inquiry(history, snapshot, judged, key or "").answer()


@dataclass(frozen=True)
class _Judged:
    """What explains the edits, and where the record begins."""

    evidence: Mapping[str, Evidence]
    changes: Mapping[str, Change]
    first: Snapshot
    expired: bool

    def setting(self, edit: Edit, since: Edit, part: RecordedDelta | None) -> Setting:
        """An edit as the origin of something; ``part`` is the difference that speaks for it."""
        piece = self.evidence[(part or (edit.of_content or edit.deltas)[0]).id]
        change = self.changes.get(piece.explained_by)
        return Setting(
            Origin.UNLOGGED if piece.unlogged else Origin.CHANGE,
            edit.snapshot.id,
            since.deltas[0].not_before,
            edit.deltas[0].not_after,
            piece.seen_at,
            actor=(change.actor if change else "") or edit.snapshot.actor,
            reason=edit.snapshot.reason,
            change=piece.explained_by,
            ref=change.ref if change else "",
            title=change.title if change else "",
            confidence=piece.confidence,
            because=piece.because,
            note="" if since is edit else _UNREADABLE,
        )

    def beginning(self) -> Setting:
        """The first snapshot as the origin of something."""
        at = self.first.at
        note = _EXPIRED if self.expired else ""
        return Setting(Origin.FIRST_SNAPSHOT, self.first.id, None, at, at, self.first.actor, self.first.reason, note=note)


def _judged(view: View, host: str, edits: Sequence[Edit], now: datetime) -> _Judged:
    """Each difference by itself, as ``recent`` shows it."""
    deltas = [delta for edit in edits for delta in edit.deltas]
    first = view.evidence.first_snapshot(host)
    assert first is not None  # there is the one that was asked about
    expired = bool(view.evidence.expired_between([host], EARLIEST, first.at))
    places = acting_on(view, scope_of(view, Target.host(host)))
    since = min((delta.not_before for delta in deltas), default=now)
    changes = changes_touching(view, places, since, now, deltas, ())
    pieces = attribute([piece for delta in deltas for piece in net_evidence([delta])], changes, runs_on(view, places, changes), now)
    return _Judged({piece.id: piece for piece in pieces}, {change.id: change for change in changes}, first, expired)


@dataclass(frozen=True)
class _Inquiry:
    """One question about one file."""

    history: FileHistory
    snapshot: Snapshot
    judged: _Judged
    key: str

    def answer(self) -> Blame:
        """The present keys that are asked for; else those that are gone; else an error that helps."""
        present = self.history.at(self.snapshot.commit)
        if present is None:
            return self._of_gone_file()
        entries = self._of_content(present)
        if not self.key:
            entries += self._of_metadata(present.entry)
        if entries:
            return self._blame(present, entries)
        return self._of_gone_key(present)

    def _blame(self, version: FileVersion, entries: Iterable[BlamedEntry], *, removed: bool = False) -> Blame:
        document = version.document
        read = (document.format, document.reason) if document else ("", "")
        return Blame(self.snapshot.host, self.history.path, self.snapshot.id, self.snapshot.at, tuple(entries), *read, self.key, removed)

    # ---- what is there

    def _of_content(self, version: FileVersion) -> list[BlamedEntry]:
        if version.document is None:
            return [] if self.key or _without_content(version) else [self._whole(version)]
        values = self._asked(values_of(version.document))
        traced = self.history.trace(version.document, values)
        return [self._entry(value, traced[value.path], _kind(version)) for value in values]

    def _asked(self, values: Iterable[KeyValue]) -> list[KeyValue]:
        return [value for value in values if not self.key or any(self._fits(name) for name in (value.key, *value.above))]

    def _fits(self, name: str) -> bool:
        return name == self.key or name == f"line {self.key}" or self._pattern.fullmatch(name) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(key_pattern(self.key))

    def _entry(self, value: KeyValue, traced: Traced | None, kind: BlameKind) -> BlamedEntry:
        if traced is None:
            return BlamedEntry(kind, value.key, value.value, self._older(), value.line)
        if traced.edit is None or traced.since is None:
            return BlamedEntry(kind, value.key, value.value, self.judged.beginning(), value.line)
        part = delta_of(traced.edit, traced.there)
        setting = self.judged.setting(traced.edit, traced.since, part)
        before = part.delta.before if part and part.delta.key == traced.there.key and traced.edit is traced.since else None
        return BlamedEntry(kind, value.key, value.value, setting, value.line, before=before, evidence=part.id if part else "")

    def _older(self) -> Setting:
        at = self.history.edits[-1].deltas[0].not_before
        return Setting(Origin.EARLIER, "", None, at, at, note=_OLDER)

    def _whole(self, version: FileVersion) -> BlamedEntry:
        """Content that is not looked into: binary, too large, a link."""
        link = version.entry is not None and version.entry.type is FileType.SYMLINK
        found = ((edit, each) for edit in self.history.edits for each in edit.of_content)
        return self._latest(BlameKind.CONTENT, "target" if link else "content", described_file(version), found)

    def _latest(self, kind: BlameKind, name: str, value: Any, found: Iterable[tuple[Edit, RecordedDelta]]) -> BlamedEntry:
        """Something that was set by the newest of these differences, else by the first snapshot."""
        edit, part = next(iter(found), (None, None))
        if edit is None or part is None:
            return BlamedEntry(kind, name, value, self.judged.beginning() if self.history.whole else self._older())
        before = part.delta.before if part.delta.op is not Op.METADATA else (part.delta.before or {}).get(name)
        return BlamedEntry(kind, name, value, self.judged.setting(edit, edit, part), before=before, evidence=part.id)

    def _of_metadata(self, entry: FileEntry | None) -> list[BlamedEntry]:
        """Mode, owner, group and attributes, as far as somebody has seen them."""
        if entry is None:
            return []
        fields: dict[str, str] = {} if "mode" in entry.assumed else {"mode": f"{entry.mode:04o}"}
        fields |= {} if "owner" in entry.assumed else {"owner": entry.owner or str(entry.uid), "group": entry.group or str(entry.gid)}
        fields |= {} if "attributes" in entry.assumed else shown_attributes(entry)
        return [self._latest(BlameKind.METADATA, name, value, self._setting_field(name)) for name, value in fields.items()]

    def _setting_field(self, name: str) -> Iterable[tuple[Edit, RecordedDelta]]:
        names = {"owner": ("owner", "uid"), "group": ("group", "gid")}.get(name, (name,))
        for edit in self.history.edits:
            for each in edit.deltas:
                delta = each.delta
                if delta.op is Op.METADATA:
                    came = any(field in (delta.before or {}) or field in (delta.after or {}) for field in names)
                else:
                    came = delta.op is Op.ADDED and delta.key is None
                if came:
                    yield edit, each

    # ---- what is gone

    def _of_gone_file(self) -> Blame:
        found = ((edit, each) for edit in self.history.edits for each in edit.deltas if each.delta.op is Op.REMOVED and each.delta.key is None)
        edit, part = next(found, (None, None))
        version = self.history.before(edit) if edit else None
        if edit is None or part is None or version is None:
            raise no_such_file(self.history, self.snapshot)
        setting = self.judged.setting(edit, edit, part)
        if not self.key:
            gone = BlamedEntry(BlameKind.CONTENT, "file", part.delta.before, setting, removed=True, before=part.delta.before, evidence=part.id)
            return self._blame(version, [gone], removed=True)
        values = self._asked(values_of(version.document)) if version.document else []
        if not values:
            raise no_such_key(self.history, self.snapshot, self.key, version)
        return self._blame(version, _gone(values, _kind(version), setting, part), removed=True)

    def _of_gone_key(self, present: FileVersion) -> Blame:
        """The newest version that had the key, and the edit after which it was gone."""
        for edit in self.history.edits:
            if not edit.of_content:
                continue
            version = self.history.before(edit)
            values = self._asked(values_of(version.document)) if version and version.document else []
            if version and version.document and values:
                part = delta_of(edit, values[0])
                return self._blame(version, _gone(values, _kind(version), self.judged.setting(edit, edit, part), part), removed=True)
        raise no_such_key(self.history, self.snapshot, self.key, present)


def _gone(values: Iterable[KeyValue], kind: BlameKind, setting: Setting, part: RecordedDelta | None) -> list[BlamedEntry]:
    evidence = part.id if part else ""
    return [BlamedEntry(kind, value.key, value.value, setting, value.line, removed=True, before=value.value, evidence=evidence) for value in values]


def _kind(version: FileVersion) -> BlameKind:
    return BlameKind.LINE if version.document and version.document.format == LINES else BlameKind.KEY


def _without_content(version: FileVersion) -> bool:
    return version.entry is not None and version.entry.type not in (FileType.FILE, FileType.SYMLINK)
