"""The calendar, freezes, maintenance windows and conflicts for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from changelog_ledger.model.change import Change, Freeze, Status
from changelog_ledger.model.schedule import Calendar, Conflict, ConflictKind, Conflicts, Occurrence, WindowState
from changelog_ledger.reports.change_text import places
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.layout import Line, Span, brief, clipped, flow, line, padded, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.standing import overdue_words, stuck_words
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import ago, calendar_day, length, offset, short_clock, short_day

_TIMES = 12
_GAP = "  "
_KIND = max(len(status) for status in Status)
_TITLE = 60
_NAMED = 5
_ROLES = {Status.CANCELLED: Role.DIM, Status.FAILED: Role.UNLOGGED, Status.ROLLED_BACK: Role.WARNING, Status.SUCCEEDED: Role.EXPLAINED}
_MEETS = {
    ConflictKind.PATH: "the same paths on",
    ConflictKind.TARGET: "both on",
    ConflictKind.DEPENDENCY: "one depends on",
}

_Entry = tuple[datetime, int, str, str, Line]
"""When it begins within the period, what goes first at the same time, its id, its times, the rest of its line."""


def render_calendar(calendar: Calendar, style: Style) -> str:
    """What should be over on top, then an agenda by day, in the reader's zone. What spans days stands where it begins."""
    entries = sorted(_entries(calendar, style), key=lambda entry: entry[:3])
    lines = [*_stuck(calendar, style)]
    cells = max([_TIMES, *(len(times) for *_, times, _ in entries)])
    for day, found in groupby(entries, key=lambda entry: entry[0].astimezone(style.zone).date()):
        lines += [line(Span(calendar_day(day, _this_year(calendar, style)), Role.HEADING), _remark(day, calendar, style))]
        lines += [clipped(line(_GAP, padded(times, cells), _GAP, *shown), style.columns) for *_, times, shown in found]
    if not entries:
        lines += [line("Nothing is planned, and nothing is frozen.")]
    period = f"{short_clock(calendar.since, style.zone, calendar.made_at)} to {short_clock(calendar.until, style.zone, calendar.made_at)}"
    lines += flow(line(Span(f"{count(len(calendar.changes), 'change')} from {period}", Role.DIM)), style.columns)
    return written(lines, style)


def render_freezes(freezes: Sequence[Freeze], style: Style, now: datetime) -> str:
    """Freezes, one below the other."""
    if not freezes:
        return written([line("There is no freeze.")], style)
    return written([each for freeze in freezes for each in _freeze(freeze, style, now)], style)


def render_windows(states: Sequence[WindowState], style: Style, now: datetime) -> str:
    """Maintenance windows with their next occurrence."""
    if not states:
        return written([line("There is no maintenance window.")], style)
    return written([each for state in states for each in _window(state, style, now)], style)


def render_conflicts(conflicts: Conflicts, style: Style, now: datetime) -> str:
    """Conflicts, each with both changes, when and where."""
    if not conflicts.listed:
        return written([line("No open changes get in each other's way.")], style)
    lines = [each for group in _groups(conflicts.listed, now) for each in _conflict_lines(group, style, now)]
    more = f", and {'at least ' if conflicts.at_least else ''}{conflicts.more:,} more: --limit" if conflicts.more else ""
    return written([*lines, line(Span(f"{count(len(conflicts.listed), 'conflict')}{more}", Role.WARNING if more else Role.DIM))], style)


# ---- the calendar


def _stuck(calendar: Calendar, style: Style) -> Iterator[Line]:
    if not calendar.stuck:
        return
    yield line(Span("OVERDUE OR STUCK", Role.WARNING))
    for change in calendar.stuck:
        words = stuck_words(change, calendar.made_at) or overdue_words(change, calendar.made_at)
        yield from flow(
            line(f"{printable(change.id)}  ", Span(words, Role.WARNING), f"  {_title(change)}", *_on(change)), style.columns, hang=4, first=2
        )
    yield ()


