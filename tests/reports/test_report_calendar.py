"""The times of the calendar: the hour of every end, and the offsets in the night in which the clocks are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger import reports
from changelog_ledger.model.change import Freeze
from changelog_ledger.model.schedule import Calendar
from changelog_ledger.model.topology import EVERYTHING
from changelog_ledger.reports.style import Style


def shown(start: datetime, hours: float) -> str:
    freeze = Freeze("FRZ-7K3M9Q", "Night", start, start + timedelta(hours=hours), (EVERYTHING,))
    calendar = Calendar(start, start - timedelta(days=1), start + timedelta(days=30), (), (), (freeze,), (), (), {})
    text = reports.render_calendar(calendar, Style(False, 80, ZoneInfo("Europe/Berlin")))
    return next(line.partition("FRZ")[0].strip() for line in text.splitlines() if "FRZ" in line)


@pytest.mark.parametrize(
    ("start", "hours", "times"),
    [
        (datetime(2026, 12, 6, 1, tzinfo=UTC), 2, "02:00-04:00"),
        (datetime(2026, 12, 6, 22, tzinfo=UTC), 2.5, "23:00-7 Dec 01:30"),
        (datetime(2026, 12, 6, 22, tzinfo=UTC), 72, "23:00-9 Dec 23:00"),
        (datetime(2026, 10, 25, 0, tzinfo=UTC), 2, "02:00+02:00-03:00+01:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 1, "02:30+02:00-02:30+01:00"),
    ],
)
def test_when_something_begins_and_ends(start: datetime, hours: float, times: str) -> None:
    assert shown(start, hours) == times
