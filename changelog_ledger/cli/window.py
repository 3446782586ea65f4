"""``window``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.group()
def window() -> None:
    """Add, list and lift maintenance windows."""


@window.command(
    "add",
    epilog="""\b
Examples:
  ledger window add 'Sunday night' --start 2026-12-06T02:00 --for 2h --zone Europe/Berlin --repeat 'FREQ=WEEKLY;BYDAY=SU'
  ledger window add 'Move of the rack' --start 2026-12-12T22:00+01:00 --for 6h --on host:db-01""",
)
@click.argument("title")
@click.option("--start", metavar="TIME", required=True, help="When it is open first; with --zone what the clock there shows.")
@click.option("--for", "duration", metavar="DURATION", required=True, help="How long it is open: 90m, 2h, 1h30m.")
@click.option("--repeat", metavar="RULE", default="", help="How it recurs (RFC 5545): FREQ=WEEKLY;BYDAY=SU. It starts where that first comes true.")
@click.option("--zone", metavar="ZONE", default="", help="Whose wall clock it keeps to, as Europe/Berlin. None: UTC, and --start needs an offset.")
@click.option("--on", metavar="TARGET", multiple=True, help="A host, a service or all; may be repeated. None: all.")
@pass_session
def add(session: Session, title: str, start: str, duration: str, repeat: str, zone: str, on: tuple[str, ...]) -> None:
    """Record a maintenance window. Prints its id."""
    with session.ledger() as ledger:
        added = ledger.window.add(title, start, duration, repeat=repeat, zone=zone, on=on)
    write(added.window.id)


@window.command("list", epilog="\b\nExamples:\n  ledger window list\n  ledger window list --all --json")
@click.option("--all", "everything", is_flag=True, help="Lifted ones as well, and those that do not come again.")
@json_option
@pass_session
def list_(session: Session, everything: bool, as_json: bool) -> None:
    """List maintenance windows, each with its next occurrence, the next to open first."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.window.list(everything=everything)
        now = ledger.now()
    if as_json:
        write_json(reports.windows_document(found))
    else:
        write(reports.render_windows(found, session.style(), now))


@window.command("lift", epilog="\b\nExample:\n  ledger window lift MNT-7K3M9Q --because 'contract ended'")
@click.argument("window_id", metavar="ID")
@click.option("--because", metavar="TEXT", default="", help="Why; it stays with the record.")
@pass_session
def lift(session: Session, window_id: str, because: str) -> None:
    """Give a maintenance window up."""
    from changelog_ledger.reports import printable

    with session.ledger() as ledger:
        lifted = ledger.window.lift(window_id, because=because)
    write(printable(f"{lifted.id} is lifted: {lifted.title}"))
