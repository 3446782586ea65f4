"""The first 24 lines of ``what-changed``: the answer, what could not be seen, and the first suspects with a command each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from changelog_ledger.model.report import Certainty, Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.hint_lines import hint_lines
from changelog_ledger.reports.hints import Hint, for_suspect
from changelog_ledger.reports.layout import Line, Span, brief, clipped, flow, line
from changelog_ledger.reports.peers_text import place_words
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
_WARNINGS = 2
_UNSEEN_IF_NOTHING = 4
_MANY = 1000
_STEP = 4
_LABEL = len("NOT SEEN") + 2


@dataclass(frozen=True, slots=True)
class _Layout:
    """How much room the suspects get.

    :ivar title_rows: lines of a title.
    :ivar head_rows: lines of a sentence above the suspects.
    :ivar commands: how many commands the first suspect gets, and each of the others.
    :ivar share: both reasons of a suspect stand on one line.
    :ivar reasons: how many reasons a suspect gets.
    :ivar terse: what is longest above the suspects is cut too, and all but the first suspect stand there without their time.
    """

    title_rows: int
    head_rows: int
    commands: tuple[int, int]
    share: bool = False
    reasons: int = 2
    terse: bool = False

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
    _Layout(1, 1, (1, 1), reasons=1),
    _Layout(1, 1, (1, 0), reasons=1),
    _Layout(1, 1, (1, 0), reasons=1, terse=True),
)
"""From roomy to tight: the first that fits is taken, else the last, which fits on 40 columns whatever the report says."""


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is said where there is no suspect: so many warnings and so much of what was not seen, of so many lines each."""

    sentences: int
    rows: int


_ROOMS = (_Room(8, 8), _Room(5, 4), _Room(4, 2), _Room(3, 2), _Room(2, 2), _Room(1, 2))
"""From roomy to tight, likewise."""


def first_screen(report: Report, style: Style) -> list[Line]:
    """Verdict, warnings and what could not be seen, then the first suspects with their strongest reasons and a command each."""
    return _laid_out(report, _layout(report, style), style)


def _layout(report: Report, style: Style) -> _Layout:
    if not report.suspects:
        return _LAYOUTS[0]
    return next((each for each in _LAYOUTS if len(_laid_out(report, each, style)) <= ROWS), _LAYOUTS[-1])


def _laid_out(report: Report, layout: _Layout, style: Style) -> list[Line]:
    head = list(_head(report, layout, style))
    if not report.suspects:
        return [*head, *_unseen_whole(report, _room(report, ROWS - len(head), style), style)]
    return [*head, *_caveats_in_short(report, layout, style), *_suspects(report, layout, style)]


def _room(report: Report, rows: int, style: Style) -> _Room:
    return next((each for each in _ROOMS if len(_unseen_whole(report, each, style)) <= rows), _ROOMS[-1])


def cut_short(report: Report, style: Style) -> list[tuple[str, list[str]]]:
    """What may stand there shortened or only counted, by label: it has to be said again below, whole."""
    warnings = [each.text for each in report.warnings]
    if not report.suspects:
        above = {"".join(span.text for span in each).strip() for each in first_screen(report, style)}
        groups = (("Warnings", "WARNING", warnings), ("Not seen", "NOT SEEN", unseen(report)))
        return [(name, texts) for name, label, texts in groups if not _is_said(_whole(label, texts, _MANY, style), above)]
    room = style.columns - _LABEL
    most = (1, 1) if _layout(report, style).terse else (_WARNINGS + 1, 2)
    lists = (("Why", [support(report)], 1), ("Warnings", warnings, most[0]), ("Not seen", unseen(report), most[1]))
    return [(label, texts) for label, texts, shown in lists if len(texts) > shown or any(cell_len(brief(text, _MANY)) > room for text in texts)]


def _is_said(rows: Iterable[Line], above: Collection[str]) -> bool:
    return all("".join(span.text for span in row).strip() in above for row in rows)


def shown_commands(report: Report, style: Style) -> set[str]:
    """The commands of the first screen: nobody needs to be told twice."""
    above = {"".join(span.text for span in row).strip() for row in first_screen(report, style)}
    hints = [hint for suspect in report.suspects[:LOOKED_AT_FIRST] for hint in for_suspect(suspect, report)]
    return {hint.command for hint in hints if _is_said(hint_lines(hint, style), above)}


def hidden_reasons(suspect: Suspect, report: Report, style: Style) -> list[str]:
    """The reasons that the first screen has not, or not whole: up to five."""
    layout = _layout(report, style)
    heaviest = strongest(suspect, layout.reasons)
    room = layout.reason_room(len(heaviest), style)
    shown = [reason for reason in heaviest if cell_len(reason_words(reason, _MANY)) <= room]
    return [reason_words(reason, 4 * style.columns) for reason in list(telling(suspect))[:5] if reason not in shown]


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
    unusual = phrases.change_words(change)
    return line(
        f"{printable(suspect.change)}{ref}",
        Span(f" {phrases.logged_words(change)}", Role.EXPLAINED),
        Span(f", {unusual}" if unusual else "", Role.WARNING),
    )


