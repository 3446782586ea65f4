"""Instants and lengths of time as people say them, in the reader's zone, with the offset."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

# Written out: strftime would follow the locale, and a report must not differ from one machine to the next.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAY_IS_ENOUGH = timedelta(days=6)


def clock(moment: datetime, zone: tzinfo, now: datetime | None = None) -> str:
    """``Sat 21 Nov 14:03:05 +01:00``, with the year where it is not the year of ``now`` (or there is no ``now``)."""
    local = moment.astimezone(zone)
    return f"{_date(local, zone, now)} {local:%H:%M:%S} {offset(local)}"


def short_clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """``Sat 14:03`` within the last six days, ``Sat 21 Nov 14:03`` before; for a sentence that is followed by the full time."""
    local = moment.astimezone(zone)
    if timedelta(0) <= now - moment < _WEEKDAY_IS_ENOUGH:
        return f"{_DAYS[local.weekday()]} {local:%H:%M}"
    return f"{_date(local, zone, now)} {local:%H:%M}"


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


def length(span: timedelta) -> str:
    """``45 s``, ``12 min``, ``2 h 10 min``, ``3 days 4 h``: the two largest units that are not nothing."""
    seconds = abs(int(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return _joined(f"{days} day" if days == 1 else f"{days} days", hours and days < 14 and f"{hours} h")
    if hours:
        return _joined(f"{hours} h", minutes and f"{minutes} min")
    if minutes:
        return _joined(f"{minutes} min", minutes < 10 and seconds % 60 and f"{seconds % 60} s")
    return f"{seconds} s"


def _joined(large: str, small: str | int | bool) -> str:
    return f"{large} {small}" if small else large


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
