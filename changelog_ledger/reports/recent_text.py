"""The recent-changes log for a terminal: a line an entry, the newest last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len

from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, padded, shortened, shortened_middle, written
from changelog_ledger.reports.recent_phrases import NOTHING, change_named, day_and_offset, marks, places_words, state_word, totals
from changelog_ledger.reports.style import PLAIN, Role, Style

_STATE, _WHERE, _ACTOR, _CHANGE = 11, 18, 20, 28
"""Cells that a part of a line takes at most."""

_LEAST = 10
"""Cells that must be left for what happened; where there are fewer, a line is wrapped instead of shortened."""

_NARROW = 60
"""Below so many columns there is no line with room for all, and everything is wrapped."""

_SPOKEN = ("failed", "rolled-back", "bad", "partial", "due", "opened", "reopened")


def render_recent(entries: Sequence[TimelineEntry], style: Style = PLAIN, now: datetime | None = None) -> str:
    """The recent-changes log, in the order given: one line each, the day once above its entries.

    :param entries: folded (:func:`~changelog_ledger.reports.recent_folding.fold_recent`) or not.
    :param now: the year is left out where it is this one's.
    """
    if not entries:
        return written([line(NOTHING)], style)
    return written([*_lines(entries, style, now), line(Span(totals(entries), Role.DIM))], style)


def _lines(entries: Sequence[TimelineEntry], style: Style, now: datetime | None) -> Iterator[Line]:
    column = max(cell_len(_state(entry)) for entry in entries)
    day = ""
    for entry in entries:
        today = day_and_offset(entry.at, style.zone, now)
        if today != day:
            yield line(Span(today, Role.HEADING))
            day = today
        yield from _entry(entry, column, style)


def _entry(entry: TimelineEntry, column: int, style: Style) -> list[Line]:
    where = shortened_middle(places_words(entry), _WHERE)
    head = line(f"{entry.at.astimezone(style.zone):%H:%M}  ", Span(padded(_state(entry), column), _role(entry)), f"  {where}  " if where else "  ")
    unusual, who, change = marks(entry), brief(entry.actor, _ACTOR), brief(change_named(entry), _CHANGE)
    tail = line(
        Span(f" ({printable(unusual)})" if unusual else "", Role.WARNING),
        Span(f"  {who}" if who else "", Role.DIM),
        Span(f"  {change}" if change else "", Role.EXPLAINED),
    )
    room = style.columns - _cells(head) - _cells(tail)
    if room < _LEAST or style.columns < _NARROW:
        return flow(line(*head, brief(_said(entry), 3 * style.columns), *tail), style.columns, hang=7, first=0)
    return [line(*head, _shown(entry, room), *tail)]


def _said(entry: TimelineEntry) -> str:
    return f"{entry.text}: {entry.detail}" if entry.detail else entry.text


def _shown(entry: TimelineEntry, room: int) -> str:
    """What happened, in the room there is. Of a path, the file's name stays; of a key, its last step; of a value, its beginning."""
    whole = brief(_said(entry), 8 * room)
    if cell_len(whole) <= room or not entry.path or not entry.text.startswith(entry.path):
        return shortened(whole, room)
    file = shortened_middle(f"…/{printable(entry.path.rpartition('/')[2])}", room // 2)
    words, left = brief(_said(entry)[len(entry.path) :].strip(), 8 * room), room - cell_len(file) - 1
    if cell_len(words) > left:
        key, space, happened = words.partition(" ")
        words = f"…/{key.rpartition('/')[2]}{space}{happened}" if "/" in key else words
    return f"{file} {_alteration(words, left)}" if words else file


def _alteration(words: str, room: int) -> str:
    """``key before → after`` in the room there is: of each side, something stays."""
    before, arrow, after = words.partition(" → ")
    if not arrow or cell_len(words) <= room:
        return shortened(words, room)
    end = shortened_middle(after, max(room // 3, 5))
    return f"{shortened(before, max(room - cell_len(end) - len(arrow), 1))}{arrow}{end}"


def _state(entry: TimelineEntry) -> str:
    return brief(state_word(entry), _STATE)


def _role(entry: TimelineEntry) -> Role:
    if entry.unlogged:
        return Role.UNLOGGED
    return Role.WARNING if entry.status in _SPOKEN or state_word(entry) in _SPOKEN else Role.SUSPECT


def _cells(parts: Line) -> int:
    return sum(cell_len(span.text) for span in parts)
