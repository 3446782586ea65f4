"""What follows from what: a restart that is pending follows from the package transaction that replaced the code.

The transaction is told by the package manager's log, the pending restart by the processes; the names of packages join them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from changelog_ledger.investigation.evidence import Piece
from changelog_ledger.model.evidence import Evidence, Observation
from changelog_ledger.model.topology import Target

PENDING = frozenset({"restart-pending", "reboot-pending"})
_SLACK = timedelta(minutes=10)
"""How long after the code was seen to be replaced its transaction may be dated: a log tells when a transaction began, a file when it was written."""


def leaders(observations: Iterable[Observation]) -> Mapping[str, str]:
    """What each observation follows from, by their ids: a pending restart from its package transaction, its end from both.

    Nothing where none of these is recorded.
    """
    seen = tuple(observations)
    led = _transactions_of(seen)
    pending = {str(each.data["ref"]): each.id for each in seen if each.what in PENDING and each.data.get("ref")}
    for each in seen:
        closes = pending.get(str(each.data.get("closes", "")))
        if closes is not None and each.what not in PENDING:
            led[each.id] = led.get(closes, closes)
    return led


def still_pending(observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """The pending restarts among observations that nothing among them ends."""
    ended = {each.data.get("closes") or each.data.get("supersedes") for each in observations}
    return tuple(each for each in observations if each.what in PENDING and (not each.data.get("ref") or each.data["ref"] not in ended))


def _transactions_of(observations: Iterable[Observation]) -> dict[str, str]:
    pending: list[Observation] = []
    transactions: dict[tuple[Target, str], list[Observation]] = {}
    for seen in sorted(observations, key=lambda seen: (seen.at, seen.id)):
        if seen.what in PENDING:
            pending.append(seen)
        elif seen.what.startswith("package-"):
            for name in _packages(seen):
                transactions.setdefault((seen.target, name), []).append(seen)
    found = {seen.id: _latest(seen, transactions) for seen in pending} if transactions else {}
    return {follower: leader.id for follower, leader in found.items() if leader is not None}


def inherited(pieces: Sequence[Piece], evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence; a pending restart that no change explains by itself is explained by what explains its package transaction."""
    led = leaders(piece.observation for piece in pieces if piece.observation is not None)
    if not led:
        return tuple(evidence)
    judged = {piece.observation.id: each for piece, each in zip(pieces, evidence, strict=True) if piece.observation is not None}
    return tuple(
        _after(each, judged.get(led.get(piece.observation.id, ""))) if piece.observation else each
        for piece, each in zip(pieces, evidence, strict=True)
    )


def _after(follower: Evidence, leader: Evidence | None) -> Evidence:
    if leader is None or leader.unlogged or not follower.unlogged:
        return follower
    because = f"it follows from a package transaction that {leader.explained_by} explains"
    return replace(follower, explained_by=leader.explained_by, confidence=leader.confidence, because=because)


def _latest(pending: Observation, transactions: Mapping[tuple[Target, str], Sequence[Observation]]) -> Observation | None:
    """The last transaction of one of its packages that is not dated after it."""
    own = [seen for name in _packages(pending) for seen in transactions.get((pending.target, name), ()) if seen.at <= pending.at + _SLACK]
    return max(own, key=lambda seen: (seen.at, seen.id), default=None)


def _packages(seen: Observation) -> list[str]:
    """The names of packages in an observation's data: of a transaction they are tables with a ``name``."""
    said = seen.data.get("packages")
    if not isinstance(said, list):
        return []
    names = [each.get("name") if isinstance(each, Mapping) else each for each in said]
    return [name for name in names if isinstance(name, str) and name]
