"""``LEDGER_EMERGENCY``: what cannot wait goes in, as an emergency change that covers exactly these edits and waits for review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from changelog_ledger.changes.draft import Draft
from changelog_ledger.changes.planning import Details
from changelog_ledger.errors import NotFound
from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change, ChangeType, Status
from changelog_ledger.model.gate import GatePolicy, Verdict
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.workflows.away import plan_of, step_of
from changelog_ledger.workflows.judge_edits import covered, policy_paths
from changelog_ledger.workflows.record_change import move_change, plan_change
from changelog_ledger.workflows.topology import known_target
from changelog_ledger.workflows.workspace import Workspace

_TITLE = 120


def open_emergency(workspace: Workspace, within: Circumstances, verdict: Verdict, reason: str) -> Verdict:
    """Plan and start an emergency change on exactly the edits that are refused; the verdict with it."""
    targets = _known(workspace, _targets(verdict))
    draft = _draft(reason, targets, _exactly(within.policy, verdict, targets))
    return _with(move_change(workspace, plan_change(workspace, draft).id, "start", note=reason), within, verdict)


def spool_emergency(workspace: Workspace, within: Circumstances, verdict: Verdict, reason: str) -> Verdict:
    """The same while the database is away: the change waits in the spool. Asked once more for the same edits, it is the same change.

    :raises HomeError: if the spool cannot be written to either.
    """
    targets = _targets(verdict)
    paths = _exactly(within.policy, verdict, targets)
    change = _waiting(workspace, reason, paths)
    if change is None:
        change, planned = plan_of(workspace, _draft(reason, targets, paths))
        workspace.spool.add([planned, step_of(workspace, change.id, "start", note=reason)])
    started = replace(change, status=Status.STARTED, started_at=change.recorded_at)
    return _with(started, within, verdict)


def _targets(verdict: Verdict) -> tuple[Target, ...]:
    """What the edits that are refused belong to."""
    return tuple(dict.fromkeys(target for judged in verdict.refused for place in judged.places for target in place.targets or (EVERYTHING,)))


def _exactly(policy: GatePolicy, verdict: Verdict, targets: Sequence[Target]) -> tuple[str, ...]:
    """Globs of just the paths of these edits.

    On one host they are named as they are there. Of several targets a path on one would be open on the others as well, so they are named as in the
    repository.
    """
    places = [(path, place) for judged in verdict.refused for path, place in policy_paths(policy, judged.edit).items()]
    on_one = len(targets) == 1 and targets[0] is not EVERYTHING and all(place.host_path for _, place in places)
    return tuple(dict.fromkeys(globs.literal(place.host_path if on_one else "/" + path) for path, place in places))


def _draft(reason: str, targets: Sequence[Target], paths: Sequence[str]) -> Draft:
    title = reason.partition("\n")[0][:_TITLE]
    return Draft(title, targets, details=Details(type=ChangeType.EMERGENCY, paths=paths, reason=reason))


def _with(change: Change, within: Circumstances, verdict: Verdict) -> Verdict:
    """The verdict once the emergency change is under way."""
    now = replace(within, at=(*within.at, *filter(None, [change.started_at])))
    edits = tuple(judged if judged.passes else covered(judged, policy_paths(within.policy, judged.edit), (change,), now) for judged in verdict.edits)
    return replace(verdict, edits=edits, emergency=change.id)


def _waiting(workspace: Workspace, reason: str, paths: Sequence[str]) -> Change | None:
    """The emergency change for these paths that is in the spool already, or None."""
    for waiting in workspace.spool.waiting():
        body = waiting.fact.data if waiting.fact.kind == "change" else {}
        if body.get("type") == ChangeType.EMERGENCY and body.get("reason") == reason and tuple(body.get("paths", ())) == tuple(paths):
            return change_from_json(body)
    return None


def _known(workspace: Workspace, targets: Sequence[Target]) -> Sequence[Target]:
    """The targets, if the ledger knows them; everything, where one of them is unknown: the paths in the repository say exactly what is meant."""
    with workspace.store.reading() as view:
        try:
            return [known_target(view, target) for target in targets]
        except NotFound:
            return [EVERYTHING]
