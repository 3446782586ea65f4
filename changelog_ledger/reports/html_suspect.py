"""A suspect within HTML: what it is, why, what it altered, and how its score comes about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from changelog_ledger.model.report import Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.explained_score import HEADINGS, explained_score
from changelog_ledger.reports.hints import for_suspect
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.html_piece import alteration, where
from changelog_ledger.reports.values import place
from changelog_ledger.reports.verdict import LOOKED_AT_FIRST, counting, trigger_words


def suspect_item(suspect: Suspect, report: Report, zone: tzinfo, explain: bool) -> Iterator[str]:
    """One item of the ranked list."""
    yield f'<li value="{suspect.rank}" class="{suspect.kind.value}">'
    score = f'<span class="score">score {suspect.score:.2f}</span>'
    yield f'<h3><span class="rank">{suspect.rank}.</span>{_kind(suspect, report)} {escaped(suspect.title)} {score}</h3>'
    seen = phrases.seen_words(suspect, report, zone)
    when = ", ".join(filter(None, [phrases.when_words(suspect.occurred_at, report, zone), seen]))
    targets = phrases.shortlist([place(target) for target in suspect.targets])
    yield f'<p class="when">{escaped(when)}{f" · {escaped(targets)}" if targets else ""}</p>'
    if suspect.trigger:
        yield f'<p class="trigger">{escaped(trigger_words(suspect))}</p>'
    yield from _reasons(suspect)
    pieces = phrases.pieces_of(suspect, report)
    yield from (f'<div class="piece">{where(piece)}{alteration(piece)}</div>' for piece in pieces[:5])
    if len(pieces) > 5:
        yield f"<p>{phrases.count(len(pieces) - 5, 'more piece')} of evidence, below</p>"
    if suspect.elsewhere:
        yield f'<p class="when">{escaped(phrases.elsewhere_words(suspect))}</p>'
    actors = phrases.actor_words(pieces, zone, report.made_at)
    if actors:
        yield f'<p class="when">there at the time: {escaped("; ".join(actors))}</p>'
    if suspect.rank <= LOOKED_AT_FIRST:
        yield from (f'<p class="command"><code>{escaped(hint.in_zone(zone).command)}</code></p>' for hint in for_suspect(suspect, report))
    yield from _explained(suspect, report, explain)
    yield "</li>"


def _reasons(suspect: Suspect) -> Iterator[str]:
    """For and against: a word says which, not only a sign."""
    if suspect.reasons:
        yield '<ul class="reasons">'
        yield from (f"<li>{'<strong>but</strong> ' if reason.weight < 0 else ''}{escaped(reason.text)}</li>" for reason in counting(suspect))
        yield "</ul>"


def _explained(suspect: Suspect, report: Report, explain: bool) -> Iterator[str]:
    """The table of its reasons, to the decimal."""
    explained = explained_score(suspect, report)
    yield f"<details{' open' if explain else ''}><summary>How its score comes about</summary>"
    headings = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
    yield f'<div class="scroll"><table class="sum">\n<thead><tr>{headings}</tr></thead>\n<tbody>'
    for code, *numbers in explained.rows:
        yield f'<tr><th scope="row">{escaped(code)}</th>{"".join(f"<td>{number}</td>" for number in numbers)}</tr>'
    yield f'</tbody>\n<tfoot><tr><th scope="row">sum</th><td></td><td></td><td>{explained.total}</td></tr></tfoot></table></div>'
    yield f"<p><code>{escaped(explained.formula)}</code></p></details>"


def _kind(suspect: Suspect, report: Report) -> str:
    if suspect.kind is SuspectKind.UNLOGGED:
        return '<span class="badge unlogged">UNLOGGED</span>'
    change = phrases.change_of(suspect, report)
    unusual = phrases.change_words(change)
    ref = f" ({escaped(suspect.ref, 40)})" if suspect.ref else ""
    more = f' <span class="badge unusual">{escaped(unusual)}</span>' if unusual else ""
    return f'<span class="badge logged">{escaped(suspect.change)}{ref} {phrases.logged_words(change)}</span>{more}'
