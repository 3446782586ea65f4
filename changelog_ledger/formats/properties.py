"""Lists of ``key = value``: Java properties, sysctl.conf(5), nsswitch.conf(5); and shell assignments: /etc/default, ``.env``, environment files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, words

_Statement = list[Piece]
"""An assignment, line by line."""

_COMMENTS = ("#", "!", ";")
_PROPERTY = re.compile(r"(?P<key>(?:\\.|[^\\\s=:])+)(?:\s*[=:]\s*|\s+|$)(?P<value>.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"(?P<export>export\s+)?(?P<key>[A-Za-z_][\w.\-]*\+?)\s*=\s*(?P<value>.*)", re.DOTALL)
_ARRAY_OPENS = re.compile(r"(?:export\s+)?[A-Za-z_]\w*\+?=\(")
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
    """Shell assignments, values as written with their quotes; a quoted value may go over several lines. An array of bash is a list of words.
    What is exported says so in its key: ``export HTTP_PROXY``.

    ``#`` begins a comment at the start of a line only: docker(1) and systemd take it into the value, where a shell does not.

    :raises Unparsable: at the first line that is something else (``if``, ``.``): then the file is a script.
    """
    return tree(_assignment(statement) for statement in _statements(text))


def _statements(text: str) -> Iterator[_Statement]:
    pieces: list[Piece] = []
    inside, in_array = "", False
    for number, line in enumerate(text.split("\n"), 1):
        if not inside and (not line.strip() or line.lstrip().startswith("#")) and (in_array or not pieces):
            continue
        in_array = in_array or (not pieces and bool(_ARRAY_OPENS.match(line.lstrip())))
        pieces.append(Piece(line if inside else line.lstrip(), number))
        inside = _open_quote(line, inside)
        in_array = in_array and not (not inside and line.rstrip().endswith(")"))
        if not inside and not in_array and not line.endswith("\\"):
            yield pieces
            pieces = []
    if pieces:
        raise Unparsable("a quote or array that is never closed", pieces[0].line)


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


def _assignment(statement: _Statement) -> Entry:
    number = statement[0].line
    found = _ASSIGNMENT.fullmatch("\n".join(piece.text for piece in statement).rstrip())
    if not found:
        raise Unparsable("not a list of assignments", number)
    key = f"export {found['key']}" if found["export"] else found["key"]
    if not _ARRAY_OPENS.match(statement[0].text) or not found["value"].endswith(")"):
        return Entry(key, found["value"].strip(), number)
    return Entry(key, _array(statement), number)


def _array(statement: _Statement) -> list[Entry]:
    """The words between the parentheses, each with its line."""
    first, *others = statement
    pieces = [Piece(first.text.partition("(")[2], first.line), *others]
    pieces[-1] = Piece(pieces[-1].text.rstrip().removesuffix(")"), pieces[-1].line)
    return [Entry("", word.text, word.line) for piece in pieces for word in words(LogicalLine(piece.text, ((0, piece.line),)))]


FORMATS = (Format("properties", read_properties), Format("env", read_assignments))
