"""``ledger recent``: for a terminal, a chat, a reader of feeds and a program."""

from __future__ import annotations

import re

import feedparser
import pytest

from ..workflows.world import HOST
from .conftest import Desk, day

SINCE = ("--since", day("09:30"), "--until", day("13:00"))


@pytest.fixture
def log(troubled: Desk) -> Desk:
    """With an edit of many lines of one file besides."""
    troubled.machine.write("/etc/app.ini", "[db]\n" + "".join(f"key{number} = {number}\n" for number in range(9)))
    troubled.snapshot("12:30")
    return troubled


def test_it_can_be_pasted_into_a_chat(log: Desk) -> None:
    """One line an entry, no colour, no line wider than 80 columns, in the order of time."""
    lines = log("recent", HOST, *SINCE).out.splitlines()
    assert lines[0] == "Mon 2 Jun 2025  (times +00:00)"
    entries = lines[1:-1]
    assert all(re.match(r"\d\d:\d\d  \S", line) and len(line) <= 80 for line in entries)
    assert [line[:5] for line in entries] == sorted(line[:5] for line in entries)
    assert any("UNLOGGED" in line and "differences in /etc/app.ini" in line for line in entries)
    assert any("succeeded" in line and "CHG-" in line for line in entries)


def test_folding_is_for_people_and_can_be_had_otherwise(log: Desk) -> None:
    whole = log("recent", HOST, *SINCE, "--all").out
    assert "differences in" not in whole
    assert "--all" in log("recent", HOST, *SINCE).out.splitlines()[-1]
    every = log("recent", HOST, *SINCE, "--json").json["entries"]
    folded = log("recent", HOST, *SINCE, "--json", "--fold").json["entries"]
    assert {entry["folded"] for entry in every} == {1}
    assert sum(entry["folded"] for entry in folded) == len(every) > len(folded)
    assert len(whole.splitlines()) == len(every) + 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--unlogged"], "UNLOGGED"),
        (["--kind", "mark"], "good"),
        (["--kind", "change", "--outcome", "succeeded"], "started"),
        (["--actor", "alex", "--kind", "change"], "succeeded"),
    ],
    ids=str,
)
def test_filters(log: Desk, asked: list[str], said: str) -> None:
    found = log("recent", HOST, *SINCE, *asked).out
    assert said in found
    assert len(found) < len(log("recent", HOST, *SINCE).out)


def test_what_fits_nothing_is_nothing(log: Desk) -> None:
    assert "Nothing was recorded" in log("recent", HOST, *SINCE, "--category", "storage").out
    assert "Nothing was recorded" in log("recent", HOST, *SINCE, "--outcome", "failed").out


@pytest.mark.parametrize("rendering", ["atom", "rss"])
def test_feeds(log: Desk, rendering: str) -> None:
    feed = feedparser.parse(log("recent", HOST, *SINCE, "--format", rendering).out)
    assert not feed.bozo
    assert len(feed.entries) == len(log("recent", HOST, *SINCE).out.splitlines()) - 2
    others = feedparser.parse(log("recent", HOST, *SINCE, "--format", rendering, "--unlogged").out)
    assert others.feed.title != feed.feed.title
    assert {entry.id for entry in others.entries} < {entry.id for entry in feed.entries}


def test_markdown(log: Desk) -> None:
    said = log("recent", HOST, *SINCE, "--format", "markdown").out
    assert re.search(r"^- \d\d:\d\d \*\*UNLOGGED\*\* on web-01: \d+ differences in `/etc/app.ini`", said, re.MULTILINE)


def test_the_format_json_is_the_option_json(log: Desk) -> None:
    assert log("recent", HOST, *SINCE, "--format", "json").json == log("recent", HOST, *SINCE, "--json").json


def test_an_unknown_filter_is_refused(log: Desk) -> None:
    log("recent", "--kind", "nonsense", code=2)
    log("recent", "--outcome", "nonsense", code=2)
