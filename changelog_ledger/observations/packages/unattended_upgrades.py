"""``unattended-upgrades.log``: what Debian's automatic updater meant to do, and how it went::

    2025-06-01 03:12:40,123 INFO Starting unattended upgrades script
    2025-06-01 03:12:43,456 INFO Packages that will be upgraded: openssl libssl3
    2025-06-01 03:12:52,789 INFO All upgrades installed

Its messages are translated by some languages; the level in front of them is not, so that errors are found all the same, and a run begins where
half an hour has passed since the line before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes

_LINE = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(,\d{1,6})? ([A-Z]+) (.*)", re.DOTALL)
_START = "Starting unattended upgrades"
_WILL_BE = re.compile(r"Packages that (?:will be|are) upgraded:\s*(.*)", re.DOTALL)
_REBOOT = re.compile(r"reboot-required|\breboot(?:ing)?\b", re.IGNORECASE)
_QUIET = timedelta(minutes=30)
_MOST_ERRORS = 10
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class UnattendedRun:
    """One run of the updater.

    :ivar at: when it began, in UTC; ``ended_at`` is the time of its last line.
    :ivar packages: names that it meant to upgrade.
    :ivar errors: its words, at most ten of them.
    :ivar reboot: it said that a reboot is required, or made one.
    """

    at: datetime
    ended_at: datetime
    written_at: str
    packages: tuple[str, ...]
    errors: tuple[str, ...]
    reboot: bool
    source: str
    place: int
    is_last: bool = False


@dataclass(slots=True)
class _Open:
    at: datetime
    ended_at: datetime
    written_at: str
    line: LogLine
    packages: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)
    reboot: bool = False


def unattended_runs(lines: Iterable[LogLine], times: LocalTimes) -> Iterator[UnattendedRun]:
    """Every run, in the order of the log. Lines without a time belong to the line before (a traceback), and are passed over."""
    run: _Open | None = None
    for line in lines:
        parts = _LINE.fullmatch(line.text.decode("utf-8", "replace"))
        at = _time(parts[1], times) if parts else None
        if parts is None or at is None:
            continue
        if run is None or parts[4].startswith(_START) or at - run.ended_at > _QUIET:
            if run is not None:
                yield _closed(run)
            run = _Open(at, at, parts[1], line)
        run.ended_at = max(run.ended_at, at)
        _take(run, parts[3], parts[4].strip())
    if run is not None:
        yield _closed(run, is_last=True)


def _take(run: _Open, level: str, message: str) -> None:
    if named := _WILL_BE.match(message):
        run.packages |= dict.fromkeys(named[1].split())
    elif level in ("ERROR", "CRITICAL") and len(run.errors) < _MOST_ERRORS:
        run.errors[message[:_LONGEST]] = None
    if level != "DEBUG" and _REBOOT.search(message):
        run.reboot = True


def _closed(run: _Open, *, is_last: bool = False) -> UnattendedRun:
    return UnattendedRun(
        run.at, run.ended_at, run.written_at, tuple(run.packages), tuple(run.errors), run.reboot, run.line.source, run.line.place, is_last
    )


def _time(text: str, times: LocalTimes) -> datetime | None:
    try:
        return times.parse(text)
    except ValueError:
        return None
