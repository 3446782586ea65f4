"""Laws of the lifecycle under any policy: whatever people try, in whatever order and circumstances, the oracle knew it beforehand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from changelog_ledger.changes import VERBS, Details, planned_change, step
from changelog_ledger.changes.extension import Extension, beyond_approval, extended, extension_of
from changelog_ledger.changes.rules import RULES, Step, approvals_needed, awaits_review, permitted
from changelog_ledger.errors import InvalidTime, PolicyRefused, TransitionRefused
from changelog_ledger.model.change import Change, ChangeType, Freeze, Item, ItemState, Level, Status
from changelog_ledger.model.policy import Policy, Stance
from changelog_ledger.model.schedule import Conflict, ConflictKind, MaintenanceWindow
from changelog_ledger.model.topology import Target
from tests.changes.oracle import BEGUN, NOTED, VERB_OF, Demands, Paper, Wish, extension, needed, next_status, verdict, write_down

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEB = Target.host("web-01")
PEOPLE = ("ada", "bea", "cyd")
OTHER = Change("CHG-0THER0", "Swap the switch", Status.STARTED, (WEB,))
FREEZE = Freeze("FRZ-000001", "year-end", NOON, NOON + 90 * MINUTE, (WEB,))
CONFLICT = Conflict(OTHER, OTHER, ConflictKind.TARGET, (WEB,), NOON)
NIGHTS = MaintenanceWindow("MNT-000001", "nights", NOON, timedelta(hours=1), "UTC", (WEB,))
STANCES = st.sampled_from(["allow", "warn", "refuse"])
OVERRIDES = st.sampled_from(["", "", " ", "the shop is down"])
CODES = ("not-approved", "freeze", "conflict", "outside-window", "outside-maintenance", "no-rollback-target", "open-items")


@st.composite
def demands(draw):
    number = st.integers(0, 3)
    return Demands(
        approvals={level: draw(number) for level in ("none", "low", "medium", "high")},
        approvals_by_risk=draw(st.dictionaries(st.sampled_from(["low", "medium", "high"]), number)),
        separate_approver=draw(st.booleans()),
        rollback_target_from=draw(st.sampled_from(["none", "low", "medium", "high"])),
        stances={code: draw(STANCES) for code in CODES},
    )


@st.composite
def papers(draw):
    begins = draw(st.none() | st.integers(0, 40))
    ends = None if begins is None else draw(st.none() | st.integers(begins, 120))
    return Paper(
        planner=draw(st.sampled_from(PEOPLE)),
        type=draw(st.sampled_from(["standard", "normal", "normal", "emergency"])),
        impact=draw(st.sampled_from([None, "none", "low", "medium", "high"])),
        risk=draw(st.sampled_from([None, "low", "medium", "high"])),
        begins=None if begins is None else NOON + begins * MINUTE,
        ends=None if ends is None else NOON + ends * MINUTE,
        way_back=draw(st.booleans()),
        open_items=draw(st.integers(0, 2)),
        templated=draw(st.booleans()),
    )


def policy_of(wanted: Demands) -> Policy:
    stance = {code: Stance(word) for code, word in wanted.stances.items()}
    return Policy(
        approvals={Level(name): number for name, number in wanted.approvals.items()},
        approvals_by_risk={Level(name): number for name, number in wanted.approvals_by_risk.items()},
        not_approved=stance["not-approved"],
        separate_approver=wanted.separate_approver,
        unticked=stance["open-items"],
        rollback_target=stance["no-rollback-target"],
        rollback_target_from=Level(wanted.rollback_target_from),
        outside_window=stance["outside-window"],
        outside_maintenance=stance["outside-maintenance"],
        in_freeze=stance["freeze"],
        conflicts=stance["conflict"],
    )


def change_of(paper: Paper) -> Change:
    details = Details(
        type=paper.type,
        impact=paper.impact,
        risk=paper.risk,
        backout="put it back" if paper.way_back else "",
        items=[f"item {number}" for number in range(paper.open_items)],
    )
    change = planned_change(
        id="CHG-7K3M9Q", title="Raise limit", on=[WEB], actor=paper.planner, recorded_at=NOON, start=paper.begins, end=paper.ends, details=details
    )
    return replace(change, template="limits" if paper.templated else "")


def taken(change: Change, wish: Wish, policy: Policy) -> Change:
    """The step as the library takes it: the lifecycle is asked, then the rules; what they remark stays with it."""
    count = approvals_needed(change, policy)
    step(change, wish.verb, wish.at, wish.actor, wish.note, approvals=count)
    asked = Step(
        verb=wish.verb,
        change=change,
        at=wish.at,
        actor=wish.actor,
        policy=policy,
        freezes=(FREEZE,) if wish.frozen else (),
        conflicts=(CONFLICT,) if wish.conflict else (),
        maintenance=() if wish.maintenance == "none" else (NIGHTS,),
        maintenance_open=wish.maintenance == "open",
        override=wish.override,
        note=wish.note,
    )
    return step(change, wish.verb, wish.at, wish.actor, wish.note, approvals=count, remarks=permitted(asked))


def widened(change: Change, wish: Wish, policy: Policy, added: Extension) -> Change:
    """An extension as the library makes it."""
    asked = Step(
        verb="extend",
        change=change,
        at=wish.at,
        actor=wish.actor,
        policy=policy,
        freezes=(FREEZE,) if wish.frozen else (),
        conflicts=(CONFLICT,) if wish.conflict else (),
        maintenance=() if wish.maintenance == "none" else (NIGHTS,),
        maintenance_open=wish.maintenance == "open",
        override=wish.override,
        beyond=beyond_approval(change, added, policy, ()),
    )
    return extended(change, added, wish.at, wish.actor, remarks=permitted(asked))


REFUSALS = {"lifecycle": TransitionRefused, "time": InvalidTime, "policy": PolicyRefused}


class Lifecycle(RuleBasedStateMachine):
    """One change under one policy; three people who try everything."""

    @initialize(wanted=demands(), paper=papers())
    def plan(self, wanted: Demands, paper: Paper) -> None:
        self.demands, self.paper = wanted, paper
        self.policy = policy_of(wanted)
        self.change = self.planned = change_of(paper)
        self.now = NOON
        self.extensions = 0

    @rule(
        verb=st.sampled_from((*VERBS, "start", "finish")),
        actor=st.sampled_from(PEOPLE),
        minutes=st.integers(-3, 30),
        note=st.sampled_from(["", "  ", "as agreed"]),
        override=OVERRIDES,
        frozen=st.booleans(),
        conflict=st.booleans(),
        maintenance=st.sampled_from(["none", "open", "closed"]),
    )
    def anything(self, verb: str, minutes: int, **around: object) -> None:
        """Most of it is refused."""
        self.attempt(Wish(verb, self.now + minutes * MINUTE, **around))

    @rule(choice=st.integers(0, 5), actor=st.sampled_from(PEOPLE), note=st.sampled_from(["", "as agreed"]), override=OVERRIDES)
    def what_could_be_next(self, choice: int, **around: str) -> None:
        """The lifecycle lets it happen, the rules perhaps: so that walks get somewhere."""
        if verbs := [verb for verb in VERBS if next_status(self.paper, verb) is not None and verb != "cancel"]:
            self.attempt(Wish(verbs[choice % len(verbs)], self.now + MINUTE, **around))

    def attempt(self, wish: Wish) -> None:
        """The oracle's word first, then the library's."""
        expected = verdict(self.paper, wish, self.demands)
        if expected.refused:
            with pytest.raises(REFUSALS[expected.refused]) as refused:
                taken(self.change, wish, self.policy)
            assert isinstance(refused.value, PolicyRefused) == (expected.refused == "policy")
            assert refused.value.hint
            if expected.refused == "policy":
                assert set(refused.value.codes) == expected.codes
                assert self.change.type is not ChangeType.EMERGENCY or expected.codes == {"own-approval"}
            return
        self.change = taken(self.change, wish, self.policy)
        write_down(self.paper, wish, self.demands)
        self.now = max(self.now, wish.at)
        said = self.change.notes[-1]
        assert (said.at, said.actor, said.step, said.text) == (wish.at, wish.actor, NOTED[wish.verb], wish.note.strip())
        assert {remark.code for remark in said.remarks} == expected.codes
        assert all(remark.text for remark in said.remarks)

    @rule(
        actor=st.sampled_from(PEOPLE),
        override=OVERRIDES,
        frozen=st.booleans(),
        conflict=st.booleans(),
        maintenance=st.sampled_from(["none", "open", "closed"]),
        wider=st.booleans(),
    )
    def extend(self, wider: bool, **around: object) -> None:
        wish = Wish("extend", self.now + MINUTE, **around)
        expected = extension(self.paper, wish, self.demands, wider=wider)
        more = [Target.host(f"web-{len(self.change.notes) + 2:02}")] if wider else []
        if expected.refused:
            with pytest.raises(REFUSALS[expected.refused]) as refused:
                widened(self.change, wish, self.policy, extension_of(self.change, more, (), None, wish.at))
            assert expected.refused != "policy" or set(refused.value.codes) == expected.codes
            return
        before = self.change
        self.change = widened(before, wish, self.policy, extension_of(before, more, (), None, wish.at))
        assert {remark.code for remark in self.change.notes[-1].remarks} == expected.codes
        assert replace(self.change, on=before.on, notes=before.notes) == before
        self.extensions += 1

    @rule()
    def tick_an_item(self) -> None:
        if self.change.open_items:
            first, *_ = self.change.open_items
            items = tuple(replace(item, state=ItemState.DONE) if item == first else item for item in self.change.items)
            self.change, self.paper.open_items = replace(self.change, items=items), self.paper.open_items - 1

    @invariant()
    def it_stands_as_the_paper_says(self) -> None:
        times = self.paper.times
        assert self.change.status == self.paper.status
        assert list(self.change.approvers) == self.paper.approvers
        assert (self.change.approved_at, self.change.started_at) == (times.get("approved"), times.get("started"))
        assert (self.change.finished_at, self.change.reviewed_at) == (times.get("finished"), times.get("reviewed"))
        assert self.change.outcome == (self.paper.status if self.paper.status in BEGUN[1:] else "")
        assert len(self.change.notes) == self.paper.steps + self.extensions, "a refusal leaves nothing behind"
        assert self.change.extensions == self.extensions

    @invariant()
    def the_notes_are_the_whole_history(self) -> None:
        again = replace(self.planned, items=self.change.items, on=self.change.on)
        for said in self.change.notes:
            if said.step == "extended":
                again = replace(again, notes=(*again.notes, said))
                continue
            again = step(again, VERB_OF[said.step], said.at, said.actor, said.text, approvals=needed(self.paper, self.demands), remarks=said.remarks)
        assert again == self.change

    @invariant()
    def what_has_begun_was_approved(self) -> None:
        begun = self.change.started_at is not None
        if begun and self.change.type is not ChangeType.EMERGENCY and self.policy.not_approved is Stance.REFUSE:
            assert len(set(self.change.approvers)) >= needed(self.paper, self.demands)
        if self.policy.separate_approver:
            assert self.change.actor not in self.change.approvers

    @invariant()
    def success_with_open_items_has_a_note(self) -> None:
        if self.policy.unticked is Stance.REFUSE and self.change.type is not ChangeType.EMERGENCY:
            for said in self.change.notes:
                assert said.step != "succeeded" or said.text or not self.change.open_items

    @invariant()
    def times_are_in_order(self) -> None:
        steps = [said for said in self.change.notes if said.step != "extended"]
        assert all(earlier.at <= later.at for earlier, later in itertools.pairwise(steps))
        ordered = [at for at in (self.change.started_at, self.change.finished_at, self.change.reviewed_at) if at is not None]
        assert ordered == sorted(ordered)

    @invariant()
    def only_what_is_closed_awaits_review(self) -> None:
        demanding = replace(self.policy, review_after=("standard", "normal", "emergency"))
        closed = self.change.outcome != "" and self.change.reviewed_at is None
        assert awaits_review(self.change, demanding) == closed
        assert not awaits_review(self.change, replace(self.policy, review_after=()))


Lifecycle.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestLifecycle = Lifecycle.TestCase


def test_the_oracle_knows_every_rule() -> None:
    """A rule that is added to the table without the oracle knowing it would never be tried."""
    assert {verb: len(rules) for verb, rules in RULES.items() if verb != "plan"} == {"approve": 1, "start": 6, "finish": 1, "extend": 4}
    assert Item("x").state is ItemState.OPEN
