"""Changes for a terminal: one with its lifecycle, or a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from changelog_ledger.model.change import Change, ItemState, Status
from changelog_ledger.model.topology import Target
from changelog_ledger.reports.escape import printable, printable_lines
from changelog_ledger.reports.layout import Line, Span, clipped, field, flow, line, padded, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import ago, clock, length, short_clock
from changelog_ledger.reports.values import place

_BOXES = {ItemState.OPEN: "[ ]", ItemState.DONE: "[x]", ItemState.WAIVED: "[-]"}
_STATUS_CELLS = max(len(status) for status in Status)


def render_change(change: Change, style: Style, now: datetime) -> str:
    """One change: what and where, its times, its checklist, the way back, the notes."""
    blocks = (_title(change, style, now), _facts(change, style), _times(change, style, now), _checklist(change, style), _prose(change, style, now))
    return written([each for block in blocks for each in block], style)


def render_changes(changes: Sequence[Change], style: Style, now: datetime) -> str:
    """A list of changes, one line each, in the order given."""
    if not changes:
        return written([line("No such change is logged.")], style)
    lines = [clipped(_row(change, style, now), style.columns) for change in changes]
    return written([*lines, line(Span(count(len(changes), "change"), Role.DIM))], style)


def _title(change: Change, style: Style, now: datetime) -> Iterator[Line]:
    yield from flow(line(f"{printable(change.id)}  ", Span(printable(change.title), Role.HEADING)), style.columns, hang=2, first=0)
    remarks = [
        f"{change.type.value} change",
        "logged afterwards" if change.logged_after else "",
        overdue_words(change, now),
        "waits for its review" if change.type.value == "emergency" and not change.is_open and not change.reviewed_at else "",
    ]
    yield from flow(line(*_status(change), ", " + ", ".join(filter(None, remarks))), style.columns, hang=2, first=0)


def _status(change: Change) -> Line:
    role = {Status.SUCCEEDED: Role.EXPLAINED, Status.FAILED: Role.UNLOGGED, Status.ROLLED_BACK: Role.WARNING}.get(change.status, Role.SUSPECT)
    return line(Span(change.status.value, role))


def overdue_words(change: Change, now: datetime) -> str:
    """``overdue for 2 h``, or empty."""
    if not change.is_open or change.planned_end is None or change.planned_end >= now:
        return ""
    return f"OVERDUE for {length(now - change.planned_end)}"


def _facts(change: Change, style: Style) -> Iterator[Line]:
    entries = (
        ("On", places(change.on)),
        ("Paths", ", ".join(printable(path) for path in change.paths) or "any"),
        ("Affects", places(change.affects)),
        ("Impact", " ".join(filter(None, [change.impact and change.impact.value, change.risk and f"(risk {change.risk.value})"]))),
        ("Category", ", ".join(printable(word) for word in change.category)),
        ("Actor", printable(change.actor)),
        ("Reference", ", ".join(filter(None, [printable(change.ref), printable(change.ticket)]))),
        ("Reason", printable(change.reason)),
    )
    for label, words in entries:
        if words:
            yield from field(label, words, style)


def places(targets: Sequence[Target]) -> str:
    """Targets as a list of words."""
    return ", ".join(place(target) for target in targets)


def _times(change: Change, style: Style, now: datetime) -> Iterator[Line]:
    yield ()
    if change.planned_start:
        planned = clock(change.planned_start, style.zone, now)
        yield from field("Planned", f"{planned}{_until(change, style, now)}", style)
    steps = (
        ("Recorded", change.recorded_at),
        ("Approved", change.approved_at),
        ("Started", change.started_at),
        ("Finished", change.finished_at),
        ("Reviewed", change.reviewed_at),
    )
    for label, moment in steps:
        if moment:
            yield from field(label, f"{clock(moment, style.zone, now)}, {ago(moment, now)}", style)
    if change.outcome:
        yield from field("Outcome", printable(change.outcome), style)


def _until(change: Change, style: Style, now: datetime) -> str:
    if change.planned_start is None or change.planned_end is None:
        return ""
    return f" for {length(change.planned_end - change.planned_start)}, to {clock(change.planned_end, style.zone, now)}"


def _checklist(change: Change, style: Style) -> Iterator[Line]:
    if not change.items:
        return
    unticked = sum(item.state is ItemState.OPEN for item in change.items)
    yield ()
    yield line(Span("CHECKLIST", Role.HEADING), f"  {unticked} of {count(len(change.items), 'item')} open" if unticked else "  nothing open")
    for number, item in enumerate(change.items, 1):
        role = Role.WARNING if item.state is ItemState.OPEN else Role.DIM
        because = f", waived: {printable(item.because)}" if item.state is ItemState.WAIVED else ""
        yield from flow(line(f"{number}. ", Span(_BOXES[item.state], role), f" {printable(item.text)}{because}"), style.columns, hang=8, first=2)


def _prose(change: Change, style: Style, now: datetime) -> Iterator[Line]:
    if change.rollback_to or change.backout:
        yield ()
        yield line(Span("WAY BACK", Role.HEADING))
        if change.rollback_to:
            yield from flow(line(f"to {printable(change.rollback_to)}"), style.columns, hang=4, first=2)
        yield from _paragraph(change.backout, style)
    if change.description:
        yield ()
        yield line(Span("DESCRIPTION", Role.HEADING))
        yield from _paragraph(change.description, style)
    if change.notes:
        yield ()
        yield line(Span("NOTES", Role.HEADING))
    for note in change.notes:
        by = f"{clock(note.at, style.zone, now)}  {printable(note.actor)}" + (f"  {printable(note.step)}" if note.step else "")
        yield from flow(line(Span(by, Role.DIM)), style.columns, hang=4, first=2)
        yield from _paragraph(note.text, style, indent=4)


def _paragraph(text: str, style: Style, indent: int = 2) -> Iterator[Line]:
    if text:
        for words in printable_lines(text):
            yield from flow(line(words), style.columns, hang=indent)


def _row(change: Change, style: Style, now: datetime) -> Line:
    begins = change.begins or change.recorded_at
    when = padded(short_clock(begins, style.zone, now) if begins else "", 16)
    overdue = overdue_words(change, now)
    kind = change.type.value if change.type.value == "emergency" else ""
    remarks = ", ".join(filter(None, [overdue, kind]))
    status = _status(change)[0]
    return line(
        f"{printable(change.id)}  ", Span(padded(status.text, _STATUS_CELLS), status.role), f"  {when}  ",
        Span(f"{remarks}  " if remarks else "", Role.WARNING), printable(change.title), Span(f"  on {places(change.on)}", Role.DIM),
    )  # fmt: skip
