"""``/var/log/yum.log``, for hosts whose history database is gone::

    Jun 24 14:36:25 Updated: openssl-1:1.0.2k-26.el7_9.x86_64
    Jun 24 14:36:31 Erased: nano

It writes no year, no version that had to go and no mark where a transaction begins. The year follows from the order: the last line of a file is not
younger than the file, and where the month goes back, the year before ends. Lines within a few minutes of each other are one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.rpm_names import parsed_rpm_name
from changelog_ledger.observations.packages.transactions import Transaction

_LINE = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d) "
    r"(?P<verb>[A-Z][A-Za-z-]+): (?P<name>\S+)",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACTIONS = {
    "Installed": PackageAction.INSTALLED,
    "Dep-Installed": PackageAction.INSTALLED,
    "Updated": PackageAction.UPGRADED,
    "Downgraded": PackageAction.DOWNGRADED,
    "Reinstalled": PackageAction.REINSTALLED,
    "Erased": PackageAction.REMOVED,
    "Removed": PackageAction.REMOVED,
    "Obsoleted": PackageAction.REMOVED,
}
_PAUSE = timedelta(minutes=5)
_DAY = timedelta(days=1)
_LEAP = 2000
"""A year that has every day."""


@dataclass
class _Group:
    """Packages within a few minutes of each other."""

    at: datetime
    written: str
    source: str
    last: datetime
    changes: list[PackageChange] = field(default_factory=list)


def transactions(lines: Iterable[LogLine], times: LocalTimes, written_before: datetime) -> Iterator[Transaction]:
    """The transactions of one file of the log, oldest first. Lines that are none of its are passed over.

    :param written_before: when the file was last written to, by the clock on the host's wall (without an offset).
    """
    group: _Group | None = None
    found = [(line, match) for line in lines if (match := _LINE.match(line.text.decode("utf-8", "replace"))) and match["verb"] in _ACTIONS]
    years = _years([match for _, match in found], written_before)
    for (line, match), year in zip(found, years, strict=True):
        at = _instant(match, year, times)
        if at is None:
            continue
        if group is not None and at - group.last > _PAUSE:
            yield _transaction(group)
            group = None
        group = group or _Group(at, _written(match), line.source, at)
        group.last = at
        group.changes.append(_change(match))
    if group is not None:
        yield _transaction(group)


def _instant(match: re.Match[str], year: int, times: LocalTimes) -> datetime | None:
    month = _MONTHS.index(match["month"]) + 1
    try:
        return times.parse(f"{year:04}-{month:02}-{int(match['day']):02} {match['clock']}")
    except ValueError:  # the 30th of February, or the 29th in a year that has none
        return None


def _years(matches: Sequence[re.Match[str]], written_before: datetime) -> list[int]:
    """The year of every line, from the last one back."""
    years: list[int] = []
    later, year = (written_before + _DAY).replace(year=_LEAP), (written_before + _DAY).year
    for match in reversed(matches):
        this = _in_a_leap_year(match)
        if this is not None:
            if this > later + _DAY:  # by more than clocks and processes are out of order
                year -= 1
            later = this
        years.append(year)
    return years[::-1]


def _in_a_leap_year(match: re.Match[str]) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{_LEAP}-{_MONTHS.index(match['month']) + 1:02}-{int(match['day']):02} {match['clock']}")
    except ValueError:
        return None


def _written(match: re.Match[str]) -> str:
    return f"{match['month']} {match['day']} {match['clock']}"


def _change(match: re.Match[str]) -> PackageChange:
    name = parsed_rpm_name(match["name"])
    action = _ACTIONS[match["verb"]]
    automatic = match["verb"] in ("Dep-Installed", "Obsoleted")
    if action is PackageAction.REMOVED:
        return PackageChange(name.name, action, name.version, "", name.architecture, automatic)
    before = name.version if action is PackageAction.REINSTALLED else ""
    return PackageChange(name.name, action, before, name.version, name.architecture, automatic)


def _transaction(group: _Group) -> Transaction:
    return Transaction("yum", group.at, group.written, tuple(group.changes), group.source, tool="yum", ended_at=group.last)
