"""Changes: planned, moved along their lifecycle, logged after the fact, found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from changelog_ledger.changes.checklist import with_checklist
from changelog_ledger.changes.draft import Draft
from changelog_ledger.changes.lifecycle import step
from changelog_ledger.changes.planning import Details, checked_rollback, logged_change, planned_change
from changelog_ledger.changes.remarks import is_late, lateness
from changelog_ledger.changes.rules import approvals_missing, approvals_needed, awaits_review, permitted
from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.change import Change, Note
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import change_id
from changelog_ledger.model.topology import Target
from changelog_ledger.store.codec import change_from_json, change_to_json, note_to_json
from changelog_ledger.store.queries import View
from changelog_ledger.store.store import Expectation
from changelog_ledger.workflows.assess_change import assess
from changelog_ledger.workflows.circumstances import step_in_its_circumstances
from changelog_ledger.workflows.mark_health import not_future
from changelog_ledger.workflows.plan_from_template import filled_in, marked_as_from
from changelog_ledger.workflows.planned_period import planned_period
from changelog_ledger.workflows.rollback_target import checked_retention, resolved_rollback_target
from changelog_ledger.workflows.topology import known_target, resolve_target
from changelog_ledger.workflows.workspace import Workspace


def plan_change(workspace: Workspace, draft: Draft, *, parent: str = "") -> Change:
    """Record what is to be done.

    :param parent: the change that it is a part of.
    :raises NotFound: if a target or the template is not known.
    :raises InvalidInput: as :func:`~changelog_ledger.changes.planning.planned_change`.
    """
    return _recorded(workspace, drafted_change(workspace, draft, parent=parent))


def drafted_change(workspace: Workspace, draft: Draft, *, parent: str = "") -> Change:
    """The change that :func:`plan_change` would record, assessed; nothing is recorded."""
    draft = filled_in(workspace, draft)
    with workspace.store.reading() as view:
        targets = _targets(view, draft.on, draft.details)
        identity = _unused_id(workspace, view)
        begins, ends = planned_period(workspace, view, draft, targets)
        change = planned_change(
            id=identity,
            title=draft.title,
            on=targets,
            actor=workspace.actor,
            recorded_at=workspace.now(),
            start=begins,
            end=ends,
            details=draft.details,
        )
        change = replace(change, parent=known_parent(view, parent, change), rollback_to=resolved_rollback_target(view, change.rollback_to))
        change = marked_as_from(workspace, checked_retention(change, workspace.now()), draft.template)
        listed = with_checklist(change, workspace.settings.policy, workspace.settings.checklists)
        return replace(listed, assessment=assess(workspace, view, listed))


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
        known = resolved_rollback_target(view, checked_rollback(details.rollback_to)) if details else ""
    now = workspace.now()
    change = logged_change(id=identity, title=title, on=targets, actor=workspace.actor, recorded_at=now, at=at, until=until, details=details)
    change = replace(change, rollback_to=known)
    return _recorded(workspace, change)


def move_change(
    workspace: Workspace, identifier: str, verb: str, *, at: datetime | None = None, note: str = "", override: str = "", parent: str = ""
) -> Change:
    """Take one step of the lifecycle: ``approve``, ``start``, ``finish``, ``fail``, ``roll-back``, ``cancel`` or ``review``.

    What the rules of the home have to say about it is in the ``remarks`` of the step's note.

    :param at: when it was so; now if None.
    :param override: why it is done in spite of a freeze, a conflict or its window.
    :param parent: the change that it is made within, where it starts.
    :raises InvalidTime: if that lies in the future.
    :raises TransitionRefused: if the lifecycle does not allow it, or (:class:`PolicyRefused`) the rules of the home do not, or somebody else took a
        step at the same moment.
    :raises NotFound: if there is no such change.
    """
    change = find_change(workspace, identifier)
    moved = moved_change(workspace, change, verb, not_future(workspace, at), note=note, override=override, parent=parent)
    workspace.store.append([step_fact(workspace, change, moved, verb)], expecting=Expectation.of(change))
    return moved


def moved_change(workspace: Workspace, change: Change, verb: str, at: datetime, *, note: str = "", override: str = "", parent: str = "") -> Change:
    """The change after a step that lifecycle and rules allow; nothing is recorded.

    The rules are asked for the moment when it was so; for a start that is recorded late for the present, too: nobody gets past a freeze by its date.

    :raises TransitionRefused: if they do not.
    """
    now = workspace.now()
    needed = approvals_needed(change, workspace.settings.policy)
    step(change, verb, at, workspace.actor, note, approvals=needed)  # what the lifecycle forbids is said first
    with workspace.store.reading() as view:
        if verb == "start":
            change = replace(change, parent=known_parent(view, parent, change))
        moments = (at, now) if verb == "start" and is_late(at, now) else (at,)
        wanted = [step_in_its_circumstances(workspace, view, change, verb, moment, note=note, override=override) for moment in moments]
    remarks = (*permitted(*wanted), *lateness(change, at, now))
    return step(change, verb, at, workspace.actor, note, approvals=needed, remarks=remarks)


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


def approvals_of(workspace: Workspace, change: Change) -> tuple[int, int]:
    """By how many people a change has to be approved before it starts, and how many of them are missing."""
    policy = workspace.settings.policy
    return approvals_needed(change, policy), approvals_missing(change, policy)


def waits_for(workspace: Workspace, change: Change) -> str:
    """What people still have to do about a change, by the rules of this home: ``2 approvals``, ``its review``; empty for nothing."""
    missing = approvals_of(workspace, change)[1]
    if missing:
        return f"{missing} approval{'s' if missing > 1 else ''}"
    return "its review" if awaits_review(change, workspace.settings.policy) else ""


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


def count_changes(workspace: Workspace, *, open_only: bool = False, on: str | Target | None = None, since: datetime | None = None) -> int:
    """How many changes :func:`list_changes` would list without a limit."""
    with workspace.store.reading() as view:
        return view.changes.count(open_only=open_only, on=None if on is None else resolve_target(view, on), since=since)


def _recorded(workspace: Workspace, change: Change) -> Change:
    """Record a change; it comes back as it was recorded: without what looked like a secret, and without what no database can hold."""
    occurred = change.started_at if change.logged_after else None
    fact = workspace.fact("change", change_to_json(change), at=occurred, ref=change.ref or change.id)
    if not workspace.store.append([fact]):
        known = find_change(workspace, change.ref)
        raise InvalidInput(f"{change.ref} is recorded already, as {known.id}", f"look at it with: ledger change show {known.id}")
    return change_from_json(fact.data)


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


def known_parent(view: View, parent: str, change: Change) -> str:
    """The change that ``change`` is made within, if this ledger knows it: a script may have been started by that of another home."""
    return parent if parent and parent != change.id and not change.parent and view.changes.existing([parent]) else change.parent


def _altered(before: Change, after: Change) -> dict[str, Any]:
    """The fields that a step has set, notes left out: those are appended."""
    old, new = change_to_json(before), change_to_json(after)
    return {name: value for name, value in new.items() if name != "notes" and old.get(name) != value}
