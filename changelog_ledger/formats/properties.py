"""Lists of ``key = value``: Java properties, sysctl.conf(5), nsswitch.conf(5); and shell assignments: /etc/default, ``.env``, environment files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_COMMENTS = ("#", "!", ";")
_PROPERTY = re.compile(r"(?P<key>(?:\\.|[^\\\s=:])+)(?:\s*[=:]\s*|\s+|$)(?P<value>.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"(?:export\s+)?(?P<key>[A-Za-z_][\w.\-]*)=(?P<value>.*)", re.DOTALL)
_QUOTED = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'|(?P<open>["'])""", re.DOTALL)


def read_properties(text: str) -> Parsed:
    """``key = value``, ``key: value`` or ``key value``; a backslash at the end goes on in the next line (java.util.Properties).

    A key that is written again has a list of values.
    """
    return tree(_property(number, line) for number, line in _logical_lines(text))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    pieces: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not pieces and (not stripped or stripped.startswith(_COMMENTS)):
            continue
        start = start if pieces else number
        goes_on = (len(stripped) - len(stripped.rstrip("\\"))) % 2 == 1
        pieces.append(stripped[:-1] if goes_on else stripped)
        if not goes_on:
            yield start, "".join(pieces)
            pieces = []
    if pieces:
        yield start, "".join(pieces)


def _property(number: int, line: str) -> Entry:
    found = _PROPERTY.fullmatch(line)
    if not found:
        raise Unparsable("not a key and a value", number)
    return Entry(found["key"], found["value"], number)


def read_assignments(text: str) -> Parsed:
    """Shell assignments, values as written with their quotes; a quoted value may go over several lines.

    :raises Unparsable: at the first line that is something else (``if``, ``.``): then the file is a script.
    """
    return tree(_assignment(number, line) for number, line in _statements(text))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    pieces: list[str] = []
    start = 0
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not pieces and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start = start if pieces else number
        pieces.append(line.lstrip() if not pieces else line)
        inside = _open_quote(line, inside)
        if not inside and not line.endswith("\\"):
            yield start, "\n".join(pieces).rstrip()
            pieces = []
    if pieces:
        raise Unparsable("a quote that is never closed", start)


def _open_quote(line: str, inside: str) -> str:
    """The quote that is still open at the end of ``line``, when ``inside`` is the one that was open before it."""
    if inside:
        position = 0
        while (end := line.find(inside, position)) >= 0 and inside == '"' and end and line[end - 1] == "\\":
            position = end + 1
        if end < 0:
            return inside
        line = line[end + 1 :]
    return next((found["open"] for found in _QUOTED.finditer(line) if found["open"]), "")


def _assignment(number: int, statement: str) -> Entry:
    found = _ASSIGNMENT.fullmatch(statement)
    if not found:
        raise Unparsable("not a list of assignments", number)
    return Entry(found["key"], found["value"].strip(), number)


FORMATS = (Format("properties", read_properties), Format("env", read_assignments))
