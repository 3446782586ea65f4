"""``what-changed`` as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, tzinfo

from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.report import Report, Suspect, SuspectKind
from changelog_ledger.reports import phrases
from changelog_ledger.reports.hints import more_suspects, next_steps, show_noise
from changelog_ledger.reports.html_axis import time_axis
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.html_style import STYLE_SHEET
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.times import clock
from changelog_ledger.reports.values import alteration_word, attribution, file_place, has_values, place, value_pair

_VALUE = 1200
_EVIDENCE = 2000


def render_html(report: Report, zone: tzinfo = UTC) -> str:
    """The report as a page. A content security policy forbids everything but its own style sheet."""
    blocks = (_head(report, zone), _summary(report, zone), _suspects(report, zone), _evidence(report, zone), _rest(report), _foot(report, zone))
    return "\n".join(line for block in blocks for line in block) + "\n"


def _head(report: Report, zone: tzinfo) -> Iterator[str]:
    yield from page_head(phrases.verdict(report, zone))


def page_head(title: str) -> Iterator[str]:
    """The beginning of a page that loads nothing and runs nothing."""
    digest = base64.b64encode(hashlib.sha256(STYLE_SHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{escaped(title)}</title>\n<style>{STYLE_SHEET}</style>\n</head>\n<body>\n<main>"


def _summary(report: Report, zone: tzinfo) -> Iterator[str]:
    yield f"<h1>{escaped(phrases.verdict(report, zone))}</h1>"
    for warning in report.warnings:
        yield f'<p class="warning"><strong>Warning:</strong> {escaped(warning.text)}</p>'
    begin, end = phrases.window_words(report, zone)
    facts = [("Window", f"{begin} {end}"), ("Onset", phrases.onset_words(report, zone)), ("Symptom", report.symptom)]
    facts += [("Snapshots", words) for words in phrases.freshness_words(report, zone)]
    facts += [("Not seen", phrases.BLIND)] if phrases.found_nothing(report) else []
    yield "<dl>"
    yield from (f"<dt>{label}</dt><dd>{escaped(words)}</dd>" for label, words in facts if words)
    yield "</dl>"
    yield f'<div class="axis">{time_axis(report, zone)}</div>'


def _suspects(report: Report, zone: tzinfo) -> Iterator[str]:
    if not report.suspects:
        return
    yield "<h2>Suspects</h2>\n<ol>"
    for suspect in report.suspects:
        yield from _suspect(suspect, report, zone)
    yield "</ol>"
    hidden = report.suspects_total - len(report.suspects)
    if hidden > 0:
        yield f"<p>{hidden:,} more: <code>{escaped(more_suspects(report).command)}</code></p>"


def _suspect(suspect: Suspect, report: Report, zone: tzinfo) -> Iterator[str]:
    yield f'<li value="{suspect.rank}" class="{suspect.kind.value}">'
    score = f'<span class="score">score {suspect.score:.2f}</span>'
    yield f'<h3><span class="rank">{suspect.rank}.</span>{_kind(suspect, report)} {escaped(suspect.title)} {score}</h3>'
    seen = phrases.seen_words(suspect, report, zone)
    when = ", ".join(filter(None, [phrases.when_words(suspect.occurred_at, report, zone), seen]))
    where = phrases.shortlist([place(target) for target in suspect.targets])
    yield f'<p class="when">{escaped(when)}{f" · {escaped(where)}" if where else ""}</p>'
    pieces = phrases.pieces_of(suspect, report)
    yield from (f'<div class="piece">{_where(piece)}{alteration(piece)}</div>' for piece in pieces[:5])
    if len(pieces) > 5:
        yield f"<p>{phrases.count(len(pieces) - 5, 'more piece')} of evidence, below</p>"
    if suspect.elsewhere:
        yield f'<p class="when">{escaped(phrases.elsewhere_words(suspect))}</p>'
    actors = phrases.actor_words(pieces, zone, report.made_at)
    if actors:
        yield f'<p class="when">there at the time: {escaped("; ".join(actors))}</p>'
    reasons = "".join(f'<li>{escaped(reason.text)} <span class="score">{reason.weight:+.2f}</span></li>' for reason in suspect.reasons)
    yield f'<ul class="reasons">{reasons}</ul>\n</li>' if reasons else "</li>"


def _kind(suspect: Suspect, report: Report) -> str:
    if suspect.kind is SuspectKind.UNLOGGED:
        return '<span class="badge unlogged">UNLOGGED</span>'
    change = phrases.change_of(suspect, report)
    unusual = phrases.change_words(change) if change else ""
    ref = f" ({escaped(suspect.ref, 40)})" if suspect.ref else ""
    more = f' <span class="badge unusual">{escaped(unusual)}</span>' if unusual else ""
    return f'<span class="badge logged">{escaped(suspect.change)}{ref} logged</span>{more}'


def _where(piece: Evidence) -> str:
    file = f" <code>{escaped(file_place(piece))}</code>" if piece.path else f" {escaped(piece.kind, 40)}"
    key = f" <code>{escaped(piece.key)}</code>" if piece.key else ""
    return f'<p class="where">{escaped(place(piece.target))}{file}{key}</p>'


def alteration(piece: Evidence) -> str:
    """What was there before and after, and the note."""
    word, note = alteration_word(piece), f" ({escaped(piece.note)})" if piece.note else ""
    if piece.op is Op.OBSERVED:
        return f"<p>{escaped(piece.summary)}</p>"
    if not has_values(piece):
        return f"<p>{word} {escaped(piece.note or piece.summary)}</p>"
    before, after = (escaped(value, _VALUE) for value in value_pair(piece.before, piece.after, _VALUE))
    old = f'<del><span class="sign">−</span>{before}</del>' if piece.op is not Op.ADDED else ""
    new = f'<ins><span class="sign">+</span>{after}</ins>' if piece.op is not Op.REMOVED else ""
    said = f"<p>{word}{note}</p>" if word not in ("", "added", "removed") or note else ""
    return f'<div class="values">{old}{new}</div>{said}'


def _evidence(report: Report, zone: tzinfo) -> Iterator[str]:
    if not report.evidence:
        return
    opened = " open" if len(report.evidence) <= 20 else ""
    counts = f"{escaped(phrases.evidence_counts(report.evidence))}{phrases.guessed_words(report)}"
    yield f"<h2>Evidence</h2>\n<details{opened}><summary>{counts}</summary>"
    yield '<div class="wide"><table>\n<tr><th>what</th><th>explained</th><th>when</th></tr>'
    yield from (_row(piece, report, zone) for piece in report.evidence[:_EVIDENCE])
    yield "</table></div>"
    if len(report.evidence) > _EVIDENCE:
        yield f"<p>{len(report.evidence) - _EVIDENCE:,} more: <code>--format json</code></p>"
    yield "</details>"


def _row(piece: Evidence, report: Report, zone: tzinfo) -> str:
    judged = '<span class="badge unlogged">UNLOGGED</span>' if piece.unlogged else escaped(attribution(piece))
    back = "<br>changed back since" if piece.transient else ""
    because = f'<p class="when">{escaped(piece.because)}</p>' if piece.because else ""
    when = f'{escaped(clock(piece.seen_at, zone, report.made_at))}<p class="when">{escaped(piece.id)}</p>'
    return f"<tr><td>{_where(piece)}{alteration(piece)}</td><td>{judged}{back}{because}</td><td>{when}</td></tr>"


def _rest(report: Report) -> Iterator[str]:
    if report.suppressed:
        yield f"<p>Left out: {escaped(noise_words(report.suppressed))}: <code>{escaped(show_noise(report).command)}</code></p>"
    if report.ruled_out:
        yield "<h2>Ruled out</h2>\n<ul>"
        yield from (f"<li><code>{escaped(ruled.change)}</code> {escaped(ruled.title)}: {escaped(ruled.why)}</li>" for ruled in report.ruled_out)
        yield "</ul>"
    hints = next_steps(report)
    if hints:
        yield '<h2>Next</h2>\n<ul class="hints">'
        yield from (f"<li><code>{escaped(hint.command)}</code> {escaped(hint.purpose)}</li>" for hint in hints)
        yield "</ul>"


def _foot(report: Report, zone: tzinfo) -> Iterator[str]:
    yield from page_foot(clock(report.made_at, zone))


def page_foot(made_at: str = "") -> Iterator[str]:
    """The end of a page."""
    yield f"<footer>changelog-ledger{', ' * bool(made_at)}{escaped(made_at)}</footer>\n</main>\n</body>\n</html>"
