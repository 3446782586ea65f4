"""What follows from what: one package transaction shows in several ways.

The package manager's log tells it, the processes tell that a restart is pending since, and a snapshot finds the versions changed
(``@state/packages``). The names of packages join them, when a question is asked: any of them may be recorded first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from changelog_ledger.investigation.evidence import Piece
from changelog_ledger.model.evidence import Confidence, Evidence, Observation
from changelog_ledger.model.packages import package_names
from changelog_ledger.model.processes import PENDING, closed_references
from changelog_ledger.model.state import state_path
from changelog_ledger.model.topology import Target

INSTALLED = state_path("packages")
"""Where a snapshot keeps which packages are installed: ``MANAGER/NAME``."""

_SLACK = timedelta(minutes=10)
"""How long after the code was seen to be replaced its transaction may be dated: a log tells when a transaction began, a file when it was written."""

_SECOND = timedelta(seconds=1)
"""What logs cut off a time: 14:36:25 may have been after a snapshot of 14:36:25.7."""

_ByPackage = Mapping[tuple[Target, str], Sequence[Piece]]


def origins(pieces: Iterable[Piece]) -> Mapping[str, tuple[str, ...]]:
    """What pieces of evidence follow from, oldest first, all by the ids of their evidence; those that follow from nothing are left out.

    A pending restart follows from the last transaction of its packages before it, and a version that a snapshot found changed from every transaction
    of the package in between.
    """
    ordered = sorted(pieces, key=lambda piece: (piece.evidence.seen_at, piece.evidence.id))
    transactions = _transactions(ordered)
    found: dict[str, tuple[str, ...]] = {}
    for piece in ordered:
        if piece.observation is None:
            behind = _between(piece.evidence, transactions) if piece.evidence.path == INSTALLED else ()
        else:
            behind = _before(piece.observation, transactions)[-1:] if piece.observation.what in PENDING else ()
        if behind:
            found[piece.evidence.id] = tuple(each.evidence.id for each in behind)
    return found


def inherited(pieces: Sequence[Piece], evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence; what follows from package transactions is explained by what explains them.

    The transaction's own time is known, so it decides, also against a change that was being made at some time between two snapshots. What somebody
    attributed by hand stays.
    """
    behind = origins(pieces)
    if not behind:
        return tuple(evidence)
    judged = {each.id: each for each in evidence}
    is_version = {piece.evidence.id for piece in pieces if piece.observation is None}
    return tuple(
        _following(each, [judged[origin] for origin in behind[each.id]], decided=each.id in is_version) if each.id in behind else each
        for each in evidence
    )


def ended(observations: Iterable[Observation]) -> frozenset[str]:
    """The references of pending restarts that are over, or were taken up by one for more files.

    That it was restarted is a piece of work by itself, and a suspect by itself: only then the new code came into force.
    """
    over: set[str] = set()
    for each in observations:
        over |= closed_references(each.data)
        superseded = each.data.get("supersedes")
        over |= {superseded} if isinstance(superseded, str) else set()
    return frozenset(over)


def still_pending(observations: Sequence[Observation], over: frozenset[str]) -> tuple[Observation, ...]:
    """The pending restarts among observations that are not over.

    :param over: from :func:`ended`.
    """
    return tuple(each for each in observations if each.what in PENDING and str(each.data.get("ref") or "") not in over)


def _following(follower: Evidence, behind: Sequence[Evidence], *, decided: bool) -> Evidence:
    """A piece of evidence judged as the transactions behind it are.

    :param decided: whether they decide against its own attribution as well, and not only where it has none.
    """
    if follower.confidence is Confidence.EXPLICIT or not (follower.unlogged or decided):
        return follower
    unlogged = next((each for each in behind if each.unlogged), None)
    if unlogged is not None:
        because = f"it follows from a package transaction that no change explains: {unlogged.because}"
        return replace(follower, explained_by="", confidence=Confidence.NONE, because=because) if decided else follower
    newest = behind[-1]
    because = f"it follows from a package transaction that {newest.explained_by} explains"
    return replace(follower, explained_by=newest.explained_by, confidence=newest.confidence, because=because)


def _transactions(pieces: Iterable[Piece]) -> _ByPackage:
    found: dict[tuple[Target, str], list[Piece]] = {}
    for piece in pieces:
        if piece.observation is not None and piece.observation.what.startswith("package-"):
            for name in package_names(piece.observation.data):
                found.setdefault((piece.evidence.target, name), []).append(piece)
    return found


def _before(pending: Observation, transactions: _ByPackage) -> list[Piece]:
    """The transactions of its packages that are not dated after it."""
    own = [piece for name in package_names(pending.data) for piece in transactions.get((pending.target, name), ())]
    return sorted((piece for piece in own if piece.evidence.seen_at <= pending.at + _SLACK), key=lambda piece: piece.evidence.seen_at)


def _between(version: Evidence, transactions: _ByPackage) -> list[Piece]:
    """The transactions of a package between the two snapshots that found it changed."""
    name = (version.key or "").partition("/")[2].partition(":")[0]
    own = transactions.get((version.target, name), ())
    return [piece for piece in own if version.not_before - _SECOND < piece.evidence.seen_at <= version.not_after]
