"""A bank takes a system down on Sunday 02:00 to 04:00, and tells its customers: ahead, as it begins, when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from changelog_ledger import reports
from changelog_ledger.changes.announcement_texts import MARKDOWN, TEXTS, Moment
from changelog_ledger.changes.announcing import FIELDS, announcement
from changelog_ledger.model.change import Assessment, Change, Dependent, Status
from changelog_ledger.model.topology import Target
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.markdown import inline

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 12, 6, 1, 0, tzinfo=UTC)
BANK = Change(
    "CHG-7K3M9Q",
    "Core banking: database upgrade",
    Status.APPROVED,
    (Target.host("db-01"),),
    actor="alice",
    affects=(Target.service("online-banking"), Target.service("cards")),
    planned_start=SUNDAY,
    planned_end=SUNDAY + timedelta(hours=2),
    zone="Europe/Berlin",
    downtime=timedelta(minutes=90),
    contact="Service desk, +49 30 1234, help@bank.example",
    ticket="OPS-1142",
    reason="the old version leaks",
    assessment=Assessment(SUNDAY - timedelta(days=9), (Dependent(Target.service("atm"), 1, "bob"), Dependent(Target.host("app-02"), 1))),
)
STARTED = replace(BANK, status=Status.STARTED, started_at=SUNDAY + timedelta(minutes=2))
OVER = {
    status: replace(STARTED, status=status, finished_at=SUNDAY + timedelta(minutes=98), outcome=str(status))
    for status in (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK)
}
MESSAGES = {
    "before": (BANK, Moment.BEFORE),
    "start": (STARTED, Moment.START),
    "end": (OVER[Status.SUCCEEDED], Moment.END),
    "end-failed": (OVER[Status.FAILED], Moment.END),
    "end-rolled-back": (OVER[Status.ROLLED_BACK], Moment.END),
    "end-cancelled": (replace(BANK, status=Status.CANCELLED), Moment.END),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str, golden: Callable[[str, str], None]) -> None:
    change, moment = MESSAGES[name]
    golden(f"announce-{name}.txt", announcement(change, moment, TEXTS[moment], BERLIN, printable))
    golden(f"announce-{name}.md", announcement(change, moment, MARKDOWN[moment], BERLIN, inline))


def test_they_fit_into_a_mail() -> None:
    for change, moment in MESSAGES.values():
        assert all(len(line) <= 80 for line in announcement(change, moment, TEXTS[moment], BERLIN).splitlines())


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters() | st.sampled_from([*"`|<>&*_[]()#!\\\n-+1.", "\x1b", "\u202e"]), min_size=1, max_size=60))
def test_no_text_becomes_markup(text: str) -> None:
    hostile = replace(BANK, title=" ".join(text.split()), contact=text, ticket=text, description=text)
    said = announcement(hostile, Moment.BEFORE, MARKDOWN[Moment.BEFORE] + "\n$description\n", BERLIN, inline)
    inner = {child.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(said) for child in token.children or ()}
    assert inner <= {"text", "text_special", "strong_open", "strong_close", "code_inline", "softbreak"}
    assert "\x1b" not in said


def test_the_fields_are_listed_with_their_meaning() -> None:
    listed = reports.render_announcement_fields(FIELDS)
    assert all(f"${name} " in listed for name in FIELDS)
    assert all(len(line) <= 80 for line in listed.splitlines())
    assert reports.announcement_fields_document(FIELDS)["fields"] == dict(FIELDS)


def test_the_json_has_the_message() -> None:
    assert reports.announcement_document(BANK, "text\n") == {
        "schema": "changelog-ledger/announcement/1",
        "change": "CHG-7K3M9Q",
        "status": "approved",
        "text": "text\n",
    }
