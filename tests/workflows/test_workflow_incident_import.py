"""Incidents between two ledgers and from trackers: what became of one elsewhere is brought along once, or it is said that the two differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from changelog_ledger.errors import InvalidFact
from changelog_ledger.ledger.ledger import Ledger
from changelog_ledger.model.incident import Incident

from .world import HOST, World, made_world

LINE = {"kind": "incident", "ref": "PD-1", "title": "Mail is late", "on": ["service:mail"], "began_at": "2025-06-01T10:00Z", "actor": "tracker"}


@pytest.fixture
def other(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A second ledger, at the same time."""
    with made_world(tmp_path_factory.mktemp("other"), seed=9) as made:
        made.clock.now = world.clock.now
        yield made


@pytest.fixture
def warnings(other: World) -> list[str]:
    """What the second ledger warns of from now on."""
    said: list[str] = []
    other.ledger = Ledger(replace(other.ledger._workspace, warn=said.append))
    return said


def opened(world: World) -> Incident:
    incident = world.ledger.incidents.open("Shop answers 502", [HOST])
    world.clock.tick(minutes=5)
    return incident


def brought(world: World, other: World) -> Any:
    other.clock.now = world.clock.now
    return other.ledger.import_facts(list(world.ledger.export_facts()))


def imported(world: World, **said: Any) -> Any:
    return world.ledger.import_facts([json.dumps(LINE | said)])


class TestGoingOn:
    def test_what_became_of_it_elsewhere_is_brought_along_once(self, world: World, other: World, warnings: list[str]) -> None:
        incident = opened(world)
        brought(world, other)
        steps = world.ledger.incidents
        for step in (
            lambda: steps.update(incident.id, mitigated_at="now", commander="kim", impact="high", note="moved away"),
            lambda: steps.link(incident.id, "the storm", "confirmed", because="it fits"),
            lambda: steps.link(incident.id, "the storm", "cleared"),
            lambda: steps.resolve(incident.id),
            lambda: steps.review(incident.id, summary="The storm.", causes="no alarm", actions=[("alarm", "kim", "2025-07-01")], done=True),
            lambda: steps.finish_action(incident.id, 1),
            lambda: steps.tell(incident.id),
            lambda: steps.reopen(incident.id, "502 again"),
        ):
            step()
            world.clock.tick(minutes=1)
            assert brought(world, other).recorded >= 1
            assert other.ledger.incidents.show(incident.id) == steps.show(incident.id)
            assert brought(world, other).recorded == 0
        assert other.ledger.verify() == ()
        other.ledger.rebuild()
        assert other.ledger.incidents.show(incident.id) == steps.show(incident.id)
        assert warnings == []

    def test_an_older_export_says_nothing_new(self, world: World, other: World, warnings: list[str]) -> None:
        incident = opened(world)
        old = list(world.ledger.export_facts())
        world.ledger.incidents.update(incident.id, title="Shop answers 502 to all")
        world.ledger.incidents.resolve(incident.id)
        brought(world, other)
        for ledger in (world.ledger, other.ledger):
            before = ledger.incidents.show(incident.id)
            assert ledger.import_facts(old).recorded == 0
            assert ledger.incidents.show(incident.id) == before
        assert [said for said in warnings if "left as it is" not in said] == []

    def test_a_tracker_s_line_that_got_further(self, other: World, warnings: list[str]) -> None:
        imported(other)
        assert imported(other, resolved_at="2025-06-01T12:00Z", summary="A route.").recorded == 1
        assert imported(other, resolved_at="2025-06-01T12:00Z", summary="A route.").known == 1
        assert (other.ledger.incidents.show("PD-1").state, other.ledger.incidents.show("PD-1").summary) == ("resolved", "A route.")
        assert warnings == []

    def test_a_secret_in_it_does_not_make_it_another(self, other: World, warnings: list[str]) -> None:
        note = {"at": "2025-06-01T10:30Z", "text": "tried password=Tr0ub4dor&3-zebra"}
        imported(other, notes=[note])
        assert imported(other, notes=[note]).recorded == 0
        assert warnings == []

    def test_a_dry_run_counts_and_records_nothing(self, other: World) -> None:
        imported(other)
        dry = other.ledger.import_facts([json.dumps(LINE | {"resolved_at": "2025-06-01T12:00Z"})], dry_run=True)
        assert (dry.recorded, dry.known) == (1, 0)
        assert other.ledger.incidents.show("PD-1").state == "open"


class TestDiffering:
    def test_altered_here_and_there_is_said_and_left_as_it_is(self, world: World, other: World, warnings: list[str]) -> None:
        incident = opened(world)
        brought(world, other)
        other.ledger.incidents.update(incident.id, note="seen here")
        world.ledger.incidents.resolve(incident.id)
        before = other.ledger.incidents.show(incident.id)
        brought(world, other)
        assert other.ledger.incidents.show(incident.id) == before
        (said,) = warnings
        assert f"{incident.id} (Shop answers 502) is open here and resolved there" in said

    def test_what_was_altered_here_is_not_overwritten(self, world: World, other: World, warnings: list[str]) -> None:
        incident = opened(world)
        brought(world, other)
        other.ledger.incidents.update(incident.id, impact="high")
        brought(world, other)
        assert warnings == [], "nothing is new there"
        world.ledger.incidents.update(incident.id, impact="low", note="few are hit")
        brought(world, other)
        assert other.ledger.incidents.show(incident.id).impact == "high"
        assert "both were altered: impact" in warnings[0]


class TestRefused:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"links": [{"kind": "related", "what": "  "}]},
            {"actions": [{"text": "  "}]},
            {"causes": [""]},
            {"worked": [" "]},
            {"told": [{"at": "2025-06-01T10:10Z", "text": " \n"}]},
            {"notes": [{"at": "2025-06-01T10:10Z", "text": " "}]},
            {"id": "INC-7K3M9Q", "links": [{"kind": "related", "what": "INC-7K3M9Q"}]},
        ],
    )
    def test_what_says_nothing_is_refused_with_its_line(self, world: World, wrong: dict[str, Any]) -> None:
        with pytest.raises(InvalidFact, match="line 1"):
            imported(world, **wrong)
        assert world.ledger.incidents.list() == ()

    def test_a_line_that_is_refused_is_not_known(self, world: World) -> None:
        lines = [LINE, LINE | {"ref": "PD-2", "resolved_at": "2025-06-01T09:00Z"}, {"kind": "mark"}]
        result = world.ledger.import_facts(map(json.dumps, lines), keep_going=True)
        assert (result.known, len(result.refused)) == (0, 2)
        again = world.ledger.import_facts(map(json.dumps, lines), keep_going=True)
        assert (again.recorded, again.known, len(again.refused)) == (0, 1, 2)
