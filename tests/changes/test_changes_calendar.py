"""Freezes, maintenance windows and wall clocks: by examples of the calendar, and against another reading of the same rules."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes.calendar import covered, holding, local_instant, new_freeze, new_window, next_occurrence, refuse_empty, refuse_past
from changelog_ledger.changes.recurrence import checked_rule, occurrences
from changelog_ledger.errors import InvalidInput, InvalidTime
from changelog_ledger.model.schedule import MaintenanceWindow
from changelog_ledger.model.topology import EVERYTHING, Target

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday; clocks in Berlin go forward on Sunday 29 March and back on Sunday 25 October."""
WEB = Target.host("web-01")


def window(start: datetime, rule: str = "", *, hours: float = 2, zone: ZoneInfo = BERLIN, now: datetime | None = NOW) -> MaintenanceWindow:
    length = timedelta(hours=hours)
    return new_window(id="MNT-1", title="night", start=start, length=length, zone_name=zone.key, zone=zone, on=[WEB], rule=rule, now=now)


def starts(made: MaintenanceWindow, since: datetime, until: datetime) -> list[str]:
    return [found.start.astimezone(BERLIN).isoformat() for found in occurrences(made, BERLIN, since, until)]


def berlin(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


class TestOccurrences:
    def test_it_keeps_to_the_wall_clock(self) -> None:
        made = window(berlin(2026, 3, 22, 4), "FREQ=WEEKLY;BYDAY=SU")
        assert starts(made, NOW, datetime(2026, 4, 6, tzinfo=UTC)) == [
            "2026-03-22T04:00:00+01:00",
            "2026-03-29T04:00:00+02:00",
            "2026-04-05T04:00:00+02:00",
        ]

    def test_a_time_that_is_skipped_counts_with_the_offset_from_before(self) -> None:
        """RFC 5545, 3.3.5: 02:30 in the gap is 02:30+01:00, which the clock shows as 03:30."""
        made = window(berlin(2026, 3, 22, 2, 30), "FREQ=WEEKLY;BYDAY=SU")
        assert starts(made, datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC)) == [
            "2026-03-29T03:30:00+02:00",
            "2026-04-05T02:30:00+02:00",
        ]

    def test_a_time_that_comes_twice_counts_the_first_time(self) -> None:
        made = window(berlin(2026, 10, 18, 2, 30), "FREQ=WEEKLY;BYDAY=SU")
        assert starts(made, datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)) == ["2026-10-25T02:30:00+02:00"]

    def test_it_lasts_as_long_as_it_lasts(self) -> None:
        made = window(berlin(2026, 10, 24, 22), "FREQ=DAILY", hours=8)
        first = next(occurrences(made, BERLIN, NOW, datetime(2027, 1, 1, tzinfo=UTC)))
        assert first.end - first.start == timedelta(hours=8)
        assert first.end.astimezone(BERLIN).isoformat() == "2026-10-25T05:00:00+01:00"

    def test_it_starts_where_its_rule_first_comes_true(self) -> None:
        assert window(berlin(2026, 3, 3, 2), "FREQ=MONTHLY;BYDAY=1SA").start == berlin(2026, 3, 7, 2)

    def test_it_never_starts_at_a_time_that_is_skipped(self) -> None:
        """Else it would keep to 03:30 ever after."""
        made = window(berlin(2026, 3, 27, 2, 30), "FREQ=WEEKLY;BYDAY=SU")
        assert made.start == berlin(2026, 4, 5, 2, 30)

    def test_until_and_count_end_it(self) -> None:
        far = datetime(2028, 1, 1, tzinfo=UTC)
        assert len(starts(window(berlin(2026, 3, 8, 2), "FREQ=WEEKLY;COUNT=3"), NOW, far)) == 3
        assert len(starts(window(berlin(2026, 3, 8, 2), "FREQ=WEEKLY;UNTIL=20260322"), NOW, far)) == 3
        assert len(starts(window(berlin(2026, 3, 8, 2), "FREQ=WEEKLY;UNTIL=20260322T000000Z"), NOW, far)) == 2

    def test_one_that_is_open_already_is_found(self) -> None:
        made = window(berlin(2026, 3, 1, 2), "FREQ=WEEKLY", hours=48, now=None)
        found = next_occurrence([made], {"Europe/Berlin": BERLIN}, NOW)
        assert found is not None
        assert found.start == berlin(2026, 3, 1, 2)
        whole = next_occurrence([made], {"Europe/Berlin": BERLIN}, NOW, whole=True)
        assert whole is not None
        assert whole.start == berlin(2026, 3, 8, 2)

    @given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(0, 23), st.sampled_from([1, 2, 3]))
    def test_a_daily_window_comes_on_each_day_that_another_count_of_days_gives(self, first: date, hour: int, interval: int) -> None:
        start = datetime(first.year, first.month, first.day, hour, 17, tzinfo=BERLIN)
        if start.astimezone(UTC).astimezone(BERLIN).replace(tzinfo=None) != start.replace(tzinfo=None):
            return
        made = window(start, f"FREQ=DAILY;INTERVAL={interval}", now=None)
        found = [each.start for each in occurrences(made, BERLIN, made.start, made.start + timedelta(days=300))]
        days = [first + timedelta(days=interval * number) for number in range(len(found))]
        assert found == [datetime(day.year, day.month, day.day, hour, 17, tzinfo=BERLIN).astimezone(UTC) for day in days]
        assert len(found) >= 300 // interval


