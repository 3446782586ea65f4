"""Instants and lengths of time as people say them, in the reader's zone, with the offset."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from changelog_ledger.model.times import format_instant
from changelog_ledger.model.times import length as length  # said here for reports, there for judgements

# Written out: strftime would follow the locale, and a report must not differ from one machine to the next.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAY_IS_ENOUGH = timedelta(days=6)
_INSTANT = re.compile(r"(?<![\w/.:'\"-])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z(?![\w/'\"-]|[.:]\w)")
"""An instant as sentences and commands hold it; none in a path, a name or a quoted text."""


def clock(moment: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """``Sat 21 Nov 14:03:05 +01:00``, with the year where it is not the year of ``now`` (or there is no ``now``)."""
    local = moment.astimezone(zone)
    return f"{_date(local, zone, now)} {local:%H:%M:%S} {offset(local)}"


def minute(moment: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """``Sat 21 Nov 14:03 +01:00``: as :func:`clock`, where nobody counts seconds."""
    local = moment.astimezone(zone)
    return f"{_date(local, zone, now)} {local:%H:%M} {offset(local)}"


def short_clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """``Sat 14:03`` within the last six days, ``Sat 21 Nov 14:03`` before; for a sentence that is followed by the full time."""
    local = moment.astimezone(zone)
    if timedelta(0) <= now - moment < _WEEKDAY_IS_ENOUGH:
        return f"{_DAYS[local.weekday()]} {local:%H:%M}"
    return f"{_date(local, zone, now)} {local:%H:%M}"


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day that it is in a zone."""
    return moment.astimezone(zone).date()


def calendar_day(day: date, this_year: int) -> str:
    """``Sat 21 Nov``, with the year where it is not this one."""
    shown = f"{_DAYS[day.weekday()]} {short_day(day)}"
    return shown if day.year == this_year else f"{shown} {day.year}"


def short_day(day: date) -> str:
    """``21 Nov``."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _date(local: datetime, zone: tzinfo, now: datetime | None) -> str:
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    this_year = now is not None and now.astimezone(zone).year == local.year
    return day if this_year else f"{day} {local.year}"


def offset(local: datetime) -> str:
    """``+01:00``: how far a clock is ahead of UTC."""
    text = f"{local:%z}"
    return f"{text[:3]}:{text[3:5]}"


def relative(moment: datetime, anchor: datetime, name: str) -> str:
    """``2 h 10 min before the onset``, where ``name`` is ``the onset``."""
    if abs(moment - anchor) < timedelta(seconds=1):
        return f"at {name}"
    return f"{length(anchor - moment)} {'before' if moment < anchor else 'after'} {name}"


def ago(moment: datetime, now: datetime) -> str:
    """``2 h 10 min ago``, ``in 3 days``, ``just now``."""
    if abs(now - moment) < timedelta(seconds=1):
        return "just now"
    return f"{length(now - moment)} ago" if moment < now else f"in {length(moment - now)}"


def holds_instants(text: str) -> bool:
    """Whether :func:`in_words` and :func:`to_type` would alter it."""
    return _INSTANT.search(text) is not None


def in_words(sentence: str, zone: tzinfo, now: datetime | None = None) -> str:
    """A sentence that was made where nobody knows the reader, with its instants as the reader's clock shows them."""
    return _INSTANT.sub(lambda found: _read(found[0], lambda moment: clock(moment, zone, now)), sentence)


def to_type(command: str, zone: tzinfo) -> str:
    """Commands, or advice that holds some, with the instants as ``2026-11-21T14:03:05+01:00``: the reader's clock, and still to be pasted."""
    return _INSTANT.sub(lambda found: _read(found[0], lambda moment: _typed(moment, zone)), command)


def _read(text: str, written: Callable[[datetime], str]) -> str:
    try:
        return written(datetime.fromisoformat(text))
    except (ValueError, OverflowError):  # the 31st of February, in what somebody wrote
        return text


def _typed(moment: datetime, zone: tzinfo) -> str:
    return format_instant(moment) if zone is UTC else moment.astimezone(zone).isoformat()
