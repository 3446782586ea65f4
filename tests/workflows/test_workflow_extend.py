"""``change extend`` through ``Ledger``: what is recorded, what the rules say, who is lost when several extend at once (nobody)."""

from __future__ import annotations

import json
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Change, Ledger
from changelog_ledger.errors import InvalidInput, InvalidTime, NotFound, PolicyRefused, TransitionRefused
from tests.workflows.test_workflow_machine import differing
from tests.workflows.world import HOST, PYTHON, START, World, entropy

HOUR = timedelta(hours=1)
NGINX = "/etc/nginx/**"


@pytest.fixture
def topology(either: World) -> World:
    """``shop`` runs on web-01; db-01 and web-02 are there, too."""
    either.ledger.add_host("db-01")
    either.ledger.add_host("web-02")
    either.ledger.add_service("shop", runs_on=[HOST])
    return either


def under_way(world: World, **details: Any) -> Change:
    planned = world.ledger.plan("Limits", [HOST], **({"paths": [NGINX], "backout": "back"} | details))
    return world.ledger.start(planned.id)


def targets(change: Change) -> list[str]:
    return [str(target) for target in change.on]


def codes(change: Change) -> list[str]:
    return [remark.code for remark in change.notes[-1].remarks]


class TestWhatIsRecorded:
    def test_targets_paths_and_time(self, topology: World) -> None:
        ledger = topology.ledger
        change = under_way(topology, start=START, duration="1h")
        topology.clock.tick(minutes=30)
        extended = ledger.extend(
            change.id[:8].lower(), on=["db-01", "service:shop"], paths=["/etc/haproxy/**"], duration="2h", because="the pool is there too"
        )
        assert extended == ledger.find_change(change.id)
        assert targets(extended) == [f"host:{HOST}", "host:db-01", "service:shop"]
        assert extended.paths == (NGINX, "/etc/haproxy/**")
        assert (extended.planned_start, extended.planned_end) == (START, START + 2.5 * HOUR)
        assert extended.assessment == change.assessment
        said = extended.notes[-1]
        assert (said.step, said.actor, said.at) == ("extended", "alex", topology.clock())
        assert "host:db-01, service:shop, /etc/haproxy/**" in said.text
        assert "(the pool is there too)" in said.text
        assert [hit.id for hit in ledger.search("pool")] == [change.id]

    def test_everything_derived_follows(self, topology: World) -> None:
        ledger = topology.ledger
        change = under_way(topology)
        other = ledger.plan("Vacuum", ["db-01"], start=START + HOUR, duration="1h", backout="back")
        assert ledger.conflicts(change.id).listed == ()
        ledger.extend(change.id, on=["db-01"])
        assert [found.other.id for found in ledger.conflicts(change.id).listed] == [other.id], "it holds db-01 now, nobody knows until when"
        assert {found.id for found in ledger.changes(on="db-01")} == {change.id, other.id}
        ledger.extend(change.id, end=START + HOUR)
        assert ledger.conflicts(change.id).listed == (), "it is to be gone by then"

    def test_what_is_there_already_is_not_recorded(self, topology: World) -> None:
        change = under_way(topology, start=START, duration="2h")
        before = topology.ledger.status().facts
        same = topology.ledger.extend(change.id, on=[HOST], paths=[NGINX], duration="1h", because="to be sure")
        assert same == topology.ledger.find_change(change.id)
        assert same.notes == change.notes
        assert topology.ledger.status().facts == before

    def test_it_bears_being_rebuilt_checked_and_taken_elsewhere(self, topology: World, tmp_path: Path) -> None:
        ledger = topology.ledger
        planned = ledger.plan("Later", [HOST], paths=[NGINX], start=START + HOUR, duration="1h")
        ledger.extend(planned.id, on=["db-01"], paths=["/etc/hosts"], end=START + 3 * HOUR)
        unplanned = under_way(topology)
        ledger.extend(unplanned.id, on=["all"], duration="2h")
        before = ledger.changes()
        assert {change.planned_end for change in before} == {START + 3 * HOUR, START + 2 * HOUR}
        ledger.rebuild()
        assert ledger.changes() == before
        assert ledger.verify() == ()
        with Ledger.init(tmp_path / "elsewhere", host=HOST, actor="cyd", clock=topology.clock, entropy=entropy(9)) as other:
            other.import_facts(ledger.export_facts())
            for change in before:
                assert differing(change, other.find_change(change.id)) == {}
            assert other.verify() == ()
            assert len(other.conflicts().listed) == len(ledger.conflicts().listed) == 1

    def test_only_what_has_started_may_have_an_end_without_a_planned_start(self, world: World) -> None:
        line = {"kind": "change", "title": "Limits", "on": [f"host:{HOST}"], "planned_end": (START + HOUR).isoformat()}
        with pytest.raises(InvalidInput, match="has an end and no start"):
            world.ledger.import_facts([json.dumps(line)])
        world.ledger.import_facts([json.dumps(line | {"started_at": START.isoformat()})])
        (change,) = world.ledger.changes()
        assert (change.planned_start, change.planned_end, change.started_at) == (None, START + HOUR, START)

    def test_what_was_so_before_an_extension_may_be_said_after_it(self, world: World) -> None:
        planned = world.ledger.plan("Limits", [HOST], paths=[NGINX], backout="back")
        world.clock.tick(minutes=10)
        world.ledger.extend(planned.id, paths=["/etc/hosts"])
        started = world.ledger.start(planned.id, at=START + timedelta(minutes=5))
        assert started.started_at == START + timedelta(minutes=5)
        assert started.paths == (NGINX, "/etc/hosts")

    def test_a_secret_in_the_reason_is_masked(self, topology: World) -> None:
        change = under_way(topology)
        extended = topology.ledger.extend(change.id, on=["db-01"], because="login with password=correct-horse-battery-staple")
        assert "correct-horse" not in extended.notes[-1].text

    def test_it_explains_what_lies_at_the_new_path(self, world: World) -> None:
        world.snapshot()
        change = under_way(world)
        world.clock.tick(minutes=1)
        world.machine.edit("/etc/hosts", "localhost", "localhost web-01")
        world.snapshot()
        explained = {path: said for (path, _), said in world.explained(since=START).items()}
        assert explained["/etc/hosts"][1] != "scope"
        world.ledger.extend(change.id, paths=["/etc/hosts"])
        explained = {path: said for (path, _), said in world.explained(since=START).items()}
        assert explained["/etc/hosts"] == (change.id, "scope")

    def test_it_is_in_the_log_of_recent_changes(self, world: World) -> None:
        change = under_way(world)
        world.clock.tick(minutes=5)
        world.ledger.extend(change.id, paths=["/etc/hosts"])
        assert [entry.status for entry in world.ledger.recent() if entry.id == change.id] == ["started", "extended"]


