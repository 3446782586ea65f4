"""Suspects: candidates weighed by the table of reasons, and ranked.

The formula: a reason adds its weight times what it found, the sum of all makes the score, ``1 / (1 + exp(-2 (sum - 1.6)))``. The score orders; it is
no probability (that is what the verdict's calibration is for).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import context_of
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.reasons import findings_for
from changelog_ledger.model.report import Reason, Scoring, Suspect

SCORING = Scoring()
"""How a sum becomes a score; the report carries it."""

Weighed = tuple[Candidate, tuple[Finding, ...]]


def weigh(candidates: Sequence[Candidate], material: Material) -> tuple[Weighed, ...]:
    """Every candidate with what the reasons find in it, in the order given."""
    context = context_of(material, candidates)
    return tuple((candidate, tuple(findings_for(candidate, context))) for candidate in candidates)


def score(total: float) -> float:
    """A sum of weights as 0..1, to four places."""
    return round(1 / (1 + math.exp(-SCORING.steepness * (max(-20.0, min(20.0, total)) - SCORING.middle))), 4)


def ranked(weighed: Sequence[Weighed], weights: Mapping[str, float]) -> tuple[Suspect, ...]:
    """Every candidate as a suspect, the likeliest first: by sum, then the later one, then by id. The order of the input does not matter.

    :param weights: code → weight; a code that is missing weighs nothing.
    """
    judged = [(candidate, _reasons(findings, weights)) for candidate, findings in weighed]
    judged.sort(key=lambda pair: (-_total(pair[1]), -pair[0].began_at.timestamp(), pair[0].id))
    return tuple(_suspect(rank, candidate, reasons) for rank, (candidate, reasons) in enumerate(judged, 1))


def _reasons(findings: Sequence[Finding], weights: Mapping[str, float]) -> tuple[Reason, ...]:
    """Findings with what they add, the heaviest first."""
    reasons = (_reason(finding, weights.get(finding.code, 0.0)) for finding in findings)
    return tuple(sorted((reason for reason in reasons if reason.weight), key=lambda reason: (-reason.weight, reason.code)))


def _reason(finding: Finding, weight: float) -> Reason:
    value = round(finding.value, 3)  # what is shown is what counts, so that everybody can add it up
    return Reason(finding.code, round(weight * value, 3), finding.text, value)


def _total(reasons: Sequence[Reason]) -> float:
    return round(math.fsum(reason.weight for reason in reasons), 3)


def _suspect(rank: int, candidate: Candidate, reasons: tuple[Reason, ...]) -> Suspect:
    return Suspect(
        rank=rank,
        score=score(_total(reasons)),
        kind=candidate.kind,
        title=candidate.title,
        occurred_at=candidate.began_at,
        targets=candidate.targets,
        reasons=reasons,
        evidence=tuple(piece.id for piece in candidate.evidence),
        change=candidate.change.id if candidate.change else "",
        trigger=next((reason.text.removeprefix("it took effect with: ") for reason in reasons if reason.code == "latent"), ""),
        ref=candidate.change.ref if candidate.change else next((piece.ref for piece in candidate.evidence if piece.ref), ""),
    )
