"""``key``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, json_option, pass_session, write, write_json
from changelog_ledger.errors import InvalidInput

if TYPE_CHECKING:
    from changelog_ledger.model.keys import KeyOverview


@click.group()
def key() -> None:
    """Show, rotate and export the keys that originals are sealed for."""


@key.command("show", epilog="\b\nExamples:\n  ledger key show\n  ledger key show --json")
@json_option
@pass_session
def key_show(session: Session, as_json: bool) -> None:
    """Whom originals are sealed for, and what can be opened here. Nothing secret is shown."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        keys = ledger.keys()
    if as_json:
        write_json(reports.keys_document(keys))
    else:
        write(_shown(keys))


@key.command(
    "rotate",
    epilog="""\b
Example:
  ledger key rotate && ledger snapshot

Whoever had the old key can still open what was sealed for it: if it leaked, change the secrets themselves too.""",
)
@pass_session
def key_rotate(session: Session) -> None:
    """Make a new key: the next snapshot seals every original for it. The old ones stay, to open what is old."""
    with session.ledger() as ledger:
        keys = ledger.rotate_key()
    write(_shown(keys))
    write("The next snapshot seals every original for it. Export the keys again: ledger key export FILE")


@key.command(
    "export",
    epilog="""\b
Examples:
  ledger key export /media/safe/ledger-keys.txt
  ledger key export - | age --passphrase > ledger-keys.age""",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@pass_session
def key_export(session: Session, file: Path) -> None:
    """Copy the secret keys to a new FILE (mode 0600), as an identity file that age itself understands.

    With it, git and age open every original, without this program.
    """
    if str(file) == "-" and sys.stdout.isatty():
        raise InvalidInput("secret keys are not shown on a terminal", "name a file, or pipe them into something that keeps them safe")
    with session.ledger() as ledger:
        if str(file) == "-":
            write(ledger.export_keys())
            return
        ledger.export_keys(to=file)
    write(f"the keys are in {file}: keep it where this machine is not")


def _shown(keys: KeyOverview) -> str:
    lines = [f"Sealed for    {keys.recipients[0]}", *(f"              {recipient}" for recipient in keys.recipients[1:])]
    lines += [f"Own key       {keys.own or 'none: originals can be sealed here, and not opened'}"]
    lines += [f"Older keys    {older}" if not number else f"              {older}" for number, older in enumerate(keys.older)]
    lines += [f"Fingerprints  made with key {keys.fingerprints}"]
    lines += [f"Grants        signed with {keys.grants}"] if keys.grants else []
    return "\n".join(lines)
