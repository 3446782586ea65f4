"""The first 24 lines of ``what-changed``: the answer, what could not be seen, and the first suspects with a command each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from changelog_ledger.model.report import Certainty, Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.hint_lines import hint_lines
from changelog_ledger.reports.hints import Hint, for_suspect
from changelog_ledger.reports.layout import Line, Span, brief, clipped, flow, line
from changelog_ledger.reports.style import Role, Style
from changelog_ledger.reports.times import relative, short_clock
from changelog_ledger.reports.values import place
from changelog_ledger.reports.verdict import (
    LOOKED_AT_FIRST,
    chance,
    headline,
    reason_words,
    strongest,
    support,
    telling,
    trigger_words,
    unseen,
)

ROWS = 23
"""What a terminal of 24 lines shows above its prompt."""

INDENT = 4
_REASONS = 2
_WARNINGS = 2
_UNSEEN_IF_NOTHING = 4
_MANY = 1000
_STEP = 4


@dataclass(frozen=True, slots=True)
class _Layout:
    """How much room the suspects get.

    :ivar title_rows: lines of a title.
    :ivar head_rows: lines of a sentence above the suspects.
    :ivar commands: how many commands the first suspect gets, and each of the others.
    :ivar share: both reasons of a suspect stand on one line.
    """

    title_rows: int
    head_rows: int
    commands: tuple[int, int]
    share: bool = False

    def reason_room(self, reasons: int, style: Style) -> int:
        """Cells for each of so many reasons."""
        lines = style.columns - INDENT - 2
        return (lines - 4 * (reasons - 1)) // reasons if self.share and reasons else lines


_LAYOUTS = (
    _Layout(2, 2, (2, 2)),
    _Layout(2, 2, (2, 1)),
    _Layout(1, 2, (2, 1)),
    _Layout(1, 2, (1, 1)),
    _Layout(1, 1, (1, 1)),
    _Layout(1, 1, (1, 1), share=True),
)
"""From roomy to tight: the first that fits is taken, else the last."""


def first_screen(report: Report, style: Style) -> list[Line]:
    """Verdict, warnings and what could not be seen, then the first suspects with their strongest reasons and a command each."""
    return _laid_out(report, _layout(report, style), style)


def _layout(report: Report, style: Style) -> _Layout:
    return next((each for each in _LAYOUTS if len(_laid_out(report, each, style)) <= ROWS), _LAYOUTS[-1])


def _laid_out(report: Report, layout: _Layout, style: Style) -> list[Line]:
    return [*_head(report, layout, style), *_suspects(report, layout, style)]


def cut_short(report: Report, style: Style) -> list[tuple[str, list[str]]]:
    """What may stand there shortened or only counted, by label: it has to be said again below, whole."""
    if not report.suspects:
        return []
    groups = (("Why", [support(report)], 1), ("Warnings", [each.text for each in report.warnings], _WARNINGS + 1), ("Not seen", unseen(report), 2))
    room = style.columns - _label_width()
    return [(label, texts) for label, texts, most in groups if len(texts) > most or any(cell_len(brief(text, _MANY)) > room for text in texts)]


def shown_commands(report: Report, style: Style) -> set[str]:
    """The commands of the first screen: nobody needs to be told twice."""
    rows = "\n".join("".join(span.text for span in each).split("  # ")[0].strip() for each in first_screen(report, style))
    return {hint.command for suspect in report.suspects[:LOOKED_AT_FIRST] for hint in for_suspect(suspect, report) if hint.command in rows}


def hidden_reasons(suspect: Suspect, report: Report, style: Style) -> list[str]:
    """The reasons that the first screen has not, or not whole: up to five."""
    heaviest = strongest(suspect, _REASONS)
    room = _layout(report, style).reason_room(len(heaviest), style)
    shown = [reason for reason in heaviest if cell_len(reason_words(reason, _MANY)) <= room]
    return [reason_words(reason, 4 * style.columns) for reason in list(telling(suspect))[: _REASONS + 3] if reason not in shown]


def rank_words(suspect: Suspect) -> str:
    """``1. 0.93  ``."""
    return f"{suspect.rank}. {suspect.score:.2f}  "


def rank_indent(suspect: Suspect) -> int:
    """How far a rank is indented, so that they stand below each other."""
    return 1 if suspect.rank < 10 else 0


def kind_spans(suspect: Suspect, report: Report) -> Line:
    """What kind of suspect it is: the word stands where the colour might be missing."""
    if suspect.kind is SuspectKind.UNLOGGED:
        return line(Span("UNLOGGED", Role.UNLOGGED))
    ref = f" ({brief(suspect.ref, 24)})" if suspect.ref else ""
    change = phrases.change_of(suspect, report)
    unusual = phrases.change_words(change) if change else ""
    return line(f"{printable(suspect.change)}{ref}", Span(" logged", Role.EXPLAINED), Span(f", {unusual}" if unusual else "", Role.WARNING))


def _head(report: Report, layout: _Layout, style: Style) -> Iterator[Line]:
    yield from _within(line(Span(headline(report), _role(report))), 3, style, hang=2)
    said = support(report)
    if said:
        yield from _within(line(said), layout.head_rows, style, hang=2)
    yield from flow(line(phrases.summary(report, style.zone)), style.columns, hang=2, first=0)
    warnings = [warning.text for warning in report.warnings]
    if not report.suspects:  # there is room to say it whole
        yield from _whole("WARNING", warnings, style)
        yield from _whole("NOT SEEN", unseen(report), style)
        return
    yield from _caveats("WARNING", warnings, _WARNINGS, style)
    yield from _caveats("NOT SEEN", unseen(report), _UNSEEN_IF_NOTHING if report.verdict.nothing else 1, style)


def _role(report: Report) -> Role:
    if report.verdict.nothing or report.verdict.confidence is Certainty.OPEN:
        return Role.WARNING if report.suspects or report.verdict.nothing else Role.HEADING
    return Role.UNLOGGED if report.suspects[:1] and report.suspects[0].kind is SuspectKind.UNLOGGED else Role.SUSPECT


def _caveats(label: str, texts: Sequence[str], most: int, style: Style) -> Iterator[Line]:
    """Each in a line; what is left out is counted."""
    shown = len(texts) if len(texts) == most + 1 else most  # one more takes no more room than saying so
    for text in texts[:shown]:
        parts = line(Span(label.ljust(_label_width()), Role.WARNING), brief(text, style.columns - _label_width()))
        yield clipped(parts, style.columns)
    if len(texts) > shown:
        yield line(" " * _label_width(), Span(f"… and {len(texts) - shown:,} more, below", Role.WARNING))


def _whole(label: str, texts: Sequence[str], style: Style) -> Iterator[Line]:
    for text in texts:
        parts = line(Span(label.ljust(_label_width()), Role.WARNING), brief(text, 8 * style.columns))
        yield from flow(parts, style.columns, hang=_label_width(), first=0)


def _label_width() -> int:
    return len("NOT SEEN") + 2


def _suspects(report: Report, layout: _Layout, style: Style) -> Iterator[Line]:
    if not report.suspects:
        return
    yield ()
    order = "likeliest first, though none fits" if report.verdict.nothing else "; ".join(filter(None, ["likeliest first", chance(report)]))
    yield from flow(line(Span("SUSPECTS", Role.HEADING), Span(f"  {order}", Role.DIM)), style.columns, hang=2, first=0)
    for position, suspect in enumerate(report.suspects[:LOOKED_AT_FIRST]):
        yield from _suspect(suspect, layout, report, style)
        yield from _commands(for_suspect(suspect, report)[: layout.commands[min(position, 1)]], style)


def _suspect(suspect: Suspect, layout: _Layout, report: Report, style: Style) -> Iterator[Line]:
    title = Span(brief(suspect.title, 2 * style.columns), Role.SUSPECT)
    parts = line(rank_words(suspect), *kind_spans(suspect, report), "  ", title)
    yield from _within(parts, layout.title_rows, style, hang=INDENT, first=rank_indent(suspect))
    yield clipped(line(" " * INDENT, Span(_when(suspect, report, style), Role.DIM)), style.columns)
    if suspect.trigger:
        yield clipped(line(" " * INDENT, Span(trigger_words(suspect, style.columns), Role.WARNING)), style.columns)
    yield from _reasons(suspect, layout, style)


def _reasons(suspect: Suspect, layout: _Layout, style: Style) -> Iterator[Line]:
    found = strongest(suspect, _REASONS)
    room = layout.reason_room(len(found), style)
    said = [f"{'-' if reason.weight < 0 else '+'} {reason_words(reason, room)}" for reason in found]
    yield from (line(" " * INDENT, words) for words in (["  ".join(said)] if layout.share and said else said))


def _when(suspect: Suspect, report: Report, style: Style) -> str:
    """When, how sure that is, by whom, and where, the most important first: the line may be cut."""
    onset = report.window.onset
    change = phrases.change_of(suspect, report)
    others = suspect.kind is SuspectKind.CHANGE and suspect.targets not in ((), (report.target,))  # the title of an unlogged one says where
    parts = (
        short_clock(suspect.occurred_at, style.zone, report.made_at),
        relative(suspect.occurred_at, onset, "the onset") if onset else "",
        phrases.seen_words(suspect, report, style.zone),
        f"by {brief(change.actor, 32)}" if change and change.actor else "",
        f"on {phrases.shortlist([place(target) for target in suspect.targets])}" if others else "",
    )
    return ", ".join(filter(None, parts))


def _commands(hints: Iterable[Hint], style: Style) -> Iterator[Line]:
    for hint in hints:
        yield from hint_lines(hint, style)


def _within(parts: Line, most: int, style: Style, hang: int, first: int = 0) -> list[Line]:
    """Wrapped to at most so many lines; what is cut is marked."""
    rows = flow(parts, style.columns, hang=hang, first=first)
    room = style.columns * most - first - hang * (most - 1)
    while len(rows) > most:
        rows = flow(clipped(parts, room), style.columns, hang=hang, first=first)
        room -= _STEP
    return rows
