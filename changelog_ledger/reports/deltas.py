"""Deltas of two files: no host, no time, no change, only what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from changelog_ledger.model.evidence import Confidence, Delta, Evidence
from changelog_ledger.model.topology import EVERYTHING
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.evidence_text import alteration_lines
from changelog_ledger.reports.json_values import schema
from changelog_ledger.reports.layout import Line, Span, flow, line, shortened_middle, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import PLAIN, Role, Style

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def render_deltas(deltas: Sequence[Delta], style: Style = PLAIN) -> str:
    """The differences of one file, as ``diff --files`` prints them."""
    if not deltas:
        return written([line("No difference.")], style)
    lines: list[Line] = [line(Span(shortened_middle(printable(deltas[0].path), style.columns), Role.HEADING))]
    for delta in deltas:
        lines += delta_lines(delta, style, indent=2)
    lines.append(line(f"{count(len(deltas), 'difference', 'differences')}."))
    return written(lines, style)


def delta_lines(delta: Delta, style: Style, indent: int) -> Iterator[Line]:
    """One difference: its key and line, below it what was there before and after."""
    name = shortened_middle(printable(delta.key), 8 * style.columns) if delta.key else "(the whole file)"
    place = f"  line {delta.line}" if delta.line and not (delta.key or "").startswith("line") else ""
    yield from flow(line(Span(name, Role.SUSPECT), Span(place, Role.DIM)), style.columns, hang=indent + 2, first=indent)
    yield from alteration_lines(shown_as_evidence(delta), style, indent + 2)


def deltas_document(deltas: Sequence[Delta]) -> dict[str, Any]:
    """The differences of one file in the shape of evidence; what a file by itself cannot tell is null."""
    return {"schema": schema("diff"), "evidence": [_document(number, delta) for number, delta in enumerate(deltas, 1)], "suppressed": []}


def _document(number: int, delta: Delta) -> dict[str, Any]:
    unknown = ("host", "target", "not_before", "not_after", "seen_at", "explained_by", "because", "ref", "actor", "noise")
    known = {"id": f"E{number}", "kind": "config", "path": delta.path, "key": delta.key, "line": delta.line, "op": delta.op.value}
    known |= {"before": delta.before, "after": delta.after, "note": delta.note or None, "confidence": Confidence.NONE.value}
    return known | {"transient": False, "summary": _summary(delta), "parts": []} | dict.fromkeys(unknown)


def _summary(delta: Delta) -> str:
    return " ".join(part for part in (delta.path, delta.key, delta.op.value, f"({delta.note})" if delta.note else "") if part)


def shown_as_evidence(delta: Delta) -> Evidence:
    """What the renderer of evidence needs to show the values; times and attribution are not shown."""
    return Evidence(
        id="",
        kind="config",
        target=EVERYTHING,
        op=delta.op,
        not_before=_NO_TIME,
        not_after=_NO_TIME,
        seen_at=_NO_TIME,
        summary=_summary(delta),
        path=delta.path,
        key=delta.key,
        before=delta.before,
        after=delta.after,
        line=delta.line,
        note=delta.note,
    )
