"""Failing hosts beside working ones: what sets the failing ones apart.

The data's way: a snapshot a host → the paths that not all of them agree on (trees by their ids) → versions without what is each host's own → each
parsed once → columns → candidates → what changed in the window → differences, likeliest first. No pair of hosts is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.investigation.peer_changes import altered, is_about, shared, since_when
from changelog_ledger.investigation.peer_columns import Columns
from changelog_ledger.investigation.peers import Candidate, candidates, difference, rank
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta
from changelog_ledger.model.peers import PeerComparison, PeerDifference, PeerFold
from changelog_ledger.model.report import Basis, Window
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.failing_and_working import Sides
from changelog_ledger.workflows.fleet_columns import Fleet
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.workspace import Workspace

MOST_LISTED = 200
"""Differences that a report holds; the rest are counted."""

_DATED = 20
"""So many of the first differences are looked up in the history before the window."""

_DATED_HOSTS = 5
_EARLIER = 50
"""Deltas of a file that are looked through for the one that set a key."""


def compare_peers(
    workspace: Workspace,
    view: View,
    sides: Sides,
    window: Window,
    deltas: Sequence[RecordedDelta],
    habits: Mapping[tuple[str, str], int],
) -> PeerComparison:
    """What sets the failing hosts apart.

    :param deltas: those of the window on the hosts in scope, the failing ones among them, without noise.
    :param habits: how often a path of a host changed before the window.
    """
    judge = noise_judge(workspace)
    snapshots = (*sides.failing, *sides.working)
    failing, working = ([each.host for each in side] for side in (sides.failing, sides.working))
    found, limits = Fleet(workspace, view, snapshots, frozenset(working)).columns()
    likely, others = candidates((column for each in found.values() for column in each.columns), failing, working)
    telling, noise = _without_noise(likely, judge)
    theirs = _deltas_of(view, working, telling[:MOST_LISTED], window, judge)
    both = [delta for delta in deltas if delta.host in set(failing)] + list(theirs)
    changed = altered(telling, both, habits, working, known=window.since_basis is not Basis.FIRST_SNAPSHOT)
    judged = [(difference(each, seen, failing, working), each) for each, seen in zip(telling, changed, strict=True)]
    judged = sorted(judged, key=lambda pair: rank(pair[0]))[:MOST_LISTED]
    listed = [_with_evidence(each, candidate, both) for each, candidate in judged]
    latest = max(each.at for each in snapshots)
    dated = [_dated(view, each, judged[place][1], latest) for place, each in enumerate(listed[:_DATED])]
    return PeerComparison(
        tuple(failing),
        tuple(working),
        sides.basis,
        (*dated, *listed[_DATED:]),
        total=len(telling),
        common=others,
        folded=_folded(found),
        noise=noise,
        limits=limits,
        left_out=sides.left_out,
        shared=shared(deltas, (each.column for each in likely), {*failing, *working}, _untold(found, limits)),
    )


def _untold(found: Mapping[str, Columns], limits: Iterable[PeerFold]) -> dict[str, frozenset[str | None]]:
    """What is not compared as it is, or not on every host: keys by path, None among them for all of the file."""
    own = {path: columns.own_keys for path, columns in found.items() if columns.own_keys}
    return own | {each.path: frozenset({None}) for each in limits}


def _without_noise(found: Sequence[Candidate], judge: NoiseJudge) -> tuple[list[Candidate], tuple[PeerFold, ...]]:
    noise: Counter[tuple[str, str]] = Counter()
    telling = []
    for each in found:
        rule = judge.rule_of(_as_delta(each))
        noise[rule, each.column.path] += bool(rule)
        telling += [] if rule else [each]
    return telling, tuple(PeerFold((rule,), path, number) for (rule, path), number in sorted((+noise).items()))


def _as_delta(candidate: Candidate) -> Delta:
    """The difference as one between the usual value and the suspected one."""
    column = candidate.column
    if column.about in ("file", "metadata"):
        return Delta(column.path, None, Op.METADATA)
    usual = Counter(token for host, token in column.values.items() if host not in candidate.accused).most_common(1)[0][0]
    values = (column.shown[usual], column.shown[column.values[candidate.accused[0]]])
    return Delta(column.path, "line 1" if column.about == "list" else column.key, Op.CHANGED, *values)


def _deltas_of(view: View, working: Collection[str], found: Sequence[Candidate], window: Window, judge: NoiseJudge) -> tuple[RecordedDelta, ...]:
    paths = {each.column.path for each in found}
    return sifted(view.evidence.same_path(working, paths, window.since, window.until), judge)[0] if paths else ()


def _with_evidence(found: PeerDifference, candidate: Candidate, deltas: Iterable[RecordedDelta]) -> PeerDifference:
    accused = set(candidate.accused)
    return replace(found, evidence=tuple(each.id for each in deltas if each.host in accused and is_about(each.delta, candidate.column)))


def _dated(view: View, found: PeerDifference, candidate: Candidate, until: datetime) -> PeerDifference:
    """Since when: of the accused hosts the one that had it first."""
    hosts = candidate.accused[:_DATED_HOSTS]
    times = (since_when(candidate.column, view.evidence.deltas_of_file(host, candidate.column.path, until, _EARLIER)) for host in hosts)
    return replace(found, since=min(filter(None, times), default=None))


def _folded(found: Mapping[str, Columns]) -> tuple[PeerFold, ...]:
    return tuple(PeerFold(kinds, path, number) for path, each in sorted(found.items()) for kinds, number in sorted((each.own or {}).items()))
