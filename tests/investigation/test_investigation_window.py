"""The window: which time a question is about."""

from datetime import UTC, datetime, timedelta

import pytest

from changelog_ledger.errors import InvalidTime, NotFound
from changelog_ledger.investigation import choose_window
from changelog_ledger.model.report import Basis
from changelog_ledger.model.topology import Health, Mark, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEB = Target.host("web-01")


def ago(hours):
    return NOW - timedelta(hours=hours)


def good(hours):
    return Mark(f"g{hours}", WEB, Health.GOOD, ago(hours))


def bad(hours):
    return Mark(f"b{hours}", WEB, Health.BAD, ago(hours))


def bases(window):
    return window.since_basis, window.until_basis


def test_from_the_last_good_mark_to_the_first_bad_one_after_it():
    window = choose_window([bad(1), good(9), bad(2), good(5), bad(7)], now=NOW)
    assert (window.since, window.until, window.onset) == (ago(5), ago(2), ago(2))
    assert bases(window) == (Basis.LAST_GOOD, Basis.ONSET)
    assert window.last_good == good(5)


def test_without_trouble_up_to_now_and_the_future_is_left_out():
    window = choose_window([good(5), bad(9), bad(-3)], now=NOW)
    assert (window.since, window.until, window.onset) == (ago(5), NOW, None)


def test_insisting_on_the_onset_finds_a_trouble_that_is_over():
    window = choose_window([good(9), bad(7), bad(6), good(5)], now=NOW, until_basis=Basis.ONSET)
    assert (window.since, window.until) == (ago(9), ago(7))


def test_insisting_on_the_onset_without_a_bad_mark():
    with pytest.raises(NotFound) as refused:
        choose_window([good(5)], now=NOW, until_basis=Basis.ONSET)
    assert refused.value.hint == "say when it began: ledger bad host:web-01 --at TIME"


@pytest.mark.parametrize(("first", "then", "onset"), [(Health.GOOD, Health.BAD, ago(2)), (Health.BAD, Health.GOOD, None)])
def test_of_two_marks_for_one_instant_the_one_recorded_last_counts(first, then, onset):
    early, late = Mark("01M82CCBA1ZZZ", WEB, first, ago(2)), Mark("01M82CCBA2AAA", WEB, then, ago(2))
    for marks in ([early, late, good(9)], [late, good(9), early]):
        window = choose_window(marks, now=NOW)
        assert (window.onset, window.since) == (onset, ago(9) if onset else ago(2))


def test_of_two_marks_recorded_at_once_for_one_instant_the_bad_one_counts():
    for one, other in (("A", "B"), ("B", "A")):
        marks = [Mark(f"01M82CCBA1{one}", WEB, Health.GOOD, ago(2)), Mark(f"01M82CCBA1{other}", WEB, Health.BAD, ago(2))]
        assert choose_window(marks, now=NOW).onset == ago(2)


def test_a_begin_in_the_future_is_refused_whatever_the_end():
    for until in (None, ago(-100)):
        with pytest.raises(InvalidTime, match="lies in the future"):
            choose_window([good(5)], now=NOW, since=ago(-50), until=until)


def test_what_was_given_counts():
    window = choose_window([good(9), bad(3)], now=NOW, since=ago(8), until=ago(1))
    assert (window.since, window.until, window.onset, bases(window)) == (ago(8), ago(1), ago(3), (Basis.GIVEN, Basis.GIVEN))
    assert choose_window([good(9), bad(3)], now=NOW, until_basis=Basis.NOW).until == NOW
    assert choose_window([good(9), bad(3), good(2)], now=NOW, until=ago(2.5)).since == ago(9)


def test_without_a_good_mark_from_the_first_snapshot_or_a_week():
    assert choose_window([], now=NOW, first_snapshot_at=ago(30)).since == ago(30)
    assert choose_window([], now=NOW).since == ago(7 * 24)
    assert choose_window([], now=NOW).since_basis is Basis.FIRST_SNAPSHOT


def test_a_window_does_not_end_before_it_begins():
    with pytest.raises(InvalidTime, match="--since"):
        choose_window([], now=NOW, since=ago(-1))
    with pytest.raises(InvalidTime) as refused:
        choose_window([], now=NOW, since=ago(1), until=ago(2))
    assert refused.value.hint == "exchange --since and --until"
    with pytest.raises(InvalidTime, match="onset"):
        choose_window([bad(5)], now=NOW, since=ago(1), until_basis=Basis.ONSET)
    assert choose_window([good(9), bad(5)], now=NOW, since=ago(1)).until == NOW