class TestRules:
    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=SECONDLY", "FREQ=HOURLY", "DAILY", "BYDAY=SU", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=1SU", "FREQ=DAILY;INTERVAL=0",
            "FREQ=WEEKLY;BYDAY=SU;BYSETPOS=1",
            "FREQ=DAILY;COUNT=3;UNTIL=20270101", "FREQ=DAILY;BYHOUR=3", "DTSTART:20260101T000000\nRRULE:FREQ=DAILY", "FREQ=DAILY\nEXDATE:20260101",
            "FREQ=DAILY;FREQ=WEEKLY", "FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY;UNTIL=20261399", "FREQ=DAILY;BYSETPOS=1",
            "FREQ=DAILY;BYMONTH=1" + ",1" * 199,
                        "FREQ=MONTHLY;BYYEARDAY=3", "FREQ=DAILY;BYWEEKNO=3", "FREQ=DAILY;COUNT=99999999999999999999", "FREQ",
        ],
    )  # fmt: skip
    def test_what_is_no_rule_is_refused(self, rule: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            checked_rule(rule, BERLIN)
        assert refused.value.hint

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=2",
            "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7",
        ],
    )
    def test_what_never_comes_true_is_refused_and_soon(self, rule: str) -> None:
        begun = time.perf_counter()
        with pytest.raises(InvalidInput, match="never comes true"):
            window(berlin(2026, 3, 3, 2), rule)
        assert time.perf_counter() - begun < 5

    def test_the_29_of_february_on_a_monday_comes_true(self) -> None:
        assert window(berlin(2026, 3, 3, 2), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO").start == berlin(2044, 2, 29, 2)

    @given(
        st.sampled_from(["", ";BYDAY=MO,FR", ";BYMONTH=2,7", ";BYMONTHDAY=1,-1,29", ";BYMONTH=2;BYMONTHDAY=-1", ";BYDAY=SU;BYMONTHDAY=13"]),
        st.integers(1, 5),
    )
    def test_the_days_of_a_daily_rule_are_those_that_dateutil_finds(self, days: str, interval: int) -> None:
        rule = f"FREQ=DAILY;INTERVAL={interval}{days}"
        theirs = rrulestr(rule, dtstart=datetime(2026, 1, 1, 5)).between(datetime(2026, 1, 1), datetime(2028, 1, 1))
        made = MaintenanceWindow("MNT-1", "x", datetime(2026, 1, 1, 5, tzinfo=UTC), timedelta(hours=1), "UTC", (), checked_rule(rule, UTC))
        ours = [
            found.start.replace(tzinfo=None) for found in occurrences(made, UTC, datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
        ]
        assert ours == theirs
        assert ours or interval > 1

    def test_one_spelling(self) -> None:
        assert checked_rule("rrule:byday=su;freq=weekly;", BERLIN) == "FREQ=WEEKLY;BYDAY=SU"
        assert checked_rule("FREQ=DAILY;UNTIL=20260701T020000", BERLIN) == "FREQ=DAILY;UNTIL=20260701T000000Z"

    @given(st.text(alphabet="FREQ=DAILYWKMO;BYSU1290,-+TZ:\n\0", max_size=40))
    def test_any_text_is_a_rule_or_refused(self, text: str) -> None:
        try:
            rule = checked_rule(text, BERLIN)
        except InvalidInput:
            return
        assert checked_rule(rule, BERLIN) == rule


class TestWindows:
    @pytest.mark.parametrize("hours", [0, -1, 24 * 32])
    def test_its_length_is_bounded(self, hours: float) -> None:
        with pytest.raises(InvalidTime):
            window(berlin(2026, 4, 1, 2), hours=hours)

    def test_what_is_over_is_refused(self) -> None:
        with pytest.raises(InvalidTime, match="does not come again"):
            window(berlin(2026, 1, 1, 2))
        with pytest.raises(InvalidTime, match="does not come again"):
            window(berlin(2026, 1, 1, 2), "FREQ=DAILY;COUNT=3")
        assert window(berlin(2026, 1, 1, 2), "FREQ=DAILY").start == berlin(2026, 1, 1, 2)

    def test_covered_from_beginning_to_end(self) -> None:
        made, zones = window(berlin(2026, 3, 8, 2), "FREQ=WEEKLY"), {"Europe/Berlin": BERLIN}
        assert covered([made], zones, berlin(2026, 3, 15, 2), berlin(2026, 3, 15, 4))
        assert not covered([made], zones, berlin(2026, 3, 15, 2), berlin(2026, 3, 15, 5))
        assert covered([made], zones, berlin(2026, 3, 15, 2), berlin(2026, 3, 15, 2))
        assert not covered([made], zones, berlin(2026, 3, 15, 4), berlin(2026, 3, 15, 4))


class TestFreezes:
    def test_both_that_hold_are_found(self) -> None:
        one, other = (new_freeze(id=f"FRZ-{on}", title="x", start=NOW, end=NOW + timedelta(days=2), on=[on], now=NOW) for on in (EVERYTHING, WEB))
        later = new_freeze(id="FRZ-2", title="x", start=NOW + timedelta(days=3), end=NOW + timedelta(days=4), on=[], now=NOW)
        assert holding([one, other, later], [WEB], NOW, NOW) == (one, other)
        assert holding([one, other, later], [Target.host("x")], NOW, NOW + timedelta(days=9)) == (one, later)
        assert holding([other], [EVERYTHING], NOW, NOW) == (other,)

    def test_its_end_is_no_longer_in_it(self) -> None:
        freeze = new_freeze(id="FRZ-1", title="x", start=NOW, end=NOW + timedelta(days=2), on=[], now=NOW)
        assert holding([freeze], [WEB], NOW + timedelta(days=2), NOW + timedelta(days=2)) == ()

    def test_end_before_start_and_past_are_refused(self) -> None:
        with pytest.raises(InvalidTime, match="not after it starts") as refused:
            new_freeze(id="FRZ-1", title="x", start=NOW, end=NOW - timedelta(hours=1), on=[], now=NOW)
        assert refused.value.hint == "exchange the two"
        with pytest.raises(InvalidTime, match="would hold nothing") as refused:
            new_freeze(id="FRZ-1", title="x", start=NOW, end=NOW, on=[], now=NOW)
        assert refused.value.hint == "give a later --end"
        with pytest.raises(InvalidTime, match="is past"):
            new_freeze(id="FRZ-1", title="x", start=NOW - timedelta(days=2), end=NOW, on=[], now=NOW)


class TestWallClocks:
    def test_a_time_that_clocks_skip_is_refused_with_what_they_do(self) -> None:
        with pytest.raises(InvalidTime, match="does not exist on 2026-03-29 in Europe/Berlin: clocks go from 02:00 to 03:00") as refused:
            local_instant(datetime(2026, 3, 29, 2, 30), BERLIN, "Europe/Berlin")
        assert "2026-03-29T03:00+02:00" in refused.value.hint

    def test_a_time_that_comes_twice_is_refused_with_both(self) -> None:
        with pytest.raises(InvalidTime, match="02:30 happens twice") as refused:
            local_instant(datetime(2026, 10, 25, 2, 30), BERLIN, "Europe/Berlin")
        assert refused.value.hint == "write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00"

    def test_half_an_hour_of_lord_howe(self) -> None:
        with pytest.raises(InvalidTime, match="clocks go from 02:00 to 02:30"):
            local_instant(datetime(2026, 10, 4, 2, 15), ZoneInfo("Australia/Lord_Howe"), "Australia/Lord_Howe")

    @given(
        st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)),
        st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    )
    def test_any_other_time_reads_back(self, wall: datetime, name: str) -> None:
        wall, zone = wall.replace(microsecond=0), ZoneInfo(name)
        try:
            instant = local_instant(wall, zone, name)
        except InvalidTime:
            return
        assert instant.astimezone(zone).replace(tzinfo=None) == wall

    def test_a_plan_wholly_in_the_past_is_to_be_logged(self) -> None:
        with pytest.raises(InvalidTime) as refused:
            refuse_past(NOW - timedelta(hours=2), NOW - timedelta(hours=1), NOW)
        assert "ledger change log" in refused.value.hint
        refuse_past(NOW - timedelta(hours=2), NOW + timedelta(hours=1), NOW)
        with pytest.raises(InvalidTime, match="has passed") as refused:
            refuse_past(NOW - timedelta(minutes=6), None, NOW)
        assert "ledger change log" in refused.value.hint
        refuse_past(NOW - timedelta(minutes=5), None, NOW)

    def test_a_window_without_any_time_is_refused(self) -> None:
        with pytest.raises(InvalidTime, match="has no time") as refused:
            refuse_empty(NOW, NOW)
        assert "--for" in refused.value.hint
        refuse_empty(NOW, None)
        refuse_empty(None, None)

    def test_a_title_is_asked_of_what_has_none(self) -> None:
        for title, said in (("", "the freeze has no title"), (" … ", "the freeze has no title"), ("x" * 501, "the title has 501 characters")):
            with pytest.raises(InvalidInput, match=said) as refused:
                new_freeze(id="FRZ-1", title=title, start=NOW, end=NOW + timedelta(hours=1), on=[], now=NOW)
            assert "--reason" not in refused.value.hint
            assert "altered" not in refused.value.hint or len(title) < 4
