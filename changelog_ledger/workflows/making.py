"""Making a change: snapshot, let somebody do it, snapshot, finish or fail. A ledger that is away stops none of it.

Two halves, :func:`begin` and :func:`end`; what lies between them is not ours. Around a deployment nobody waits for the ledger longer than
``settings.patience``, and once it was away it is tried only once more, at the end. What it did not take goes to the spool.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard

from changelog_ledger.errors import Busy, LedgerError, SnapshotError
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.rehearsal import Rehearsal
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.away import away_words, is_away, is_behind, step_of, waits_for
from changelog_ledger.workflows.prove_items import prove_by_deltas
from changelog_ledger.workflows.record_change import find_change, move_change, moved_change
from changelog_ledger.workflows.spool import QUICKLY, merge_first, merge_spool, report_merge
from changelog_ledger.workflows.take_snapshot import take_snapshot
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.wanted import Known, Wanted
from changelog_ledger.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a change is made.

    :ivar host: whose files to snapshot; this machine's, where the change touches it, if None.
    :ivar root: the directory that stands for that host's ``/``.
    :ivar override: why it starts in spite of a freeze, a conflict or its window.
    :ivar strict: whether a ledger that is away is an error, before anything is done.
    :ivar parent: the change that it is made within, or empty.
    """

    host: str | None = None
    root: str = "/"
    override: str = ""
    strict: bool = False
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Underway:
    """A change between its begin and its end.

    :ivar workspace: the home, with little patience.
    :ivar looked_at: the host that is snapshotted, or None.
    :ivar spooled: whether its start went to the spool: then the ledger knows nothing of it yet.
    :ivar unseen: why there is no snapshot before it, or empty.
    """

    workspace: Workspace
    change: Change
    manner: Manner
    looked_at: str | None = None
    spooled: bool = False
    unseen: str = ""


class CommandFailed(Exception):
    """The command ended with something else than 0."""

    def __init__(self, command: Sequence[str], code: int) -> None:
        super().__init__(f"{command[0]} exited with {code}")  # without its arguments: there may be a password among them, and facts stay
        self.code = code


def begin(workspace: Workspace, wanted: Wanted, manner: Manner) -> Underway:
    """Start the change, after a snapshot. Whatever the ledger refuses is refused before anything is done; that it is away is no refusal.

    :raises TransitionRefused: if lifecycle or rules do not allow it.
    :raises Busy: if the ledger is away and ``manner.strict``; or :class:`HomeError`, or :class:`OSError`.
    """
    patient = workspace.with_patience(workspace.settings.patience, merges=False)  # nobody waits for what others said
    try:
        with patient.passing_repository():
            if isinstance(wanted, Known) and waits_for(patient, wanted.identifier):
                merge_first(patient)
            begun = _begun(patient, wanted, manner)
            return replace(begun, workspace=patient.with_patience(workspace.settings.patience))
    finally:  # the work may take hours: no connection is kept that the server may have forgotten, or that hangs, by the end
        patient.close_store()


def end(underway: Underway, error: BaseException | None = None) -> None:
    """Record how the change went, after a snapshot. Nothing that goes wrong here takes the place of how it went.

    :param error: what the change's own work raised; it is for the caller to raise it again. ``sys.exit(0)`` is no failure.
    """
    try:
        with underway.workspace.passing_repository():
            if underway.spooled:
                verb, note = _outcome(underway, error, None)
                _spool(underway, [_step(underway, verb, note)])
                _merge_once(underway.workspace)
            else:
                _ended_or_interrupted(underway, error)
    except Exception as trouble:  # a boundary: the work is done, and a bug of ours must neither leave it open nor hide how it went
        _spool_bare_end(underway, error, trouble)
        if error is None:
            raise
    finally:
        underway.workspace.close_store()


def rehearse(workspace: Workspace, wanted: Wanted, manner: Manner) -> Rehearsal:
    """What :func:`begin` would do. Nothing is done and nothing recorded.

    :raises TransitionRefused: if it would be refused.
    :raises Busy: if the ledger is away; or :class:`HomeError`, or :class:`OSError`.
    """
    patient = workspace.with_patience(workspace.settings.patience)
    try:
        return _rehearsed(patient, wanted, manner)
    finally:
        patient.close_store()


def rehearse_anyway(workspace: Workspace, wanted: Wanted, manner: Manner) -> Rehearsal:
    """As :func:`rehearse`, for work that is done in any case: that the ledger is away is no refusal, unless ``manner.strict``."""
    try:
        return rehearse(workspace, wanted, manner)
    except (LedgerError, OSError) as error:
        _unless_away(workspace, error, manner, wanted)
        change, _ = wanted.unrecorded(workspace)
        workspace.warn(f"the ledger does not answer ({away_words(error)}); going on without asking its rules")
        return Rehearsal(change, None, ())


