"""For edits that are refused: the changes that come near, wherever they are, so that the refusal can say what would let them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.model.change import OPEN
from changelog_ledger.model.gate import GatePolicy, Verdict
from changelog_ledger.model.topology import TargetKind
from changelog_ledger.workflows.judge_edits import covered, policy_paths
from changelog_ledger.workflows.workspace import Workspace

NAMED = 3
"""So many changes that come near are named for an edit."""

_LATELY = timedelta(hours=24)
"""A change that was over this long ago may be the one that was meant."""


def with_near_misses(workspace: Workspace, policy: GatePolicy, within: Circumstances, verdict: Verdict) -> Verdict:
    """The same verdict; what is refused has the nearest of all open changes, and of those that were over lately."""
    targets = {target for judged in verdict.refused for place in judged.places for target in place.targets}
    with workspace.store.reading() as view:
        changes = {change.id: change for change in view.open_changes([str(status) for status in OPEN], ())}
        since = workspace.now() - _LATELY
        for target in sorted(targets):
            changes |= {change.id: change for change in view.changes.listed(open_only=False, on=target, since=since, limit=NAMED)}
        hosts = sorted(target.name for target in targets if target.kind is TargetKind.HOST)
        within = replace(within, runs_on=view.runs_on(hosts))
    edits = (
        judged if judged.passes else covered(judged, policy_paths(policy, judged.edit), tuple(changes.values()), within) for judged in verdict.edits
    )
    return replace(verdict, edits=tuple(judged if judged.passes else replace(judged, misses=judged.misses[:NAMED]) for judged in edits))
