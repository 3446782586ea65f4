"""Instants and durations.

Inside, every time is an aware :class:`datetime.datetime` in UTC. A time without an offset is refused where it enters: at three in the
morning nobody should have to guess which clock a line was written by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from changelog_ledger.errors import InvalidTime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_PART = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,6}})?)\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})")
_DURATION = re.compile(rf"(?:{_PART.pattern}\s*)+")
_EXAMPLES = "write it as 2026-11-21T14:03+01:00, 2026-11-21T13:03Z, now, 2h (two hours ago) or in 2h"


def utc(moment: datetime) -> datetime:
    """The same instant in UTC.

    :raises InvalidTime: if ``moment`` is naive, before 1970 or after 2199.
    """
    instant = moment if moment.tzinfo is UTC else _moved(moment)  # what the ledger wrote itself is in UTC already
    if not EARLIEST <= instant < LATEST:
        raise InvalidTime(f"the time {moment.isoformat()} lies outside 1970 to 2199", _EXAMPLES)
    return instant if type(instant) is datetime else _plain(instant)


def _moved(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidTime(f"the time {moment.isoformat()} has no offset", _EXAMPLES)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidTime(f"the time {moment.isoformat()} lies outside what can be", _EXAMPLES) from error


def _plain(moment: datetime) -> datetime:
    """A pendulum value as the standard library's, so that comparisons and pickles stay simple."""
    return datetime(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond, tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date and time with an offset (RFC 3339 and the wider forms that pendulum reads).

    :raises InvalidTime: for anything else, a time without an offset included.
    """
    try:  # the common spelling, fifty times faster than the general parser
        return utc(datetime.fromisoformat(text))
    except ValueError:
        pass
    import pendulum  # here, because its import costs more than most commands take: few times are written so
    from pendulum.parsing.exceptions import ParserError

    try:
        parsed = pendulum.parse(text, exact=True)
    except (ParserError, ValueError, OverflowError) as error:
        raise InvalidTime(f"cannot read the time {text!r}", _EXAMPLES) from error
    if not isinstance(parsed, datetime):
        raise InvalidTime(f"{text!r} is not a date with a time and an offset", _EXAMPLES)
    if not re.search(r"(?:[zZ]|[+-]\d{2}(?::?\d{2})?)$", text.strip()):  # pendulum would assume UTC
        raise InvalidTime(f"the time {text!r} has no offset", _EXAMPLES)
    return utc(parsed)


def format_instant(moment: datetime) -> str:
    """``2026-11-21T13:03:00Z``, with microseconds only where there are some. Reads back to the same instant."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown_instant(moment: datetime) -> str:
    """``2026-11-21T13:03:00Z``: to the second, for sentences. Where it has to read back exactly, use :func:`format_instant`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def length(span: timedelta) -> str:
    """``45 s``, ``12 min``, ``2 h 10 min``, ``3 days 4 h``: the two largest units that are not nothing, of whole seconds."""
    seconds = abs(round(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return _joined(f"{days} day" if days == 1 else f"{days} days", f"{hours} h" if hours and days < 14 else "")
    if hours:
        return _joined(f"{hours} h", f"{minutes} min" if minutes else "")
    if minutes:
        return _joined(f"{minutes} min", f"{seconds % 60} s" if minutes < 10 and seconds % 60 else "")
    return f"{seconds} s"


def _joined(large: str, small: str) -> str:
    return f"{large} {small}" if small else large


def is_duration(text: str) -> bool:
    """Whether it is written as a length of time."""
    return _DURATION.fullmatch(text.strip().lower()) is not None


def parse_duration(text: str) -> timedelta:
    """A length of time: ``90s``, ``2h``, ``1h30m``, ``3 days``, ``2w``.

    :raises InvalidTime: for anything else, and for what exceeds a hundred years.
    """
    wanted = text.strip().lower()
    parts = _PART.findall(wanted)
    if not _DURATION.fullmatch(wanted):
        raise InvalidTime(f"cannot read the duration {text!r}", "write it as 90s, 15m, 2h, 1h30m, 3d or 2w")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if seconds > 100 * 366 * 86400:
        raise InvalidTime(f"the duration {text!r} is longer than a hundred years", "write it as 90s, 15m, 2h, 1h30m, 3d or 2w")
    return timedelta(seconds=seconds)


def parse_time(text: str, now: datetime) -> datetime:
    """A TIME of the command line that needs no look-up: ISO 8601 with an offset, ``now``, ``2h`` or ``2h ago``, ``in 2h``.

    :param now: what ``now`` means, aware.
    :raises InvalidTime: for anything else.
    """
    wanted = text.strip()
    if not wanted:
        raise InvalidTime("the time is empty", _EXAMPLES)
    if wanted.lower() == "now":
        return utc(now)
    if wanted.lower().startswith("in "):
        return utc(now + parse_duration(wanted[3:]))
    relative = wanted.lower().removesuffix("ago").strip()
    if _DURATION.fullmatch(relative):
        return utc(now - parse_duration(relative))
    return parse_instant(wanted)


def offset_changes(zone: tzinfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """When clocks in a zone go forward or back, to the second, with the offsets before and after.

    :param since: an instant in UTC; ``until`` another.
    """
    at, before = since, _offset(zone, since)
    while at < until:
        following = min(at + _STEP, until)
        after = _offset(zone, following)
        if after != before:
            yield _onset(zone, at, following, before), before, after
        at, before = following, after


_STEP = timedelta(hours=12)
"""No zone changes its offset twice within this."""


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _onset(zone: tzinfo, first: datetime, last: datetime, before: timedelta) -> datetime:
    """The moment between the two from which on the offset is not ``before``."""
    while last - first > timedelta(seconds=1):
        middle = first + timedelta(seconds=int((last - first).total_seconds()) // 2)
        first, last = (middle, last) if _offset(zone, middle) == before else (first, middle)
    return last
