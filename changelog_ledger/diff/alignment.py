"""Which items of two sequences are the same ones, when equal items in equal order are. In about n log n time, whatever comes."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

_SMALL = 40_000
"""Number of possible pairs up to which difflib, whose time can grow with the cube, looks at a stretch."""

Pairs = list[tuple[int, int]]


def aligned(before: Sequence[Hashable], after: Sequence[Hashable]) -> Pairs:
    """Pairs of indices of equal items, both rising.

    Items that occur once on both sides are the landmarks (patience diff); between them common beginnings and ends are taken, and difflib
    does the small rest. A long rest without landmarks stays unpaired: it has changed as a whole.
    """
    pairs: Pairs = []
    stretches = [(0, len(before), 0, len(after))]
    while stretches:
        start, end, other_start, other_end = _trim(before, after, stretches.pop(), pairs)
        if start == end or other_start == other_end:
            continue
        old, new = before[start:end], after[other_start:other_end]
        if len(old) * len(new) <= _SMALL:
            pairs.extend((start + i, other_start + j) for i, j in _by_difflib(old, new))
            continue
        landmarks = [(start + i, other_start + j) for i, j in _landmarks(old, new)]
        pairs.extend(landmarks)
        stretches.extend(_between(landmarks, (start, end, other_start, other_end)))
    return sorted(pairs)


_Stretch = tuple[int, int, int, int]


def _trim(before: Sequence[Hashable], after: Sequence[Hashable], stretch: _Stretch, pairs: Pairs) -> _Stretch:
    """The stretch without its common beginning and end, which go to ``pairs``."""
    start, end, other_start, other_end = stretch
    while start < end and other_start < other_end and before[start] == after[other_start]:
        pairs.append((start, other_start))
        start, other_start = start + 1, other_start + 1
    while start < end and other_start < other_end and before[end - 1] == after[other_end - 1]:
        end, other_end = end - 1, other_end - 1
        pairs.append((end, other_end))
    return start, end, other_start, other_end


def _between(landmarks: Pairs, stretch: _Stretch) -> list[_Stretch]:
    """The stretches between the landmarks; none when there are no landmarks."""
    if not landmarks:
        return []
    start, end, other_start, other_end = stretch
    lefts = [(start, other_start), *((i + 1, j + 1) for i, j in landmarks)]
    rights = [*landmarks, (end, other_end)]
    return [(left[0], right[0], left[1], right[1]) for left, right in zip(lefts, rights, strict=True)]


def _by_difflib(before: Sequence[Hashable], after: Sequence[Hashable]) -> Pairs:
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]


def _landmarks(before: Sequence[Hashable], after: Sequence[Hashable]) -> Pairs:
    """The items that occur once on both sides, as many of them as stand in the same order."""
    once_before = {item for item, count in Counter(before).items() if count == 1}
    where = {item: index for index, item in enumerate(after)}
    once_after = {item for item, count in Counter(after).items() if count == 1}
    common = [(index, where[item]) for index, item in enumerate(before) if item in once_before and item in once_after]
    return [common[position] for position in longest_rising([other for _, other in common])]


def longest_rising(values: Sequence[int]) -> list[int]:
    """The positions of a longest strictly rising subsequence (patience sorting)."""
    tails: list[int] = []
    tops: list[int] = []
    previous: list[int] = []
    for position, value in enumerate(values):
        pile = bisect_left(tails, value)
        previous.append(tops[pile - 1] if pile else -1)
        tails[pile : pile + 1] = [value]
        tops[pile : pile + 1] = [position]
    chain: list[int] = []
    position = tops[-1] if tops else -1
    while position >= 0:
        chain.append(position)
        position = previous[position]
    return chain[::-1]
