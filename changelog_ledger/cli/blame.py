"""``blame``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json


@click.command(
    epilog="""\b
Examples:
  ledger blame web-01 /etc/nginx/nginx.conf                      every key, by the change that set it
  ledger blame web-01 /etc/nginx/nginx.conf 'http/**/listen'     the keys that fit a glob
  ledger blame web-01 /etc/ssh/sshd_config PermitRootLogin       one key, also one that is gone
  ledger blame web-01 /etc/app.yaml services --at last-good      a block, as it was when it worked"""
)
@click.argument("host")
@click.argument("path")
@click.argument("key", required=False)
@click.option("--at", metavar="TIME", help="As the file was then; the last snapshot if not given.")
@json_option
@pass_session
def blame(session: Session, host: str, path: str, key: str | None, at: str | None, as_json: bool) -> None:
    """Which change or snapshot last set each key of a file."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.blame(host, path, key, at=at)
        now = ledger.now()
    if as_json:
        write_json(reports.blame_document(found))
    else:
        write(reports.render_blame(found, session.style(), now))
