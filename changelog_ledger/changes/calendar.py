"""Freezes and maintenance windows as they may be recorded, and which of them concern a change. Wall clocks as instants."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from changelog_ledger.changes.planning import checked_title
from changelog_ledger.changes.recurrence import NEVER_WITHIN, checked_rule, first_start, occurrences
from changelog_ledger.changes.remarks import is_late
from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.change import Freeze
from changelog_ledger.model.schedule import MaintenanceWindow, Occurrence
from changelog_ledger.model.times import LATEST, offset_changes, shown_instant, utc
from changelog_ledger.model.topology import EVERYTHING, Target

LONGEST_WINDOW = timedelta(days=31)


def new_freeze(
    *,
    id: str,  # noqa: A002 - the field's name
    title: str,
    start: datetime,
    end: datetime,
    on: Sequence[Target],
    now: datetime,
) -> Freeze:
    """A freeze that is to be recorded.

    :raises InvalidInput: for an empty or overlong title.
    :raises InvalidTime: if it ends before it starts, or is over already.
    """
    begins, ends = utc(start), utc(end)
    if ends == begins:
        raise InvalidTime(f"the freeze starts and ends at {shown_instant(begins)}, so it would hold nothing", "give a later --end")
    if ends < begins:
        raise InvalidTime(f"the freeze ends at {shown_instant(ends)}, not after it starts at {shown_instant(begins)}", "exchange the two")
    if ends <= now:
        raise InvalidTime(f"the freeze ended at {shown_instant(ends)}, which is past", "a freeze holds from now on: give a later --end")
    return Freeze(id, checked_title(title, of="freeze"), begins, ends, tuple(dict.fromkeys(on)) or (EVERYTHING,))


def new_window(
    *,
    id: str,  # noqa: A002 - the field's name
    title: str,
    start: datetime,
    length: timedelta,
    zone_name: str,
    zone: tzinfo,
    on: Sequence[Target],
    rule: str = "",
    now: datetime | None = None,
) -> MaintenanceWindow:
    """A maintenance window that is to be recorded. It starts where its rule first comes true, at ``start`` or later.

    :param zone: the zone that ``zone_name`` names.
    :param now: refuse what will never be open again; None accepts it (an import).
    :raises InvalidInput: for an empty title, or a rule that is none or never comes true.
    :raises InvalidTime: if it takes no time or over :data:`LONGEST_WINDOW`, or is over already.
    """
    if not timedelta(0) < length <= LONGEST_WINDOW:
        raise InvalidTime("a maintenance window lasts a second at least and 31 days at most", "write its length as --for 2h, 90m or 1d")
    rule = checked_rule(rule, zone)
    begins = first_start(utc(start), rule, zone)
    window = MaintenanceWindow(id, checked_title(title, of="window"), begins, length, zone_name, tuple(dict.fromkeys(on)) or (EVERYTHING,), rule)
    if now is not None and begins + length <= now and next_occurrence([window], {zone_name: zone}, now) is None:
        hint = "give a later --start, or say how it recurs: --repeat RULE"
        raise InvalidTime(f"the window {window.title!r} lies in the past, and does not come again", hint)
    return window


def concerns(on: Collection[Target], places: Collection[Target]) -> bool:
    """Whether a freeze or window on these targets is about a change.

    :param places: the change's targets, the hosts of its services and the services of its hosts.
    """
    return EVERYTHING in on or EVERYTHING in places or not set(places).isdisjoint(on)


def holding(freezes: Iterable[Freeze], places: Collection[Target], since: datetime, until: datetime) -> tuple[Freeze, ...]:
    """The freezes that are in force at one of the places at some moment from ``since`` until before ``until``, the first to start first."""
    found = (freeze for freeze in freezes if concerns(freeze.on, places) and freeze.holds(since, until))
    return tuple(sorted(found, key=lambda freeze: (freeze.start, freeze.id)))


def covered(windows: Iterable[MaintenanceWindow], zones: Mapping[str, tzinfo], since: datetime, until: datetime) -> bool:
    """Whether one occurrence of one of the windows is open from ``since`` until ``until``."""
    return any(
        occurrence.start <= since and until <= occurrence.end and since < occurrence.end
        for window in windows
        for occurrence in occurrences(window, zones[window.zone], since, max(until, since + timedelta(microseconds=1)))
    )


def next_occurrence(
    windows: Iterable[MaintenanceWindow], zones: Mapping[str, tzinfo], after: datetime, *, at_least: timedelta = timedelta(0), whole: bool = False
) -> Occurrence | None:
    """The occurrence of one of the windows that is open first, from ``after`` on; None if there is none.

    :param at_least: only one that lasts so long.
    :param whole: only one that has not begun.
    """
    firsts = (next(_following(window, zones[window.zone], after, whole), None) for window in windows if window.length >= at_least)
    return min((found for found in firsts if found), key=lambda found: (found.start, found.window.id), default=None)


def _following(window: MaintenanceWindow, zone: tzinfo, after: datetime, whole: bool) -> Iterator[Occurrence]:
    until = min(max(after, window.start) + NEVER_WITHIN, LATEST)
    return (found for found in occurrences(window, zone, after, until) if found.start >= after or not whole)


def refuse_empty(begins: datetime | None, ends: datetime | None) -> None:
    """Refuse a planned window that takes no time.

    :raises InvalidTime: if it does not.
    """
    if begins is not None and begins == ends:
        hint = "say how long it takes, --for 30m; or leave its end out if nobody knows"
        raise InvalidTime(f"the window starts and ends at {shown_instant(begins)}, so it has no time", hint)


def refuse_past(begins: datetime | None, ends: datetime | None, now: datetime) -> None:
    """Refuse a planned window that lies wholly in the past; one without an end does if it has begun more than five minutes ago.

    :raises InvalidTime: if it does.
    """
    if begins is not None and ends is None and is_late(begins, now):
        raise InvalidTime(
            f"the planned start at {shown_instant(begins)} has passed",
            "log what was done instead: ledger change log TITLE --on TARGET --at TIME; or plan it without --start, and start it now",
        )
    if begins is not None and ends is not None and ends < now:
        raise InvalidTime(
            f"the window from {shown_instant(begins)} to {shown_instant(ends)} lies in the past",
            "log what was done instead: ledger change log TITLE --on TARGET --at TIME",
        )


# ---- wall clocks


def local_instant(wall: datetime, zone: tzinfo, name: str) -> datetime:
    """The instant at which a wall clock in a zone shows a time.

    :param wall: naive.
    :param name: what the zone is called, for the error.
    :raises InvalidTime: if clocks skip that time, or show it twice; with what to write instead.
    """
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return utc(first)
    shown = wall.strftime("%H:%M" if not wall.second else "%H:%M:%S")
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
        choices = " or ".join(each.isoformat(timespec="minutes" if not wall.second else "seconds") for each in (first, second))
        raise InvalidTime(f"{shown} happens twice on {wall.date()} in {name}: clocks go back", f"write {choices}")
    jump, _, _ = next(offset_changes(zone, second.astimezone(UTC), first.astimezone(UTC)))
    before, after = (jump - timedelta(seconds=1)).astimezone(zone) + timedelta(seconds=1), jump.astimezone(zone)
    raise InvalidTime(
        f"{shown} does not exist on {wall.date()} in {name}: clocks go from {before:%H:%M} to {after:%H:%M}",
        f"write {after.isoformat(timespec='minutes')}, or another time",
    )
