"""Who set what: ``blame`` for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len

from changelog_ledger.model.blame import Blame, BlamedEntry, BlameKind, Origin, Setting
from changelog_ledger.model.evidence import Confidence
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import schema
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, padded, shortened, shortened_middle, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import clock, short_clock
from changelog_ledger.reports.values import value_text

_WIDEST_KEY = 40
"""Cells that keys may take beside their values; a longer one has a line to itself."""


def render_blame(blame: Blame, style: Style = PLAIN, now: datetime | None = None) -> str:
    """The keys by the change that set them, what was set last first.

    :param now: lets times of this year go without the year.
    """
    lines = [*_head(blame, style, now), ()]
    for setting, entries in _groups(blame):
        lines += _origin(setting, entries, style, now or blame.at)
        lines += _entries(entries, style)
        lines.append(())
    lines += flow(line(Span(_totals(blame), Role.DIM)), style.columns, hang=2, first=0)
    return written(lines, style)


def blame_document(blame: Blame) -> dict[str, Any]:
    """``blame --json``: an entry a key, in the order of the file. Fields of evidence are called as there."""
    return {
        "schema": schema("blame"),
        "host": blame.host,
        "path": blame.path,
        "asked": blame.asked or None,
        "snapshot": blame.snapshot,
        "at": format_instant(blame.at),
        "format": blame.format or None,
        "reason": blame.reason or None,
        "removed": blame.removed,
        "keys": [_entry(entry) for entry in blame.entries],
    }


def _entry(entry: BlamedEntry) -> dict[str, Any]:
    setting = entry.setting
    return {
        "key": entry.key,
        "kind": entry.kind.value,
        "line": entry.line,
        "value": entry.value,
        "removed": entry.removed,
        "before": entry.before,
        "origin": setting.origin.value,
        "explained_by": setting.change or None,
        "ref": setting.ref or None,
        "title": setting.title or None,
        "confidence": setting.confidence.value,
        "because": setting.because or None,
        "actor": setting.actor or None,
        "snapshot": setting.snapshot or None,
        "reason": setting.reason or None,
        "not_before": format_instant(setting.not_before) if setting.not_before else None,
        "not_after": format_instant(setting.not_after),
        "seen_at": format_instant(setting.seen_at),
        "evidence": entry.evidence or None,
        "note": setting.note or None,
    }


def _groups(blame: Blame) -> list[tuple[Setting, list[BlamedEntry]]]:
    """Entries that are owed to one edit stand together."""
    groups: dict[tuple[str, str, str], list[BlamedEntry]] = {}
    for entry in blame.entries:
        setting = entry.setting
        groups.setdefault((setting.origin.value, setting.snapshot, setting.change), []).append(entry)
    found = [(entries[0].setting, entries) for entries in groups.values()]
    return sorted(found, key=lambda group: group[0].not_after, reverse=True)


def _head(blame: Blame, style: Style, now: datetime | None) -> Iterator[Line]:
    path = shortened_middle(printable(blame.path), 4 * style.columns)
    yield from flow(line(Span(f"{printable(blame.host)}  {path}", Role.HEADING)), style.columns, hang=2, first=0)
    said = [f"as of {clock(blame.at, style.zone, now)}", printable(blame.reason) if blame.reason else blame.format]
    said += [f"asked for {brief(blame.asked, style.columns)}"] if blame.asked else []
    yield from flow(line(Span(", ".join(filter(None, said)), Role.DIM)), style.columns, hang=2, first=0)
    if blame.removed:
        what = f"{brief(blame.asked, style.columns)} is not there any more" if blame.asked else "the file is not there any more"
        yield from flow(line(Span(f"{what}: who removed it, and what it was", Role.WARNING)), style.columns, hang=2, first=0)


def _origin(setting: Setting, entries: Sequence[BlamedEntry], style: Style, now: datetime) -> Iterator[Line]:
    """Two or three lines: who; when; what a reader should know besides."""
    yield from flow(line(*_who(setting, style)), style.columns, hang=4, first=0)
    yield from flow(line(Span(_when(setting, style, now), Role.DIM)), style.columns, hang=4, first=2)
    if setting.note:
        yield from flow(line(Span(f"({printable(setting.note)})", Role.DIM)), style.columns, hang=4, first=2)


def _who(setting: Setting, style: Style) -> Iterator[Span]:
    actor = brief(setting.actor, 40)
    reason = f": {brief(setting.reason, style.columns)}" if setting.reason else ""
    match setting.origin:
        case Origin.CHANGE:
            perhaps = "perhaps " if setting.confidence is Confidence.TIME else ""
            ref = f" ({brief(setting.ref, 24)})" if setting.ref else ""
            yield Span(f"{perhaps}{printable(setting.change)}{ref}", Role.EXPLAINED)
            yield Span(f"  {brief(setting.title, 2 * style.columns)}", Role.SUSPECT)
            yield Span(f", by {actor}" if actor else "")
            yield Span(" (only the time fits)" if perhaps else "", Role.DIM)
        case Origin.UNLOGGED:
            yield Span("UNLOGGED", Role.UNLOGGED)
            yield Span(f"  found by a snapshot of {actor}{reason}" if actor else f"  found by a snapshot{reason}")
        case Origin.FIRST_SNAPSHOT:
            yield Span("SINCE THE FIRST SNAPSHOT", Role.SUSPECT)
            yield Span(f", taken by {actor}{reason}" if actor else reason)
        case Origin.EARLIER:
            yield Span("EARLIER", Role.SUSPECT)


def _when(setting: Setting, style: Style, now: datetime) -> str:
    found = clock(setting.not_after, style.zone, now)
    snapshot = f", snapshot {printable(setting.snapshot)}" if setting.snapshot else ""
    if setting.origin in (Origin.FIRST_SNAPSHOT, Origin.EARLIER):
        return f"{found} or before{snapshot}"
    if setting.not_before is None or setting.not_before == setting.not_after:
        return f"{found}{snapshot}"
    begin, seen, end = (short_clock(moment, style.zone, now) for moment in (setting.not_before, setting.seen_at, setting.not_after))
    about = f", about {seen}" if seen not in (begin, end) else ""
    return f"between {begin} and {found}{about}{snapshot}"


def _entries(entries: Sequence[BlamedEntry], style: Style) -> Iterator[Line]:
    """Keys beside their values, in columns as far as the keys are short."""
    keys = [_key(entry, style) for entry in entries]
    fitting = [cell_len(key) for key in keys if cell_len(key) <= min(_WIDEST_KEY, style.columns // 2)]
    column = max(fitting, default=0)
    for key, entry in zip(keys, entries, strict=True):
        if cell_len(key) > column:
            yield from flow(line(Span(key, Role.SUSPECT)), style.columns, hang=6, first=4)
            yield line(" " * 8, *_value(entry, style.columns - 8))
        else:
            yield line("    ", Span(padded(key, column), Role.SUSPECT), "  ", *_value(entry, style.columns - column - 6))


def _key(entry: BlamedEntry, style: Style) -> str:
    if entry.kind is BlameKind.METADATA or entry.kind is BlameKind.CONTENT:
        return f"({printable(entry.key)})"
    return shortened_middle(printable(entry.key), 4 * style.columns) or "(the whole file)"


def _value(entry: BlamedEntry, room: int) -> Line:
    """The value; what it was before where there is room for that, and that it was removed."""
    role = Role.BEFORE if entry.removed else Role.PLAIN
    value = value_text(entry.value)
    if entry.removed:
        return line("removed, was ", Span(shortened(value, room - 13), role))
    was = f"  was {value_text(entry.before)}" if entry.before is not None else ""
    if was and cell_len(value) + cell_len(was) <= room:
        return line(value, Span(was, Role.DIM))
    return line(Span(shortened(value, room), role))


def _totals(blame: Blame) -> str:
    keys = sum(entry.kind in (BlameKind.KEY, BlameKind.LINE) for entry in blame.entries)
    noun = "line" if any(entry.kind is BlameKind.LINE for entry in blame.entries) else "key"
    besides = len(blame.entries) - keys
    said = " and ".join([count(keys, noun)] * bool(keys) + [f"{besides} of the file itself"] * bool(besides))
    unlogged = sum(entry.setting.origin is Origin.UNLOGGED for entry in blame.entries)
    return f"{said}{', removed' if blame.removed else ''}; {unlogged or 'none'} unlogged."