def _rehearsed(workspace: Workspace, wanted: Wanted, manner: Manner) -> Rehearsal:
    change = wanted.drafted(workspace)
    host = _host_to_look_at(workspace, change, manner.host)
    if change.status is Status.STARTED:
        return Rehearsal(change, host, ())
    started = moved_change(workspace, change, "start", workspace.now(), override=manner.override, parent=manner.parent)
    return Rehearsal(change, host, started.notes[-1].remarks)


# ---- the beginning


def _begun(workspace: Workspace, wanted: Wanted, manner: Manner) -> Underway:
    try:
        change = wanted.recorded(workspace)
    except (LedgerError, OSError) as error:
        _unless_away(workspace, error, manner, wanted)
        change, facts = wanted.unrecorded(workspace)
        return _begun_without(Underway(workspace, change, manner), facts, error)
    try:
        looked_at = _host_to_look_at(workspace, change, manner.host)
        started = change.status is Status.STARTED
        if not started:  # refused before anything is done
            moved_change(workspace, change, "start", workspace.now(), override=manner.override, parent=manner.parent)
        underway = _seen_before(Underway(workspace, change, manner, looked_at))  # first, so that drift from before is not within the change's window
        if started:
            return underway
        return replace(underway, change=move_change(workspace, change.id, "start", override=manner.override, parent=manner.parent))
    except (LedgerError, OSError) as error:
        _unless_away(workspace, error, manner, wanted)
        return _begun_without(Underway(workspace, change, manner), (), error)


def _unless_away(workspace: Workspace, error: LedgerError | OSError, manner: Manner, wanted: Wanted) -> None:
    """Raise what is no absence, and every absence where it counts."""
    behind = isinstance(wanted, Known) and is_behind(workspace, wanted.identifier, error)
    if manner.strict or not (behind or is_away(error)):
        raise error


def _begun_without(underway: Underway, facts: Sequence[Fact], why: BaseException) -> Underway:
    """The change starts without its ledger; the spool has to remember it."""
    workspace, manner = underway.workspace, underway.manner
    workspace.warn(f"the ledger does not answer ({away_words(why)}); going on without snapshots, {underway.change.id} goes to the spool")
    started = step_of(workspace, underway.change.id, "start", note=_without(why), override=manner.override, parent=manner.parent)
    _spool(underway, [*facts, started])
    now = workspace.now()
    return replace(underway, spooled=True, change=replace(underway.change, status=Status.STARTED, started_at=now))


def _without(why: BaseException) -> str:
    return f"recorded to the spool: {away_words(why)}"


def _seen_before(underway: Underway) -> Underway:
    _, unseen = _look_or_why_not(underway, Phase.BEFORE)
    if unseen is None:
        return underway
    if underway.manner.strict or isinstance(unseen, Busy):  # having waited once is enough
        raise unseen
    underway.workspace.warn(f"no snapshot before {underway.change.id}: {unseen.message}")
    return replace(underway, unseen=f"no snapshot before it: {unseen.message}")


# ---- the end


def _ended_or_interrupted(underway: Underway, error: BaseException | None) -> None:
    """Ctrl-C while the end is being recorded means that nobody wants to wait for it: the bare step goes to the spool."""
    try:
        _ended(underway, error)
    except KeyboardInterrupt:
        verb, note = _outcome(underway, error, None)
        _spool(underway, [_step(underway, verb, note)])
        raise


def _ended(underway: Underway, error: BaseException | None) -> None:
    workspace, change = underway.workspace, underway.change
    seen, unseen = _look_or_why_not(underway, Phase.AFTER)
    if unseen is not None:  # the change is done and recorded as done; that nobody saw what it did has to be said
        workspace.warn(f"no snapshot after {change.id}: {unseen.message}")
    verb, note = _outcome(underway, error, unseen)
    try:
        _close(underway, verb, at=_time_of(seen), note=note, unseen=unseen)
    except Exception as trouble:
        if error is None and not isinstance(trouble, LedgerError | OSError):
            raise
        workspace.warn(f"how {change.id} went could not be recorded ({away_words(trouble)}); it goes to the spool")
        _spool(underway, [_step(underway, verb, note, _time_of(seen))])


def _outcome(underway: Underway, error: BaseException | None, unseen: LedgerError | None) -> tuple[str, str]:
    """The verb of the last step, and what is said along with it."""
    said = [_words(underway.workspace, error) if _failed(error) else "", underway.unseen, unseen.message if unseen else ""]
    return _verb(error), "; ".join(filter(None, said))


def _verb(error: BaseException | None) -> str:
    return "fail" if _failed(error) else "finish"


