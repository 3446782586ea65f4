"""The spool, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from changelog_ledger.model.fact import Fact
from changelog_ledger.model.spool import Merged, Waiting
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.json_values import Document, schema
from changelog_ledger.reports.layout import Line, Span, clipped, flow, line, padded, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import short_clock


def spool_document(waiting: Sequence[Waiting]) -> Document:
    """``spool list --json``."""
    return {"schema": schema("spool"), "waiting": [_waiting(each) for each in waiting]}


def merged_document(merged: Merged) -> Document:
    """``spool merge --json``."""
    return {
        "schema": schema("spool-merge"),
        "recorded": [_fact(fact) for fact in merged.recorded],
        "noted": [_fact(fact) for fact in merged.noted],
        "known": merged.known,
        "kept": [_waiting(each) for each in merged.kept],
        "torn": list(merged.torn),
    }


def render_spool(waiting: Sequence[Waiting], style: Style, now: datetime) -> str:
    """What waits, one line each."""
    if not waiting:
        return written([line("Nothing waits in the spool.")], style)
    return written([*(each for entry in waiting for each in _lines(entry, style, now)), line(Span(count(len(waiting), "fact"), Role.DIM))], style)


def render_merged(merged: Merged, style: Style, now: datetime) -> str:
    """What a merge came to: the numbers, then what needs somebody."""
    if merged == Merged():
        return written([line("Nothing waits in the spool.")], style)
    return written(list(_merged(merged, style, now)), style)


def _merged(merged: Merged, style: Style, now: datetime) -> Iterator[Line]:
    known = f", {merged.known} merged before" if merged.known else ""
    yield line(f"{count(len(merged.recorded), 'fact')} recorded{known}")
    for fact in merged.noted:
        words = f"a step of {fact.data['change']} is no longer possible; it is a note on it now"
        yield from flow(line(Span("NOTED", Role.WARNING), f"    {printable(words)}"), style.columns, hang=9, first=0)
    for waiting in merged.kept:
        yield from _lines(waiting, style, now)
    for path in merged.torn:
        words = f"half a line, its writer was killed: {path}"
        yield from flow(line(Span("TORN", Role.WARNING), f"     {printable(words)}"), style.columns, hang=9, first=0)


def _lines(waiting: Waiting, style: Style, now: datetime) -> Iterator[Line]:
    fact = waiting.fact
    when = short_clock(fact.occurred_at, style.zone, now)
    yield clipped(line(f"{padded(when, 12)}  {printable(fact.actor)}  {printable(subject(fact))}"), style.columns)
    if waiting.reason:
        words = printable(f"{waiting.reason}  ({waiting.file})")
        yield from flow(line(Span("STAYS", Role.WARNING), f"    {words}"), style.columns, hang=9, first=0)


def subject(fact: Fact) -> str:
    """What a fact says, in a few words: ``start CHG-7K3M9Q``."""
    body = fact.data
    words = {
        "change": ("plan", "id", "title"),
        "change-step": ("", "verb", "change"),
        "incident": ("open", "id", "title"),
        "incident-step": ("", "verb", "incident"),
        "mark": ("", "state", "target"),
        "observation": ("seen on", "on", "summary"),
    }.get(fact.kind, (fact.kind or "a line", "", ""))
    if fact.kind == "change" and body.get("logged_after"):
        words = ("log", *words[1:])
    return " ".join(filter(None, [words[0], *(str(body.get(name, "")) for name in words[1:])]))


def _fact(fact: Fact) -> Document:
    return {"id": fact.id, "kind": fact.kind, "at": format_instant(fact.occurred_at), "actor": fact.actor, "text": subject(fact)}


def _waiting(waiting: Waiting) -> Document:
    return _fact(waiting.fact) | {"reason": waiting.reason or None, "file": waiting.file}
