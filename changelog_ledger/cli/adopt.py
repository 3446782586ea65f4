"""``adopt``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, progress, write, write_json


@click.command(
    epilog="""\b
Examples:
  sudo ledger adopt /etc --host web-01
  ledger adopt backup/etc.git --host web-01 --branch main
  ledger adopt oxidized.git --host-from-path
  ledger adopt configs.git --host-from-path 'hosts/{host}/etc/{path}' --prefix /etc"""
)
@click.argument("repo")
@click.option("--host", metavar="NAME", default="", help="The host whose files they are.")
@click.option(
    "--host-from-path",
    metavar="PATTERN",
    default="",
    is_flag=False,
    flag_value="**/{host}",
    help="The path names the host: '{group}/{host}', 'hosts/{host}/{path}'; without PATTERN every file is a host, as Oxidized has it.",
)
@click.option("--prefix", metavar="DIR", help="The host's folder that REPO's top stands for; /etc for etckeeper, else /.")
@click.option("--branch", metavar="NAME", default="", help="The branch to follow; what is checked out if not given.")
@json_option
@pass_session
def adopt(session: Session, repo: str, host: str, host_from_path: str, prefix: str | None, branch: str, as_json: bool) -> None:
    """Take in the git history of etckeeper or Oxidized.

    Every commit becomes a snapshot with its time, author and message, and with what it changed; secrets are masked as in any snapshot. REPO is a work
    tree or a bare repository; it is only read, and nothing of it is run. Can be repeated: what was adopted before is passed over.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, progress("commits, read and then recorded") as done:
        result = ledger.adopt(repo, host=host, host_from_path=host_from_path, prefix=prefix, branch=branch, progress=done)
    if as_json:
        write_json(reports.adoption_document(result))
    else:
        write(reports.render_adoption(result, session.style()))
