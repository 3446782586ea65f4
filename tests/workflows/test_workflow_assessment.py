"""Planning a change: what it may touch is found, suggested, and fixed into the plan."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from changelog_ledger import Ledger
from changelog_ledger.model.change import Change, Level

from .world import HOST, World

ON = [f"host:{HOST}"]


def codes(change: Change) -> list[str]:
    assert change.assessment is not None
    return [reason.code for reason in change.assessment.reasons]


def make(world: World, title: str, **files: str) -> Change:
    """A change that is made and alters files, a minute after the last."""
    world.clock.tick(hours=1)
    with world.ledger.change(title, on=ON, paths=["/etc/haproxy/haproxy.cfg"], rollback_to="latest", root=world.machine.root) as change:
        world.clock.tick(minutes=1)
        for path, content in files.items():
            world.machine.write(path, content)
    return change


class TestReach:
    def test_who_depends_on_it_is_found_with_distance_and_owner(self, either: World) -> None:
        ledger = either.ledger
        ledger.add_service("db", runs_on=[HOST], attributes={"owner": "team-db"})
        ledger.add_service("shop", depends_on=["service:db"], attributes={"owner": "team-shop"})
        ledger.add_service("till", depends_on=["service:shop", f"host:{HOST}"])
        ledger.add_service("wiki")
        planned = ledger.plan("Move the tables", on=ON, rollback_to="latest", paths=["/etc/db.conf"], impact="low")
        found = ledger.find_change(planned.id).assessment
        assert found is not None
        assert [(each.target.name, each.distance, each.owner) for each in found.dependents] == [
            ("db", 0, "team-db"), ("shop", 1, "team-shop"), ("till", 1, ""),
        ]  # fmt: skip
        assert (found.impact, found.risk) == (Level.MEDIUM, None)
        assert codes(planned) == ["impact-understated", "dependents"]
        assert planned.impact is Level.LOW, "what a person said is never overridden"

    def test_it_stays_as_it_was_when_planned(self, world: World) -> None:
        world.ledger.add_service("shop", runs_on=[HOST])
        planned = world.ledger.plan("Raise the limit", on=ON)
        world.clock.tick(hours=1)
        for name in ("till", "mail", "wiki"):
            world.ledger.add_service(name, runs_on=[HOST])
        moved = world.ledger.start(planned.id)
        assert world.ledger.find_change(planned.id).assessment == moved.assessment == planned.assessment
        assert len(world.ledger.assess("Raise the limit", on=ON).assessment.dependents) == 4  # type: ignore[union-attr]

    def test_of_a_service_only_what_depends_on_it_counts(self, world: World) -> None:
        world.ledger.add_service("shop", runs_on=[HOST])
        world.ledger.add_service("neighbour", runs_on=[HOST])
        world.ledger.add_service("till", depends_on=["service:shop"])
        assessment = world.ledger.assess("Release", on=["service:shop"]).assessment
        assert assessment is not None
        assert [each.target.name for each in assessment.dependents] == ["till"]

    def test_everything_is_high_and_nobody_said_so(self, world: World) -> None:
        planned = world.ledger.plan("New resolver", on=["all"], rollback_to="latest")
        assert codes(planned) == ["impact-unsaid", "all"]
        assert planned.assessment.warnings[0].text == (  # type: ignore[union-attr]
            "nobody said its impact; high is suggested: it is made on everything: 1 host and 0 services are known"
        )

    def test_failures_on_the_same_targets_are_remembered(self, either: World) -> None:
        ledger = either.ledger
        for number in range(4):
            change = ledger.plan(f"Attempt {number}", on=ON)
            either.clock.tick(minutes=1)
            ledger.start(change.id)
            either.clock.tick(minutes=1)
            ledger.fail(change.id) if number % 2 else ledger.finish(change.id)
        planned = ledger.plan("Attempt again", on=ON, rollback_to="latest", risk="low")
        assert codes(planned) == ["risk-understated", "history"]
        assert "of the last 4 finished changes here 2 failed or were rolled back" in planned.assessment.reasons[-1].text  # type: ignore[union-attr]

    def test_a_plain_change_on_a_quiet_host_says_nothing(self, world: World) -> None:
        planned = world.ledger.plan("Raise the limit", on=ON, rollback_to="latest")
        assert codes(planned) == []
        assert planned.assessment is not None
        assert planned.assessment.warnings == ()

    @pytest.mark.slow
    def test_two_thousand_dependents_are_counted_and_the_nearest_kept(self, world: World) -> None:
        world.ledger.add_service("core", runs_on=[HOST])
        lines = [f'{{"kind": "service", "name": "s{each:04}", "depends_on": ["service:core"], "runs_on": []}}' for each in range(2000)]
        assert not world.ledger.import_facts(lines).refused
        begun = time.perf_counter()
        planned = world.ledger.plan("Move the core", on=ON, rollback_to="latest", impact="high", risk="high")
        assert time.perf_counter() - begun < 5
        assert planned.assessment is not None
        assert len(planned.assessment.dependents) == 200
        assert planned.assessment.reasons[0].text.startswith("2,001 services run on or depend on host:web-01: service:core, ")


class TestDryRun:
    def test_it_is_what_plan_would_record_and_records_nothing(self, world: World) -> None:
        world.ledger.add_service("shop", runs_on=[HOST])
        before = world.ledger.status().facts
        drafted = world.ledger.assess("Raise the limit", on=ON, duration="2h", start="2025-06-07T02:00+00:00", downtime="30m")
        assert world.ledger.status().facts == before
        assert world.ledger.changes() == ()
        planned = world.ledger.plan("Raise the limit", on=ON, duration="2h", start="2025-06-07T02:00+00:00", downtime="30m")
        assert drafted.assessment == planned.assessment
        assert drafted.planned_end == planned.planned_end
        assert drafted.downtime == timedelta(minutes=30)


class TestFreezeNearness:
    def test_a_freeze_soon_after_its_window_is_a_risk(self, either: World) -> None:
        line = '{"kind": "freeze", "title": "quarter end", "start": "2025-06-08T00:00Z", "end": "2025-06-12T00:00Z", "on": ["host:web-01"]}'
        assert not either.ledger.import_facts([line]).refused
        window = {"start": "2025-06-07T02:00+00:00", "duration": "2h", "rollback_to": "latest"}
        near = either.ledger.assess("Firmware", on=ON, **window)
        assert codes(near) == ["freeze-near"]
        assert codes(either.ledger.assess("Firmware", on=ON, **{**window, "start": "2025-06-03T02:00+00:00"})) == []
        either.ledger.add_host("web-02")
        assert codes(either.ledger.assess("Firmware", on=["host:web-02"], **window)) == []


class TestLearning:
    def test_what_changed_along_nine_times_in_ten_is_proposed(self, either: World) -> None:
        either.snapshot()
        for number in range(10):
            files = {"/etc/haproxy/haproxy.cfg": f"maxconn {number}\n"}
            files |= {"/etc/nftables.conf": f"# {number}\n"} if number else {}
            make(either, f"Backend {number}", **files)
        either.clock.tick(hours=1)
        planned = either.ledger.plan("Another backend", on=ON, paths=["/etc/haproxy/haproxy.cfg"], rollback_to="latest")
        (found,) = either.ledger.find_change(planned.id).assessment.proposals  # type: ignore[union-attr]
        assert (found.text, found.support, found.of, found.paths, found.given) == (
            "firewall", 9, 10, ("/etc/nftables.conf",), "/etc/haproxy/haproxy.cfg",
        )  # fmt: skip

    def test_what_was_explained_by_hand_counts_as_well(self, world: World) -> None:
        world.snapshot()
        for number in range(5):
            change = make(world, f"Backend {number}", **{"/etc/haproxy/haproxy.cfg": f"maxconn {number}\n"})
            world.machine.write(f"/etc/nftables.d/{number}.nft", f"# {number}\n")
            world.snapshot()
            (drift,) = [piece for piece in world.ledger.diff(HOST) if piece.path == f"/etc/nftables.d/{number}.nft"]
            world.ledger.explain(drift.id, change.id)
        (found,) = world.ledger.assess("Another", on=ON, paths=["/etc/haproxy/haproxy.cfg"]).assessment.proposals  # type: ignore[union-attr]
        assert (found.text, found.support, found.of, len(found.paths)) == ("firewall", 5, 5, 5)


class TestExport:
    def test_nothing_of_an_assessment_is_lost_by_export_and_import(self, world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
        world.ledger.add_service("shop", runs_on=[HOST], attributes={"owner": "team-shop"})
        world.snapshot()
        for number in range(6):
            make(world, f"Backend {number}", **{"/etc/haproxy/haproxy.cfg": f"maxconn {number}\n", "/etc/nftables.conf": f"# {number}\n"})
        planned = world.ledger.plan("Another", on=ON, paths=["/etc/haproxy/haproxy.cfg"], impact="none", downtime="2h")
        assert planned.assessment is not None
        assert planned.assessment.proposals
        assert planned.assessment.dependents
        lines = list(world.ledger.export_facts())
        with Ledger.init(tmp_path_factory.mktemp("other") / "home", host="other", clock=world.clock) as other:
            assert not other.import_facts(lines).refused
            assert other.find_change(planned.id).assessment == planned.assessment
