"""``what-changed`` for a terminal: the answer on the first screen, for somebody who is tired and in a hurry."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.report import Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.evidence_text import evidence_lines
from changelog_ledger.reports.explained_score import explained_score, table_lines
from changelog_ledger.reports.first_screen import (
    INDENT,
    cut_short,
    first_screen,
    hidden_reasons,
    kind_spans,
    rank_indent,
    rank_words,
    shown_commands,
)
from changelog_ledger.reports.for_reader import for_reader
from changelog_ledger.reports.hint_lines import hint_lines
from changelog_ledger.reports.hints import for_suspect, more_suspects, next_steps, show_noise
from changelog_ledger.reports.layout import Line, Span, brief, clipped, field, flow, line, written
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.peers_text import peer_lines
from changelog_ledger.reports.style import PLAIN, Role, Style
from changelog_ledger.reports.times import short_clock
from changelog_ledger.reports.values import place
from changelog_ledger.reports.verdict import LOOKED_AT_FIRST, trigger_words

_RULED_OUT = 4
_PIECES = (3, 1, 1)


def render_text(report: Report, style: Style = PLAIN, *, explain: bool = False) -> str:
    """The report as text: the answer and the first suspects on the first screen, then window, other suspects, evidence, what is ruled out, what next.

    :param explain: below each suspect the table of its reasons, to the decimal.
    """
    report = for_reader(report, style.zone)
    blocks = (
        first_screen(report, style),
        _window(report, style),
        _others(report, style, explain),
        peer_lines(report, style),
        _evidence(report, style, explain),
        _rest(report, style),
        _next(report, style),
    )
    return written((each for block in blocks for each in block), style)


def _window(report: Report, style: Style) -> Iterator[Line]:
    yield ()
    begin, end = phrases.window_words(report, style.zone)
    yield from field("Window", begin, style)
    yield from field("", end, style)
    if report.window.until != report.window.onset:
        yield from field("Onset", phrases.onset_words(report, style.zone), style)
    if report.symptom:
        yield from field("Symptom", brief(report.symptom, 2 * style.columns), style)
    if scope := phrases.scope_words(report):
        yield from field("Scope", scope, style)
    for number, words in enumerate(phrases.freshness_words(report, style.zone)):
        yield from field("" if number else "Snapshots", words, style)
    for label, texts in cut_short(report, style):
        yield from _fields(label, texts, style)


def _fields(label: str, texts: list[str], style: Style) -> Iterator[Line]:
    """Sentences below each other."""
    for number, words in enumerate(texts):
        yield from field("" if number else label, brief(words, 8 * style.columns), style)


def _others(report: Report, style: Style, explain: bool) -> Iterator[Line]:
    others = report.suspects[LOOKED_AT_FIRST:]
    hidden = report.suspects_total - len(report.suspects)
    if others or hidden > 0:
        yield ()
        yield line(Span("OTHER SUSPECTS", Role.HEADING))
    for suspect in others:
        yield clipped(_in_short(suspect, report, style), style.columns)
        if explain:
            yield from _explained(suspect, report, style)
    if hidden > 0:
        command = more_suspects(report).in_zone(style.zone).command
        yield from flow(line(Span(f"… {hidden:,} more suspects: ", Role.WARNING), f"{command}, or --format json"), style.columns, hang=6, first=4)


def _in_short(suspect: Suspect, report: Report, style: Style) -> Line:
    when = short_clock(suspect.occurred_at, style.zone, report.made_at)
    trigger = f", {trigger_words(suspect, style.columns)}" if suspect.trigger else ""
    words = brief(suspect.title, style.columns)
    return line(
        " " * rank_indent(suspect),
        rank_words(suspect),
        *kind_spans(suspect, report),
        Span(f"  {when}  ", Role.DIM),
        words,
        Span(trigger, Role.WARNING),
    )


def _explained(suspect: Suspect, report: Report, style: Style) -> Iterator[Line]:
    for row in table_lines(explained_score(suspect, report)):
        yield from flow(line(Span(row, Role.DIM)), style.columns, hang=8, first=6)


def _evidence(report: Report, style: Style, explain: bool) -> Iterator[Line]:
    if not report.evidence and not report.suspects:
        return
    yield ()
    counted = _shares(report) if report.evidence else [Span("no difference, no observation")]
    yield from flow(line(Span("EVIDENCE", Role.HEADING), "  ", *counted), style.columns, hang=4, first=0)
    for position, suspect in enumerate(report.suspects[:LOOKED_AT_FIRST]):
        yield from _in_detail(suspect, _PIECES[position], report, style)
        if explain:
            yield from _explained(suspect, report, style)


def _in_detail(suspect: Suspect, most: int, report: Report, style: Style) -> Iterator[Line]:
    """What belongs to a suspect of the first screen: its full time, the differences, who was there, and the reasons that had no room."""
    kind = line(Span("UNLOGGED", Role.UNLOGGED)) if suspect.kind is SuspectKind.UNLOGGED else line(printable(suspect.change))
    parts = line(f"{suspect.rank}. ", *kind, "  ", *_circumstances(suspect, report, style))
    yield from flow(parts, style.columns, hang=INDENT, first=rank_indent(suspect))
    pieces = phrases.pieces_of(suspect, report)
    shown = len(pieces) if len(pieces) == most + 1 else most  # one more takes no more room than saying so
    for piece in pieces[:shown]:
        yield from evidence_lines(piece, style, indent=INDENT)
    if len(pieces) > shown:
        yield line("    ", Span(f"… {len(pieces) - shown:,} more pieces of evidence: --format json", Role.DIM))
    elsewhere = phrases.elsewhere_words(suspect)
    if elsewhere:
        yield from flow(line(Span(elsewhere, Role.WARNING)), style.columns, hang=6, first=4)
    actors = phrases.actor_words(pieces, style.zone, report.made_at)
    if actors:
        yield from flow(line(Span("there at the time ", Role.DIM), "; ".join(actors)), style.columns, hang=6, first=4)
    besides = "; ".join(hidden_reasons(suspect, report, style))
    if besides:
        yield from flow(line(Span("because ", Role.DIM), besides), style.columns, hang=6, first=4)


def _circumstances(suspect: Suspect, report: Report, style: Style) -> Iterator[Span]:
    """When, how sure that is, by whom, and where: on one or two lines."""
    yield Span(phrases.when_words(suspect.occurred_at, report, style.zone))
    seen = phrases.seen_words(suspect, report, style.zone)
    if seen:
        yield Span(f", {seen}", Role.DIM)
    if suspect.trigger:
        yield Span(f", {trigger_words(suspect)}", Role.WARNING)
    change = phrases.change_of(suspect, report)
    if change and change.actor:
        yield Span(f", by {brief(change.actor, 32)}")
    if suspect.targets and suspect.targets != (report.target,) and suspect.kind is SuspectKind.CHANGE:  # the title of the others says where
        yield Span(f", on {phrases.shortlist([place(target) for target in suspect.targets])}")


def _rest(report: Report, style: Style) -> Iterator[Line]:
    if report.suppressed or report.ruled_out:
        yield ()
    if report.suppressed:
        yield from flow(line(Span("LEFT OUT", Role.HEADING), f"  {noise_words(report.suppressed)}"), style.columns, hang=4, first=0)
        yield from hint_lines(show_noise(report), style)
    for ruled in report.ruled_out[:_RULED_OUT]:
        title, why = brief(ruled.title, style.columns), brief(ruled.why, style.columns)
        parts = line(Span("RULED OUT", Role.HEADING), f"  {printable(ruled.change)}  {title}", Span(f": {why}", Role.DIM))
        yield from flow(parts, style.columns, hang=4, first=0)
    if len(report.ruled_out) > _RULED_OUT:
        yield line("    ", Span(f"… {len(report.ruled_out) - _RULED_OUT:,} more ruled out: --format json", Role.DIM))


def _shares(report: Report) -> Iterator[Span]:
    shares = phrases.evidence_by_change(report)
    yield Span(f"{phrases.evidence_counts(report.evidence)}: ")
    if shares[0][0] == "":
        yield Span(f"{shares.pop(0)[1]:,} UNLOGGED", Role.UNLOGGED)
        yield Span(", " if shares else "")
    if shares:
        (first, number), *others = shares
        yield Span(f"{number:,} explained", Role.EXPLAINED)
        by = [f"by {printable(first)}", *(f"{count:,} by {printable(change)}" for change, count in others)]
        yield Span(f" {phrases.shortlist(by, 5)}{phrases.guessed_words(report)}")


def _next(report: Report, style: Style) -> Iterator[Line]:
    shown = shown_commands(report, style)
    first = [hint for suspect in report.suspects[:1] for hint in for_suspect(suspect, report)]
    first += [hint for suspect in report.suspects[1:LOOKED_AT_FIRST] for hint in for_suspect(suspect, report)[:1]]
    proposed = {hint.command: hint for hint in (*first, *next_steps(report))}
    hints = [hint for command, hint in proposed.items() if command not in shown]
    if hints:
        yield ()
        yield line(Span("NEXT", Role.HEADING))
    for hint in hints:
        yield from hint_lines(hint, style)
