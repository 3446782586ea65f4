"""``what-changed`` as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, tzinfo

from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.report import Report
from changelog_ledger.reports import phrases
from changelog_ledger.reports.for_reader import for_reader
from changelog_ledger.reports.hints import more_suspects, next_steps, show_noise
from changelog_ledger.reports.html_axis import time_axis
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.html_piece import alteration, where
from changelog_ledger.reports.html_style import STYLE_SHEET
from changelog_ledger.reports.html_suspect import suspect_item
from changelog_ledger.reports.noise import noise_words
from changelog_ledger.reports.peers_html import peers_html
from changelog_ledger.reports.times import clock
from changelog_ledger.reports.values import attribution
from changelog_ledger.reports.verdict import chance, headline, support, unseen

_EVIDENCE = 2000


def render_html(report: Report, zone: tzinfo = UTC, *, explain: bool = False) -> str:
    """The report as a page. A content security policy forbids everything but its own style sheet.

    :param explain: with the tables of reasons unfolded.
    """
    report = for_reader(report, zone)
    blocks = (
        page_head(f"{phrases.subject(report.target)}: {headline(report)}"),
        _answer(report, zone),
        _suspects(report, zone, explain),
        peers_html(report, zone),
        _circumstances(report, zone),
        _evidence(report, zone),
        _rest(report, zone),
        page_foot(clock(report.made_at, zone)),
    )
    return "\n".join(line for block in blocks for line in block) + "\n"


def page_head(title: str) -> Iterator[str]:
    """The beginning of a page that loads nothing and runs nothing."""
    digest = base64.b64encode(hashlib.sha256(STYLE_SHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{escaped(title)}</title>\n<style>{STYLE_SHEET}</style>\n</head>\n<body>\n<main>"


def _answer(report: Report, zone: tzinfo) -> Iterator[str]:
    yield f'<h1 class="{_kind(report)}">{escaped(headline(report))}</h1>'
    yield from (f'<p class="support">{escaped(words)}</p>' for words in filter(None, [support(report), phrases.summary(report, zone)]))
    yield from (f'<p class="warning"><strong>Warning:</strong> {escaped(warning.text)}</p>' for warning in report.warnings)
    unknown = unseen(report)
    if unknown:
        items = "".join(f"<li>{escaped(words)}</li>" for words in unknown)
        yield f'<div class="warning"><strong>Not seen:</strong>\n<ul>{items}</ul></div>'
    yield time_axis(report, zone)


def _kind(report: Report) -> str:
    return "nothing" if report.verdict.nothing or not report.suspects else report.verdict.confidence.value


def _circumstances(report: Report, zone: tzinfo) -> Iterator[str]:
    begin, end = phrases.window_words(report, zone)
    facts = [
        ("Window", f"{begin} {end}"),
        ("Onset", phrases.onset_words(report, zone)),
        ("Symptom", report.symptom),
        ("Scope", phrases.scope_words(report)),
        *(("Snapshots", words) for words in phrases.freshness_words(report, zone)),
    ]
    yield "<h2>The question</h2>\n<dl>"
    yield from (f"<dt>{label}</dt><dd>{escaped(words)}</dd>" for label, words in facts if words)
    yield "</dl>"


def _suspects(report: Report, zone: tzinfo, explain: bool) -> Iterator[str]:
    if not report.suspects:
        return
    yield "<h2>Suspects</h2>"
    yield from (f'<p class="support">Likeliest first; {words}.</p>' for words in filter(None, [chance(report)]))
    yield "<ol>"
    for suspect in report.suspects:
        yield from suspect_item(suspect, report, zone, explain)
    yield "</ol>"
    hidden = report.suspects_total - len(report.suspects)
    if hidden > 0:
        yield f"<p>{hidden:,} more: <code>{escaped(more_suspects(report).in_zone(zone).command)}</code></p>"


def _evidence(report: Report, zone: tzinfo) -> Iterator[str]:
    if not report.evidence:
        return
    opened = " open" if len(report.evidence) <= 20 else ""
    counts = f"{escaped(phrases.evidence_counts(report.evidence))}{phrases.guessed_words(report)}"
    yield f"<h2>Evidence</h2>\n<details{opened}><summary>{counts}</summary>"
    headings = "".join(f'<th scope="col">{name}</th>' for name in ("what", "explained", "when"))
    yield f'<div class="scroll"><table class="pieces">\n<thead><tr>{headings}</tr></thead>'
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
    return f"<tr><td>{where(piece)}{alteration(piece)}</td><td>{judged}{back}{because}</td><td>{when}</td></tr>"


def _rest(report: Report, zone: tzinfo) -> Iterator[str]:
    if report.suppressed:
        yield f"<p>Left out: {escaped(noise_words(report.suppressed))}: <code>{escaped(show_noise(report).in_zone(zone).command)}</code></p>"
    if report.ruled_out:
        yield "<h2>Ruled out</h2>\n<ul>"
        yield from (f"<li><code>{escaped(ruled.change)}</code> {escaped(ruled.title)}: {escaped(ruled.why)}</li>" for ruled in report.ruled_out)
        yield "</ul>"
    hints = next_steps(report)
    if hints:
        yield '<h2>Next</h2>\n<ul class="hints">'
        yield from (f"<li><code>{escaped(hint.in_zone(zone).command)}</code> {escaped(hint.purpose)}</li>" for hint in hints)
        yield "</ul>"


def page_foot(made_at: str = "") -> Iterator[str]:
    """The end of a page."""
    yield f"<footer>changelog-ledger{', ' * bool(made_at)}{escaped(made_at)}</footer>\n</main>\n</body>\n</html>"
