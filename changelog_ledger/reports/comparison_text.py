"""Two hosts side by side, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.cells import cell_len

from changelog_ledger.model.comparison import Comparison, Folded
from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.differences import (
    about,
    both_sides,
    comparison_words,
    differences_of_comparison,
    line_words,
    remark_on,
    remarks_of_comparison,
    seen_words,
)
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_document import evidence_document
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, padded, shortened, shortened_middle, written
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.values import value_pair, value_text

_WIDEST_NAME = 24


def render_comparison(found: Comparison, style: Style = PLAIN, now: datetime | None = None) -> str:
    """What differs between two hosts, file by file: which has what."""
    lines: list[Line] = [*_side_line(found.left, found, style, now), *_side_line(found.right, found, style, now), ()]
    for path, pieces in differences_of_comparison(found).by_file():
        lines += flow(line(Span(shortened_middle(printable(path), 4 * style.columns), Role.HEADING)), style.columns, hang=2, first=0)
        for piece in pieces:
            lines += _piece(piece, found, style)
        lines.append(())
    said = comparison_words(found)
    lines += flow(line(f"{said[:1].upper()}{said[1:]}."), style.columns, hang=2, first=0)
    for remark in remarks_of_comparison(found):
        lines += flow(line(Span(f"{remark}.", Role.DIM)), style.columns, hang=2, first=0)
    return written(lines, style)


def comparison_document(found: Comparison) -> dict[str, Any]:
    """``compare --json``: evidence whose ``before`` is the left host's value, and ``after`` the right one's."""
    document = evidence_document("compare", found.evidence, found.suppressed)
    return {**document, "left": _look(found.left), "right": _look(found.right), "folded": [_folded(each) for each in found.folded]}


def _look(snapshot: Snapshot) -> dict[str, Any]:
    return {"host": snapshot.host, "snapshot": snapshot.id, "at": format_instant(snapshot.at), "partial": snapshot.partial}


def _folded(each: Folded) -> dict[str, Any]:
    return {"kinds": list(each.kinds), "path": each.path, "count": each.count}


def _names(found: Comparison) -> tuple[str, str]:
    return brief(found.left.host, _WIDEST_NAME), brief(found.right.host, _WIDEST_NAME)


def _column(found: Comparison) -> int:
    return max(map(cell_len, _names(found))) + 2


def _side_line(snapshot: Snapshot, found: Comparison, style: Style, now: datetime | None) -> list[Line]:
    name = padded(brief(snapshot.host, _WIDEST_NAME), _column(found))
    return flow(line(Span(name, Role.HEADING), Span(seen_words(snapshot, style.zone, now), Role.DIM)), style.columns, hang=_column(found), first=0)


def _piece(piece: Evidence, found: Comparison, style: Style) -> Iterator[Line]:
    key = shortened_middle(printable(piece.key), 4 * style.columns) if piece.key else f"({about(piece)})"
    yield from flow(line(Span(key, Role.SUSPECT), Span(f"  {line_words(piece)}", Role.DIM)), style.columns, hang=4, first=2)
    left, right = _names(found)
    room = style.columns - 4 - _column(found)
    if piece.op is Op.ADDED:
        yield from _one_sided(right, piece.after, Role.AFTER, style)
    elif piece.op is Op.REMOVED:
        yield from _one_sided(left, piece.before, Role.BEFORE, style)
    else:
        before, after = value_pair(*both_sides(piece), room)
        yield line("    ", padded(left, _column(found)), Span(shortened(before, room), Role.BEFORE))
        yield line("    ", padded(right, _column(found)), Span(shortened(after, room), Role.AFTER))
    if remark_on(piece):
        yield from flow(line(Span(shortened(f"({printable(piece.note)})", 3 * style.columns), Role.DIM)), style.columns, hang=4)
    if piece.noise:
        yield from flow(line(Span(f"noise: {brief(piece.noise, 48)}", Role.DIM)), style.columns, hang=4)


def _one_sided(host: str, value: Any, role: Role, style: Style) -> Iterator[Line]:
    said = f"only {host} has it"
    shown = f": {value_text(value)}" if value is not None and not _is_described(value) else ""
    yield line("    ", said, Span(shortened(shown, style.columns - 4 - cell_len(said)), role) if shown else "")


def _is_described(value: Any) -> bool:
    """Whether it is only said how long it is and what its digest is."""
    return isinstance(value, dict) and {"bytes", "sha256"} <= value.keys()
