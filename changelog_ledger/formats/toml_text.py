"""What the parser of the standard library leaves out of a TOML text: on which line a key stands, and how its number or date is written.

The text is valid, for it has been parsed before: so brackets, commas, equals signs and line ends say all that has to be known.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

from changelog_ledger.formats.written import MASKED
from changelog_ledger.model.document import KeyPath

_TOKEN = re.compile(
    r'(?P<text>"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}|' + r"'{3}(?:[^']|'{1,2}(?!'))*+'{3,5}|" + r""""(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
    r"""|(?P<comment>\#[^\n]*+)|(?P<mark>[\[\]{},=\n])|(?P<bare>[^\s\[\]{},=\#"']++)""",
    re.DOTALL,
)
_MASKED = re.compile(MASKED)


@dataclass(slots=True)
class Written:
    """A valid text, read for its places.

    :ivar lines: the line, from 1, of every key path.
    :ivar scalars: each value that is no text, as written.
    """

    lines: dict[KeyPath, int] = field(default_factory=lambda: {(): 1})
    scalars: dict[KeyPath, str] = field(default_factory=dict)

    def note(self, path: KeyPath, line: int) -> None:
        """Keep the first line of a path, and of the tables above it that stand nowhere else."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return
            self.lines[path[:length]] = line


@dataclass(slots=True)
class _Reading:
    """Where the reading is.

    :ivar place: what comes next: a ``key``, the key of a table's ``header``, or a ``value``.
    :ivar parts: the parts of the key that is being read.
    :ivar path: of the value that is being read.
    :ivar base: of the table that the last header named.
    :ivar stack: for each open array its path and the number of its items before this one, for each inline table its path and None.
    :ivar counts: for each array of tables the index of its newest item.
    :ivar many: the header that is being read is one of an array of tables.
    """

    written: Written = field(default_factory=Written)
    place: str = "key"
    parts: list[str] = field(default_factory=list)
    path: KeyPath = ()
    base: KeyPath = ()
    stack: list[tuple[KeyPath, int | None]] = field(default_factory=list)
    counts: dict[KeyPath, int] = field(default_factory=dict)
    many: bool = False


def with_masked_quoted(text: str) -> str:
    """The text with quotes about each masked value that has none."""
    return _TOKEN.sub(_masked_quoted, text) if "<secret:" in text else text


def _masked_quoted(found: re.Match[str]) -> str:
    return f'"{found[0]}"' if found.lastgroup == "bare" and _MASKED.fullmatch(found[0]) else found[0]


def written(text: str) -> Written:
    """Lines and values as written of a text that ``tomllib`` took."""
    reading = _Reading()
    number = 1
    for found in _TOKEN.finditer(text):
        token = found[0]
        if found.lastgroup == "mark":
            _take_mark(reading, token, number)
        elif found.lastgroup != "comment":
            _take_word(reading, token, number, is_text=found.lastgroup == "text")
        number += token.count("\n")
    return reading.written


def _take_word(reading: _Reading, token: str, number: int, *, is_text: bool) -> None:
    if reading.place != "value":
        reading.parts += [_unquoted(token)] if is_text else filter(None, token.split("."))
        return
    reading.written.note(reading.path, number)
    if not is_text:
        before = reading.written.scalars.get(reading.path)  # a date and its time may have a blank between them
        reading.written.scalars[reading.path] = token if before is None else f"{before} {token}"


def _unquoted(token: str) -> str:
    return str(tomllib.loads(f"key = {token}")["key"]) if "\\" in token else token[1:-1]


def _take_mark(reading: _Reading, mark: str, number: int) -> None:
    if mark == "\n":
        _end_line(reading)
    elif reading.place == "header" or (mark == "[" and reading.place == "key"):
        _take_header(reading, mark, number)
    elif mark == "=":
        reading.path = (*(reading.stack[-1][0] if reading.stack else reading.base), *reading.parts)
        reading.written.note(reading.path, number)
        reading.place = "value"
    elif mark in "[{":
        _open(reading, mark, number)
    elif mark in "]}":
        reading.path, _ = reading.stack.pop()
        reading.place = "value"
    else:
        _next(reading)


def _end_line(reading: _Reading) -> None:
    if not reading.stack:
        reading.place, reading.parts = "key", []


def _open(reading: _Reading, mark: str, number: int) -> None:
    reading.written.note(reading.path, number)
    reading.stack.append((reading.path, 0 if mark == "[" else None))
    if mark == "[":
        reading.path = (*reading.path, 0)
    else:
        reading.place, reading.parts = "key", []


def _next(reading: _Reading) -> None:
    """Step over a comma."""
    path, count = reading.stack[-1]
    if count is None:
        reading.place, reading.parts = "key", []
    else:
        reading.stack[-1] = (path, count + 1)
        reading.path = (*path, count + 1)


def _take_header(reading: _Reading, mark: str, number: int) -> None:
    if mark == "[":
        reading.many = reading.place == "header"
        reading.place = "header"
    elif reading.parts:
        reading.base = _table(reading)
        reading.written.note(reading.base, number)
        reading.parts = []


def _table(reading: _Reading) -> KeyPath:
    """Where a header leads, with the index of the newest item for every array of tables on the way."""
    path: KeyPath = ()
    for position, part in enumerate(reading.parts, 1):
        path = (*path, part)
        if position == len(reading.parts) and reading.many:
            reading.counts[path] = reading.counts.get(path, -1) + 1
        if path in reading.counts:
            path = (*path, reading.counts[path])
    return path
