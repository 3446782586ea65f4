"""``spool merge``: what was written down while the database was away goes into it, each fact once.

A fact is known by its key, so whatever was merged by a process that was killed, or by another one, is passed over. Steps are asked of the lifecycle
now: one that is no longer possible becomes a note on its change. What names a change or target that is not known stays in the spool with the reason.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from changelog_ledger.changes.lifecycle import last_step, step
from changelog_ledger.changes.rules import approvals_needed, objections
from changelog_ledger.errors import Busy, InvalidFact, InvalidInput, InvalidTime, LedgerError, NotFound, TransitionRefused
from changelog_ledger.model.change import Change, Note, Remark
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.spool import Merged, Waiting
from changelog_ledger.model.times import parse_instant, shown_instant
from changelog_ledger.store.codec import change_from_json, change_to_json
from changelog_ledger.store.queries import View
from changelog_ledger.store.recording import Recording
from changelog_ledger.store.spool import SpoolFile, in_order
from changelog_ledger.store.spool_bodies import check_header, check_spooled
from changelog_ledger.workflows.assess_change import assess
from changelog_ledger.workflows.away import away_words, is_away
from changelog_ledger.workflows.circumstances import step_in_its_circumstances
from changelog_ledger.workflows.merged_incidents import merged_incident, merged_incident_note, own_key
from changelog_ledger.workflows.record_change import known_parent, step_fact
from changelog_ledger.workflows.rollback_target import resolved_rollback_target
from changelog_ledger.workflows.topology import known_target, resolve_target
from changelog_ledger.workflows.workspace import Workspace

QUICKLY = 1.0
"""Seconds that a command which wants something else waits for the merge before it."""

_MOST = 500
"""Facts that are recorded in one transaction."""

_LONGEST = 0.5
"""Seconds that a transaction goes on for: others want to write too."""

_UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""What comes of a fact that is not made as facts are."""


def list_spool(workspace: Workspace) -> tuple[Waiting, ...]:
    """What waits, in the order in which it will be merged."""
    return workspace.spool.waiting()


def merge_spool(workspace: Workspace, seconds: float = math.inf) -> Merged:
    """Merge everything that waits, in transactions of many facts.

    :param workspace: one that does not merge by itself (:meth:`Workspace.with_patience`).
    :param seconds: no transaction begins after so many, and none lasts longer; what is left then stays as it is.
    :raises Busy: if the database is locked, or somebody else merges, for too long. What was merged by then stays merged; nothing is lost.
    :raises HomeError: if the database cannot be used.
    """
    until = time.monotonic() + seconds
    with workspace.locks.spool():
        files = list(_files(workspace))
        left = deque(in_order(files))
        tally = _Tally(said={waiting.fact: waiting.reason for waiting in left})
        while left:
            tally.add(_batch(workspace, left, min(until, time.monotonic() + _LONGEST)))
            if time.monotonic() >= until:
                break
        torn = [aside for file in files if (aside := _settled(workspace, file.path, tally))]
    return Merged(tuple(tally.recorded), tuple(tally.noted), tally.known, tuple(tally.kept), tuple(torn), len(left))


def merge_first(workspace: Workspace) -> None:
    """Merge for a moment before something else is asked; that it cannot be done now is only worth a warning."""
    quick = workspace.with_patience(QUICKLY, merges=False)
    try:
        report_merge(workspace, merge_spool(quick, QUICKLY))
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
        if waiting.fact.kind and waiting.news:  # said once; status goes on counting it
            article = "an" if waiting.fact.kind[0] in "aeiou" else "a"
            workspace.warn(f"{article} {waiting.fact.kind} stays in the spool: {waiting.reason}; see: ledger spool list")
    unread = Counter(waiting.file for waiting in merged.kept if not waiting.fact.kind)
    for path, lines in unread.items():
        workspace.warn(f"{lines} of the lines in {path} cannot be read; they stay there: ledger spool merge")
    for path in merged.torn:
        workspace.warn(f"half a line of the spool was put aside into {path}: its writer was killed while it wrote")
    if merged.left:
        workspace.warn(f"so many facts still wait in the spool: {merged.left}; merge them now with: ledger spool merge")


