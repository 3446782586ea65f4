"""``ledger incident``: trouble from its opening to its end, as somebody types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .conftest import HOST, Desk, day
from .test_cli_spool import locked

ON = f"host:{HOST}"


def opened(desk: Desk, *options: str) -> str:
    """The id of an incident that began at 12:00."""
    answer = desk("incident", "open", "Shop answers 502", "--on", ON, "--detected", day("12:10"), *options)
    return re.findall(r"^(INC-\w{6})  Shop", answer.out)[0]


def test_from_the_opening_to_the_end(either_troubled: Desk) -> None:
    desk = either_troubled
    answer = desk("incident", "open", "Shop answers 502", "--on", ON, "--symptom", "502", "--impact", "high", "--detected", day("12:10"))
    identity = answer.out.split()[0]
    assert f"ledger what-changed {ON}" in answer.out
    assert f"ledger incident resolve {identity}" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
    assert desk("incident", "list", "--open", "--json").json["incidents"][0]["began_at"] == f"{day('12:00')[:-1]}:00Z", "the first bad mark"
    assert "is acknowledged" in desk("incident", "update", identity, "--acknowledged", day("12:15"), "--commander", "kim").out
    linked = desk("incident", "link", identity, "suspect:1", "--as", "confirmed").out
    assert re.match(r"suspect:1, which is (CHG|EV)-\w+ now, is confirmed in INC-", linked)
    change = desk("change", "list", "--json").json["changes"][0]["id"]
    desk("incident", "update", identity, "--path", "hotfix", "--fix", change, "--mitigated", day("12:40"))
    assert "is resolved" in desk("incident", "resolve", identity, "--at", day("12:50"), "--note", "put back").out
    shown = desk("incident", "show", identity[:7]).out
    for words in ("resolved, SEV1, priority 2, lasted 50 min", "Path       hotfix", f"Fix        {change}", "Commander  kim", "LINKED", "put back"):
        assert words in shown
    assert f"Incident   {identity} Shop answers 502 (" in desk("change", "show", change).out
    assert desk("change", "show", change, "--json").json["change"]["incidents"][0]["id"] == identity
    log = desk("recent", "--since", day("12:00"), "--kind", "incident").out
    assert re.findall(r"\d\d:\d\d  (\w+)", log) == ["opened", "mitigated", "resolved"]
    states = [line for line in desk("recent", "--since", day("11:30"), "--kind", "mark").out.splitlines() if line.startswith("12:")]
    assert [re.split(r"  +", line)[1] for line in states] == ["bad", "good"]
    assert identity in desk("search", "hotfix").out
    assert desk("show", identity, "--json").json["kind"] == "incident"
    assert desk("show", identity).out == desk("incident", "show", identity).out
    desk("verify")


def test_status_counts_what_is_open(troubled: Desk) -> None:
    assert "INCIDENT" not in troubled("status").out
    identity = opened(troubled)
    assert f"INCIDENT {identity} Shop answers 502, open, P3" in troubled("status").out
    assert [each["id"] for each in troubled("status", "--json").json["open_incidents"]] == [identity]


def test_what_was_linked_so_already_is_said(troubled: Desk) -> None:
    identity = opened(troubled)
    link = ("incident", "link", identity, "suspect:1", "--as", "confirmed", "--because", "put back")
    first = troubled(*link).out
    assert "already" not in first
    which = re.match(r"suspect:1, which is \S+ now, is confirmed in INC-\w{6}", first)
    assert which
    assert troubled(*link[:-2]).out == f"{which[0]} already\n"
    assert "suspect:1" in troubled.refused("incident", "link", identity, "suspect:0", "--as", "confirmed")


def test_a_fix_that_ended_before_the_trouble_is_warned_of(troubled: Desk) -> None:
    change = troubled("change", "log", "Old work", "--on", HOST, "--at", day("09:00"), "--until", day("09:30")).out.split()[0]
    identity = opened(troubled)
    said = f"{change} ended at Mon 2 Jun 2025 09:30:00 +00:00, before {identity} began at Mon 2 Jun 2025 12:00:00 +00:00: it can hardly be the fix"
    for words in (("link", identity, change, "--as", "fix"), ("update", identity, "--fix", change), ("resolve", identity, "--by", change)):
        assert said in troubled("incident", *words).err
    assert "ended before the trouble began" in troubled("incident", "review", identity).out
    assert troubled("incident", "link", identity, change, "--as", "cleared").err == ""


def test_what_is_out_of_order_is_refused_with_the_way_to_correct_it(troubled: Desk) -> None:
    identity = opened(troubled)
    troubled("incident", "update", identity, "--acknowledged", day("12:30"))
    refused = troubled.refused("incident", "update", identity, "--mitigated", day("12:20"))
    assert f"or correct the other first: ledger incident update {identity} --acknowledged TIME" in refused
    troubled("incident", "update", identity, "--acknowledged", day("12:15"))
    troubled("incident", "update", identity, "--mitigated", day("12:20"))


def test_after_its_end_nothing_has_changed_and_nobody_complains(troubled: Desk) -> None:
    identity = opened(troubled)
    troubled("incident", "resolve", identity)
    said = troubled("what-changed", ON).out
    assert said.startswith("NOTHING CHANGED THAT THE RECORD COULD SEE\nit was seen working, and nobody has marked it bad since")
    assert f"ledger incident review {identity}" in said
    assert "such cases" not in said
    troubled("bad", ON, "--symptom", "again")
    assert troubled("what-changed", ON).out.startswith("NOTHING IN THE RECORD EXPLAINS THIS")


def test_a_title_in_the_list_is_whole(troubled: Desk) -> None:
    title = "Customers cannot log in to the portal since the night of the release"
    troubled("incident", "open", title, "--on", ON, "--detected", day("12:10"))
    said = troubled("incident", "list").out
    assert title in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80


def test_it_is_pointed_at_that_it_came_back(troubled: Desk) -> None:
    identity = opened(troubled)
    troubled("incident", "resolve", identity, "--at", day("13:00"))
    assert "--reopen" not in troubled("incident", "show", identity).out
    troubled("bad", ON, "--at", day("14:00"), "--symptom", "again")
    assert "--reopen" in troubled("incident", "show", identity).out
    assert troubled("incident", "show", identity, "--json").json["incident"]["came_back"]["symptom"] == "again"
    troubled("incident", "update", identity, "--reopen", "--because", "again")
    assert troubled("incident", "show", identity, "--json").json["incident"]["state"] == "open"


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "INC-ZZZZZZ"),
        ("show", "INC-"),
        ("open", "x", "--on", "host:nowhere"),
        ("open", "x", "--on", HOST, "--began", "2h", "--detected", "3h"),
        ("open", " ", "--on", HOST),
        ("list", "--on", "nowhere"),
    ],
)
def test_what_is_refused(desk: Desk, arguments: tuple[str, ...]) -> None:
    desk.refused("incident", *arguments)


def test_what_is_refused_of_one(troubled: Desk) -> None:
    identity = opened(troubled)
    for arguments in (
        ("update", identity),
        ("update", identity, "--mitigated", day("11:00")),
        ("update", identity, "--fix", "CHG-ZZZZZZ"),
        ("link", identity, "suspect:99", "--as", "confirmed"),
        ("link", identity, "EV-ZZZZZZZZZZ", "--as", "cleared"),
        ("resolve", identity, "--at", day("11:00")),
        ("update", identity, "--reopen", "--because", "x"),
    ):
        troubled.refused("incident", *arguments)


@pytest.mark.parametrize(
    "arguments", [("--reopen",), ("--because", "x"), ("--reopen", "--because", "x", "--title", "y"), ("--impact", "vast"), ("--path", "prayer")]
)
def test_how_it_is_not_typed(troubled: Desk, arguments: tuple[str, ...]) -> None:
    troubled("incident", "update", opened(troubled), *arguments, code=2)


def test_what_somebody_typed_harms_no_terminal(troubled: Desk) -> None:
    hostile = "a\x1b[31mb\u202ec"
    answer = troubled("incident", "open", hostile, "--on", ON, "--symptom", hostile, "--commander", hostile)
    identity = answer.out.split()[0]
    shown = "".join(
        troubled(*arguments).out
        for arguments in (
            ("incident", "link", identity, hostile, "--as", "related", "--because", hostile),
            ("incident", "update", identity, "--note", hostile),
            ("incident", "show", identity),
            ("incident", "list"),
            ("status",),
            ("recent",),
            ("show", identity, "--json"),
        )
    )
    assert "\x1b" not in answer.out + shown
    assert "\u202e" not in answer.out + shown


def test_while_the_ledger_is_away(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    toml = desk.home / "ledger.toml"
    toml.write_text("patience = 0.3\nlock_timeout = 0.3\n" + toml.read_text())
    with locked(desk):
        answer = desk("incident", "open", "It is down", "--on", HOST, code=75)
        identity = answer.out.strip()
        assert re.fullmatch(r"INC-\w{6}", identity)
        assert "recorded to the spool" in answer.err
        desk("incident", "update", identity, "--note", "called the provider", code=75)
        desk("incident", "update", identity, "--impact", "high", code=4)
        assert re.findall(r"(open INC-\w+ It is down|bad web-01|note INC-\w+)", desk("spool", "list").out) == [
            f"open {identity} It is down",
            "bad web-01",
            f"note {identity}",
        ]
    merged = desk("incident", "show", identity, "--json").json["incident"]
    assert (merged["on"], [note["text"] for note in merged["notes"]]) == ([ON], ["called the provider"])


def test_an_export_reads_back(troubled: Desk, tmp_path: Path) -> None:
    identity = opened(troubled, "--ref", "PD-1")
    lines = [json.loads(line) for line in troubled("export").out.splitlines()]
    (line,) = [line for line in lines if line["kind"] == "incident"]
    assert (line["id"], line["ref"], line["on"]) == (identity, "PD-1", [ON])
    (tmp_path / "all.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert troubled("import", str(tmp_path / "all.jsonl"), "--json").json["recorded"] == 0
