"""How an ingestion went, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from changelog_ledger.model.ingestion import Ingested, Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import Document, schema, time_value
from changelog_ledger.reports.layout import Line, Span, flow, line, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import short_clock

_SHOWN = 10


def ingested_document(ingested: Ingested) -> Document:
    """``ingest … --json``."""
    return {
        "schema": schema("ingest"),
        "recorded": ingested.recorded,
        "known": ingested.known,
        "counts": dict(sorted(ingested.counts.items())),
        "newest": [_seen(each) for each in ingested.newest],
        "gaps": [{"source": gap.source, "why": gap.why} for gap in ingested.gaps],
        "notes": list(ingested.notes),
        "dry_run": ingested.dry_run,
    }


def _seen(seen: Seen) -> Document:
    return {
        "what": seen.what,
        "at": format_instant(seen.at),
        "not_before": time_value(seen.not_before),
        "target": str(seen.target) if seen.target else None,
        "summary": seen.summary,
        "actor": seen.actor or None,
        "source": seen.source or None,
        "data": dict(seen.data),
    }


def render_ingested(ingested: Ingested, style: Style, now: datetime) -> str:
    """How many are new and how many were known, then the newest, one line each."""
    return written(list(_lines(ingested, style, now)), style)


def _lines(ingested: Ingested, style: Style, now: datetime) -> Iterator[Line]:
    known = f"; {ingested.known} known already" if ingested.known else ""
    if not ingested.recorded:
        yield line(f"Nothing new{known}.")
    else:
        noun = "entry" if {"change", "good", "bad"} & set(ingested.counts) else "observation"  # deliveries may be marks and changes, too
        done = "would be recorded" if ingested.dry_run else "recorded"
        yield line(Span(f"{count(ingested.recorded, noun, 'entries' if noun == 'entry' else '')} {done}", Role.HEADING), f"{known}.")
    shown = ingested.newest[-_SHOWN:]
    for each in shown:
        yield from flow(line(Span(short_clock(each.at, style.zone, now), Role.DIM), "  ", printable(each.summary)), style.columns, hang=6, first=2)
    if ingested.recorded > len(shown):
        yield line(Span(f"  and {ingested.recorded - len(shown)} before: ledger recent shows them", Role.DIM))
    for note in ingested.notes:
        yield from flow(line(Span(printable(note), Role.DIM)), style.columns, hang=2, first=0)
