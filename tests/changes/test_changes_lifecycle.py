"""The lifecycle: only what the table allows, in the order of time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes import VERBS, allowed_verbs, planned_change, step
from changelog_ledger.changes.lifecycle import TRANSITIONS
from changelog_ledger.errors import InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.change import Status
from changelog_ledger.model.topology import Target

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def planned():
    return planned_change(id="CHG-7K3M9Q", title="Raise worker limit", on=[Target.host("web-01")], actor="ada", recorded_at=NOON)


def test_a_change_goes_from_plan_to_review():
    change = planned()
    for hours, verb in enumerate(("approve", "start", "finish", "review"), 1):
        change = step(change, verb, NOON + hours * HOUR, "ada", f"{verb} it")
    assert change.status is Status.SUCCEEDED
    assert (change.approved_at, change.started_at, change.finished_at, change.reviewed_at) == tuple(NOON + hours * HOUR for hours in (1, 2, 3, 4))
    assert change.outcome == "succeeded"
    assert [(note.step, note.text) for note in change.notes] == [
        ("approved", "approve it"),
        ("started", "start it"),
        ("succeeded", "finish it"),
        ("reviewed", "review it"),
    ]


def test_a_refusal_says_where_it_stands_since_when_and_what_to_do():
    with pytest.raises(TransitionRefused) as refused:
        step(planned(), "finish", NOON + HOUR, "ada")
    assert "it is planned since 2026-11-21T12:00:00Z" in refused.value.message
    assert "approve, start, cancel" in refused.value.message
    assert refused.value.hint == "ledger change approve CHG-7K3M9Q"


def test_the_hint_never_takes_back_what_has_been_made():
    def hint(change, verb, approvals=0):
        with pytest.raises(TransitionRefused) as refused:
            step(change, verb, NOON + 9 * HOUR, "bea", approvals=approvals)
        return refused.value.hint

    assert hint(planned(), "finish") == "ledger change start CHG-7K3M9Q"
    assert hint(planned(), "fail", approvals=2) == "ledger change approve CHG-7K3M9Q"
    approved = step(planned(), "approve", NOON, "bea")
    assert hint(approved, "finish", approvals=1) == "ledger change start CHG-7K3M9Q"
    started = step(approved, "start", NOON, "ada")
    assert hint(started, "cancel").startswith("ledger change finish CHG-7K3M9Q")
    for verb in ("finish", "fail", "roll-back"):
        closed = step(started, verb, NOON + HOUR, "ada")
        for again in ("approve", "start", "finish", "fail", "cancel"):
            assert hint(closed, again) == "look at it: ledger change show CHG-7K3M9Q"


def test_an_earlier_step_is_refused_in_words():
    finished = step(step(planned(), "start", NOON, "ada"), "finish", NOON + HOUR, "ada")
    with pytest.raises(InvalidTime, match="cannot roll back CHG-7K3M9Q at 2026-11-21T12:00:00Z: it succeeded at 2026-11-21T13:00:00Z"):
        step(finished, "roll-back", NOON, "ada")
    taken_back = step(finished, "roll-back", NOON + 2 * HOUR, "ada")
    with pytest.raises(InvalidTime, match="it was rolled back at 2026-11-21T14:00:00Z"):
        step(taken_back, "review", NOON, "ada")


def test_a_plan_without_an_end_is_overdue_a_day_after_its_start():
    open_ended = replace(planned(), planned_start=NOON)
    assert not open_ended.is_overdue(NOON + 24 * HOUR)
    assert open_ended.is_overdue(NOON + 25 * HOUR)
    assert not step(open_ended, "start", NOON, "ada").is_overdue(NOON + 25 * HOUR)
    assert not planned().is_overdue(NOON + 25 * HOUR)


def test_a_closed_change_says_so():
    change = step(planned(), "cancel", NOON + HOUR, "ada")
    with pytest.raises(TransitionRefused, match=r"cancelled since 2026-11-21T13:00:00Z.*closed"):
        step(change, "start", NOON + 2 * HOUR, "ada")


def test_a_roll_back_after_the_end_keeps_when_it_had_been_made():
    change = step(step(planned(), "start", NOON, "ada"), "finish", NOON + HOUR, "ada")
    change = step(change, "roll-back", NOON + 5 * HOUR, "ada")
    assert (change.status, change.outcome, change.finished_at) == (Status.ROLLED_BACK, "rolled-back", NOON + HOUR)
    assert change.notes[-1].at == NOON + 5 * HOUR


def test_time_does_not_go_back():
    change = step(planned(), "start", NOON, "ada")
    with pytest.raises(InvalidTime, match="it was started at 2026-11-21T12:00:00Z"):
        step(change, "finish", NOON - HOUR, "ada")
    with pytest.raises(InvalidTime):
        step(change, "finish", datetime(2026, 11, 21, 13), "ada")
    with pytest.raises(InvalidInput, match="no step"):
        step(change, "abandon", NOON, "ada")


@given(st.lists(st.sampled_from(VERBS), max_size=12))
def test_no_walk_leaves_the_table(verbs):
    change = planned()
    for hours, verb in enumerate(verbs, 1):
        before = change
        if verb in allowed_verbs(change):
            change = step(change, verb, NOON + hours * HOUR, "ada")
            assert change.status is TRANSITIONS[before.status][verb]
        else:
            with pytest.raises(TransitionRefused):
                step(change, verb, NOON + hours * HOUR, "ada")
        assert (change.started_at is None) == (change.status in (Status.PLANNED, Status.APPROVED, Status.CANCELLED))
        assert (change.finished_at is None) == (change.outcome == "")
        assert change.outcome in ("", change.status)
