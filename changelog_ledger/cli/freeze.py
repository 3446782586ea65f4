"""``freeze``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.group()
def freeze() -> None:
    """Add, list and lift freezes: periods in which changes need an override."""


@freeze.command(
    "add",
    epilog="""\b
Examples:
  ledger freeze add 'Quarter end' --start 2026-12-30T00:00+01:00 --end 2027-01-03T00:00+01:00
  ledger freeze add 'Audit of the shop' --start now --end 'in 3d' --on service:shop""",
)
@click.argument("title")
@click.option("--start", metavar="TIME", required=True, help="From when on it holds.")
@click.option("--end", metavar="TIME", required=True, help="When it is over.")
@click.option("--on", metavar="TARGET", multiple=True, help="A host, a service or all; may be repeated. None: all.")
@pass_session
def add(session: Session, title: str, start: str, end: str, on: tuple[str, ...]) -> None:
    """Record a freeze. Prints its id.

    It holds for its targets, the hosts of its services and the services of its hosts. Starting a change there is refused without --override.
    """
    with session.ledger() as ledger:
        added = ledger.freeze.add(title, start, end, on)
    write(added.id)


@freeze.command("list", epilog="\b\nExamples:\n  ledger freeze list\n  ledger freeze list --all --json")
@click.option("--all", "everything", is_flag=True, help="Past and lifted ones as well.")
@json_option
@pass_session
def list_(session: Session, everything: bool, as_json: bool) -> None:
    """List freezes in force and to come, the first to start first."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.freeze.list(everything=everything)
        now = ledger.now()
    if as_json:
        write_json(reports.freezes_document(found))
    else:
        write(reports.render_freezes(found, session.style(), now))


@freeze.command("lift", epilog="\b\nExample:\n  ledger freeze lift FRZ-7K3M9Q --because 'the quarter is closed'")
@click.argument("freeze_id", metavar="ID")
@click.option("--because", metavar="TEXT", default="", help="Why; it stays with the record.")
@pass_session
def lift(session: Session, freeze_id: str, because: str) -> None:
    """End a freeze before its time."""
    from changelog_ledger.reports import printable

    with session.ledger() as ledger:
        lifted = ledger.freeze.lift(freeze_id, because=because)
    write(printable(f"{lifted.id} is lifted: {lifted.title}"))