def _failed(error: BaseException | None) -> TypeGuard[BaseException]:
    """Whether the work failed. An exception may be false (one with a length of 0), and a script may end by ``sys.exit(0)``."""
    return error is not None and not (isinstance(error, SystemExit) and (error.code is None or (isinstance(error.code, int) and error.code == 0)))


def _close(underway: Underway, verb: str, *, at: datetime | None, note: str, unseen: LedgerError | None) -> None:
    """Take the last step, unless the change's own work has taken one already (a script that calls ``change roll-back``)."""
    if isinstance(unseen, Busy):  # having waited once is enough
        raise unseen
    workspace = underway.workspace
    change = find_change(workspace, underway.change.id)
    if change.status is Status.STARTED:
        if verb == "finish":
            change = prove_by_deltas(workspace, change)
        left = f"still open: {', '.join(item.name for item in change.open_items)}" if change.open_items and verb == "finish" else ""
        move_change(workspace, change.id, verb, at=at, note="; ".join(filter(None, [note, left])))


def _time_of(seen: Snapshot | None) -> datetime | None:
    """The change ends at the snapshot that saw its work: what a later one finds was not done by it."""
    return seen.at if seen else None


def _words(workspace: Workspace, error: BaseException) -> str:
    if isinstance(error, CommandFailed):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return f"interrupted ({signal.Signals.SIGINT.name})"
    try:
        return workspace.masked_text(f"{type(error).__name__}: {str(error)[:2000]}")
    except Exception:  # noqa: BLE001 - its own __str__ is anybody's code; or there is no key that masks secrets: better too little
        return type(error).__name__


# ---- the spool


def _step(underway: Underway, verb: str, note: str, at: datetime | None = None) -> Fact | None:
    try:
        return step_of(underway.workspace, underway.change.id, verb, at=at, note=note)
    except (LedgerError, OSError) as error:
        underway.workspace.warn(f"{verb} of {underway.change.id} is not recorded: {away_words(error)}")
        return None


def _spool(underway: Underway, facts: Sequence[Fact | None]) -> None:
    """Facts that the ledger did not take; that the spool does not take them either must not stop anybody."""
    written = [fact for fact in facts if fact is not None]
    try:
        if written:
            underway.workspace.spool.add(written)
    except (LedgerError, OSError) as error:
        underway.workspace.warn(f"nothing of {underway.change.id} is recorded: {away_words(error)}")


def _spool_bare_end(underway: Underway, error: BaseException | None, trouble: BaseException) -> None:
    """The end of a change without anything that could fail once more."""
    said = type(error).__name__ if _failed(error) else ""
    why = f"{type(trouble).__name__}: {away_words(trouble)}"
    underway.workspace.warn(f"how {underway.change.id} went could not be recorded ({why}); it goes to the spool")
    _spool(underway, [_step(underway, _verb(error), said)])


def _merge_once(workspace: Workspace) -> None:
    alone = replace(workspace, merges=False)
    try:
        report_merge(workspace, merge_spool(alone, QUICKLY))
    except (LedgerError, OSError):
        workspace.warn("the ledger still does not answer; the spool is merged when it does, or by: ledger spool merge")
    except Exception as trouble:  # noqa: BLE001 - a boundary: how the change went is in the spool; what others left there may be anything
        workspace.warn(f"the spool could not be merged ({type(trouble).__name__}: {trouble}); try: ledger spool merge")
    finally:
        alone.close_store()


# ---- snapshots


def _look_or_why_not(underway: Underway, phase: Phase) -> tuple[Snapshot | None, LedgerError | None]:
    """A snapshot must not hide how the change itself went: its failure is an answer, not an exception."""
    try:
        return _look(underway, phase), None
    except LedgerError as error:
        return None, error
    except OSError as error:
        return None, SnapshotError(f"no snapshot: {error.strerror or error}", "look with: ledger snapshot")


def _look(underway: Underway, phase: Phase) -> Snapshot | None:
    if underway.looked_at is None:
        return None
    change = underway.change.id
    root, reason = underway.manner.root, f"{phase} {change}"
    return take_snapshot(underway.workspace, underway.looked_at, root=root, reason=reason, change=change, phase=phase)


def _host_to_look_at(workspace: Workspace, change: Change, host: str | None) -> str | None:
    with workspace.store.reading() as view:
        if host is not None:
            return known_host(view, host).name
        own = workspace.settings.host
        return own if view.topology.host(own) is not None and any(_touches(view, target, own) for target in change.on) else None


def _touches(view: View, target: Target, host: str) -> bool:
    if target.kind is TargetKind.SERVICE:
        return target.name in view.topology.services_on(host)
    return target.kind is TargetKind.ALL or target.name == host
