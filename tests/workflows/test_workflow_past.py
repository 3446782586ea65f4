"""What was done before the window is found however much else was done, where something gave effect to it within the window."""

from __future__ import annotations

from datetime import timedelta

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
