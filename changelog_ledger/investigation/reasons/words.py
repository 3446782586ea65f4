"""Reasons of words: whether the complaint points to it, and what kind of work it was."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Bag, Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.subjects import telling_of_things
from changelog_ledger.investigation.telling_words import Table, chances
from changelog_ledger.investigation.vocabulary import HARMLESS, MORE_ROOM, OUT_OF_USE, words_of

_VERSIONS = re.compile(r"(?<![\w.])(?:\d+:)?(\d+)\.\d[\w.+~:-]* (?:->|→|to) (?:\d+:)?(\d+)\.\d")
_MOST_WORDS = 4
_LEAST = 0.05
_MUCH = 1.0
"""The sum of rarities of a field's words from which on a candidate is all about that field."""

_DOUBT = 1.5
"""A complaint that half points to a field says less than half."""

_SURE = 2.0
"""Work of which a subject is likelier than one in so many is sure to be of it."""

_ENOUGH = 1.2
"""The sum of rarities from which on more words say nothing more."""


def complaint_subject(candidate: Candidate, context: Context) -> Finding | None:
    """The complaint is of the kind that such a thing causes: it points to a field, and the candidate speaks of that field, mainly, in rare words."""
    subject, value = subject_of_complaint(context.words[candidate.id], context)
    return Finding("symptom-subject", value, f"the symptom points to {subject}") if value >= _LEAST else None


def subject_of_complaint(bag: Bag, context: Context) -> tuple[str, float]:
    """The subject of the complaint that some words speak of best, and how well they fit, 0 to 1.

    The mean of two opinions: of the words that are listed for a subject, and of how people talk who complain of it and who work on it.
    """
    if not context.complaint.subjects and not context.complaint.talk:
        return "", 0.0
    listed, learnt = _best(_fits_as_listed(bag, context)), _best(_fits_as_learnt(bag, context))
    return max(listed, learnt, key=lambda found: found[1])[0], (listed[1] + learnt[1]) / 2


def _best(fits: Mapping[str, float]) -> tuple[str, float]:
    """The subject that fits best, the first by name of several; nothing if none does."""
    best = max(sorted(fits), key=lambda subject: fits[subject], default="")
    return best, fits.get(best, 0.0)


def _fits_as_listed(bag: Bag, context: Context) -> dict[str, float]:
    """How well some words fit the subjects of the complaint, by the lists of words."""
    spoken_of = _subjects_spoken_of(bag, context.rarity)
    most = max(spoken_of.values(), default=0.0)
    return {subject: _fit(spoken_of[subject], most, sure) for subject, sure in context.complaint.subjects.items() if subject in spoken_of}


def _fits_as_learnt(bag: Bag, context: Context) -> dict[str, float]:
    """The same by how people talk: as likely as a complaint speaks of a subject, where the work is sure to be of that."""
    work = chances(bag, Table.WORK)
    return {subject: likely * min(1.0, _SURE * work[subject]) for subject, likely in context.complaint.talk.items() if subject in work}


def _subjects_spoken_of(bag: Bag, rarity: Mapping[str, float]) -> dict[str, float]:
    """How much some words speak of each subject: the rarer the word, and the fewer subjects have it, the more."""
    found: dict[str, float] = {}
    for word, weight in bag.items():
        for subject, telling in telling_of_things(word):
            found[subject] = found.get(subject, 0.0) + rarity.get(word, 1.0) * weight * telling
    return found


def _fit(said: float, most: float, sure: float) -> float:
    """How well a candidate that says so much of a subject, and ``most`` of any, fits a complaint that points to it with so much certainty, 0 to 1."""
    return min(1.0, said / _MUCH) * said / most * math.pow(sure, _DOUBT)


def works(candidate: Candidate, context: Context) -> Finding | None:
    """It is about what the complaint says to work."""
    bag = context.words[candidate.id]
    value = min(1.0, _said(context.complaint.working, bag, context) / _ENOUGH)
    if value < _LEAST:
        return None
    return Finding("said-to-work", value, f"the symptom says that {_quoted(context.complaint.working & bag.keys(), context)} works")


def _said(words: frozenset[str], bag: Bag, context: Context) -> float:
    return sum(context.rarity[word] * bag[word] for word in words & bag.keys())


def _quoted(words: Iterable[str], context: Context) -> str:
    """The rarest of some words as the complaint wrote them."""
    written = _as_written(context.complaint.text)
    rarest = sorted(words, key=lambda word: (-context.rarity[word], word))[:_MOST_WORDS]
    return ", ".join(repr(written.get(word, word)) for word in rarest)


@lru_cache(maxsize=8)
def _as_written(text: str) -> Mapping[str, str]:
    """The words of a text as it wrote them."""
    return {next(iter(words_of(word)), ""): word for word in re.findall(r"[A-Za-z]+|\d+", text)}


def more_room(candidate: Candidate, context: Context) -> Finding | None:
    """It gives more room, which seldom takes away what worked."""
    return Finding("more-room", 1.0, "it gives more room than there was") if MORE_ROOM.search(candidate.title) else None


def out_of_use(candidate: Candidate, context: Context) -> Finding | None:
    """It is about what was out of use, as it says."""
    return Finding("out-of-use", 1.0, "about something that is said to be out of use") if OUT_OF_USE.search(candidate.title) else None


def harmless(candidate: Candidate, context: Context) -> Finding | None:
    """Dashboards, rotation, comments and the like seldom break anything at run time."""
    change = candidate.change
    found = _harmless_words((candidate.title, *change.category)) if change else HARMLESS & context.words[candidate.id].keys()
    if not found:
        return None
    return Finding("harmless-kind", 2 / 3 if len(found) == 1 else 1.0, "work of a kind that seldom breaks anything at run time")


def _harmless_words(texts: Iterable[str]) -> frozenset[str]:
    """Hardly any text has one: to put all words of several together first is slower."""
    return frozenset([word for text in texts for word in HARMLESS & words_of(text)])


def big_step(candidate: Candidate, context: Context) -> Finding | None:
    """A new major version."""
    for piece in candidate.evidence[:50]:
        found = next((match for match in _VERSIONS.finditer(piece.summary) if match[1] != match[2]), None)
        if found:
            return Finding("major-version", 1.0, f"a new major version: {found[1]} to {found[2]}")
    return None
