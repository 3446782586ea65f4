"""From chances that each case got from a fit that had not seen it: how right they are, and from which on nothing is said to explain the trouble."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.ranking.fit import Held

CLEAR, LIKELY = 0.8, 0.5
"""What the two words promise."""

MOST_FALSE_ALARMS = 0.08
"""In so many cases with a cause it may be said that nothing explains the trouble."""

_STEPS = 5


@dataclass(frozen=True)
class Judged:
    """A case, ranked by weights that had not seen it.

    :ivar chance: of its first suspect, ``unrecorded`` of none of them.
    :ivar first: whether the first is the truth, ``anything`` whether the truth is among them.
    """

    chance: float
    unrecorded: float
    first: bool
    anything: bool


def judged(held: Held, place: int) -> list[Judged]:
    """The cases of a collection."""
    found = []
    for case, weights, rank in zip(held.cases[place], held.weights[place], held.ranks[place], strict=True):
        chance, unrecorded = case.chances(weights)
        found.append(Judged(chance, unrecorded, rank == 1, case.findable))
    return found


def threshold(cases: Sequence[Judged]) -> float:
    """The chance of something unrecorded from which on it is said: as low as the false alarms allow, for the more is recognized."""
    alarms = sorted((case.unrecorded for case in cases if case.anything), reverse=True)
    if not alarms or len(alarms) == len(cases):
        return 1.0
    return round(math.floor(100 * alarms[int(MOST_FALSE_ALARMS * len(alarms))]) / 100 + 0.01, 2)


def reliability(cases: Sequence[Judged]) -> Iterator[str]:
    """A line for each fifth of the chances: what was said of the first suspect, and how often it was the cause."""
    for step in range(_STEPS):
        own = [case for case in cases if step / _STEPS <= case.chance < (step + 1) / _STEPS or (case.chance == 1.0 and step == _STEPS - 1)]
        if own:
            said, was = sum(case.chance for case in own) / len(own), sum(case.first for case in own) / len(own)
            yield f"  chance {step / _STEPS:.1f} to {(step + 1) / _STEPS:.1f}  n={len(own):<4} said {said:4.0%}  was the cause {was:4.0%}"