class TestWhatIsRefused:
    def test_bad_input_records_nothing(self, topology: World) -> None:
        ledger = topology.ledger
        change = under_way(topology, start=START, duration="2h")
        unscheduled = ledger.plan("Some day", [HOST])
        before = ledger.status().facts
        for error, identity, what in (
            (InvalidInput, change.id, {}),
            (InvalidInput, change.id, {"because": "x"}),
            (InvalidInput, change.id, {"paths": ["/etc/../x"]}),
            (InvalidInput, unscheduled.id, {"paths": ["/etc/hosts"]}),
            (NotFound, change.id, {"on": ["host:nowhere"]}),
            (NotFound, change.id, {"on": ["db-01", "nowhere"]}),
            (NotFound, "CHG-000000", {"on": ["db-01"]}),
            (InvalidTime, change.id, {"end": START + 2.5 * HOUR, "duration": "3h"}),
            (InvalidTime, change.id, {"end": START - HOUR}),
            (InvalidTime, change.id, {"end": START + HOUR}),
            (InvalidTime, change.id, {"end": "2025-06-02T12:00"}),
            (InvalidTime, unscheduled.id, {"duration": "3h"}),
        ):
            with pytest.raises(error) as refused:
                ledger.extend(identity, **what)
            assert refused.value.hint, what
        assert ledger.status().facts == before

    @pytest.mark.parametrize("end", ["finish", "fail", "cancel"])
    def test_what_is_over(self, topology: World, end: str) -> None:
        ledger = topology.ledger
        change = ledger.plan("Limits", [HOST], backout="back")
        if end != "cancel":
            ledger.start(change.id)
        getattr(ledger, end)(change.id)
        with pytest.raises(TransitionRefused, match="cannot extend") as refused:
            ledger.extend(change.id, on=["db-01"])
        assert "ledger change plan" in refused.value.hint

    def test_an_end_as_the_clock_of_its_zone_shows_it(self, world: World) -> None:
        planned = world.ledger.plan("Limits", [HOST], start="2025-06-03T02:00", duration="1h", zone="Europe/Berlin")
        assert world.ledger.extend(planned.id, end="2025-06-03T05:00").planned_end == START.replace(day=3, hour=3)


