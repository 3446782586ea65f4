"""The past of a question: gathered within bounds, so that a long history costs no more than a short one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from changelog_ledger.investigation.actors import is_circumstance
from changelog_ledger.investigation.history import History
from changelog_ledger.investigation.latent import has_trigger
from changelog_ledger.investigation.material import HABIT
from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.report import Window
from changelog_ledger.model.topology import Health, Mark, Reach, Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.topology import scopes_of

_MOST_HOSTS = 40
_MOST_ON_A_HOST = 200
_MOST_CHANGES = 300
_MOST_SERVICES = 500
_MOST_MARKED = 40


def history_of(
    view: View,
    window: Window,
    scope: Sequence[Reach],
    deltas: Collection[RecordedDelta],
    observations: Collection[Observation],
    marks: Collection[Mark],
    judge: NoiseJudge,
    watched: Collection[str],
) -> History:
    """What there was before a window on the hosts where something happened within it.

    Of too many hosts those come first where something may have given effect to what had been changed before, then the nearest; and of the changes
    those there do not get lost among the newer ones of all the others.

    :param watched: the hosts with a snapshot from before the window; of the others there are no differences.
    """
    since = window.since - HABIT
    touched = {delta.host for delta in deltas} | {seen.target.name for seen in observations if seen.target.kind is TargetKind.HOST}
    nearest = dict.fromkeys(reach.target for reach in sorted(scope, key=lambda reach: (reach.distance, reach.target)))
    woken = _woken(view, observations, window.onset or window.until)
    happened = [target for target in nearest if target.kind is TargetKind.HOST and (target.name in touched or target in woken)]
    hosts = sorted(happened, key=lambda host: host not in woken)[:_MOST_HOSTS]
    looked_at = [host.name for host in hosts if host.name in watched]
    earlier = [delta for host in looked_at for delta in view.evidence.newest_deltas(host, since, window.since, _MOST_ON_A_HOST)]
    seen = [each for host in hosts for each in view.evidence.newest_observations(host, since, window.since, _MOST_ON_A_HOST)]
    health = _health(view, window, marks, [target for target in nearest if target.kind is TargetKind.HOST])
    return History(
        since=since,
        deltas=sifted(tuple(earlier), judge)[0],
        observations=tuple(each for each in seen if not is_circumstance(each)),
        changes=_changes(view, [list(nearest), [target for target in nearest if target in woken]], since, window.since),
        judged=view.incidents.judged(),
        freezes=view.schedule.freezes_between(window.since, window.onset or window.until),
        health=health,
        below={target: frozenset(reach.target for reach in scope) for target, scope in scopes_of(view, health).items()},
    )


def _woken(view: View, observations: Iterable[Observation], until: datetime) -> frozenset[Target]:
    """Where something may have given effect to what had been changed before: where it was seen, and the hosts of a service of which it was."""
    seen = {each.target for each in observations if has_trigger((each,), until)}
    running = view.topology.hosts_of(sorted(target.name for target in seen if target.kind is TargetKind.SERVICE))
    return frozenset(seen).union(Target(TargetKind.HOST, host) for hosts in running.values() for host in hosts)


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
