"""The words of the recent-changes log that its renderings share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.times import clock
from changelog_ledger.reports.values import place

UNLOGGED = "UNLOGGED"
NOTHING = "Nothing was recorded in this time."

_MARKS = {
    "freeze": "in spite of freeze",
    "conflict": "in spite of conflict",
    "outside-window": "outside window",
    "outside-maintenance": "outside maintenance",
    "no-rollback-target": "no way back",
    "open-items": "open items",
    "not-approved": "not approved",
    "approved-as-it-is": "more than was approved",
}
"""What a remark of the rules is called in a few words; a code that is not here speaks for itself."""

_OWN_MARKS = {"logged afterwards": "afterwards", "lifted": "lifted"}
_FREEZE = {"begun": "freeze", "over": "freeze over", "lifted": "freeze over"}
_STATES = {"observation": "observed", "drift": "edit", "presence": "was there"}


def state_word(entry: TimelineEntry) -> str:
    """What happened, in one word: ``UNLOGGED``, ``started``, ``good``, ``edit`` …"""
    if entry.unlogged:
        return UNLOGGED
    if entry.kind == "change":
        return {"logged afterwards": "logged"}.get(entry.status, "due" if entry.status.endswith("to start") else entry.status)
    if entry.kind == "freeze":
        return _FREEZE.get(entry.status, entry.status)
    return _STATES.get(entry.kind) or (entry.status if entry.kind in ("mark", "snapshot", "incident") else f"{entry.kind} {entry.status}".strip())


def marks(entry: TimelineEntry) -> str:
    """What is unusual about a step, in a few words, or empty."""
    own = _OWN_MARKS.get(entry.status, "not started" if entry.status.endswith("to start") else "")
    return ", ".join([*([own] if own else []), *(_MARKS.get(code, code.replace("-", " ")) for code in entry.remarks)])


def places_words(entry: TimelineEntry) -> str:
    """Where: the first target, and how many more there are."""
    more = len(entry.targets) - 1
    return f"{place(entry.targets[0])} +{more}" if more > 0 else ", ".join(map(place, entry.targets))


def change_named(entry: TimelineEntry) -> str:
    """The change or incident whose step it is, or the change that explains it; empty if there is none."""
    return entry.id if entry.kind in ("change", "incident") else entry.explained_by


def day_and_offset(moment: datetime, zone: tzinfo, now: datetime | None) -> str:
    """``Sat 21 Nov  (times +01:00)``: what stands once above the entries of a day."""
    day, _, offset = clock(moment, zone, now).rsplit(" ", 2)
    return f"{day}  (times {offset})"


def totals(entries: Sequence[TimelineEntry]) -> str:
    """``7 entries, 1 UNLOGGED``; where some were folded, in how many lines."""
    number, lines = sum(entry.folded for entry in entries), len(entries)
    unlogged = sum(entry.folded for entry in entries if entry.unlogged)
    parts = [
        count(number, "entry", "entries") + (f" in {count(lines, 'line')}" if number > lines else ""),
        f"{unlogged:,} {UNLOGGED}" if unlogged else "",
    ]
    return ", ".join(filter(None, parts)) + ("; --all shows each" if number > lines else "")
