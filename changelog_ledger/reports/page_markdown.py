"""A page as Markdown. Nothing in it becomes markup, a link or a mention."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.reports.markdown import alteration, code, inline
from changelog_ledger.reports.page_blocks import LONGEST_TEXT, Alteration, Block, Bullets, Commands, Fields, Numbered, Page, Paragraph, Table
from changelog_ledger.reports.values import file_place, place

_COMMAND = 2000
_BLOCK_START = re.compile(r"^(\d{0,9})\\([-+=.)])")
"""What is escaped at the beginning of a paragraph; no list begins in a cell, and a date shall stay a date."""


def render_page_markdown(page: Page) -> str:
    """The page, sections as second headings."""
    lines = [f"# {_inline(page.title)}", "", *_blocks(page.head)]
    for section in page.sections:
        lines += [f"## {_inline(section.title)}", "", *_blocks(section.blocks)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    for number, block in enumerate(blocks):
        yield from _block(block)
        if not (isinstance(block, Alteration) and isinstance(_next(blocks, number), Alteration)):  # these make one list
            yield ""


def _next(blocks: tuple[Block, ...], number: int) -> Block | None:
    return blocks[number + 1] if number + 1 < len(blocks) else None


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield _inline(text)
        case Fields(entries):
            yield from (f"- **{label}:** {_inline(words)}" for label, words in entries)
        case Bullets(items):
            yield from (f"- {_inline(item)}" for item in items)
        case Numbered(items):
            yield from (f"{number}. {_inline(item)}" for number, item in items)
        case Table(head, rows):
            yield _row(head)
            yield "|" + "---|" * len(head)
            yield from map(_row, rows)
        case Alteration(piece):
            where = " ".join(filter(None, [place(piece.target), file_place(piece) and code(file_place(piece)), code(piece.key) if piece.key else ""]))
            yield f"- {where}: {alteration(piece)}"
        case Commands(hints):
            yield from (f"- {f'{_inline(hint.purpose)}: ' if hint.purpose else ''}{code(hint.command, _COMMAND)}" for hint in hints)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    """Within a table a bar ends the cell even in code, unless a backslash stands before it (GitHub Flavored Markdown, 4.10)."""
    shown = _BLOCK_START.sub(r"\1\2", _inline(text))
    return shown.replace("|", "\\|") if shown.startswith("`") else shown


def _inline(text: str) -> str:
    return inline(text, LONGEST_TEXT)
