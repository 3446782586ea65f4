"""Whether a name says that its value is a secret: ``db_password`` does, ``password_file`` does not."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from changelog_ledger.redaction import rules

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+|(?<=[A-Za-z])(?=\d+$)")


class Says(Enum):
    """What a name says of its value."""

    NOTHING = "nothing"
    PERHAPS = "perhaps"
    SECRET = "secret"


@lru_cache(maxsize=16384)
def says(name: bytes) -> Says:
    """Judge a name by its words, the last one that tells something first."""
    words = words_of(name)
    while words and (words[-1].isdigit() or words[-1] in rules.NEUTRAL_WORDS):
        words = words[:-1]
    if not words or words[-1] in rules.TELLS_OTHERWISE:
        return Says.NOTHING
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "pass" and before in rules.NOT_A_PASSWORD_BEFORE:
        return Says.NOTHING
    if last in rules.STRONG_WORDS or last.endswith(rules.STRONG_ENDINGS):
        return Says.SECRET
    if last in ("key", "keys") and before in rules.KEY_OWNERS:
        return Says.SECRET
    if last in rules.WEAK_WORDS:
        return Says.PERHAPS
    return Says.SECRET if _told_earlier(words) else Says.NOTHING


@lru_cache(maxsize=16384)
def allows_space(name: bytes) -> bool:
    """Whether a value may follow this name after white space alone."""
    words = words_of(name)
    return bool(words) and (words[-1] in rules.SPACE_WORDS or words[-1].endswith(rules.STRONG_ENDINGS)) and (words[-1] != "pass" or len(words) > 1)


def words_of(name: bytes) -> tuple[str, ...]:
    """The words of an identifier, lower case: ``dbPassword`` and ``db-password`` are the same."""
    return tuple(word.lower() for word in _BOUNDARY.split(name.decode("latin-1")) if word)


def _told_earlier(words: tuple[str, ...]) -> bool:
    """``DB_PASSWORD_PROD``: a telling word further in front, in the spelling of environment variables, and nothing that tells otherwise after it."""
    told = [place for place, word in enumerate(words) if word in ("password", "passwd", "passphrase", "secret", "token", "apikey")]
    return bool(told) and len(words) - told[-1] <= 3 and not any(word in rules.TELLS_OTHERWISE for word in words[told[-1] :])
