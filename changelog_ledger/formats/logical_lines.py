"""Lines that go on in the next one, and the pieces of such a line, each with the line that it stands in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from changelog_ledger.formats.entries import Entry

_LAST = 1 << 62
"""A line number above all others."""
_BLANKS = re.compile(r"""\\.|["']|\s+""")
_COMMAS = re.compile(r"""\\.|["']|,""")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line as written, and the number of its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """A line with those that continue it, joined by single spaces.

    :ivar starts: at which offset of ``text`` which line begins, both rising.
    """

    text: str
    starts: tuple[tuple[int, int], ...]

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return self.starts[0][1]

    def line_at(self, offset: int) -> int:
        """The line in which that character stands."""
        return self.starts[max(bisect_right(self.starts, (offset, _LAST)) - 1, 0)][1]

    def part(self, start: int, end: int) -> LogicalLine:
        """What stands between two offsets, without blanks around it."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        within = self.starts[bisect_right(self.starts, (start, _LAST)) : bisect_left(self.starts, (end, 0))]
        return LogicalLine(text.strip(), ((0, self.line_at(start)), *((offset - start, number) for offset, number in within)))

    def piece(self) -> Piece:
        """Its text, at the line in which it begins."""
        return Piece(self.text, self.line)


def logical_lines(text: str, comments: tuple[str, ...] = ("#",)) -> Iterator[LogicalLine]:
    r"""Every line that is neither blank nor wholly a comment; after a backslash at its end it goes on in the next.

    Comments within it are left out, as systemd.syntax(7) has it.
    """
    pieces: list[str] = []
    starts: list[tuple[int, int]] = []
    length = 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(comments) or (not stripped and not pieces):
            continue
        if content := stripped.removesuffix("\\").rstrip():
            starts.append((length, number))
            pieces.append(content)
            length += len(content) + 1
        if not stripped.endswith("\\") and pieces:
            yield LogicalLine(" ".join(pieces), tuple(starts))
            pieces, starts, length = [], [], 0
    if pieces:
        yield LogicalLine(" ".join(pieces), tuple(starts))


def words(line: LogicalLine) -> list[Piece]:
    """The words of a line. Blanks within quotes or after a backslash part nothing; quotes stay as written."""
    return [part.piece() for part in _parted(line, _BLANKS)]


def comma_items(line: LogicalLine) -> list[Piece]:
    """What commas part, outside quotes."""
    return [part.piece() for part in _parted(line, _COMMAS)]


def bracketed_words(line: LogicalLine) -> Iterator[Piece]:
    """The words of a line, where what stands in brackets (``[success=1 default=ignore]``) is one word. A bracket may stay open."""
    begin: int | None = None
    for found in _WORD.finditer(line.text):
        begin = found.start() if begin is None else begin
        if line.text[begin] != "[" or found[0].endswith("]"):
            yield Piece(line.text[begin : found.end()], line.line_at(begin))
            begin = None
    if begin is not None:
        yield Piece(line.text[begin:], line.line_at(begin))


def _parted(line: LogicalLine, marks: re.Pattern[str]) -> Iterator[LogicalLine]:
    quote, begin = "", 0
    for found in marks.finditer(line.text):
        mark = found[0]
        if mark in ('"', "'"):
            quote = "" if mark == quote else quote or mark
        elif not quote and not mark.startswith("\\"):
            yield from _unless_empty(line.part(begin, found.start()))
            begin = found.end()
    yield from _unless_empty(line.part(begin, len(line.text)))


def _unless_empty(part: LogicalLine) -> Iterator[LogicalLine]:
    if part.text:
        yield part


def members(key: str, pieces: Iterable[Piece], line: int) -> list[Entry]:
    """The pieces as one list, each item with its own line; ``line`` is that of the key, for a list of nothing."""
    return [Entry(key, piece.text, piece.line, listed=True) for piece in pieces] or [Entry(key, [], line)]
