"""The root cause analysis as people read it: compared with files that a person has looked at, and harmless whatever it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from changelog_ledger import reports
from changelog_ledger.model.change import Note, Status
from changelog_ledger.model.incident import Action, LinkKind, Moment, MomentKind, OpenAction
from changelog_ledger.reports import Style
from changelog_ledger.reports.incident_status import needed_actions

from .built import OVERVIEW
from .built_incident import ACCOUNTS, FULL, HOSTILE, INCIDENT, NOON, UNKNOWN, at

BERLIN = ZoneInfo("Europe/Berlin")
Golden = Callable[[str, str], None]


@pytest.mark.parametrize("name", ACCOUNTS)
def test_markdown(name: str, golden: Golden) -> None:
    golden(f"incident-review-{name}.md", reports.render_review_markdown(ACCOUNTS[name], BERLIN))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_text(name: str, golden: Golden) -> None:
    golden(f"incident-review-{name}.txt", reports.render_review_text(ACCOUNTS[name], Style.plain(80, BERLIN)))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_html(name: str, golden: Golden) -> None:
    golden(f"incident-review-{name}.html", reports.render_review_html(ACCOUNTS[name], BERLIN))


def test_json(golden: Golden) -> None:
    golden("incident-account.json", reports.dump(reports.incident_account_document(FULL)))


def test_timeline(golden: Golden) -> None:
    golden("incident-timeline.txt", reports.render_timeline(FULL, Style.plain(80, BERLIN)))


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert max(map(cell_len, reports.render_review_text(ACCOUNTS[name], Style.plain(width, BERLIN)).splitlines())) <= width


def test_a_page_needs_nothing_else_and_runs_nothing() -> None:
    page = reports.render_review_html(ACCOUNTS["hostile"], BERLIN)
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)\s*=|@import|url\(""", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("written", [reports.render_review_text, reports.render_review_markdown, reports.render_review_html])
def test_nothing_is_hidden_in_it(written: Callable[..., str]) -> None:
    said = written(ACCOUNTS["hostile"])
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert HOSTILE not in said


