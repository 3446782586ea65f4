"""What a snapshot would look at, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.state import Availability, Collector, SnapshotExplanation, state_path
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import Document, schema
from changelog_ledger.reports.layout import Line, Span, flow, line, written
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
    """The watched paths, then the collectors, two lines each."""
    return written(list(_lines(explained, style)), style)


def _lines(explained: SnapshotExplanation, style: Style) -> Iterator[Line]:
    yield line(Span(f"A snapshot of {printable(explained.host)} looks at", Role.HEADING))
    for path in explained.paths:
        yield from flow(line(printable(path)), style.columns, hang=4, first=2)
    if not explained.paths:
        yield line("  no files")
    if explained.ignored:
        yield from flow(line(Span(f"but not at {', '.join(map(printable, explained.ignored))}", Role.DIM)), style.columns, hang=6, first=2)
    yield line()
    yield line(Span("and of this machine's state at", Role.HEADING))
    for each in explained.collectors:
        yield from _two(each, style)


def _two(collector: Collector, style: Style) -> Iterator[Line]:
    mark = "on " if collector.watched else "off"
    found = f"{collector.size} bytes in {collector.seconds * 1000:.0f} ms"
    said = {
        Availability.AVAILABLE: Span(found),
        Availability.UNAVAILABLE: Span(f"not available here: {printable(collector.why)}", Role.DIM),
        Availability.FAILED: Span(f"FAILED: {printable(collector.why)}", Role.WARNING),
    }[collector.availability]
    yield from flow(line(f"{mark}  {state_path(collector.name):<23}", " ", said), style.columns, hang=6, first=2)
    yield from flow(line(Span(f"{collector.holds} ({collector.needs})", Role.DIM)), style.columns, hang=9, first=7)
