"""``change check``, ``waive``, ``reopen``, ``add-item``, ``prove``, and the options of ``plan`` that belong to them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from .conftest import HOST, Desk, day


def planned(desk: Desk, *options: str) -> str:
    return desk("change", "plan", "Move the interface", "--on", HOST, *options).out.strip()


def items(desk: Desk, change: str) -> list[tuple[str, str, str | None]]:
    return [(item["text"], item["state"], item["because"]) for item in desk("change", "show", change, "--json").json["change"]["items"]]


def test_the_list_is_worked_through(either_desk: Desk) -> None:
    desk = either_desk
    change = planned(desk, "--item", "servers", "--item", "DNS: change the names")
    assert desk("change", "check", change, "serv", "--because", "both moved").out == f"ticked: servers\n{change}: 1 of 2 items open: DNS\n"
    assert desk("change", "check", change, "1").out == f"ticked already: servers (both moved)\n{change}: 1 of 2 items open: DNS\n"
    assert (
        desk("change", "waive", change, "2", "--because", "no names").out
        == f"waived: DNS: change the names\n{change}: nothing open on its checklist\n"
    )
    ticked = desk("change", "check", change, "2", "--because", "moved").out
    assert ticked == f"ticked: DNS: change the names; it was waived (no names)\n{change}: nothing open on its checklist\n"
    reopened = desk("change", "reopen", change, "dns").out
    assert reopened == f"open: DNS: change the names; it was ticked (moved)\n{change}: 1 of 2 items open: DNS\n"
    assert desk("change", "add-item", change, "standby", "--proved-by", "/etc/standby/**").out == f"{change}: 2 of 3 items open: DNS, standby\n"
    assert items(desk, change) == [("servers", "done", "both moved"), ("DNS: change the names", "open", None), ("standby", "open", None)]
    shown = desk("change", "show", change).out
    assert "CHECKLIST  2 of 3 items open" in shown
    assert "  1. [x] servers, both moved\n  2. [ ] DNS: change the names\n  3. [ ] standby\n" in shown


def test_bad_input_says_what_to_do_and_records_nothing(desk: Desk) -> None:
    change = planned(desk, "--item", "servers", "--item", "server room", "--item", "by hand")
    assert "fits several items" in desk.refused("change", "check", change, "ser")
    assert "has no item 'DNS'; it has: 'servers', 'server room', 'by hand'" in desk.refused("change", "check", change, "DNS")
    assert "there is no change" in desk.refused("change", "check", "CHG-000000", "1")
    assert "nothing says why" in desk.refused("change", "waive", change, "servers", "--because", " ")
    assert "has the item 'servers' already" in desk.refused("change", "add-item", change, "servers")
    assert "no path glob" in desk.refused("change", "add-item", change, "new", "--proved-by", "~/x")
    assert "no command" in desk.refused("change", "prove", change, "by hand", "--yes")
    desk("change", "waive", change, "servers", code=2)
    assert [state for _, state, _ in items(desk, change)] == ["open"] * 3


def test_items_that_prove_themselves_are_planned_in_one_line(desk: Desk) -> None:
    change = planned(desk, "--item-run", "shop answers", "true", "--item-path", "rule is in", "/etc/nft/**", "--item-path", "rule is in", "/etc/x")
    found = desk("change", "show", change, "--json").json["change"]["items"]
    assert [(item["text"], item["command"], item["paths"]) for item in found] == [
        ("shop answers", "true", []),
        ("rule is in", None, ["/etc/nft/**", "/etc/x"]),
    ]
    logged = desk("change", "log", "Moved", "--on", HOST, "--at", day("08:00"), "--item-run", "it answers", "true").out.strip()
    assert items(desk, logged) == [("it answers", "open", None)]


def test_a_command_that_held_a_secret_stops_no_other(desk: Desk) -> None:
    command = "mysql --password=hunter2-and-more -e 'select 1'"
    planning = desk("change", "plan", "Move", "--on", HOST, "--item-run", "by token", command, "--item-run", "fine", "true")
    change = planning.out.strip()
    assert "warning: the command of 'by token' held a secret" in planning.err
    answer = desk("change", "prove", change, "--yes", code=1)
    assert answer.out == "[x] fine: exited with 0\n"
    assert "warning: the command of 'by token' held a secret" in answer.err
    assert "held a secret" in desk.refused("change", "prove", change, "by token", "--yes")
    adding = desk("change", "add-item", change, "again", "--run", command)
    assert "warning: the command of 'again' held a secret" in adding.err


def test_what_fills_the_screen_is_cut_and_counted(desk: Desk) -> None:
    change = planned(desk, "--backout", "word " * 20_000, "--item", "by hand")
    desk("change", "note", change, "long " * 10_000)
    desk("change", "check", change, "1", "--because", "x" * 9_000)
    shown = desk("change", "show", change).out
    assert len(shown.splitlines()) < 130
    assert shown.count("more characters: --json has all") >= 2


def test_a_command_is_shown_and_agreed_to(desk: Desk) -> None:
    change = planned(desk, "--item-run", "shop answers", "echo fine", "--item-run", "db answers", "echo no route; exit 7")
    assert "nobody said yes to run: echo fine" in desk.refused("change", "prove", change)
    answer = desk("change", "prove", change, "--yes", code=1)
    assert answer.out == "[x] shop answers: exited with 0\n[ ] db answers: exited with 7\n    no route\n"
    assert answer.err == "warning: running for shop answers: echo fine\nwarning: running for db answers: echo no route; exit 7\n"
    assert items(desk, change) == [("shop answers", "done", "echo fine exited 0"), ("db answers", "open", None)]
    assert desk("change", "prove", change, "shop", "--yes").out == "[x] shop answers: exited with 0\n"
    hanging = planned(desk, "--item-run", "it answers", "sleep 60")
    assert desk("change", "prove", hanging, "--yes", "--timeout", "1s", code=1).out == "[ ] it answers: took longer than 1s\n"


@pytest.mark.parametrize(("answer", "code", "state"), [("y\n", 0, "done"), ("n\n", 1, "open")])
def test_at_a_terminal_one_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, state: str) -> None:
    change = planned(desk, "--item-run", "shop answers", "echo \x1b[31mfine")
    monkeypatch.setattr(sys, "stdin", _Terminal(answer))
    asked = desk("change", "prove", change, code=None)
    assert (asked.code, items(desk, change)[0][1]) == (code, state)
    assert "shop answers\n  $ echo " in asked.err
    assert "Run it?" in asked.err
    assert "\x1b" not in asked.err


class _Terminal:
    """Somebody who types one answer."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self, *_size: Any) -> str:
        return self._answer