@dataclass
class _Tally:
    """What a merge has come to so far.

    :ivar said: why the last merge kept a fact.
    :ivar done: the facts that are in the database now.
    """

    said: Mapping[Fact, str] = field(default_factory=dict)
    recorded: list[Fact] = field(default_factory=list)
    noted: list[Fact] = field(default_factory=list)
    kept: list[Waiting] = field(default_factory=list)
    done: set[Fact] = field(default_factory=set)
    known: int = 0

    def add(self, other: _Tally) -> None:
        """Take in what a transaction has come to, once it is committed."""
        self.recorded += other.recorded
        self.noted += other.noted
        self.kept += [replace(waiting, news=self.said.get(waiting.fact) != waiting.reason) for waiting in other.kept]
        self.done |= other.done
        self.known += other.known


def _files(workspace: Workspace) -> Iterator[SpoolFile]:
    """The files that nobody writes to just now, held one at a time: there may be more of them than a process may open."""
    for path in workspace.spool.paths():
        try:
            with workspace.spool.held(path) as file:
                if file is not None:
                    yield file
        except OSError as error:
            workspace.warn(f"{path} cannot be read ({error.strerror or error}); it stays as it is")


def _batch(workspace: Workspace, left: deque[Waiting], until: float) -> _Tally:
    """Merge the next facts in one transaction."""
    tally = _Tally()
    with workspace.store.recording() as recording:
        for _ in range(_MOST):
            if not left:
                break
            _merge(workspace, recording, left.popleft(), tally)
            if time.monotonic() >= until:
                break
    return tally


def _merge(workspace: Workspace, recording: Recording, waiting: Waiting, tally: _Tally) -> None:
    fact = waiting.fact
    try:
        with recording.apart():
            done = _recorded(workspace, recording, fact)
    except _UNREADABLE:
        tally.kept.append(replace(waiting, reason="it cannot be read"))
    except LedgerError as error:
        if is_away(error):
            raise
        tally.kept.append(replace(waiting, reason=error.message))
    else:
        tally.done.add(fact)
        if done is None:
            tally.known += 1
            return
        (tally.recorded if fact.data.get("verb") == done.data.get("verb") else tally.noted).append(done)


def _keys(fact: Fact) -> list[str]:
    """What a fact may have been recorded by: its key, or the id of a change or an incident."""
    return [fact.key, own_key(fact)] if fact.kind in ("change", "incident") else [fact.key]


def _settled(workspace: Workspace, path: Path, tally: _Tally) -> str | None:
    """Take out of a file what is recorded; what was written to it meanwhile stays."""
    reasons = {waiting.fact: waiting.reason for waiting in tally.kept if waiting.file == str(path)}
    try:
        with workspace.spool.held(path) as file:
            if file is None:
                return None
            tally.kept += [Waiting(_unreadable(workspace), "it cannot be read", str(path)) for _ in file.unread]
            kept = [replace(each, reason=reasons.get(each.fact, each.reason)) for each in file.waiting if each.fact not in tally.done]
            aside = workspace.spool.settle(file, kept)
    except OSError as error:  # it stays as it is; what is recorded is passed over next time
        workspace.warn(f"{path} could not be tidied up: {error.strerror or error}")
        return None
    return str(aside) if aside else None


def _unreadable(workspace: Workspace) -> Fact:
    now = workspace.now()
    return Fact("", "", "", now, now, "", b"{}")


def _recorded(workspace: Workspace, recording: Recording, fact: Fact) -> Fact | None:
    """The fact as it is recorded: everything that was typed looked up. None if it is in the database already."""
    check_header(fact)
    view = recording.view
    if fact.id in view.facts.known_keys(_keys(fact)).values():
        return None
    done = _COMPLETED[fact.kind](workspace, view, fact)
    recording.add(done)
    return done


