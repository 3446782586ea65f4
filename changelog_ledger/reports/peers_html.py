"""Failing hosts beside working ones, as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from changelog_ledger.model.peers import PeerDifference
from changelog_ledger.model.report import Report
from changelog_ledger.reports.html_escape import escaped
from changelog_ledger.reports.peers_text import peers_words, place_words, remarks, since_words

_SHOWN = 50


def peers_html(report: Report, zone: tzinfo) -> Iterator[str]:
    """The section of the page; nothing where no hosts were compared."""
    peers = report.peers
    if peers is None:
        return
    yield f"<h2>Failing and working hosts</h2>\n<p>{escaped(peers_words(peers))}</p>\n<ol>"
    yield from (_item(found, report, zone) for found in peers.differences[:_SHOWN])
    yield "</ol>"
    yield from (f'<p class="when">{escaped(remark)}</p>' for remark in remarks(peers))


def _item(found: PeerDifference, report: Report, zone: tzinfo) -> str:
    reasons = "".join(f"<li>{escaped(reason, 600)}</li>" for reason in found.reasons)
    more = since_words(found, report, zone)
    said = f'<p class="when">{escaped(more)}</p>' if more else ""
    score = f'<span class="score">{found.score:.2f}</span>'
    return f'<li><h3><code>{escaped(place_words(found), 600)}</code> {score}</h3>{said}<ul class="reasons">{reasons}</ul></li>'
