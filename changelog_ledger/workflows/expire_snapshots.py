"""Retention: which snapshots may go, and the facts that say so.

A snapshot stays for its age (:func:`~changelog_ledger.snapshots.retention.kept`), or because something refers to it:

- a fact names it, its commit, or a piece of evidence that it found (an explanation, a remark, a ticket);
- a change would roll back to it, or was run around it, or what the gate had let in under one arrived with it;
- it shows how things were when something last worked, or what was there when it no longer did.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.retention import FOREVER, Retention, followers
from changelog_ledger.model.rollback_target import LATEST, is_snapshot
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.snapshots.retention import Moment, kept
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.take_snapshot import snapshot_deltas
from changelog_ledger.workflows.topology import hosts_within, scope_of
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[int], None]
"""Called with the number of hosts done since the last call."""

_NAMED = re.compile(rb"(?<![0-9A-Z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Z])|(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])|EV-[0-9A-HJKMNP-TV-Z]{10}")
"""What a fact may name a snapshot by: its id, its commit, or the id of evidence."""

_NO_REFERENCE = ("snapshot", "expiry", "expected")
"""Kinds of facts that name snapshots without needing them, or none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Which snapshots may go.

    :ivar expirable: by host, oldest first; hosts without any are left out.
    :ivar position: of the last fact that was asked whether it needs one.
    """

    expirable: Mapping[str, tuple[Snapshot, ...]]
    position: int


def decided(workspace: Workspace, policy: Retention) -> Decision:
    """What the policy lets go and nothing refers to."""
    now = workspace.now()
    position, named = _named_by_facts(workspace)
    with workspace.store.reading() as view:
        snapshots = {host.name: view.evidence.snapshots(host.name) for host in view.topology.hosts()}
        needed = {*named, *_found_evidence(view, named, snapshots), *_rollback_targets(view, snapshots), *_around_turns(view, snapshots)}
    found = {}
    for host, own in snapshots.items():
        keep = kept([Moment(entry.id, entry.at) for entry in own], policy, now, {*needed, *_named_commits(own, named), *_around_runs(own)})
        found[host] = tuple(entry for entry in own if entry.id not in keep)
    return Decision({host: gone for host, gone in found.items() if gone}, position)


def expire(workspace: Workspace, policy: Retention, decision: Decision, progress: Progress) -> dict[str, int]:
    """Record that snapshots have expired; whatever followed them follows the last one before that is kept. git has not forgotten them yet.

    Host by host, and what somebody recorded meanwhile is asked first: a change that is planned while this runs keeps its rollback target.

    :returns: how many, by host.
    """
    counts: dict[str, int] = {}
    for host in tuple(decision.expirable):
        fact, deltas = _expiry(workspace, policy, host, decision.expirable[host])
        if _something_new(workspace, decision.position):
            decision = decided(workspace, policy)
            if host not in decision.expirable:
                continue
            fact, deltas = _expiry(workspace, policy, host, decision.expirable[host])
        workspace.store.append([fact], deltas=deltas)
        counts[host] = len(fact.data["snapshots"])
        progress(1)
    return counts


def _something_new(workspace: Workspace, position: int) -> bool:
    """Whether a fact came that may need a snapshot."""
    return any(fact.kind not in _NO_REFERENCE for _, fact in workspace.store.facts(position))


def _expiry(workspace: Workspace, policy: Retention, host: str, gone: Sequence[Snapshot]) -> tuple[Fact, dict[str, Sequence[Delta]]]:
    """The fact, and the deltas of what follows the gaps."""
    body = {"host": host, "snapshots": {entry.id: format_instant(entry.at) for entry in gone}, "policy": _in_seconds(policy)}
    fact = workspace.fact("expiry", body)
    return fact, _deltas_across(workspace, host, fact)


def _deltas_across(workspace: Workspace, host: str, fact: Fact) -> dict[str, Sequence[Delta]]:
    with workspace.store.reading() as view:
        known = {entry.id: entry for entry in view.evidence.snapshots(host)}
    moved = followers(list(known), fact.data["snapshots"])
    repository, rules = workspace.repository, workspace.settings.format_rules
    return {entry: snapshot_deltas(repository, known[last].commit if last else None, known[entry].commit, rules) for entry, last in moved}


def _in_seconds(policy: Retention) -> dict[str, int | str | None]:
    def shown(length: timedelta | None) -> int | str | None:
        return "forever" if length == FOREVER else None if length is None else int(length.total_seconds())

    return {rule: shown(length) for rule, length in asdict(policy).items()}


# ---- what is needed


def _named_by_facts(workspace: Workspace) -> tuple[int, frozenset[str]]:
    """The position of the last fact, and whatever looks like a snapshot's id, a commit's or a piece of evidence's, anywhere in a fact.

    Kinds of facts that come later are served too.
    """
    last = 0
    named: set[str] = set()
    for position, fact in workspace.store.facts():
        last = position
        if fact.kind not in _NO_REFERENCE:
            named.update(name.decode() for name in _NAMED.findall(fact.body))
    return last, frozenset(named)


def _named_commits(snapshots: Iterable[Snapshot], named: frozenset[str]) -> Iterator[str]:
    return (entry.id for entry in snapshots if entry.commit in named and not entry.unchanged)


def _found_evidence(view: View, named: Iterable[str], snapshots: Mapping[str, Sequence[Snapshot]]) -> Iterator[str]:
    """A snapshot that found evidence which somebody names, or which the gate had let in, and the one before it: without that, it would have found
    something else."""
    found = set(view.evidence.snapshots_of_evidence([name for name in named if name.startswith("EV-")]).values())
    found |= view.evidence.snapshots_with_expected()
    for own in snapshots.values():
        yield from (identity for entry, identity in _with_predecessor(own) if entry.id in found)


def _around_runs(snapshots: Sequence[Snapshot]) -> Iterator[str]:
    """Both sides of a change's run. What lies between the two is the change's own, so there must be nothing else in between."""
    yield from (entry.id for entry in snapshots if entry.change)
    yield from (identity for entry, identity in _with_predecessor(snapshots) if entry.change and entry.phase is not Phase.BEFORE)


def _with_predecessor(snapshots: Sequence[Snapshot]) -> Iterator[tuple[Snapshot, str]]:
    """Each snapshot with its own id, and with that of the one before it."""
    yield from ((entry, entry.id) for entry in snapshots)
    yield from ((entry, before.id) for before, entry in pairwise(snapshots))


def _rollback_targets(view: View, snapshots: Mapping[str, Sequence[Snapshot]]) -> Iterator[str]:
    around = _Surroundings(view, snapshots)
    for change in view.changes.every():
        if change.rollback_to == LATEST:
            for target in change.on:
                yield from around.last_before(target, change.begins)
        elif is_snapshot(change.rollback_to):
            yield from (entry.id for entry in view.evidence.snapshots_starting(change.rollback_to.upper()))


def _around_turns(view: View, snapshots: Mapping[str, Sequence[Snapshot]]) -> Iterator[str]:
    """The last snapshot that showed it working, and the first one that showed it broken."""
    around = _Surroundings(view, snapshots)
    for turn in view.marks.turns():
        yield from around.last_before(turn.target, turn.good_at)
        yield from around.first_after(turn.target, turn.bad_at)


class _Surroundings:
    """The snapshots next to a moment, of every host that a target speaks for."""

    def __init__(self, view: View, snapshots: Mapping[str, Sequence[Snapshot]]) -> None:
        self._view = view
        self._snapshots = snapshots
        self._times = {host: [entry.at for entry in own] for host, own in snapshots.items()}
        self._hosts: dict[Target, tuple[str, ...]] = {}

    def last_before(self, target: Target, at: datetime | None) -> Iterator[str]:
        """The last one not after ``at``; none if that is not known."""
        if at is None:
            return
        for host in self._hosts_of(target):
            place = bisect_right(self._times[host], at)
            yield from (entry.id for entry in self._snapshots[host][max(place - 1, 0) : place])

    def first_after(self, target: Target, at: datetime | None) -> Iterator[str]:
        """The first one not before ``at``; none if that is not known."""
        if at is None:
            return
        for host in self._hosts_of(target):
            place = bisect_left(self._times[host], at)
            yield from (entry.id for entry in self._snapshots[host][place : place + 1])

    def _hosts_of(self, target: Target) -> tuple[str, ...]:
        if target not in self._hosts:
            self._hosts[target] = tuple(host for host in hosts_within(scope_of(self._view, target)) if host in self._snapshots)
        return self._hosts[target]
