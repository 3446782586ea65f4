"""``spool``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json
from changelog_ledger.errors import EXIT_PARTIAL


@click.group()
def spool() -> None:
    """Show and merge what was recorded while the database was away."""


@spool.command("list", epilog="\b\nExamples:\n  ledger spool list\n  ledger spool list --json")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List what waits, in the order in which it will be merged. Needs no database."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        waiting = ledger.spool.list()
        now = ledger.now()
    if as_json:
        write_json(reports.spool_document(waiting))
    else:
        write(reports.render_spool(waiting, session.style(), now))


@spool.command(
    "merge",
    epilog="""\b
Example:
  ledger spool merge

\b
Any command that opens the database merges first; this one says what came of it.
EXIT STATUS: 3 when something stays in the spool, or half a line was found.""",
)
@json_option
@pass_session
def merge(session: Session, as_json: bool) -> int:
    """Record what waits, each fact once. What cannot be recorded stays, with the reason."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        merged = ledger.spool.merge()
        now = ledger.now()
    if as_json:
        write_json(reports.merged_document(merged))
    else:
        write(reports.render_merged(merged, session.style(), now))
    return 0 if merged.complete else EXIT_PARTIAL
