"""Suspects: candidates weighed by the table of reasons, and ranked.

The formula: a reason adds its weight times what it found; the score is the share that the sum of all has, by softmax, among the sums of all suspects
and of something that is not recorded: the chance that this is the cause.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import context_of
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.latent import Awakening
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.reasons import findings_for, rules_for
from changelog_ledger.model.report import Reason, Scoring, Suspect

Weighed = tuple[Candidate, tuple[Finding, ...]]


class Standing(NamedTuple):
    """A candidate with the sum of what the findings in it add."""

    total: float
    candidate: Candidate
    findings: tuple[Finding, ...]


def weigh(candidates: Sequence[Candidate], awakened: Mapping[str, tuple[Awakening, ...]], material: Material) -> tuple[Weighed, ...]:
    """Every candidate with what the reasons find in it, in the order given.

    :param awakened: candidate → what may have given it effect.
    """
    context = context_of(material, candidates, awakened)
    rules = rules_for(context)
    return tuple([(candidate, findings_for(candidate, context, rules[candidate.kind])) for candidate in candidates])


def score(total: float, scoring: Scoring) -> float:
    """The chance of what a sum of weights stands for, to four places."""
    return round(min(1.0, math.exp(scoring.steepness * (total - scoring.full))), 4)


def in_order(weighed: Sequence[Weighed], weights: Mapping[str, float]) -> tuple[Standing, ...]:
    """Every candidate with its sum, the likeliest first: by sum, then the later one, then by its name. The order of the input does not matter.

    :param weights: code → weight; a code that is missing weighs nothing.
    """
    standing = [Standing(_total(findings, weights), candidate, findings) for candidate, findings in weighed]
    return tuple(sorted(standing, key=_place))


def _place(standing: Standing) -> tuple[float, float, str, str, str]:
    """Ids are made by chance: they decide only between what nothing else tells apart."""
    candidate = standing.candidate
    return -standing.total, -candidate.began_at.timestamp(), candidate.change.ref if candidate.change else "", candidate.title, candidate.id


def suspects_of(standing: Sequence[Standing], weights: Mapping[str, float], scoring: Scoring) -> tuple[Suspect, ...]:
    """The first so many of an order as suspects, with their reasons: of thousands only a few are ever shown."""
    return tuple(_suspect(rank, each, _reasons(each.findings, weights), scoring) for rank, each in enumerate(standing, 1))


def _reasons(findings: Sequence[Finding], weights: Mapping[str, float]) -> tuple[Reason, ...]:
    """Findings with what they add, the heaviest first."""
    reasons = (_reason(finding, weights.get(finding.code, 0.0)) for finding in findings)
    return tuple(sorted((reason for reason in reasons if reason.weight), key=lambda reason: (-reason.weight, reason.code)))


def _reason(finding: Finding, weight: float) -> Reason:
    return Reason(finding.code, _added(finding.value, weight), finding.text, round(finding.value, 3))


@lru_cache(maxsize=16384, typed=True)
def _added(value: float, weight: float) -> float:
    """What a finding adds. To look up is faster than to round, and most findings are worth one of a few numbers."""
    return round(weight * round(value, 3), 3)  # what is shown is what counts, so that everybody can add it up


def _total(findings: Sequence[Finding], weights: Mapping[str, float]) -> float:
    return round(math.fsum([_added(value, weights.get(code, 0.0)) for code, value, _ in findings]), 3)


def _suspect(rank: int, standing: Standing, reasons: tuple[Reason, ...], scoring: Scoring) -> Suspect:
    candidate = standing.candidate
    return Suspect(
        rank=rank,
        score=score(standing.total, scoring),
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
