"""``change roll-back``: the change's files become again what its rollback target says, and the change is recorded as rolled back.

What can be restored from here is this machine's part, from a snapshot. For other machines the command to run there is said, and a written
backout plan is for people. It is recorded as rolled back only if everything that was to be restored is proven equal, and no other machine has
a snapshot to go back to: whether it is back there cannot be seen from here, so ``--record-only`` says it in the end. So it is with what people
do by hand: packages, a retained server, a written backout plan. Only a change that has nothing at all to go back to is recorded at once.
"""

from __future__ import annotations

import glob
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from changelog_ledger.changes.lifecycle import step
from changelog_ledger.changes.rules import approvals_needed
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change
from changelog_ledger.model.restore import RestoreResult, RollBack
from changelog_ledger.model.rollback_target import LATEST, is_snapshot
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.state import without_state
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.later_changes import Undoing, later_warnings
from changelog_ledger.workflows.record_change import find_change, move_change, note_change
from changelog_ledger.workflows.restore import Choices, Leave, Progress, not_before, place_of, restore_wanted
from changelog_ledger.workflows.restore_wanted import Wanted, outermost
from changelog_ledger.workflows.roll_back_advice import advice_of
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace


def recorded_roll_back(
    workspace: Workspace, identifier: str, choices: Choices, *, host: str | None, at: datetime | None = None, note: str = ""
) -> RollBack:
    """Record that a change was taken back, by whatever means; restore nothing.

    :param choices: must say nothing but which change.
    :raises InvalidInput: if something was said of how to restore.
    :raises TransitionRefused: if the lifecycle does not allow it.
    """
    if host is not None or choices != Choices(change=choices.change):
        raise InvalidInput(
            "it was to be recorded only, and something was said of how to restore",
            f"either ledger change roll-back {identifier} --record-only [--at TIME] [--note TEXT], or without --record-only",
        )
    change = move_change(workspace, identifier, "roll-back", at=at, note=note)
    with workspace.store.reading() as view:
        return RollBack(change, advice=advice_of(view, change))


def roll_back(
    workspace: Workspace,
    identifier: str,
    choices: Choices,
    *,
    host: str | None,
    at: datetime | None,
    note: str,
    leave: Leave,
    progress: Progress,
) -> RollBack:
    """Restore what can be restored from here, and record it if that was all there is to restore.

    :param host: whose files to restore; this machine's if None.
    :param at: when it was taken back; only where nothing can be restored from here.
    :raises TransitionRefused: if the lifecycle does not allow it; nothing is restored then.
    :raises InvalidInput: if ``at`` is given and files would be restored now.
    :raises NotFound: if the rollback target or the paths of the change cannot be told.
    """
    change = find_change(workspace, identifier)
    clock = _after_all_of_it(workspace, change, host or workspace.settings.host)
    needed = approvals_needed(change, workspace.settings.policy)
    step(change, "roll-back", at or clock.now(), workspace.actor, note, approvals=needed)  # refused before anything is done
    part = _own_part(workspace, change, host)
    elsewhere = _elsewhere(workspace, change, part)
    said = _said(workspace, change, part, elsewhere)
    if part is None:
        if choices.dry_run or (_is_for_people(change) and at is None):
            return replace(said, recorded=False)
        return replace(said, change=move_change(workspace, change.id, "roll-back", at=at, note=note))
    if at is not None:
        raise InvalidInput(
            f"{change.id} would be restored now, and --at says that it was taken back then",
            f"to restore it leave --at out; if it has been taken back by other means: ledger change roll-back {change.id} --record-only --at TIME",
        )
    result = _restored(workspace, change, part, choices, lambda plan: leave(replace(plan, warnings=said.warnings)), progress)
    if result.dry_run:
        return replace(said, restored=result, recorded=False)
    return _recorded(clock, said, part, result, elsewhere, note)


def _said(workspace: Workspace, change: Change, part: _Part | None, elsewhere: _Elsewhere) -> RollBack:
    """What there is to say before anything is done: advice and warnings."""
    with workspace.store.reading() as view:
        hosts = [part.host] if part else _hosts(view, change, workspace.settings.host)
        undoing = Undoing(change, hosts, part.snapshot.at if part else None, workspace.now())
        advice = (*elsewhere.advice, *advice_of(view, change))
        if part is None and _is_for_people(change) and not elsewhere.waiting:
            advice += (f"when that is done: ledger change roll-back {change.id} --record-only",)
        return RollBack(change, advice=advice, warnings=later_warnings(view, undoing))


