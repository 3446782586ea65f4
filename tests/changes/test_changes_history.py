"""The steps of a change, in order, whoever recorded it."""

from datetime import UTC, datetime, timedelta

from changelog_ledger.changes import logged_change, planned_change, step
from changelog_ledger.changes.history import history
from changelog_ledger.model.change import Change, Remark, Status
from changelog_ledger.model.topology import Target

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEB = Target.host("web-01")


def planned():
    return planned_change(id="CHG-7K3M9Q", title="Raise worker limit", on=[WEB], actor="ada", recorded_at=NOON)


def steps(change):
    return [(note.step, note.actor, note.at) for note in history(change)]


def test_a_plan_has_taken_no_step():
    assert history(planned()) == ()


def test_every_step_is_told_with_who_took_it_and_what_the_rules_said():
    change = step(planned(), "approve", NOON + HOUR, "bob")
    change = step(change, "start", NOON + 2 * HOUR, "ada", remarks=[Remark("freeze", "quarter end")])
    change = step(change, "finish", NOON + 3 * HOUR, "ada")
    change = step(change, "review", NOON + 90 * HOUR, "eve")
    assert steps(change) == [
        ("approved", "bob", NOON + HOUR),
        ("started", "ada", NOON + 2 * HOUR),
        ("succeeded", "ada", NOON + 3 * HOUR),
        ("reviewed", "eve", NOON + 90 * HOUR),
    ]
    assert history(change)[1].remarks == (Remark("freeze", "quarter end"),)


def test_two_approvals_are_two_steps():
    change = step(planned(), "approve", NOON, "bob", approvals=2)
    assert [name for name, _, _ in steps(step(change, "approve", NOON + HOUR, "eve", approvals=2))] == ["approved", "approved"]


def test_what_was_taken_back_later_had_been_finished():
    change = step(step(planned(), "start", NOON, "ada"), "finish", NOON + HOUR, "ada")
    assert [name for name, _, _ in steps(step(change, "roll-back", NOON + 9 * HOUR, "bob"))] == ["started", "succeeded", "rolled-back"]


def test_an_import_has_times_and_no_notes():
    times = {"approved_at": NOON, "started_at": NOON + HOUR, "finished_at": NOON + 2 * HOUR, "reviewed_at": NOON + 3 * HOUR}
    change = Change("CHG-A", "Imported", Status.FAILED, (WEB,), actor="ada", outcome="failed", **times)
    assert [name for name, _, _ in steps(change)] == ["approved", "started", "failed", "reviewed"]


def test_an_import_that_was_taken_back_here_does_not_claim_how_it_had_ended():
    change = Change("CHG-A", "Imported", Status.SUCCEEDED, (WEB,), outcome="succeeded", started_at=NOON, finished_at=NOON + HOUR)
    assert [name for name, _, _ in steps(step(change, "roll-back", NOON + 9 * HOUR, "bob"))] == ["started", "finished", "rolled-back"]


def test_what_was_logged_afterwards_says_so_once():
    logged = logged_change(id="CHG-A", title="Late", on=[WEB], actor="ada", recorded_at=NOON, at=NOON - HOUR)
    assert steps(logged) == [("logged afterwards", "ada", NOON - HOUR)]
    longer = logged_change(id="CHG-A", title="Late", on=[WEB], actor="ada", recorded_at=NOON, at=NOON - HOUR, until=NOON)
    assert [name for name, _, _ in steps(longer)] == ["logged afterwards", "succeeded"]
