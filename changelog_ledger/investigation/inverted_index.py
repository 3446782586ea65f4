"""An inverted index: which of many things, in their order, have one of some keys; read only as far as somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from heapq import merge


class InvertedIndex:
    """The numbers of things by their keys (Zobel and Moffat 2006: the postings of each term, in order)."""

    def __init__(self, keys_of_each: Iterable[Iterable[Hashable]]) -> None:
        self._postings: Mapping[Hashable, list[int]] = _postings(keys_of_each)

    def having(self, keys: Set[Hashable], first: int) -> Iterator[int]:
        """The numbers, from ``first`` on and ascending, of the things that have one of ``keys``; each once."""
        found = [_from(self._postings[key], first) for key in self._postings.keys() & keys]
        return found[0] if len(found) == 1 else _each_once(merge(*found))


def _each_once(numbers: Iterable[int]) -> Iterator[int]:
    """Ascending numbers without those that are there again."""
    last = -1
    for number in numbers:
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
