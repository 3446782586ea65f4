"""Learns from how people talk which words tell of which field: complaints apart from work, for people complain in other words than engineers work.

Naive Bayes with Dirichlet smoothing (Zhai and Lafferty, SIGIR 2001): a word speaks for a field by the logarithm of how much more often it is used
there than everywhere. The words of :mod:`~changelog_ledger.investigation.subjects` count as if each had been said once. Words that were said once
only are left out. How strongly it is smoothed was chosen by how well texts of an author are told apart by those of the others, how much words of one
sentence depend on each other by the likelihood of generated cases as well.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import changelog_ledger
from changelog_ledger.investigation.subjects import SUBJECTS
from changelog_ledger.investigation.telling_words import Table
from changelog_ledger.investigation.vocabulary import words_of

TALK = Path(__file__).parent / "talk"
"""The texts, a file for each author."""

_SHARES = (1.0, 0.5, 0.35)
"""How much a complaint speaks of its first, second and third field."""

_KINDS = {"complaint": Table.COMPLAINTS, "work": Table.WORK, "trace": Table.WORK}
_PRIOR = 300.0  # words of a field are believed to be those of all fields, so many words long
_DEPENDENT = 0.8  # words of a sentence come together: each says less than it would alone
_LEAST_SAID, _LEAST = 1.5, 0.3

Said = tuple[Table, tuple[str, ...], frozenset[str]]
"""In what a text belongs, the fields that it speaks of, and its words."""


_LEARNT = Path(changelog_ledger.__file__).parent / "investigation" / "learnt_words.py"

_HEAD = '''"""Which words tell of which field, learnt from how people talk. Written by ``python -m benchmarks.ranking --listen``, never by hand.

A line with the names of the fields; then for each word its table, the word, and ``field:much`` for each field that it speaks for.
"""

LEARNT = """\\
'''


def listen(folder: Path = TALK) -> str:
    """The table of ``investigation/learnt_words.py``.

    :raises ValueError: if a line is not of the form that the folder's README says.
    """
    said = [*_talk(folder), *_lists()]
    fields = sorted(subject.name for subject in SUBJECTS)
    lines = ["\t".join(["fields", *fields])]
    number = {field: str(place) for place, field in enumerate(fields)}
    for table in Table:
        words = telling(text for text in said if text[0] is table)
        lines += [f"{table.value}\t{word}\t{_fields(words[word], number)}" for word in sorted(words)]
    return "\n".join(lines) + "\n"


def write() -> None:
    """Listen, and write the file that the program reads."""
    _LEARNT.write_text(f'{_HEAD}{listen()}"""\n', encoding="utf-8")


def telling(said: Iterable[Said]) -> dict[str, dict[str, float]]:
    """Word → field → how much it speaks for that."""
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for _, fields, words in said:
        shares = _SHARES[: len(fields)]
        for word in words:
            for field, share in zip(fields, shares, strict=True):
                counts[word][field] += share / sum(shares)
    whole = math.fsum(count for own in counts.values() for count in own.values())
    often = {word: math.fsum(own.values()) for word, own in counts.items()}
    found = {word: _told(own, _PRIOR * often[word] / whole) for word, own in counts.items() if often[word] >= _LEAST_SAID}
    return {word: own for word, own in found.items() if own}


def _told(counts: Mapping[str, float], expected: float) -> dict[str, float]:
    told = {field: round(_DEPENDENT * math.log1p(count / expected), 1) for field, count in counts.items()}
    return {field: much for field, much in told.items() if much >= _LEAST}


def _fields(told: Mapping[str, float], number: Mapping[str, str]) -> str:
    return " ".join(f"{number[field]}:{told[field]}" for field in sorted(told, key=lambda field: (-told[field], field)))


def _talk(folder: Path) -> Iterator[Said]:
    known = {subject.name for subject in SUBJECTS}
    for file in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            kind, fields, text = _parts(line, f"{file.name}:{number}")
            named = tuple(fields.split(";"))
            if kind not in _KINDS or not known.issuperset(named) or len(named) > len(_SHARES):
                raise ValueError(f"{file.name}:{number}: neither a complaint, work nor trace of known fields: {line}")
            yield _KINDS[kind], named, words_of(text)


def _parts(line: str, where: str) -> tuple[str, str, str]:
    parts = line.split("\t")
    if len(parts) != 3:
        raise ValueError(f"{where}: not three parts, separated by tabs: {line}")
    return parts[0], parts[1], parts[2]


def _lists() -> Iterator[Said]:
    for subject in SUBJECTS:
        yield Table.COMPLAINTS, (subject.name,), subject.symptoms
        yield Table.WORK, (subject.name,), subject.things
