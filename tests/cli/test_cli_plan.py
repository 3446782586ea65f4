"""``change plan`` with an assessment, without recording, from a template; ``change templates``."""

from __future__ import annotations

import pytest

from .conftest import HOST, Desk

TEMPLATE = """
[[templates]]
name = "certificate-renewal"
title = "Renew the certificate"
on = ["host:web-01"]
duration = "30m"
paths = ["/etc/ssl/**"]
items = ["new chain served"]
rollback_to = "latest"
"""


def describe(desk: Desk, text: str = TEMPLATE) -> None:
    file = desk.home / "ledger.toml"
    file.write_text(file.read_text() + text)


def test_a_plan_prints_its_id_and_warns_of_what_was_said_too_low(desk: Desk) -> None:
    for name in ("shop", "till", "mail"):
        desk("service", "add", name, "--runs-on", HOST)
    answer = desk("change", "plan", "Raise the limit", "--on", HOST, "--impact", "low", "--rollback-to", "latest")
    assert answer.out.startswith("CHG-")
    assert len(answer.out.splitlines()) == 1
    assert answer.err == (
        "warning: low impact was said; medium is suggested: "
        "3 services run on host:web-01: service:mail, service:shop, service:till\n"
    )  # fmt: skip


def test_a_plan_that_nothing_speaks_against_is_silent(desk: Desk) -> None:
    desk("service", "add", "shop", "--runs-on", HOST)
    assert desk("change", "plan", "Raise the limit", "--on", HOST, "--rollback-to", "latest").err == ""


def test_show_has_the_assessment(desk: Desk) -> None:
    desk("service", "add", "shop", "--runs-on", HOST, "--attr", "owner=team-shop")
    change = desk("change", "plan", "Raise the limit", "--on", HOST, "--downtime", "30m").out.strip()
    shown = desk("change", "show", change).out
    assert "ASSESSMENT  as of " in shown
    assert "  suggested: medium impact and medium risk\n  ! it has nothing to go back to\n" in shown
    assert "  - users are expected to be without it for 30 min\n" in shown
    assert "  runs on it: shop (team-shop)\n  to be told: team-shop\n" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_dry_run_shows_the_plan_and_records_nothing(desk: Desk) -> None:
    desk("service", "add", "shop", "--runs-on", HOST)
    answer = desk("change", "plan", "--dry-run", "Raise the limit", "--on", HOST)
    assert answer.out.startswith("NOT RECORDED  this is what would be planned\nCHG-…  Raise the limit\n")
    assert "! it has nothing to go back to" in answer.out
    assert answer.err == ""
    document = desk("change", "plan", "--dry-run", "Raise the limit", "--on", HOST, "--json").json
    assert document["schema"] == "changelog-ledger/change/1"
    assert document["change"]["assessment"]["dependents"] == [{"target": "service:shop", "distance": 0, "owner": None}]
    assert desk("change", "list", "--json").json["changes"] == []


def test_planning_with_json_gives_the_change(desk: Desk) -> None:
    document = desk("change", "plan", "Raise the limit", "--on", HOST, "--json").json
    assert desk("change", "show", document["change"]["id"], "--json").json == document


def test_a_template_is_listed_and_planned_from(desk: Desk) -> None:
    assert desk("change", "templates").out == "No template is described: [[templates]] in ledger.toml.\n"
    describe(desk)
    listed = desk("change", "templates").out
    assert listed == (
        "certificate-renewal  Renew the certificate\n  on: host:web-01\n  duration: 30 min\n  paths: /etc/ssl/**\n"
        "  items: new chain served\n  rollback_to: latest\n1 template\n"
    )
    (entry,) = desk("change", "templates", "--json").json["templates"]
    assert (entry["name"], entry["duration_seconds"], entry["details"]["items"][0]["text"]) == ("certificate-renewal", 1800, "new chain served")
    planned = desk("change", "plan", "--template", "certificate-renewal").out.strip()
    change = desk("change", "show", planned, "--json").json["change"]
    assert (change["title"], change["type"], change["template"], change["on"]) == (
        "Renew the certificate", "standard", "certificate-renewal", ["host:web-01"],
    )  # fmt: skip
    other = desk("change", "plan", "Renew both", "--template", "certificate-renewal", "--dry-run", "--json").json["change"]
    assert other["title"] == "Renew both"


def test_a_title_and_targets_are_needed_without_a_template(desk: Desk) -> None:
    for arguments in (["Raise the limit"], ["--on", HOST], []):
        assert "a --template that has them (see: ledger change templates)" in desk("change", "plan", *arguments, code=2).err


