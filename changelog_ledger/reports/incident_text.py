"""Incidents for a terminal: one with all that was recorded of it, or a list; and what to do next when one was opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from changelog_ledger.model.incident import Action, Incident, IncidentState, Link
from changelog_ledger.model.topology import Mark
from changelog_ledger.reports.change_text import places
from changelog_ledger.reports.escape import printable, printable_lines
from changelog_ledger.reports.incident_status import action_lines
from changelog_ledger.reports.layout import Line, Span, brief, field, flow, line, padded, written
from changelog_ledger.reports.phrases import count, excerpt
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import ago, day_of, length, minute, short_clock

_BELOW_AN_ID = len("INC-7K3M9Q  ")
_TITLE = 60


def render_incident(incident: Incident, style: Style, now: datetime, came_back: Mark | None = None) -> str:
    """One incident: what and where, its times, what it links, what was noted and told, what is to be done.

    :param came_back: the mark that saw a target bad again after it was resolved.
    """
    blocks = (_title(incident, style, now, came_back), _facts(incident, style), _times(incident, style, now), _links(incident, style, now))
    prose = (_review(incident, style), _actions(incident, style, now), _notes(incident, style, now))
    return written([each for block in (*blocks, *prose) for each in block], style)


def render_incidents(incidents: Sequence[Incident], style: Style, now: datetime) -> str:
    """A list of incidents in the order given. What does not fit a line goes on below it: a title says what it is about."""
    if not incidents:
        return written([line("No such incident is recorded. Is there trouble?"), line("  ledger incident open TITLE --on TARGET")], style)
    times = [(short_clock(each.began_at, style.zone, now), length((each.resolved_at or now) - each.began_at)) for each in incidents]
    columns = zip(*((each.state.value, *when) for each, when in zip(incidents, times, strict=True)), strict=True)
    cells = [max(map(len, column)) for column in columns]
    rows = [_row(each, when, cells, style) for each, when in zip(incidents, times, strict=True)]
    lines = [part for row in rows for part in flow(row, style.columns, hang=_BELOW_AN_ID, first=0)]
    unresolved = sum(not incident.state.is_over for incident in incidents)
    total = f"{count(len(incidents), 'incident')}, {unresolved:,} open"
    return written([*lines, line(Span(total, Role.DIM)), *action_lines(incidents, style, day_of(now, style.zone))], style)


def render_opened(incident: Incident, style: Style) -> str:
    """That an incident was opened, and the commands that come next."""
    target, name = printable(str(incident.targets[0])), printable(incident.id)
    began = f"began {minute(incident.began_at, style.zone, incident.recorded_at)}"
    heading = flow(line(f"{name}  ", Span(brief(incident.title, 2 * style.columns), Role.HEADING)), style.columns, hang=2, first=0)
    standing = line(f"{places(incident.targets)}, {_weight(incident)}, {began}")
    commands = (
        (f"ledger what-changed {target}", "the suspects"),
        (f"ledger incident link {name} suspect:1 --as confirmed", "or: --as cleared"),
        (f"ledger incident update {name} --mitigated", "users can work again"),
        (f"ledger incident resolve {name}", "it is over"),
    )
    return written([*heading, *flow(standing, style.columns, hang=2), *_next(commands, style)], style)


def linked_words(incidents: Sequence[Incident], what: str) -> list[str]:
    """``INC-7K3M9Q Shop answers 502 (confirmed)``: what a change or another thing was for the incidents that link it."""
    found = [(each, link) for each in incidents for link in each.links if link.what == what]
    return [f"{printable(each.id)} {brief(each.title, _TITLE)} ({link.kind.value})" for each, link in found]


def _next(commands: Sequence[tuple[str, str]], style: Style) -> Iterator[Line]:
    yield line(Span("Next:", Role.DIM))
    cells = max(len(command) for command, _ in commands)
    fits = all(2 + cells + 2 + len(why) <= style.columns for _, why in commands)
    for command, why in commands:
        yield from flow(line(padded(command, cells) if fits else command, Span(f"  {why}", Role.DIM)), style.columns, hang=4, first=2)


def _title(incident: Incident, style: Style, now: datetime, came_back: Mark | None) -> Iterator[Line]:
    yield from flow(line(f"{printable(incident.id)}  ", Span(printable(incident.title), Role.HEADING)), style.columns, hang=2, first=0)
    yield from flow(line(_state(incident), f", {_weight(incident)}, {_lasting(incident, now)}"), style.columns, hang=2, first=0)
    if came_back is not None:
        seen = f"{printable(str(came_back.target))} was seen bad again {ago(came_back.at, now)}"
        said = f": {brief(came_back.symptom, _TITLE)}" if came_back.symptom else ""
        hint = f"; is it the same? ledger incident update {printable(incident.id)} --reopen --because TEXT"
        yield from flow(line(Span(seen, Role.WARNING), said, hint), style.columns, hang=2, first=0)


def _state(incident: Incident) -> Span:
    role = {IncidentState.OPEN: Role.UNLOGGED, IncidentState.RESOLVED: Role.EXPLAINED, IncidentState.REVIEWED: Role.EXPLAINED}
    return Span(incident.state.value, role.get(incident.state, Role.WARNING))


def _weight(incident: Incident) -> str:
    return f"{incident.severity.name}, priority {incident.priority}"


def _lasting(incident: Incident, now: datetime) -> str:
    if incident.resolved_at is None:
        return f"for {length(now - incident.began_at)} by now"
    lasted = f"lasted {length(incident.resolved_at - incident.began_at)}"
    out = incident.users_out_for
    return f"{lasted}, of which users were affected {length(out)}" if out is not None and incident.working_between else lasted


def _facts(incident: Incident, style: Style) -> Iterator[Line]:
    entries = (
        ("On", places(incident.targets)),
        ("Symptom", printable(incident.symptom)),
        ("Impact", f"{incident.impact.value} (urgency {incident.urgency.value})"),
        ("Kind", ", ".join(kind.value for kind in incident.kinds)),
        ("Commander", printable(incident.commander)),
        ("Actor", printable(incident.actor)),
        ("Reference", printable(incident.ref)),
        ("Path", incident.path.value if incident.path else ""),
        ("Fix", printable(incident.fix)),
    )
    for label, words in entries:
        if words:
            yield from field(label, words, style)


def _times(incident: Incident, style: Style, now: datetime) -> Iterator[Line]:
    yield ()
    times = (
        ("Began", incident.began_at),
        ("Detected", incident.detected_at),
        ("Acknowl.", incident.acknowledged_at),
        ("Mitigated", incident.mitigated_at),
        ("Resolved", incident.resolved_at),
        ("Reviewed", incident.reviewed_at),
    )
    for label, moment in times:
        if moment is not None:
            after = f", {length(moment - incident.began_at)} after it began" if moment > incident.began_at else ""
            yield from field(label, f"{minute(moment, style.zone, now)}{after}", style)


def _links(incident: Incident, style: Style, now: datetime) -> Iterator[Line]:
    if incident.links:
        yield ()
        yield line(Span("LINKED", Role.HEADING))
    for link in incident.links:
        yield from _link(link, style, now)


def _link(link: Link, style: Style, now: datetime) -> Iterator[Line]:
    when = f"  {short_clock(link.happened_at, style.zone, now)}" if link.happened_at else ""
    title = f"  {brief(link.title, 2 * style.columns)}" if link.title else ""
    kind = Span(padded(link.kind.value, 12), Role.SUSPECT)
    yield from flow(line(kind, f"  {brief(link.what, 2 * style.columns)}", Span(when, Role.DIM), title), style.columns, hang=6, first=2)
    if link.because:
        yield from flow(line(Span(f"because {brief(link.because, 4 * style.columns)}", Role.DIM)), style.columns, hang=6)


def _review(incident: Incident, style: Style) -> Iterator[Line]:
    said = (
        ("SUMMARY", [incident.summary]),
        ("TRIGGER", [incident.trigger]),
        ("CAUSES", incident.causes),
        ("WHAT WORKED", incident.worked),
    )
    for heading, texts in said:
        if any(texts):
            yield ()
            yield line(Span(heading, Role.HEADING))
        for text in filter(None, texts):
            yield from _paragraph(text, style)


def _actions(incident: Incident, style: Style, now: datetime) -> Iterator[Line]:
    if incident.actions:
        yield ()
        yield line(Span("ACTIONS", Role.HEADING))
    for action in incident.actions:
        mark = "[x]" if action.done_at is not None else "[ ]"
        words = line(f"{mark} {action.number}  {brief(action.text, 4 * style.columns)}", Span(_whose(action, style, now), Role.DIM))
        yield from flow(words, style.columns, hang=8, first=2)


def _whose(action: Action, style: Style, now: datetime) -> str:
    owner, due = brief(action.owner, _TITLE), f"due {action.due.isoformat()}" if action.due and action.done_at is None else ""
    done = f"done {short_clock(action.done_at, style.zone, now)}" if action.done_at is not None else ""
    said = ", ".join(filter(None, [owner, due, done]))
    return f"  {said}" if said else ""


def _notes(incident: Incident, style: Style, now: datetime) -> Iterator[Line]:
    """What was noted and what users were told, in the order of time."""
    noted = [(note.at, note.actor, note.step, note.text) for note in incident.notes]
    told = [(told.at, told.actor, "told users", told.text) for told in incident.told]
    if noted or told:
        yield ()
        yield line(Span("NOTES", Role.HEADING))
    for at, actor, step, text in sorted([*noted, *told], key=lambda each: each[0]):
        by = f"{minute(at, style.zone, now)}  {printable(actor)}" + (f"  {printable(step)}" if step else "")
        yield from flow(line(Span(by, Role.DIM)), style.columns, hang=4, first=2)
        if text:
            yield from _paragraph(text, style, indent=4)


def _paragraph(text: str, style: Style, indent: int = 2) -> Iterator[Line]:
    for words in printable_lines(excerpt(text)):
        yield from flow(line(words), style.columns, hang=indent)


def _row(incident: Incident, times: Sequence[str], cells: Sequence[int], style: Style) -> Line:
    state = _state(incident)
    when = "  ".join(padded(words, room) for words, room in zip(times, cells[1:], strict=True))
    return line(
        f"{printable(incident.id)}  ", Span(padded(state.text, cells[0]), state.role), f"  P{incident.priority}  {when}  ",
        brief(incident.title, 2 * style.columns), Span(f"  on {places(incident.targets)}", Role.DIM),
    )  # fmt: skip
