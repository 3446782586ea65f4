"""JSON of freezes, maintenance windows, conflicts and the calendar."""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.model.change import Freeze
from changelog_ledger.model.schedule import Calendar, Conflict, Conflicts, MaintenanceWindow, Occurrence, WindowState
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.change_json import change_value
from changelog_ledger.reports.json_values import Document, schema, target_values, time_value


def freezes_document(freezes: Sequence[Freeze]) -> Document:
    """``freeze list --json``."""
    return {"schema": schema("freezes"), "freezes": [_freeze(freeze) for freeze in freezes]}


def windows_document(states: Sequence[WindowState]) -> Document:
    """``window list --json``."""
    return {"schema": schema("windows"), "windows": [_window(state.window) | {"next": _next(state.next)} for state in states]}


def conflicts_document(conflicts: Conflicts) -> Document:
    """``change conflicts --json``."""
    listed = [_conflict(conflict) for conflict in conflicts.listed]
    return {"schema": schema("conflicts"), "conflicts": listed, "more": conflicts.more, "at_least": conflicts.at_least}


def calendar_document(calendar: Calendar) -> Document:
    """``change calendar --json``."""
    return {
        "schema": schema("calendar"),
        "made_at": format_instant(calendar.made_at),
        "since": format_instant(calendar.since),
        "until": format_instant(calendar.until),
        "stuck": [change_value(change) for change in calendar.stuck],
        "changes": [change_value(change) for change in calendar.changes],
        "freezes": [_freeze(freeze) for freeze in calendar.freezes],
        "windows": [_window(window) for window in calendar.windows],
        "occurrences": [{"window": occurrence.window.id} | _period(occurrence) for occurrence in calendar.occurrences],
    }


def _freeze(freeze: Freeze) -> Document:
    return {
        "id": freeze.id,
        "title": freeze.title,
        "start": format_instant(freeze.start),
        "end": format_instant(freeze.end),
        "on": target_values(freeze.on),
        "lifted_at": time_value(freeze.lifted_at),
    }


def _window(window: MaintenanceWindow) -> Document:
    return {
        "id": window.id,
        "title": window.title,
        "start": format_instant(window.start),
        "seconds": int(window.length.total_seconds()),
        "zone": window.zone,
        "rule": window.rule or None,
        "on": target_values(window.on),
        "lifted_at": time_value(window.lifted_at),
    }


def _next(occurrence: Occurrence | None) -> Document | None:
    return None if occurrence is None else _period(occurrence)


def _period(occurrence: Occurrence) -> Document:
    return {"start": format_instant(occurrence.start), "end": format_instant(occurrence.end)}


def _conflict(conflict: Conflict) -> Document:
    return {
        "kind": conflict.kind.value,
        "shared": target_values(conflict.shared),
        "since": format_instant(conflict.since),
        "until": time_value(conflict.until),
        "change": change_value(conflict.change),
        "other": change_value(conflict.other),
    }
