"""Who was there, and where else the same was seen, through the library."""

from __future__ import annotations

from datetime import timedelta

import pytest

from changelog_ledger import render_text
from changelog_ledger.model.evidence import Observation
from changelog_ledger.store import rows

from .world import HOST, START, World

__all__: list[str] = []

UPGRADED = "openvswitch-switch 2.17.5 → 2.17.9 upgraded by unattended-upgrades"


def _seen(world: World, what: str, summary: str, host: str = HOST, minutes: float = 0, **data: object) -> None:
    world.ledger.observe(summary, f"host:{host}", at=START + timedelta(minutes=minutes), kind=what, data=data)


def test_the_log_shows_who_was_there_and_drift_and_suspects_do_not(either: World) -> None:
    world = either
    world.snapshot()
    world.ledger.good(f"host:{HOST}")
    world.clock.tick(hours=1)
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 2")
    _seen(world, "login", "logged in from 10.0.0.5 (ssh)", minutes=50, user="alex", session="s1")
    world.snapshot()
    entries = {entry.kind: entry for entry in world.ledger.recent(f"host:{HOST}")}
    assert entries["presence"].text == "logged in from 10.0.0.5 (ssh)"
    assert not entries["presence"].unlogged
    assert [entry.kind for entry in world.ledger.recent(f"host:{HOST}", kind="presence")] == ["presence"]
    (piece,) = world.ledger.drift(f"host:{HOST}")
    assert [(actor.actor, actor.at) for actor in piece.possible_actors] == [("alex", START + timedelta(minutes=50))]
    report = world.ledger.what_changed(f"host:{HOST}")
    assert [suspect.title for suspect in report.suspects] == [f"db/pool 20 → 2 in /etc/app.ini on {HOST}"]
    assert [actor.actor for actor in report.present] == ["alex"]
    assert "there at the time alex: logged in from 10.0.0.5 (ssh)" in " ".join(render_text(report).split())


def test_it_says_on_which_other_hosts_the_same_was_seen(either: World) -> None:
    world = either
    ledger = world.ledger
    ledger.add_service("storage", runs_on=[HOST, "hv-01", "hv-02", "hv-04"])
    ledger.add_host("elsewhere")
    ledger.good(f"host:{HOST}")
    world.clock.tick(hours=3)
    for host, minutes in ((HOST, 60), ("hv-01", 61), ("hv-02", 115), ("hv-04", 125), ("elsewhere", 60)):
        _seen(world, "package-upgraded", UPGRADED, host, minutes, packages=[{"name": "openvswitch-switch"}])
    _seen(world, "package-upgraded", "bash 5.1 → 5.2 upgraded by alex", "hv-04", 60)
    (suspect,) = ledger.what_changed(f"host:{HOST}").suspects
    assert suspect.elsewhere == ("hv-01", "hv-02")
    assert "the same on 2 more hosts: hv-01, hv-02" in render_text(ledger.what_changed(f"host:{HOST}"))
    (of_service,) = ledger.what_changed("service:storage").suspects[:1]
    assert of_service.elsewhere == ()


def test_of_other_hosts_only_what_may_be_the_same_is_read(either: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet's logins of two hours are many, and none of them is an update."""
    world = either
    world.ledger.add_host("other")
    world.ledger.good(f"host:{HOST}")
    world.clock.tick(hours=3)
    for host in (HOST, "other"):
        _seen(world, "package-upgraded", UPGRADED, host, 60)
    for minutes in range(50, 60):
        _seen(world, "login", f"ana logged in {minutes}", "other", minutes)
    read: list[str] = []
    real = rows.observation_of

    def noted(row: rows.Row) -> Observation:
        read.extend([row["what"]] * (row["target_name"] == "other"))
        return real(row)

    monkeypatch.setattr(rows, "observation_of", noted)
    (suspect,) = world.ledger.what_changed(f"host:{HOST}").suspects
    assert suspect.elsewhere == ("other",)
    assert read == ["package-upgraded"]


def test_without_services_a_small_fleet_is_looked_at_whole(either: World) -> None:
    world = either
    world.ledger.add_host("other")
    world.ledger.good(f"host:{HOST}")
    world.clock.tick(hours=3)
    for host in (HOST, "other"):
        _seen(world, "package-upgraded", UPGRADED, host, 60)
    (suspect,) = world.ledger.what_changed(f"host:{HOST}").suspects
    assert suspect.elsewhere == ("other",)