class TestTheRules:
    def test_what_was_approved_was_approved_as_it_is(self, topology: World) -> None:
        ledger = topology.ledger
        planned = ledger.plan("Limits", [HOST], paths=[NGINX], impact="high", start=START, duration="1h", backout="back")
        assert codes(ledger.extend(planned.id, paths=["/etc/hosts"])) == [], "nobody has approved anything yet"
        ledger.approve(planned.id)
        for what in ({"on": ["db-01"]}, {"paths": ["/etc/passwd"]}):
            with pytest.raises(PolicyRefused, match="approved by alex") as refused:
                ledger.extend(planned.id, **what)
            assert refused.value.codes == ("approved-as-it-is",)
        assert ledger.extend(planned.id, duration="2h").planned_end == START + 2 * HOUR
        ledger.start(planned.id)
        extended = ledger.extend(planned.id, on=["db-01"], override="the limit is set there, too")
        assert codes(extended) == ["approved-as-it-is"]
        assert "the limit is set there, too" in extended.notes[-1].remarks[0].text
        assert targets(extended) == [f"host:{HOST}", "host:db-01"]

    def test_a_freeze_on_the_new_target_or_in_the_longer_time(self, topology: World) -> None:
        ledger = topology.ledger
        ledger.freeze.add("Quarter end", START, START + 9 * HOUR, ["db-01"])
        ledger.freeze.add("Board week", START + 2 * HOUR, START + 9 * HOUR, [HOST])
        change = under_way(topology, start=START, duration="1h")
        for what, title in (({"on": ["db-01"]}, "Quarter end"), ({"duration": "3h"}, "Board week")):
            with pytest.raises(PolicyRefused, match=title) as refused:
                ledger.extend(change.id, **what)
            assert refused.value.codes == ("freeze",)
        assert codes(ledger.extend(change.id, paths=["/etc/hosts"])) == []
        assert codes(ledger.extend(change.id, duration="2h")) == [], "it is over when the freeze begins"
        assert codes(ledger.extend(change.id, duration="3h", override="half of it is done")) == ["freeze"]
        emergency = ledger.start(ledger.plan("Down", ["web-02"], type="emergency").id)
        assert codes(ledger.extend(emergency.id, on=["db-01"])) == ["freeze"]

    def test_within_a_freeze_more_time_needs_its_reason_once_more(self, topology: World) -> None:
        ledger = topology.ledger
        ledger.freeze.add("Quarter end", START, START + 9 * HOUR)
        planned = ledger.plan("Limits", [HOST], start=START, duration="1h", backout="back")
        ledger.start(planned.id, override="the shop is down")
        with pytest.raises(PolicyRefused):
            ledger.extend(planned.id, duration="2h")

    def test_of_a_plan_it_is_remarked_on(self, topology: World) -> None:
        ledger = topology.ledger
        ledger.freeze.add("Quarter end", START + 2 * HOUR, START + 9 * HOUR, ["db-01"])
        planned = ledger.plan("Limits", [HOST], start=START + 2 * HOUR, duration="1h")
        assert codes(ledger.extend(planned.id, on=["db-01"])) == ["freeze"]
        unscheduled = ledger.plan("Limits", [HOST])
        assert codes(ledger.extend(unscheduled.id, on=["db-01"])) == []

    def test_another_change_in_the_way(self, topology: World) -> None:
        ledger = topology.ledger
        change = under_way(topology)
        ledger.start(ledger.plan("Vacuum", ["db-01"], backout="back").id)
        assert codes(ledger.extend(change.id, on=["db-01"])) == ["conflict"]
        home = ledger.home / "ledger.toml"
        home.write_text(home.read_text() + '\n[changes]\nconflicts = "refuse"\n')
        with Ledger.open(ledger.home, clock=topology.clock) as strict:
            strict.start(strict.plan("Reindex", ["web-02"], backout="back").id)
            with pytest.raises(PolicyRefused, match="Reindex") as refused:
                strict.extend(change.id, on=["web-02"])
            assert refused.value.codes == ("conflict",)


