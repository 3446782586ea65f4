"""Who is to be suspected at all: every change that acted before the trouble, and every cluster of evidence that nobody logged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.investigation.attribution import acting_windows
from changelog_ledger.investigation.consequences import PENDING, origins, still_pending
from changelog_ledger.investigation.evidence import Piece, shortened
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Evidence, Observation, Op
from changelog_ledger.model.report import RuledOut, SuspectKind
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target, TargetKind

TOGETHER = timedelta(minutes=10)
"""Unlogged differences of one snapshot that happened within this time are one piece of work."""

FLEET_WIDE = timedelta(minutes=60)
"""The same thing on several hosts, each within this time of the one before, is one roll-out."""


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
        why = _alibi(change, own, material)
        if why is None:
            candidates.append(_change_candidate(change, own, material, reach))
        elif why:
            ruled_out.append(RuledOut(change.id, change.title, why, change.ref))
    return candidates, ruled_out


def _alibi(change: Change, own: Sequence[Evidence], material: Material) -> str | None:
    """Why a change cannot have been it; empty if it is not worth a word; None if it may have been it."""
    end = horizon(material)
    if change.status is Status.CANCELLED and change.started_at is None:
        return "cancelled, never started"
    if change.started_at is None and change.is_open:
        return None if any(not after_horizon(piece, material) for piece in own) else "planned, never started"
    if change.begins is not None and change.begins > end:  # of one that was made, and of which only the plan is known, that has to do
        what = "the onset" if material.window.onset else "the end of the window"
        return f"started {spoken(change.begins - end)} after {what}"
    windows = acting_windows(change, material.now)
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

    def distance(self, targets: Iterable[Target]) -> int:
        """Of the nearest of some targets; a service out of scope counts by its nearest host in scope, one step farther."""
        return min((self._of(target) for target in targets), default=self.farthest)

    def hosts(self, targets: Iterable[Target]) -> int:
        """On how many hosts some targets are."""
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
        if target in self._distance:
            return self._distance[target]
        hosts = self._runs_on.get(target, frozenset())
        return min(
            (self._distance[Target(TargetKind.HOST, host)] + 1 for host in hosts if Target(TargetKind.HOST, host) in self._distance),
            default=self.farthest,
        )


def _change_candidate(change: Change, own: Sequence[Evidence], material: Material, reach: Reaching) -> Candidate:
    end = horizon(material)
    windows = [window for window in acting_windows(change, material.now) if window[0] <= end]
    began = change.begins or min(piece.seen_at for piece in own)
    return Candidate(
        id=change.id,
        kind=SuspectKind.CHANGE,
        title=change.title,
        began_at=began,
        acted_at=min(max((window[1] for window in windows), default=began), end),
        targets=change.on,
        distance=reach.distance((*change.on, *change.affects)),
        hosts=reach.hosts(change.on),
        evidence=tuple(piece for piece in own if not after_horizon(piece, material)),
        change=change,
    )


def clusters(pieces: Sequence[Piece], evidence: Sequence[Evidence], material: Material) -> list[Candidate]:
    """Unlogged evidence from before the onset, put together: the edits of one snapshot on one host; the same thing on several hosts.

    :param pieces: what ``evidence`` was judged from, in the same order.
    """
    unlogged = [(piece, judged) for piece, judged in zip(pieces, evidence, strict=True) if judged.unlogged and not after_horizon(judged, material)]
    unlogged.sort(key=lambda pair: (pair[1].seen_at, pair[1].id))
    by_id = {pair[1].id: pair for pair in unlogged}
    led = {follower: behind[-1] for follower, behind in origins(pair[0] for pair in unlogged).items()}
    leading = [pair for pair in unlogged if pair[1].id not in led]
    edits = _edits_of_one_host([pair for pair in leading if pair[0].observation is None])
    groups = _same_on_several(edits + [[pair] for pair in leading if pair[0].observation is not None])
    reach = Reaching(material)
    return [_cluster_candidate(group, _followers(group, by_id, led), material, reach) for group in groups]


def _followers(group: Sequence[_Pair], by_id: Mapping[str, _Pair], led: Mapping[str, str]) -> list[_Pair]:
    """What follows from a group: restarts that are pending since, versions that a snapshot found changed."""
    own = {judged.id for _, judged in group}
    return [by_id[follower] for follower, leader in led.items() if leader in own]


_Pair = tuple[Piece, Evidence]


def _edits_of_one_host(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    """Config differences that one snapshot found on one host, cut where more than :data:`TOGETHER` lies between two."""
    groups: dict[tuple[str, str, bool], list[list[_Pair]]] = {}
    for pair in pairs:
        newest = pair[0].parts[-1]
        runs = groups.setdefault((newest.host, newest.snapshot, pair[1].transient), [])
        if runs and pair[1].seen_at - runs[-1][-1][1].seen_at <= TOGETHER:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    return [run for runs in groups.values() for run in runs]


def _same_on_several(groups: Sequence[list[_Pair]]) -> list[list[_Pair]]:
    """Groups that say the same of different hosts, one soon after the other, become one."""
    alike: dict[object, list[list[_Pair]]] = {}
    for group in sorted(groups, key=lambda group: (group[0][1].seen_at, group[0][1].id)):
        runs = alike.setdefault(_signature(group), [])
        if runs and _continues(runs[-1], group):
            runs[-1].extend(group)
        else:
            runs.append(list(group))
    return [run for runs in alike.values() for run in runs]


def _continues(run: Sequence[_Pair], group: Sequence[_Pair]) -> bool:
    hosts = {judged.target for _, judged in run}
    return group[0][1].seen_at - run[-1][1].seen_at <= FLEET_WIDE and group[0][1].target not in hosts


def _signature(group: Sequence[_Pair]) -> object:
    """What a group says, the host left out."""
    first = group[0][0].observation
    if first is not None:
        return signature_of(first)
    return frozenset((judged.path, judged.key, judged.op, shortened(judged.before), shortened(judged.after)) for _, judged in group)


def signature_of(observation: Observation) -> tuple[str, str]:
    """What an observation says, its host left out: two hosts that say the same met the same."""
    name = observation.target.name
    return observation.what, observation.summary.replace(name, "HOST") if name else observation.summary


def _cluster_candidate(group: Sequence[_Pair], followers: Sequence[_Pair], material: Material, reach: Reaching) -> Candidate:
    judged = [pair[1] for pair in group]
    following = [pair[1] for pair in followers]
    targets = tuple(dict.fromkeys(piece.target for piece in judged))
    end = horizon(material)
    began = min(judged[0].seen_at, end)
    return Candidate(
        id=min(piece.id for piece in judged),
        kind=SuspectKind.UNLOGGED,
        title=_title(judged, targets) + _pending_words([pair[0].observation for pair in (*group, *followers) if pair[0].observation]),
        began_at=began,
        acted_at=min(max(piece.seen_at for piece in judged), end),
        targets=targets,
        distance=reach.distance(targets),
        hosts=reach.hosts(targets),
        evidence=(*judged[:1], *following, *judged[1:]),  # what is pending is the point; the same on other hosts comes after
        observations=tuple(pair[0].observation for pair in (*group, *followers) if pair[0].observation is not None),
    )


def _pending_words(observations: Sequence[Observation]) -> str:
    """What is pending since, beside what led to it; that it is over, where it is."""
    pending = [seen for seen in observations if seen.what in PENDING]
    if not pending or observations[0].what in PENDING:  # then the title speaks of nothing else
        return ""
    waiting = still_pending(observations)
    hosts = list(dict.fromkeys(seen.target.name for seen in waiting or pending))
    what = "reboot" if all(seen.what == "reboot-pending" for seen in waiting or pending) else "restart"
    where = f"{', '.join(hosts[:3])}{f' and {len(hosts) - 3} more' if len(hosts) > 3 else ''}"
    return f"; {what} pending on {where}" if waiting else f"; {what} no longer pending on {where}"


_SHORT = 40
_WORDS = {Op.METADATA: "has other owner, mode or type", Op.OPAQUE: "differs"}


def _title(judged: Sequence[Evidence], targets: Sequence[Target]) -> str:
    """What a cluster is called: the observation's own words, the one edit with its values, or how many differences and where."""
    where = targets[0].name or "all" if len(targets) == 1 else f"{len(targets)} hosts"
    distinct = list({(piece.path, piece.key, piece.summary): piece for piece in judged}.values())
    if judged[0].op is Op.OBSERVED:
        return f"{judged[0].summary} ({where})"
    if len(distinct) == 1:
        return f"{_inside(distinct[0])} in {distinct[0].path} on {where}"
    paths = list(dict.fromkeys(piece.path or "" for piece in distinct))
    return f"{len(distinct)} differences on {where} in {paths[0] if len(paths) == 1 else _common_folder(paths)}"


