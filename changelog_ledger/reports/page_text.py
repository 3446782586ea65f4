"""A page as text for a terminal or a mail, at most as wide as the style says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from changelog_ledger.reports.evidence_text import evidence_lines
from changelog_ledger.reports.hint_lines import hint_lines
from changelog_ledger.reports.hints import Hint
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, padded, written
from changelog_ledger.reports.page_blocks import LONGEST_TEXT, Alteration, Block, Bullets, Commands, Fields, Numbered, Page, Paragraph, Table
from changelog_ledger.reports.style import PLAIN, Role, Style

_WIDEST_FIRST = 20
"""Cells of a table's first column at most."""


def render_page_text(page: Page, style: Style = PLAIN) -> str:
    """The page; a section's heading in capitals."""
    lines = [*flow(line(Span(_shown(page.title), Role.HEADING)), style.columns, hang=2, first=0), (), *_blocks(page.head, style)]
    for section in page.sections:
        lines += [(), line(Span(_shown(section.title).upper(), Role.HEADING)), *_blocks(section.blocks, style)]
    return written(lines, style)


def _blocks(blocks: tuple[Block, ...], style: Style) -> Iterator[Line]:
    for number, block in enumerate(blocks):
        if number and not isinstance(block, Alteration | Commands):
            yield ()
        yield from _block(block, style)


def _block(block: Block, style: Style) -> Iterator[Line]:
    match block:
        case Paragraph(text):
            yield from _flowing(_shown(text), style)
        case Fields(entries):
            yield from _two_columns(entries, style)
        case Bullets(items):
            yield from _list([("-", item) for item in items], style)
        case Numbered(items):
            yield from _list([(f"{number}.", item) for number, item in items], style)
        case Table(_, rows):
            yield from _two_columns([(first, _cells(rest)) for first, *rest in rows], style)
        case Alteration(piece):
            yield from evidence_lines(piece, style, indent=4)
        case Commands(hints):
            yield from _commands(hints, style)


def _cells(cells: Sequence[str]) -> str:
    """``was broken — alex, web-01``."""
    rest = ", ".join(filter(None, cells[1:]))
    return cells[0] + (f" — {rest}" if rest else "")


def _list(items: Sequence[tuple[str, str]], style: Style) -> Iterator[Line]:
    for sign, item in items:
        yield from flow(line(f"{sign} {_shown(item)}"), style.columns, hang=3 + len(sign), first=2)


def _commands(hints: Sequence[Hint], style: Style) -> Iterator[Line]:
    for hint in hints:
        yield from _flowing(f"{_shown(hint.purpose)}:" if hint.purpose else "", style)
        yield from hint_lines(Hint("", hint.words), style)


def _flowing(text: str, style: Style) -> Iterator[Line]:
    if text:
        yield from flow(line(text), style.columns, hang=2)


def _two_columns(entries: Sequence[tuple[str, str]], style: Style) -> Iterator[Line]:
    room = min(_WIDEST_FIRST, max((cell_len(_shown(first)) for first, _ in entries), default=0)) + 2
    for first, words in entries:
        yield from flow(line(Span(padded(_shown(first), room), Role.DIM), _shown(words)), style.columns, hang=room + 2, first=2)


def _shown(text: str) -> str:
    return brief(text, LONGEST_TEXT)
