"""Failing hosts beside working ones, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo

from changelog_ledger.model.report import Report
from changelog_ledger.reports.peers_text import SHOWN, peers_words, place_words, remarks, since_words


def peers_markdown(report: Report, zone: tzinfo, inline: Callable[[str], str], code: Callable[[str], str]) -> Iterator[str]:
    """The section; nothing where no hosts were compared.

    :param inline: escapes untrusted text within a paragraph; ``code`` makes code of it.
    """
    peers = report.peers
    if peers is None:
        return
    yield "## Failing and working hosts"
    yield ""
    yield inline(peers_words(peers))
    yield ""
    for number, found in enumerate(peers.differences[:SHOWN], 1):
        yield f"{number}. {code(place_words(found))} ({found.score:.2f})"
        yield from (f"   - {inline(said)}" for said in (*found.reasons, since_words(found, report, zone)) if said)
    yield from (f"\n{inline(remark)}" for remark in remarks(peers))
    yield ""
