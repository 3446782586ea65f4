"""The root cause analysis as people read it: compared with files that a person has looked at, and harmless whatever it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from changelog_ledger import reports
from changelog_ledger.model.incident import LinkKind, OpenAction
from changelog_ledger.reports import Style
from changelog_ledger.reports.incident_status import needed_actions

from .built_incident import ACCOUNTS, FULL, HOSTILE, INCIDENT, UNKNOWN

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


def test_overdue_actions_come_first_and_one_by_one() -> None:
    found = [OpenAction(INCIDENT.id, INCIDENT.title, action) for action in INCIDENT.open_actions]
    assert list(needed_actions(found, date(2026, 11, 26))) == [
        ("OVERDUE", "INC-7K3M9Q 1. alarm on the pool (bo, due 2026-11-25)"),
        ("ACTION", "INC-7K3M9Q 2. write the pool's size down (kim, due 2026-12-15)"),
    ]
    assert [word for word, _ in needed_actions(found, date(2026, 11, 25))] == ["ACTION"]
