"""``compare``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, format_option, json_option, pass_session, write, write_json, write_page
from changelog_ledger.errors import EXIT_FINDING


@click.command(
    epilog="""\b
Examples:
  ledger compare web-01 web-02                           one that works and one that does not
  ledger compare web-01 web-02 --path '/etc/nginx/**'
  ledger compare web-01 web-02 --at last-good            each as it was when it was last seen working
  ledger compare web-01 web-02 --format html > differences.html"""
)
@click.argument("host")
@click.argument("other", metavar="HOST")
@click.option("--path", metavar="GLOB", help="Only paths that match.")
@click.option("--at", metavar="TIME", help="As both were then; their last snapshots if not given.")
@click.option("--raw", is_flag=True, help="Show what is each host's own as well: names, addresses, host keys, UUIDs.")
@click.option("--noise", is_flag=True, help="Show what rules call noise as well, each with its rule.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is a difference.")
@format_option
@json_option
@pass_session
def compare(
    session: Session, host: str, other: str, path: str | None, at: str | None, raw: bool, noise: bool, exit_code: bool, rendering: str, as_json: bool
) -> int:
    """What differs between two hosts.

    What is each host's own (its names, addresses, host keys, UUIDs) is expected to differ: it is counted, not shown.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.compare(host, other, path=path, at=at, raw=raw, noise=noise)
        now = ledger.now()
    if as_json or rendering == "json":
        write_json(reports.comparison_document(found))
    elif rendering == "text":
        write(reports.render_comparison(found, session.style(), now))
    else:
        write_page(session, reports.differences_of_comparison(found, session.zone(), now), rendering, now)
    return EXIT_FINDING if found.evidence and exit_code else 0
