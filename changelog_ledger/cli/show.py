"""``show``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.command(
    epilog="""\b
Examples:
  ledger show EV-0FXMJ44Y75         a difference or an observation, with everything that its record says
  ledger show CHG-7K3M9Q            as ledger change show
  ledger show 01JD3E --json         a snapshot"""
)
@click.argument("identifier", metavar="ID")
@json_option
@pass_session
def show(session: Session, identifier: str, as_json: bool) -> None:
    """Show what is recorded under an id.

    Of a change, a piece of evidence, a snapshot, a freeze or a maintenance window; any unambiguous beginning of the id will do.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger:
        shown = ledger.show(identifier)
        now = ledger.now()
    if as_json:
        write_json(reports.shown_document(shown))
    else:
        write(reports.render_shown(shown, session.style(), now))
