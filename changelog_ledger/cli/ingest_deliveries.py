"""``ingest git`` and one command for each format of deliveries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, byte_progress, json_option, pass_session, progress
from changelog_ledger.model.delivery import DELIVERY_FORMATS, DeliveryFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from changelog_ledger.model.ingestion import Ingested

    Answered = Callable[[Session, Ingested, datetime, bool], int]

on_option = click.option("--on", metavar="TARGET", help="What it is about; else what it says itself, where the ledger knows that, else all.")
since_option = click.option("--since", metavar="TIME", help="Leave out what happened before.")


def add_deliveries(group: click.Group, answered: Answered) -> None:
    """Add the commands to ``ledger ingest``.

    :param answered: prints how it went, and says the exit code.
    """
    group.add_command(_git_command(answered))
    for name, told in DELIVERY_FORMATS.items():
        group.add_command(_format_command(name, told, answered))


def _git_command(answered: Answered) -> click.Command:
    @click.command(
        "git",
        short_help="Record commits that touch configuration.",
        epilog="""\b
Examples:
  ledger ingest git ~/infrastructure --since 30d
  ledger ingest git . --branch main --path 'terraform/**' --on service:shop
  ledger ingest git . --as-changes                        the repository is where changes are decided
  ledger ingest git . --dry-run

EXIT STATUS: 3 when something could not be read.""",
    )
    @click.argument("repository")
    @on_option
    @since_option
    @click.option("--branch", metavar="NAME", default="", help="The branch that is delivered; the one of HEAD if not given.")
    @click.option("--path", "paths", metavar="GLOB", multiple=True, help="Files that count, instead of what looks like infrastructure; repeatable.")
    @click.option("--as-changes", is_flag=True, help="Each commit as a change that succeeded, instead of an observation.")
    @click.option("--dry-run", is_flag=True, help="Read every commit, record nothing.")
    @json_option
    @pass_session
    def git(
        session: Session,
        repository: str,
        on: str | None,
        since: str | None,
        branch: str,
        paths: tuple[str, ...],
        as_changes: bool,
        dry_run: bool,
        as_json: bool,
    ) -> int:
        """Record commits that touch configuration or infrastructure code.

        By first parents: a merge is one delivery. Which files count, and whose they are, a .changelog-ledger.toml says; else their usual names, and
        hosts/NAME.
        """
        with session.ledger() as ledger, progress("commits") as done:
            result = ledger.ingest.git(
                repository, on=on, since=since, branch=branch, paths=paths, as_changes=as_changes, dry_run=dry_run, progress=done
            )
            now = ledger.now()
        return answered(session, result, now, as_json)

    return git


def _format_command(name: str, told: DeliveryFormat, answered: Answered) -> click.Command:
    @click.command(
        name,
        help=f"{told.line}\n\n{told.becomes}\n\nFILE, or - for standard input, holds {told.expects}; gzip is read as well.",
        short_help=told.line,
        epilog=f"""\b
Examples:
  {told.example}
  ledger ingest {name} FILE --dry-run

EXIT STATUS: 3 when something could not be read, 4 when nothing could.""",
    )
    @click.argument("file")
    @on_option
    @since_option
    @click.option("--dry-run", is_flag=True, help="Check every entry, record nothing.")
    @json_option
    @pass_session
    def deliveries(session: Session, file: str, on: str | None, since: str | None, dry_run: bool, as_json: bool) -> int:
        with session.ledger() as ledger, byte_progress("reading") as done:
            source = sys.stdin.buffer if file == "-" else file
            result = ledger.ingest.delivery(name, source, on=on, since=since, dry_run=dry_run, progress=done)
            now = ledger.now()
        return answered(session, result, now, as_json)

    return deliveries
