"""Fits what the reasons weigh: a conditional logit (McFadden 1974) over the candidates of each case.

The chance of a candidate is the softmax of the sums of weights; the likelihood of a case is that of all candidates that count as found, together. The
weights are drawn towards a prior (L2), and keep its signs: a reason in favour never speaks against. Beside the candidates stands something that is
not recorded, with signals of its own; it is the truth where the record holds no cause. Of cases that were chosen for holding one nothing is learnt of
it. How strongly the weights are drawn is chosen by cross-validation: every fold holds out one of the shown outages and a part of the generated cases.
Both collections count the same, however many cases they have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.ranking.prepared import Prepared
from benchmarks.ranking.prior import PRIOR, prior_of
from changelog_ledger.investigation.unrecorded import SHARPNESS

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""How strongly the weights may be drawn towards the prior."""

FOLDS, MOST_FOLDS = 10, 40
"""As many folds as the smaller collection has cases, so that each of those is left out once; ten if it is large."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Cases as arrays: candidates one below the other, and below those of a case something that is not recorded, where it may be that.

    :ivar values: candidates × codes; of signals as of reasons.
    :ivar starts: the first row of each case.
    :ivar truth: 0 for candidates that count as found, minus infinity for the rest.
    :ivar places: the collection of each case, and its place there.
    """

    codes: tuple[str, ...]
    values: Array
    starts: NDArray[np.intp]
    truth: Array
    places: NDArray[np.intp]

    def shares(self, fold: int = 0, folds: int = 0) -> Array:
        """How much each case counts: every collection the same, and all together one. A fold that is held out counts nothing."""
        counts = np.ones(len(self.starts)) if not folds else (self.places[:, 1] % folds != fold).astype(float)
        for collection in np.unique(self.places[:, 0]):
            own = self.places[:, 0] == collection
            counts[own] /= max(1.0, counts[own].sum())
        whole: Array = counts / max(1e-9, counts.sum())
        return whole


def design_of(collections: Sequence[Sequence[Prepared]], codes: Sequence[str]) -> Design:
    """The cases of all collections that have several candidates, and of the chosen ones those whose truth is among them."""
    column = {code: position for position, code in enumerate(codes)}
    chosen = [
        (number, place, case)
        for number, cases in enumerate(collections)
        for place, case in enumerate(cases)
        if len(case.truth) > 1 and (case.findable or not case.chosen)
    ]
    sizes = [len(case.truth) + (not case.chosen) for _, _, case in chosen]
    values = np.zeros((sum(sizes), len(codes)))
    row = 0
    for _, _, case in chosen:
        for _, findings in case.weighed:
            for finding in findings:
                if finding.code in column:
                    values[row, column[finding.code]] += round(finding.value, 3)
            row += 1
        if not case.chosen:
            for signal in case.unrecorded.keys() & column.keys():
                values[row, column[signal]] = case.unrecorded[signal]
            row += 1
    starts = np.cumsum([0, *sizes[:-1]]).astype(np.intp)
    truth = np.array([0.0 if true else -math.inf for _, _, case in chosen for true in _alternatives(case)])
    return Design(tuple(codes), values, starts, truth, np.array([(number, place) for number, place, _ in chosen], dtype=np.intp))


def _alternatives(case: Prepared) -> tuple[bool, ...]:
    """Whether each of what a case offers is its truth."""
    return case.truth if case.chosen else (*case.truth, not case.findable)


def loss_of(design: Design, shares: Array) -> Callable[[Array], tuple[float, Array]]:
    """Minus the mean logarithm of the likelihood, and its gradient, for weights."""
    owner = np.repeat(np.arange(len(design.starts)), np.diff([*design.starts, len(design.values)]))

    def loss(weights: Array) -> tuple[float, Array]:
        sums = SHARPNESS * (design.values @ weights)
        everybody, total = _softmax(sums, design.starts, owner)
        guilty, found = _softmax(sums + design.truth, design.starts, owner)
        gradient = SHARPNESS * (design.values.T @ ((everybody - guilty) * shares[owner]))
        return float(shares @ (total - found)), gradient

    return loss


def _softmax(sums: Array, starts: NDArray[np.intp], owner: NDArray[np.intp]) -> tuple[Array, Array]:
    """The chance of each candidate within its case, and the logarithm of each case's total."""
    most = np.maximum.reduceat(sums, starts)
    strengths = np.exp(sums - most[owner])
    totals = np.add.reduceat(strengths, starts)
    return strengths / totals[owner], np.log(totals) + most


