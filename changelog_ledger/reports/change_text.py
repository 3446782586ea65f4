"""Changes for a terminal: one with its lifecycle, or a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.topology import Target
from changelog_ledger.reports.assessment_text import assessment_lines
from changelog_ledger.reports.checklist_text import checklist_lines
from changelog_ledger.reports.escape import printable, printable_lines
from changelog_ledger.reports.layout import Line, Span, clipped, field, flow, line, padded, written
from changelog_ledger.reports.phrases import count, excerpt
from changelog_ledger.reports.standing import close_words, overdue_words, return_words, stuck_words, way_back_lines
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import ago, clock, in_words, length, short_clock
from changelog_ledger.reports.values import place

_STATUS_CELLS = max(len(status) for status in Status)


def render_change(change: Change, style: Style, now: datetime, zone: tzinfo | None = None, waits_for: str = "", incidents: Sequence[str] = ()) -> str:
    """One change: what and where, its times, its checklist, the way back, the notes.

    :param zone: the zone that it was planned in, if any: its window is shown as the clock there has it, too.
    :param waits_for: what people still have to do about it (``2 approvals``, ``its review``); empty for nothing.
    :param incidents: the incidents that it has to do with, in words (:func:`~changelog_ledger.reports.incident_text.linked_words`).
    """
    return written(_change(change, style, now, zone, waits_for, incidents), style)


def render_draft(change: Change, style: Style, now: datetime, zone: tzinfo | None = None) -> str:
    """A change that was not recorded: what it would be. It would get another id, so none is shown."""
    heading = flow(line(Span("NOT RECORDED", Role.WARNING), "  this is what would be planned"), style.columns, hang=2, first=0)
    return written([*heading, *_change(replace(change, id="CHG-…"), style, now, zone)], style)


def _change(
    change: Change, style: Style, now: datetime, zone: tzinfo | None = None, waits_for: str = "", incidents: Sequence[str] = ()
) -> list[Line]:
    facts = (_title(change, style, now, waits_for), _facts(change, incidents, style), _times(change, style, now, zone))
    blocks = (*facts, assessment_lines(change, style, now), checklist_lines(change, style), _prose(change, style, now))
    return [each for block in blocks for each in block]


def render_changes(changes: Sequence[Change], style: Style, now: datetime, total: int | None = None) -> str:
    """A list of changes, one line each, in the order given.

    :param total: how many there are, where not all of them are shown.
    """
    if not changes:
        return written([line("No such change is logged.")], style)
    lines = [clipped(_row(change, style, now), style.columns) for change in changes]
    more = max(0, (total or 0) - len(changes))
    rest = f", and {more:,} more: --limit {total}" if more else ""
    return written([*lines, line(Span(f"{count(len(changes), 'change')}{rest}", Role.WARNING if more else Role.DIM))], style)


def _title(change: Change, style: Style, now: datetime, waits_for: str) -> Iterator[Line]:
    yield from flow(line(f"{printable(change.id)}  ", Span(printable(change.title), Role.HEADING)), style.columns, hang=2, first=0)
    remarks = [
        f"{change.type.value} change",
        "logged afterwards" if change.logged_after else "",
        f"waits for {waits_for}" if waits_for else "",
        stuck_words(change, now) or overdue_words(change, now),
    ]
    yield from flow(line(*_status(change), ", " + ", ".join(filter(None, remarks))), style.columns, hang=2, first=0)
    for words in filter(None, (return_words(change, now, style.zone), close_words(change, now))):
        yield from flow(line(Span(words, Role.WARNING)), style.columns, hang=2, first=0)


def _status(change: Change) -> Line:
    role = {Status.SUCCEEDED: Role.EXPLAINED, Status.FAILED: Role.UNLOGGED, Status.ROLLED_BACK: Role.WARNING}.get(change.status, Role.SUSPECT)
    return line(Span(change.status.value, role))


def _facts(change: Change, incidents: Sequence[str], style: Style) -> Iterator[Line]:
    entries = (
        ("On", places(change.on)),
        ("Paths", ", ".join(printable(path) for path in change.paths) or "any"),
        ("Affects", places(change.affects)),
        ("Impact", " ".join(filter(None, [change.impact and change.impact.value, change.risk and f"(risk {change.risk.value})"]))),
        ("Category", ", ".join(printable(word) for word in change.category)),
        ("Actor", printable(change.actor)),
        ("Part of", printable(change.parent)),
        ("Reference", ", ".join(filter(None, [printable(change.ref), printable(change.ticket)]))),
        ("Reason", printable(change.reason)),
        ("Downtime", f"{length(change.downtime)} expected" if change.downtime else ""),
        ("Contact", printable(change.contact)),
        *(("Incident", words) for words in incidents),
    )
    for label, words in entries:
        if words:
            yield from field(label, words, style)


def places(targets: Sequence[Target]) -> str:
    """Targets as a list of words."""
    return ", ".join(place(target) for target in targets)


def _times(change: Change, style: Style, now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    yield ()
    if change.planned_start:
        planned = clock(change.planned_start, style.zone, now)
        yield from field("Planned", f"{planned}{_until(change, style, now)}", style)
        if zone is not None:
            yield from field("There", f"{_there(change, zone, now)} in {printable(change.zone)}", style)
    elif change.planned_end:  # started without a plan, and given an end since
        yield from field("Planned", f"to {clock(change.planned_end, style.zone, now)}", style)
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


def _there(change: Change, zone: tzinfo, now: datetime) -> str:
    ends = f" to {clock(change.planned_end, zone, now)}" if change.planned_end else ""
    return f"{clock(change.planned_start, zone, now)}{ends}" if change.planned_start else ""


def _until(change: Change, style: Style, now: datetime) -> str:
    if change.planned_start is None or change.planned_end is None:
        return ""
    return f" for {length(change.planned_end - change.planned_start)}, to {clock(change.planned_end, style.zone, now)}"


def _prose(change: Change, style: Style, now: datetime) -> Iterator[Line]:
    yield from way_back_lines(change, style, now)
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
        yield from _paragraph(in_words(note.text, style.zone, now), style, indent=4)
        for remark in note.remarks:
            said = f"{remark.code}: {in_words(remark.text, style.zone, now)}"
            yield from flow(line(Span(printable(said), Role.WARNING)), style.columns, hang=6, first=4)


def _paragraph(text: str, style: Style, indent: int = 2) -> Iterator[Line]:
    if text:
        for words in printable_lines(excerpt(text)):
            yield from flow(line(words), style.columns, hang=indent)


def _row(change: Change, style: Style, now: datetime) -> Line:
    begins = change.begins or change.recorded_at
    when = padded(short_clock(begins, style.zone, now) if begins else "", 16)
    overdue = stuck_words(change, now).partition(",")[0] or overdue_words(change, now)
    kind = change.type.value if change.type.value == "emergency" else ""
    remarks = ", ".join(filter(None, [overdue, kind]))
    status = _status(change)[0]
    return line(
        f"{printable(change.id)}  ", Span(padded(status.text, _STATUS_CELLS), status.role), f"  {when}  ",
        Span(f"{remarks}  " if remarks else "", Role.WARNING), printable(change.title), Span(f"  on {places(change.on)}", Role.DIM),
    )  # fmt: skip
