"""``change roll-back``: the change's files become again what its rollback target says, and the change is recorded as rolled back.

What can be restored from here is this machine's part, from a snapshot. For other machines the command to run there is said, and a written
backout plan is for people. It is recorded as rolled back only if everything that was to be restored is proven equal.
"""

from __future__ import annotations

import glob
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.changes.lifecycle import step
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change
from changelog_ledger.model.restore import RestoreResult, RollBack
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.record_change import find_change, move_change, note_change
from changelog_ledger.workflows.restore import Choices, Leave, Progress, place_of, restore_wanted
from changelog_ledger.workflows.restore_wanted import Wanted, outermost
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace

LATEST = "latest"


def recorded_roll_back(workspace: Workspace, identifier: str, *, at: datetime | None = None, note: str = "") -> RollBack:
    """Record that a change was taken back, by whatever means.

    :raises TransitionRefused: if the lifecycle does not allow it.
    """
    change = move_change(workspace, identifier, "roll-back", at=at, note=note)
    return RollBack(change, advice=_written_plan(change))


def roll_back(workspace: Workspace, identifier: str, choices: Choices, *, host: str | None, note: str, leave: Leave, progress: Progress) -> RollBack:
    """Restore what can be restored from here, and record it.

    :param host: whose files to restore; this machine's if None.
    :raises TransitionRefused: if the lifecycle does not allow it; nothing is restored then.
    :raises NotFound: if the rollback target or the paths of the change cannot be told.
    """
    change = find_change(workspace, identifier)
    step(change, "roll-back", workspace.now(), workspace.actor, note)  # refused before anything is done
    part = _own_part(workspace, change, host)
    advice = (*_commands_elsewhere(workspace, change, part), *_written_plan(change))
    if part is None:
        if choices.dry_run:
            return RollBack(change, recorded=False, advice=advice)
        return RollBack(move_change(workspace, change.id, "roll-back", note=note), advice=advice)
    result = _restored(workspace, change, part, choices, leave, progress)
    if result.dry_run:
        return RollBack(change, result, recorded=False, advice=advice)
    said = f"restored {len(result.plan.steps)} paths of {part.host} from snapshot {part.snapshot.id}, {result.proven} proven equal"
    if not result.complete:
        noted = note_change(workspace, change.id, f"roll-back incomplete: {said}; {len(result.unrestored)} not restored")
        return RollBack(noted, result, recorded=False, advice=advice)
    at = result.after.at if result.after else None
    return RollBack(move_change(workspace, change.id, "roll-back", at=at, note="; ".join(filter(None, [note, said]))), result, advice=advice)


# ---- what is rolled back from here


@dataclass(frozen=True)
class _Part:
    """A host's part of a change: which snapshot it goes back to."""

    host: str
    snapshot: Snapshot


def _own_part(workspace: Workspace, change: Change, host: str | None) -> _Part | None:
    """The part that can be restored from here; None if there is none: no snapshot to go back to, or the change is made elsewhere."""
    if not change.rollback_to or ":" in change.rollback_to:
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
    """The folders that globs begin in, without those that lie in another; a relative glob may be anywhere."""
    return outermost(sorted({_top(pattern) for pattern in declared}))


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
    return outermost(sorted(directory for directory in directories if directory != "/"))


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
    return outermost(sorted(differing))


# ---- what is left for people


def _written_plan(change: Change) -> tuple[str, ...]:
    said = []
    if ":" in change.rollback_to:
        said.append(f"it goes back to {change.rollback_to}: bring that back into service")
    if change.backout:
        said.append(f"backout plan: {change.backout}")
    return tuple(said)


def _commands_elsewhere(workspace: Workspace, change: Change, part: _Part | None) -> tuple[str, ...]:
    """For every other host of the change that has a snapshot to go back to: the command to run there."""
    if not change.rollback_to or ":" in change.rollback_to:
        return ()
    with workspace.store.reading() as view:
        others = [host for host in _hosts(view, change, workspace.settings.host) if part is None or host != part.host]
        found = [(host, _snapshot_or_none(view, change, host)) for host in others]
    paths = " ".join(shlex.quote(path) for path in _tops(change.paths)) if change.paths else "PATH..."
    return tuple(
        f"on {host}: ledger restore {host} {paths} --from {snapshot.id} --change {change.id}"
        if snapshot
        else f"on {host}: there is no snapshot of it to go back to"
        for host, snapshot in found
    )


def _snapshot_or_none(view: View, change: Change, host: str) -> Snapshot | None:
    try:
        return _snapshot(view, change, host)
    except NotFound:
        return None