def fitted(design: Design, prior: Array, strength: float, *, shares: Array | None = None, begin: Array | None = None) -> Array:
    """The weights.

    :param shares: how much each case counts; all of them if None.
    :param begin: where to begin to look; it makes no other difference.
    """
    loss = loss_of(design, design.shares() if shares is None else shares)

    def penalised(weights: Array) -> tuple[float, Array]:
        value, gradient = loss(weights)
        away = weights - prior
        return value + strength * float(away @ away) / 2, gradient + strength * away

    bounds = [(0.0, None) if each > 0 else (None, 0.0) if each < 0 else (None, None) for each in prior]
    found = minimize(penalised, prior if begin is None else begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    weights: Array = found.x
    return weights


@dataclass(frozen=True)
class Held:
    """What came out for cases that a fit had not seen.

    :ivar ranks: of each collection's cases, in their order; None where the truth is not among the suspects. Cases without a cause are left out.
    :ivar weights: those that each case was ranked with, in the same order.
    :ivar likelihood: each collection's mean logarithm of the likelihood.
    """

    cases: Sequence[Sequence[Prepared]]
    ranks: Sequence[Sequence[int | None]]
    weights: Sequence[Sequence[Mapping[str, float]]]
    likelihood: Sequence[float]

    @property
    def quality(self) -> float:
        """What strengths are compared by: the likelihood, both collections alike."""
        return sum(self.likelihood) / len(self.likelihood)


def cross_validated(collections: Sequence[Sequence[Prepared]], codes: Sequence[str], prior: Array, strength: float) -> Held:
    """Every case ranked by weights that were fitted without it."""
    smallest = min((len(cases) for cases in collections if cases), default=0)
    folds = smallest if 2 <= smallest <= MOST_FOLDS else FOLDS
    design = design_of(collections, codes)
    begin = fitted(design, prior, strength)
    by_fold = [fitted(design, prior, strength, shares=design.shares(fold, folds), begin=begin) for fold in range(folds)]
    tables = [table(codes, weights) for weights in by_fold]
    weights = [[tables[place % folds] for place in range(len(cases))] for cases in collections]
    ranks = [[rank_by(case, own) for case, own in zip(cases, used, strict=True)] for cases, used in zip(collections, weights, strict=True)]
    return Held(collections, ranks, weights, _likelihoods(design, by_fold, len(collections)))


def rank_by(case: Prepared, weights: Mapping[str, float]) -> int | None:
    """Where the truth of a case comes out."""
    return case.rank(weights) if case.findable else None


def _likelihoods(design: Design, by_fold: Sequence[Array], collections: int) -> list[float]:
    """The mean logarithm of the likelihood in each collection, every case by the fit that had not seen it."""
    found = np.zeros(len(design.starts))
    owner = np.repeat(np.arange(len(design.starts)), np.diff([*design.starts, len(design.values)]))
    for fold, weights in enumerate(by_fold):
        sums = SHARPNESS * (design.values @ weights)
        likely = _softmax(sums + design.truth, design.starts, owner)[1] - _softmax(sums, design.starts, owner)[1]
        own = design.places[:, 1] % len(by_fold) == fold
        found[own] = likely[own]
    means = []
    for collection in range(collections):
        own = design.places[:, 0] == collection
        means.append(float(found[own].mean()) if own.any() else 0.0)
    return means


def codes_of(collections: Sequence[Sequence[Prepared]]) -> list[str]:
    """Every reason that was thought to weigh something, or found something; then the signals of what is not recorded."""
    found = {finding.code for cases in collections for case in cases for _, findings in case.weighed for finding in findings}
    signals = {signal for cases in collections for case in cases for signal in case.unrecorded}
    return [*sorted(found | PRIOR.keys()), *sorted(signals)]


def table(codes: Sequence[str], weights: Array) -> dict[str, float]:
    """Weights as they are written: two decimals; no minus zero."""
    return {code: round(float(weight), 2) + 0.0 for code, weight in zip(codes, weights, strict=True)}


def best_strength(collections: Sequence[Sequence[Prepared]], codes: Sequence[str]) -> tuple[float, Mapping[float, Held]]:
    """The strength with the best likelihood of cases that were held out, and what came out for each."""
    prior = prior_of(codes)
    held = {strength: cross_validated(collections, codes, prior, strength) for strength in STRENGTHS}
    return max(held, key=lambda strength: held[strength].quality), held
