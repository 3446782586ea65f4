"""Which field of operations a text speaks of, by words that were learnt from how people talk.

Naive Bayes (Maron 1961): each word adds what it speaks for each field, and the chances of the fields are the softmax of the sums. The table is
learnt by ``benchmarks/ranking`` (``--listen``) from complaints, titles of work and traces of it in machines, labelled by field. No model is
downloaded: it is a table of words, in :mod:`~changelog_ledger.investigation.learnt_words`, that one can read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from changelog_ledger.investigation.learnt_words import LEARNT


class Table(Enum):
    """Whose words: people complain in other words than engineers work."""

    COMPLAINTS = "complaint"
    WORK = "work"


Chances = Mapping[str, float]
"""Field → how likely a text speaks of it, 0 to 1, among all fields. A field that is missing is as unlikely as any that no word spoke for."""


def chances(bag: Mapping[str, float], table: Table) -> Chances:
    """What a text speaks of.

    :param bag: word → how much it counts, 0 to 1.
    """
    fields, tables = _learnt()
    sums: dict[str, float] = {}
    for word, counts in bag.items():
        for field, much in tables[table].get(word, ()):
            sums[field] = sums.get(field, 0.0) + counts * much
    strengths = {field: math.exp(total) for field, total in sums.items()}
    whole = len(fields) - len(strengths) + math.fsum(strengths.values())
    return {field: strength / whole for field, strength in strengths.items()}


_Words = Mapping[str, tuple[tuple[str, float], ...]]


@lru_cache(maxsize=1)
def _learnt() -> tuple[tuple[str, ...], Mapping[Table, _Words]]:
    """The names of the fields, and the words of each table."""
    first, *lines = LEARNT.splitlines()
    fields = tuple(first.split("\t")[1:])
    words: dict[Table, dict[str, tuple[tuple[str, float], ...]]] = {table: {} for table in Table}
    tables = {table.value: found for table, found in words.items()}
    for line in lines:
        table, word, told = line.split("\t")
        pairs = (each.split(":") for each in told.split(" "))
        tables[table][word] = tuple((fields[int(number)], float(much)) for number, much in pairs)
    return fields, words
