"""Lines of a log, as ``sources/`` gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes


def lines(text: str | bytes, source: str = "/var/log/some.log") -> list[LogLine]:
    data = text.encode() if isinstance(text, str) else text
    return [LogLine(line, source, place) for place, line in enumerate(data.split(b"\n"))]


def berlin() -> LocalTimes:
    return LocalTimes(ZoneInfo("Europe/Berlin"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
