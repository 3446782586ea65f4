"""The rules, one after the other: what is asked of a step, what is said where it is not kept, and what helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from changelog_ledger.changes import Details, planned_change, step
from changelog_ledger.changes.impact import Surroundings, suggest
from changelog_ledger.changes.remarks import lateness, narrowness
from changelog_ledger.changes.rules import RULES, Step, approvals_missing, approvals_needed, awaits_review, objections, permitted
from changelog_ledger.errors import PolicyRefused, TransitionRefused
from changelog_ledger.model.change import Change, ChangeType, Freeze, ItemState, Level, Status
from changelog_ledger.model.policy import Policy, Stance
from changelog_ledger.model.schedule import Conflict, ConflictKind, MaintenanceWindow
from changelog_ledger.model.topology import Target

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEB = Target.host("web-01")
STRICT = Policy(
    rollback_target=Stance.REFUSE,
    outside_window=Stance.REFUSE,
    outside_maintenance=Stance.REFUSE,
    conflicts=Stance.REFUSE,
)
YEAR_END = Freeze("FRZ-000001", "year-end closing", NOON - HOUR, NOON + 9 * HOUR, (WEB,))
SWITCH = Change("CHG-0THER0", "Swap the core switch", Status.STARTED, (WEB,))
CONFLICT = Conflict(SWITCH, SWITCH, ConflictKind.TARGET, (WEB,), NOON)
NIGHTS = MaintenanceWindow("MNT-000001", "weekend nights", NOON + 12 * HOUR, 4 * HOUR, "Europe/Berlin", (WEB,), "FREQ=WEEKLY;BYDAY=SA")


def plan(start: datetime | None = None, end: datetime | None = None, **details: object) -> Change:
    """A change that ada planned, with a way back unless another one is given."""
    given = {"backout": "put 4 back"} | details
    return planned_change(
        id="CHG-7K3M9Q", title="Raise limit", on=[WEB], actor="ada", recorded_at=NOON - HOUR, start=start, end=end, details=Details(**given)
    )


def wish(change: Change, verb: str = "start", actor: str = "ada", policy: Policy = STRICT, **around: object) -> Step:
    return Step(**({"verb": verb, "change": change, "at": NOON, "actor": actor, "policy": policy} | around))


def refusal(asked: Step) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as refused:
        permitted(asked)
    return refused.value


EVERYTHING = {"freezes": (YEAR_END,), "conflicts": (CONFLICT,), "maintenance": (NIGHTS,), "beyond": "it was approved, but not for host:db-01"}
WORST = plan(NOON + HOUR, NOON + 2 * HOUR, impact="high", backout="")
"""What breaks every rule of a start."""


class TestDefaultsAreLight:
    def test_a_small_change_starts_at_once(self):
        assert permitted(wish(plan(), policy=Policy())) == ()

    def test_what_has_no_way_back_is_only_remarked_on(self):
        (remark,) = permitted(wish(plan(backout=""), policy=Policy()))
        assert (remark.code, remark.text) == ("no-rollback-target", "it has nothing to go back to")

    def test_an_impact_of_none_needs_no_way_back(self):
        assert permitted(wish(plan(backout="", impact="none"), policy=Policy())) == ()

    @pytest.mark.parametrize(("impact", "count"), [(None, 0), ("none", 0), ("low", 0), ("medium", 1), ("high", 1)])
    def test_who_may_hurt_users_asks_somebody_first(self, impact, count):
        assert approvals_needed(plan(impact=impact), Policy()) == count

    def test_only_emergencies_are_reviewed(self):
        closed = replace(plan(type="emergency"), status=Status.SUCCEEDED)
        assert awaits_review(closed, Policy())
        assert not awaits_review(replace(closed, reviewed_at=NOON), Policy())
        assert not awaits_review(replace(closed, type=ChangeType.NORMAL), Policy())
        assert not awaits_review(replace(closed, status=Status.STARTED), Policy())


class TestApproval:
    def test_a_start_waits_for_it(self):
        refused = refusal(wish(plan(impact="high")))
        assert refused.message == "cannot start CHG-7K3M9Q: a change of high impact needs 1 approval"
        assert refused.hint == "ledger change approve CHG-7K3M9Q"
        assert refused.codes == ("not-approved",)

    def test_several_may_be_needed_and_it_says_how_many_there_are(self):
        policy = replace(STRICT, approvals_by_risk={Level.HIGH: 2})
        asked = plan(impact="high", risk="high")
        once = step(asked, "approve", NOON, "bea", approvals=approvals_needed(asked, policy))
        assert once.status is Status.PLANNED
        assert "a change of high impact and high risk needs 2 approvals, and has 1" in refusal(wish(once, policy=policy)).message
        twice = step(once, "approve", NOON, "cyd", approvals=approvals_needed(asked, policy))
        assert twice.status is Status.APPROVED
        assert permitted(wish(twice, policy=policy)) == ()

    def test_what_was_approved_elsewhere_need_not_name_who(self):
        """An imported change may say when it was approved, and by nobody in particular."""
        assert permitted(wish(replace(plan(impact="high"), status=Status.APPROVED, approved_at=NOON - HOUR))) == ()

    def test_no_reason_replaces_it(self):
        assert refusal(wish(plan(impact="high"), override="the shop is down")).codes == ("not-approved",)

    def test_where_four_eyes_are_wanted_nobody_approves_their_own(self):
        policy = replace(STRICT, separate_approver=True)
        refused = refusal(wish(plan(), "approve", policy=policy))
        assert refused.message == "cannot approve CHG-7K3M9Q: ada planned it, and who plans a change may not approve it here"
        assert refused.hint == "let somebody else run: ledger change approve CHG-7K3M9Q"
        assert permitted(wish(plan(), "approve", "bea", policy)) == ()
        assert permitted(wish(plan(), "approve", policy=STRICT)) == ()

    def test_what_a_template_describes_is_approved_beforehand(self):
        standard = plan(type="standard", impact="high")
        assert approvals_needed(replace(standard, template="certificates"), STRICT) == 0
        assert approvals_needed(standard, STRICT) == 1, "the word alone does not do"


class TestFreeze:
    def test_nothing_starts_within_one(self):
        refused = refusal(wish(plan(), freezes=(YEAR_END,)))
        assert "'year-end closing' freezes changes from 2026-11-21T11:00:00Z until 2026-11-21T21:00:00Z" in refused.message
        assert refused.hint == "start it afterwards, or say why not: --override REASON"
        assert refused.codes == ("freeze",)

    def test_a_reason_lets_it_pass_and_stays_with_it(self):
        (remark,) = permitted(wish(plan(), freezes=(YEAR_END,), override="the shop is down"))
        assert remark.code == "freeze"
        assert remark.text.endswith("(overridden: the shop is down)")

    def test_blanks_are_no_reason(self):
        assert refusal(wish(plan(), freezes=(YEAR_END,), override="  ")).codes == ("freeze",)


class TestConflict:
    def test_the_other_change_is_named(self):
        refused = refusal(wish(plan(), conflicts=(CONFLICT,)))
        assert refused.message.endswith("CHG-0THER0 (Swap the core switch) is started at the same time on host:web-01")
        assert refused.hint == "look at it: ledger change show CHG-0THER0; or say why it does not matter: --override REASON"


class TestTimes:
    def test_too_early(self):
        refused = refusal(wish(plan(NOON + HOUR, NOON + 2 * HOUR)))
        assert refused.message.endswith("its window begins only at 2026-11-21T13:00:00Z")
        assert refused.hint == "wait for its window, or say why not: --override REASON"
        assert refused.codes == ("outside-window",)

    def test_too_late(self):
        refused = refusal(wish(plan(NOON - HOUR, NOON)))
        assert refused.message.endswith("its window ended at 2026-11-21T12:00:00Z")
        assert refused.hint.startswith("plan it anew")

    def test_its_first_moment_is_within_it(self):
        assert permitted(wish(plan(NOON, NOON + HOUR))) == ()
        assert permitted(wish(plan(NOON))) == ()

    def test_maintenance_windows_count_where_a_home_says_so(self):
        refused = refusal(wish(plan(), maintenance=(NIGHTS,)))
        assert refused.message.endswith("no maintenance window of its targets is open ('weekend nights')")
        assert refused.codes == ("outside-maintenance",)
        assert permitted(wish(plan(), maintenance=(NIGHTS,), maintenance_open=True)) == ()
        assert permitted(wish(plan(), maintenance=(NIGHTS,), policy=Policy())) == ()


class TestWayBack:
    def test_one_is_asked_for(self):
        refused = refusal(wish(plan(backout="")))
        assert refused.message.endswith("it has nothing to go back to")
        assert "--rollback-to latest" in refused.hint
        assert "--irreversible WHY" in refused.hint

    @pytest.mark.parametrize("way", [{"rollback_to": "latest"}, {"backout": "put 4 back"}, {"irreversible": "the disk is wiped"}])
    def test_any_of_the_three_will_do(self, way):
        assert permitted(wish(plan(**({"backout": ""} | way)))) == ()


class TestChecklist:
    def test_success_needs_every_item_or_a_note(self):
        started = step(plan(items=["mute", "drain", "test", "unmute"]), "start", NOON, "ada")
        refused = refusal(wish(started, "finish"))
        assert refused.message == "cannot finish CHG-7K3M9Q: its checklist has open items: 'mute', 'drain', 'test' and 1 more"
        assert refused.hint == "tick them: ledger change check CHG-7K3M9Q ITEM; or say why they stay open: --note TEXT"
        (remark,) = permitted(wish(started, "finish", policy=replace(STRICT, unticked=Stance.WARN)))
        assert remark.code == "open-items"
        assert permitted(wish(started, "finish", note="nothing to mute there")) == ()

    def test_ticked_and_waived_items_are_not_open(self):
        started = step(plan(items=["mute", "drain"]), "start", NOON, "ada")
        mute, drain = started.items
        settled = replace(started, items=(replace(mute, state=ItemState.DONE), replace(drain, state=ItemState.WAIVED, because="one node")))
        assert permitted(wish(settled, "finish")) == ()

    def test_a_failure_needs_none_of_it(self):
        started = step(plan(items=["mute"]), "start", NOON, "ada")
        assert permitted(wish(started, "fail")) == ()


class TestTogether:
    def test_whatever_refuses_is_said_at_once(self):
        refused = refusal(wish(WORST, **EVERYTHING))
        assert refused.codes == ("not-approved", "freeze", "conflict", "outside-window", "outside-maintenance", "no-rollback-target")
        assert refused.hint.startswith("ledger change approve CHG-7K3M9Q  (and 5 more: freeze, conflict,")

    def test_an_emergency_starts_and_carries_what_was_said(self):
        remarks = permitted(wish(replace(WORST, type=ChangeType.EMERGENCY), **EVERYTHING))
        assert len(remarks) == 6

    def test_a_plan_is_remarked_on_and_never_refused(self):
        """``permitted`` is for steps; a plan's objections are its assessment's reasons."""
        codes = {objection.code for objection in objections(wish(WORST, "plan", **EVERYTHING))}
        assert codes == {"freeze", "conflict", "outside-maintenance", "no-rollback-target"}

    def test_what_is_allowed_is_not_spoken_of(self):
        silent = Policy(
            **dict.fromkeys(("not_approved", "in_freeze", "conflicts", "outside_window", "outside_maintenance", "rollback_target"), Stance.ALLOW)
        )
        assert permitted(wish(WORST, policy=silent, **EVERYTHING)) == ()

    def test_a_reason_is_kept_whatever_the_stance(self):
        """What somebody took the trouble to write is not dropped because the home only warns."""
        (remark,) = permitted(wish(plan(NOON + HOUR), policy=Policy(), override="agreed with the shop"))
        assert remark.text.endswith("(overridden: agreed with the shop)")

    def test_every_rule_has_a_hint_and_reads_like_a_sentence(self):
        started = step(plan(items=["mute"]), "start", NOON, "ada")
        steps = [
            wish(WORST, **EVERYTHING),
            wish(plan(), "approve", policy=replace(STRICT, separate_approver=True)),
            wish(started, "finish"),
            wish(started, "extend", **EVERYTHING),
        ]
        found = [objection for asked in steps for objection in objections(asked)]
        assert len(found) == len({rule for verb, rules in RULES.items() if verb != "plan" for rule in rules})
        for objection in found:
            assert objection.hint, objection.code
            assert not objection.text.endswith("."), objection.text
            assert len(objection.text.split()) > 4, objection.text


class TestOtherPlaces:
    def test_a_conflict_by_dependency_says_where_the_other_is(self):
        kernel = replace(SWITCH, title="Kernel update", on=(WEB,))
        meets = Conflict(kernel, kernel, ConflictKind.DEPENDENCY, (Target.host("db-01"),), NOON)
        on_database = replace(plan(), on=(Target.host("db-01"),))
        (remark,) = permitted(wish(on_database, policy=Policy(), conflicts=(meets,)))
        assert remark.text.endswith("at the same time on host:web-01, which depends on host:db-01")
        below = replace(meets, other=replace(kernel, on=(Target.host("db-01"),)))
        (remark,) = permitted(wish(plan(), policy=Policy(), conflicts=(below,)))
        assert remark.text.endswith("at the same time on host:db-01, which this one depends on")


class TestWords:
    def test_one_of_two_has_failed(self):
        around = Surroundings(hosts=1, services=0, finished=2, failed=1)
        assert [ground.text for ground in suggest(plan(), around).grounds] == ["of the last 2 finished changes here 1 failed or was rolled back"]


class TestPeople:
    def test_one_person_in_two_spellings_is_one(self):
        asked = plan(impact="high")
        once = step(asked, "approve", NOON, "bob", approvals=2)
        with pytest.raises(TransitionRefused, match="Bob has approved"):
            step(once, "approve", NOON, "Bob", approvals=2)
        policy = replace(STRICT, separate_approver=True)
        assert refusal(wish(asked, "approve", "ADA", policy=policy)).codes == ("own-approval",)

    def test_nobody_approves_their_own_emergency_where_others_have_to(self):
        policy = replace(STRICT, separate_approver=True)
        assert refusal(wish(plan(type="emergency"), "approve", policy=policy, override="at once")).codes == ("own-approval",)

    def test_who_is_missing_is_counted(self):
        policy = replace(STRICT, approvals={Level.HIGH: 2})
        asked = plan(impact="high")
        assert approvals_missing(asked, policy) == 2
        once = step(asked, "approve", NOON, "bob", approvals=2)
        assert approvals_missing(once, policy) == 1
        assert approvals_missing(step(once, "approve", NOON, "eve", approvals=2), policy) == 0
        assert approvals_missing(plan(), policy) == 0


class TestRecordedLate:
    def test_what_holds_now_counts_too(self):
        then, now = wish(plan(), at=NOON - 2 * HOUR), wish(plan(), freezes=(YEAR_END,))
        assert permitted(then) == ()
        with pytest.raises(PolicyRefused) as refused:
            permitted(then, now)
        assert refused.value.codes == ("freeze",)

    def test_the_same_is_said_once(self):
        worse = wish(plan(backout=""), policy=Policy())
        assert len(permitted(worse, replace(worse, at=NOON + HOUR))) == 1

    def test_it_is_remarked_on(self):
        asked = plan()
        assert lateness(asked, NOON, NOON + timedelta(minutes=5)) == ()
        (remark,) = lateness(asked, NOON, NOON + HOUR)
        assert (remark.code, remark.text) == ("recorded-late", "recorded 1 h afterwards")
        (remark,) = lateness(asked, NOON - 60 * HOUR, NOON)
        assert remark.text == "recorded 2 days 12 h afterwards, and before the plan was recorded at 2026-11-21T11:00:00Z"


class TestNarrowWindows:
    def test_going_back_has_to_fit(self):
        tight = plan(NOON, NOON + 2 * HOUR, backout_time=5 * HOUR, downtime=9 * HOUR)
        assert [(remark.code, remark.text) for remark in narrowness(tight)] == [
            ("backout-too-long", "going back takes 5 h, longer than its window of 2 h: one could never go back within it"),
            ("downtime-too-long", "users are expected to be without it for 9 h, longer than its window of 2 h"),
        ]
        assert not list(narrowness(plan(NOON, NOON + 2 * HOUR, backout_time=2 * HOUR, downtime=2 * HOUR)))
        assert not list(narrowness(plan(NOON, None, backout_time=5 * HOUR)))
