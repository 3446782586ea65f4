"""Where a time axis has its ticks, and what they say: from seconds to years, on round times of the reader's zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from changelog_ledger.reports.times import offset, short_day

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MONTH = 30.4 * _DAY
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Tick:
    """A round time.

    :ivar words: what stands at it.
    :ivar below: the day or year that it begins, or empty.
    """

    at: datetime
    words: str
    below: str = ""


def ticks(begin: datetime, end: datetime, zone: tzinfo, most: int) -> list[Tick]:
    """At most about ``most`` round times between two instants."""
    span = (end - begin).total_seconds()
    seconds = next((step for step in _SECONDS if span / step <= most), None)
    if seconds:
        return list(_named(_by_seconds(begin, end, zone, seconds), zone, "%H:%M:%S" if seconds < _MINUTE else "%H:%M"))
    days = next((step for step in _DAYS if span / _DAY / step <= most), None)
    if days:
        return list(_dated(_by_days(begin, end, zone, days), zone))
    months = next((step for step in _MONTHS if span / _MONTH / step <= most), _MONTHS[-1])
    return [Tick(each, _month(each.astimezone(zone))) for each in _by_months(begin, end, zone, months)]


def zone_words(begin: datetime, end: datetime, zone: tzinfo) -> str:
    """``times in +01:00``, both where a clock change lies between."""
    first, last = offset(begin.astimezone(zone)), offset(end.astimezone(zone))
    return f"times in {first}" if first == last else f"times in {first}, at the end {last}"


def _by_seconds(begin: datetime, end: datetime, zone: tzinfo, step: int) -> Iterator[datetime]:
    ahead = (begin.astimezone(zone).utcoffset() or timedelta(0)).total_seconds()
    moment = begin + timedelta(seconds=-(begin.timestamp() + ahead) % step)
    while moment <= end:
        yield moment
        moment += timedelta(seconds=step)


def _by_days(begin: datetime, end: datetime, zone: tzinfo, step: int) -> Iterator[datetime]:
    day = begin.astimezone(zone).date()
    first = day + timedelta(days=(1 - day.toordinal()) % step)  # the first day of all was a Monday, so that weeks begin on one
    yield from _midnights((first + timedelta(days=number * step) for number in range(400)), begin, end, zone)


def _by_months(begin: datetime, end: datetime, zone: tzinfo, step: int) -> Iterator[datetime]:
    local = begin.astimezone(zone)
    first = local.year * 12 + local.month - 1
    first -= first % step
    numbers = (first + step * number for number in range(400))
    yield from _midnights((date(number // 12, number % 12 + 1, 1) for number in numbers if number < 12 * date.max.year), begin, end, zone)


def _midnights(days: Iterator[date], begin: datetime, end: datetime, zone: tzinfo) -> Iterator[datetime]:
    for day in days:
        moment = datetime.combine(day, time(), zone)
        if moment > end:
            return
        if moment >= begin:
            yield moment


def _named(moments: Iterator[datetime], zone: tzinfo, form: str) -> Iterator[Tick]:
    """Times of a day; the first and whichever begins another day say which."""
    before: date | None = None
    for moment in moments:
        local = moment.astimezone(zone)
        yield Tick(moment, f"{local:{form}}", "" if local.date() == before else f"{_WEEKDAYS[local.weekday()]} {short_day(local.date())}")
        before = local.date()


def _dated(moments: Iterator[datetime], zone: tzinfo) -> Iterator[Tick]:
    """Days; the first and whichever begins another year say which."""
    before = 0
    for moment in moments:
        local = moment.astimezone(zone)
        yield Tick(moment, short_day(local.date()), "" if local.year == before else str(local.year))
        before = local.year


def _month(local: datetime) -> str:
    return f"{short_day(local.date()).partition(' ')[2]} {local.year}"