def _inside(piece: Evidence) -> str:
    """The key and what became of it, with its values where they are short ones."""
    what = piece.key or "the file"
    if piece.op is Op.CHANGED and isinstance(piece.before, str) and isinstance(piece.after, str) and len(piece.before + piece.after) <= _SHORT:
        return f"{what} {piece.before} → {piece.after}"
    return f"{what} {_WORDS.get(piece.op, piece.op.value)}"


def _common_folder(paths: Sequence[str]) -> str:
    """The folder that several paths share, and up to three of the paths if it is the root."""
    split = [path.split("/")[:-1] for path in paths]
    shared = []
    for names in zip(*split, strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    folder = "/".join(shared)
    return f"{folder}/" if len(shared) > 1 else ", ".join(paths[:3]) + (" …" if len(paths) > 3 else "")


def spoken(length: timedelta) -> str:
    """A length of time as people say it: ``12 minutes``, ``3 hours``, ``2 days``."""
    seconds = int(length.total_seconds())
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (seconds >= size and size < 86400):
            count = round(seconds / size)
            return f"{count} {name}" + ("" if count == 1 else "s")
    return f"{seconds} second" + ("" if seconds == 1 else "s")


def named_targets(material: Material) -> Mapping[str, frozenset[str]]:
    """For each host: the services that run on it, for their names belong to what is said about the host."""
    services: dict[str, set[str]] = {}
    for service, hosts in material.runs_on.items():
        for host in hosts:
            services.setdefault(host, set()).add(service.name)
    return {host: frozenset(names) for host, names in services.items()}
