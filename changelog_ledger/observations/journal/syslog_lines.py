"""Lines of a syslog (``auth.log``, ``secure``, ``messages``, ``syslog``) as entries.

Stamps are RFC 3164's (``Nov  2 03:12:44``, local time without a year) or ISO 8601's (RFC 5424 and rsyslog's file format, which Debian has written
since version 12). What systemd says of units is known by its words, and only where these name the unit (version 249 and later, or ``UNIT: …``).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.observations.journal.entries import LONGEST_FIELD, Entry
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.strange_lines import StrangeLines

_PRIORITY = r"(?:<\d{1,3}>)?"
_PROGRAM = r"(?P<program>[^\s\[:]+)(?:\[(?P<pid>\d+)\])?: ?(?P<message>.*)"
_OLD = re.compile(rf"{_PRIORITY}(?P<month>[A-Z][a-z]{{2}}) {{1,2}}(?P<day>\d{{1,2}}) (?P<clock>\d\d:\d\d:\d\d) (?P<host>\S+) {_PROGRAM}", re.DOTALL)
_ISO = re.compile(
    rf"{_PRIORITY}(?P<time>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?(?:Z|[+-]\d\d:?\d\d)?) (?P<host>\S+) {_PROGRAM}", re.DOTALL
)
_RFC_5424 = re.compile(
    rf"{_PRIORITY}1 (?P<time>\S+) (?P<host>\S+) (?P<program>\S+) (?P<pid>\S+) \S+ (?:-|\[.*?\]) ?(?:\ufeff)?(?P<message>.*)", re.DOTALL
)
_UNNAMED = re.compile(rf"{_PRIORITY}(?P<month>[A-Z][a-z]{{2}}) {{1,2}}(?P<day>\d{{1,2}}) (?P<clock>\d\d:\d\d:\d\d)(?: |$)")
"""The stamp of a line in which no program is named: ``last message repeated 2 times``, ``-- MARK --``."""
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_HALF_A_YEAR = timedelta(days=183)
_STRAGGLER = timedelta(days=1)
_UNIT = r"[\w:\\.@-]+\.(?:service|socket|mount|timer|path|swap|target)"
_OF_A_JOB = re.compile(rf"(Started|Finished|Stopping|Stopped|Reloaded|Failed to start|Reload failed for) ({_UNIT})(?: - |\.|$)")
_JOBS = {
    "Started": ids.STARTED,
    "Finished": ids.STARTED,
    "Stopping": ids.STOPPING,
    "Stopped": ids.STOPPED,
    "Reloaded": ids.RELOADED,
    "Failed to start": ids.START_FAILED,
    "Reload failed for": ids.RELOADED,
}
_WORDS = {
    "Failed with result": ids.FAILED,
    "Main process exited": ids.PROCESS_EXITED,
    "Control process exited": ids.PROCESS_EXITED,
    "Scheduled restart job": ids.RESTART_SCHEDULED,
    "Deactivated successfully": ids.SUCCEEDED,
    "Succeeded": ids.SUCCEEDED,
    "A process of this unit has been killed by the OOM": ids.OUT_OF_MEMORY,
}

_OF_A_UNIT = re.compile(rf"({_UNIT}): ({'|'.join(_WORDS)})")


class SyslogLines:
    """One log's lines, to be read in its order: a year and the hour that occurs twice follow from the line before.

    :ivar latest: the time of the latest line; None before the first.
    :ivar strange: lines that no syslog has: without a time that can be read. A line that begins with a blank goes on with the one before.
    """

    def __init__(self, zone: tzinfo, after: datetime | None = None) -> None:
        """Of a host in ``zone``; ``after`` is the time of the last line that was read before."""
        self._zone = zone
        self._times = LocalTimes(zone, after)
        self.latest = after
        self.strange = StrangeLines("a syslog")

    def entry(self, line: bytes, source: str, written: datetime) -> Entry | None:
        """A line's entry; None if it is none.

        :param written: when the file was last written: the first line's year is the last one in which it does not lie after that.
        """
        text = line[: 2 * LONGEST_FIELD].decode("utf-8", "replace").rstrip("\r\n").replace("\0", "�")
        if not text.strip():
            return None
        self.strange.read(source)
        found = _OLD.match(text) or _ISO.match(text) or _RFC_5424.match(text)
        stamp = found or _UNNAMED.match(text)
        at = self._time(stamp, written) if stamp else None
        if at is None and not text[0].isspace():
            self.strange.found(source)
        if found is None or at is None:
            return None
        self.latest = at if self.latest is None or at > self.latest else self.latest
        program, message = found["program"].rpartition("/")[2], found["message"][:LONGEST_FIELD]
        pid = found["pid"] if found["pid"] and found["pid"].isdigit() else ""
        message_id, unit = _unit_message(message) if program == "systemd" and pid in ("1", "") else ("", "")
        return Entry(at, message, program, pid, message_id=message_id, unit=unit, source=source)

    def _time(self, stamp: re.Match[str], written: datetime) -> datetime | None:
        try:
            return self._at(stamp.groupdict(), written)
        except ValueError:  # Feb 30, 25:00:00, the year 9999, a month in another language
            return None

    def _at(self, named: dict[str, str], written: datetime) -> datetime:
        if "time" in named:
            return self._times.parse(named["time"].replace("T", " "))
        month = _MONTHS.get(named["month"])
        if month is None:
            raise ValueError(f"no month: {named['month']}")
        hour, minute, second = (int(part) for part in named["clock"].split(":"))
        rest = (month, int(named["day"]), hour, minute, min(second, 59))  # 60 is a leap second
        return self._times.instant(self._with_year(rest, written))

    def _with_year(self, rest: tuple[int, int, int, int, int], written: datetime) -> datetime:
        before = self._times.latest
        if before is None:
            limit = written.astimezone(self._zone).replace(tzinfo=None) + _STRAGGLER
            return next(each for year in range(limit.year, limit.year - 9, -1) if (each := _local(year, rest)) and each <= limit)
        last = before.astimezone(self._zone).replace(tzinfo=None)
        same = _local(last.year, rest)
        if same is None or same < last - _HALF_A_YEAR:
            return next(each for year in range(last.year + 1, last.year + 9) if (each := _local(year, rest)))
        earlier = _local(last.year - 1, rest)
        return earlier if earlier and earlier >= last - _STRAGGLER else same


def _local(year: int, rest: tuple[int, int, int, int, int]) -> datetime | None:
    """That time of that year; None for a 29 February that it has not."""
    month, day, hour, minute, second = rest
    if (month, day) == (2, 29) and not _is_leap(year):
        return None
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a local time, as the log writes it


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _unit_message(message: str) -> tuple[str, str]:
    """Which of systemd's messages it is, and of which unit."""
    job = _OF_A_JOB.match(message)
    if job:
        return _JOBS[job[1]], job[2]
    unit = _OF_A_UNIT.match(message)
    return (_WORDS[unit[2]], unit[1]) if unit else ("", "")
