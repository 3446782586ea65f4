"""Reasons of words: whether the complaint points to it, and what kind of work it was."""

from __future__ import annotations

import re

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context, own_words
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.vocabulary import HARMLESS, RISKY_SUBJECTS, words_of

_VERSIONS = re.compile(r"(?<![\w.])(?:\d+:)?(\d+)\.\d[\w.+~:-]* (?:->|→|to) (?:\d+:)?(\d+)\.\d")
_NAMED = 3
_MOST_WORDS = 4
_LEAST = 0.05


def complaint_subject(candidate: Candidate, context: Context) -> Finding | None:
    """The complaint is of the kind that such a thing causes."""
    shared = sorted(context.done[candidate.id] & context.subjects, key=lambda subject: (-context.rareness[subject], subject))
    if not shared:
        return None
    value = min(1.0, sum(context.rareness[subject] for subject in shared[:_NAMED]) / 0.8)
    return Finding("symptom-subject", value, f"the symptom points to {' and '.join(shared[:_NAMED])}")


def complaint_words(candidate: Candidate, context: Context) -> Finding | None:
    """Words of the complaint are words of the candidate; rare ones weigh more."""
    shared = sorted(context.symptom & context.words[candidate.id], key=lambda word: (-context.rarity[word], word))
    value = min(1.0, sum(context.rarity[word] ** 2 for word in shared[:_MOST_WORDS]) / 1.6)
    if value < _LEAST:
        return None
    written = {next(iter(words_of(word)), ""): word for word in re.findall(r"[A-Za-z]+|\d+", context.complaint)}
    named = ", ".join(repr(written.get(word, word)) for word in shared[:_MOST_WORDS])
    return Finding("symptom-words", value, f"the symptom names {named}")


def risk_class(candidate: Candidate, context: Context) -> Finding | None:
    """Some things break services more often than others."""
    risky = sorted(context.done[candidate.id] & RISKY_SUBJECTS, key=lambda subject: (-context.rareness[subject], subject))
    return Finding("risk-class", 1.0, f"touches {risky[0]}") if risky else None


def harmless(candidate: Candidate, context: Context) -> Finding | None:
    """Dashboards, rotation, comments and the like seldom break anything at run time."""
    words = words_of(f"{candidate.title} {' '.join(candidate.change.category)}") if candidate.change else own_words(candidate)
    found = sorted(words & HARMLESS)
    if not found:
        return None
    return Finding("harmless-kind", 2 / 3 if len(found) == 1 else 1.0, "work of a kind that seldom breaks anything at run time")


def big_step(candidate: Candidate, context: Context) -> Finding | None:
    """A new major version."""
    for piece in candidate.evidence[:50]:
        found = next((match for match in _VERSIONS.finditer(piece.summary) if match[1] != match[2]), None)
        if found:
            return Finding("major-version", 1.0, f"a new major version: {found[1]} to {found[2]}")
    return None
