"""``restore``: files of a host become again what a snapshot says they were.

The data's way: which snapshot → plan (then against now) → leave to write → the present state becomes a snapshot → write → prove → a snapshot of
what is there now. What a snapshot before could not keep is not overwritten. On the live host a change is recorded for it (or one that is
given has the differences attributed to it), so that nobody finds them unlogged; a copy to another place records nothing.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from posixpath import dirname

from changelog_ledger.changes.draft import Draft
from changelog_ledger.changes.planning import Details, checked_glob
from changelog_ledger.errors import InvalidInput, LedgerError, SnapshotError
from changelog_ledger.model.change import ChangeType
from changelog_ledger.model.restore import Action, RestorePlan, RestoreResult, Unrestored
from changelog_ledger.model.rollback_target import LATEST
from changelog_ledger.model.snapshot import FileType, Phase, Snapshot
from changelog_ledger.model.state import without_state
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.snapshots.paths import is_within_one_of
from changelog_ledger.snapshots.restoring import Restorer
from changelog_ledger.snapshots.restoring_owners import TargetOwners
from changelog_ledger.store.plain import plain_text
from changelog_ledger.workflows.moments import SNAPSHOT_ID, resolve_time
from changelog_ledger.workflows.read_snapshots import snapshot_at
from changelog_ledger.workflows.record_change import find_change, move_change, plan_change
from changelog_ledger.workflows.restore_equality import Equality, Originals, looked_at, proven_equal
from changelog_ledger.workflows.restore_plan import plan_restore, refuse_unknown
from changelog_ledger.workflows.restore_wanted import Wanted
from changelog_ledger.workflows.take_snapshot import take_snapshot
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[int], None]
"""Called with the number of steps done since the last call."""

Leave = Callable[[RestorePlan], bool]
"""Asked before anything is overwritten or removed; False: nothing is done."""

_LONGEST_TITLE = 60
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Choices:
    """How to restore.

    :ivar root: the directory that stands for ``/`` of the host itself: an image, a mount, a test.
    :ivar to: write a copy below this directory instead; None for the host itself.
    :ivar delete: remove what did not exist then.
    :ivar privileged: restore setuid, setgid and file capabilities.
    :ivar change: the change that the differences belong to; empty: one is recorded for the restore.
    """

    root: str = "/"
    to: str | None = None
    dry_run: bool = False
    delete: bool = False
    privileged: bool = False
    change: str = ""


def leave_refused(plan: RestorePlan) -> bool:
    """Nobody was asked, and nobody said yes.

    :raises InvalidInput: always.
    """
    paths = f"{len(plan.steps)} paths" if len(plan.steps) != 1 else "one path"
    raise InvalidInput(f"this would alter {paths} of {plan.host}, and nobody said yes", "look with --dry-run, then repeat it with --yes")


def restore(
    workspace: Workspace,
    host: str,
    paths: Sequence[str],
    at: str | datetime,
    choices: Choices,
    *,
    leave: Leave = leave_refused,
    progress: Progress = lambda _done: None,
) -> RestoreResult:
    """Bring files and folders back to how they were.

    :param at: which snapshot: a TIME (the newest not after it), or a snapshot's id.
    :raises NotFound: if there is no such host or snapshot, or it does not know a path.
    :raises InvalidInput: if files of another host would be written onto this one, or ``leave`` was not given.
    :raises SnapshotError: if the directory to write below is none.
    :raises Busy: if another restore is under way.
    """
    if choices.to is not None and os.path.realpath(choices.to) == "/":  # that is no copy: it is this machine
        choices = replace(choices, to=None)
    snapshot = snapshot_for(workspace, host, at)
    wanted = Wanted(
        snapshot=snapshot,
        paths=tuple(paths),
        root=place_of(workspace, host, choices),
        is_copy=choices.to is not None,
        delete=choices.delete,
        privileged=choices.privileged,
    )
    refuse_unknown(workspace, wanted)
    return restore_wanted(workspace, wanted, choices, leave=leave, progress=progress)


def restore_wanted(workspace: Workspace, wanted: Wanted, choices: Choices, *, leave: Leave, progress: Progress) -> RestoreResult:
    """The same for a snapshot and paths that are known already.

    Nobody waits for an answer with the lock in hand. What was agreed to is what is done: each step looks whether its path is as the plan saw it.
    """
    change = find_change(workspace, choices.change).id if choices.change else ""
    with workspace.locks.repository_shared():  # not over the snapshots, which take it themselves
        plan = plan_restore(workspace, wanted)
    if choices.dry_run:
        return RestoreResult(plan, plan.left, dry_run=True)
    if not plan.steps:
        return _looked_only(workspace, plan)
    if (plan.overwrites or not plan.is_copy) and not leave(plan):
        return RestoreResult(plan, plan.left, dry_run=True)
    with workspace.locks.restore():
        return _written(workspace, plan, progress) if plan.is_copy else _restored_live(workspace, plan, change, progress)


def snapshot_for(workspace: Workspace, host: str, at: str | datetime) -> Snapshot:
    """The snapshot that a TIME or an id means.

    :raises InvalidInput: if it is the id of another host's snapshot.
    """
    moment = resolve_time(workspace, at, f"host:{host}")
    is_id = isinstance(at, str) and SNAPSHOT_ID.fullmatch(at.strip().upper())
    with workspace.store.reading() as view:
        named = view.evidence.snapshots_starting(str(at).strip().upper()) if is_id else ()
        if not named or named[0].at != moment:  # no id, or one that reads as a time as well
            return snapshot_at(view, host, moment)
    if named[0].host != host:
        raise InvalidInput(f"the snapshot {named[0].id} is one of {named[0].host}, not of {host}", f"those of {host}: ledger snapshots {host}")
    return named[0]


def place_of(workspace: Workspace, host: str, choices: Choices) -> str:
    """The directory to write below, resolved."""
    if choices.to is not None and choices.root != "/":
        raise InvalidInput(
            "--to and --root were given", "--to writes a copy somewhere else, --root says where the host's own files are: give one of them"
        )
    place = choices.root if choices.to is None else choices.to
    if choices.to is None and place == "/" and host != workspace.settings.host:
        raise InvalidInput(
            f"the files of {host} would be written onto this machine, which is {workspace.settings.host}",
            f"run it on {host}; or write a copy with --to DIR, or into the host's image with --root DIR",
        )
    if not Path(place).is_dir():
        raise SnapshotError(f"there is no directory {place}", f"make it first: mkdir -p {place}")
    return os.path.realpath(place)


# ---- doing it


def _written(workspace: Workspace, plan: RestorePlan, progress: Progress) -> RestoreResult:
    """Carry out the steps, and look whether everything is as it was."""
    owners = TargetOwners(plan.root)
    originals = Originals(workspace, plan.snapshot.commit)
    restorer = Restorer(plan.root, originals.content, owners, workspace.entropy, progress)
    with workspace.locks.repository_shared():
        failed = restorer.carry_out(plan.steps, [entry for entry in plan.scope if entry.type is FileType.DIRECTORY])
    return _proven(workspace, plan, failed, Equality(workspace, owners))


def _looked_only(workspace: Workspace, plan: RestorePlan) -> RestoreResult:
    return _proven(workspace, plan, (), Equality(workspace, TargetOwners(plan.root)))


def _proven(workspace: Workspace, plan: RestorePlan, failed: Sequence[Unrestored], equality: Equality) -> RestoreResult:
    known = {entry.path for entry in failed}
    expected = [entry for entry in plan.scope if entry.path not in known]
    removed = [step.path for step in plan.steps if step.action is Action.REMOVE and step.path not in known]
    asked = frozenset(plan.paths)  # without the directories on the way that were made anew
    _, seen = looked_at(workspace, plan.paths, plan.root, is_copy=plan.is_copy)
    proven, wrong = proven_equal(equality, [entry for entry in expected if is_within_one_of(entry.path, asked)], removed, seen)
    reduced = {entry.path for entry in plan.left} & {entry.path for entry in expected}  # equal but for its privileges
    return RestoreResult(plan, (*plan.left, *failed, *wrong), proven - len(reduced - {entry.path for entry in wrong}))


def _restored_live(workspace: Workspace, plan: RestorePlan, change: str, progress: Progress) -> RestoreResult:
    """On the host itself: between two snapshots, as a change."""
    with _as_change(workspace, plan, change) as (identifier, before):
        result = _written(workspace, plan, progress)
        after, unseen = _look_or_why_not(workspace, plan, identifier)
        result = replace(result, before=before, after=after, unseen=unseen, change=identifier)
        if not change:
            _close(not_before(workspace, (after or before).at), identifier, result)
    return result


@contextmanager
def _as_change(workspace: Workspace, plan: RestorePlan, change: str) -> Iterator[tuple[str, Snapshot]]:
    """The change that the restore is, under way; an exception (Ctrl-C too) records it as failed and what it did until then, and goes on."""
    before = _look(workspace, plan, f"before the restore from {plan.snapshot.id}")
    workspace = not_before(workspace, before.at)
    identifier = change or _planned(workspace, plan)
    if not change:
        move_change(workspace, identifier, "start")
    try:
        yield identifier, before
    except BaseException as error:
        _look_after_failure(workspace, plan, identifier)
        if not change:
            move_change(workspace, identifier, "fail", note=f"interrupted: {type(error).__name__}; what was there before is in snapshot {before.id}")
        raise


def _planned(workspace: Workspace, plan: RestorePlan) -> str:
    """Restoring is an emergency change: made in a hurry, and to be looked at afterwards. It can be rolled back to the snapshot before it."""
    named = plain_text(plan.paths[0] if len(plan.paths) == 1 else f"{plan.paths[0]} and {len(plan.paths) - 1} more")
    short = named if len(named) <= _LONGEST_TITLE else f"{named[:_LONGEST_TITLE]}…"
    details = Details(
        type=ChangeType.EMERGENCY,
        paths=[_glob(path) for path in plan.paths],
        rollback_to=LATEST,
        reason=f"restore from snapshot {plan.snapshot.id} of {shown_instant(plan.snapshot.at)}",
    )
    title = " ".join(f"Restore {short} as of {shown_instant(plan.snapshot.at)}".split())
    return plan_change(workspace, Draft(title, [Target.host(plan.host)], details=details)).id


def _glob(path: str) -> str:
    """A path as a glob that covers it and what lies below it, and nothing else; of a name that no glob can say, that of its directory."""
    plain = plain_text(path)
    escaped = re.sub(r"[\x00-\x1f\x7f]", "?", glob.escape(plain))
    try:
        return checked_glob(escaped if escaped == plain else f"{escaped}/**")
    except InvalidInput:
        return _glob(dirname(path)) if path != "/" else "/**"


def _look(workspace: Workspace, plan: RestorePlan, reason: str, change: str = "") -> Snapshot:
    """A snapshot of all that is watched and of what is restored: what else has drifted is found as well, and is dated rightly."""
    watch = workspace.settings.watch if plan.root == "/" else without_state(workspace.settings.watch)
    beside = [path for path in plan.paths if not is_within_one_of(path, frozenset(watch))]
    paths = (*watch, *map(glob.escape, beside)) if beside else ()
    phase = Phase.AFTER if change else None
    with workspace.store.reading() as view:
        last = view.evidence.last_snapshot(plan.host)
    workspace = not_before(workspace, last.at + _TICK) if last else workspace
    return take_snapshot(workspace, plan.host, paths=paths, root=plan.root, reason=reason, change=change, phase=phase)


def _look_or_why_not(workspace: Workspace, plan: RestorePlan, change: str) -> tuple[Snapshot | None, str]:
    """The snapshot afterwards. That it failed must not hide how the restore went."""
    try:
        return _look(workspace, plan, f"after the restore from {plan.snapshot.id}", change), ""
    except LedgerError as error:
        return None, error.message
    except OSError as error:
        return None, error.strerror or str(error)


def not_before(workspace: Workspace, moment: datetime) -> Workspace:
    """The same with a clock that stands at ``moment`` until it is later: it may have been set back since the host's last snapshot.

    That must not keep anybody from a restore, and what it records comes after what it was made from.
    """
    return replace(workspace, now=lambda: max(workspace.now(), moment))


def _look_after_failure(workspace: Workspace, plan: RestorePlan, change: str) -> None:
    try:
        _look(workspace, plan, f"after an interrupted restore from {plan.snapshot.id}", change)
    except (LedgerError, OSError):  # the failure itself is what has to be told
        return


def _close(workspace: Workspace, change: str, result: RestoreResult) -> None:
    note = f"{len(result.plan.steps)} steps, {result.proven} paths proven equal to snapshot {result.plan.snapshot.id}"
    if result.unrestored:
        first = (*result.failed, *result.unrestored)[0]
        note += plain_text(f"; {len(result.unrestored)} not as they were then: {first.path}: {first.why}")
    if result.unseen:
        note += plain_text(f"; no snapshot of it could be taken: {result.unseen}")
    at = result.after.at if result.after else None
    move_change(workspace, change, "fail" if result.failed else "finish", at=at, note=note)