def test_a_table_of_markdown_keeps_its_columns_whatever_stands_in_it() -> None:
    rows = [line for line in reports.render_review_markdown(ACCOUNTS["hostile"]).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


def test_what_is_not_known_is_said_with_the_way_to_say_it() -> None:
    said = reports.render_review_markdown(UNKNOWN)
    for words in ("What set it off is not known.", "It is not over.", "no suspect was confirmed", "Nothing is recorded.", "None is recorded."):
        assert words in said
    for option in ("--summary TEXT", "--trigger TEXT", "--cause TEXT", "--worked TEXT", "--as confirmed", "--kind KIND", "--fix CHG-…"):
        assert f"{option}`" in said or option in said


def test_what_was_said_takes_the_place_of_what_was_composed() -> None:
    said = reports.render_review_markdown(replace(FULL, incident=replace(INCIDENT, summary="The pool was too small.")))
    assert "## Summary\n\nThe pool was too small.\n\n## Impact" in said


def test_it_judges_nobody() -> None:
    said = " ".join(reports.render_review_text(account) for account in ACCOUNTS.values()).lower()
    assert not re.search(r"\b(fault|blame|careless|mistake|guilty|should have|wrong|failed to)\b", said)


def test_a_suspect_that_retention_dropped_is_said_to_be_gone() -> None:
    gone = replace(FULL, evidence=(), incident=replace(INCIDENT, links=INCIDENT.links_of(LinkKind.CONFIRMED)))
    assert "not in the record any more" in reports.render_review_text(gone)


AHEAD, BEHIND = timezone(timedelta(hours=13)), timezone(timedelta(hours=-11))
DUE = replace(INCIDENT, actions=(Action(1, "alarm", "bo", NOON.date()), Action(2, "tell support", done_at=at(0), done_by="bo")))


@pytest.mark.parametrize(
    ("zone", "minutes", "overdue", "done"),
    [
        pytest.param(AHEAD, 0, True, "2026-11-25", id="there it is the day after"),
        pytest.param(AHEAD, -120, False, "2026-11-25", id="not yet"),
        pytest.param(BEHIND, 1379, False, "2026-11-24", id="there it is the day itself"),
        pytest.param(BEHIND, 1380, True, "2026-11-24", id="there it is over"),
        pytest.param(UTC, 720, True, "2026-11-24", id="UTC"),
    ],
)
def test_a_day_is_one_of_the_readers_zone(zone: tzinfo, minutes: int, overdue: bool, done: str) -> None:
    now, style = at(minutes), Style.plain(80, zone)
    review = reports.render_review_text(replace(FULL, incident=DUE, made_at=now), style)
    listed = reports.render_incidents([DUE], style, now)
    status = reports.render_status(replace(OVERVIEW, made_at=now, open_actions=(OpenAction(DUE.id, DUE.title, DUE.actions[0]),)), style)
    assert [("OVERDUE" in said) for said in (review, listed, status)] == [overdue] * 3
    assert f"done {done} by bo" in review


def test_the_time_in_which_it_was_over_does_not_count() -> None:
    notes = (Note(at(50), "kim", "", "resolved"), Note(at(130), "kim", "502 again", "reopened"), Note(at(180), "kim", "", "resolved"))
    again = replace(INCIDENT, mitigated_at=None, resolved_at=at(180), notes=notes)
    for written in (reports.render_review_markdown, reports.render_review_html, reports.render_review_text):
        said = " ".join(written(replace(FULL, incident=again)).split())
        assert "Users were affected for 1 h 40 min, without 1 h 20 min in which they could work before it was reopened: from" in said
    assert "of which users were affected 1 h 40 min" in " ".join(reports.render_incident(again, Style.plain(), NOON).split())
    still = replace(again, resolved_at=None, notes=notes[:2])
    assert "They could work in between: from" in reports.render_review_markdown(replace(FULL, incident=still))


def test_a_line_end_ends_a_paragraph() -> None:
    said = replace(FULL, incident=replace(INCIDENT, summary="One.\r\n\nTwo.", trigger="a\nb", causes=("c\nd",), worked=("e\nf",)))
    assert "One.\n\nTwo.\n" in reports.render_review_markdown(said)
    assert "- c d\n" in reports.render_review_markdown(said)
    assert "  One.\n\n  Two.\n" in reports.render_review_text(said)
    assert "<p>One.</p>\n<p>Two.</p>" in reports.render_review_html(said)
    assert not any("\\n" in written(said) for written in (reports.render_review_markdown, reports.render_review_text, reports.render_review_html))


def test_what_is_too_long_for_a_page_is_cut_and_says_so() -> None:
    long = "word " * 200_000
    moment = Moment(at(10), MomentKind.TOLD, long, None, "alex", "investigating")
    said = replace(FULL, timeline=(moment,), incident=replace(INCIDENT, summary=long, causes=(long,), told=()))
    for written in (reports.render_review_text, reports.render_review_markdown, reports.render_review_html, reports.render_timeline):
        page = written(said)
        assert len(page) < 60_000
        assert "more characters: in JSON it is whole" in " ".join(page.split())


def test_overdue_actions_come_first_and_one_by_one() -> None:
    found = [OpenAction(INCIDENT.id, INCIDENT.title, action) for action in INCIDENT.open_actions]
    assert list(needed_actions(found, date(2026, 11, 26))) == [
        ("OVERDUE", "INC-7K3M9Q 1. alarm on the pool (bo, due 2026-11-25)"),
        ("ACTION", "INC-7K3M9Q 2. write the pool's size down (kim, due 2026-12-15)"),
    ]
    assert [word for word, _ in needed_actions(found, date(2026, 11, 25))] == ["ACTION"]


def test_of_what_users_were_told_the_timeline_has_what_it_says() -> None:
    text = "Investigating: shop\n\nWe are looking into it.\n\nSince:     Tuesday\nReference: INC-7K3M9Q\n"
    said = reports.render_timeline(replace(FULL, timeline=(Moment(at(10), MomentKind.TOLD, text, None, "alex"),)), Style.plain(120))
    assert "users were told: Investigating: shop. We are looking into it. … — alex" in said


def test_when_it_was_reviewed_and_written_is_said_once() -> None:
    def head(minutes: float) -> str:
        account = replace(FULL, incident=replace(INCIDENT, reviewed_at=at(minutes)), made_at=at(2880))
        return reports.render_review_markdown(account).splitlines()[2]

    assert head(2880) == "- **Root cause analysis:** reviewed Thu 26 Nov 2026 12:00 +00:00"
    assert head(2000).endswith("reviewed Wed 25 Nov 2026 21:20 +00:00, as of Thu 26 Nov 2026 12:00 +00:00")


def test_a_fix_that_ended_before_the_trouble_is_no_likely_one() -> None:
    early = replace(FULL, changes=(replace(FULL.changes[0], started_at=at(-30), finished_at=at(-20)),))
    words = "it ended before the trouble began, and can hardly be what helped"
    assert words in reports.render_review_markdown(early)
    assert words not in reports.render_review_markdown(FULL)
    taken_back = replace(early, changes=(replace(early.changes[0], status=Status.ROLLED_BACK),))
    assert words not in reports.render_review_markdown(taken_back)
