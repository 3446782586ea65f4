"""A page as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.reports.html import page_head
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.html_piece import alteration, where
from changelog_ledger.reports.page_blocks import LONGEST_TEXT, Alteration, Block, Bullets, Commands, Fields, Numbered, Page, Paragraph, Table


def render_page_html(page: Page) -> str:
    """The page, with the style sheet of all pages and a content security policy that forbids everything but it."""
    lines = [*page_head(page.title), f"<h1>{escaped(page.title)}</h1>", *_blocks(page.head)]
    for section in page.sections:
        lines += [f"<h2>{escaped(section.title)}</h2>", *_blocks(section.blocks)]
    return "\n".join([*lines, "</main>", "</body>", "</html>"]) + "\n"


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    return (_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escaped(text, LONGEST_TEXT)}</p>"
        case Fields(entries):
            return "<dl>" + "".join(f"<dt>{escaped(label)}</dt><dd>{escaped(words, LONGEST_TEXT)}</dd>" for label, words in entries) + "</dl>"
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{escaped(item, LONGEST_TEXT)}</li>" for item in items) + "</ul>"
        case Numbered(items):
            return "<ul>" + "".join(f"<li>{number}. {escaped(item, LONGEST_TEXT)}</li>" for number, item in items) + "</ul>"
        case Table(head, rows):
            heads = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in head)
            body = "\n".join(["<tbody>", *map(_row, rows), "</tbody>"])
            return f'<div class="scroll"><table class="timeline">\n<thead><tr>{heads}</tr></thead>\n{body}\n</table></div>'
        case Alteration(piece):
            return f'<div class="piece">{where(piece)}{alteration(piece)}</div>'
        case Commands(hints):
            listed = (f"<li>{_purpose(hint.purpose)}<code>{escaped(hint.command)}</code></li>" for hint in hints)
            return f'<ul class="hints">{"".join(listed)}</ul>'


def _purpose(text: str) -> str:
    return f"{escaped(text)}: " if text else ""


def _row(cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<td>{escaped(cell, LONGEST_TEXT)}</td>" for cell in cells) + "</tr>"
