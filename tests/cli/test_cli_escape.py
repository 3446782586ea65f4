"""Titles, paths and values come from hosts and people; none of them may speak to the terminal."""

from __future__ import annotations

import json
import re

import pytest

from ..workflows.world import HOST, START
from .conftest import Desk, day

ESCAPE, BIDI, BELL = "\x1b[2J\x1b[31m", "\u202e", "\x07"
EVIL = f"Update{ESCAPE}{BIDI}gpj.exe{BELL}\u2028\u200b\x9b"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@pytest.fixture
def hostile(desk: Desk) -> Desk:
    """A title, a note, a symptom, a path, a key and a value, each with an escape sequence and a right-to-left override in it."""
    desk.machine.write("/etc/app.ini", "[db]\nhost = db-01\n")
    desk.snapshot("10:00", "--reason", EVIL)
    desk("good", HOST, "--at", day("10:01"), "--source", EVIL)
    change = desk("change", "plan", EVIL, "--on", HOST, "--reason", EVIL, "--item", EVIL, "--backout", EVIL, "--ticket", EVIL).out.strip()
    desk("change", "start", change, "--at", day("10:10"), "--note", EVIL)
    late = START.replace(hour=10, minute=11)
    desk.machine.write("/etc/app.ini", f"[db]\nhost = {EVIL}\nke{BIDI}y = {ESCAPE}\n", at=late)
    desk.machine.write(f"/etc/na{ESCAPE}{BIDI}me.conf", f"title = {EVIL}\n", at=late)
    desk("change", "fail", change, "--at", day("10:20"), "--note", EVIL)
    desk.snapshot("10:30")
    desk("observe", EVIL, "--on", HOST, "--kind", f"no{BELL}te", "--at", day("10:40"), "--data", f"k={EVIL}")
    desk("bad", HOST, "--at", day("11:00"), "--symptom", EVIL)
    return desk


@pytest.mark.parametrize(
    "command",
    [
        ["what-changed", HOST],
        ["what-changed", HOST, "--format", "markdown"],
        ["what-changed", HOST, "--format", "html"],
        ["recent", HOST, "--since", day("09:00")],
        ["drift", HOST],
        ["diff", HOST],
        ["status"],
        ["snapshots", HOST],
        ["change", "list"],
        ["change", "show", "CHANGE"],
        ["cat", HOST, "/etc/"],
        ["host", "show", HOST],
    ],
    ids=" ".join,
)
def test_nothing_raw_reaches_stdout(hostile: Desk, command: list[str]) -> None:
    (change,) = hostile("change", "list", "--json").json["changes"]
    answer = hostile(*[change["id"] if word == "CHANGE" else word for word in command])
    assert answer.out
    assert not RAW.findall(answer.out), ascii(answer.out)


@pytest.mark.parametrize(
    "command",
    [["what-changed", HOST], ["recent", HOST, "--since", day("09:00")], ["diff", HOST], ["change", "list"], ["snapshots", HOST]],
    ids=" ".join,
)
def test_json_stays_valid_harmless_and_true(hostile: Desk, command: list[str]) -> None:
    """Escaped in JSON's own way, so that a program reads exactly what was written."""
    answer = hostile(*command, "--json")
    assert not RAW.findall(answer.out), ascii(answer.out)
    meant = json.dumps(answer.json, ensure_ascii=False)
    assert BIDI in meant
    assert "\\u001b[2J" in meant


def test_the_reader_sees_that_something_is_hidden_there(hostile: Desk) -> None:
    text = hostile("diff", HOST).out
    assert "\\x1b" in text
    assert "\\u202e" in text


def test_an_error_that_quotes_what_was_typed_is_harmless_too(hostile: Desk) -> None:
    for arguments in (
        ["what-changed", f"host:{EVIL}"],
        ["snapshots", EVIL],
        ["change", "show", EVIL],
        ["good", HOST, "--at", EVIL],
        ["cat", HOST, EVIL],
    ):
        assert not RAW.findall(hostile.refused(*arguments)), arguments


def test_a_title_of_several_lines_is_one_line(desk: Desk) -> None:
    change = desk("change", "plan", "first\nledger: all is well\n", "--on", HOST).out.strip()
    assert desk("change", "show", change, "--json").json["change"]["title"] == "first ledger: all is well"
