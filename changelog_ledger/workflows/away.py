"""When the database does not answer: what counts as that, and the facts that go to the spool instead.

Nothing can be looked up then: targets and changes stay as they were typed; :mod:`~changelog_ledger.workflows.spool` completes them at the merge.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from changelog_ledger.changes.checklist import with_checklist
from changelog_ledger.changes.draft import Draft
from changelog_ledger.changes.planning import Details, logged_change, planned_change
from changelog_ledger.errors import Busy, HomeError, InvalidInput, InvalidTime, LedgerError, NotFound, SettingsError, Spooled, TransitionRefused
from changelog_ledger.model.change import Change, Note, Status
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import change_id
from changelog_ledger.model.topology import EVERYTHING, Health, Target, checked_name
from changelog_ledger.store.codec import change_to_json, note_to_json
from changelog_ledger.workflows.mark_health import not_future
from changelog_ledger.workflows.plan_from_template import filled_in, marked_as_from
from changelog_ledger.workflows.planned_period import stated_period
from changelog_ledger.workflows.rollback_target import checked_retention
from changelog_ledger.workflows.workspace import Workspace

_DISK = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO})


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be used now: locked, not there, read-only, or its disk is full or fails. A bug is none."""
    if isinstance(error, OSError):
        return error.errno in _DISK
    return isinstance(error, Busy) or (isinstance(error, HomeError) and not isinstance(error, SettingsError))


def is_behind(workspace: Workspace, change: str, error: BaseException) -> bool:
    """Whether the database refuses something only because it lags: what it does not know yet of this change waits in the spool.

    A disk that is full or read-only can still be read; what is there is then not how things stand.
    """
    return isinstance(error, TransitionRefused | NotFound | InvalidTime) and waits_for(workspace, change)


def waits_for(workspace: Workspace, change: str) -> bool:
    """Whether something waits in the spool that is about this change or incident."""
    if workspace.spool.is_empty:
        return False
    bodies = (waiting.fact.data for waiting in workspace.spool.waiting() if not waiting.reason)
    return any(str(body.get("change") or body.get("incident") or body.get("id", "")).startswith(typed_id(change)) for body in bodies)


def away_words(error: BaseException) -> str:
    """What is wrong with the ledger, in one line."""
    return error.message if isinstance(error, LedgerError) else str(error)


def spooled(workspace: Workspace, facts: Sequence[Fact], why: BaseException) -> Spooled:
    """Write facts to the spool; the error that says so.

    :raises HomeError: if the spool cannot be written to either.
    """
    file = workspace.spool.add(facts)
    return Spooled(
        f"the ledger does not answer ({away_words(why)}); recorded to the spool, not yet in the database",
        f"it is merged when the ledger answers again, or by: ledger spool merge   ({file})",
        change=next((fact.data["id"] for fact in facts if fact.kind in ("change", "incident")), ""),
    )


# ---- the facts, as far as they are known


def typed_id(text: str) -> str:
    """A change or an incident as somebody typed it; an id in capital letters."""
    wanted = text.strip()
    if not wanted:
        raise InvalidInput("nothing is named", "write an id: CHG-7K3M9Q, INC-7K3M9Q")
    return wanted.upper() if wanted.upper().startswith(("CHG-", "INC-")) else wanted


def step_of(
    workspace: Workspace, change: str, verb: str, *, at: datetime | None = None, note: str = "", override: str = "", parent: str = ""
) -> Fact:
    """A step of a change (``note`` is one too) that cannot be looked up.

    :raises InvalidTime: if it lies in the future.
    """
    when = not_future(workspace, at)
    words = note.strip() + (f" (override: {override.strip()})" if override.strip() else "")
    said = note_to_json(Note(when, workspace.actor, words.strip()))
    body = {"change": typed_id(change), "verb": verb, "note": said} | ({"parent": parent} if parent else {})
    return workspace.fact("change-step", body, at=when)


