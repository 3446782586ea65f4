"""The time axis: round ticks from seconds to years, well-formed pictures, whatever titles say."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger import reports
from changelog_ledger.model.report import Report
from changelog_ledger.reports.html_axis import time_axis
from changelog_ledger.reports.html_ticks import ticks, zone_words

from . import built

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 11, 17, 12, 58, 30, tzinfo=UTC)


def words(span: timedelta, begin: datetime = MOMENT) -> list[str]:
    return [" ".join(filter(None, [tick.words, tick.below])) for tick in ticks(begin, begin + span, BERLIN, 6)]


@pytest.mark.parametrize(
    ("span", "first"),
    [
        (timedelta(seconds=20), ["13:58:30 Tue 17 Nov", "13:58:35"]),
        (timedelta(minutes=20), ["14:00 Tue 17 Nov", "14:05"]),
        (timedelta(hours=15), ["15:00 Tue 17 Nov", "18:00"]),
        (timedelta(days=5), ["18 Nov 2026", "19 Nov"]),
        (timedelta(days=60), ["23 Nov 2026", "7 Dec"]),
        (timedelta(days=150), ["Dec 2026", "Jan 2027"]),
        (timedelta(days=365 * 4), ["Jan 2027", "Jan 2028"]),
    ],
    ids=["seconds", "minutes", "hours", "days", "weeks", "months", "years"],
)
def test_ticks_fit_the_span(span: timedelta, first: list[str]) -> None:
    assert words(span)[:2] == first


def test_midnight_says_which_day_begins() -> None:
    assert "00:00 Wed 18 Nov" in words(timedelta(hours=15))


def test_days_stay_at_midnight_over_a_clock_change() -> None:
    begin = datetime(2026, 10, 23, tzinfo=UTC)
    local = [tick.at.astimezone(BERLIN) for tick in ticks(begin, begin + timedelta(days=5), BERLIN, 6)]
    assert {(each.hour, each.minute) for each in local} == {(0, 0)}
    assert zone_words(begin, begin + timedelta(days=5), BERLIN) == "times in +02:00, at the end +01:00"


@given(st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)), st.integers(1, 10**9), st.integers(3, 9), st.integers(-14, 14))
def test_ticks_lie_within_in_order_and_are_not_too_many(begin: datetime, seconds: int, most: int, ahead: int) -> None:
    start = begin.replace(tzinfo=UTC)
    end = start + timedelta(seconds=seconds)
    at = [tick.at for tick in ticks(start, end, timezone(timedelta(hours=ahead)), most)]
    assert at == sorted(set(at))
    assert all(start <= each <= end for each in at)
    assert len(at) <= most + 2


def pictures(report: Report) -> list[ElementTree.Element]:
    """Both pictures, as a strict parser reads them."""
    return [ElementTree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", time_axis(report, BERLIN), re.DOTALL)]


@pytest.mark.parametrize("name", sorted(built.REPORTS))
def test_both_pictures_are_well_formed_and_have_words(name: str) -> None:
    found = pictures(built.REPORTS[name]())
    assert [each.get("class") for each in found] == ["wide", "narrow"]
    for each in found:
        title, description = each.find("title"), each.find("desc")
        assert title is not None
        assert description is not None
        assert each.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert "axis" in (description.text or "")


@pytest.mark.parametrize("title", ["</svg><script>alert(1)</script>", "\u202egnp.exe", "x" * 10_000, "設" * 10_000, "&amp;<![CDATA[", "\ud800\x00"])
def test_titles_of_others_stay_titles(title: str) -> None:
    report = built.clear()
    evidence = tuple(replace(piece, summary=title) for piece in report.evidence)
    changes = tuple(replace(change, title=title) for change in report.changes)
    report = replace(report, evidence=evidence, changes=changes)
    assert len(pictures(report)) == 2
    assert len(time_axis(report, BERLIN)) < 60_000
    page = reports.render_html(report)
    assert "<script" not in page
    assert "\u202e" not in page


def test_what_lies_close_together_is_one_mark_with_its_number() -> None:
    wide = time_axis(built.clear(), BERLIN)
    assert ">×30</text>" in wide
    assert wide.count("<path") < 10


def test_what_was_planned_looks_different_from_what_was_made() -> None:
    axis = time_axis(built.clear(), BERLIN)
    assert axis.count('class="planned"') == 2, "once in each picture"
    assert axis.count('class="made"') == 8
    assert "✗ onset" in axis
    assert "✓ last good" in axis


def test_the_first_suspects_have_their_number_on_the_axis() -> None:
    wide, _ = pictures(built.clear())
    labels = {text.text for text in wide.iter("text") if text.get("class") == "rank"}
    assert {"1", "2 ×3", "3"} <= labels


def test_the_names_of_the_lanes_have_room_beside_them() -> None:
    """Of 13 px none of the usual fonts takes more than 8 units a letter."""
    wide, _ = pictures(built.nothing_found())
    names = [text for text in wide.iter("text") if text.get("class") == "lane"]
    assert "explained edits: none" in [text.text for text in names]
    assert all(float(text.get("x", "0")) >= 8 * len(text.text or "") for text in names)


def test_a_window_of_no_length_has_a_picture() -> None:
    report = built.nothing_found()
    assert pictures(replace(report, window=replace(report.window, until=report.window.since)))
