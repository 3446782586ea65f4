"""The calendar as an iCalendar object (RFC 5545) that a calendar program can subscribe to.

Deterministic: the same calendar gives the same bytes, so nothing looks altered that was not. Text that came from people passes through
:mod:`~changelog_ledger.reports.escape` first, for the format knows no control characters but the line feed, and then through the library's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from changelog_ledger.model.change import Change, Freeze, Status
from changelog_ledger.model.schedule import Calendar, MaintenanceWindow
from changelog_ledger.model.times import offset_changes
from changelog_ledger.reports.escape import printable, printable_lines

if TYPE_CHECKING:
    import icalendar

_STATUS = {Status.PLANNED: "TENTATIVE", Status.CANCELLED: "CANCELLED"}
_ZONE_REACHES, _ZONE_REACHES_BACK = timedelta(days=3 * 366), timedelta(days=366)
"""How far behind the end of the calendar, and before the first of its windows, the offsets of a zone are written out."""


def render_ics(calendar: Calendar) -> str:
    """One VEVENT a change, freeze and maintenance window; a window that recurs has its rule and its zone."""
    import icalendar

    feed = icalendar.Calendar()
    feed.add("prodid", "-//changelog-ledger//change calendar//EN")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Changes")
    for zone in _zones(calendar):
        feed.add_component(zone)
    for event in _events(calendar):
        feed.add_component(event)
    written: bytes = feed.to_ical()
    return written.decode("utf-8")


def _zones(calendar: Calendar) -> Iterator[icalendar.Timezone]:
    """A VTIMEZONE for every zone that a recurring window keeps to."""
    recurring = {window.zone: window for window in sorted(calendar.windows, key=lambda window: window.start, reverse=True) if _keeps_a_zone(window)}
    for name, first in sorted(recurring.items()):
        yield _zone(name, calendar.zones[name], first.start - _ZONE_REACHES_BACK, max(calendar.until, first.start) + _ZONE_REACHES)


def _zone(name: str, zone: tzinfo, since: datetime, until: datetime) -> icalendar.Timezone:
    """A zone with each of its offsets. An onset is written as the clock shows it that has not been put forward or back yet (RFC 5545, 3.6.5)."""
    import icalendar

    written = icalendar.Timezone()
    written.add("tzid", name)
    begins = since.astimezone(UTC).replace(microsecond=0)
    offset = begins.astimezone(zone).utcoffset() or timedelta(0)
    for onset, before, after in ((begins, offset, offset), *offset_changes(zone, begins, until)):
        local = onset.astimezone(zone)
        part = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
        part.add("dtstart", (onset + before).replace(tzinfo=None))
        part.add("tzname", local.tzname() or name)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        written.add_component(part)
    return written


def _events(calendar: Calendar) -> Iterator[icalendar.Event]:
    for change in {change.id: change for change in (*calendar.stuck, *calendar.changes)}.values():
        if change.begins is not None:
            yield _event(_change(change, change.begins))
    for freeze in calendar.freezes:
        yield _event(_freeze(freeze))
    for window in calendar.windows:
        yield _event(_window(window, calendar.zones))


def _event(properties: Mapping[str, Any]) -> icalendar.Event:
    import icalendar

    event = icalendar.Event()
    for name, value in properties.items():
        if value is not None and value != "":
            event.add(name, value)
    return event


def _change(change: Change, begins: datetime) -> dict[str, Any]:
    ends = change.finished_at or change.planned_end
    revised = max((note.at for note in change.notes), default=change.recorded_at or begins)
    said = [
        f"{change.type.value} change, {change.status.value}",
        f"on {', '.join(map(str, change.on))}",
        f"affects {', '.join(map(str, change.affects))}" if change.affects else "",
        f"contact {change.contact}" if change.contact else "",
        change.description,
    ]
    return {
        "uid": _uid(change.id),
        "dtstamp": _second(revised),
        "sequence": len(change.notes),
        "dtstart": _second(begins),
        "dtend": _second(ends) if ends and _second(ends) > _second(begins) else None,
        "summary": printable(f"{change.id} {change.title}"),
        "description": _prose(said),
        "status": _STATUS.get(change.status, "CONFIRMED"),
        "categories": [printable(word) for word in change.category] or None,
    }


def _freeze(freeze: Freeze) -> dict[str, Any]:
    ends = min(freeze.end, freeze.lifted_at or freeze.end)
    return {
        "uid": _uid(freeze.id),
        "dtstamp": _second(freeze.lifted_at or freeze.start),
        "sequence": 0 if freeze.lifted_at is None else 1,
        "dtstart": _second(freeze.start),
        "dtend": _second(ends),
        "summary": printable(f"Freeze: {freeze.title}"),
        "description": _prose([f"changes on {', '.join(map(str, freeze.on))} need an override"]),
        "status": "CONFIRMED",
        "transp": "TRANSPARENT",
    }


def _window(window: MaintenanceWindow, zones: Mapping[str, tzinfo]) -> dict[str, Any]:
    """A window that recurs keeps to its zone's wall clock; one that is open once needs no zone."""
    zone = zones[window.zone] if _keeps_a_zone(window) else UTC
    import icalendar

    return {
        "uid": _uid(window.id),
        "dtstamp": _second(window.start),
        "sequence": 0,
        "dtstart": _second(window.start, zone),
        "dtend": _second(window.start + window.length, zone),
        "rrule": icalendar.vRecur.from_ical(window.rule) if window.rule else None,
        "summary": printable(f"Maintenance window: {window.title}"),
        "description": _prose([f"for {', '.join(map(str, window.on))}"]),
        "status": "CONFIRMED",
        "transp": "TRANSPARENT",
    }


def _keeps_a_zone(window: MaintenanceWindow) -> bool:
    return bool(window.rule) and window.zone not in ("UTC", "Etc/UTC")


def _uid(identifier: str) -> str:
    return f"{identifier}@changelog-ledger"


def _second(moment: datetime, zone: tzinfo = UTC) -> datetime:
    """iCalendar knows no fractions of seconds."""
    return moment.astimezone(zone).replace(microsecond=0)


def _prose(paragraphs: list[str]) -> str:
    return "\n".join(shown for paragraph in paragraphs if paragraph for shown in printable_lines(paragraph))
