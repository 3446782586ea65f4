"""The lifecycle of a change, as a table.

::

    planned ──approve──▶ approved ──start──▶ started ──finish────▶ succeeded ──roll-back──▶ rolled-back
       │                    │                   ├─────fail──────▶ failed ─────roll-back──▶ rolled-back
       ├──────start─────────┼───────────────▶   └─────roll-back─▶ rolled-back
       └──────cancel────────┴──cancel──▶ cancelled                succeeded, failed, rolled-back ──review──▶ (the same, reviewed)

Where several people have to approve, a change stays planned until the last of them has. An emergency change starts first: ``approve`` is
allowed at any time after it too, and leaves the status as it is. Which of the allowed steps a home's policy permits,
:mod:`changelog_ledger.changes.rules` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from changelog_ledger.errors import InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.change import EXTENDED, Change, ChangeType, Note, Remark, Status, same_person
from changelog_ledger.model.times import shown_instant, utc

APPROVE = "approve"
REVIEW = "review"

TRANSITIONS: Mapping[Status, Mapping[str, Status]] = MappingProxyType(
    {
        Status.PLANNED: {"approve": Status.APPROVED, "start": Status.STARTED, "cancel": Status.CANCELLED},
        Status.APPROVED: {"start": Status.STARTED, "cancel": Status.CANCELLED},
        Status.STARTED: {"finish": Status.SUCCEEDED, "fail": Status.FAILED, "roll-back": Status.ROLLED_BACK},
        Status.SUCCEEDED: {"roll-back": Status.ROLLED_BACK, REVIEW: Status.SUCCEEDED},
        Status.FAILED: {"roll-back": Status.ROLLED_BACK, REVIEW: Status.FAILED},
        Status.ROLLED_BACK: {REVIEW: Status.ROLLED_BACK},
        Status.CANCELLED: {},
    }
)
"""From each status: the verbs that are allowed, and the status that each leads to."""

AFTERWARDS = MappingProxyType({status: status for status in (Status.STARTED, Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK)})
"""From where an emergency change may be approved, and what that makes of it: nothing else."""

VERBS = ("approve", "start", "finish", "fail", "roll-back", "cancel", REVIEW)


def allowed_verbs(change: Change) -> tuple[str, ...]:
    """What the lifecycle lets happen to a change from where it stands, in its order."""
    return tuple(verb for verb in VERBS if _becomes(change, verb) is not None)


def step(change: Change, verb: str, at: datetime, actor: str, note: str = "", *, approvals: int = 1, remarks: Sequence[Remark] = ()) -> Change:
    """The change after one step.

    Every step leaves a note (perhaps without text) that says when, by whom and what it became: the notes are its history. A roll-back of a
    finished change keeps ``finished_at``, which is when it had been made; when it was taken back is in the note.

    :param verb: one of :data:`VERBS`.
    :param at: when the step was so; aware.
    :param approvals: by how many people it has to be approved; the last of them makes it ``approved``.
    :param remarks: what the rules had to say, to be kept with the step.
    :raises TransitionRefused: if the lifecycle does not allow it from where the change stands, or ``actor`` has approved it already.
    :raises InvalidTime: if ``at`` lies before the step before, or has no offset.
    :raises InvalidInput: if there is no such verb.
    """
    if verb not in VERBS:
        raise InvalidInput(f"{verb!r} is no step of a change", f"the steps are {', '.join(VERBS)}")
    becomes = _becomes(change, verb)
    if becomes is None:
        raise _refusal(change, verb, approvals)
    if verb == APPROVE and any(same_person(actor, approver) for approver in change.approvers):
        raise TransitionRefused(f"{actor} has approved {change.id} already", "somebody else has to approve it as well")
    at = utc(at)
    _check_order(change, verb, at)
    noted = replace(change, notes=(*change.notes, Note(at, actor, note.strip(), _PARTICIPLES.get(verb, str(becomes)), tuple(remarks))))
    if verb == APPROVE and len(noted.approvers) < approvals:
        return noted
    return _moved(noted, verb, becomes, at)


_PARTICIPLES = {APPROVE: "approved", REVIEW: "reviewed"}
"""What the note of a step says where it is not the status that it led to."""


def _becomes(change: Change, verb: str) -> Status | None:
    if verb == APPROVE and change.type is ChangeType.EMERGENCY and change.approved_at is None and change.status in AFTERWARDS:
        return AFTERWARDS[change.status]
    return TRANSITIONS[change.status].get(verb)


def _moved(change: Change, verb: str, becomes: Status, at: datetime) -> Change:
    """The fields that a step sets, the note left out."""
    if verb == REVIEW:
        return replace(change, reviewed_at=at)
    if verb == APPROVE:
        return replace(change, status=becomes, approved_at=at)
    if verb == "start":
        return replace(change, status=becomes, started_at=at)
    if verb == "cancel":
        return replace(change, status=becomes)
    return replace(change, status=becomes, outcome=str(becomes), finished_at=change.finished_at or at)


def _check_order(change: Change, verb: str, at: datetime) -> None:
    """Refuse a step that would have happened before the one before it."""
    before = last_step(change)
    if before is not None and at < before[0]:
        raise InvalidTime(
            f"cannot {_said(verb)} {change.id} at {shown_instant(at)}: it {_happened(before[1])} at {shown_instant(before[0])}",
            f"give a later time with --at, or look at its steps with: ledger change show {change.id}",
        )


def last_step(change: Change) -> tuple[datetime, str] | None:
    """When the latest step was, and what it made of the change; None if it has only been planned. To be extended is no step."""
    fields = ((change.approved_at, "approved"), (change.started_at, "started"), (change.finished_at, change.outcome or "finished"))
    steps = [(at, name) for at, name in fields if at is not None]
    steps += [(note.at, note.step) for note in change.notes if note.step and note.step != EXTENDED]
    return max(steps, key=lambda entry: entry[0], default=None)


def _said(verb: str) -> str:
    return verb.replace("-", " ")


def _happened(step: str) -> str:
    """``succeeded``, ``was rolled back``: what a step made of a change, as a verb."""
    return step if step in (Status.SUCCEEDED, Status.FAILED) else f"was {_said(step)}"


def _refusal(change: Change, verb: str, approvals: int) -> TransitionRefused:
    """Why not, where it stands and since when, and the command that would be allowed."""
    since = status_since(change)
    stands = f"it is {change.status}" + (f" since {shown_instant(since)}" if since else "")
    allowed = allowed_verbs(change)
    message = f"cannot {_said(verb)} {change.id}: {stands}; allowed from here: {', '.join(allowed) or 'nothing, it is closed'}"
    if not allowed:
        return TransitionRefused(message, f'plan a new change: ledger change plan "{change.title[:60]}" …')
    return TransitionRefused(message, _sensible_step(change, approvals))


def _sensible_step(change: Change, approvals: int) -> str:
    """What to do next with a change that takes steps still. One that is over is looked at: nobody is to take it back by following a hint."""
    if change.status is Status.STARTED:
        return f"ledger change finish {change.id}   (or fail, or roll-back)"
    if not change.is_open:
        return f"look at it: ledger change show {change.id}"
    waits = change.status is Status.PLANNED and change.type is not ChangeType.EMERGENCY and len(change.approvers) < approvals
    return f"ledger change {APPROVE if waits else 'start'} {change.id}"


def status_since(change: Change) -> datetime | None:
    """When the change came to its present status, as far as it is known."""
    noted = [note.at for note in change.notes if note.step == change.status]
    if noted:
        return max(noted)
    known = {Status.PLANNED: change.recorded_at, Status.APPROVED: change.approved_at, Status.STARTED: change.started_at}
    return known.get(change.status, change.finished_at)
