"""Changes: planned, moved along their lifecycle, logged after the fact, found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.changes.checklist import with_checklist
from changelog_ledger.changes.lifecycle import step
from changelog_ledger.changes.planning import Details, logged_change, planned_change
from changelog_ledger.changes.rules import approvals_needed, permitted
from changelog_ledger.errors import InvalidInput, InvalidTime
from changelog_ledger.model.change import Change, Note
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import change_id
from changelog_ledger.model.topology import Target
from changelog_ledger.store.codec import change_to_json, note_to_json
from changelog_ledger.store.queries import View
from changelog_ledger.store.store import Expectation
from changelog_ledger.workflows.assess_change import assess
from changelog_ledger.workflows.circumstances import step_in_its_circumstances
from changelog_ledger.workflows.mark_health import not_future
from changelog_ledger.workflows.topology import known_target, resolve_target
from changelog_ledger.workflows.workspace import Workspace


def plan_change(
    workspace: Workspace,
    title: str,
    on: Sequence[str | Target],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    duration: timedelta | None = None,
    details: Details | None = None,
) -> Change:
    """Record what is to be done.

    :param duration: instead of ``end``: how long it takes from ``start``.
    :raises NotFound: if a target is not known.
    :raises InvalidInput: as :func:`~changelog_ledger.changes.planning.planned_change`.
    """
    with workspace.store.reading() as view:
        targets = _targets(view, on, details)
        identity = _unused_id(workspace, view)
        change = planned_change(
            id=identity,
            title=title,
            on=targets,
            actor=workspace.actor,
            recorded_at=workspace.now(),
            start=start,
            end=_end(start, end, duration),
            details=details,
        )
        listed = with_checklist(change, workspace.settings.policy, workspace.settings.checklists)
        assessed = replace(listed, assessment=assess(workspace, view, listed))
    return _recorded(workspace, assessed)


def log_change(
    workspace: Workspace, title: str, on: Sequence[str | Target], *, at: datetime, until: datetime | None = None, details: Details | None = None
) -> Change:
    """Record what has been done already; it is marked as logged after the fact.

    :raises NotFound: if a target is not known.
    :raises InvalidInput: as :func:`~changelog_ledger.changes.planning.logged_change`.
    """
    with workspace.store.reading() as view:
        targets = _targets(view, on, details)
        identity = _unused_id(workspace, view)
    now = workspace.now()
    change = logged_change(id=identity, title=title, on=targets, actor=workspace.actor, recorded_at=now, at=at, until=until, details=details)
    return _recorded(workspace, change)


def move_change(workspace: Workspace, identifier: str, verb: str, *, at: datetime | None = None, note: str = "", override: str = "") -> Change:
    """Take one step of the lifecycle: ``approve``, ``start``, ``finish``, ``fail``, ``roll-back``, ``cancel`` or ``review``.

    What the rules of the home have to say about it is in the ``remarks`` of the step's note.

    :param at: when it was so; now if None.
    :param override: why it is done in spite of a freeze, a conflict or its window.
    :raises InvalidTime: if that lies in the future.
    :raises TransitionRefused: if the lifecycle does not allow it, or (:class:`PolicyRefused`) the rules of the home do not, or somebody else took a
        step at the same moment.
    :raises NotFound: if there is no such change.
    """
    change = find_change(workspace, identifier)
    moved = moved_change(workspace, change, verb, not_future(workspace, at), note=note, override=override)
    expecting = Expectation(change.id, str(change.status), len(change.approvers))
    workspace.store.append([step_fact(workspace, change, moved, verb)], expecting=expecting)
    return moved


def moved_change(workspace: Workspace, change: Change, verb: str, at: datetime, *, note: str = "", override: str = "") -> Change:
    """The change after a step that lifecycle and rules allow; nothing is recorded.

    :raises TransitionRefused: if they do not.
    """
    needed = approvals_needed(change, workspace.settings.policy)
    step(change, verb, at, workspace.actor, note, approvals=needed)  # what the lifecycle forbids is said first
    with workspace.store.reading() as view:
        wanted = step_in_its_circumstances(workspace, view, change, verb, at, note=note, override=override)
    return step(change, verb, at, workspace.actor, note, approvals=needed, remarks=permitted(wanted))


def step_fact(workspace: Workspace, before: Change, after: Change, verb: str) -> Fact:
    """The fact of a step that led from one state of a change to another."""
    body: dict[str, Any] = {"change": before.id, "verb": verb, "set": _altered(before, after), "note": note_to_json(after.notes[-1])}
    return workspace.fact("change-step", body, at=after.notes[-1].at)


def note_change(workspace: Workspace, identifier: str, text: str) -> Change:
    """Add a remark to a change, whatever its status.

    :raises InvalidInput: if it says nothing.
    :raises NotFound: if there is no such change.
    """
    if not text.strip():
        raise InvalidInput("the note says nothing", "write what is to be remembered: ledger change note ID TEXT")
    change = find_change(workspace, identifier)
    said = Note(workspace.now(), workspace.actor, text.strip())
    note = note_to_json(said)
    workspace.store.append([workspace.fact("change-step", {"change": change.id, "verb": "note", "note": note}, at=said.at)])
    return find_change(workspace, change.id)


def find_change(workspace: Workspace, identifier: str) -> Change:
    """The change that an id, an unambiguous beginning of it, or an external reference names.

    :raises NotFound: if there is none, or (:class:`Ambiguous`) several.
    """
    with workspace.store.reading() as view:
        return view.changes.find(identifier)


def list_changes(
    workspace: Workspace, *, open_only: bool = False, on: str | Target | None = None, since: datetime | None = None, limit: int = 200
) -> tuple[Change, ...]:
    """Changes, the newest first.

    :param on: only those that name this target.
    :param since: only those that began or ended after it.
    """
    with workspace.store.reading() as view:
        target = None if on is None else resolve_target(view, on)
        return view.changes.listed(open_only=open_only, on=target, since=since, limit=limit)


def _recorded(workspace: Workspace, change: Change) -> Change:
    occurred = change.started_at if change.logged_after else None
    if not workspace.store.append([workspace.fact("change", change_to_json(change), at=occurred, ref=change.ref or change.id)]):
        known = find_change(workspace, change.ref)
        raise InvalidInput(f"{change.ref} is recorded already, as {known.id}", f"look at it with: ledger change show {known.id}")
    return change


def _targets(view: View, on: Sequence[str | Target], details: Details | None) -> list[Target]:
    for affected in details.affects if details else ():
        known_target(view, affected)
    return [resolve_target(view, target) for target in on]


def _unused_id(workspace: Workspace, view: View) -> str:
    """Thirty random bits, drawn again in the rare case that they are taken."""
    while True:
        identity = change_id(workspace.entropy(8))
        if not view.changes.by_id([identity]):
            return identity


def _end(start: datetime | None, end: datetime | None, duration: timedelta | None) -> datetime | None:
    if duration is None:
        return end
    if end is not None:
        raise InvalidTime("the change has an end and a duration", "give --end or --for, not both")
    if start is None:
        raise InvalidTime("the change has a duration and no start", "give its start as well: --start TIME")
    return start + duration


def _altered(before: Change, after: Change) -> dict[str, Any]:
    """The fields that a step has set, notes left out: those are appended."""
    old, new = change_to_json(before), change_to_json(after)
    return {name: value for name, value in new.items() if name != "notes" and old.get(name) != value}
