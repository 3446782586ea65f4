"""Time zones by their names, and times as a wall clock there shows them. The only place that reads the time zone database."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from changelog_ledger.errors import InvalidInput, InvalidTime
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.workspace import Workspace

_WALL_CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?")


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name (``Europe/Berlin``).

    :raises InvalidInput: if there is none, with the names most like it.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f"there is no time zone {name!r}", _did_you_mean(name)) from error


def zones_named(names: Iterable[str]) -> Mapping[str, tzinfo]:
    """The zones of several names, by name; empty names left out."""
    return {name: zone_named(name) for name in dict.fromkeys(names) if name}


def planned_time(workspace: Workspace, time: str | datetime | None, zone_name: str) -> datetime | None:
    """What a TIME means to somebody whose wall clock is in a zone: without an offset it is what the clock there shows.

    :param zone_name: empty for nobody's wall clock: then a time needs its offset.
    :raises InvalidInput: if there is no such zone.
    :raises InvalidTime: if it cannot be read, or clocks there skip it or show it twice.
    """
    zone = zone_named(zone_name) if zone_name else None
    if time is None:
        return None
    wall = _wall_clock(time)
    if wall is not None and zone is None:
        hint = f"say whose clock shows it: --zone Europe/Berlin; or write the offset, as {wall.isoformat(timespec='minutes')}+01:00, or Z for UTC"
        raise InvalidTime(f"the time {wall.isoformat(timespec='minutes')} has no offset", hint)
    if wall is None or zone is None:
        return resolve_time(workspace, time)
    from changelog_ledger.changes.calendar import local_instant

    return local_instant(wall, zone, zone_name)


def _wall_clock(time: str | datetime) -> datetime | None:
    """A date and time without an offset; None for anything else."""
    if isinstance(time, datetime):
        return time if time.tzinfo is None else None
    try:
        return datetime.fromisoformat(time.strip()) if _WALL_CLOCK.fullmatch(time.strip()) else None
    except ValueError:
        return None


def _did_you_mean(name: str) -> str:
    """Names like it: in other case, the same city elsewhere, or misspelt."""
    known = sorted(available_timezones())
    city = name.rpartition("/")[2].strip().lower().replace(" ", "_")
    by_city: dict[str, str] = {}
    for zone in known:
        by_city.setdefault(zone.rpartition("/")[2].lower(), zone)
    close = [zone for zone in known if zone.lower() == name.strip().lower()] or difflib.get_close_matches(name, known, n=2, cutoff=0.7)
    close = list(dict.fromkeys([*close, *(by_city[word] for word in difflib.get_close_matches(city, by_city, n=2, cutoff=0.8))]))[:3]
    return f"did you mean {' or '.join(close)}?" if close else "write its IANA name, such as Europe/Berlin or UTC"
