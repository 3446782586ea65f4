"""Suspects: candidates weighed by the table of reasons, and ranked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context, context_of
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.reasons import reasons_for
from changelog_ledger.model.report import Reason, Suspect

MIDDLE = 1.6
"""The sum of weights at which a candidate scores one half."""


def score(weights: float) -> float:
    """The sum of the weights as 0..1: ``1 / (1 + exp(-2 (sum - 1.6)))``, to four places. It orders; it is no probability."""
    return round(1 / (1 + math.exp(-2 * (max(-20.0, min(20.0, weights)) - MIDDLE))), 4)


def ranked(candidates: Sequence[Candidate], material: Material) -> tuple[Suspect, ...]:
    """Every candidate as a suspect, the likeliest first: by score, then the later one, then by id. The order of the input does not matter."""
    context = context_of(material, candidates)
    weighed = [(candidate, _weighed(candidate, context)) for candidate in candidates]
    weighed.sort(key=lambda pair: (-_total(pair[1]), -pair[0].began_at.timestamp(), pair[0].id))
    return tuple(_suspect(rank, candidate, reasons) for rank, (candidate, reasons) in enumerate(weighed, 1))


def _weighed(candidate: Candidate, context: Context) -> tuple[Reason, ...]:
    """Its reasons, the heaviest first."""
    return tuple(sorted(reasons_for(candidate, context), key=lambda reason: (-reason.weight, reason.code)))


def _total(reasons: Sequence[Reason]) -> float:
    return score(math.fsum(reason.weight for reason in reasons))


def _suspect(rank: int, candidate: Candidate, reasons: tuple[Reason, ...]) -> Suspect:
    return Suspect(
        rank=rank,
        score=_total(reasons),
        kind=candidate.kind,
        title=candidate.title,
        occurred_at=candidate.began_at,
        targets=candidate.targets,
        reasons=reasons,
        evidence=tuple(piece.id for piece in candidate.evidence),
        change=candidate.change.id if candidate.change else "",
        ref=candidate.change.ref if candidate.change else next((piece.ref for piece in candidate.evidence if piece.ref), ""),
    )
