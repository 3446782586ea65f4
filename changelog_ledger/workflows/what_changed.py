"""``what-changed``: gathers what is known about a question and hands it to the investigation.

The data's way: target → scope (topology) → window (marks) → deltas without noise, observations, changes (index scans) → habits, peers → failing hosts
beside working ones, where somebody asks for that → judgement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import nsmallest

from changelog_ledger.investigation import Material, PeerView, Place, choose_window, investigate
from changelog_ledger.investigation.actors import is_circumstance
from changelog_ledger.investigation.material import HABIT
from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.investigation.window import counting
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.peers import PeerComparison
from changelog_ledger.model.report import Basis, HostFreshness, Report, Window
from changelog_ledger.model.topology import EVERYTHING, Health, Mark, Reach, Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.collector import without_collector
from changelog_ledger.workflows.failing_and_working import Named, Sides, in_report, named_hosts, sides_of, target_of, with_hosts
from changelog_ledger.workflows.history import history_of
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.same_elsewhere import with_elsewhere
from changelog_ledger.workflows.topology import acting_on, hosts_within, resolve_target, scope_of
from changelog_ledger.workflows.workspace import Workspace

LOGGED_IN_BEFORE = timedelta(days=1)
"""How long before the window somebody may have logged in, to be named as having been there."""

MOST_PEERS = 200
"""Hosts of the same service that a difference is compared with; more would not make the answer surer."""


def what_changed(
    workspace: Workspace,
    target: str | Target | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    until_basis: Basis | None = None,
    symptom: str = "",
    limit: int = 10,
    failing: Sequence[str] = (),
    working: Sequence[str] = (),
) -> Report:
    """What changed since it last worked, suspects first.

    :param target: a host, a service or ``all``; this machine if None (everything, if this machine is not known).
    :param since: None for the last good mark, else the first snapshot.
    :param until: None for the onset, else now; ``until_basis`` insists on one of the two.
    :param symptom: what was seen, in words; it is compared with titles, paths, keys and values. Empty: what the onset's mark says.
    :param limit: how many suspects to report.
    :param failing: hosts that fail, to be compared with those that work: names, ``service:NAME``, ``tag:T``, several with commas between.
    :param working: hosts that work, likewise; see :mod:`~changelog_ledger.workflows.failing_and_working` for who is taken if none are named.
    :raises InvalidInput: if a host is on both sides, or one side has none.
    :raises NotFound: if there is no such target or host, or no onset where one is insisted on.
    :raises InvalidTime: if the window would end before it begins.
    """
    with workspace.store.reading() as view, without_collector():
        named = named_hosts(view, failing, working)
        asked = target if target is not None else target_of(view, named)
        return _answered(
            workspace,
            view,
            gather(workspace, view, asked, since=since, until=until, until_basis=until_basis, symptom=symptom, limit=limit, failing=named.failing),
            named,
        )


def _answered(workspace: Workspace, view: View, material: Material, named: Named) -> Report:
    """The report on some material, which is gone with the call: the search for cycles that follows need not go over it."""
    sides = sides_of(view, material.target, named, material.window, material.now)
    found = _peer_comparison(workspace, view, sides, material) if sides else None
    if found is not None:
        material = replace(material, peer_strength=found.strengths)
    report = with_elsewhere(view, investigate(material), material.observations)
    return report if found is None else in_report(found, report)


def _peer_comparison(workspace: Workspace, view: View, sides: Sides, material: Material) -> PeerComparison:
    from changelog_ledger.workflows.compare_peers import compare_peers  # parsers, diff and git: most questions need none of them

    return compare_peers(workspace, view, sides, material.window, material.deltas, material.habits)


def gather(
    workspace: Workspace,
    view: View,
    target: str | Target | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    until_basis: Basis | None = None,
    symptom: str = "",
    limit: int = 10,
    failing: Collection[str] = (),
) -> Material:
    """Everything that is recorded about a question; the parameters and errors are those of :func:`what_changed`.

    :param failing: names of hosts that are in scope, whatever the target.
    """
    now = workspace.now()
    asked = asked_target(workspace, view, target)
    scope = with_hosts(scope_of(view, asked), failing)
    hosts = hosts_within(scope)
    marks = marks_up_to(view, targets_marked(scope), until, now)
    spans = view.evidence.snapshot_span(hosts)
    first = min((span[0] for span in spans.values()), default=None)
    own_marks = marks_of_question(asked, scope, marks)
    window = choose_window(own_marks, now=now, since=since, until=until, until_basis=until_basis, first_snapshot_at=first)
    judge = noise_judge(workspace)
    watched_for = {host: (window.since - span[0]).total_seconds() / 86400 for host, span in spans.items() if span[0] <= window.since}
    deltas, suppressed = sifted(view.evidence.deltas(hosts, window.since, window.until), judge)
    places = acting_on(view, scope)
    circumstances, observations = observations_of(view, places, window.since, window.until)
    changes = changes_touching(view, places, window.since, now, deltas, observations)
    health = [mark for mark in marks if mark.target != EVERYTHING or asked == EVERYTHING]  # that all of it is bad sets nothing apart
    history = history_of(view, window, places, deltas, observations, changes, health, judge, watched_for)
    return Material(
        target=asked,
        now=now,
        window=window,
        scope=scope,
        deltas=deltas,
        observations=observations,
        circumstances=circumstances,
        marks=marks,
        changes=changes,
        runs_on=runs_on(view, places, (*changes, *history.changes)),
        freshness=freshness(view, hosts, window.until, spans),
        symptom=workspace.masked_text(symptom) or _symptom(own_marks, window),
        limit=limit,
        stale_after=workspace.settings.stale_after,
        habits=_habits(view, deltas, window, judge),
        watched_for=watched_for,
        peers=_peers(view, deltas, window),
        expired=view.evidence.expired_between(hosts, window.since, window.until),
        suppressed=suppressed,
        tags=view.topology.tags_of(hosts),
        history=history,
        sources=view.evidence.kinds_observed(hosts, window.until - HABIT, window.until),
    )


def marks_up_to(view: View, targets: Collection[Target], until: datetime | None, now: datetime) -> tuple[Mark, ...]:
    """What tells when each of some targets last worked, up to ``until``; without it up to now, and those of the future, which are warned of."""
    future = () if until is not None else view.marks.newest(targets, now)
    return (*view.marks.latest(targets, until or now), *future)


def observations_of(
    view: View, targets: Collection[Target], since: datetime, until: datetime
) -> tuple[tuple[Observation, ...], tuple[Observation, ...]]:
    """Two lots of observations: those that say who was there, from somewhat before ``since`` on, and all others from ``since`` on."""
    found = view.evidence.observations(targets, since - LOGGED_IN_BEFORE, until)
    seen = tuple(each for each in found if each.at > since and not is_circumstance(each))
    return tuple(each for each in found if is_circumstance(each)), seen


def _symptom(marks: Sequence[Mark], window: Window) -> str:
    """What was said when it was first seen broken."""
    return next((mark.symptom for mark in marks if mark.at == window.onset and mark.symptom), "")


def asked_target(workspace: Workspace, view: View, target: str | Target | None) -> Target:
    """The target of a question; without one, this machine, else everything."""
    if target is not None:
        return resolve_target(view, target)
    own = workspace.settings.host
    return Target.host(own) if view.topology.host(own) is not None else EVERYTHING


def targets_marked(scope: Sequence[Reach]) -> tuple[Target, ...]:
    """The targets whose marks may say when a scope last worked: its own, and ``all``."""
    return tuple(dict.fromkeys((*(reach.target for reach in scope), EVERYTHING)))


def marks_of_question(asked: Target, scope: Sequence[Reach], marks: Sequence[Mark]) -> list[Mark]:
    """The marks that begin and end the window: the target's own, else those of one service on a host, or of one target for ``all``; without
    any, those of ``all``. What was never seen good by itself was good when everything was, as long as nobody had seen it bad.

    Of one: that somebody saw A working says nothing of B. It is the one that is in trouble for longest, else the one whose last good mark is oldest.
    """
    own, of_all = (counting(mark for mark in marks if mark.target == target) for target in (asked, EVERYTHING))
    if own or asked.kind is TargetKind.SERVICE:
        return [*_good_before(own, of_all), *own] if own else of_all
    nearby = {reach.target for reach in scope if reach.distance <= 1 and reach.target.kind is not TargetKind.HOST}
    by_target: dict[Target, list[Mark]] = {}
    for mark in marks:
        if asked.kind is TargetKind.ALL or mark.target in nearby:
            by_target.setdefault(mark.target, []).append(mark)
    return min(map(counting, by_target.values()), key=_urgency, default=of_all)


def _good_before(own: Sequence[Mark], of_all: Iterable[Mark]) -> list[Mark]:
    """The good marks of everything from before a target was first marked bad; none if it has a good mark of its own, which says more."""
    if any(mark.state is Health.GOOD for mark in own):
        return []
    return [mark for mark in of_all if mark.state is Health.GOOD and mark.at < own[0].at]


def _urgency(marks: Sequence[Mark]) -> tuple[bool, datetime, str]:
    """The least comes first: who is in trouble before who is not, and whose trouble or last good mark is the oldest."""
    good = [mark.at for mark in marks if mark.state is Health.GOOD]
    trouble = [mark.at for mark in marks if mark.state is Health.BAD and (not good or mark.at > good[-1])]
    return not trouble, trouble[0] if trouble else good[-1], str(marks[0].target)


def changes_touching(
    view: View, places: Collection[Target], since: datetime, until: datetime, deltas: Iterable[RecordedDelta], observations: Iterable[Observation]
) -> tuple[Change, ...]:
    """The changes that touch some places in the time, and those that evidence names."""
    touching = {change.id: change for change in view.changes.touching(places, since, until)}
    named = {name for delta in deltas for name in (delta.change, delta.explained_by, delta.expected_by) if name}
    named |= {seen.explained_by for seen in observations if seen.explained_by}
    return tuple((touching | view.changes.by_id(named - touching.keys())).values())


def runs_on(view: View, places: Collection[Target], changes: Iterable[Change]) -> dict[Target, frozenset[str]]:
    """The hosts of every service among some places or named by a change."""
    services = {place for place in places if place.kind is TargetKind.SERVICE}
    services |= {target for change in changes for target in (*change.on, *change.affects) if target.kind is TargetKind.SERVICE}
    hosts = view.topology.hosts_of([service.name for service in services])
    return {service: frozenset(hosts.get(service.name, ())) for service in services}


def freshness(view: View, hosts: Sequence[str], until: datetime, spans: Mapping[str, tuple[datetime, datetime, int]]) -> tuple[HostFreshness, ...]:
    """How old the last look at each host was at ``until``, and what it could not read."""
    newest = view.evidence.last_snapshots(hosts, until)
    found = []
    for host in hosts:
        span, last = spans.get(host), newest.get(host)
        found.append(
            HostFreshness(
                host,
                last_at=last.at if last else None,
                first_at=span[0] if span else None,
                unread=last.unread if last else (),
                snapshots=span[2] if span else 0,
                left_out=last.left_out if last else (),
                left_out_count=last.left_out_count if last else 0,
            )
        )
    return tuple(found)


def _habits(view: View, deltas: Sequence[RecordedDelta], window: Window, judge: NoiseJudge) -> dict[tuple[str, str], int]:
    """How often the paths in question changed before the window. Of files that a rule of noise names, what is noise does not count."""
    begin = window.since - HABIT
    hosts = {delta.host for delta in deltas}
    habits = view.evidence.times_changed(hosts, begin, window.since)
    noisy = {delta.delta.path for delta in deltas if judge.names(delta.delta.path)}
    if not noisy:
        return habits
    before = (found for found in view.evidence.same_path(hosts, noisy, begin, window.since) if found.not_after <= window.since)
    times: dict[tuple[str, str], set[str]] = {}
    for found in sifted(before, judge)[0]:
        times.setdefault((found.host, found.delta.path), set()).add(found.snapshot)
    return {place: number for place, number in habits.items() if place[1] not in noisy} | {place: len(each) for place, each in times.items()}


def _peers(view: View, deltas: Sequence[RecordedDelta], window: Window) -> dict[Place, PeerView]:
    """For each difference: how many hosts of the same services made the same one."""
    peers_of = _peer_hosts(view, {delta.host for delta in deltas})
    everybody = {peer for peers in peers_of.values() for peer in peers}
    looked_at = view.evidence.snapshot_span(everybody)
    theirs = view.evidence.same_path(looked_at, {delta.delta.path for delta in deltas}, window.since, window.until)
    made = _hosts_by_alteration(theirs)
    compared_with = {host: looked_at.keys() & peers for host, peers in peers_of.items()}
    views: dict[Place, PeerView] = {}
    for delta in deltas:
        peers = compared_with[delta.host]
        if peers:
            same = len(made.get(_alteration(delta), set()).intersection(peers))
            views[delta.host, delta.delta.path, delta.delta.key] = PeerView(len(peers), same)
    return views


def _peer_hosts(view: View, hosts: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For each host: the first :data:`MOST_PEERS` others that run one of its services, by name.

    Of every service the first of its hosts will do, one more than are wanted, for the host itself may be among them: a service may have thousands.
    """
    services_on = view.topology.services_by_host(hosts)
    runs_on = view.topology.hosts_of({service for services in services_on.values() for service in services})
    first = {service: nsmallest(MOST_PEERS + 1, names) for service, names in runs_on.items()}
    together = {services: sorted({name for service in services for name in first[service]}) for services in set(services_on.values())}
    return {host: tuple(name for name in together[services] if name != host)[:MOST_PEERS] for host, services in services_on.items()}


def _hosts_by_alteration(deltas: Iterable[RecordedDelta]) -> dict[tuple[str, str | None, str], set[str]]:
    hosts: dict[tuple[str, str | None, str], set[str]] = {}
    for delta in deltas:
        hosts.setdefault(_alteration(delta), set()).add(delta.host)
    return hosts


def _alteration(delta: RecordedDelta) -> tuple[str, str | None, str]:
    return delta.delta.path, delta.delta.key, repr(delta.delta.after)
