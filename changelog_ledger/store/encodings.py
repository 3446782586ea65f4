"""How values lie in columns: the same on every database, and whichever library writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from changelog_ledger.store.plain import plain_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DECODER = json.JSONDecoder()

INSTANTS = frozenset(("at", "previous_at", "not_before", "mtime", "occurred_at", "recorded_at"))
"""Columns of the tables ``fact``, ``snapshot``, ``delta`` and ``expected`` that hold an instant; a test compares them with the tables."""

JSON_VALUES = frozenset(("unread", "left_out", "expected", "before", "after"))
"""Columns of those tables that hold a JSON value."""


def microseconds(value: datetime | None) -> int | None:
    """An aware datetime as whole microseconds since 1970 UTC: exact, sortable and the same on every database."""
    return None if value is None else (value - _EPOCH) // _MICROSECOND


def instant(value: int | None) -> datetime | None:
    """The datetime that :func:`microseconds` gave."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def json_text(value: Any) -> str | None:
    """A JSON value as ASCII text, so that NUL and lone surrogates survive on every database. None is no value."""
    return None if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"))


def json_value(value: str | None) -> Any:
    """The value that :func:`json_text` wrote."""
    return None if value is None else _DECODER.raw_decode(value)[0]  # nothing stands around it, so nothing is to be skipped


def encoded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of ``fact``, ``snapshot``, ``delta`` or ``expected`` as its columns hold it."""
    return {name: _ENCODERS.get(name, _plain)(value) for name, value in row.items()}


def decoded(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row that :func:`encoded` gave."""
    return {name: _DECODERS[name](value) if name in _DECODERS else value for name, value in row.items()}


def _plain(value: Any) -> Any:
    return plain_text(value) if isinstance(value, str) else value


_ENCODERS: Mapping[str, Callable[[Any], Any]] = {**dict.fromkeys(INSTANTS, microseconds), **dict.fromkeys(JSON_VALUES, json_text)}
_DECODERS: Mapping[str, Callable[[Any], Any]] = {**dict.fromkeys(INSTANTS, instant), **dict.fromkeys(JSON_VALUES, json_value)}
