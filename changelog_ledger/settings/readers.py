"""How values of TOML files are read: each reader gives the value, or says in a :class:`ValueError` or :class:`TypeError` why it will not do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from reprlib import Repr
from typing import Any, TypeVar

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.times import parse_duration

_SHOWN = 200
"""Characters of a value in an error: whoever wrote the file may have written a megabyte."""
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = _SHOWN
_SHORT.maxdict = _SHORT.maxlist = 20

Word = TypeVar("Word", bound=StrEnum)


def read_field(known: Mapping[str, Callable[[Any], Any]], name: str, given: Any) -> Any:
    """The value of one field of a table, by the reader that its name has.

    :raises ValueError: naming the field, if it is not known or its value will not do.
    """
    if name not in known:
        raise ValueError(f"has an unknown field {shown(name)}")
    try:
        return known[name](given)
    except (ValueError, TypeError, InvalidInput) as error:
        raise ValueError(f"{name} = {shown(given)} will not do: {error}") from error


def shown(value: Any) -> str:
    """A value as an error names it: on one line and in a few words, whatever it is."""
    text = _SHORT.repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def as_table(value: Any) -> Mapping[str, Any]:
    """A TOML table."""
    if not isinstance(value, dict):
        raise TypeError(f"{shown(value)} is no table")
    return value


def as_text(value: Any) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{shown(value)} is no text that says something")
    return value


def as_texts(value: Any) -> tuple[str, ...]:
    """A list of such texts."""
    if not isinstance(value, list):
        raise TypeError('it has to be a list of texts, even of one: ["…"]')
    return tuple(as_text(entry) for entry in value)


def as_duration(value: Any) -> timedelta:
    """A length of time: ``2h``, ``30 min``."""
    return parse_duration(as_text(value))


def as_flag(value: Any) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise TypeError("it is true or false")
    return value


def one_of(words: type[Word]) -> Callable[[Any], Word]:
    """A reader of the words of an enumeration."""

    def read(value: Any) -> Word:
        try:
            return words(as_text(value))
        except ValueError as error:
            raise ValueError(f"it is one of {', '.join(words)}") from error

    return read


def word_of(words: Sequence[str]) -> Callable[[Any], str]:
    """A reader of one of these words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"it is one of {', '.join(words)}")
        return as_text(value)

    return read
