"""``diff`` and ``compare`` as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.reports.differences import Differences, about, both_sides, line_words, remark_on
from changelog_ledger.reports.html import page_foot, page_head
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.html_piece import alteration
from changelog_ledger.reports.times import clock, in_words
from changelog_ledger.reports.values import alteration_word, attribution, has_values, value_pair, value_text

_VALUE = 1200
_MOST = 2000


def render_differences_html(found: Differences, zone: tzinfo = UTC, made_at: datetime | None = None) -> str:
    """The differences file by file, as a page."""
    made = clock(made_at, zone) if made_at else ""
    return "\n".join([*page_head(found.title), *_head(found), *_files(found, zone), *_remarks(found), *page_foot(made)]) + "\n"


def _head(found: Differences) -> Iterator[str]:
    yield f"<h1>{escaped(found.title)}</h1>"
    if found.facts:
        yield "<dl>"
        yield from (f"<dt>{escaped(label)}</dt><dd>{escaped(words)}</dd>" for label, words in found.facts)
        yield "</dl>"


def _files(found: Differences, zone: tzinfo) -> Iterator[str]:
    left = _MOST
    for path, pieces in found.by_file():
        if left <= 0:
            break
        yield f"<h2><code>{escaped(path)}</code></h2>\n<ol>"
        yield from (_piece(piece, found, zone) for piece in pieces[:left])
        yield "</ol>"
        left -= len(pieces)
    if len(found.pieces) > _MOST:
        yield f"<p>{len(found.pieces) - _MOST:,} more: <code>--format json</code></p>"


def _piece(piece: Evidence, found: Differences, zone: tzinfo) -> str:
    unlogged = ' class="unlogged"' if found.judged and piece.unlogged and not piece.noise else ""
    key = f"<code>{escaped(piece.key)}</code>" if piece.key else about(piece)
    line = f' <span class="score">{line_words(piece)}</span>' if line_words(piece) else ""
    said = _compared(piece, found.sides) if found.sides else alteration(piece)
    return f"<li{unlogged}><h3>{key}{line}</h3>{said}{_judged(piece, zone) if found.judged else ''}</li>"


def _compared(piece: Evidence, sides: tuple[str, str]) -> str:
    note = f"<p>{escaped(piece.note)}</p>" if remark_on(piece) else ""
    if piece.op in (Op.ADDED, Op.REMOVED):
        side, value = (sides[1], piece.after) if piece.op is Op.ADDED else (sides[0], piece.before)
        shown = _side("ins" if piece.op is Op.ADDED else "del", side, value_text(value)) if value is not None else ""
        return f"<p>only {escaped(side)} has it</p>" + (f'<div class="values">{shown}</div>' if shown else "") + note
    if not has_values(piece):
        return f"<p>{alteration_word(piece)} {escaped(piece.note or piece.summary)}</p>"
    before, after = value_pair(*both_sides(piece), _VALUE)
    return f'<div class="values">{_side("del", sides[0], before)}{_side("ins", sides[1], after)}</div>{note}'


def _side(element: str, host: str, value: str) -> str:
    return f'<{element}><span class="sign">{"−" if element == "del" else "+"}</span><b>{escaped(host, 80)}</b> {escaped(value, _VALUE)}</{element}>'


def _judged(piece: Evidence, zone: tzinfo) -> str:
    if piece.noise:
        return f'<p class="when">noise: {escaped(piece.noise)}</p>'
    role = "unlogged" if piece.unlogged else "logged"
    back = ", changed back since" if piece.transient else ""
    because = f": {escaped(in_words(piece.because, zone))}" if piece.because else ""
    said = f'<p><span class="badge {role}">{escaped(attribution(piece))}</span>{back}<span class="when">{because}</span></p>'
    return said + f'<p class="when">{escaped(piece.id)}, {escaped(clock(piece.seen_at, zone))}</p>'


def _remarks(found: Differences) -> Iterator[str]:
    yield from (f"<p>{escaped(remark)}</p>" for remark in found.remarks)
