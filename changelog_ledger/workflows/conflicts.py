"""``change conflicts``: open changes that get in each other's way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from changelog_ledger.changes.conflicts import Ground, Meeting, booking, conflict, meetings, meetings_of
from changelog_ledger.model.change import Change
from changelog_ledger.model.schedule import Booking, Conflict, Conflicts
from changelog_ledger.model.times import EARLIEST, LATEST
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.store.reading import chunks
from changelog_ledger.workflows.collector import without_collector
from changelog_ledger.workflows.workspace import Workspace

LISTED = 200
COUNTED = 1_000
"""How many conflicts are listed, and how many more are counted before counting is given up."""


def find_conflicts(workspace: Workspace, identifier: str | None = None, *, limit: int = LISTED) -> Conflicts:
    """The conflicts among all open changes, or those of one.

    :param limit: how many to list; the others are counted.
    :raises NotFound: if there is no such change.
    """
    now = workspace.now()
    with workspace.store.reading() as view, without_collector():
        if identifier is None:
            booked = view.schedule.bookings(now, EARLIEST)
            return _listed(view, meetings(booked, ground_of(view, booked)), limit)
        asked = view.changes.find(identifier)
        return _listed(view, _meetings_of(view, asked, now), limit, asked)


def conflicts_of(view: View, change: Change, now: datetime, *, under_way: bool = False, limit: int = LISTED) -> tuple[Conflict, ...]:
    """The conflicts of a change, which need not be recorded yet.

    :param under_way: only those with changes that have started.
    """
    return _listed(view, _meetings_of(view, change, now, under_way=under_way), limit, change).listed


def ground_of(view: View, bookings: Iterable[Booking]) -> Ground:
    """Where changes on the targets of bookings are, and what that leans on."""
    targets = {target for entry in bookings for target in entry.on}
    hosts = [target.name for target in targets if target.kind is TargetKind.HOST]
    services_on = view.schedule.services_by_host(hosts)
    services = {target.name for target in targets if target.kind is TargetKind.SERVICE}
    below = _dependencies(view, services.union(*services_on.values()))
    closures = _closures(view, below, services.union(*services_on.values()))
    runs_on = view.topology.hosts_of(services)
    occupied = {target: frozenset((target, *_hosts(runs_on.get(target.name, ())))) for target in targets}
    lies_below = {target: _below(target, services_on, closures) for target in targets}
    return Ground(occupied, {target: places for target, places in lies_below.items() if places})


def _meetings_of(view: View, change: Change, now: datetime, *, under_way: bool = False) -> Iterator[Meeting]:
    asked = booking(change, now)
    if asked is None:
        return iter(())
    booked = [entry for entry in view.schedule.bookings(now, asked.begins, asked.ends or LATEST) if entry.under_way or not under_way]
    others = [entry for entry in booked if entry.change != change.id]
    return meetings_of(asked, others, ground_of(view, [asked, *others])) if others else iter(())


def _listed(view: View, found: Iterator[Meeting], limit: int, asked: Change | None = None) -> Conflicts:
    """The first of them with their changes; of the others it is known how many there are."""
    first = list(islice(found, limit))
    more = sum(1 for _ in islice(found, COUNTED))
    ids = {identity for meeting in first for identity in (meeting.first.change, meeting.second.change)}
    changes = view.changes.by_id(ids - ({asked.id} if asked else set())) | ({asked.id: asked} if asked else {})
    listed = tuple(conflict(meeting, changes, seen_from=asked.id if asked else "") for meeting in first)
    return Conflicts(listed, more, more == COUNTED)


def _dependencies(view: View, services: Iterable[str]) -> Mapping[str, tuple[Target, ...]]:
    below: dict[str, tuple[Target, ...]] = {}
    for chunk in chunks(sorted(services)):
        below |= view.topology.dependencies_below(chunk)
    return below


def _closures(view: View, below: Mapping[str, tuple[Target, ...]], services: Iterable[str]) -> Mapping[str, frozenset[Target]]:
    """For every service with dependencies: all of them, however far down, with the hosts that they run on."""
    runs_on = view.topology.hosts_of({target.name for targets in below.values() for target in targets if target.kind is TargetKind.SERVICE})
    return {service: frozenset(_reached(service, below, runs_on)) for service in services if service in below}


def _reached(service: str, below: Mapping[str, tuple[Target, ...]], runs_on: Mapping[str, tuple[str, ...]]) -> set[Target]:
    reached: set[Target] = set()
    waiting = deque(below.get(service, ()))
    while waiting:
        target = waiting.popleft()
        if target in reached:
            continue
        reached.add(target)
        if target.kind is TargetKind.SERVICE:
            reached.update(_hosts(runs_on.get(target.name, ())))
            waiting += below.get(target.name, ())
    return reached


def _below(target: Target, services_on: Mapping[str, tuple[str, ...]], closures: Mapping[str, frozenset[Target]]) -> frozenset[Target]:
    names = (target.name,) if target.kind is TargetKind.SERVICE else services_on.get(target.name, ()) if target.kind is TargetKind.HOST else ()
    found = [closures[name] for name in names if name in closures]
    return found[0] if len(found) == 1 else frozenset().union(*found)


def _hosts(names: Iterable[str]) -> Iterator[Target]:
    """Hosts by names of ours, which need not be checked once more: there are thousands."""
    return (Target(TargetKind.HOST, name) for name in names)
