"""``what-changed`` for a terminal: the answer on the first screen, for somebody who is tired and in a hurry."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from changelog_ledger.model.report import Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.evidence_text import evidence_lines
from changelog_ledger.reports.hints import Hint, more_suspects, next_steps, show_noise
from changelog_ledger.reports.layout import Line, Span, brief, clipped, field, flow, line, written
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import short_clock
from changelog_ledger.reports.values import place

_IN_DETAIL = 3
_RULED_OUT = 4
_PIECES = (3, 1, 1)
_REASONS = (3, 2, 2)
_SAID = ("time-before-onset", "distance")
"""Reasons that the text shows in other words: the time beside each suspect, and what is in scope."""


def render_text(report: Report, style: Style = PLAIN) -> str:
    """The report as text: verdict, warnings, window, suspects, evidence in numbers, what is ruled out, what to do next."""
    return written([*_head(report, style), *_window(report, style), *_suspects(report, style), *_rest(report, style), *_next(report, style)], style)


def _head(report: Report, style: Style) -> Iterator[Line]:
    role = Role.UNLOGGED if report.unlogged else Role.HEADING
    yield from flow(line(Span(phrases.verdict(report, style.zone), role)), style.columns, hang=2, first=0)
    for warning in report.warnings:
        yield from flow(line(Span("WARNING ", Role.WARNING), brief(warning.text, 8 * style.columns)), style.columns, hang=8, first=0)


def _window(report: Report, style: Style) -> Iterator[Line]:
    yield ()
    begin, end = phrases.window_words(report, style.zone)
    yield from field("Window", begin, style)
    yield from field("", end, style)
    if report.window.until != report.window.onset:
        yield from field("Onset", phrases.onset_words(report, style.zone), style)
    if report.symptom:
        yield from field("Symptom", brief(report.symptom, 2 * style.columns), style)
    beyond = [place(reach.target) for reach in report.scope if reach.target != report.target]
    if beyond:
        yield from field("Scope", f"also {phrases.shortlist(beyond)}", style)
    for number, words in enumerate(phrases.freshness_words(report, style.zone)):
        yield from field("" if number else "Snapshots", words, style)
    if phrases.found_nothing(report):
        yield from field("Not seen", phrases.BLIND, style)


def _suspects(report: Report, style: Style) -> Iterator[Line]:
    if not report.suspects:
        return
    yield ()
    yield line(Span("SUSPECTS", Role.HEADING), Span("  likeliest first", Role.DIM))
    for position, suspect in enumerate(report.suspects[:_IN_DETAIL]):
        yield from _in_detail(suspect, position, report, style)
    for suspect in report.suspects[_IN_DETAIL:]:
        yield clipped(_in_short(suspect, report, style), style.columns)
    hidden = report.suspects_total - len(report.suspects)
    if hidden > 0:
        command = more_suspects(report).command
        yield from flow(line(Span(f"… {hidden:,} more suspects: ", Role.WARNING), f"{command}, or --format json"), style.columns, hang=6, first=4)


def _in_detail(suspect: Suspect, position: int, report: Report, style: Style) -> Iterator[Line]:
    title = Span(brief(suspect.title, 2 * style.columns), Role.SUSPECT)
    yield from flow(line(*_kind(suspect, report), "  ", title), style.columns, hang=4, first=_rank_indent(suspect))
    yield from flow(line(*_circumstances(suspect, report, style)), style.columns, hang=4)
    pieces = phrases.pieces_of(suspect, report)
    shown = len(pieces) if len(pieces) == _PIECES[position] + 1 else _PIECES[position]  # one more takes no more room than saying so
    for piece in pieces[:shown]:
        yield from evidence_lines(piece, style, indent=4)
    if len(pieces) > shown:
        yield line("    ", Span(f"… {len(pieces) - shown:,} more pieces of evidence: --format json", Role.DIM))
    elsewhere = phrases.elsewhere_words(suspect)
    if elsewhere:
        yield from flow(line(Span(elsewhere, Role.WARNING)), style.columns, hang=6, first=4)
    actors = phrases.actor_words(pieces, style.zone, report.made_at)
    if actors:
        yield from flow(line(Span("there at the time ", Role.DIM), "; ".join(actors)), style.columns, hang=6, first=4)
    telling = [reason for reason in suspect.reasons if reason.code not in _SAID] or suspect.reasons
    why = "; ".join(brief(reason.text, 2 * style.columns) for reason in telling[: _REASONS[position]])
    if why:
        yield from flow(line(Span("because ", Role.DIM), why), style.columns, hang=6, first=4)


def _rank_indent(suspect: Suspect) -> int:
    return 2 - len(str(suspect.rank)) if suspect.rank < 10 else 0


def _kind(suspect: Suspect, report: Report) -> Line:
    """Rank, score, and what kind of suspect it is: the word stands where the colour might be missing."""
    rank = f"{suspect.rank}. {suspect.score:.2f}  "
    if suspect.kind is SuspectKind.UNLOGGED:
        return line(rank, Span("UNLOGGED", Role.UNLOGGED))
    ref = f" ({brief(suspect.ref, 24)})" if suspect.ref else ""
    change = phrases.change_of(suspect, report)
    unusual = phrases.change_words(change) if change else ""
    return line(rank, f"{printable(suspect.change)}{ref}", Span(" logged", Role.EXPLAINED), Span(f", {unusual}" if unusual else "", Role.WARNING))


def _circumstances(suspect: Suspect, report: Report, style: Style) -> Iterator[Span]:
    """When, how sure that is, by whom, and where: on one or two lines."""
    yield Span(phrases.when_words(suspect.occurred_at, report, style.zone))
    seen = phrases.seen_words(suspect, report, style.zone)
    if seen:
        yield Span(f", {seen}", Role.DIM)
    change = phrases.change_of(suspect, report)
    if change and change.actor:
        yield Span(f", by {brief(change.actor, 32)}")
    if suspect.targets and suspect.targets != (report.target,) and suspect.kind is SuspectKind.CHANGE:  # the title of the others says where
        yield Span(f", on {phrases.shortlist([place(target) for target in suspect.targets])}")


def _in_short(suspect: Suspect, report: Report, style: Style) -> Line:
    when = short_clock(suspect.occurred_at, style.zone, report.made_at)
    return line(" " * _rank_indent(suspect), *_kind(suspect, report), Span(f"  {when}  ", Role.DIM), brief(suspect.title, style.columns))


def _rest(report: Report, style: Style) -> Iterator[Line]:
    if report.evidence or report.suppressed or report.ruled_out:
        yield ()
    if report.evidence:
        yield from flow(line(Span("EVIDENCE", Role.HEADING), "  ", *_evidence(report)), style.columns, hang=4, first=0)
    if report.suppressed:
        yield from flow(line(Span("LEFT OUT", Role.HEADING), f"  {noise_words(report.suppressed)}"), style.columns, hang=4, first=0)
        yield from _hint(show_noise(report), style)
    for ruled in report.ruled_out[:_RULED_OUT]:
        title, why = brief(ruled.title, style.columns), brief(ruled.why, style.columns)
        parts = line(Span("RULED OUT", Role.HEADING), f"  {printable(ruled.change)}  {title}", Span(f": {why}", Role.DIM))
        yield from flow(parts, style.columns, hang=4, first=0)
    if len(report.ruled_out) > _RULED_OUT:
        yield line("    ", Span(f"… {len(report.ruled_out) - _RULED_OUT:,} more ruled out: --format json", Role.DIM))


def _evidence(report: Report) -> Iterator[Span]:
    shares = phrases.evidence_by_change(report)
    yield Span(f"{phrases.evidence_counts(report.evidence)}: ")
    if shares[0][0] == "":
        yield Span(f"{shares.pop(0)[1]:,} UNLOGGED", Role.UNLOGGED)
        yield Span(", " if shares else "")
    if shares:
        yield Span("explained", Role.EXPLAINED)
        yield Span(f" {phrases.shortlist([f'{number:,} by {printable(change)}' for change, number in shares], 5)}{phrases.guessed_words(report)}")


def _next(report: Report, style: Style) -> Iterator[Line]:
    hints = next_steps(report)
    if hints:
        yield ()
        yield line(Span("NEXT", Role.HEADING))
    for hint in hints:
        yield from _hint(hint, style)


def _hint(hint: Hint, style: Style) -> list[Line]:
    """The command, broken with backslashes where it is too long, so that what is copied still runs."""
    rows = _command_rows(hint.words, style.columns - 4)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        lines.append(line("    " if number == 0 else "      ", row + (" \\" if number < len(rows) - 1 else "")))
    comment = f"  # {hint.purpose}" if hint.purpose else ""
    if comment and 6 + cell_len(rows[-1] + comment) <= style.columns:
        lines[-1] = (*lines[-1], Span(comment, Role.DIM))
    elif comment:
        lines.append(line("    ", Span(comment, Role.DIM)))
    return lines


def _command_rows(words: tuple[str, ...], room: int) -> list[str]:
    """A command in rows that leave space for the continuation sign; an argument that fits on no row becomes ``…``."""
    rows = [""]
    for unit in _with_options(words, room - 4):
        if rows[-1] and cell_len(rows[-1]) + 1 + cell_len(unit) > room - 4:
            rows.append("")
        rows[-1] += (" " if rows[-1] else "") + unit
    return rows


def _with_options(words: tuple[str, ...], room: int) -> list[str]:
    """The words, each option joined with its value, so that both stay on one row."""
    units: list[str] = []
    for word in words:
        fitting = word if cell_len(word) <= room else "…"
        if units and units[-1].startswith("--") and " " not in units[-1] and cell_len(units[-1]) + 1 + cell_len(fitting) <= room:
            units[-1] += f" {fitting}"
        else:
            units.append(fitting)
    return units
