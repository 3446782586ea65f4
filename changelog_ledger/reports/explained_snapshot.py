"""What a snapshot would look at, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from changelog_ledger.model.state import Availability, Collector, SnapshotExplanation, state_path
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import Document, schema
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, padded, written
from changelog_ledger.reports.style import Role, Style


def explained_snapshot_document(explained: SnapshotExplanation) -> Document:
    """``snapshot --explain --json``."""
    return {
        "schema": schema("snapshot-explanation"),
        "host": explained.host,
        "paths": list(explained.paths),
        "ignored": list(explained.ignored),
        "collectors": [_collector(each) for each in explained.collectors],
    }


def _collector(collector: Collector) -> Document:
    return {
        "name": collector.name,
        "path": state_path(collector.name),
        "holds": collector.holds,
        "needs": collector.needs,
        "watched": collector.watched,
        "availability": collector.availability.value,
        "why": collector.why or None,
        "seconds": round(collector.seconds, 4),
        "size": collector.size,
    }


def render_explained_snapshot(explained: SnapshotExplanation, style: Style) -> str:
    """The watched paths, a table of the collectors, and of those that tell nothing, why."""
    return written(list(_lines(explained, style)), style)


def _lines(explained: SnapshotExplanation, style: Style) -> Iterator[Line]:
    yield line(Span(f"A snapshot of {printable(explained.host)} looks at", Role.HEADING))
    for path in explained.paths:
        yield from flow(line(printable(path)), style.columns, hang=4, first=2)
    if not explained.paths:
        yield line("  no files")
    if explained.ignored:
        yield from flow(line(Span(f"but not at {', '.join(map(printable, explained.ignored))}", Role.DIM)), style.columns, hang=4, first=2)
    yield line()
    yield line(Span(_cells("and at @state/", "", "bytes", "ms"), Role.HEADING))
    for each in explained.collectors:
        yield _row(each, style)
    yield from _reasons(explained.collectors, style)


_NAME, _STANDING, _BYTES, _MILLISECONDS = 17, 13, 8, 6
_LEGIBLE = 12
"""Cells below which a description says nothing."""


def _cells(name: str, standing: str, size: str, milliseconds: str) -> str:
    return f"{padded(name, _NAME)} {padded(standing, _STANDING)}{size:>{_BYTES}}{milliseconds:>{_MILLISECONDS}}"


def _row(collector: Collector, style: Style) -> Line:
    standing, role = _standing(collector)
    available = collector.availability is Availability.AVAILABLE
    size = str(collector.size) if available else ""
    taken = f"{size:>{_BYTES}}{f'{collector.seconds * 1000:.0f}':>{_MILLISECONDS}}"
    row = line(padded(f"  {printable(collector.name)}", _NAME), " ", Span(padded(standing, _STANDING), role), taken)
    room = style.columns - sum(len(span.text) for span in row) - 2
    return (*row, Span(f"  {brief(collector.holds, room)}", Role.DIM)) if room >= _LEGIBLE else row


def _standing(collector: Collector) -> tuple[str, Role]:
    if collector.availability is Availability.UNAVAILABLE:
        return "not available", Role.DIM
    if collector.availability is Availability.FAILED:
        return "failed", Role.WARNING
    return ("watched", Role.PLAIN) if collector.watched else ("off", Role.DIM)


def _reasons(collectors: Sequence[Collector], style: Style) -> Iterator[Line]:
    """What failed, then what is not available; those that say the same together."""
    for availability, role, word in ((Availability.FAILED, Role.WARNING, "failed"), (Availability.UNAVAILABLE, Role.DIM, "not available")):
        names: dict[str, list[str]] = {}
        for each in collectors:
            if each.availability is availability:
                names.setdefault(each.why, []).append(each.name if each.watched else f"{each.name} (off)")
        for why, who in names.items():
            yield from flow(line(Span(f"{word}:", role), f" {printable(', '.join(who))}: {printable(why)}"), style.columns, hang=4, first=2)
