"""Extending a change: what of it is new, what the rules say to that, and what the change is then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes import Details, covers, planned_change, step
from changelog_ledger.changes.extension import Extension, additions, beyond_approval, end_after, extended, extension_of
from changelog_ledger.changes.rules import Step, objections, permitted
from changelog_ledger.errors import InvalidInput, InvalidTime, PolicyRefused, TransitionRefused
from changelog_ledger.model.change import Change, ChangeType, Freeze, Status
from changelog_ledger.model.policy import Policy, Stance, Template
from changelog_ledger.model.schedule import Conflict, ConflictKind
from changelog_ledger.model.topology import EVERYTHING, Target

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEB, DB, SHOP = Target.host("web-01"), Target.host("db-01"), Target.service("shop")
NGINX, HAPROXY = "/etc/nginx/**", "/etc/haproxy/**"
NIGHT = Freeze("FRZ-000001", "closing", NOON, NOON + HOUR, (WEB,))


def plan(start: datetime | None = NOON + HOUR, end: datetime | None = NOON + 2 * HOUR, on: tuple[Target, ...] = (WEB,), **details: object) -> Change:
    said = Details(**({"paths": [NGINX], "backout": "put 4 back"} | details))
    return planned_change(id="CHG-7K3M9Q", title="Raise limit", on=on, actor="ada", recorded_at=NOON - HOUR, start=start, end=end, details=said)


def started(**given: object) -> Change:
    return step(plan(**given), "start", NOON - HOUR, "ada")


def new(change: Change, on=(), paths=(), end=None) -> Extension:
    return extension_of(change, on, paths, end, NOON)


class TestWhatIsNew:
    def test_only_what_is_not_there_already(self):
        assert new(plan(), [WEB, DB, DB], [NGINX, HAPROXY]) == Extension((DB,), (HAPROXY,))

    def test_what_is_there_already_adds_nothing(self):
        assert new(plan(), [WEB], [f" {NGINX} "], NOON + 2 * HOUR).is_empty

    def test_everything_has_all_targets(self):
        assert new(plan(on=(EVERYTHING,)), [WEB, SHOP]).is_empty
        assert new(plan(), [EVERYTHING]).on == (EVERYTHING,)

    def test_a_path_would_narrow_a_change_that_covers_all(self):
        with pytest.raises(InvalidInput, match="names no paths, so it covers every path already") as refused:
            new(plan(paths=[]), [DB], [HAPROXY])
        assert "leave --path out" in refused.value.hint

    @pytest.mark.parametrize("glob", ["", "~/x", "/etc/../x"])
    def test_a_bad_glob_is_refused_as_at_planning(self, glob):
        with pytest.raises(InvalidInput):
            new(plan(), paths=[glob])

    @pytest.mark.parametrize("status", [status for status in Status if status not in (Status.PLANNED, Status.APPROVED, Status.STARTED)])
    def test_what_is_over_is_not_extended(self, status):
        with pytest.raises(TransitionRefused, match=rf"cannot extend CHG-7K3M9Q: it is {status}.*only open changes can be") as refused:
            new(replace(plan(), status=status), [DB])
        assert refused.value.hint == 'plan a new one: ledger change plan "TITLE" --on host:web-01'


class TestALaterEnd:
    def test_it_moves(self):
        assert new(plan(), end=NOON + 3 * HOUR).end == NOON + 3 * HOUR

    def test_or_is_given_where_there_was_none(self):
        assert new(plan(end=None), end=NOON + 3 * HOUR).end == NOON + 3 * HOUR
        assert new(started(start=None, end=None), end=NOON + HOUR).end == NOON + HOUR

    @pytest.mark.parametrize(
        ("change", "end", "said"),
        [
            (plan(), NOON - HOUR, "has passed"),
            (plan(), NOON, "has passed"),
            (plan(), NOON + 1.5 * HOUR, "to extend makes nothing shorter"),
            (plan(end=None), NOON + HOUR, "not after the start"),
            (plan(end=None), NOON + 0.5 * HOUR, "not after the start"),
            (plan(start=None, end=None), NOON + HOUR, "no planned start and has not started"),
        ],
    )
    def test_never_earlier_nor_before_its_start_nor_into_the_past(self, change, end, said):
        with pytest.raises(InvalidTime, match=said) as refused:
            new(change, end=end)
        assert refused.value.hint

    def test_a_length_counts_from_now_or_from_a_start_to_come(self):
        assert end_after(plan(), 2 * HOUR, NOON) == NOON + 3 * HOUR
        assert end_after(started(start=NOON - HOUR, end=NOON - HOUR / 2), 2 * HOUR, NOON) == NOON + 2 * HOUR
        assert end_after(started(start=None, end=None), 2 * HOUR, NOON) == NOON + 2 * HOUR

    def test_a_length_is_what_it_needs_at_least(self):
        assert end_after(plan(), HOUR, NOON) is None
        assert end_after(plan(), HOUR / 2, NOON) is None

    @pytest.mark.parametrize("length", [timedelta(0), -HOUR, timedelta.max])
    def test_no_length_and_no_end_of_it_are_refused(self, length):
        with pytest.raises(InvalidTime):
            end_after(plan(), length, NOON)


class TestTheChangeThen:
    def test_a_note_says_what_was_added_and_why(self):
        change = extended(plan(), Extension((DB, SHOP), (HAPROXY,), NOON + 3 * HOUR), NOON, "bea", " the pool, too ")
        assert (change.on, change.paths, change.planned_end) == ((WEB, DB, SHOP), (NGINX, HAPROXY), NOON + 3 * HOUR)
        said = change.notes[-1]
        assert (said.at, said.actor, said.step) == (NOON, "bea", "extended")
        assert said.text == (
            "added: host:db-01, service:shop, /etc/haproxy/**; planned until 2026-11-21T15:00:00Z, not 2026-11-21T14:00:00Z (the pool, too)"
        )
        assert change.extensions == 1

    def test_only_what_was_added_is_said(self):
        assert extended(plan(), Extension(paths=(HAPROXY,)), NOON, "bea").notes[-1].text == "added: /etc/haproxy/**"
        unplanned = extended(started(start=None, end=None), Extension(end=NOON + HOUR), NOON, "bea")
        assert unplanned.notes[-1].text == "planned until 2026-11-21T13:00:00Z"

    def test_it_has_no_place_in_the_order_of_the_steps(self):
        """A start that is recorded after an extension may have been before it."""
        change = extended(plan(), Extension((DB,)), NOON, "bea")
        assert step(change, "start", NOON - HOUR / 2, "ada").started_at == NOON - HOUR / 2

    @given(
        st.lists(st.sampled_from([WEB, DB, SHOP, EVERYTHING])),
        st.lists(st.sampled_from([NGINX, HAPROXY, "*.conf", "/etc/hosts"])),
        st.none() | st.integers(121, 600).map(lambda minutes: NOON + timedelta(minutes=minutes)),
        st.sampled_from(["/etc/nginx/nginx.conf", "/etc/hosts", "/srv/x.conf", "/etc/passwd"]),
    )
    def test_it_never_covers_less_and_twice_is_once(self, on, paths, end, path):
        before = plan()
        after = extended(before, new(before, on, paths, end), NOON, "bea")
        assert set(before.on) <= set(after.on)
        assert covers(after, path) or not covers(before, path)
        assert after.planned_end >= before.planned_end
        assert new(after, on, paths, end).is_empty
        assert (after.status, after.assessment, after.planned_start) == (before.status, before.assessment, before.planned_start)


class TestWhatItGoesBeyond:
    APPROVED = step(plan(impact="high"), "approve", NOON, "bea")

    def test_more_than_was_approved(self):
        assert beyond_approval(self.APPROVED, Extension((DB,), (HAPROXY,)), Policy(), ()) == (
            "it was approved by bea, but not for host:db-01, /etc/haproxy/**"
        )

    def test_more_time_is_not(self):
        assert beyond_approval(self.APPROVED, Extension(end=NOON + 9 * HOUR), Policy(), ()) == ""

    def test_nor_is_what_nobody_has_approved_yet_or_needs_to(self):
        assert beyond_approval(plan(impact="high"), Extension((DB,)), Policy(), ()) == ""
        assert beyond_approval(step(plan(), "approve", NOON, "bea"), Extension((DB,)), Policy(), ()) == ""

    def test_one_of_two_approvals_was_for_what_it_was(self):
        once = step(plan(impact="high"), "approve", NOON, "bea", approvals=2)
        assert once.status is Status.PLANNED
        assert "bea" in beyond_approval(once, Extension((DB,)), Policy(), ())

    def test_what_was_approved_elsewhere_need_not_name_who(self):
        imported = replace(plan(impact="high"), status=Status.APPROVED, approved_at=NOON)
        assert beyond_approval(imported, Extension((DB,)), Policy(), ()) == "it was approved, but not for host:db-01"

    @pytest.mark.parametrize(
        ("added", "beyond"),
        [
            (Extension((DB,)), False),
            (Extension((SHOP,)), True),
            (Extension(paths=("/etc/nginx/conf.d",)), False),
            (Extension(paths=(HAPROXY,)), True),
        ],
    )
    def test_a_template_approves_what_it_holds(self, added, beyond):
        template = Template("limits", "Raise limit", on=("host:web-01", "db-01"), details={"paths": [NGINX], "impact": "high"})
        change = replace(plan(type="standard", impact="high"), template="limits")
        assert bool(beyond_approval(change, added, Policy(), [template])) is beyond
        assert beyond_approval(change, added, Policy(), ()), "a template that is gone describes nothing"
        assert not beyond_approval(replace(change, impact=None), added, Policy(), [template]), "a normal one would need no approval"


class TestTheRules:
    def asked(self, change: Change, **around: object) -> Step:
        return Step(**({"verb": "extend", "change": change, "at": NOON, "actor": "ada", "policy": Policy()} | around))

    def codes(self, asked: Step) -> set[str]:
        return {remark.code for remark in permitted(asked)}

    def test_beyond_its_approval_it_is_refused_without_a_reason(self):
        asked = self.asked(plan(), beyond="it was approved by bea, but not for host:db-01")
        with pytest.raises(PolicyRefused) as refused:
            permitted(asked)
        assert refused.value.codes == ("approved-as-it-is",)
        assert refused.value.message == "cannot extend CHG-7K3M9Q: it was approved by bea, but not for host:db-01"
        assert "--override REASON" in refused.value.hint
        (remark,) = permitted(replace(asked, override="both at once or none"))
        assert remark.text == "it was approved by bea, but not for host:db-01 (overridden: both at once or none)"

    def test_as_strictly_as_the_home_asks_for_approvals(self):
        asked = self.asked(plan(), beyond="x", policy=Policy(not_approved=Stance.WARN))
        assert self.codes(asked) == {"approved-as-it-is"}
        assert self.codes(replace(asked, policy=Policy(not_approved=Stance.ALLOW))) == set()

    def test_a_freeze_holds_up_what_has_started_and_is_remarked_on_before(self):
        with pytest.raises(PolicyRefused) as refused:
            permitted(self.asked(started(), freezes=[NIGHT]))
        assert refused.value.codes == ("freeze",)
        assert refused.value.hint.startswith("extend it afterwards")
        assert self.codes(self.asked(started(), freezes=[NIGHT], override="now or never")) == {"freeze"}
        assert self.codes(self.asked(plan(), freezes=[NIGHT])) == {"freeze"}

    def test_only_what_is_under_way_can_be_in_the_way_of_what_is(self):
        there = Change("CHG-0THER0", "Swap the switch", Status.STARTED, (WEB,))
        strict = Policy(conflicts=Stance.REFUSE)
        conflict = Conflict(there, there, ConflictKind.TARGET, (WEB,), NOON)
        planned = replace(conflict, other=replace(there, status=Status.PLANNED))
        with pytest.raises(PolicyRefused):
            permitted(self.asked(started(), conflicts=[planned, conflict], policy=strict))
        assert self.codes(self.asked(started(), conflicts=[planned], policy=strict)) == {"conflict"}
        assert self.codes(self.asked(plan(), conflicts=[conflict], policy=strict)) == {"conflict"}

    def test_an_emergency_is_refused_nothing(self):
        change = replace(started(), type=ChangeType.EMERGENCY)
        assert self.codes(self.asked(change, freezes=[NIGHT], beyond="x")) == {"freeze", "approved-as-it-is"}

    def test_paths_and_time_of_a_small_change_are_nobodys_business(self):
        assert objections(self.asked(started())) == ()


class TestWhatIsLookedAt:
    def windows(self, change: Change, added: Extension) -> list[tuple[tuple[Target, ...], datetime | None, datetime | None]]:
        return [(part.on, part.planned_start, part.planned_end) for part in additions(change, added, NOON)]

    def test_new_paths_meet_nothing_new(self):
        assert self.windows(plan(), Extension(paths=(HAPROXY,))) == []

    def test_new_targets_for_the_whole_window_or_what_is_left_of_it(self):
        assert self.windows(plan(), Extension((DB,))) == [((DB,), NOON + HOUR, NOON + 2 * HOUR)]
        assert self.windows(started(), Extension((DB,))) == [((DB,), NOON, NOON + 2 * HOUR)]
        assert self.windows(started(end=None), Extension((DB,))) == [((DB,), NOON, None)]
        overdue = started(start=NOON - 2 * HOUR, end=NOON - HOUR)
        assert self.windows(overdue, Extension((DB,))) == [((DB,), NOON, None)]

    def test_the_longer_time_for_all_targets(self):
        later = NOON + 4 * HOUR
        assert self.windows(plan(), Extension(end=later)) == [((WEB,), NOON + 2 * HOUR, later)]
        assert self.windows(started(start=NOON - 2 * HOUR, end=NOON - HOUR), Extension(end=later)) == [((WEB,), NOON, later)]
        assert self.windows(started(start=None, end=None), Extension(end=later)) == [((WEB,), NOON, later)]

    def test_both(self):
        later = NOON + 4 * HOUR
        assert self.windows(plan(), Extension((DB,), (), later)) == [((DB,), NOON + HOUR, later), ((WEB,), NOON + 2 * HOUR, later)]
