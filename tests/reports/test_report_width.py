"""No line is wider than the terminal, and colour adds nothing but colour."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from changelog_ledger import reports
from changelog_ledger.reports import Style
from changelog_ledger.reports.layout import Span, flow, line, shortened, shortened_middle, written

from . import built
from .test_report_golden import lists

ANSI = re.compile(r"\x1b\[[0-9;]*m")
AWKWARD = st.text(
    st.sampled_from([*"ab /\\x1\n\t", "\x1b", "\u202e", "設", "\u0301", "\u200d", "\ufe0f", "\u3000", "\udc80", "👍"]) | st.characters(),
    max_size=150,
)


def texts(style: Style) -> dict[str, str]:
    found = {name: reports.render_text(make(), style) for name, make in built.REPORTS.items()}
    found |= {f"{name}-explained": reports.render_text(make(), style, explain=True) for name, make in built.REPORTS.items()}
    found["hostile-change"] = reports.render_change(built.HOSTILE_CHANGE, style, built.NOW)
    found["hostile-changes"] = reports.render_changes([built.HOSTILE_CHANGE], style, built.NOW)
    found["hostile-evidence"] = reports.render_evidence(built.hostile().evidence, style)
    return {**found, **lists(style)}


def too_wide(text: str, width: int) -> list[str]:
    return [each for each in text.split("\n") if cell_len(each) > width]


@pytest.mark.parametrize("width", [40, 41, 47, 63, 80, 81, 120, 200])
def test_no_line_of_any_text_exceeds_the_width(width: int) -> None:
    for name, text in texts(Style.plain(width)).items():
        assert not too_wide(text, width), name


def test_coloured_text_is_the_plain_text_with_colour() -> None:
    for width in (40, 80):
        plain, coloured = texts(Style.plain(width)), texts(Style(True, width, UTC))
        for name, text in coloured.items():
            assert ANSI.search(text), name
            assert ANSI.sub("", text) == plain[name], name


@settings(max_examples=60, deadline=None)
@given(AWKWARD, AWKWARD, st.integers(40, 130))
def test_any_text_anywhere_stays_within_the_width(one: str, two: str, width: int) -> None:
    piece = built.config("EV-A", built.WEB, "/" + one, two, one + two, two + one, note=one, actor=two)
    suspect = replace(built.UNLOGGED, title=one, evidence=("EV-A",), reasons=(built.Reason("a", 0.1, two),))
    report = replace(built.s3(), evidence=(piece,), suspects=(suspect,), symptom=two, warnings=(built.Caveat("w", one),))
    style = Style.plain(width)
    text = reports.render_text(report, style) + reports.render_evidence([piece], style)
    assert not too_wide(text, width)
    assert all(character == "\n" or ord(character) > 31 for character in text)
    text.encode()


@settings(max_examples=100, deadline=None)
@given(AWKWARD, st.integers(18, 60))
def test_wrapping_loses_no_visible_character(text: str, width: int) -> None:
    shown = reports.printable(text)
    wrapped = written(flow(line(Span(shown)), width, hang=4), Style.plain(60))
    assert "".join(wrapped.split()) == "".join(shown.split())
    assert not too_wide(wrapped, width)


@given(AWKWARD, st.integers(3, 60))
def test_shortened_text_fits_and_never_cuts_an_escape(text: str, room: int) -> None:
    shown = reports.printable(text.replace("\\", ""))
    for short in (shortened(shown, room), shortened_middle(shown, room)):
        assert cell_len(short) <= room
        remainder = re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[nrt])", "", short)
        assert "\\" not in remainder


def test_warnings_come_before_all_else_but_the_verdict() -> None:
    text = reports.render_text(built.warned())
    assert text.index("WARNING") < text.index("SUSPECTS") < text.index("Window")
    assert text.count("WARNING") == 3


def test_a_cut_list_says_how_many_more_and_how_to_see_them() -> None:
    assert "… 190 more suspects: ledger what-changed web-03 --limit 200, or --format" in reports.render_text(built.crowded())
    everything = reports.render_text(built.crowded(200))
    assert "more suspects" not in everything
    assert "200. " in everything


def test_nothing_found_says_what_could_not_be_seen() -> None:
    text = reports.render_text(built.nothing_found())
    assert "Nothing in the record changed" in text
    assert "could not read /etc/shadow" in text
    assert "It cannot see hardware" in text


def test_values_that_begin_alike_show_where_they_differ() -> None:
    piece = built.config("EV-A", built.WEB, "/etc/a", "k", "x" * 500 + "old", "x" * 500 + "new")
    text = reports.render_evidence([piece])
    assert "xxxold" in text
    assert "xxxnew" in text


def test_megabytes_are_cut_soon() -> None:
    piece = built.config("EV-A", built.WEB, "/etc/a", "k" * 10**6, "設" * 10**6, None)
    assert len(reports.render_evidence([piece])) < 10_000
    assert len(reports.render_html(replace(built.s3(), evidence=(piece,)))) < 100_000
