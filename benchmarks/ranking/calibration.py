"""From the signals of a ranked list to chances: that the first suspect is the cause, and that the cause is among the suspects at all.

Two logistic regressions over the verdict's own signals, drawn towards zero (L2), fitted to ranked lists whose weights had not seen their case.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.ranking.fit import Held
from changelog_ledger.investigation.suspects import in_order
from changelog_ledger.investigation.verdict import signals

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)
FOLDS = 10
CLEAR, LIKELY = 0.8, 0.5
"""What the two words promise; they are set, and what is fitted is the chance that they are compared with."""

MOST_FALSE_ALARMS = 0.04
"""In so many cases with a cause it may be said that nothing explains the trouble."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """One ranked list: its signals, whether its first is the truth, whether the truth is in it, and how much the case counts."""

    signals: Mapping[str, float]
    first: bool
    anything: bool
    share: float


@dataclass(frozen=True)
class Calibration:
    """What the verdict needs.

    :ivar first, anything: signal → weight.
    :ivar nothing: the chance below which nothing explains the trouble.
    :ivar middle, steepness: of the score: which sum culprits and innocents have equally often, and how fast it tips beyond.
    """

    first: Mapping[str, float]
    anything: Mapping[str, float]
    nothing: float
    middle: float
    steepness: float
    clear: float = CLEAR
    likely: float = LIKELY


def seen_in(held: Held) -> list[Seen]:
    """Every case, ranked by weights that had not seen it. The collections count alike."""
    filled = [len(cases) for cases in held.cases if cases]
    found = []
    for cases, used in zip(held.cases, held.weights, strict=True):
        for case, weights in zip(cases, used, strict=True):
            suspects = case.suspects(weights)
            rank = case.rank(suspects) if case.findable else None
            found.append(Seen(signals(suspects), rank == 1, case.findable, math.sqrt(sum(filled) / len(filled) / len(cases))))
    return found


def calibrated(held: Held) -> Calibration:
    """Both regressions, and the threshold of "nothing", from chances that each list got without having been looked at."""
    lists = seen_in(held)
    first = logistic(lists, [each.first for each in lists], _best_strength(lists, [each.first for each in lists]))
    there = [each.anything for each in lists]
    strength = _best_strength(lists, there)
    chances = out_of_fold(lists, there, strength)
    middle, steepness = _scoring(held)
    return Calibration(first, logistic(lists, there, strength), _threshold(chances, there), middle, steepness)


def _scoring(held: Held) -> tuple[float, float]:
    """Which sum culprits and innocents have equally often, and how fast it tips beyond: a logistic over all candidates, both sorts alike."""
    sums, guilty = [], []
    for cases, used in zip(held.cases, held.weights, strict=True):
        for case, weights in zip(cases, used, strict=True):
            for standing in in_order(case.weighed, weights):
                sums.append(standing.total)
                guilty.append(case.is_guilty(standing.candidate))
    values, wanted = np.array(sums), np.where(np.array(guilty), 1.0, -1.0)
    shares = np.where(wanted > 0, 0.5 / max(1, (wanted > 0).sum()), 0.5 / max(1, (wanted < 0).sum()))

    def loss(line: Array) -> tuple[float, Array]:
        margins = wanted * (line[0] + line[1] * values)
        wrong = -shares * wanted / (1 + np.exp(np.clip(margins, -50, 50)))
        return float(shares @ np.logaddexp(0, -margins)), np.array([wrong.sum(), wrong @ values])

    constant, slope = minimize(loss, np.array([-2.0, 1.0]), jac=True, method="L-BFGS-B").x
    return round(float(-constant / slope), 2), round(float(slope), 2)


def logistic(lists: Sequence[Seen], answers: Sequence[bool], strength: float) -> dict[str, float]:
    """The weights of the signals, two decimals; the constant is not drawn anywhere."""
    names = sorted({name for each in lists for name in each.signals})
    values = np.array([[each.signals.get(name, 0.0) for name in names] for each in lists])
    wanted = np.where(np.array(answers), 1.0, -1.0)
    shares = np.array([each.share for each in lists])
    shares = shares / shares.sum()
    drawn = np.array([0.0 if name == "constant" else strength for name in names])

    def loss(weights: Array) -> tuple[float, Array]:
        margins = wanted * (values @ weights)
        wrong = 1 / (1 + np.exp(np.clip(margins, -50, 50)))
        gradient = -(values.T @ (shares * wanted * wrong)) + drawn * weights
        return float(shares @ np.logaddexp(0, -margins) + (drawn * weights) @ weights / 2), gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B")
    return {name: round(float(weight), 2) + 0.0 for name, weight in zip(names, found.x, strict=True)}


def chance(seen: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The logistic of the weighted signals."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, sum(weights.get(name, 0.0) * value for name, value in seen.items())))))


def out_of_fold(lists: Sequence[Seen], answers: Sequence[bool], strength: float) -> list[float]:
    """The chance of each list by a regression that had not seen it."""
    by_fold = []
    for fold in range(FOLDS):
        places = [place for place in range(len(lists)) if place % FOLDS != fold]
        by_fold.append(logistic([lists[place] for place in places], [answers[place] for place in places], strength))
    return [chance(each.signals, by_fold[place % FOLDS]) for place, each in enumerate(lists)]


def _best_strength(lists: Sequence[Seen], answers: Sequence[bool]) -> float:
    def quality(strength: float) -> float:
        chances = out_of_fold(lists, answers, strength)
        return sum(each.share * math.log(max(1e-9, p if yes else 1 - p)) for each, p, yes in zip(lists, chances, answers, strict=True))

    return max(STRENGTHS, key=quality)


def _threshold(chances: Sequence[float], there: Sequence[bool]) -> float:
    """As high as the false alarms allow: the more is recognized."""
    with_cause = sorted(chance for chance, yes in zip(chances, there, strict=True) if yes)
    if not with_cause or all(there):
        return 0.0
    return math.floor(100 * with_cause[int(MOST_FALSE_ALARMS * len(with_cause))]) / 100
