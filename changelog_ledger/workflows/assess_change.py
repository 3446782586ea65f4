"""What a planned change may touch, and what speaks against it: fixed into the plan, as it is known now.

The data's way: rules of the home → dependents, history, freezes around it → suggested impact and risk → what past changes teach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from changelog_ledger.changes.impact import FREEZE_NEAR, LOOKED_BACK, MOST_DEPENDENTS, Surroundings, dependents_of, freeze_is_near, suggest
from changelog_ledger.changes.remarks import narrowness, retirement
from changelog_ledger.changes.rules import objections
from changelog_ledger.changes.templates import departures, find_template
from changelog_ledger.model.change import Assessment, Change, ChangeType, Dependent, Freeze, Proposal, Remark, Status
from changelog_ledger.model.policy import Template
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.circumstances import step_in_its_circumstances, touched_places
from changelog_ledger.workflows.workspace import Workspace

MOST_PAST = 150
"""So many of the latest changes on the same targets are learned from, and as many of the latest anywhere."""

_MOMENT = timedelta(microseconds=1)


def assess(workspace: Workspace, view: View, change: Change) -> Assessment:
    """The assessment of a change that is being planned."""
    now = workspace.now()
    planned = step_in_its_circumstances(workspace, view, change, "plan", change.planned_start or now)
    finished = view.surroundings.finished_on(change.on, now, MOST_PAST if change.paths or change.category else LOOKED_BACK)
    around = _surroundings(view, change, finished)
    suggested = suggest(change, around)
    against = (Remark(objection.code, objection.text) for objection in objections(planned))
    return Assessment(
        made_at=now,
        dependents=tuple(around.dependents[:MOST_DEPENDENTS]),
        impact=suggested.impact,
        risk=suggested.risk,
        reasons=(*against, *narrowness(change), *_retired(view, change), *_type_remark(workspace, change), *suggested.remarks, *suggested.grounds),
        proposals=_proposals(view, change, finished, now),
    )


def _surroundings(view: View, change: Change, finished: Sequence[Change]) -> Surroundings:
    latest = finished[:LOOKED_BACK]
    everything = any(target.kind is TargetKind.ALL for target in change.on)
    hosts, services = view.surroundings.counts() if everything else (len(_hosts_of(view, change)), 0)
    return Surroundings(
        dependents=_dependents(view, change.on),
        hosts=hosts,
        services=services,
        finished=len(latest),
        failed=sum(each.status in (Status.FAILED, Status.ROLLED_BACK) for each in latest),
        freezes=_freezes_near(view, change),
    )


def _dependents(view: View, targets: Sequence[Target]) -> tuple[Dependent, ...]:
    """All that depends on the targets, the nearest first; owners only of those that are kept."""
    hosts = [target.name for target in targets if target.kind is TargetKind.HOST]
    services = [target.name for target in targets if target.kind is TargetKind.SERVICE]
    running = view.topology.services_on_any(hosts)
    needed_by = view.surroundings.needed_by(hosts, services)
    found = dependents_of(targets, running, needed_by)
    owners = view.surroundings.owners([dependent.target.name for dependent in found[:MOST_DEPENDENTS]])
    return tuple(replace(each, owner=owners.get(each.target.name, "")) for each in found)


def _hosts_of(view: View, change: Change) -> set[str]:
    """The hosts that it is made on: those named, and those that the named services run on."""
    services = [target.name for target in change.on if target.kind is TargetKind.SERVICE]
    named = {target.name for target in change.on if target.kind is TargetKind.HOST}
    return named.union(*view.topology.hosts_of(services).values())


def _freezes_near(view: View, change: Change) -> tuple[Freeze, ...]:
    """The freezes that begin soon after the change is to be over; none where nobody said when that is."""
    ends = change.planned_end or change.planned_start
    found = view.schedule.freezes_between(ends, ends + FREEZE_NEAR + _MOMENT) if ends else ()
    near = [freeze for freeze in found if ends and freeze_is_near(freeze, ends)]
    if not near:
        return ()
    from changelog_ledger.changes.calendar import concerns

    places = touched_places(view, change.on)
    return tuple(freeze for freeze in near if concerns(freeze.on, places))


def _type_remark(workspace: Workspace, change: Change) -> tuple[Remark, ...]:
    """That nobody has approved beforehand what is called a standard change, or not quite so."""
    if change.template:
        return _departure_remark(change, find_template(change.template, workspace.settings.templates))
    if change.type is not ChangeType.STANDARD:
        return ()
    text = "a standard change without a template counts as a normal one: plan it with --template to have it approved beforehand"
    return (Remark("standard-without-template", text),)


def _retired(view: View, change: Change) -> Iterator[Remark]:
    named = (view.topology.host(target.name) for target in change.on if target.kind is TargetKind.HOST)
    return retirement([host for host in named if host is not None])


def _departure_remark(change: Change, template: Template) -> tuple[Remark, ...]:
    departed = departures(change, template)
    counts = "" if change.type is ChangeType.EMERGENCY else ", so it counts as a normal change and is not approved beforehand"
    text = f"it goes beyond its template {template.name!r} ({', '.join(departed)}){counts}"
    return (Remark("beyond-template", text),) if departed else ()


def _proposals(view: View, change: Change, finished_here: Sequence[Change], now: datetime) -> tuple[Proposal, ...]:
    if not change.paths and not change.category:
        return ()
    from changelog_ledger.changes.learning import past_change, propose

    here = {each.id: each for each in finished_here if each.status is Status.SUCCEEDED}
    anywhere = {each.id: each for each in view.surroundings.finished_anywhere(now, MOST_PAST) if each.status is Status.SUCCEEDED}
    known = {**anywhere, **here}
    touched = view.surroundings.touched(known)
    return propose(change, [past_change(each, touched.get(each.id, ()), here=each.id in here) for each in known.values()])
