"""``bisect``: what was found, or what to look at next, and the exact commands that follow; its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from changelog_ledger.model.bisection import Bisection, Cause, Part, Point, Trial
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.reports.deltas import delta_lines
from changelog_ledger.reports.escape import printable, shell_word
from changelog_ledger.reports.hint_lines import hint_lines
from changelog_ledger.reports.hints import Hint
from changelog_ledger.reports.json_document import evidence_document
from changelog_ledger.reports.json_values import delta_value, schema, time_value
from changelog_ledger.reports.layout import Line, Span, brief, flow, line, shortened, shortened_middle, written
from changelog_ledger.reports.phrases import count
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import clock, short_clock
from changelog_ledger.reports.values import attribution

Document = dict[str, Any]

_MOST_LINES = 30
_SIGNS = {"+": Role.AFTER, "-": Role.BEFORE, "@": Role.DIM}
_MOST_COMMANDS = 6
_MOST_NAMED = 5


def render_trial(trial: Trial, style: Style, now: datetime) -> str:
    """What is tried next, in a line or two."""
    left = f"about {count(trial.left, 'probe')} to go"
    if trial.subset is None:
        tried = f"trying {printable(trial.point.id)} of {short_clock(trial.point.at, style.zone, now)}"
    else:
        tried = f"trying {len(trial.subset)} of {count(trial.parts_total, 'difference')} of {printable(trial.point.id)}"
    return written(flow(line(f"{tried}; {left}"), style.columns, hang=2, first=0), style)


def render_bisection(found: Bisection, style: Style, now: datetime) -> str:
    """How it came out, or where it stands."""
    if found.pending is not None:
        return written([*_title(found, style, now), *_pending(found, found.pending, style, now)], style)
    answer = (_title(found, style, now), _answer(found, style, now), _causes(found, style, now))
    blocks = (*answer, _untried(found, style), _changes(found, style), _next(found, style))
    return written([each for block in blocks for each in block], style)


def _said(text: str, style: Style, role: Role = Role.PLAIN, indent: int = 0) -> list[Line]:
    return flow(line(Span(text, role)), style.columns, hang=indent + 2, first=indent)


def _title(found: Bisection, style: Style, now: datetime) -> Iterator[Line]:
    covered = f"  {printable(found.path)}" if found.path else ""
    yield from _said(f"{printable(found.host or found.repository)}{covered}", style, Role.HEADING)
    tried = f"{count(found.probes, 'probe')}{f', {found.skips} skipped' if found.skips else ''}"
    ends = f"good {clock(found.good.at, style.zone, now)}, bad {clock(found.bad.at, style.zone, now)}; {tried}"
    yield from _said(ends, style, Role.DIM, 2)


# ---- under way


def _pending(found: Bisection, trial: Trial, style: Style, now: datetime) -> Iterator[Line]:
    yield from _said(f"Look at {_point(trial.point, style, now)}", style)
    if trial.subset is not None:
        yield from _said(f"with {len(trial.subset)} of its {count(trial.parts_total, 'difference')}", style, indent=2)
    if found.root:
        yield from _said(f"its files: {printable(found.root)}", style, indent=2)
    name = found.host and shell_word(found.host)
    which = name or f"--repo {shell_word(found.repository)}"
    then = f"Say what you saw: ledger bisect good|bad|skip {which}" if found.root else f"To see its files: ledger bisect {which}"
    yield from _said(f"About {count(trial.left, 'look')} to go. {then}", style)


# ---- found


def _point(point: Point, style: Style, now: datetime) -> str:
    title = f"  {brief(point.title, 2 * style.columns)}" if point.title else ""
    by = f"  by {brief(point.author, 60)}" if point.author else ""
    return f"{printable(point.id)}  {clock(point.at, style.zone, now)}{by}{title}"


def _answer(found: Bisection, style: Style, now: datetime) -> Iterator[Line]:
    kind = "snapshot" if found.host else "commit"
    if found.is_open and not found.causes:
        yield from _said(f"NOT UNIQUE: one of {count(len(found.candidates), kind)}; the others could not be told", style, Role.WARNING)
        for point in found.candidates:
            yield from _said(_point(point, style, now), style, indent=2)
        return
    if found.found is not None:
        yield from _said(f"FIRST BAD {kind.upper()}", style, Role.SUSPECT)
        yield from _said(_point(found.found, style, now), style, indent=2)
    yield from _said(f"the last good one: {_point(found.before, style, now)}", style, Role.DIM, 2)


def _causes(found: Bisection, style: Style, now: datetime) -> Iterator[Line]:
    if found.is_same:
        yield from _said("NOTHING THAT CAN BE WRITTEN DIFFERS: the probe answered otherwise of the same files", style, Role.WARNING)
    if not found.causes:
        return
    yield from _said(_heading(found), style, Role.SUSPECT)
    for cause in found.causes:
        yield from _said(shortened_middle(printable(cause.part.name), 8 * style.columns), style, indent=2)
        yield from _diff(cause, style)
        for delta in cause.deltas:
            yield from delta_lines(delta, style, indent=4)
        for piece in {piece.id: piece for piece in cause.evidence}.values():  # of a file that became a folder several say so
            role = Role.UNLOGGED if piece.unlogged else Role.EXPLAINED
            words = f"{printable(piece.id)}  about {clock(piece.seen_at, style.zone, now)}"
            yield from flow(line(Span(attribution(piece), role), Span(f"  {words}", Role.DIM)), style.columns, hang=6, first=4)


def _heading(found: Bisection) -> str:
    number = len(found.causes)
    if found.parts_total == 1:
        return f"THE ONLY DIFFERENCE{' THAT COULD BE TRIED' if found.untried else ''}"
    of = f"of {count(found.parts_total, 'difference')}"
    if number == 1:
        return f"ONE {of} BRINGS IT"
    if found.untold:
        return f"{number} {of} BRING IT, or some of these: of {count(found.untold, 'trial')} nobody could tell"
    return f"{number} {of} BRING IT TOGETHER: without any of them the trouble does not show"


def _diff(cause: Cause, style: Style) -> Iterator[Line]:
    rows = cause.diff.rstrip("\n").split("\n")[2:] if cause.diff.startswith("---") else cause.diff.splitlines()
    for row in rows[:_MOST_LINES]:
        yield line("    ", Span(shortened(printable(row), style.columns - 4), _SIGNS.get(row[:1], Role.PLAIN)))
    if len(rows) > _MOST_LINES:
        yield line(Span(f"    and {count(len(rows) - _MOST_LINES, 'more line')}", Role.DIM))


def _untried(found: Bisection, style: Style) -> Iterator[Line]:
    """What may differ as well."""
    if found.untried:
        named = ", ".join(f"{shortened_middle(printable(each.path), style.columns)} ({brief(each.why, 60)})" for each in found.untried[:_MOST_NAMED])
        more = " …" if len(found.untried) > _MOST_NAMED else ""
        yield from _said(f"{count(len(found.untried), 'path')} that may differ could not be tried: {named}{more}", style, Role.WARNING)


def _changes(found: Bisection, style: Style) -> Iterator[Line]:
    if found.changes:
        yield from _said(f"Logged as {', '.join(map(printable, found.changes))}.", style, Role.EXPLAINED)
    elif (found.causes or found.found) and not found.is_same:
        yield from _said("No change explains it.", style, Role.UNLOGGED)


# ---- what to do next


def _next(found: Bisection, style: Style) -> Iterator[Line]:
    commands = list(dict.fromkeys(_commands(found)))[:_MOST_COMMANDS]
    if commands:
        yield ()
        yield line(Span("NEXT", Role.HEADING))
    for command in commands:
        yield from hint_lines(Hint("", command), style)


def _commands(found: Bisection) -> Iterator[tuple[str, ...]]:
    yield from (("ledger", "change", "show", shell_word(change)) for change in found.changes)
    if not found.host:
        if found.found is not None:
            yield "git", "-C", shell_word(found.repository), "show", found.found.id
        return
    host, before = shell_word(found.host), shell_word(found.before.id)
    if not found.causes:
        yield "ledger", "diff", host, before, shell_word(found.candidates[-1].id)
        return
    for is_added, option in ((False, ()), (True, ("--delete",))):  # apart: of a folder, --delete removes whatever else came into it
        paths = tuple(dict.fromkeys(shell_word(cause.part.path) for cause in found.causes if cause.added is is_added))
        if paths:  # what makes it harmless comes first: half of a command that was copied must not be another one
            yield "ledger", "restore", "--dry-run", host, *paths, "--from", before, *option
    yield from (("ledger", "explain", shell_word(piece.id), "CHANGE") for piece in _pieces(found.causes) if piece.unlogged)


def _pieces(causes: Sequence[Cause]) -> Iterator[Evidence]:
    return (piece for cause in causes for piece in cause.evidence)


# ---- JSON


def bisection_document(found: Bisection) -> Document:
    """``bisect --json``."""
    return {
        "schema": schema("bisect"),
        "host": found.host or None,
        "repository": found.repository or None,
        "path": found.path or None,
        "by": found.by.value,
        "good": _point_value(found.good),
        "bad": _point_value(found.bad),
        "before": _point_value(found.before),
        "found": _point_value(found.found) if found.found else None,
        "candidates": [_point_value(point) for point in found.candidates],
        "causes": [_cause_value(cause) for cause in found.causes],
        "differences": found.parts_total,
        "changes": list(found.changes),
        "probes": found.probes,
        "skips": found.skips,
        "untold": found.untold,
        "left_out": [{"path": each.path, "why": each.why, "may_differ": each.may_differ} for each in found.left_out],
        "same": found.is_same,
        "pending": _trial_value(found.pending) if found.pending else None,
        "root": found.root or None,
        "next": [" ".join(words) for words in dict.fromkeys(_commands(found))] if found.pending is None else [],
    }


def _point_value(point: Point) -> Document:
    known = {"id": point.id, "at": time_value(point.at), "title": point.title or None, "author": point.author or None}
    return known | {"changes": list(point.changes)}


def _part_value(part: Part) -> Document:
    return {"path": part.path, "part": part.kind.value, "lines": list(part.lines) if part.lines else None}


def _cause_value(cause: Cause) -> Document:
    deltas = [delta_value(delta) for delta in cause.deltas]
    known = _part_value(cause.part) | {"added": cause.added}
    return known | {"diff": cause.diff, "deltas": deltas, "evidence": evidence_document("bisect", cause.evidence)["evidence"]}


def _trial_value(trial: Trial) -> Document:
    subset = list(trial.subset) if trial.subset is not None else None
    return {"point": _point_value(trial.point), "subset": subset, "differences": trial.parts_total or None, "left": trial.left}
