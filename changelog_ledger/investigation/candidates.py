"""Who is to be suspected at all: the shape of a candidate, and every change that acted before the trouble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.investigation.acting import acting_windows
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Evidence, Observation, Op
from changelog_ledger.model.report import RuledOut, SuspectKind
from changelog_ledger.model.times import length, shown_instant
from changelog_ledger.model.topology import Target, TargetKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change or a cluster of unlogged evidence, before it is weighed.

    :ivar began_at: when it began (or was to begin); the suspect's ``occurred_at``.
    :ivar acted_at: the latest moment at or before the horizon when it was acting.
    :ivar distance: of its nearest target in scope.
    :ivar evidence: what it explains, or what it consists of; before the horizon only.
    :ivar hosts: how many hosts of the scope it acts on.
    """

    id: str
    kind: SuspectKind
    title: str
    began_at: datetime
    acted_at: datetime
    targets: tuple[Target, ...]
    distance: int
    hosts: int
    evidence: tuple[Evidence, ...]
    change: Change | None = None
    observations: tuple[Observation, ...] = ()


def horizon(material: Material) -> datetime:
    """What happened after this cannot have caused the trouble: the onset, else the end of the window."""
    return material.window.onset or material.window.until


def after_horizon(evidence: Evidence, material: Material) -> bool:
    """Whether a piece of evidence happened wholly after the onset."""
    onset = material.window.onset
    return (onset is not None and (evidence.not_before >= onset if evidence.op is not Op.OBSERVED else evidence.seen_at > onset)) or _dated_after(
        evidence, onset
    )


def _dated_after(evidence: Evidence, onset: datetime | None) -> bool:
    """Whether its own time, where it has one, lies after the onset."""
    return onset is not None and evidence.seen_at != evidence.not_after and evidence.seen_at > onset


def sift_changes(material: Material, evidence: Sequence[Evidence]) -> tuple[list[Candidate], list[RuledOut]]:
    """The changes that may have caused the trouble, and those that cannot have, with the reason.

    Changes that were over before the window began and explain nothing are left out altogether.
    """
    explained: dict[str, list[Evidence]] = {}
    for piece in evidence:
        if piece.explained_by:
            explained.setdefault(piece.explained_by, []).append(piece)
    reach = Reaching(material)
    candidates, ruled_out = [], []
    for change in sorted(material.changes, key=lambda change: change.id):
        own = explained.get(change.id, [])
        windows = acting_windows(change, material.now)
        why = _alibi(change, windows, own, material)
        if why is None:
            candidates.append(_change_candidate(change, windows, own, material, reach))
        elif why:
            ruled_out.append(RuledOut(change.id, change.title, why, change.ref))
    return candidates, ruled_out


_Windows = Sequence[tuple[datetime, datetime]]


def _alibi(change: Change, windows: _Windows, own: Sequence[Evidence], material: Material) -> str | None:
    """Why a change cannot have been it; empty if it is not worth a word; None if it may have been it.

    :param windows: when it was being made.
    """
    end = horizon(material)
    if change.status is Status.CANCELLED and change.started_at is None:
        return "cancelled, never started"
    if change.started_at is None and change.is_open:
        return None if any(not after_horizon(piece, material) for piece in own) else "planned, never started"
    if change.begins is not None and change.begins > end:  # of one that was made, and of which only the plan is known, that has to do
        what = "the onset" if material.window.onset else "the end of the window"
        return f"started {spoken(change.begins - end)} after {what}"
    if windows and windows[-1][1] < material.window.since and not own:
        return f"finished at {shown_instant(windows[-1][1])}, before it last worked" if _is_named(change, material) else ""
    return None


def _is_named(change: Change, material: Material) -> bool:
    """Whether recorded evidence names the change."""
    named = any(change.id in (delta.change, delta.explained_by, delta.expected_by) for delta in material.deltas)
    return named or any(change.id == seen.explained_by for seen in material.observations)


class Reaching:
    """How far targets are from the question's."""

    def __init__(self, material: Material) -> None:
        self._distance: dict[Target, int] = {}
        for reach in material.scope:
            self._distance[reach.target] = min(reach.distance, self._distance.get(reach.target, reach.distance))
        self._runs_on = material.runs_on
        self.farthest = max(self._distance.values(), default=0) + 1
        self._distances: dict[tuple[Target, ...], int] = {}
        self._hosts: dict[tuple[Target, ...], int] = {}  # thousands of candidates are at a hundred places

    def distance(self, targets: tuple[Target, ...]) -> int:
        """Of the nearest of some targets; a service out of scope counts by its nearest host in scope, one step farther."""
        known = self._distances.get(targets)
        if known is None:
            known = self._distances[targets] = min((self._of(target) for target in targets), default=self.farthest)
        return known

    def hosts(self, targets: tuple[Target, ...]) -> int:
        """On how many hosts some targets are."""
        known = self._hosts.get(targets)
        if known is None:
            known = self._hosts[targets] = self._count(targets)
        return known

    def _count(self, targets: Iterable[Target]) -> int:
        found: set[str] = set()
        for target in targets:
            if target.kind is TargetKind.HOST:
                found.add(target.name)
            elif target.kind is TargetKind.SERVICE:
                found |= self._runs_on.get(target, frozenset())
            else:
                found |= {other.name for other in self._distance if other.kind is TargetKind.HOST}
        return len(found)

    def _of(self, target: Target) -> int:
        if target.kind is TargetKind.ALL:
            return min(1, self.farthest)
        known = self._distance.get(target)
        if known is not None:
            return known
        hosts = self._runs_on.get(target, frozenset())
        return min(
            (self._distance[Target(TargetKind.HOST, host)] + 1 for host in hosts if Target(TargetKind.HOST, host) in self._distance),
            default=self.farthest,
        )


def _change_candidate(change: Change, windows: _Windows, own: Sequence[Evidence], material: Material, reach: Reaching) -> Candidate:
    end = horizon(material)
    began = change.begins or min(piece.seen_at for piece in own)
    return Candidate(
        id=change.id,
        kind=SuspectKind.CHANGE,
        title=change.title,
        began_at=began,
        acted_at=min(max([ended for started, ended in windows if started <= end], default=began), end),
        targets=change.on,
        distance=reach.distance((*change.on, *change.affects)),
        hosts=reach.hosts(change.on),
        evidence=tuple([piece for piece in own if not after_horizon(piece, material)]),
        change=change,
    )


def spoken(span: timedelta) -> str:
    """A length of time as reports say it too: ``12 min``, ``1 day 12 h``."""
    return length(span)


def named_targets(material: Material) -> Mapping[str, frozenset[str]]:
    """For each host: the services that run on it, for their names belong to what is said about the host."""
    services: dict[str, set[str]] = {}
    for service, hosts in material.runs_on.items():
        for host in hosts:
            services.setdefault(host, set()).add(service.name)
    return {host: frozenset(names) for host, names in services.items()}
