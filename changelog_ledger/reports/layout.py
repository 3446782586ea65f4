"""Lines of coloured spans, wrapped and cut to a width in terminal cells.

Layout works on plain text and colour is painted last, so an escape sequence can never be cut in two, and the coloured output holds the same
text as the plain one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len

from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.style import Role, Style

ELLIPSIS = "…"
LABEL = 11
"""Where the words of a field begin."""

_FAR = 8
"""Characters per cell beyond which nobody looks: combining marks take no cell of their own."""

_WORTH_STARTING = 8
"""Cells that must be left on a line before a word too long for any line is begun on it."""

_ATOM = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[nrt]|.", re.DOTALL)
"""What is never cut in two: a visible escape, or one character."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of printable text with one meaning."""

    text: str
    role: Role = Role.PLAIN


Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line from plain strings and spans."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def atoms(text: str) -> list[str]:
    """``text`` in the pieces that may be separated."""
    return _ATOM.findall(text)


def brief(text: str, room: int) -> str:
    """Untrusted text made printable, in at most ``room`` cells: nobody's title may fill the screen."""
    return shortened(printable(text[: _FAR * room]), room)


def shortened(text: str, room: int) -> str:
    """``text`` in at most ``room`` cells, its end cut off and marked ``…``."""
    near = text[: _FAR * room]  # a value may be megabytes long
    if len(near) == len(text) and cell_len(text) <= room:
        return text
    return _fitting(atoms(near), room - 1) + ELLIPSIS


def shortened_middle(text: str, room: int) -> str:
    """``text`` in at most ``room`` cells, its middle left out: of a path, both the root and the file name say something."""
    if len(text) <= _FAR * room and cell_len(text) <= room:
        return text
    head = _fitting(atoms(text[: _FAR * room]), (room - 1) // 3)
    tail_room = room - 1 - cell_len(head)
    tail = _fitting(atoms(text[-_FAR * room :])[::-1], tail_room, backwards=True)
    return head + ELLIPSIS + tail


def _fitting(pieces: Iterable[str], room: int, *, backwards: bool = False) -> str:
    kept: list[str] = []
    used = 0
    for piece in pieces:
        used += cell_len(piece)
        if used > room:
            break
        kept.append(piece)
    return "".join(reversed(kept) if backwards else kept)


def clipped(whole: Line, room: int) -> Line:
    """A line in at most ``room`` cells, its end cut off and marked ``…``."""
    if sum(cell_len(span.text) for span in whole) <= room:
        return whole
    kept: list[Span] = []
    left = room - 1
    for span in whole:
        text = _fitting(atoms(span.text), left)
        kept.append(Span(text, span.role))
        left -= cell_len(text)
        if text != span.text:
            break
    return (*kept, Span(ELLIPSIS, Role.DIM))


def flow(parts: Line, room: int, hang: int = 0, first: int | None = None) -> list[Line]:
    """Words wrapped to ``room`` cells; the first line is indented by ``first`` (default ``hang``), the others by ``hang``.

    A word that fits on no line is broken. Spaces inside a line stay as they are.
    """
    rows: list[list[Span]] = [[Span(" " * (hang if first is None else first))]]
    used = cell_len(rows[0][0].text)
    begun = False
    gap: list[Span] = []
    for word in _words(parts):
        if word[0].text.isspace():
            gap = word
            continue
        breadth = _breadth(word)
        fits_here = used + _breadth(gap) + breadth <= room
        hopeless = hang + breadth > room and used + _breadth(gap) + _WORTH_STARTING <= room
        if begun and not fits_here and not hopeless:
            rows.append([Span(" " * hang)])
            used, gap = hang, []
        for atom in [*(gap if begun else []), *word]:
            if used + cell_len(atom.text) > room:
                rows.append([Span(" " * hang)])
                used = hang
            rows[-1].append(atom)
            used += cell_len(atom.text)
        begun, gap = True, []
    return [merged(row) for row in rows]


def _words(parts: Line) -> list[list[Span]]:
    """The atoms of a line in turns of spaces and words; a word may change its role midway."""
    pieces = [Span(atom, span.role) for span in parts for atom in atoms(span.text)]
    return [list(group) for _, group in groupby(pieces, key=lambda span: span.text.isspace())]


def _breadth(spans: Sequence[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


def merged(spans: Sequence[Span]) -> Line:
    """Neighbours of one role joined."""
    return tuple(Span("".join(span.text for span in group), role) for role, group in groupby(spans, key=lambda span: span.role))


def field(label: str, words: str, style: Style) -> list[Line]:
    """``Label      words``, wrapped beside the label; with an empty label the words go on below the ones before."""
    parts = line(Span(padded(label, LABEL - 1), Role.DIM), " ", words) if label else line(words)
    return flow(parts, style.columns, hang=LABEL, first=0 if label else LABEL)


def padded(text: str, cells: int) -> str:
    """``text`` filled up with spaces to ``cells``."""
    return text + " " * (cells - cell_len(text))


def written(lines: Iterable[Line], style: Style) -> str:
    """The lines as text, painted, each ended by a line feed and none wider than the style allows."""
    return "".join(_painted(clipped(each, style.columns), style) + "\n" for each in lines)


def _painted(spans: Line, style: Style) -> str:
    plain = merged(spans)
    text = "".join(span.text for span in plain)
    if not style.colour:
        return text.rstrip(" ")
    trailing = len(text) - len(text.rstrip(" "))
    return "".join(style.paint(span.text, span.role) for span in _without_end(plain, trailing))


def _without_end(spans: Line, characters: int) -> Line:
    """The spans less their last ``characters``, which are spaces."""
    kept = list(spans)
    while characters and kept:
        last = kept.pop()
        if len(last.text) > characters:
            kept.append(Span(last.text[:-characters], last.role))
            break
        characters -= len(last.text)
    return tuple(kept)