def _change(workspace: Workspace, view: View, fact: Fact) -> Fact:
    body = fact.data
    on = [str(resolve_target(view, text)) for text in body["on"]]
    known = replace(fact, body=canonical(body | {"on": on}))
    check_spooled(known)
    change = change_from_json(known.data)
    for affected in change.affects:
        known_target(view, affected)
    if view.changes.existing([change.id]):
        raise InvalidFact(f"the id {change.id} is taken by another change")
    change = replace(change, parent="", rollback_to=_rollback_target(view, change.rollback_to))
    change = replace(change, parent=known_parent(view, body.get("parent", ""), change))
    if not change.logged_after:
        change = replace(change, assessment=assess(workspace, view, change))
    if view.facts.known_keys([fact.key]):
        change, known = _without_reference(change, fact), replace(fact, key=own_key(fact))
    return replace(known, body=canonical(change_to_json(change)))


def _without_reference(change: Change, fact: Fact) -> Change:
    """Another change took its reference meanwhile. It has been made, so it is recorded; it goes by its own id."""
    why = f"the reference {change.ref} is taken by another change; said while the ledger was away"
    return replace(change, ref="", notes=(*change.notes, Note(fact.recorded_at, fact.actor, why)))


def _rollback_target(view: View, text: str) -> str:
    """Looked up; as it was typed where it is not known: the change has been made, so it has to be recorded."""
    try:
        return resolved_rollback_target(view, text)
    except (NotFound, InvalidInput):
        return text


def _step(workspace: Workspace, view: View, fact: Fact) -> Fact:
    check_spooled(fact)
    body = fact.data
    change = view.changes.find(body["change"])
    verb, said = body["verb"], body["note"]
    if verb == "note":
        return _as_note(fact, change, said)
    try:
        moved = _moved(workspace, view, change, fact, said["text"], body.get("parent", ""))
    except (TransitionRefused, InvalidTime) as error:
        when = shown_instant(parse_instant(said["at"]))
        why = f"it was to {verb} at {when}, said while the ledger was away: {error.message}"
        return _as_note(fact, change, {**said, "text": ": ".join(filter(None, [why, said["text"]]))})
    return replace(fact, occurred_at=moved.notes[-1].at, body=step_fact(workspace, change, moved, verb).body)


def _moved(workspace: Workspace, view: View, change: Change, fact: Fact, note: str, parent: str) -> Change:
    """The change after a step that has been taken: the lifecycle has to allow it, what the rules have to say is kept with it."""
    verb, (at, note) = fact.data["verb"], _in_order(change, fact.occurred_at, note)
    within = replace(change, parent=known_parent(view, parent, change))
    found = objections(step_in_its_circumstances(workspace, view, within, verb, at, note=note))
    remarks = [Remark(objection.code, objection.text) for objection in found]
    needed = approvals_needed(change, workspace.settings.policy)
    return step(within, verb, at, fact.actor, note, approvals=needed, remarks=remarks)


def _in_order(change: Change, at: datetime, note: str) -> tuple[datetime, str]:
    """When a step that has been taken is to be recorded, and its note: not before the step before it, whatever the clock showed."""
    before = last_step(change)
    if before is None or at >= before[0]:
        return at, note
    why = f"the clock showed {shown_instant(at)}, before the step before it (set back meanwhile?)"
    return before[0], ": ".join(filter(None, [why, note]))


def _as_note(fact: Fact, change: Change, said: Mapping[str, Any]) -> Fact:
    return replace(fact, body=canonical({"change": change.id, "verb": "note", "note": dict(said)}))


def _mark(_workspace: Workspace, view: View, fact: Fact) -> Fact:
    return _with_target(view, fact, "target")


def _observation(_workspace: Workspace, view: View, fact: Fact) -> Fact:
    return _with_target(view, fact, "on")


def _with_target(view: View, fact: Fact, name: str) -> Fact:
    known = replace(fact, body=canonical({**fact.data, name: str(resolve_target(view, str(fact.data[name])))}))
    check_spooled(known)
    return known


_COMPLETED: Mapping[str, Callable[[Workspace, View, Fact], Fact]] = MappingProxyType(
    {
        "change": _change,
        "change-step": _step,
        "mark": _mark,
        "observation": _observation,
        "incident": merged_incident,
        "incident-step": merged_incident_note,
    }
)
"""By the kind of fact, of those that may come from the spool: what it is recorded as."""
