"""``change announce``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.command(
    "announce",
    epilog="""\b
Examples:
  ledger change announce CHG-7K3M9Q | mail -s 'Maintenance on Sunday' users@bank.example
  ledger change announce CHG-7K3M9Q --at end --format markdown
  ledger change announce --fields""",
)
@click.argument("change_id", metavar="ID", required=False)
@click.option(
    "--at", type=click.Choice(["before", "start", "end"]), help="Ahead of it, as it begins, or when it is over; what fits its status if not given."
)
@click.option("--template", metavar="NAME", default="", help="Fill templates/announce-NAME.txt (.md) of the home instead of the usual text.")
@click.option("--format", "rendering", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("--fields", is_flag=True, help="List what a template may name.")
@json_option
@pass_session
def announce(session: Session, change_id: str | None, at: str | None, template: str, rendering: str, fields: bool, as_json: bool) -> None:
    """Write the message to users and partners about a change: what, when, its effect, whom to ask."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        if fields:
            known = ledger.announcement_fields()
            return write_json(reports.announcement_fields_document(known)) if as_json else write(reports.render_announcement_fields(known))
        if change_id is None:
            raise click.UsageError("Missing argument 'ID'.")
        change = ledger.find_change(change_id)
        text = ledger.announce(change.id, at=at, template=template, markdown=rendering == "markdown", zone=session.zone())
    if as_json:
        write_json(reports.announcement_document(change, text))
    else:
        write(text)
    return None
