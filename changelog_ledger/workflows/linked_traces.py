"""Where something that an incident links acted: kept with the link, so that it is known again when it comes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from changelog_ledger.investigation import attribute, net_evidence, observed
from changelog_ledger.investigation.acting import acting_windows
from changelog_ledger.investigation.context import shape
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence, Observation, RecordedDelta
from changelog_ledger.model.incident import Trace
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.what_changed import runs_on

MOST_TRACES = 100
"""Of one link: what a change of a thousand files touched is known again by a hundred of them."""

_FOUND_AFTER = timedelta(days=1)
"""How long after a change ended a snapshot is still looked at for what it did."""


def trace_of_delta(found: RecordedDelta) -> Trace:
    """Where a difference is."""
    return Trace(found.host, found.delta.path, found.delta.key or "")


def trace_of_observation(seen: Observation) -> Trace:
    """What was seen, without what differs from one time to the next."""
    subject = seen.data.get("subject")
    host = seen.target.name if seen.target.kind is TargetKind.HOST else ""
    return Trace(host, shape=shape(seen), subject=subject if isinstance(subject, str) else "")


def traces_of_evidence(view: View, ids: Iterable[str]) -> tuple[Trace, ...]:
    """Where pieces of evidence are; what is no longer there leaves none."""
    wanted = list(ids)
    deltas = {found.id: trace_of_delta(found) for found in view.evidence.deltas_by_id(wanted)}
    others = (seen for identity in wanted if identity not in deltas and (seen := view.evidence.observation(identity)))
    return _bounded((*deltas.values(), *map(trace_of_observation, others)))


def traces_of_change(view: View, change: Change, now: datetime) -> tuple[Trace, ...]:
    """Where a change acted: what its own run found, else the evidence that it explains by its targets, paths and time; else its hosts."""
    own = view.evidence.deltas_of_change(change.id)
    explained = [trace_of_delta(found) for found in own] or _explained(view, change, now)
    return _bounded(explained or (Trace(name) for name in _hosts(view, change)))


def _explained(view: View, change: Change, now: datetime) -> list[Trace]:
    windows = acting_windows(change, now)
    if not windows:
        return []
    hosts, begin, end = _hosts(view, change), windows[0][0], min(windows[-1][1] + _FOUND_AFTER, now)
    deltas = view.evidence.deltas(hosts, begin, end)
    seen = view.evidence.observations([*change.on, *(Target.host(host) for host in hosts)], begin - timedelta(microseconds=1), end)
    evidence = attribute([*net_evidence(deltas), *observed(seen)], [change], runs_on(view, (), [change]), now)
    observations = {each.id: each for each in seen}
    return [_trace(piece, observations) for piece in evidence if piece.explained_by == change.id]


def _trace(piece: Evidence, observations: dict[str, Observation]) -> Trace:
    if piece.id in observations:
        return trace_of_observation(observations[piece.id])
    return Trace(piece.target.name, piece.path or "", piece.key or "")


def _hosts(view: View, change: Change) -> list[str]:
    services = [target.name for target in change.on if target.kind is TargetKind.SERVICE]
    behind = view.topology.hosts_of(services)
    named = [target.name for target in change.on if target.kind is TargetKind.HOST]
    return list(dict.fromkeys((*named, *(host for name in services for host in behind[name]))))


def _bounded(traces: Iterable[Trace]) -> tuple[Trace, ...]:
    return tuple(dict.fromkeys(traces))[:MOST_TRACES]
