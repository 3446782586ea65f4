"""The past of a question: gathered within bounds, so that a long history costs no more than a short one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from changelog_ledger.investigation.actors import CIRCUMSTANCES
from changelog_ledger.investigation.history import History
from changelog_ledger.investigation.latent import triggered
from changelog_ledger.investigation.material import HABIT
from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.report import Window
from changelog_ledger.model.topology import EVERYTHING, Health, Mark, Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.topology import scopes_of

_MOST_HOSTS = 40
_MOST_SERVICES_WOKEN = 40
_MOST_AT_A_PLACE = 200
_MOST_WITH_NOISE = 5_000
"""So many differences of a host are read to find those that are no noise."""

_MOST_CHANGES = 300
_MOST_SERVICES = 500
_MOST_MARKED = 40


def history_of(
    view: View,
    window: Window,
    places: Sequence[Target],
    deltas: Collection[RecordedDelta],
    observations: Collection[Observation],
    changes: Collection[Change],
    marks: Collection[Mark],
    judge: NoiseJudge,
    watched: Collection[str],
) -> History:
    """What there was before a window where something happened within it.

    Of too many hosts those come first where something may have given effect to what had been changed before, then the nearest; and of the changes
    those there do not get lost among the newer ones of all the others. What was seen of services, or of everything, is of interest only there.

    :param places: those of which what was done there reaches the question's scope, the nearest first.
    :param watched: the hosts with a snapshot from before the window; of the others there are no differences.
    """
    since = window.since - HABIT
    touched = {delta.host for delta in deltas} | {seen.target.name for seen in observations if seen.target.kind is TargetKind.HOST}
    woken = _woken(view, triggered(observations, changes, window.onset or window.until), places)
    in_scope = [place for place in places if place.kind is TargetKind.HOST]
    happened = (host for host in in_scope if host.name in touched or host in woken)
    hosts = sorted(happened, key=lambda host: host not in woken)[:_MOST_HOSTS]
    services = [place for place in places if place.kind is TargetKind.SERVICE and place in woken][:_MOST_SERVICES_WOKEN]
    everything = [EVERYTHING] if woken else []
    looked_at = [host.name for host in hosts if host.name in watched]
    health = _health(view, window, marks, in_scope)
    return History(
        since=since,
        deltas=tuple(delta for host in looked_at for delta in _deltas(view, host, since, window.since, judge)),
        observations=tuple(seen for place in (*hosts, *services, *everything) for seen in _observations(view, place, since, window.since)),
        changes=_changes(view, [places, [place for place in places if place in woken]], since, window.since),
        judged=view.incidents.judged(),
        freezes=view.schedule.freezes_between(window.since, window.onset or window.until),
        health=health,
        below={target: frozenset(reach.target for reach in scope) for target, scope in scopes_of(view, health).items()},
    )


def _woken(view: View, seen: Collection[Target], places: Collection[Target]) -> frozenset[Target]:
    """Where something may have given effect to what had been changed before: where a trigger was seen, the hosts of a service of which it
    was, and the services of these hosts. What is said of everything may have been done there too.
    """
    if not seen or EVERYTHING in seen:
        return frozenset(places if seen else ())
    running = view.topology.hosts_of(sorted(target.name for target in seen if target.kind is TargetKind.SERVICE))
    hosts = {target.name for target in seen if target.kind is TargetKind.HOST}.union(*running.values())
    return frozenset((*seen, *map(Target.host, hosts), *map(Target.service, view.topology.services_on_any(hosts)), EVERYTHING))


def _deltas(view: View, host: str, since: datetime, until: datetime, judge: NoiseJudge) -> tuple[RecordedDelta, ...]:
    """The newest differences of a host that are no noise: a file that changes with every snapshot does not hide what was edited before."""
    newest = view.evidence.newest_deltas(host, since, until, _MOST_AT_A_PLACE)
    telling = sifted(newest, judge)[0]
    if len(telling) == len(newest) or len(newest) < _MOST_AT_A_PLACE:
        return telling
    return sifted(view.evidence.newest_deltas(host, since, until, _MOST_WITH_NOISE), judge)[0][:_MOST_AT_A_PLACE]


def _observations(view: View, place: Target, since: datetime, until: datetime) -> tuple[Observation, ...]:
    """The newest observations of what changed at a place: who was there is not asked for, and people log in more often than things change."""
    return view.evidence.newest_observations(place, since, until, _MOST_AT_A_PLACE, besides=CIRCUMSTANCES)


def _changes(view: View, places: Iterable[Collection[Target]], since: datetime, until: datetime) -> tuple[Change, ...]:
    """The newest changes at each of several lots of places."""
    found = {change.id: change for some in places if some for change in view.changes.before(some, since, until, _MOST_CHANGES)}
    return tuple(found.values())


def _health(view: View, window: Window, marks: Collection[Mark], hosts: Sequence[Target]) -> Mapping[Target, Health]:
    """How services, and the hosts in scope, were last seen: bad before the end of the trouble, or good after its beginning."""
    last: dict[Target, Mark] = {}
    services = [Target.service(name) for name in view.topology.service_names(_MOST_SERVICES)]
    for mark in (*marks, *view.marks.newest((*services, *hosts), window.since)):
        if mark.at > window.since and (mark.target not in last or mark.at >= last[mark.target].at):
            last[mark.target] = mark
    onset: datetime | None = window.onset
    telling = [mark for mark in last.values() if mark.state is Health.BAD or (onset is not None and mark.at >= onset)]
    newest = sorted(telling, key=lambda mark: (mark.at, mark.target), reverse=True)[:_MOST_MARKED]
    return {mark.target: mark.state for mark in newest}
