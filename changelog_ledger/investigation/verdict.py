"""How sure the ranking is, and what it could not see.

Two logistic regressions (Cox 1958) over a handful of signals of the ranked list, fitted beside the weights: one gives the chance that the first
suspect is the cause, the other that the cause is among the suspects at all. Scores order; these are what a score of old cases came to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from changelog_ledger.investigation import weights
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.report import Certainty, Suspect, Verdict, Warning  # noqa: A004 - the contract's own word
from changelog_ledger.model.topology import TargetKind

_SHARPNESS = 3.0
_MOST_AHEAD = 3.0
_NAMED = 3
_BLIND = ("no-snapshots", "stale-snapshot", "first-snapshot-in-window", "partial-snapshot", "left-out", "expired-snapshots")
"""Codes of warnings that say what could not be seen."""


def signals(suspects: Sequence[Suspect], totals: Sequence[float] = ()) -> Mapping[str, float]:
    """What the calibration looks at.

    ``total``: the first suspect's sum of weights; ``gap``: how far it is ahead of the second; ``share``: its share of all by softmax;
    ``symptom``: what the complaint adds to its sum; ``against``: what speaks against it; ``near``: how near the onset it was; ``rivals``: the
    logarithm of how many suspects there are.

    :param totals: the sums of all, where ``suspects`` are only the first two or more.
    """
    if not suspects:
        return {"constant": 1.0}
    totals = totals or [total_of(suspect) for suspect in suspects]
    first = suspects[0]
    strengths = [math.exp(_SHARPNESS * (total - totals[0])) for total in totals]
    return {
        "constant": 1.0,
        "total": totals[0],
        "gap": min(_MOST_AHEAD, totals[0] - totals[1]) if len(totals) > 1 else _MOST_AHEAD,
        "share": 1 / math.fsum(strengths),
        "symptom": math.fsum(reason.weight for reason in first.reasons if reason.code.startswith("symptom-")),
        "against": math.fsum(reason.weight for reason in first.reasons if reason.weight < 0),
        "near": next((reason.value for reason in first.reasons if reason.code == "time-before-onset"), 0.0),
        "rivals": math.log1p(len(totals)),
    }


def total_of(suspect: Suspect) -> float:
    """The sum of what its reasons add."""
    return round(math.fsum(reason.weight for reason in suspect.reasons), 3)


def verdict_on(suspects: Sequence[Suspect], material: Material, warnings: Sequence[Warning], totals: Sequence[float]) -> Verdict:
    """The verdict on a ranked list.

    :param suspects: at least the first two of it, if there are so many; ``totals`` the sums of all.
    """
    unseen = tuple(_unseen(material, warnings))
    if not suspects:
        return Verdict(Certainty.OPEN, nothing=True, why="nothing that changed in this time is recorded", unseen=unseen)
    seen = signals(suspects, totals)
    chance = round(_logistic(seen, weights.FIRST), 3)
    if _logistic(seen, weights.ANYTHING) < weights.NOTHING:
        why = (
            f"of {len(totals):,} that changed before it, none fits: the best is {suspects[0].reasons[0].text}" if suspects[0].reasons else "none fits"
        )
        return Verdict(Certainty.OPEN, nothing=True, chance=chance, why=why, unseen=unseen)
    confidence = Certainty.CLEAR if chance >= weights.CLEAR else Certainty.LIKELY if chance >= weights.LIKELY else Certainty.OPEN
    return Verdict(confidence, chance=chance, why=_ahead(suspects), unseen=unseen)


def _logistic(seen: Mapping[str, float], coefficients: Mapping[str, float]) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, math.fsum(coefficients.get(name, 0.0) * value for name, value in seen.items())))))


def _ahead(suspects: Sequence[Suspect]) -> str:
    """What the first has that the second has not."""
    first = suspects[0]
    if len(suspects) == 1:
        return "it is the only one"
    second = {reason.code: reason.weight for reason in suspects[1].reasons}
    lead = max(first.reasons, key=lambda reason: (reason.weight - second.get(reason.code, 0.0), reason.code), default=None)
    gap = total_of(first) - total_of(suspects[1])
    return f"ahead of the next by {gap:.2f}, most for: {lead.text}" if lead is not None else f"ahead of the next by {gap:.2f}"


def _unseen(material: Material, warnings: Sequence[Warning]) -> Iterator[str]:
    """What the record could not have shown, one sentence each."""
    yield from (warning.text for warning in warnings if warning.code in _BLIND)
    hosts = sorted({reach.target.name for reach in material.scope if reach.target.kind is TargetKind.HOST})
    for source, command in (("package-", "packages"), ("service-", "journal")):
        silent = [host for host in hosts if not any(kind.startswith(source) for kind in material.sources.get(host, frozenset()))]
        if silent:
            yield f"{_SOURCES[command]} of {_listed(silent)} were not ingested: ledger ingest {command}"
    outside = [reach.target for reach in material.scope if reach.target.kind is TargetKind.SERVICE and not material.runs_on.get(reach.target)]
    known = {seen.target for seen in material.observations}
    for target in outside:
        if target not in known and target != material.target:
            yield f"{target} runs on no host that is known here, and nothing is recorded of it: ask its provider"


_SOURCES = {"packages": "the package managers' logs", "journal": "the journals"}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"
