"""``change plan``: what it shows; and ``change templates``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.calendar import zone_of
from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.change import Change


def write_whole_plan(session: Session, ledger: Ledger, planned: Change, *, as_json: bool) -> None:
    """What was planned, or would be: as ``change show`` has it."""
    from changelog_ledger import reports

    if as_json:
        write_json(reports.change_document(planned))
    else:
        write(reports.render_draft(planned, session.style(), ledger.now(), zone_of(ledger, planned)))


@click.command("templates", epilog="\b\nExamples:\n  ledger change templates\n  ledger change plan --template certificate-renewal --on host:web-01")
@json_option
@pass_session
def templates(session: Session, as_json: bool) -> None:
    """List the standard changes: [[templates]] of ledger.toml."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.templates()
    if as_json:
        write_json(reports.templates_document(found))
    else:
        write(reports.render_templates(found, session.style()))
