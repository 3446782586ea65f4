"""``what-changed`` as Markdown, for tickets and chats. Lists only: a table breaks on a value that holds a bar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, tzinfo

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.report import Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.explained_score import explained_score, table_lines
from changelog_ledger.reports.for_reader import for_reader
from changelog_ledger.reports.hints import for_suspect, more_suspects, next_steps, show_noise
from changelog_ledger.reports.layout import brief
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.peers_markdown import peers_markdown
from changelog_ledger.reports.values import alteration_word, attribution, file_place, has_values, place, value_pair
from changelog_ledger.reports.verdict import LOOKED_AT_FIRST, chance, counting, headline, support, trigger_words, unseen

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#!|~&$])")
_BLOCK_START = re.compile(r"^(\d{0,9})([-+=.)])")
_AUTOMATIC = re.compile(r"[@#]\w|://|\bwww\.|\bmailto:", re.IGNORECASE)
"""What forges turn into links and mentions by themselves, whatever is escaped around it."""

_VALUE = 200
_PARAGRAPH = 600
_EVIDENCE = 100


def render_markdown(report: Report, zone: tzinfo = UTC, *, explain: bool = False) -> str:
    """The report as Markdown. Nothing in a title, path or value becomes markup, a link or a mention.

    :param explain: below each suspect the table of its reasons, to the decimal.
    """
    report = for_reader(report, zone)
    blocks = (
        _head(report, zone),
        _suspects(report, zone, explain),
        peers_markdown(report, zone, inline, code),
        _window(report, zone),
        _evidence(report),
        _left_out(report, zone),
        _ruled_out(report),
        _next(report, zone),
    )
    return "\n".join(line for block in blocks for line in block).rstrip("\n") + "\n"


def inline(text: str, room: int = _PARAGRAPH) -> str:
    """Untrusted text within a paragraph, in at most ``room`` cells."""
    plain = brief(text, room).lstrip()
    return code(plain, room) if _AUTOMATIC.search(plain) else _BLOCK_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", plain))


def code(text: str, room: int = _VALUE) -> str:
    """Untrusted text as code, fenced by more backticks than it holds."""
    plain = brief(text, room)
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not plain or plain[0] in "` " or plain[-1] in "` " else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _head(report: Report, zone: tzinfo) -> Iterator[str]:
    yield f"# {inline(headline(report))}"
    yield ""
    yield from (inline(words) for words in filter(None, [support(report), phrases.summary(report, zone)]))
    yield ""
    for warning in report.warnings:
        yield f"> **Warning:** {inline(warning.text)}"
        yield ">"
    for words in unseen(report):
        yield f"> **Not seen:** {inline(words)}"
        yield ">"
    if report.warnings or unseen(report):
        yield ""


def _window(report: Report, zone: tzinfo) -> Iterator[str]:
    begin, end = phrases.window_words(report, zone)
    yield f"- **Window:** {inline(begin)} {inline(' '.join(end.split()))}"
    if report.window.onset != report.window.until:
        yield f"- **Onset:** {inline(phrases.onset_words(report, zone))}"
    if report.symptom:
        yield f"- **Symptom:** {inline(report.symptom)}"
    yield from (f"- **Snapshots:** {inline(words)}" for words in phrases.freshness_words(report, zone))
    if scope := phrases.scope_words(report):
        yield f"- **Scope:** {inline(scope)}"
    yield ""


def _suspects(report: Report, zone: tzinfo, explain: bool) -> Iterator[str]:
    if not report.suspects:
        return
    yield "## Suspects"
    yield ""
    yield from (f"Likeliest first; {words}.\n" for words in filter(None, [chance(report)]))
    for suspect in report.suspects:
        yield from _suspect(suspect, report, zone)
        if explain:
            yield from _explained(suspect, report)
    hidden = report.suspects_total - len(report.suspects)
    if hidden > 0:
        yield ""
        yield f"{hidden:,} more: {code(more_suspects(report).in_zone(zone).command)}"
    yield ""


def _suspect(suspect: Suspect, report: Report, zone: tzinfo) -> Iterator[str]:
    indent = " " * (len(str(suspect.rank)) + 2)
    yield f"{suspect.rank}. {_kind(suspect, report)} {inline(suspect.title)} (score {suspect.score:.2f})"
    seen = phrases.seen_words(suspect, report, zone)
    yield f"{indent}- {phrases.when_words(suspect.occurred_at, report, zone)}{f', {seen}' if seen else ''}"
    yield from (f"{indent}- {inline(words)}" for words in filter(None, [trigger_words(suspect)]))
    pieces = phrases.pieces_of(suspect, report)
    yield from (f"{indent}- {_piece(piece)}" for piece in pieces[:3])
    if len(pieces) > 3:
        yield f"{indent}- {phrases.count(len(pieces) - 3, 'more piece')} of evidence, below"
    if suspect.elsewhere:
        yield f"{indent}- {inline(phrases.elsewhere_words(suspect))}"
    yield from (f"{indent}- there at the time: {inline(actor)}" for actor in phrases.actor_words(pieces, zone, report.made_at))
    yield from (f"{indent}- {'but ' if reason.weight < 0 else ''}{inline(reason.text)} ({reason.weight:+.2f})" for reason in counting(suspect))
    if suspect.rank <= LOOKED_AT_FIRST:
        yield from (f"{indent}- {code(hint.in_zone(zone).command, 2000)}" for hint in for_suspect(suspect, report))


def _explained(suspect: Suspect, report: Report) -> Iterator[str]:
    """In a fence: columns stay columns in every viewer."""
    indent = " " * (len(str(suspect.rank)) + 2)
    yield ""
    yield from (f"{indent}{row}" for row in ("```text", *table_lines(explained_score(suspect, report)), "```"))


def _kind(suspect: Suspect, report: Report) -> str:
    if suspect.kind is SuspectKind.UNLOGGED:
        return "**UNLOGGED**"
    change = phrases.change_of(suspect, report)
    unusual = phrases.change_words(change)
    ref = f" ({inline(suspect.ref)})" if suspect.ref else ""
    return f"**{printable(suspect.change)}**{ref} {phrases.logged_words(change)}{f', {unusual}' if unusual else ''}:"


def _piece(piece: Evidence) -> str:
    """Where, what, before and after on one line."""
    if piece.op is Op.OBSERVED:
        return f"{place(piece.target)}: {code(piece.kind)} {code(piece.summary)}"
    where = " ".join(filter(None, [place(piece.target), file_place(piece) and code(file_place(piece)), code(piece.key) if piece.key else ""]))
    return f"{where}: {alteration(piece)}"


def alteration(piece: Evidence) -> str:
    """What was there before and after, and the note, on one line."""
    word, note = alteration_word(piece), f" ({inline(piece.note)})" if piece.note else ""
    if not has_values(piece):
        return f"{word} {inline(piece.note or piece.summary)}".strip()
    before, after = value_pair(piece.before, piece.after, _VALUE)
    if piece.op is Op.ADDED:
        return f"{word} {code(after)}{note}"
    if piece.op is Op.REMOVED:
        return f"{word} {code(before)}{note}"
    return f"{word} {code(before)} → {code(after)}{note}".strip()


def _evidence(report: Report) -> Iterator[str]:
    if not report.evidence:
        return
    yield "## Evidence"
    yield ""
    for piece in report.evidence[:_EVIDENCE]:
        judged = f"**{attribution(piece)}**" if piece.unlogged else attribution(piece)
        yield f"- {code(piece.id)} {_piece(piece)}; {judged}{', changed back since' if piece.transient else ''}"
    if len(report.evidence) > _EVIDENCE:
        yield f"- {len(report.evidence) - _EVIDENCE:,} more: `--format json`"
    yield ""


def _left_out(report: Report, zone: tzinfo) -> Iterator[str]:
    if report.suppressed:
        yield f"Left out: {inline(noise_words(report.suppressed))}: {code(show_noise(report).in_zone(zone).command, 2000)}"
        yield ""


def _ruled_out(report: Report) -> Iterator[str]:
    if report.ruled_out:
        yield "## Ruled out"
        yield ""
        yield from (f"- {code(ruled.change)} {inline(ruled.title)}: {inline(ruled.why)}" for ruled in report.ruled_out)
        yield ""


def _next(report: Report, zone: tzinfo) -> Iterator[str]:
    hints = next_steps(report)
    if hints:
        yield "## Next"
        yield ""
    for hint in hints:
        yield f"- {code(hint.in_zone(zone).command, 2000)}{f' {inline(hint.purpose)}' if hint.purpose else ''}"