def note_of(workspace: Workspace, change: str, text: str) -> Fact:
    """A remark on a change that cannot be looked up.

    :raises InvalidInput: if it says nothing.
    """
    if not text.strip():
        raise InvalidInput("the note says nothing", "write what is to be remembered: ledger change note ID TEXT")
    return step_of(workspace, change, "note", note=text)


def plan_of(workspace: Workspace, draft: Draft, *, parent: str = "") -> tuple[Change, Fact]:
    """A planned change with an id drawn here, and its fact.

    :param draft: one without a maintenance window: only the database knows when that is open.
    :param parent: the change that it is a part of.
    :raises InvalidInput: as :func:`~changelog_ledger.workflows.record_change.plan_change`, as far as it can be told without the database.
    """
    draft, now = filled_in(workspace, draft), workspace.now()
    begins, ends = stated_period(draft, now)
    change = planned_change(
        id=change_id(workspace.entropy(8)),
        title=draft.title,
        on=[guessed_target(target) for target in draft.on],
        actor=workspace.actor,
        recorded_at=now,
        start=begins,
        end=ends,
        details=draft.details,
    )
    change = marked_as_from(workspace, replace(checked_retention(change, now), parent=parent), draft.template)
    listed = with_checklist(change, workspace.settings.policy, workspace.settings.checklists)
    return listed, _change_fact(workspace, listed, draft.on)


def log_of(
    workspace: Workspace, title: str, on: Sequence[str | Target], *, at: datetime, until: datetime | None = None, details: Details | None = None
) -> tuple[Change, Fact]:
    """A change that has been made already, with an id drawn here, and its fact.

    :raises InvalidInput: as :func:`~changelog_ledger.workflows.record_change.log_change`, as far as it can be told without the database.
    """
    identity, now, targets = change_id(workspace.entropy(8)), workspace.now(), [guessed_target(target) for target in on]
    change = logged_change(id=identity, title=title, on=targets, actor=workspace.actor, recorded_at=now, at=at, until=until, details=details)
    return change, _change_fact(workspace, change, on, at=change.started_at)


def mark_of(workspace: Workspace, target: str | Target, state: Health, *, at: datetime | None = None, source: str = "", symptom: str = "") -> Fact:
    """A mark on a target that cannot be looked up.

    :raises InvalidTime: if it lies in the future.
    """
    body = {"target": typed_target(target), "state": str(state)} | {name: text for name, text in (("source", source), ("symptom", symptom)) if text}
    return workspace.fact("mark", body, at=not_future(workspace, at))


def observation_of(
    workspace: Workspace, text: str, on: str | Target, *, at: datetime | None = None, kind: str = "note", data: Mapping[str, Any] | None = None
) -> Fact:
    """An observation on a target that cannot be looked up.

    :raises InvalidInput: if it says nothing.
    """
    summary = " ".join(text.split())
    if not summary or not kind.strip():
        raise InvalidInput("the observation says nothing", 'write what was seen: ledger observe "nginx restarted" --on host:web-01')
    body = {"what": kind.strip(), "on": typed_target(on), "summary": summary, "data": dict(data or {})}
    return workspace.fact("observation", body, at=not_future(workspace, at))


def unknown_change(text: str, now: datetime) -> Change:
    """A change that is under way, of which only the name is known."""
    return Change(typed_id(text), "not looked up: the ledger does not answer", Status.STARTED, (), started_at=now)


def _change_fact(workspace: Workspace, change: Change, on: Sequence[str | Target], at: datetime | None = None) -> Fact:
    body = change_to_json(change) | {"on": [typed_target(target) for target in on]}
    return workspace.fact("change", body, at=at, ref=change.ref or change.id)


def typed_target(target: str | Target) -> str:
    """A target as it was typed, if it can be one at all.

    :raises InvalidTarget: otherwise.
    """
    guessed_target(target)
    return str(target)


def guessed_target(target: str | Target) -> Target:
    """What a target most likely is: nobody can say here whether a bare name is a host's or a service's."""
    if isinstance(target, Target):
        return target
    if target == "all":
        return EVERYTHING
    return Target.parse(target) if ":" in target else Target.host(checked_name(target))