EXTEND = """
import sys
from changelog_ledger import Ledger
home, change, name, number = sys.argv[1:]
with Ledger.open(home, actor=name) as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for count in range(int(number)):
        ledger.extend(change, paths=[f"/etc/{name}/{count}"], on=[f"host:{name}"])
"""


class TestSeveralAtOnce:
    def test_nobodys_addition_is_lost(self, topology: World) -> None:
        """Real processes, let go at once."""
        change, names, each = under_way(topology), ["ada", "bea", "cyd", "dan"], 4
        for name in names:
            topology.ledger.add_host(name)
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [PYTHON, "-c", EXTEND, str(topology.ledger.home), change.id]
        racers = [subprocess.Popen([*command, name, str(each)], **pipes) for name in names]
        for racer in racers:
            assert racer.stdout.readline() == "ready\n", racer.communicate()[1]
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        for racer in racers:
            _, err = racer.communicate(timeout=240)
            assert racer.returncode == 0, err
        extended = topology.ledger.find_change(change.id)
        assert set(extended.paths) == {NGINX, *(f"/etc/{name}/{count}" for name in names for count in range(each))}
        assert set(targets(extended)) == {f"host:{HOST}", *(f"host:{name}" for name in names)}
        assert extended.extensions == len(names) * each
        assert topology.ledger.verify() == ()

    def test_who_reads_before_another_writes_asks_anew(self, topology: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The other one is let in between our look and our insert: once with an addition of their own, once with the end of the change."""
        from changelog_ledger.workflows import extend_change

        change = under_way(topology)
        with Ledger.open(topology.ledger.home, actor="bea", clock=topology.clock, entropy=entropy(3)) as theirs:
            between = iter([lambda: theirs.extend(change.id, paths=["/etc/theirs"]), lambda: None, lambda: theirs.finish(change.id, note="done")])
            recorded = extend_change._recorded
            whose = threading.local()

            def interrupted(*arguments: Any) -> bool:
                if not getattr(whose, "theirs", False):
                    whose.theirs = True
                    next(between)()
                    whose.theirs = False
                return recorded(*arguments)

            monkeypatch.setattr(extend_change, "_recorded", interrupted)
            assert topology.ledger.extend(change.id, paths=["/etc/ours"]).paths == (NGINX, "/etc/theirs", "/etc/ours")
            with pytest.raises(TransitionRefused, match=r"cannot extend.*it is succeeded"):
                topology.ledger.extend(change.id, paths=["/etc/late"])
        assert topology.ledger.find_change(change.id).extensions == 2

    def test_an_approval_is_of_what_was_read(self, topology: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Extended between the look and the insert of an approval: it would be approved as nobody has seen it."""
        from changelog_ledger.workflows import record_change

        planned = topology.ledger.plan("Limits", [HOST], impact="high", backout="back")
        step_fact = record_change.step_fact
        monkeypatch.setattr(record_change, "step_fact", lambda *given: (other.extend(planned.id, on=["db-01"]), step_fact(*given))[1])
        with (
            Ledger.open(topology.ledger.home, actor="bea", clock=topology.clock, entropy=entropy(3)) as other,
            pytest.raises(TransitionRefused, match="extended by somebody else"),
        ):
            topology.ledger.approve(planned.id)
        assert topology.ledger.find_change(planned.id).approvers == ()
