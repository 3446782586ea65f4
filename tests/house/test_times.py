"""Times have an offset, and absurd ones are refused where they enter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.times import format_instant, parse_duration, parse_instant, parse_time

NOW = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", NOW),
        ("2h", NOW - timedelta(hours=2)),
        ("2h ago", NOW - timedelta(hours=2)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("90 minutes ago", NOW - timedelta(minutes=90)),
        ("3 days", NOW - timedelta(days=3)),
        ("2026-11-21T15:03+01:00", NOW),
        ("2026-11-21 14:03Z", NOW),
        ("20261121T140300Z", NOW),
        ("2026-W47-6T14:03Z", NOW),
    ],
)
def test_what_a_time_means(text: str, meant: datetime) -> None:
    assert parse_time(text, NOW) == meant


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-11-21", "2026-11-21T14:03", "14:03", "0001-01-01T00:00Z", "9999-12-31T23:59Z", "5x", "99999999999h"]
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime) as refused:
        parse_time(text, NOW)
    assert refused.value.hint


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))
def test_an_instant_reads_back(moment: datetime) -> None:
    assert parse_instant(format_instant(moment)) == moment


def test_a_duration_has_units() -> None:
    assert parse_duration("1h 30min") == timedelta(minutes=90)
    for text in ("90", "h", "1h30", "2h ago"):
        with pytest.raises(InvalidTime):
            parse_duration(text)