def _entries(calendar: Calendar, style: Style) -> Iterator[_Entry]:
    for freeze in calendar.freezes:
        begins, times = _times(freeze.start, min(freeze.end, freeze.lifted_at or freeze.end), calendar, style)
        kind = Span(padded("FREEZE", _KIND), Role.WARNING)
        yield begins, 0, freeze.id, times, line(f"{printable(freeze.id)}  ", kind, f"  {_brief(freeze.title)}", _where(places(freeze.on)))
    for occurrence in calendar.occurrences:
        yield _occurrence_entry(occurrence, calendar, style)
    for change in calendar.changes:
        begins, times = _times(change.begins or calendar.since, change.finished_at or change.planned_end, calendar, style)
        kind = Span(padded(change.status.value, _KIND), _ROLES.get(change.status, Role.PLAIN))
        yield begins, 2, change.id, times, line(f"{printable(change.id)}  ", kind, f"  {_title(change)}", *_on(change))


def _occurrence_entry(occurrence: Occurrence, calendar: Calendar, style: Style) -> _Entry:
    window = occurrence.window
    begins, times = _times(occurrence.start, occurrence.end, calendar, style)
    return (
        begins,
        1,
        window.id,
        times,
        line(f"{printable(window.id)}  ", padded("window", _KIND), f"  {_brief(window.title)}", _where(places(window.on))),
    )


def _times(start: datetime, end: datetime | None, calendar: Calendar, style: Style) -> tuple[datetime, str]:
    """Where an entry stands, and ``02:00-04:00``: with the day of its end where that is another, and the offsets where the clocks are set."""
    begins = max(start, calendar.since)
    local = begins.astimezone(style.zone)
    first = f"{local:%H:%M}" if begins == start else "…"
    if end is None or end == begins:
        return begins, first
    ends = end.astimezone(style.zone)
    if ends.date() != local.date():
        return begins, f"{first}-{short_day(ends)} {ends:%H:%M}"
    if ends.utcoffset() != local.utcoffset():
        return begins, f"{first}{offset(local)}-{ends:%H:%M}{offset(ends)}"
    return begins, f"{first}-{ends:%H:%M}"


def _remark(day: date, calendar: Calendar, style: Style) -> Span:
    today = calendar.made_at.astimezone(style.zone).date()
    near = {today: "  today", today + timedelta(days=1): "  tomorrow"}
    return Span(near.get(day, ""), Role.DIM)


def _this_year(calendar: Calendar, style: Style) -> int:
    return calendar.made_at.astimezone(style.zone).year


# ---- lists


def _freeze(freeze: Freeze, style: Style, now: datetime) -> Iterator[Line]:
    standing = _standing(freeze, now)
    role = Role.WARNING if standing == "IN FORCE" else Role.DIM
    yield from flow(line(f"{printable(freeze.id)}  ", Span(standing, role), f"  {printable(freeze.title)}"), style.columns, hang=12, first=0)
    period = f"{short_clock(freeze.start, style.zone, now)} to {short_clock(freeze.end, style.zone, now)}"
    yield from flow(line(f"{period}  on {places(freeze.on)}"), style.columns, hang=12)


def _standing(freeze: Freeze, now: datetime) -> str:
    if freeze.lifted_at is not None and freeze.lifted_at <= now:
        return f"lifted {ago(freeze.lifted_at, now)}"
    if now < freeze.start:
        return f"begins {ago(freeze.start, now)}"
    return "IN FORCE" if now < freeze.end else f"over {ago(freeze.end, now)}"


