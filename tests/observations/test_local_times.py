"""Times on the wall of a host: what an hour means that occurs twice, or never."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.observations.local_times import LocalTimes

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_hour_that_occurs_twice_is_told_by_the_order():
    times = LocalTimes(BERLIN)
    read = [times.parse(f"2025-10-26 {clock}") for clock in ("01:59:00", "02:10:00", "02:50:00", "02:10:00", "02:50:00", "03:10:00")]
    wanted = ("2025-10-25 23:59", "2025-10-26 00:10", "2025-10-26 00:50", "2025-10-26 01:10", "2025-10-26 01:50", "2025-10-26 02:10")
    assert read == [at(text) for text in wanted]


def test_entries_a_little_out_of_order_are_not_an_hour_apart():
    times = LocalTimes(BERLIN)
    assert times.parse("2025-10-26 02:10:01") - times.parse("2025-10-26 02:10:00") == timedelta(seconds=1)


def test_the_next_reading_goes_on_after_the_last():
    first = LocalTimes(BERLIN)
    first.parse("2025-10-26 02:50:00")
    assert LocalTimes(BERLIN, first.latest).parse("2025-10-26 02:10:00") == at("2025-10-26 01:10")


def test_an_hour_that_does_not_occur_is_read_by_the_offset_before():
    assert LocalTimes(BERLIN).parse("2025-03-30 02:30:00") == at("2025-03-30 01:30")


def test_a_log_whose_clock_was_set_back_stays_as_it_is():
    times = LocalTimes(BERLIN)
    times.parse("2025-06-01 12:00:00")
    assert times.parse("2025-05-01 12:00:00") == at("2025-05-01 10:00")


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "1969-12-31 23:00:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        LocalTimes(BERLIN).parse(text)


@given(st.lists(st.datetimes(datetime(2025, 10, 25), datetime(2025, 10, 27)), max_size=30).map(sorted))
def test_whatever_was_written_in_order_is_read_in_order(instants):
    """Written by a clock in Berlin over the night when it goes back, at least an entry every quarter of an hour in the doubtful hours."""
    instants = sorted(
        {*(moment.replace(microsecond=0) for moment in instants), *(datetime(2025, 10, 26) + timedelta(minutes=15 * n) for n in range(9))}
    )
    written = [moment.replace(tzinfo=UTC).astimezone(BERLIN).replace(tzinfo=None, fold=0) for moment in instants]
    times = LocalTimes(BERLIN)
    assert [times.instant(local) for local in written] == [moment.replace(tzinfo=UTC) for moment in instants]