def _is_for_people(change: Change) -> bool:
    """Whether there is something to go back to: where it cannot be restored from here, only somebody's word says that it was."""
    return bool(change.rollback_to or change.backout)


def _after_all_of_it(workspace: Workspace, change: Change, host: str) -> Workspace:
    """A clock that was set back must not keep anybody from a roll-back: it comes after its last snapshot and the change's last step."""
    with workspace.store.reading() as view:
        last = view.evidence.last_snapshot(host)
    known = [change.finished_at, last.at if last else None, *(note.at for note in change.notes)]
    return not_before(workspace, max((at for at in known if at), default=workspace.now()))


def _recorded(workspace: Workspace, begun: RollBack, part: _Part, result: RestoreResult, elsewhere: _Elsewhere, note: str) -> RollBack:
    """As rolled back, if all of it is; else a remark says how far it came."""
    change = begun.change
    said = f"restored {len(result.plan.steps)} paths of {part.host} from snapshot {part.snapshot.id}, {result.proven} proven equal"
    said += f"; no snapshot of it could be taken: {result.unseen}" if result.unseen else ""
    extra = result.plan.extra
    if not result.complete or elsewhere.waiting or extra:
        left = [f"{len(result.unrestored)} not restored"] if result.unrestored else []
        named = f"{', '.join(extra[:3])}{' …' if len(extra) > 3 else ''}"
        left += [f"still there, though not then: {named} (--delete removes it)"] if extra else []
        left += [f"not yet on {', '.join(elsewhere.waiting)}"] if elsewhere.waiting else []
        text = f"roll-back incomplete: {'; '.join([said, *left])}"
        noted = note_change(workspace, change.id, "; ".join(filter(None, [note, text])))
        return replace(begun, change=noted, restored=result, recorded=False)
    at = result.after.at if result.after else None
    done = move_change(not_before(workspace, at) if at else workspace, change.id, "roll-back", at=at, note="; ".join(filter(None, [note, said])))
    return replace(begun, change=done, restored=result)


# ---- what is rolled back from here


@dataclass(frozen=True)
class _Part:
    """A host's part of a change: which snapshot it goes back to."""

    host: str
    snapshot: Snapshot


def _own_part(workspace: Workspace, change: Change, host: str | None) -> _Part | None:
    """The part that can be restored from here; None if there is none: no snapshot to go back to, or the change is made elsewhere."""
    if not is_snapshot(change.rollback_to):
        return None
    own = host or workspace.settings.host
    with workspace.store.reading() as view:
        if host is not None:
            known_host(view, host)
        if own not in _hosts(view, change, own):
            if host is not None:
                raise InvalidInput(f"{change.id} is not made on {host}", f"it names: {', '.join(map(str, change.on))}")
            return None
        snapshot = _snapshot(view, change, own)
    return None if snapshot is None else _Part(own, snapshot)


def _hosts(view: View, change: Change, own: str) -> list[str]:
    """The hosts that a change is made on; of ``all``, this one: what it did elsewhere has to be told there."""
    found: dict[str, None] = {}
    for target in change.on:
        if target.kind is TargetKind.ALL:
            found[own] = None
        elif target.kind is TargetKind.SERVICE:
            service = view.topology.service(target.name)
            found |= dict.fromkeys(service.runs_on if service else ())
        else:
            found[target.name] = None
    return list(found)


def _snapshot(view: View, change: Change, host: str) -> Snapshot | None:
    """The snapshot that the change goes back to on a host; None if the one it names is another host's.

    :raises NotFound: if there is none.
    """
    if change.rollback_to == LATEST:
        begun = change.started_at
        found = view.evidence.last_snapshot(host, begun) if begun else None
        if found is None:
            when = f" when it started, at {shown_instant(begun)}" if begun else ""
            raise NotFound(f"{change.id} goes back to the snapshot before it, and {host} had none{when}", _record_hint(change))
        return found
    named = view.evidence.snapshots_starting(change.rollback_to.upper())
    if len(named) != 1:
        many = "fits several snapshots" if named else "is no snapshot here"
        raise NotFound(f"{change.id} goes back to {change.rollback_to}, which {many}", _record_hint(change))
    return named[0] if named[0].host == host else None


