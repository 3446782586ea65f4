"""``hook grant``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, warned, write, write_json


@click.command(
    epilog="""\b
Examples:
  ledger hook grant CHG-7K3M9Q                        for a day, into this repository
  ledger hook grant CHG-7K3M9Q --for 3d --repo ~/configuration
  ledger hook grant CHG-7K3M9Q --to grant.json        to be carried to a laptop

\b
There it is put into .git/changelog-ledger/grants/ under any name that ends in .json."""
)
@click.argument("change")
@click.option("--for", "length", metavar="DURATION", default="24h", show_default=True, help="For how long, at most 30 days.")
@click.option("--repo", "repository", metavar="DIR", help="A folder of the repository that it is for; where we are if not given.")
@click.option("--to", metavar="FILE", help="Write it to a new file, or to stdout (-), instead of the repository.")
@json_option
@pass_session
def grant(session: Session, change: str, length: str, repository: str | None, to: str | None, as_json: bool) -> None:
    """Grant the edits that a change covers for the time when the ledger is away.

    A signed copy of what the gate has to know of the change; a note on the change says that it was granted. It counts where the repository's policy
    says when_away = "grant" and lists the key of this ledger.
    """
    from changelog_ledger import reports
    from changelog_ledger.errors import InvalidInput
    from changelog_ledger.ledger.gate import Gate

    if repository and to:
        raise InvalidInput("a grant goes into a repository or to a file", "give --repo DIR or --to FILE, not both")
    with Gate.open(repository, home=session.home, warn=warned) as gate:
        issued = gate.grant(change, length=length, to=to)
    if as_json:
        write_json({"schema": reports.schema("hook-grant"), **reports.grant_document(issued)})
    elif to == "-":
        write(issued.text)
    else:
        write(reports.render_grant(issued, session.style()))
