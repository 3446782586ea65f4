"""Evidence that nobody logged, put together: what one piece of work did, and what several hosts met at about the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from changelog_ledger.investigation.candidates import Candidate, Reaching, after_horizon, horizon
from changelog_ledger.investigation.consequences import ended, origins, still_pending
from changelog_ledger.investigation.evidence import Piece, shortened
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.evidence import Evidence, Observation, Op
from changelog_ledger.model.processes import PENDING
from changelog_ledger.model.report import SuspectKind
from changelog_ledger.model.topology import Target

TOGETHER = timedelta(minutes=10)
"""Unlogged differences of one snapshot that happened within this time are one piece of work."""

FLEET_WIDE = timedelta(minutes=60)
"""The same thing on several hosts, each within this time of the one before, is one roll-out."""


def clusters(pieces: Sequence[Piece], evidence: Sequence[Evidence], material: Material) -> list[Candidate]:
    """Unlogged evidence from before the onset, put together: the edits of one snapshot on one host; the same thing on several hosts.

    :param pieces: what ``evidence`` was judged from, in the same order.
    """
    unlogged = [(piece, judged) for piece, judged in zip(pieces, evidence, strict=True) if judged.unlogged and not after_horizon(judged, material)]
    unlogged.sort(key=lambda pair: _order(pair[1]))
    by_id = {pair[1].id: pair for pair in unlogged}
    led = {follower: behind[-1] for follower, behind in origins(pair[0] for pair in unlogged).items()}
    leading = [pair for pair in unlogged if pair[1].id not in led]
    edits = _edits_of_one_host([pair for pair in leading if pair[0].observation is None])
    groups = _same_on_several(edits + [[pair] for pair in leading if pair[0].observation is not None])
    reach, over, led_by = Reaching(material), ended(material.observations), _led_by(led)
    return [_cluster_candidate(group, _followers(group, by_id, led_by), over, material, reach) for group in groups]


def _led_by(led: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """What each leads to, with the place that it has among all followers."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, (follower, leader) in enumerate(led.items()):
        found.setdefault(leader, []).append((place, follower))
    return found


def _followers(group: Sequence[_Pair], by_id: Mapping[str, _Pair], led_by: Mapping[str, Sequence[tuple[int, str]]]) -> list[_Pair]:
    """What follows from a group, in the order of time: restarts that are pending since, versions that a snapshot found changed."""
    found = [each for _, judged in group for each in led_by.get(judged.id, ())]
    return [by_id[follower] for _, follower in sorted(found)]


_Pair = tuple[Piece, Evidence]


class _RollOut(NamedTuple):
    """The same thing on several hosts, and which they are so far."""

    pairs: list[_Pair]
    hosts: set[Target]

    def take(self, group: Sequence[_Pair]) -> None:
        self.pairs.extend(group)
        self.hosts.update([judged.target for _, judged in group])


def _order(judged: Evidence) -> tuple[datetime, Target, str, str, str, str]:
    """By time, then by what it says: ids are made by chance, and equal facts have to give equal answers."""
    return judged.seen_at, judged.target, judged.path or "", judged.key or "", judged.summary, judged.id


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
    alike: dict[object, list[_RollOut]] = {}
    for group in sorted(groups, key=lambda group: _order(group[0][1])):
        runs = alike.setdefault(_signature(group), [])
        if not runs or not _continues(runs[-1], group):
            runs.append(_RollOut([], set()))
        runs[-1].take(group)
    return [run.pairs for runs in alike.values() for run in runs]


def _continues(run: _RollOut, group: Sequence[_Pair]) -> bool:
    return group[0][1].seen_at - run.pairs[-1][1].seen_at <= FLEET_WIDE and group[0][1].target not in run.hosts


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


def _cluster_candidate(group: Sequence[_Pair], followers: Sequence[_Pair], over: frozenset[str], material: Material, reach: Reaching) -> Candidate:
    judged = [pair[1] for pair in group]
    following = [pair[1] for pair in followers]
    observations = [pair[0].observation for pair in (*group, *followers) if pair[0].observation is not None]
    targets = tuple(dict.fromkeys([piece.target for piece in judged]))
    end = horizon(material)
    began = min(judged[0].seen_at, end)
    return Candidate(
        id=min([piece.id for piece in judged]),
        kind=SuspectKind.UNLOGGED,
        title=_title(judged, targets) + _pending_words(observations, over),
        began_at=began,
        acted_at=min(max([piece.seen_at for piece in judged]), end),
        targets=targets,
        distance=reach.distance(targets),
        hosts=reach.hosts(targets),
        evidence=(*judged[:1], *following, *judged[1:]),  # what is pending is the point; the same on other hosts comes after
        observations=tuple(observations),
    )


def _pending_words(observations: Sequence[Observation], over: frozenset[str]) -> str:
    """What is pending since, beside what led to it; that it is over, where it is."""
    pending = [seen for seen in observations if seen.what in PENDING]
    if not pending:
        return ""
    waiting = still_pending(observations, over)
    if waiting and observations[0].what in PENDING:  # then the title speaks of nothing else
        return ""
    if observations[0].what in PENDING:
        return "; over by now"
    hosts = list(dict.fromkeys(seen.target.name for seen in waiting or pending))
    what = "reboot" if all(seen.what == "reboot-pending" for seen in waiting or pending) else "restart"
    where = f"{', '.join(hosts[:3])}{f' and {len(hosts) - 3} more' if len(hosts) > 3 else ''}"
    return f"; {what} pending on {where}" if waiting else f"; {what} no longer pending on {where}"


_SHORT = 40
_WORDS = {Op.METADATA: "has other owner, mode or type", Op.OPAQUE: "differs"}


def _title(judged: Sequence[Evidence], targets: Sequence[Target]) -> str:
    """What a cluster is called: the observation's own words, the one edit with its values, or how many differences and where."""
    where = targets[0].name or "all" if len(targets) == 1 else f"{len(targets)} hosts"
    if judged[0].op is Op.OBSERVED:
        return f"{judged[0].summary} ({where})"
    distinct = list({(piece.path, piece.key, piece.summary): piece for piece in judged}.values())
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
