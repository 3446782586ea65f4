"""``change calendar``: what is to happen when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from changelog_ledger.changes.calendar import concerns
from changelog_ledger.changes.recurrence import occurrences
from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.change import LONGEST_RUN, Change
from changelog_ledger.model.schedule import Calendar
from changelog_ledger.model.times import EARLIEST, LATEST, shown_instant
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.circumstances import touched_places
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace
from changelog_ledger.workflows.zones import zones_named

AHEAD = timedelta(weeks=4)
"""How far the calendar looks if nobody says."""

MOST_DAYS = 3 * 366
MOST_STUCK = 500


def calendar(workspace: Workspace, *, since: datetime | None = None, until: datetime | None = None, on: str | Target | None = None) -> Calendar:
    """Changes, freezes and maintenance windows of a period.

    :param since: now if None; ``until`` four weeks after it.
    :param on: only what is about this target.
    :raises InvalidTime: if it ends before it begins, or spans more than three years.
    :raises NotFound: if there is no such target.
    """
    now = workspace.now()
    begins = since or now
    ends = until or min(begins + AHEAD, LATEST)
    if not timedelta(0) < ends - begins <= timedelta(days=MOST_DAYS):
        hint = "give --until after --since, three years at most"
        raise InvalidTime(f"from {shown_instant(begins)} to {shown_instant(ends)} is no period of a calendar", hint)
    with workspace.store.reading() as view:
        asked = None if on is None else resolve_target(view, on)
        places = None if asked is None else touched_places(view, [asked])
        stuck = tuple(change for change in _stuck(view, now) if asked in change.affects or _about(change.on, places))
        changes = tuple(change for change in _changes(view, now, begins, ends) if asked in change.affects or _about(change.on, places))
        freezes = tuple(freeze for freeze in view.schedule.freezes_between(begins, ends) if _about(freeze.on, places))
        windows = tuple(window for window in view.schedule.windows() if window.lifted_at is None and _about(window.on, places))
    zones = zones_named(window.zone for window in windows)
    found = [occurrence for window in windows for occurrence in occurrences(window, zones[window.zone], begins, ends)]
    found.sort(key=lambda occurrence: (occurrence.start, occurrence.window.id))
    seen = {occurrence.window.id for occurrence in found}
    return Calendar(now, begins, ends, stuck, changes, freezes, tuple(each for each in windows if each.id in seen), tuple(found), zones)


def _changes(view: View, now: datetime, begins: datetime, ends: datetime) -> list[Change]:
    """Open changes that lie in the period or reach into it, and closed ones."""
    held = view.changes.by_id([booking.change for booking in view.schedule.bookings(now, begins, ends)])
    begun = {change.id: change for change in view.schedule.begun(begins, ends) if change.begins is not None}
    return sorted((held | begun).values(), key=lambda change: (change.begins or EARLIEST, change.id))


def _stuck(view: View, now: datetime) -> list[Change]:
    ids = view.schedule.stuck(now, now - LONGEST_RUN, MOST_STUCK)
    found = view.changes.by_id(ids)
    return [change for change in (found[identity] for identity in ids) if change.is_overdue(now) or change.is_stuck(now)]


def _about(on: Collection[Target], places: Collection[Target] | None) -> bool:
    return places is None or EVERYTHING in on or concerns(on, places)
