"""The least set of differences that still shows the trouble: delta debugging.

``ddmin`` of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE Transactions on Software Engineering 28(2), 2002): try
each of ever finer pieces of what is left, then all without each of them. It ends with a set of which no single part can be left out (1-minimal).
Where one part does it alone that is a binary search; where two are needed together, both are found. What cannot be told counts as not bad.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from changelog_ledger.model.bisection import Verdict

Subset = tuple[int, ...]
"""Numbers of parts, ascending."""


@dataclass(frozen=True, slots=True)
class Minimising:
    """Where a minimisation stands.

    :ivar smallest: the least set so far that is bad.
    :ivar pending: what is to be tried next; None if ``smallest`` is the answer.
    :ivar left: about how many trials there are to go.
    """

    smallest: Subset
    pending: Subset | None
    left: int


def minimised(count: int, known: Mapping[Subset, Verdict]) -> Minimising:
    """How far what is known brings us: the same answers give the same next step, whoever asks.

    :param count: how many parts there are; all together are bad, none of them is good.
    :param known: what was tried already.
    """
    smallest = tuple(range(count))
    steps = _steps(smallest)
    try:
        current, subset = next(steps)
        while subset in known:
            current, subset = steps.send(known[subset] is Verdict.BAD)
    except StopIteration as end:
        return Minimising(end.value, None, 0)
    return Minimising(current, subset, 2 * (len(current) - 1).bit_length() or 1)


def _steps(smallest: Subset) -> Generator[tuple[Subset, Subset], bool, Subset]:
    """Yields the least set so far and the subset to try, is sent whether that is bad, and returns the least set."""
    pieces = min(2, len(smallest))
    while len(smallest) > 1:
        chunks = _divided(smallest, pieces)
        for subset, next_pieces in _attempts(smallest, chunks):
            if (yield smallest, subset):
                smallest, pieces = subset, min(next_pieces, len(subset))
                break
        else:
            if pieces == len(smallest):
                return smallest
            pieces = min(len(smallest), 2 * pieces)
    return smallest


def _attempts(whole: Subset, chunks: list[Subset]) -> list[tuple[Subset, int]]:
    """Each piece, then all without it; and into how many pieces to go on if it is bad. Of two pieces the one is the other's rest."""
    rests = [tuple(part for part in whole if part not in chunk) for chunk in map(frozenset, chunks)] if len(chunks) > 2 else []
    return [*((chunk, 2) for chunk in chunks), *((rest, max(len(chunks) - 1, 2)) for rest in rests)]


def _divided(whole: Subset, pieces: int) -> list[Subset]:
    edges = [len(whole) * number // pieces for number in range(pieces + 1)]
    return [whole[start:end] for start, end in pairwise(edges)]