def _window(state: WindowState, style: Style, now: datetime) -> Iterator[Line]:
    window = state.window
    yield from flow(line(f"{printable(window.id)}  ", Span(printable(window.title), Role.HEADING)), style.columns, hang=12, first=0)
    repeat = f", {window.rule} in {printable(window.zone)}" if window.rule else ""
    yield from flow(line(f"{length(window.length)} on {places(window.on)}{repeat}"), style.columns, hang=12)
    if window.lifted_at is not None:
        yield from flow(line(Span(f"lifted {ago(window.lifted_at, now)}", Role.DIM)), style.columns, hang=12)
    elif state.next is None:
        yield from flow(line(Span("does not come again", Role.DIM)), style.columns, hang=12)
    elif state.next.start <= now:
        yield from flow(line(Span("OPEN", Role.EXPLAINED), f" until {short_clock(state.next.end, style.zone, now)}"), style.columns, hang=12)
    else:
        start = state.next.start
        yield from flow(line(f"next {short_clock(start, style.zone, now)}, {ago(start, now)}"), style.columns, hang=12)


def _groups(conflicts: Sequence[Conflict], now: datetime) -> list[list[Conflict]]:
    """What meets the same change under way that has no end comes together, where its first conflict stands; every other conflict is alone."""
    groups: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        endless = _endless(conflict, now)
        groups.setdefault(endless.id if endless else f"{conflict.change.id} {conflict.other.id}", []).append(conflict)
    return list(groups.values())


def _endless(conflict: Conflict, now: datetime) -> Change | None:
    """The change of a conflict that is under way, with an end that is past or with none."""
    both = (conflict.change, conflict.other)
    return next((each for each in both if each.status is Status.STARTED and (each.planned_end is None or each.planned_end <= now)), None)


def _conflict_lines(group: Sequence[Conflict], style: Style, now: datetime) -> Iterator[Line]:
    """A conflict; or, of several with the same change without an end, that change and how many others it meets."""
    first = group[0]
    endless = _endless(first, now)
    if endless is None or len(group) == 1:
        for conflict in group:
            yield from _conflict(conflict, style, now)
        return
    others = [conflict.other if conflict.change.id == endless.id else conflict.change for conflict in group]
    heading = f"{printable(endless.id)} has no end: {count(len(others), 'other change')}"
    yield from flow(line(Span(heading, Role.HEADING), f"  on {places(first.shared)}"), style.columns, hang=4, first=0)
    yield clipped(line(f"  {printable(endless.id)}  {padded(endless.status.value, _KIND)}  {_title(endless)}", *_on(endless)), style.columns)
    named = ", ".join(printable(each.id) for each in others[:_NAMED])
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    yield from flow(line(f"meets {named}{more}: ledger change conflicts {printable(endless.id)} --json"), style.columns, hang=4, first=2)


def _conflict(conflict: Conflict, style: Style, now: datetime) -> Iterator[Line]:
    when = short_clock(conflict.since, style.zone, now)
    until = f" to {_end(conflict, style, now)}" if conflict.until else " on, without an end"
    heading = line(Span(f"{when}{until}", Role.HEADING), f"  {_MEETS[conflict.kind]} {places(conflict.shared)}")
    yield from flow(heading, style.columns, hang=4, first=0)
    for change in (conflict.change, conflict.other):
        words = line(f"{printable(change.id)}  {padded(change.status.value, _KIND)}  {_title(change)}", *_on(change))
        yield clipped(line("  ", *words), style.columns)


def _end(conflict: Conflict, style: Style, now: datetime) -> str:
    """The time alone where the day has been said."""
    if conflict.until is None:
        return ""
    begins, ends = conflict.since.astimezone(style.zone), conflict.until.astimezone(style.zone)
    return f"{ends:%H:%M}" if begins.date() == ends.date() else short_clock(conflict.until, style.zone, now)


def _title(change: Change) -> str:
    return _brief(change.title)


def _brief(text: str) -> str:
    return brief(text, _TITLE)


def _on(change: Change) -> Line:
    return (_where(places(change.on)),)


def _where(words: str) -> Span:
    return Span(f"  on {words}", Role.DIM)
