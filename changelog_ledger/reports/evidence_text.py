"""Evidence for a terminal: what differs, host by host and file by file, and which change explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from rich.cells import cell_len

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, shortened, shortened_middle, written
from changelog_ledger.reports.phrases import actor_words, count, evidence_counts
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import clock, in_words
from changelog_ledger.reports.values import alteration_word, attribution, file_place, has_values, place, value_pair, value_text


def render_evidence(pieces: Sequence[Evidence], style: Style = PLAIN, now: datetime | None = None) -> str:
    """Evidence grouped by host and file, as ``diff`` and ``drift`` print it.

    :param now: lets times of this year go without the year.
    """
    if not pieces:
        return written([line("No difference and no observation in the record.")], style)
    lines: list[Line] = []
    ordered = sorted(pieces, key=lambda piece: (piece.target, piece.path or ""))
    for (target, path), group in groupby(ordered, key=lambda piece: (piece.target, piece.path)):
        found = list(group)
        title = f"{place(target)}  {_whole(path, style)}" if path else place(target)
        lines += flow(line(Span(title, Role.HEADING)), style.columns, hang=2, first=0)
        for piece in found:
            lines += _full(piece, style, now)
        lines.append(())
    lines += flow(line(_totals(pieces)), style.columns, hang=2, first=0)
    return written(lines, style)


def _totals(pieces: Sequence[Evidence]) -> str:
    telling = [piece for piece in pieces if not piece.noise]
    noise = f" Noise: {count(len(pieces) - len(telling), 'difference')}." if len(telling) < len(pieces) else ""
    if not telling:
        return f"Nothing but noise: {count(len(pieces), 'difference')}."
    unlogged = sum(piece.unlogged for piece in telling)
    return f"{evidence_counts(telling)}; {count(unlogged, 'unlogged', 'unlogged') if unlogged else 'all explained'}.{noise}"


def _full(piece: Evidence, style: Style, now: datetime | None) -> Iterator[Line]:
    """One piece below the heading of its file: key, alteration, attribution with time and id."""
    yield from flow(line("  ", Span(_name(piece, style), Role.SUSPECT), Span(_at_line(piece), Role.DIM)), style.columns, hang=4, first=2)
    yield from alteration_lines(piece, style, indent=4)
    yield from flow(_judged(piece, style, now), style.columns, hang=6, first=4)
    yield from flow(line(Span(_seen(piece, style, now), Role.DIM)), style.columns, hang=6, first=4)
    actors = actor_words([piece], style.zone, now or piece.seen_at)
    if actors:
        yield from flow(line(Span("there at the time ", Role.DIM), "; ".join(actors)), style.columns, hang=6, first=4)


def _judged(piece: Evidence, style: Style, now: datetime | None) -> Line:
    if piece.noise:
        return line(Span(f"noise: {brief(piece.noise, 48)}", Role.DIM))
    role = Role.UNLOGGED if piece.unlogged else Role.EXPLAINED
    because = f": {printable(in_words(piece.because, style.zone, now))}" if piece.because else ""
    return line(Span(attribution(piece), role), ", changed back since" if piece.transient else "", Span(because, Role.DIM))


def _seen(piece: Evidence, style: Style, now: datetime | None) -> str:
    about = "" if piece.not_before == piece.not_after else "about "
    by = f", by {printable(piece.actor)}" if piece.actor else ""
    return f"{printable(piece.id)}  {about}{clock(piece.seen_at, style.zone, now)}{by}"


def _whole(name: str, style: Style) -> str:
    """A path or key as good as whole: no honest one takes eight lines."""
    return shortened_middle(printable(name), 8 * style.columns)


def _name(piece: Evidence, style: Style) -> str:
    if piece.op is Op.OBSERVED:
        return brief(piece.kind, style.columns)
    return _whole(piece.key, style) if piece.key else "(the whole file)"


def _at_line(piece: Evidence) -> str:
    return f"  line {piece.line}" if piece.line and piece.path else ""


def evidence_lines(piece: Evidence, style: Style, indent: int) -> Iterator[Line]:
    """One piece by itself: host, file, line and key; below it what was there before and after."""
    room = style.columns - indent
    if piece.op is Op.OBSERVED:
        seen = f"{place(piece.target)}  {brief(piece.kind, 24)}  {brief(piece.summary, 4 * room)}"
        yield from flow(line(seen), style.columns, hang=indent + 2, first=indent)
        return
    where = shortened_middle(file_place(piece), 2 * room)
    key = shortened_middle(printable(piece.key or ""), 2 * room)
    parts = line(place(piece.target), f"  {where}" if where else "", Span(f"  {key}" if key else "", Role.SUSPECT))
    yield from flow(parts, style.columns, hang=indent + 2, first=indent)
    yield from alteration_lines(piece, style, indent + 2)


def alteration_lines(piece: Evidence, style: Style, indent: int) -> Iterator[Line]:
    """``4096 → 512`` where it fits on a line, else before and after on lines of their own; then the note."""
    if piece.op is Op.OBSERVED:
        yield from flow(line(brief(piece.summary, 4 * style.columns)), style.columns, hang=indent)
        return
    word = alteration_word(piece)
    if has_values(piece):
        said = f"({printable(piece.note)})" if piece.note else ""
        lines = list(_values(piece, style, indent))
        if said and len(lines) == 1 and sum(cell_len(span.text) for span in lines[0]) + 2 + cell_len(said) <= style.columns:
            yield (*lines[0], Span(f"  {said}", Role.DIM))
            return
        yield from lines
    else:
        said = f"{word}: " * bool(word) + printable(piece.note or piece.summary)
    if said:
        yield from flow(line(shortened(said, 3 * style.columns)), style.columns, hang=indent)


def _values(piece: Evidence, style: Style, indent: int) -> Iterator[Line]:
    room = style.columns - indent
    word = alteration_word(piece)
    lead = f"{word} " if word else ""
    old, new = value_text(piece.before), value_text(piece.after)
    if (piece.op, piece.before, piece.after) in ((Op.ADDED, None, ""), (Op.REMOVED, "", None)):
        yield line(" " * indent, word)  # a flag: a key that has no value
    elif piece.op is Op.ADDED:
        yield from _one_value(lead, new, Role.AFTER, indent, room)
    elif piece.op is Op.REMOVED:
        yield from _one_value(lead, old, Role.BEFORE, indent, room)
    elif cell_len(lead + old + new) + 3 <= room:
        yield line(" " * indent, lead, Span(old, Role.BEFORE), " → ", Span(new, Role.AFTER))
    else:
        old, new = value_pair(piece.before, piece.after, room - 8)
        yield from _one_value("before  ", old, Role.BEFORE, indent, room)
        yield from _one_value("after   ", new, Role.AFTER, indent, room)


def _one_value(lead: str, value: str, role: Role, indent: int, room: int) -> Iterator[Line]:
    yield line(" " * indent, lead, Span(shortened(value, room - len(lead)), role))
