"""The complaint, understood as far as words go: what is said to fail, what is said to work, where, and how late somebody noticed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from changelog_ledger.investigation.subjects import subjects_of_symptom
from changelog_ledger.investigation.telling_words import Table, chances
from changelog_ledger.investigation.vocabulary import GENERAL, PARTLY, words_of

_LEAST = 0.05
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
    :ivar subjects: name of a subject that the complaint's words are listed for → how surely, 0 to 1.
    :ivar talk: the same by how people talk who complain of that: how likely, beside the likeliest.
    :ivar partly: whether it says that a part is hit only.
    :ivar began: how long before it was said the trouble began, as it says: at the least, probably and at the most; empty if it says no such thing.
    """

    text: str
    failing: frozenset[str]
    working: frozenset[str]
    subjects: Mapping[str, float]
    talk: Mapping[str, float]
    partly: bool
    began: tuple[timedelta, ...] = ()


def understood(text: str) -> Complaint:
    """A complaint from its text. ``over IPv4 nothing, over IPv6 it still answers`` fails over IPv4 and works over IPv6."""
    clauses = [clause for clause in _CLAUSE.split(text) if clause.strip()]
    works = [clause for clause in clauses if _WORKS.search(clause) and not _NOT.search(clause)]
    fails = [clause for clause in clauses if clause not in works] or [text]
    failing = words_of(_WHEN.sub(" ", " ".join(fails)))
    talk = chances(dict.fromkeys(failing - GENERAL, 1.0), Table.COMPLAINTS)
    likeliest = max(talk.values(), default=1.0)
    return Complaint(
        text=text,
        failing=failing - GENERAL,
        working=words_of(" ".join(works)) - failing - GENERAL if works else frozenset(),
        subjects=subjects_of_symptom(failing),
        talk={subject: chance / likeliest for subject, chance in talk.items() if chance / likeliest >= _LEAST},
        partly=bool(PARTLY.search(" ".join(fails))),
        began=said_to_have_begun(text),
    )


_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_NUMBERS = {"an": 1.0, "a": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "half an": 0.5}
_SEVERAL = {"a few": 3.0, "few": 3.0, "some": 3.0, "several": 4.0, "a couple of": 2.0, "couple of": 2.0}
_HOW_MANY = "|".join([*_SEVERAL, *sorted(_NUMBERS, key=len, reverse=True), r"\d{1,4}"])
_LENGTH = rf"({_HOW_MANY}) ({'|'.join(_UNITS)})s?"
_SO_LONG = re.compile(rf"\b(?:since|for)(?: (?:about|around|almost|over|more than|the last|the past))* {_LENGTH}\b|\b{_LENGTH} ago\b", re.IGNORECASE)
_PARTS_OF_DAY = (
    (re.compile(r"\bsince (?:last |the |this )?night\b", re.IGNORECASE), (2, 6, 14)),
    (re.compile(r"\bsince (?:the |this |early |late )*morning\b", re.IGNORECASE), (0.5, 2, 8)),
    (re.compile(r"\bsince (?:the |this |early |late )*(?:noon|afternoon|evening)\b", re.IGNORECASE), (1, 4, 8)),
    (re.compile(r"\bsince yesterday\b", re.IGNORECASE), (8, 18, 36)),
)
"""What is said of a part of the day, in hours: nobody knows in which zone people live, nor when they get up."""

_WORTH_SAYING = timedelta(minutes=30)
"""Of shorter times people say more and less than they mean."""


def said_to_have_begun(text: str) -> tuple[timedelta, ...]:
    """How long before it was said the trouble began, as a complaint says (``since the evening``, ``for two days``): least, probably, most."""
    found = _SO_LONG.search(text)
    if found:
        number, unit = (part.lower() for part in found.groups() if part)
        likely = (_NUMBERS.get(number) or _SEVERAL.get(number) or float(number)) * _UNITS[unit]
        return (likely / 2, likely, likely * 2) if likely >= _WORTH_SAYING else ()
    hours = next((hours for pattern, hours in _PARTS_OF_DAY if pattern.search(text)), ())
    return tuple(timedelta(hours=each) for each in hours)
