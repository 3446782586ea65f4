"""The lifecycle through ``Ledger``: two people, a few changes, any order. What is recorded is what the oracle says, and it bears being checked,
rebuilt and taken elsewhere."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidTime, PolicyRefused, TransitionRefused
from changelog_ledger.model.change import Change
from tests.changes.oracle import NOTED, VERB_OF, Demands, Paper, Wish, extension, next_status, verdict, write_down

from .world import HOST, START, Clock, entropy

PEOPLE = ("ada", "bea")
MINUTE = timedelta(minutes=1)
MOST_CHANGES = 3
REFUSALS = {"lifecycle": TransitionRefused, "time": InvalidTime, "policy": PolicyRefused}
TABLE = """
[changes]
approvals = {{ low = {low}, high = {high} }}
separate_approver = {separate}
not_approved = "{not-approved}"
unticked = "{open-items}"
rollback_target = "{no-rollback-target}"
outside_window = "{outside-window}"
in_freeze = "{freeze}"
conflicts = "allow"
"""
CODES = ("not-approved", "open-items", "no-rollback-target", "outside-window", "freeze")
STANCES = st.fixed_dictionaries({code: st.sampled_from(["warn", "refuse"]) for code in CODES})


class TickingClock(Clock):
    """No two looks at a real clock are the same."""

    def __call__(self):
        return self.tick(microseconds=1)


class Office(RuleBasedStateMachine):
    """A home, two people with the ledger open, and what the oracle has on paper about each change."""

    @initialize(
        low=st.integers(0, 1),
        high=st.integers(1, 2),
        separate=st.booleans(),
        stances=STANCES,
    )
    def move_in(self, low: int, high: int, separate: bool, stances: dict[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-office-"))
        self.clock = TickingClock()
        Ledger.init(self.folder / "home", host=HOST, actor=PEOPLE[0], clock=self.clock, entropy=entropy(7)).close()
        table = self.folder / "home/ledger.toml"
        table.write_text(table.read_text() + TABLE.format(low=low, high=high, separate=str(separate).lower(), **stances))
        self.desks = {name: Ledger.open(self.folder / "home", actor=name, clock=self.clock, entropy=entropy(n)) for n, name in enumerate(PEOPLE)}
        self.demands = Demands(
            approvals={"none": 0, "low": low, "medium": 1, "high": high}, separate_approver=separate, stances={"conflict": "allow", **stances}
        )
        self.papers: dict[str, Paper] = {}
        self.freezes: list[tuple[Any, Any]] = []

    def teardown(self) -> None:
        if not hasattr(self, "desks"):
            return
        try:
            self.it_can_be_taken_elsewhere()
        finally:
            for desk in self.desks.values():
                desk.close()
            shutil.rmtree(self.folder)

    @precondition(lambda self: len(self.papers) < MOST_CHANGES)
    @rule(
        planner=st.sampled_from(PEOPLE),
        type=st.sampled_from(["normal", "normal", "emergency", "standard"]),
        impact=st.sampled_from([None, "low", "high"]),
        window=st.sampled_from([None, (-5, 5), (3, 10)]),
        items=st.integers(1, 2),
        way_back=st.booleans(),
    )
    def plan(self, planner: str, type: str, impact: str | None, window: tuple[int, int] | None, items: int, way_back: bool) -> None:  # noqa: A002
        now = self.clock.tick(seconds=1)
        begins, ends = (None, None) if window is None else (now + window[0] * MINUTE, now + window[1] * MINUTE)
        texts = [f"item {number}" for number in range(items)]
        planned = self.desks[planner].plan(
            "Raise limit", [HOST], start=begins, end=ends, type=type, impact=impact, items=texts, backout="put it back" if way_back else ""
        )
        assert [item.text for item in planned.items] == texts
        self.papers[planned.id] = Paper(planner, type, impact, None, begins, ends, way_back, items)

    @precondition(lambda self: len(self.freezes) < 2)
    @rule(length=st.integers(1, 15))
    def freeze(self, length: int) -> None:
        now = self.clock.tick(seconds=1)
        self.desks["ada"].import_facts(
            [
                json.dumps(
                    {
                        "kind": "freeze",
                        "title": "closing",
                        "start": now.isoformat(),
                        "end": (now + length * MINUTE).isoformat(),
                        "on": [f"host:{HOST}"],
                    }
                )
            ]
        )
        self.freezes.append((now, now + length * MINUTE))

    @precondition(lambda self: self.papers)
    @rule(
        which=st.integers(0, MOST_CHANGES - 1),
        verb=st.sampled_from(list(NOTED)),
        actor=st.sampled_from(PEOPLE),
        ago=st.sampled_from([0, 0, 0, 4]),
        note=st.sampled_from(["", "as agreed"]),
        override=st.sampled_from(["", "the shop is down"]),
        lead=st.booleans(),
    )
    def take_a_step(self, which: int, verb: str, actor: str, ago: int, note: str, override: str, lead: bool) -> None:
        identity, paper = list(self.papers.items())[which % len(self.papers)]
        if lead:  # somewhere, so that walks do not end in refusals
            verb = next((each for each in ("approve", "start", "finish", "review") if next_status(paper, each)), verb)
        at = self.clock.tick(minutes=1) - ago * MINUTE
        frozen = any(start <= at < end for start, end in self.freezes)
        wish = Wish(verb, at, actor, note=note, override=override if verb == "start" else "", frozen=frozen)
        expected = verdict(paper, wish, self.demands)
        if expected.refused:
            before = self.desks[actor].status().facts
            with pytest.raises(REFUSALS[expected.refused]) as refused:
                self._move(identity, wish)
            assert expected.refused != "policy" or set(refused.value.codes) == expected.codes
            assert self.desks[actor].status().facts == before, "a refusal records nothing"
            return
        self._move(identity, wish)
        write_down(paper, wish, self.demands)
        said = self.desks[actor].find_change(identity).notes[-1]
        assert {remark.code for remark in said.remarks} == expected.codes

    def _move(self, identity: str, wish: Wish) -> None:
        desk = self.desks[wish.actor]
        if wish.verb == "roll-back":
            desk.roll_back(identity, at=wish.at, note=wish.note, record_only=True)
        elif wish.verb == "start":
            desk.start(identity, at=wish.at, note=wish.note, override=wish.override)
        else:
            getattr(desk, wish.verb)(identity, at=wish.at, note=wish.note)

    @precondition(lambda self: self.papers)
    @rule(which=st.integers(0, MOST_CHANGES - 1), actor=st.sampled_from(PEOPLE))
    def tick_an_item(self, which: int, actor: str) -> None:
        identity, paper = list(self.papers.items())[which % len(self.papers)]
        change = self.desks[actor].find_change(identity)
        if change.is_open and change.open_items:
            self.desks[actor].check(identity, change.open_items[0].text)
            paper.open_items -= 1

    @precondition(lambda self: self.papers)
    @rule(
        which=st.integers(0, MOST_CHANGES - 1),
        actor=st.sampled_from(PEOPLE),
        minutes=st.sampled_from([3, 12]),
        override=st.sampled_from(["", "the shop is down"]),
    )
    def give_it_more_time(self, which: int, actor: str, minutes: int, override: str) -> None:
        identity, paper = list(self.papers.items())[which % len(self.papers)]
        now = self.clock.tick(minutes=1)
        desk, until = self.desks[actor], max(now, paper.begins or now) + minutes * MINUTE
        since = max(paper.ends or paper.begins or now, now if paper.status == "started" else START)
        frozen = any(start <= since < end or since < start < until for start, end in self.freezes)
        expected = extension(paper, Wish("extend", now, actor, override=override, frozen=frozen), self.demands, wider=False)
        unscheduled = paper.begins is None and paper.status != "started"
        enough = paper.ends is not None and until <= paper.ends
        before = desk.status().facts
        if expected.refused == "lifecycle" or unscheduled or (expected.refused and not enough):
            with pytest.raises(InvalidTime if expected.refused != "lifecycle" and unscheduled else REFUSALS[expected.refused]):
                desk.extend(identity, duration=minutes * MINUTE, override=override)
            assert desk.status().facts == before, "a refusal records nothing"
            return
        change = desk.extend(identity, duration=minutes * MINUTE, override=override)
        assert desk.status().facts == before + (not enough)
        if not enough:
            assert timedelta(0) <= change.planned_end - until < timedelta(seconds=1)
            assert {remark.code for remark in change.notes[-1].remarks} == expected.codes
            paper.ends = change.planned_end

    @precondition(lambda self: self.papers)
    @rule(which=st.integers(0, MOST_CHANGES - 1), actor=st.sampled_from(PEOPLE))
    def say_something(self, which: int, actor: str) -> None:
        self.desks[actor].note(list(self.papers)[which % len(self.papers)], "the partner was told")

    @rule()
    def rebuild(self) -> None:
        before = self._changes()
        self.desks["ada"].rebuild()
        assert self._changes() == before

    @invariant()
    def the_database_says_what_the_paper_says(self) -> None:
        for change in self._changes():
            paper = self.papers[change.id]
            assert (change.status, list(change.approvers), len(change.open_items)) == (paper.status, paper.approvers, paper.open_items)
            assert (change.approved_at, change.started_at) == (paper.times.get("approved"), paper.times.get("started"))
            assert (change.finished_at, change.reviewed_at) == (paper.times.get("finished"), paper.times.get("reviewed"))
            assert (change.planned_start, change.planned_end) == (paper.begins, paper.ends)
            steps = [note for note in change.notes if note.step and note.step != "extended"]
            assert len(steps) == paper.steps
            assert all(note.step in VERB_OF for note in steps)
            assert all(earlier.at <= later.at for earlier, later in itertools.pairwise(steps))

    def it_can_be_taken_elsewhere(self) -> None:
        """Nothing is found by ``verify``, and what is exported says the same in another home."""
        desk = self.desks["ada"]
        assert desk.verify() == ()
        with Ledger.init(self.folder / "elsewhere", host=HOST, actor="cyd", clock=self.clock, entropy=entropy(9)) as other:
            other.import_facts(desk.export_facts())
            for change in self._changes():
                assert differing(change, other.find_change(change.id)) == {}
            assert len(other.changes(limit=10)) == len(self.papers)
            assert other.verify() == ()

    def _changes(self) -> tuple[Any, ...]:
        found = self.desks["ada"].changes(limit=10)
        assert {change.id for change in found} == set(self.papers)
        return found


def differing(change: Change, other: Change) -> dict[str, tuple[Any, Any]]:
    """The fields in which two changes differ, but for when this home has heard of them."""
    names = [entry.name for entry in fields(Change) if entry.name != "recorded_at"]
    return {name: (getattr(change, name), getattr(other, name)) for name in names if getattr(change, name) != getattr(other, name)}


FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failure is shown as it was found: to shrink it would take minutes."""

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
Office.TestCase.settings = settings(max_examples=4, stateful_step_count=20, deadline=None, suppress_health_check=QUIET, phases=FOUND)
TestOffice = Office.TestCase


@pytest.mark.slow
def test_many_more_days_at_the_office() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Office, settings=settings(max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=QUIET))
