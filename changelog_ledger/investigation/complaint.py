"""The complaint, understood as far as words go: what is said to fail, what is said to work, where, and how late somebody noticed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from changelog_ledger.investigation.subjects import subjects_of_symptom
from changelog_ledger.investigation.vocabulary import GENERAL, PARTLY, words_of

_CLAUSE = re.compile(r"[,;.]\s+|\b(?:but|while|whereas|although|however)\b", re.IGNORECASE)
_WORKS = re.compile(
    r"\b(?:works?|working|fine|healthy|ok|okay|unaffected|not affected|normal(?:ly)?|answers?|no problems?|as usual|up and running|reachable)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not(?! affected)|no(?! problem)|never|cannot|hardly|nothing|neither)\b|n't\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\b(?:since|for|after|within|in) (?:(?:about|around|the|this|last|a|an|some|few|couple of|one|two|half|\d+) )*"
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|morning|evening|night|noon|yesterday|today)\b(?: ago)?"
    r"|\b(?:few|\d+|one|couple of) (?:seconds?|minutes?|hours?|days?)(?: ago)?\b",
    re.IGNORECASE,
)
"""When it began or how long it lasts: ``since a few minutes`` is no complaint about clocks."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody said about the trouble.

    :ivar text: in their words.
    :ivar failing: the words of the clauses that say what fails, without those that every complaint has.
    :ivar working: the words of the clauses that say what works, without those of ``failing``.
    :ivar subjects: name of a subject that the complaint points to → how surely, 0 to 1.
    :ivar partly: whether it says that a part is hit only.
    """

    text: str
    failing: frozenset[str]
    working: frozenset[str]
    subjects: Mapping[str, float]
    partly: bool


def understood(text: str) -> Complaint:
    """A complaint from its text. ``over IPv4 nothing, over IPv6 it still answers`` fails over IPv4 and works over IPv6."""
    clauses = [clause for clause in _CLAUSE.split(text) if clause.strip()]
    works = [clause for clause in clauses if _WORKS.search(clause) and not _NOT.search(clause)]
    fails = [clause for clause in clauses if clause not in works] or [text]
    failing = words_of(_WHEN.sub(" ", " ".join(fails)))
    return Complaint(
        text=text,
        failing=failing - GENERAL,
        working=words_of(" ".join(works)) - failing - GENERAL if works else frozenset(),
        subjects=subjects_of_symptom(failing),
        partly=bool(PARTLY.search(" ".join(fails))),
    )
