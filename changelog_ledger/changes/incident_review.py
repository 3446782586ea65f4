"""What is said when an incident is looked back at: summary, causes, what worked, what is done so that it does not come back; what users are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from changelog_ledger.errors import InvalidInput, NotFound, TransitionRefused
from changelog_ledger.model.change import Note
from changelog_ledger.model.incident import Action, Incident, IncidentState, Told

LONGEST_TOLD = 20_000
"""Characters of a text for users: it goes into a mail, a chat or a status page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """Something to be done, as it is said."""

    text: str
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindsight:
    """What is said in a review; None and nothing: nothing is said about it, what was said before stays.

    :ivar causes: added to those before, each once; an empty one drops those before it. :ivar worked: the same.
    :ivar actions: added, unless there is an open one of the same words.
    """

    summary: str | None = None
    trigger: str | None = None
    causes: Sequence[str] = ()
    worked: Sequence[str] = ()
    actions: Sequence[PlannedAction] = ()


def reviewed(incident: Incident, said: Hindsight, *, at: datetime, actor: str, done: bool = False) -> Incident:
    """The incident with what is said in its review.

    :param done: whether the review is finished.
    :raises TransitionRefused: if it is to be finished before the incident is resolved.
    :raises InvalidInput: for an action without words.
    """
    told = replace(
        incident,
        summary=incident.summary if said.summary is None else said.summary.strip(),
        trigger=incident.trigger if said.trigger is None else said.trigger.strip(),
        causes=_added(incident.causes, said.causes),
        worked=_added(incident.worked, said.worked),
    )
    for action in said.actions:
        if action.text.strip() not in {known.text for known in told.open_actions}:
            told = with_action(told, action)
    return _finished(told, at, actor) if done else told


def with_action(incident: Incident, action: PlannedAction) -> Incident:
    """The incident with one more thing to be done; its number is the next one.

    :raises InvalidInput: if it says nothing.
    """
    if not action.text.strip():
        raise InvalidInput("the action says nothing", f"ledger incident action {incident.id} add TEXT --owner NAME --due DATE")
    number = max((known.number for known in incident.actions), default=0) + 1
    return replace(incident, actions=(*incident.actions, Action(number, action.text.strip(), action.owner.strip(), action.due)))


def action_done(incident: Incident, number: int, *, at: datetime, actor: str) -> Incident:
    """The incident when one of its actions is done; done twice is done once.

    :raises NotFound: if there is no such action.
    """
    if number not in {action.number for action in incident.actions}:
        there = ", ".join(str(action.number) for action in incident.actions)
        raise NotFound(f"{incident.id} has no action {number}", f"there is {there}" if there else f"ledger incident action {incident.id} add TEXT")
    done = (replace(each, done_at=at, done_by=actor) if each.number == number and each.done_at is None else each for each in incident.actions)
    return replace(incident, actions=tuple(done))


def checked_told(text: str) -> str:
    """A text for users, that is not too long. Raises :class:`InvalidInput` if it is."""
    if len(text) > LONGEST_TOLD:
        raise InvalidInput(f"the text for the users has {len(text):,} characters", f"say it in {LONGEST_TOLD:,}, and link to a page that says more")
    return text


def with_told(incident: Incident, text: str, *, at: datetime, actor: str, template: str = "") -> Incident:
    """The incident with what users were told.

    :raises InvalidInput: if that is nothing, or too much.
    """
    if not text.strip():
        raise InvalidInput("the text for the users is empty", "say something: --text TEXT")
    return replace(incident, told=(*incident.told, Told(at, actor, checked_told(text), template)))


def _added(before: Sequence[str], said: Sequence[str]) -> tuple[str, ...]:
    """What was said before and now, each once; an empty text drops what stands before it."""
    kept = list(before)
    for text in map(str.strip, said):
        kept = [*kept, text] if text else []
    return tuple(dict.fromkeys(kept))


def _finished(incident: Incident, at: datetime, actor: str) -> Incident:
    if incident.resolved_at is None:
        raise TransitionRefused(f"{incident.id} is {incident.state}, not resolved", f"first: ledger incident resolve {incident.id}")
    if incident.reviewed_at is not None:
        return incident
    return replace(incident, reviewed_at=at, notes=(*incident.notes, Note(at, actor, "", IncidentState.REVIEWED)))
