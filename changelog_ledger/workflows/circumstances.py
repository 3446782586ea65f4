"""What there is around a step of a change: freezes, other changes at the same place, maintenance windows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from changelog_ledger.changes.extension import Extension, additions, beyond_approval
from changelog_ledger.changes.rules import Step
from changelog_ledger.model.change import Change, Freeze, Status
from changelog_ledger.model.policy import Policy, Stance
from changelog_ledger.model.schedule import Conflict, MaintenanceWindow
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.workspace import Workspace

NAMED_CONFLICTS = 5
"""So many are said about a step; ``change conflicts ID`` lists all."""

_AHEAD = ("plan", "extend")
"""The verbs that are about a window to come, not about a moment."""


def step_in_its_circumstances(
    workspace: Workspace, view: View, change: Change, verb: str, at: datetime, *, note: str = "", override: str = ""
) -> Step:
    """A step that somebody wants to take, with all that the rules look at.

    :param at: when it is to be so; of a plan, its own window counts.
    """
    policy = workspace.settings.policy
    step = Step(verb=verb, change=change, at=at, actor=workspace.actor, policy=policy, override=override, note=note)
    period = _period(change, verb, at)
    if period is None:
        return step
    conflicts = _conflicts(view, change, verb, at, policy)
    step = replace(step, freezes=_freezes(view, change, period, policy), conflicts=conflicts)
    windows = _windows(view, change, policy)
    return replace(step, maintenance=windows, maintenance_open=bool(windows) and _open(windows, period))


def extension_in_its_circumstances(workspace: Workspace, view: View, change: Change, added: Extension, *, override: str = "") -> tuple[Step, ...]:
    """An extension of a change that somebody wants to make: what the rules look at for it as a whole, then for each thing that it adds.

    What was planned before is not asked about once more: only new targets, and the longer time.
    """
    now, policy = workspace.now(), workspace.settings.policy
    beyond = beyond_approval(change, added, policy, workspace.settings.templates)
    whole = Step(verb="extend", change=change, at=now, actor=workspace.actor, policy=policy, override=override, beyond=beyond)
    parts = (step_in_its_circumstances(workspace, view, part, "extend", now, override=override) for part in additions(change, added, now))
    return (whole, *(replace(part, change=change) for part in parts))


def touched_places(view: View, targets: Collection[Target]) -> frozenset[Target]:
    """What a freeze or maintenance window may name to be about changes on these targets.

    Besides themselves: the hosts that a service runs on, and the services that run on a host.
    """
    services = [target.name for target in targets if target.kind is TargetKind.SERVICE]
    hosts = [target.name for target in targets if target.kind is TargetKind.HOST]
    below = {Target.host(name) for names in view.topology.hosts_of(services).values() for name in names}
    above = {Target.service(name) for names in view.schedule.services_by_host(hosts).values() for name in names}
    return frozenset((*targets, *below, *above))


def _period(change: Change, verb: str, at: datetime) -> tuple[datetime, datetime] | None:
    """From when until when the rules have to look; None if they need not: a plan without a schedule is in nobody's way."""
    if verb == "start":
        return at, at
    if verb not in _AHEAD or change.planned_start is None:
        return None
    return change.planned_start, change.planned_end or change.planned_start


def _freezes(view: View, change: Change, period: tuple[datetime, datetime], policy: Policy) -> tuple[Freeze, ...]:
    found = view.schedule.freezes_between(*period) if policy.in_freeze is not Stance.ALLOW else ()
    if not found:
        return ()
    from changelog_ledger.changes.calendar import holding

    return holding(found, touched_places(view, change.on), *period)


def _conflicts(view: View, change: Change, verb: str, at: datetime, policy: Policy) -> tuple[Conflict, ...]:
    """With whatever is open where a change is planned; with what is under way where it starts."""
    if policy.conflicts is Stance.ALLOW:
        return ()
    from changelog_ledger.workflows.conflicts import conflicts_of

    if verb in _AHEAD:
        return conflicts_of(view, change, at, limit=NAMED_CONFLICTS)
    started = replace(change, status=Status.STARTED, started_at=at)
    return conflicts_of(view, started, at, under_way=True, limit=NAMED_CONFLICTS)


def _windows(view: View, change: Change, policy: Policy) -> tuple[MaintenanceWindow, ...]:
    """The maintenance windows of the change's targets, where the policy asks for them."""
    if policy.outside_maintenance is Stance.ALLOW:
        return ()
    kept = [window for window in view.schedule.windows() if window.lifted_at is None]
    if not kept:
        return ()
    from changelog_ledger.changes.calendar import concerns

    places = touched_places(view, change.on)
    return tuple(window for window in kept if concerns(window.on, places))


def _open(windows: Sequence[MaintenanceWindow], period: tuple[datetime, datetime]) -> bool:
    from changelog_ledger.changes.calendar import covered
    from changelog_ledger.workflows.zones import zones_named

    return covered(windows, zones_named(window.zone for window in windows), *period)
