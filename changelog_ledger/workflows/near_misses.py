"""For edits that are refused: the changes that come near, wherever they are, and whose edits the ledger does not know: a refusal says what helps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from changelog_ledger.gate.coverage import Circumstances
from changelog_ledger.model.change import OPEN
from changelog_ledger.model.gate import GatePolicy, Verdict
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.workflows.judge_edits import covered, policy_paths
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.store.queries import View

_LOOKED_AT = 50
"""So many of the latest changes of a target are looked at: most of them have nothing to do with the edit."""

_LATELY = timedelta(hours=24)
"""A change that was over this long ago may be the one that was meant."""


def with_near_misses(workspace: Workspace, policy: GatePolicy, within: Circumstances, verdict: Verdict) -> Verdict:
    """The same verdict; what is refused has the nearest of all open changes, and of those that were over lately."""
    targets = _targets(verdict)
    with workspace.store.reading() as view:
        changes = {change.id: change for change in view.open_changes([str(status) for status in OPEN], ())}
        since = workspace.now() - _LATELY
        for target in targets:
            changes |= {change.id: change for change in view.changes.listed(open_only=False, on=target, since=since, limit=_LOOKED_AT)}
        hosts = [target.name for target in targets if target.kind is TargetKind.HOST]
        within = replace(within, runs_on=view.runs_on(hosts))
        unknown = _unknown(view, targets)
    edits = (
        judged if judged.passes else covered(judged, policy_paths(policy, judged.edit), tuple(changes.values()), within) for judged in verdict.edits
    )
    return replace(verdict, edits=tuple(edits), unknown=unknown)


def with_unknown_targets(workspace: Workspace, verdict: Verdict) -> Verdict:
    """The same verdict; of what is refused it says which hosts and services the ledger does not know."""
    targets = _targets(verdict)
    if not targets:
        return verdict
    with workspace.store.reading() as view:
        return replace(verdict, unknown=_unknown(view, targets))


def _targets(verdict: Verdict) -> list[Target]:
    """Whose the refused edits are."""
    return sorted({target for judged in verdict.refused for place in judged.places for target in place.targets})


def _unknown(view: View, targets: Collection[Target]) -> tuple[Target, ...]:
    hosts = {host.name for host in view.topology.hosts()}
    services = {service.name for service in view.topology.services()}
    known = {TargetKind.HOST: hosts, TargetKind.SERVICE: services}
    return tuple(target for target in targets if target.name not in known.get(target.kind, {target.name}))
