"""When a maintenance window is open: RFC 5545 rules on a zone's wall clock, within bounds.

A rule is evaluated on the wall clock and each time then turned into an instant: one that is skipped when clocks go forward counts with the
offset from before, one that happens twice counts the first time (RFC 5545, 3.3.5). A window is as long as it is, whatever clocks do meanwhile.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.schedule import MaintenanceWindow, Occurrence
from changelog_ledger.model.times import LATEST

NEVER_WITHIN = timedelta(days=41 * 366)
"""A rule that has not come true for so long never does: 29 February falls on a given weekday every 28 years, once in 40 around 2100."""

_LONGEST = 300
_HINT = "write it as RFC 5545 has it: FREQ=WEEKLY;BYDAY=SU, FREQ=MONTHLY;BYDAY=1SA, FREQ=DAILY;INTERVAL=2;UNTIL=20271231T000000Z"
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = f"(?:{'|'.join(_WEEK)})"


def checked_rule(text: str, zone: tzinfo) -> str:
    """A recurrence rule (RFC 5545, 3.3.10) in one spelling, its ``UNTIL`` in UTC; empty for none.

    Times of day are the window's own, hence only days may recur.

    :param zone: what an ``UNTIL`` without a ``Z`` is meant in.
    :raises InvalidInput: for what is no such rule, recurs within a day, or contradicts itself.
    """
    wanted = text.strip().upper().removeprefix("RRULE:")
    if not wanted:
        return ""
    if len(wanted) > _LONGEST or not re.fullmatch(r"[A-Z0-9=;,+-]+", wanted):
        raise InvalidInput(f"{text[:60]!r} is no recurrence rule", _HINT)
    parts: dict[str, str] = {}
    for part in wanted.rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS:
            raise InvalidInput(f"the recurrence rule has {name or 'an empty part'!r}, and may have {', '.join(_PARTS)}", _HINT)
        if name in parts:
            raise InvalidInput(f"the recurrence rule says {name} twice", _HINT)
        if not _PARTS[name](value):
            raise InvalidInput(f"{part!r} will not do in a recurrence rule", _HINT)
        parts[name] = value
    _refuse_contradictions(parts)
    if "UNTIL" in parts:
        parts["UNTIL"] = f"{_until(parts['UNTIL'], zone):%Y%m%dT%H%M%SZ}"
    return ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)


def first_start(start: datetime, rule: str, zone: tzinfo) -> datetime:
    """The first instant, ``start`` or later, at which a checked rule comes true and the clock shows the time of day that it is to keep to.

    :raises InvalidInput: if it never does.
    """
    if not rule:
        return start
    time_of_day = start.astimezone(zone).time()
    found = next(
        (at for at in _starts(start, rule, zone, min(start + NEVER_WITHIN, LATEST)) if at >= start and at.astimezone(zone).time() == time_of_day),
        None,
    )
    if found is None:
        raise InvalidInput(f"the recurrence rule {rule} never comes true", _HINT)
    return found


def occurrences(window: MaintenanceWindow, zone: tzinfo, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """The times at which a window is open at some moment from ``since`` until before ``until``, the earliest first.

    :param zone: the zone that ``window.zone`` names.
    """
    last = until if window.lifted_at is None else min(until, window.lifted_at)
    for start in _starts(window.start, window.rule, zone, last):
        if start >= last:
            return
        if start + window.length > since:
            yield Occurrence(window, start, start + window.length)


def _starts(start: datetime, rule: str, zone: tzinfo, until: datetime) -> Iterator[datetime]:
    """Every start, not much later than ``until``."""
    if not rule:
        yield start
        return
    parts = dict(part.split("=") for part in rule.split(";"))
    ends, count = parts.pop("UNTIL", None), parts.pop("COUNT", None)
    last = _until(ends, zone) if ends else LATEST
    walls = _wall_clocks(parts, start.astimezone(zone).replace(tzinfo=None), until.replace(tzinfo=None) + timedelta(days=2))
    for wall in islice(walls, int(count) if count else None):
        instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if instant > last:
            return
        yield instant


def _wall_clocks(parts: Mapping[str, str], start: datetime, until: datetime) -> Iterator[datetime]:
    """What the clock shows each time, until then.

    dateutil looks at its bound only where a rule comes true, and for the next such day until the year 9999. Day by day that takes seconds, so it
    gives every day of a daily rule, and which of them count is seen here; for years and months it is quick enough.
    """
    from dateutil.rrule import rrulestr  # here, because most windows and all freezes do without

    daily = parts["FREQ"] == "DAILY"
    given = {name: value for name, value in parts.items() if not (daily and name.startswith("BY"))}
    bounded = ";".join(f"{name}={value}" for name, value in {**given, "UNTIL": f"{until:%Y%m%dT%H%M%S}"}.items())
    return (wall for wall in rrulestr(bounded, dtstart=start) if not daily or _counts(parts, wall))


def _counts(parts: Mapping[str, str], day: datetime) -> bool:
    """Whether a day is one of those that a daily rule names."""
    from_the_end = day.day - monthrange(day.year, day.month)[1] - 1
    months, days = (parts[name].split(",") if name in parts else () for name in ("BYMONTH", "BYDAY"))
    numbers = [int(number) for number in parts["BYMONTHDAY"].split(",")] if "BYMONTHDAY" in parts else ()
    return (
        (not months or day.month in map(int, months))
        and (not days or _WEEK[day.weekday()] in days)
        and (not numbers or day.day in numbers or from_the_end in numbers)
    )


def _refuse_contradictions(parts: Mapping[str, str]) -> None:
    """What RFC 5545, 3.3.10 says MUST NOT stand together; and a choice among the days of a week or a single one, which nobody needs."""
    frequency = parts.get("FREQ")
    if frequency is None:
        raise InvalidInput("the recurrence rule does not say how often: it has no FREQ", _HINT)
    if "COUNT" in parts and "UNTIL" in parts:
        raise InvalidInput("the recurrence rule has COUNT and UNTIL", "give one of the two")
    others: Mapping[str, tuple[str, ...]] = {
        "BYYEARDAY": ("YEARLY",),
        "BYWEEKNO": ("YEARLY",),
        "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"),
        "BYSETPOS": ("MONTHLY", "YEARLY"),
    }
    for name, allowed in others.items():
        if name in parts and frequency not in allowed:
            raise InvalidInput(f"{name} goes with FREQ={' or '.join(allowed)} only", _HINT)
    numbered = re.search(r"\d", parts.get("BYDAY", ""))
    if numbered and (frequency not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        raise InvalidInput(f"BYDAY={parts['BYDAY']} counts days, which goes with FREQ=MONTHLY or YEARLY only, and not with BYWEEKNO", _HINT)
    if "BYSETPOS" in parts and not any(name.startswith("BY") for name in parts if name != "BYSETPOS"):
        raise InvalidInput("BYSETPOS chooses among days, and none are named", _HINT)


def _until(text: str, zone: tzinfo) -> datetime:
    found = _UNTIL.fullmatch(text)
    assert found
    year, month, day, hour, minute, second, ends_in_z = found.groups()
    clock = (int(hour), int(minute), int(second)) if hour else (23, 59, 59)
    try:
        return datetime(int(year), int(month), int(day), *clock, tzinfo=UTC if ends_in_z else zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"UNTIL={text} is no date", _HINT) from error


def _number(most: int) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(r"\d{1,5}", value) is not None and 1 <= int(value) <= most


def _numbers(most: int, *, negative: bool = True) -> Callable[[str], bool]:
    sign = "[+-]?" if negative else ""
    return lambda value: all(re.fullmatch(sign + r"\d{1,3}", one) and 1 <= abs(int(one)) <= most for one in value.split(","))


def _words(pattern: str) -> Callable[[str], bool]:
    return lambda value: all(re.fullmatch(pattern, one) for one in value.split(","))


_PARTS: Mapping[str, Callable[[str], bool]] = {
    "FREQ": lambda value: value in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"),
    "INTERVAL": _number(1000),
    "COUNT": _number(10_000),
    "UNTIL": lambda value: _UNTIL.fullmatch(value) is not None,
    "BYMONTH": _numbers(12, negative=False),
    "BYWEEKNO": _numbers(53),
    "BYYEARDAY": _numbers(366),
    "BYMONTHDAY": _numbers(31),
    "BYDAY": _words(rf"(?:[+-]?(?:[1-9]|[1-4]\d|5[0-3]))?{_DAY}"),
    "BYSETPOS": _numbers(366),
    "WKST": lambda value: re.fullmatch(_DAY, value) is not None,
}
"""The parts of a rule that are read, each with what its value may be. BYHOUR and smaller are not among them."""