def _head(report: Report, layout: _Layout, style: Style) -> Iterator[Line]:
    yield from _within(line(Span(headline(report), _role(report))), 2 if layout.terse else 3, style, hang=2)
    said = support(report)
    if said:
        yield from _within(line(said), layout.head_rows, style, hang=2)
    yield from _within(line(phrases.summary(report, style.zone)), 2 if layout.terse else 6, style, hang=2)
    apart = _sets_apart(report)
    if apart:
        parts = line(Span("PEERS".ljust(_LABEL), Role.SUSPECT), brief(apart, 8 * style.columns))
        yield from _within(parts, 1 if layout.terse else 3, style, hang=_LABEL)


def _sets_apart(report: Report) -> str:
    """What first sets the failing hosts apart, where the first suspect does not say so already; else empty."""
    found = report.peers.differences[0] if report.peers and report.peers.differences else None
    if found is None or set(found.evidence).intersection(*(suspect.evidence for suspect in report.suspects[:1])):
        return ""
    return f"{place_words(found)}: {printable(found.reasons[0])}"


def _caveats_in_short(report: Report, layout: _Layout, style: Style) -> Iterator[Line]:
    warnings, unknown = [warning.text for warning in report.warnings], unseen(report)
    if layout.terse:
        yield from _first_of("WARNING", warnings, style)
        yield from _first_of("NOT SEEN", unknown, style)
        return
    yield from _caveats("WARNING", warnings, _WARNINGS, style)
    yield from _caveats("NOT SEEN", unknown, _UNSEEN_IF_NOTHING if report.verdict.nothing else 1, style)


def _first_of(label: str, texts: Sequence[str], style: Style) -> Iterator[Line]:
    """One line, whatever there is to say."""
    if texts:
        more = Span(f"{len(texts):,}, all below: ", Role.WARNING) if len(texts) > 1 else ""
        yield clipped(line(Span(label.ljust(_LABEL), Role.WARNING), more, brief(texts[0], style.columns)), style.columns)


def _unseen_whole(report: Report, room: _Room, style: Style) -> list[Line]:
    """There is no suspect, and more room: sentences are not cut to a line."""
    rows: list[Line] = []
    for label, texts in (("WARNING", [warning.text for warning in report.warnings]), ("NOT SEEN", unseen(report))):
        shown = len(texts) if len(texts) == room.sentences + 1 else room.sentences
        rows += _whole(label, texts[:shown], room.rows, style)
        if len(texts) > shown:
            rows.append(line(" " * _LABEL, Span(f"… and {len(texts) - shown:,} more, below", Role.WARNING)))
    return rows


def _role(report: Report) -> Role:
    if phrases.is_calm(report):
        return Role.HEADING
    if report.verdict.nothing or report.verdict.confidence is Certainty.OPEN:
        return Role.WARNING if report.suspects or report.verdict.nothing else Role.HEADING
    return Role.UNLOGGED if report.suspects[:1] and report.suspects[0].kind is SuspectKind.UNLOGGED else Role.SUSPECT


def _caveats(label: str, texts: Sequence[str], most: int, style: Style) -> Iterator[Line]:
    """Each in a line; what is left out is counted."""
    shown = len(texts) if len(texts) == most + 1 else most  # one more takes no more room than saying so
    for text in texts[:shown]:
        parts = line(Span(label.ljust(_LABEL), Role.WARNING), brief(text, style.columns - _LABEL))
        yield clipped(parts, style.columns)
    if len(texts) > shown:
        yield line(" " * _LABEL, Span(f"… and {len(texts) - shown:,} more, below", Role.WARNING))


def _whole(label: str, texts: Sequence[str], rows: int, style: Style) -> Iterator[Line]:
    for text in texts:
        parts = line(Span(label.ljust(_LABEL), Role.WARNING), brief(text, _MANY))
        yield from _within(parts, rows, style, hang=_LABEL)


def _suspects(report: Report, layout: _Layout, style: Style) -> Iterator[Line]:
    if not report.suspects:
        return
    yield ()
    order = Span(f"  {_order_words(report)}", Role.DIM)
    yield from _within(line(Span("SUSPECTS", Role.HEADING), order), 1 if layout.terse else 3, style, hang=2)
    for position, suspect in enumerate(report.suspects[:LOOKED_AT_FIRST]):
        yield from _suspect(suspect, layout, report, style)
        yield from _commands(for_suspect(suspect, report)[: layout.commands[min(position, 1)]], style)


def _order_words(report: Report) -> str:
    """What the order of the suspects says, and how often such an answer was right."""
    if phrases.is_calm(report):
        return "if it breaks again"
    return "likeliest first, though none fits" if report.verdict.nothing else "; ".join(filter(None, ["likeliest first", chance(report)]))


def _suspect(suspect: Suspect, layout: _Layout, report: Report, style: Style) -> Iterator[Line]:
    title = Span(brief(suspect.title, 2 * style.columns), Role.SUSPECT)
    parts = line(rank_words(suspect), *kind_spans(suspect, report), "  ", title)
    yield from _within(parts, layout.title_rows, style, hang=INDENT, first=rank_indent(suspect))
    told = not layout.terse or suspect is report.suspects[0]
    if told:
        yield clipped(line(" " * INDENT, Span(_when(suspect, report, style), Role.DIM)), style.columns)
    if told and suspect.trigger:
        yield clipped(line(" " * INDENT, Span(trigger_words(suspect, style.columns), Role.WARNING)), style.columns)
    yield from _reasons(suspect, layout, style)


def _reasons(suspect: Suspect, layout: _Layout, style: Style) -> Iterator[Line]:
    found = strongest(suspect, layout.reasons)
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