def test_an_unknown_template_is_named_with_those_like_it(desk: Desk) -> None:
    describe(desk)
    said = desk.refused("change", "plan", "--template", "certificate-renewel")
    assert said == "ledger: there is no template 'certificate-renewel'\nhint: did you mean certificate-renewal?\n"


def test_proposals_come_with_the_command_that_adds_them(desk: Desk) -> None:
    desk.snapshot("09:00")
    for hour in range(10, 16):
        planned = desk("change", "plan", "Backend", "--on", HOST, "--path", "/etc/haproxy.cfg", "--rollback-to", "latest").out.strip()
        desk("change", "start", planned, "--at", f"2025-06-02T{hour}:00Z")
        desk.machine.write("/etc/haproxy.cfg", f"maxconn {hour}\n")
        desk.machine.write("/etc/nftables.conf", f"# {hour}\n")
        desk.snapshot(f"{hour}:30", "--change", planned)
        desk("change", "finish", planned, "--at", f"2025-06-02T{hour}:40Z")
    planned = desk("change", "plan", "Backend", "--on", HOST, "--path", "/etc/haproxy.cfg", "--rollback-to", "latest").out.strip()
    shown = desk("change", "show", planned).out
    assert "PROPOSED  1 item for the checklist, from past changes\n  firewall: in 6 of 6 past changes of /etc/haproxy.cfg (100 %)\n" in shown
    desk("change", "add-item", planned, "firewall", "--proved-by", "/etc/nftables.conf")
    assert "PROPOSED" not in desk("change", "show", planned).out


def test_the_first_of_two_approvals_says_how_many_there_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(desk, "\n[changes]\napprovals = {medium = 2, high = 2}\n")
    change = desk("change", "plan", "Raise the limit", "--on", HOST, "--impact", "high", "--rollback-to", "latest").out.strip()
    assert "waits for 2 approvals" in desk("change", "show", change).out
    monkeypatch.setenv("LEDGER_ACTOR", "bob")
    assert desk("change", "approve", change).out == f"{change} is approved by bob, 1 of 2: Raise the limit\n"
    assert "waits for 1 approval\n" in desk("change", "show", change).out
    monkeypatch.setenv("LEDGER_ACTOR", "Bob")
    assert "has approved" in desk.refused("change", "approve", change)
    monkeypatch.setenv("LEDGER_ACTOR", "eve")
    assert desk("change", "approve", change).out == f"{change} is approved: Raise the limit\n"
    assert "waits for" not in desk("change", "show", change).out


def test_times_that_cannot_be_meant_are_refused_with_what_to_write(desk: Desk) -> None:
    plan = ("change", "plan", "Raise the limit", "--on", HOST)
    assert "has no time" in desk.refused(*plan, "--start", "in 1h", "--for", "0m")
    assert "has no time" in desk.refused(*plan, "--start", "2199-01-01T00:00Z", "--end", "2199-01-01T00:00Z")
    assert "change log" in desk.refused(*plan, "--start", "6m")
    assert "--zone Europe/Berlin" in desk.refused(*plan, "--start", "2199-01-01T00:00")
    assert "--zone Europe/Berlin" in desk.refused("window", "add", "Nights", "--start", "2199-01-01T00:00", "--for", "1h")
    logged = desk.refused("change", "log", "Raised", "--on", HOST, "--at", "1h", "--until", "2h")
    assert "--for" not in logged


def test_a_retired_host_and_a_window_too_short_are_remarked_on(desk: Desk) -> None:
    desk("host", "add", "old-01")
    desk("host", "retire", "old-01")
    times = ("--start", "in 1h", "--for", "2h", "--backout-time", "5h", "--downtime", "9h")
    answer = desk("change", "plan", "Raise the limit", "--on", "old-01", "--rollback-to", "latest", "--impact", "high", *times)
    assert "warning: old-01, which it is made on, is retired since" in answer.err
    assert "one could never go back within it" in answer.err
    assert "without it for 9 h, longer than its window of 2 h" in answer.err


def test_what_was_cancelled_waits_for_no_review(desk: Desk) -> None:
    made, dropped = (desk("change", "plan", title, "--on", "host:web-01", "--type", "emergency").out.strip() for title in ("Made", "Dropped"))
    desk("change", "start", made)
    desk("change", "finish", made)
    desk("change", "cancel", dropped)
    assert "waits for its review" in desk("change", "show", made).out
    assert "waits for" not in desk("change", "show", dropped).out
