"""An inverted index: which of many things, in their order, have one of some keys; read only as far as somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping
from heapq import merge


class InvertedIndex:
    """The numbers of things by their keys (Zobel and Moffat 2006: the postings of each term, in order)."""

    def __init__(self, keys_of_each: Iterable[Iterable[Hashable]]) -> None:
        self._postings: Mapping[Hashable, list[int]] = _postings(keys_of_each)

    def having(self, keys: Iterable[Hashable], first: int) -> Iterator[int]:
        """The numbers, from ``first`` on and ascending, of the things that have one of ``keys``; each once."""
        last = -1
        for number in merge(*(_from(self._postings[key], first) for key in keys if key in self._postings)):
            if number != last:
                yield number
            last = number


def _postings(keys_of_each: Iterable[Iterable[Hashable]]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for number, keys in enumerate(keys_of_each):
        for key in keys:
            found.setdefault(key, []).append(number)
    return found


def _from(numbers: list[int], first: int) -> Iterator[int]:
    return (numbers[place] for place in range(bisect_left(numbers, first), len(numbers)))
