"""``search``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.command(
    epilog="""\b
Examples:
  ledger search worker limit
  ledger search libssl3 --on host:web-01 --since 30d
  ledger search RFC-17 --json"""
)
@click.argument("text", nargs=-1, required=True)
@click.option("--on", metavar="TARGET", help="Only what names this host or service.")
@click.option("--since", metavar="TIME", help="Nothing older.")
@click.option("--limit", metavar="N", type=click.IntRange(1), default=50, show_default=True, help="How many, the newest first.")
@json_option
@pass_session
def search(session: Session, text: tuple[str, ...], on: str | None, since: str | None, limit: int, as_json: bool) -> None:
    """Find everything recorded that holds some words.

    Titles, descriptions, notes, tickets, observations, symptoms, reasons of snapshots (the messages of an adopted history), and the paths, keys and
    values of differences. All words have to be there, in any order and any case, also as parts of longer words; hashes and identifiers
    are found by their beginning. The newest comes first.
    """
    from changelog_ledger import reports

    words = " ".join(text)
    with session.ledger() as ledger:
        hits = ledger.search(words, on=on, since=since, limit=limit)
        now = ledger.now()
    if as_json:
        write_json(reports.search_document(hits))
    else:
        write(reports.render_search(hits, words, session.style(), now))
