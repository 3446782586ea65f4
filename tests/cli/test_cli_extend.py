"""``ledger change extend``."""

from __future__ import annotations

import pytest

from .conftest import HOST, Desk


@pytest.fixture
def change(desk: Desk) -> str:
    """A change under way."""
    desk("host", "add", "db-01")
    change = desk("change", "plan", "Raise worker limit", "--on", HOST, "--path", "/etc/nginx/**", "--backout", "put 4 back").out.strip()
    desk("change", "start", change)
    return change


def test_it_says_what_was_added(desk: Desk, change: str) -> None:
    answer = desk("change", "extend", change, "--on", "db-01", "--path", "/etc/haproxy/**", "--because", "the limit is set there too")
    assert answer.out == f"{change} is extended: added: host:db-01, /etc/haproxy/** (the limit is set there too)\n"
    shown = desk("change", "show", change).out
    assert "On         web-01, db-01\n" in shown
    assert "Paths      /etc/nginx/**, /etc/haproxy/**\n" in shown
    assert "extended" in shown


def test_and_that_nothing_was(desk: Desk, change: str) -> None:
    before = desk("status", "--json").json["facts"]
    answer = desk("change", "extend", change, "--on", HOST, "--path", "/etc/nginx/**")
    assert answer.out == f"{change} covers that already, nothing was recorded: Raise worker limit\n"
    assert desk("status", "--json").json["facts"] == before


def test_one_that_was_started_without_a_plan_is_given_an_end(desk: Desk, change: str) -> None:
    answer = desk("change", "extend", change, "--for", "2h", "--json")
    document = answer.json["change"]
    assert document["planned_start"] is None
    assert document["planned_end"] is not None
    assert document["notes"][-1]["step"] == "extended"
    assert "\nPlanned    to " in desk("change", "show", change).out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nothing is said to extend the change by"),
        (["--on", "nowhere"], "there is no host or service nowhere"),
        (["--path", "../x"], "holds '..'"),
        (["--end", "2h"], "has passed"),
        (["--for", "soon"], "soon"),
        (["--end", "2999-01-01T00:00Z"], ""),
        (["--for", "999999999w"], ""),
    ],
)
def test_bad_input(desk: Desk, change: str, options: list[str], said: str) -> None:
    assert said in desk.refused("change", "extend", change, *options)


def test_a_change_without_paths_is_not_narrowed(desk: Desk) -> None:
    change = desk("change", "plan", "Anything", "--on", HOST).out.strip()
    assert "it covers every path already" in desk.refused("change", "extend", change, "--path", "/etc/hosts")


def test_what_was_approved_needs_a_reason(desk: Desk) -> None:
    desk("host", "add", "db-01")
    change = desk("change", "plan", "Raise", "--on", HOST, "--impact", "high", "--backout", "back").out.strip()
    desk("change", "approve", change)
    said = desk.refused("change", "extend", change, "--on", "db-01")
    assert "it was approved by alex, but not for host:db-01" in said
    assert "--override REASON" in said
    answer = desk("change", "extend", change, "--on", "db-01", "--override", "both or none")
    assert answer.err == "warning: it was approved by alex, but not for host:db-01 (overridden: both or none)\n"
    assert "approved-as-it-is" in desk("change", "show", change).out
    assert "more than was approved" in desk("recent").out


def test_a_finished_one_is_refused(desk: Desk, change: str) -> None:
    desk("change", "finish", change, "--note", "done")
    assert "hint: plan a new one: ledger change plan" in desk.refused("change", "extend", change, "--on", "db-01")


def test_while_the_database_is_locked_it_says_so_and_spools_nothing(desk: Desk, change: str) -> None:
    settings = desk.home / "ledger.toml"
    settings.write_text("lock_timeout = 0.2\n" + settings.read_text())
    import sqlite3

    with sqlite3.connect(desk.home / "ledger.db") as holder:
        holder.execute("BEGIN EXCLUSIVE")
        answer = desk("change", "extend", change, "--on", "db-01", code=4)
    assert "is locked by another process" in answer.err
    assert desk("spool", "list", "--json").json["waiting"] == []
