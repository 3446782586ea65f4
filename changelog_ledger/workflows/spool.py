"""``spool merge``: what was written down while the database was away goes into it, each fact once.

A fact is known by its key, so whatever was merged by a process that was killed, or by another one, is passed over. Steps are asked of the lifecycle
now: one that is no longer possible becomes a note on its change. What names a change or target that is not known stays in the spool with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from changelog_ledger.changes.lifecycle import step
from changelog_ledger.changes.rules import approvals_needed, objections
from changelog_ledger.errors import Busy, InvalidFact, InvalidInput, InvalidTime, LedgerError, NotFound, TransitionRefused
from changelog_ledger.model.change import Change, Remark
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.spool import Merged, Waiting
from changelog_ledger.model.times import parse_instant, shown_instant
from changelog_ledger.store.codec import change_from_json, change_to_json
from changelog_ledger.store.queries import View
from changelog_ledger.store.spool import SpoolFile, in_order
from changelog_ledger.store.store import Expectation
from changelog_ledger.workflows.assess_change import assess
from changelog_ledger.workflows.away import away_words, is_away
from changelog_ledger.workflows.circumstances import step_in_its_circumstances
from changelog_ledger.workflows.record_change import find_change, known_parent, step_fact
from changelog_ledger.workflows.rollback_target import resolved_rollback_target
from changelog_ledger.workflows.topology import known_target, resolve_target
from changelog_ledger.workflows.workspace import Workspace

QUICKLY = 1.0
"""Seconds that a command which wants something else waits for the merge before it."""

_TRIES = 3


def list_spool(workspace: Workspace) -> tuple[Waiting, ...]:
    """What waits, in the order in which it will be merged."""
    return workspace.spool.waiting()


def merge_spool(workspace: Workspace) -> Merged:
    """Merge everything that waits.

    :param workspace: one that does not merge by itself (:meth:`Workspace.with_patience`).
    :raises Busy: if the database is locked, or somebody else merges, for too long. What was merged by then stays merged; nothing is lost.
    :raises HomeError: if the database cannot be used.
    """
    with workspace.spool_lock(), workspace.spool.held() as files:
        tally = _Tally()
        for waiting in in_order(files):
            _merge(workspace, waiting, tally)
        torn = [aside for file in files if (aside := _settled(workspace, file, tally))]
    return Merged(tuple(tally.recorded), tuple(tally.noted), tally.known, tuple(tally.kept), tuple(torn))


def merge_first(workspace: Workspace) -> None:
    """Merge before something else is asked; that it cannot be done now is only worth a warning."""
    quick = workspace.with_patience(QUICKLY, merges=False)
    known = {waiting.fact.id: waiting.reason for waiting in workspace.spool.waiting() if waiting.reason}
    try:
        merged = merge_spool(quick)
        news = tuple(waiting for waiting in merged.kept if known.get(waiting.fact.id) != waiting.reason)  # said once; status goes on counting it
        report_merge(workspace, replace(merged, kept=news))
    except (LedgerError, OSError) as error:
        if not isinstance(error, Busy):  # somebody merges already, or writes: the next command will do
            workspace.warn(f"the spool could not be merged: {away_words(error)}")
    finally:
        quick.close_store()


def report_merge(workspace: Workspace, merged: Merged) -> None:
    """Say what a merge that nobody asked for could not do as it was meant."""
    for fact in merged.noted:
        workspace.warn(f"a step of {fact.data['change']} from the spool was no longer possible; it is a note on it now: ledger change show")
    for waiting in merged.kept:
        workspace.warn(f"a {waiting.fact.kind or 'line'} stays in the spool: {waiting.reason}; see: ledger spool list")
    for path in merged.torn:
        workspace.warn(f"half a line of the spool was put aside into {path}: its writer was killed while it wrote")


@dataclass
class _Tally:
    """What a merge has come to so far."""

    recorded: list[Fact] = field(default_factory=list)
    noted: list[Fact] = field(default_factory=list)
    kept: list[Waiting] = field(default_factory=list)
    known: int = 0


def _merge(workspace: Workspace, waiting: Waiting, tally: _Tally) -> None:
    fact = waiting.fact
    with workspace.store.reading() as view:
        if view.facts.known_keys([fact.key]):
            tally.known += 1
            return
    try:
        done = _recorded(workspace, fact)
    except (KeyError, ValueError, TypeError, AttributeError):
        tally.kept.append(replace(waiting, reason="it cannot be read"))
    except LedgerError as error:
        if is_away(error):
            raise
        tally.kept.append(replace(waiting, reason=error.message))
    else:
        (tally.recorded if fact.data.get("verb") == done.data.get("verb") else tally.noted).append(done)


def _settled(workspace: Workspace, file: SpoolFile, tally: _Tally) -> str | None:
    path = str(file.path)
    tally.kept += [Waiting(_unreadable(workspace), "it cannot be read", path) for _ in file.unread]
    kept = [waiting for waiting in tally.kept if waiting.file == path and waiting.fact.kind]
    try:
        aside = workspace.spool.settle(file, kept)
    except OSError as error:  # it stays as it is; what is recorded is passed over next time
        workspace.warn(f"{path} could not be tidied up: {error.strerror or error}")
        return None
    return str(aside) if aside else None


def _unreadable(workspace: Workspace) -> Fact:
    now = workspace.now()
    return Fact("", "", "", now, now, "", b"{}")


def _recorded(workspace: Workspace, fact: Fact) -> Fact:
    """The fact as it is recorded: everything that was typed looked up."""
    if fact.kind not in _COMPLETED:
        raise InvalidFact(f"a fact of the kind {fact.kind!r} is not taken from the spool")
    for left in reversed(range(_TRIES)):
        done, expecting = _COMPLETED[fact.kind](workspace, fact)
        try:
            workspace.store.append([done], expecting=expecting)
        except TransitionRefused:  # somebody took a step this moment
            if not left:
                raise
        else:
            return done
    raise AssertionError


Completed = tuple[Fact, Expectation | None]


def _change(workspace: Workspace, fact: Fact) -> Completed:
    body = fact.data
    with workspace.store.reading() as view:
        on = [resolve_target(view, text) for text in body["on"]]
        change = change_from_json(body | {"on": [str(target) for target in on]})
        for affected in change.affects:
            known_target(view, affected)
        if view.changes.existing([change.id]):
            raise InvalidFact(f"the id {change.id} is taken by another change")
        change = replace(change, parent="", rollback_to=_rollback_target(view, change.rollback_to))
        change = replace(change, parent=known_parent(view, body.get("parent", ""), change))
        if not change.logged_after:
            change = replace(change, assessment=assess(workspace, view, change))
    return replace(fact, body=canonical(change_to_json(change))), None


def _rollback_target(view: View, text: str) -> str:
    """Looked up; as it was typed where it is not known: the change has been made, so it has to be recorded."""
    try:
        return resolved_rollback_target(view, text)
    except (NotFound, InvalidInput):
        return text


def _step(workspace: Workspace, fact: Fact) -> Completed:
    body = fact.data
    change = find_change(workspace, body["change"])
    verb, said = body["verb"], body["note"]
    if verb == "note":
        return _as_note(fact, change, said), None
    try:
        moved = _moved(workspace, change, fact, said["text"], body.get("parent", ""))
    except (TransitionRefused, InvalidTime) as error:
        when = shown_instant(parse_instant(said["at"]))
        why = f"it was to {verb} at {when}, said while the ledger was away: {error.message}"
        return _as_note(fact, change, {**said, "text": ": ".join(filter(None, [why, said["text"]]))}), None
    expecting = Expectation(change.id, str(change.status), len(change.approvers))
    return replace(fact, body=step_fact(workspace, change, moved, verb).body), expecting


def _moved(workspace: Workspace, change: Change, fact: Fact, note: str, parent: str) -> Change:
    """The change after a step that has been taken: the lifecycle has to allow it, what the rules have to say is kept with it."""
    verb, at = fact.data["verb"], fact.occurred_at
    with workspace.store.reading() as view:
        within = replace(change, parent=known_parent(view, parent, change))
        found = objections(step_in_its_circumstances(workspace, view, within, verb, at, note=note))
    remarks = [Remark(objection.code, objection.text) for objection in found]
    needed = approvals_needed(change, workspace.settings.policy)
    return step(within, verb, at, fact.actor, note, approvals=needed, remarks=remarks)


def _as_note(fact: Fact, change: Change, said: Mapping[str, Any]) -> Fact:
    return replace(fact, body=canonical({"change": change.id, "verb": "note", "note": dict(said)}))


def _mark(workspace: Workspace, fact: Fact) -> Completed:
    return _with_target(workspace, fact, "target"), None


def _observation(workspace: Workspace, fact: Fact) -> Completed:
    return _with_target(workspace, fact, "on"), None


def _with_target(workspace: Workspace, fact: Fact, name: str) -> Fact:
    with workspace.store.reading() as view:
        target = resolve_target(view, str(fact.data[name]))
    return replace(fact, body=canonical({**fact.data, name: str(target)}))


_COMPLETED: Mapping[str, Callable[[Workspace, Fact], Completed]] = MappingProxyType(
    {"change": _change, "change-step": _step, "mark": _mark, "observation": _observation}
)
"""By the kind of fact: what it is recorded as, and what must still hold then."""
