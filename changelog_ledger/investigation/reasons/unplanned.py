"""Reasons that only what nobody logged can give: what it is, how rare it is, and how its peers look."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from changelog_ledger.investigation.automation import is_automatic, names_updater
from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.consequences import still_pending
from changelog_ledger.investigation.context import Context, shape
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.material import HABIT
from changelog_ledger.investigation.past import taken_back
from changelog_ledger.investigation.vocabulary import OVER, ROUTINE, TROUBLE
from changelog_ledger.model.evidence import Op
from changelog_ledger.model.report import SuspectKind
from changelog_ledger.model.topology import TargetKind

_COSMETIC = re.compile(r"white ?space|comment|line end|blank line")
_OFTEN = 10
_LONG_WATCHED = 30  # days
_MANY_PEERS = 8


def unlogged(candidate: Candidate, context: Context) -> Finding | None:
    """Nobody logged it, so nobody weighed it. Observations do not count: many of them nobody would ever log."""
    if candidate.kind is not SuspectKind.UNLOGGED or candidate.evidence[0].op is Op.OBSERVED:
        return None
    return Finding("unlogged", 1.0, f"no change explains it: {candidate.evidence[0].because}")


def routine(candidate: Candidate, context: Context) -> Finding | None:
    """Observations that every host makes every day say little."""
    if candidate.observations and ROUTINE.search(candidate.observations[0].summary):
        return Finding("routine", 1.0, "routine: hosts do that every day")
    return None


def common(candidate: Candidate, context: Context) -> Finding | None:
    """What is observed often anyway says little (Strider, LISA'03)."""
    if not candidate.observations:
        return None
    others = sum(context.alike[shape(seen)] for seen in candidate.observations[:1]) - len(candidate.observations)
    return _seen_besides(others) if others > 0 else None


@lru_cache(maxsize=4096)
def _seen_besides(others: int) -> Finding:
    return Finding("common", min(1.0, 0.4 * math.log2(1 + others)), f"seen {others} more times in the window")


def rarity(candidate: Candidate, context: Context) -> Finding | None:
    """A path that changes daily says little, one that never changed says much (Strider, LISA'03)."""
    places = {(piece.target.name, piece.path or "") for piece in candidate.evidence if piece.path and piece.unlogged}
    if not places or candidate.observations:
        return None
    often = max(context.material.habits.get(place, 0) for place in places)
    if often >= _OFTEN:
        return Finding("changes-often", min(1.0, (0.2 * math.log10(often) + 0.1) / 0.6), f"changed in {often} snapshots in {HABIT.days} days")
    watched = min(context.material.watched_for.get(host, 0.0) for host, _ in places)
    if often == 0 and watched >= _LONG_WATCHED:
        return Finding("never-changed", 1.0, f"had not changed in the {round(watched)} days it was watched")
    return None


def automatic(candidate: Candidate, context: Context) -> Finding | None:
    """Nobody decided it at that time: nobody was watching either."""
    by_machine = any(is_automatic(seen) for seen in candidate.observations) if candidate.change is None else names_updater(candidate.change.actor)
    if by_machine:
        return Finding("automatic", 1.0, "made by an automatic updater, with nobody watching")
    return None


def provider(candidate: Candidate, context: Context) -> Finding | None:
    """What runs outside, and is needed, is said to be in trouble."""
    for seen in candidate.observations[:3]:
        outside = seen.target.kind is TargetKind.SERVICE and not context.material.runs_on.get(seen.target)
        if outside and TROUBLE.search(seen.summary) and not OVER.search(seen.summary):
            return Finding("provider-trouble", 1.0, f"{seen.target}, which runs outside, is said to be in trouble")
    return None


def pending(candidate: Candidate, context: Context) -> Finding | None:
    """Old code runs beside new files: what it loads from now on may not fit, and what was mended is not in force."""
    waiting = still_pending(candidate.observations, context.ended)
    if not waiting:
        return None
    what = "the machine" if waiting[0].what == "reboot-pending" else str(waiting[0].data.get("unit") or "a process")
    return Finding("restart-pending", 1.0, f"{what} still runs the code of before")


def peers(candidate: Candidate, context: Context) -> Finding | None:
    """Whether healthy peers have the same difference: an odd one out is suspicious, a common one is not (PeerPressure, OSDI'04)."""
    if candidate.kind is not SuspectKind.UNLOGGED:
        return None
    views = [context.material.peers.get((piece.target.name, piece.path or "", piece.key)) for piece in candidate.evidence if piece.path]
    known = [view for view in views if view is not None and view.total > 0]
    if not known:
        return None
    oddest = min(known, key=lambda view: (view.same / view.total, -view.total))
    if oddest.same == oddest.total:
        return None
    enough = min(1.0, math.log2(1 + oddest.total) / math.log2(1 + _MANY_PEERS))  # one peer proves little, seven a good deal
    value = enough * (1 - oddest.same / oddest.total)
    if oddest.same:
        return Finding("peers-differ", value, f"{oddest.total - oddest.same} of {oddest.total} peers do not have it")
    none_has_it = f"none of {oddest.total} peers of the same service has it" if oddest.total > 1 else "its peer does not have it"
    return Finding("peers-differ", value, none_has_it)


def peer_comparison(candidate: Candidate, context: Context) -> Finding | None:
    """It sets the failing hosts apart from the working ones (PeerPressure, OSDI'04); or they have it too, and work."""
    strength = context.material.peer_strength
    told = [max(known) for piece in candidate.evidence if (known := [strength[part] for part in (piece.id, *piece.parts) if part in strength])]
    if not told:
        return None
    if max(told) > 0:
        return Finding("peer-comparison", max(told), "it sets the failing hosts apart from those that work")
    return Finding("shared-with-working", len(told) / len(candidate.evidence), "the hosts that work have it too")


def transient(candidate: Candidate, context: Context) -> Finding | None:
    """What has been taken back is less likely to be the trouble that lasts."""
    if candidate.evidence and all(piece.transient for piece in candidate.evidence):
        return Finding("transient", 1.0, "changed and changed back within the window")
    return None


def cosmetic(candidate: Candidate, context: Context) -> Finding | None:
    """Differences of white space, comments and the like, or of the file's metadata only."""
    if candidate.kind is SuspectKind.UNLOGGED and all(piece.op is Op.OPAQUE and _COSMETIC.search(piece.note) for piece in candidate.evidence):
        return Finding("cosmetic", 1.0, "comments or white space only")
    return None


def repair(candidate: Candidate, context: Context) -> Finding | None:
    """Made perhaps after the onset, and it takes back what had been changed before it: what is tried when trouble is there."""
    onset = context.material.window.onset
    if onset is None or not candidate.evidence or any(piece.not_after <= onset for piece in candidate.evidence):
        return None
    if all(taken_back(piece, context.before_onset) for piece in candidate.evidence):
        return Finding("looks-like-repair", 1.0, "it takes back what had changed before the onset, and may have been made after it")
    return None


def maybe_afterwards(candidate: Candidate, context: Context) -> Finding | None:
    """What a snapshot found only after the onset may be somebody's attempt at a repair."""
    onset = context.material.window.onset
    if candidate.kind is SuspectKind.UNLOGGED and onset is not None and all(piece.not_after > onset for piece in candidate.evidence):
        return Finding("maybe-afterwards", 1.0, "it may have been made after the onset")
    return None
