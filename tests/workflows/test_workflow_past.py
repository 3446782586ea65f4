"""What was done before the window is found however much else was done, where something gave effect to it within the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from changelog_ledger import Ledger, reports
from tests.workflows.world import START, World

HOSTS = [f"app-{number:02}" for number in range(50)]
WOKEN = HOSTS[-1]


def test_a_change_that_a_restart_woke_is_found_among_many_hosts_and_newer_changes(world: World) -> None:
    ledger, onset = world.ledger, START + timedelta(days=40)
    world.clock.now = onset + timedelta(minutes=10)
    ledger.add_service("app", runs_on=HOSTS)
    done = START + timedelta(days=10)
    latent = ledger.log("Raise worker limit of php-fpm", [f"host:{WOKEN}"], at=done, until=done + timedelta(minutes=5), paths=["/etc/php/fpm/**"])
    for number in range(310):
        at = START + timedelta(days=20, minutes=number)
        ledger.log(f"Rotate banner {number}", [f"host:{HOSTS[number % 40]}"], at=at, until=at + timedelta(seconds=30))
    ledger.good("service:app", at=START + timedelta(days=39))
    for host in HOSTS:
        ledger.observe(f"tzdata upgraded on {host}", f"host:{host}", at=onset - timedelta(hours=2), kind="package-upgraded")
    restarted = {"kind": "service-restarted", "data": {"unit": "php-fpm.service"}}
    ledger.observe("php-fpm.service restarted", f"host:{WOKEN}", at=onset - timedelta(minutes=5), **restarted)
    ledger.bad("service:app", at=onset, symptom="502 from php-fpm")
    report = ledger.what_changed("service:app", limit=0)
    (found,) = [suspect for suspect in report.suspects if suspect.change == latent.id]
    assert found.trigger.startswith("php-fpm.service restarted")
    assert found.rank <= 3


def test_an_edit_on_the_standby_is_found_when_its_service_fails_over_to_it(world: World) -> None:
    ledger, machine = world.ledger, world.machine
    ledger.add_service("shop", runs_on=["web-01", "web-02"])
    world.snapshot()
    world.clock.tick(days=1)
    machine.edit("/etc/nginx/nginx.conf", "listen 80;", "listen 8080;")
    world.snapshot()
    world.clock.tick(days=10)
    ledger.good("service:shop")
    onset = world.clock.tick(hours=3)
    ledger.observe("shop failed over to web-01", "service:shop", at=onset - timedelta(minutes=2), kind="failover")
    ledger.bad("service:shop", at=onset, symptom="connection refused")
    world.clock.tick(minutes=5)
    report = ledger.what_changed("service:shop")
    found = [suspect for suspect in report.suspects if "/etc/nginx/nginx.conf" in suspect.title]
    assert [suspect.trigger.partition(",")[0] for suspect in found] == ["shop failed over to web-01"]


PLACES = ["host:web-01", "service:shop", "service:api", "all"]
QUESTIONS = ["host:web-01", "service:shop"]


def change_on(ledger: Ledger, where: str, now: datetime) -> None:
    ledger.log("Raise worker limit of php-fpm", [where], at=now - timedelta(minutes=6), until=now - timedelta(minutes=1))


def deployment_of(ledger: Ledger, where: str, now: datetime) -> None:
    ledger.observe("php-fpm 8.3 deployed", where, at=now - timedelta(minutes=6), kind="deployed")


def web_host(world: World) -> Ledger:
    """The host of two services, of which one has another host besides."""
    world.ledger.add_service("shop", runs_on=["web-01", "web-02"])
    world.ledger.add_service("api", runs_on=["web-01"])
    world.snapshot()
    return world.ledger


def trouble_after_restart(world: World, question: str, unit: str, where: str = "host:web-01") -> datetime:
    """It was good for ten days; then something is restarted, and two minutes later it is bad."""
    world.clock.tick(days=10)
    world.ledger.good(question)
    onset = world.clock.tick(hours=3)
    world.ledger.observe(f"{unit} restarted", where, at=onset - timedelta(minutes=2), kind="service-restarted", data={"unit": unit})
    world.ledger.bad(question, at=onset, symptom="502 Bad Gateway")
    world.clock.tick(minutes=5)
    return onset


def woken(ledger: Ledger, question: str, words: str) -> list[str]:
    """What woke the suspects whose titles have some words in them."""
    return [suspect.trigger.partition(",")[0] for suspect in ledger.what_changed(question).suspects if words in suspect.title]


@pytest.mark.parametrize("restarted", PLACES)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("done", [change_on, deployment_of])
def test_what_was_done_is_found_wherever_it_was_said_to_be(
    world: World, done: Callable[[Ledger, str, datetime], None], where: str, question: str, restarted: str
) -> None:
    ledger = web_host(world)
    done(ledger, where, world.clock.tick(days=1))
    trouble_after_restart(world, question, "php-fpm.service", restarted)
    assert "php-fpm.service restarted" in woken(ledger, question, "php-fpm")


def test_logins_do_not_hide_what_was_upgraded_before_them(world: World) -> None:
    ledger = web_host(world)
    ledger.observe("php-fpm 8.3 upgraded", "host:web-01", at=world.clock.tick(days=1), kind="package-upgraded")
    for _ in range(210):
        ledger.observe("deploy logged in", "host:web-01", at=world.clock.tick(minutes=10), kind="login")
    trouble_after_restart(world, "service:shop", "php-fpm.service")
    assert woken(ledger, "service:shop", "8.3 upgraded") == ["php-fpm.service restarted"]


def test_noise_does_not_hide_what_was_edited_before_it(world: World) -> None:
    ledger, machine = web_host(world), world.machine
    world.clock.tick(days=1)
    machine.edit("/etc/nginx/nginx.conf", "listen 80;", "listen 8080;")
    world.snapshot()
    for hour in range(11):
        world.clock.tick(hours=1)
        for number in range(20):
            machine.write(f"/etc/openvpn/{number}/status.log", f"updated {hour}\n")
        world.snapshot()
    trouble_after_restart(world, "service:shop", "nginx.service")
    assert woken(ledger, "service:shop", "nginx.conf") == ["nginx.service restarted"]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("where", PLACES)
def test_what_was_observed_in_the_window_is_found_wherever_it_was(world: World, question: str, where: str) -> None:
    ledger = web_host(world)
    ledger.good(question)
    onset = world.clock.tick(hours=3)
    ledger.observe("version 3 deployed", where, at=onset - timedelta(minutes=2), kind="deployed")
    ledger.bad(question, at=onset, symptom="502 Bad Gateway")
    world.clock.tick(minutes=5)
    (suspect,) = ledger.what_changed(question).suspects
    assert suspect.title.startswith("version 3 deployed")
    assert [entry.text for entry in ledger.recent(question) if "version 3" in entry.text] != []
    assert [piece.summary for piece in ledger.drift(question)] == ["version 3 deployed"]


def trouble_after_change(world: World, title: str) -> Ledger:
    """An edit that nobody logged; ten good days; then a change is logged, and three minutes later it is bad."""
    ledger = web_host(world)
    world.clock.tick(days=1)
    world.machine.edit("/etc/nginx/nginx.conf", "listen 80;", "listen 8080;")
    world.snapshot()
    world.clock.tick(days=10)
    ledger.good("service:shop")
    onset = world.clock.tick(hours=3)
    ledger.log(title, ["host:web-01"], at=onset - timedelta(minutes=4), until=onset - timedelta(minutes=3))
    ledger.bad("service:shop", at=onset, symptom="connection refused")
    world.clock.tick(minutes=5)
    return ledger


@pytest.mark.parametrize("title", ["Restart nginx", "web: rolling restart of nginx", "Reboot for the new kernel", "Fail over to the standby"])
def test_a_restart_that_was_logged_wakes_what_was_edited_before_it(world: World, title: str) -> None:
    ledger = trouble_after_change(world, title)
    assert woken(ledger, "service:shop", "nginx.conf") == [title]
    assert [suspect.title for suspect in ledger.what_changed("service:shop").suspects if not suspect.trigger] == [title]


@pytest.mark.parametrize(
    "title", ["Raise worker limit of nginx and reload", "Change the motd, no restart needed", "Restart postgres", "Collect pod restarts"]
)
def test_a_change_that_restarts_something_else_or_besides_wakes_nothing(world: World, title: str) -> None:
    ledger = trouble_after_change(world, title)
    assert [suspect.title for suspect in ledger.what_changed("service:shop").suspects] == [title]


@pytest.mark.parametrize("question", QUESTIONS)
def test_marks_of_everything_count_where_there_are_no_others(world: World, question: str) -> None:
    ledger = web_host(world)
    good = world.clock.tick(days=3)
    ledger.good("all")
    onset = world.clock.tick(hours=3)
    ledger.bad("all", at=onset, symptom="nothing answers")
    world.clock.tick(minutes=5)
    report = ledger.what_changed(question)
    assert (report.window.since, report.window.onset, report.symptom) == (good, onset, "nothing answers")
    assert ledger.what_changed(question, since="last-good").window.since == good
    bad = world.clock.tick(minutes=5)
    ledger.bad("service:shop")
    ledger.good("all", at=world.clock.tick(minutes=5))
    assert ledger.what_changed(question).window.onset == bad


def test_what_was_only_marked_bad_worked_when_everything_did(world: World) -> None:
    ledger = web_host(world)
    good = world.clock.tick(days=3)
    ledger.good("all")
    bad = world.clock.tick(hours=8)
    ledger.bad("service:shop", symptom="502 Bad Gateway")
    ledger.good("all", at=world.clock.tick(minutes=5))
    window = ledger.what_changed("service:shop").window
    assert (window.since, window.onset) == (good, bad)
    own = world.clock.tick(minutes=5)
    ledger.good("service:shop")
    again = world.clock.tick(minutes=5)
    ledger.good("all")
    ledger.bad("service:shop", at=world.clock.tick(minutes=5))
    assert ledger.what_changed("service:shop").window.since == own < again


def test_the_report_says_that_it_is_from_before(world: World) -> None:
    ledger = trouble_after_change(world, "Restart nginx")
    shown = " ".join(reports.render_text(ledger.what_changed("service:shop")).split())
    assert "no change explains 1 difference from before it last worked (Fri 09:02) that took effect since; 1 logged change" in shown
    ledger.observe("tzdata upgraded", "host:web-01", at=world.clock.now - timedelta(minutes=20), kind="package-upgraded")
    shown = " ".join(reports.render_text(ledger.what_changed("service:shop")).split())
    assert "explains 1 observation since it last worked (Fri 09:02), and 1 difference from before that took effect since; 1 logged change" in shown
