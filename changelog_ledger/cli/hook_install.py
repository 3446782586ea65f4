"""``hook install``, ``hook uninstall``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, warned, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.model.hooks import Installed

repository_option = click.option("--repo", "repository", metavar="DIR", default=".", help="A folder of the repository; this one if not given.")


@click.command(
    epilog="""\b
Examples:
  ledger hook install                                      in a work tree: everything around a commit
  ledger --home /var/lib/changelog-ledger hook install     and say which ledger to ask
  ledger hook install --stages pre-commit,commit-msg       these only
  ledger hook install --repo /srv/git/config.git           a bare repository: pre-receive"""
)
@repository_option
@click.option(
    "--stages",
    metavar="LIST",
    help="pre-commit, pre-merge-commit, prepare-commit-msg, commit-msg, pre-receive, with commas between; if not given, the first four, in a bare "
    "repository the last.",
)
@json_option
@pass_session
def install(session: Session, repository: str, stages: str | None, as_json: bool) -> None:
    """Put the gate into a git repository.

    A hook that is there is kept as NAME.before-ledger and run first; it decides as before. Installing twice changes nothing.
    """
    from changelog_ledger.ledger import Gate

    names = [] if stages is None else [name.strip() for name in stages.split(",")]
    with Gate.open(repository, home=session.home) as gate:
        _show(gate.install(names), as_json)


@click.command(epilog="\b\nExamples:\n  ledger hook uninstall\n  ledger hook uninstall --repo /srv/git/config.git --json")
@repository_option
@click.option("--force", is_flag=True, help="Remove the gate's scripts though somebody has edited them.")
@json_option
def uninstall(repository: str, force: bool, as_json: bool) -> None:
    """Take the gate out of a git repository; the hooks from before it are back as they were."""
    from changelog_ledger.ledger import Gate

    with Gate.open(repository) as gate:
        _show(gate.uninstall(force=force), as_json)


def _show(installed: Installed, as_json: bool) -> None:
    from changelog_ledger import reports

    if as_json:
        write_json({"schema": reports.schema("hooks"), **reports.hooks_document(installed)})
        return
    write(reports.render_hooks(installed))
    for text in installed.warnings:
        warned(text)