def _record_hint(change: Change) -> str:
    return f"if it has been taken back by other means: ledger change roll-back {change.id} --record-only"


def _restored(workspace: Workspace, change: Change, part: _Part, choices: Choices, leave: Leave, progress: Progress) -> RestoreResult:
    paths = _tops(change.paths) if change.paths else _changed_by(workspace, change, part)
    if not paths:
        raise NotFound(f"{change.id} declares no paths, and no snapshot shows that it changed any on {part.host}", _record_hint(change))
    wanted = Wanted(
        snapshot=part.snapshot,
        paths=_known(workspace, part, paths),
        root=place_of(workspace, part.host, choices),
        delete=choices.delete,
        privileged=choices.privileged,
        covers=lambda path: not change.paths or globs.covers(change.paths, path),
    )
    return restore_wanted(workspace, wanted, choices, leave=leave, progress=progress)


def _tops(declared: Iterable[str]) -> tuple[str, ...]:
    """The folders that globs begin in, without those that lie in another; a relative glob may be anywhere, but the machine's state is no file."""
    return outermost(sorted({_top(pattern) for pattern in without_state(declared)}))


def _top(pattern: str) -> str:
    if not pattern.startswith("/"):
        return "/"
    fixed: list[str] = []
    for name in pattern.strip("/").split("/"):
        if glob.has_magic(name):
            break
        fixed.append(name)
    return "/" + "/".join(fixed)


def _known(workspace: Workspace, part: _Part, paths: Sequence[str]) -> tuple[str, ...]:
    """``/`` as what was watched below it then: nothing is said of the rest."""
    if "/" not in paths:
        return tuple(paths)
    directories = workspace.repository.manifest_of(part.snapshot.commit).directories()
    return outermost(sorted(directory for directory in without_state(directories) if directory != "/"))


def _changed_by(workspace: Workspace, change: Change, part: _Part) -> tuple[str, ...]:
    """The paths that differ between the snapshot before a change and the one after it."""
    with workspace.store.reading() as view:
        later = [seen for seen in view.evidence.snapshots(part.host) if seen.at > part.snapshot.at]
    own = [seen for seen in later if seen.change == change.id and seen.phase is Phase.AFTER]
    ended = change.finished_at
    after = next(iter(own), None) or next((seen for seen in later if ended is None or seen.at >= ended), None)
    if after is None:
        return ()
    repository = workspace.repository
    changes = repository.changed(part.snapshot.commit, after.commit)
    before, now = repository.manifest_of(part.snapshot.commit), repository.manifest_of(after.commit)
    differing = {path.path for path in changes.paths}
    for directory in changes.directories:
        old, new = before.directory(directory), now.directory(directory)
        differing |= {(old.get(name) or new[name]).path for name in {*old, *new} if old.get(name) != new.get(name)}
    return outermost(sorted(without_state(differing)))


# ---- what is left for people


@dataclass(frozen=True)
class _Elsewhere:
    """What is to be done on the other hosts of a change.

    :ivar waiting: those that have a snapshot to go back to.
    """

    waiting: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


def _elsewhere(workspace: Workspace, change: Change, part: _Part | None) -> _Elsewhere:
    if not is_snapshot(change.rollback_to):
        return _Elsewhere()
    with workspace.store.reading() as view:
        others = [host for host in _hosts(view, change, workspace.settings.host) if part is None or host != part.host]
        waiting = tuple(host for host in others if _snapshot_or_none(view, change, host))
    advice = [
        f"on {host}: ledger change roll-back {change.id} --host {shlex.quote(host)}"
        if host in waiting
        else f"on {host}: there is no snapshot of it to go back to"
        for host in others
    ]
    if waiting:
        advice.append(f"when it is back everywhere: ledger change roll-back {change.id} --record-only")
    return _Elsewhere(waiting, tuple(advice))


def _snapshot_or_none(view: View, change: Change, host: str) -> Snapshot | None:
    try:
        return _snapshot(view, change, host)
    except NotFound:
        return None
