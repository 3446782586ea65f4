"""JSON values that nobody has checked: what they hold is taken where it is what it should be, and made fit for the record."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.times import parse_instant, utc

LONGEST_SUMMARY = 300
MOST_LISTED = 200
"""So many resources or paths are named; how many there are is counted besides."""

_LONGEST_TEXT = 1_000
_DEEPEST = 6
_MOST_ITEMS = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = 100_000_000_000
"""From here on an epoch time counts milliseconds: as seconds it would lie in the year 5138."""
_ZONE_NAME = re.compile(r"(?P<time>\d{4}-\d\d-\d\d) (?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?) ?(?P<zone>UTC|[+-]\d{4})")


class Unreadable(ValueError):
    """An entry is not what it should be; the text says what it lacks."""


def member(value: Any, *path: str) -> Any:
    """What lies at a path of objects; None where there is none."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(value: Any, *path: str) -> str:
    """The text at a path, in one line and not too long; a number as text; empty for anything else."""
    found = member(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    if isinstance(found, int):
        return str(found) if found.bit_length() < 128 else ""
    return " ".join(_plain(found).split())


def first_text(value: Any, *paths: str) -> str:
    """The first of several members (``a.b``) that holds a text."""
    return next((found for path in paths if (found := text(value, *path.split(".")))), "")


def items(value: Any, *path: str) -> Sequence[Any]:
    """The list at a path; empty where there is none."""
    found = member(value, *path)
    return found if isinstance(found, list) else ()


def number(value: Any, *path: str) -> int | None:
    """The whole number at a path."""
    found = member(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 2**53 else None


def time_in(value: Any, *paths: str) -> datetime | None:
    """The first of several members that holds a time: ISO 8601 with an offset, seconds or milliseconds since the epoch, as GitLab writes it.

    None where none is there, or it is Go's zero time (year 1).

    :raises Unreadable: for what is no time, or lacks its offset.
    """
    for path in paths:
        found = member(value, *path.split("."))
        if found in (None, "") or (isinstance(found, str) and found.startswith("0001-01-01")):
            continue
        return _time(found, path)
    return None


def needed_time(value: Any, *paths: str) -> datetime:
    """As :func:`time_in`, where there has to be one."""
    found = time_in(value, *paths)
    if found is None:
        raise Unreadable(f"it has no time: no {' and no '.join(paths)}")
    return found


def _time(written: Any, path: str) -> datetime:
    try:
        if isinstance(written, str):
            named = _ZONE_NAME.fullmatch(written.strip())
            return parse_instant(f"{named['time']}T{named['clock']}{named['zone'].replace('UTC', 'Z')}" if named else written)
        if isinstance(written, int | float) and not isinstance(written, bool) and math.isfinite(written):
            return utc(_EPOCH + timedelta(seconds=written / 1000 if abs(written) >= _MILLISECONDS else written))
    except (InvalidTime, OverflowError) as error:
        raise Unreadable(f"{path}: {error}") from error
    raise Unreadable(f"{path}: no time")


def one_line(words: str) -> str:
    """A summary: one line, cut where it is too long."""
    line = " ".join(_plain(words, LONGEST_SUMMARY * 4).split())
    return line if len(line) <= LONGEST_SUMMARY else line[: LONGEST_SUMMARY - 1] + "…"


def data_of(**members: Any) -> dict[str, Any]:
    """Data of an observation: what is unknown is left out, the rest is made fit for the record."""
    return {name: kept(value) for name, value in members.items() if value not in (None, "", (), [], {})}


def kept(value: Any, depth: int = 0) -> Any:
    """A JSON value fit for the record: no endless text, list or nesting, no number that JSON lacks, no half of a character."""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if abs(value) < 2**53 else _plain(str(value) if isinstance(value, float) else hex(value), 80)
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {_plain(str(name), 200): kept(inner, depth + 1) for name, inner in list(value.items())[:_MOST_ITEMS]}
    return [kept(inner, depth + 1) for inner in list(value)[: MOST_LISTED if depth == 0 else _MOST_ITEMS]]


def reference(kind: str, *parts: Any) -> str:
    """What something is known by: it follows from these parts alone."""
    return f"{kind}:{sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]}"


def bare_address(address: str) -> str:
    """A web address without what may be a secret in it: user, password, query and fragment. Empty for anything else."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return _plain(urlunsplit((parts.scheme, host + port, parts.path, "", ""))) if parts.scheme in ("http", "https") and host else ""


def counted(number: int, noun: str) -> str:
    """``1 alert``, ``3 alerts``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _plain(words: str, longest: int = _LONGEST_TEXT) -> str:
    """Text that every database can hold, not too long."""
    cut = words if len(words) <= longest else words[: longest - 1] + "…"
    return cut.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
