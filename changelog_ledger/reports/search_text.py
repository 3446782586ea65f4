"""What a search found, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from changelog_ledger.model.search import Hit
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.change_text import places
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import schema
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, shortened, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import clock

_KINDS = {"delta": "difference"}
"""What a person calls a kind."""

_CONTEXT = 60
"""Characters in front of the first word that are shown of a long text."""


def render_search(hits: Sequence[Hit], words: str, style: Style = PLAIN, now: datetime | None = None) -> str:
    """One line a hit: when, what, its id, on what, its title; and the place of the words, where that is not the title."""
    if not hits:
        return written([line(f"Nothing holds {brief(words, style.columns)}.")], style)
    lines = [each for hit in hits for each in _hit(hit, words.casefold().split(), style, now)]
    return written([*lines, line(Span(count(len(hits), "hit"), Role.DIM))], style)


def search_document(hits: Sequence[Hit]) -> dict[str, Any]:
    """``search --json``, the newest first."""
    return {"schema": schema("search"), "results": [_row(hit) for hit in hits]}


def _row(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "kind": hit.kind,
        "at": format_instant(hit.at),
        "targets": [str(target) for target in hit.targets],
        "title": hit.title,
        "text": hit.text,
        "actor": hit.actor or None,
    }


def _hit(hit: Hit, words: Sequence[str], style: Style, now: datetime | None) -> Iterator[Line]:
    on = f"  {places(hit.targets)}" if hit.targets else ""
    head = line(clock(hit.at, style.zone, now), "  ", Span(printable(_KINDS.get(hit.kind, hit.kind)), Role.SUSPECT), f"  {printable(hit.id)}{on}  ")
    yield from flow((*head, *line(brief(hit.title, 3 * style.columns))), style.columns, hang=4, first=0)
    if hit.text != hit.title:
        yield line("    ", shortened(printable(_around(hit.text, words)), style.columns - 4))


def _around(text: str, words: Sequence[str]) -> str:
    """The text from a little before the first word on, on one line."""
    folded = text.casefold()
    found = [place for word in words if (place := folded.find(word)) >= 0]
    begin = max(min(found, default=0) - _CONTEXT, 0)
    return ("…" if begin else "") + " ".join(text[begin : begin + 2000].split())