def test_the_way_back_is_planned_and_shown(desk: Desk) -> None:
    desk("host", "add", "old-01")
    target = ["--rollback-to", "host:old-01", "--retain-until", "2099-06-16T12:00Z", "--backout-time", "30m"]
    change = planned(desk, *target, "--downtime", "1h", "--contact", "NOC 4711")
    found = desk("change", "show", change, "--json").json["change"]
    assert (found["rollback_to"], found["backout_seconds"], found["downtime_seconds"], found["contact"]) == ("host:old-01", 1800, 3600, "NOC 4711")
    shown = " ".join(desk("change", "show", change).out.split())
    assert "WAY BACK to host:old-01, retained until Tue 16 Jun 2099 12:00:00 +00:00, going back takes 30 min" in shown
    assert "Contact NOC 4711" in shown
    assert f"old-01 is what {change} (Move the interface) goes back to" in desk.refused("host", "retire", "old-01")
    assert desk("host", "retire", "old-01", "--because", "burnt").out == "host:old-01 is retired; its history stays\n"
    final = planned(desk, "--irreversible", "the disks are shredded")
    assert "WAY BACK\n  none: the disks are shredded\n" in desk("change", "show", final).out
    assert "there is no host nobody" in desk.refused("change", "plan", "T", "--on", HOST, "--rollback-to", "host:nobody")


def test_a_list_says_how_many_it_leaves_out(desk: Desk) -> None:
    for number in range(3):
        desk("change", "plan", f"Change {number}", "--on", HOST)
    assert desk("change", "list", "--limit", "2").out.endswith("2 changes, and 1 more: --limit 3\n")
    listed = desk("change", "list", "--limit", "2", "--json").json
    assert (len(listed["changes"]), listed["total"]) == (2, 3)
    assert desk("change", "list").out.endswith("3 changes\n")


def test_rolling_back_warns_of_later_changes_on_stderr(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    root = ["--root", str(desk.machine.root)]
    desk("snapshot", HOST, *root)
    first = planned(desk, "--path", "/etc/nginx/**", "--rollback-to", "latest")
    later = desk("change", "plan", "Another port", "--on", HOST, "--path", "/etc/nginx/**").out.strip()
    desk("run", first, *root, "--", "sed", "-i", "s/worker_processes 4/worker_processes 8/", str(desk.machine.path("/etc/nginx/nginx.conf")))
    desk("run", later, *root, "--", "sed", "-i", "s/listen 80/listen 8080/", str(desk.machine.path("/etc/nginx/nginx.conf")))
    said = f"warning: {later} (Another port) has changed the same files since, on {HOST}: /etc/nginx/nginx.conf http/server[shop.example]/listen"
    dry = desk("change", "roll-back", first, "--dry-run", *root, "--json")
    assert [warning["code"] for warning in dry.json["warnings"]] == ["later-change"]
    assert said in dry.err
    monkeypatch.setattr(sys, "stdin", _Terminal("n\n"))
    asked = desk("change", "roll-back", first, *root, code=None).err
    assert 0 < asked.index(said) < asked.index("Do it?"), "who is asked has read it"
    assert asked.count(said) == 1
    assert "worker_processes 8" in desk.machine.path("/etc/nginx/nginx.conf").read_text()
    assert said in desk("change", "roll-back", first, "--yes", *root).err
    assert "worker_processes 4" in desk.machine.path("/etc/nginx/nginx.conf").read_text()
