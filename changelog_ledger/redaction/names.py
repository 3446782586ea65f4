"""Whether a name says that its value is a secret: ``db_password`` does, ``password_file`` does not."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from changelog_ledger.redaction import words as lists

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+|(?<=[A-Za-z])(?=\d+$)")


class Says(Enum):
    """What a name says of its value."""

    NOTHING = "nothing"
    PERHAPS = "perhaps"
    SECRET = "secret"


@lru_cache(maxsize=16384)
def says(name: bytes) -> Says:
    """Judge a name by its words, the last one that tells something first."""
    words = _telling(name)
    if not words or words[-1] in lists.TELLS_OTHERWISE or words[-1] in lists.NO_SECRETS:
        return Says.NOTHING
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if before in lists.NAMES_A_SECRET_BEFORE or not lists.PUBLIC.isdisjoint(words):
        return Says.NOTHING
    if (last == "pass" and before in lists.NOT_A_PASSWORD_BEFORE) or (last == "tokens" and before in lists.COUNTED_TOKENS_BEFORE):
        return Says.NOTHING
    if last == "credential" and before in lists.NAMED_CREDENTIALS_BEFORE:
        return Says.NOTHING
    if last in lists.STRONG_WORDS or last.endswith(lists.STRONG_ENDINGS):
        return Says.SECRET
    if (last in ("key", "keys") and before in lists.KEY_OWNERS) or (last == "salt" and before in lists.SALTS_BEFORE):
        return Says.SECRET
    if last in lists.WEAK_WORDS:
        return Says.PERHAPS
    return Says.SECRET if _told_earlier(words) else Says.NOTHING


@lru_cache(maxsize=16384)
def allows_space(name: bytes) -> bool:
    """Whether a value may follow this name after white space alone."""
    words = _telling(name)
    if not words:
        return False
    if name.startswith(b"-"):
        return says(name.lstrip(b"-")) is Says.SECRET
    if words[-1] in ("key", "keys"):
        return len(words) > 1 and words[-2] in lists.KEY_OWNERS
    return (words[-1] in lists.SPACE_WORDS or words[-1].endswith(lists.STRONG_ENDINGS)) and (words[-1] not in ("pass", "token") or len(words) > 1)


@lru_cache(maxsize=16384)
def tells_otherwise(name: bytes) -> bool:
    """Whether a name below ``credentials:`` is about something else: ``username``, ``host``, ``expires``."""
    words = words_of(name)
    return bool(words) and (words[-1] in lists.TELLS_OTHERWISE or words[-1] in lists.LEAF_TELLS_OTHERWISE)


def words_of(name: bytes) -> tuple[str, ...]:
    """The words of an identifier, lower case: ``dbPassword`` and ``db-password`` are the same."""
    return tuple(word.lower() for word in _BOUNDARY.split(name.decode("latin-1")) if word)


def _telling(name: bytes) -> tuple[str, ...]:
    """The words without what changes nothing at their end."""
    words = words_of(name)
    while words and (words[-1].isdigit() or words[-1] in lists.NEUTRAL_WORDS):
        words = words[:-1]
    return words


def _told_earlier(words: tuple[str, ...]) -> bool:
    """``DB_PASSWORD_PROD``: a telling word further in front, in the spelling of environment variables, and nothing that tells otherwise after it."""
    told = [place for place, word in enumerate(words) if word in ("password", "passwd", "passphrase", "secret", "token", "apikey")]
    return bool(told) and len(words) - told[-1] <= 3 and not any(word in lists.TELLS_OTHERWISE for word in words[told[-1] :])
