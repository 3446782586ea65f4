"""``ingest``: what other programs recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.ingest_deliveries import add_deliveries
from changelog_ledger.cli.session import Session, byte_progress, json_option, pass_session, progress, warned, write, write_json
from changelog_ledger.errors import EXIT_PARTIAL

if TYPE_CHECKING:
    from datetime import datetime

    from changelog_ledger.model.ingestion import Ingested

_MOST_GAPS = 20

root_option = click.option("--root", metavar="DIR", default="/", show_default=True, help="The directory that stands for /: an image, a mount.")
host_option = click.option("--host", metavar="NAME", help="Whose records they are; this machine if not given.")
since_option = click.option("--since", metavar="TIME", help="Leave out what happened before.")


class _InOrder(click.Group):
    """A group that lists its commands as they were added: the host's own records first."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Their names."""
        return list(self.commands)


@click.group(cls=_InOrder)
def ingest() -> None:
    """Record what other programs recorded: packages, processes, the journal, deliveries.

    Reading the same record twice adds nothing. What cannot be read is named on stderr, and the rest is recorded (exit 3).
    """


@ingest.command(
    "packages",
    epilog="""\b
Examples:
  ledger ingest packages                                  this machine: dpkg, apt, dnf, zypper, pacman, apk, snap, flatpak, pip, npm
  ledger ingest packages --since 30d
  ledger ingest packages --root /mnt/hv-03 --host hv-03   the logs of an image

EXIT STATUS: 3 when something could not be read.""",
)
@root_option
@host_option
@since_option
@json_option
@pass_session
def packages(session: Session, root: str, host: str | None, since: str | None, as_json: bool) -> int:
    """Record what package managers did, from their own logs."""
    with session.ledger() as ledger, byte_progress("reading logs") as done:
        result = ledger.ingest.packages(root=root, host=host, since=since, progress=done)
        now = ledger.now()
    return answered(session, result, now, as_json)


@ingest.command(
    "processes",
    epilog="""\b
Examples:
  ledger ingest processes
  sudo ledger ingest processes                            sees the processes of every user

EXIT STATUS: 3 when something could not be read.""",
)
@root_option
@host_option
@since_option
@json_option
@pass_session
def processes(session: Session, root: str, host: str | None, since: str | None, as_json: bool) -> int:
    """Record which processes still run replaced code.

    And which kernel is installed and not booted; and, later, what was restarted since.
    """
    with session.ledger() as ledger, progress("processes") as done:
        result = ledger.ingest.processes(root=root, host=host, since=since, progress=done)
        now = ledger.now()
    return answered(session, result, now, as_json)


@ingest.command(
    "journal",
    epilog="""\b
Examples:
  ledger ingest journal --since 2d
  journalctl -o json --since yesterday | ledger ingest journal --file - --host web-01

EXIT STATUS: 3 when something could not be read.""",
)
@click.option("--file", metavar="FILE", help="Entries as journalctl -o json writes them, - for standard input; else the host's own records.")
@root_option
@host_option
@since_option
@json_option
@pass_session
def journal(session: Session, file: str | None, root: str, host: str | None, since: str | None, as_json: bool) -> int:
    """Record restarts, crashes, reboots, and who was there.

    From the journal; where there is none, from the authentication log; from wtmp, auditd, and what systemd says of its units.
    """
    with session.ledger() as ledger, byte_progress("reading records") as done:
        result = ledger.ingest.journal(root=root, host=host, since=since, file=file, progress=done)
        now = ledger.now()
    return answered(session, result, now, as_json)


def answered(session: Session, result: Ingested, now: datetime, as_json: bool) -> int:
    """Print how it went; what could not be read goes to stderr. The exit code."""
    from changelog_ledger import reports

    if as_json:
        write_json(reports.ingested_document(result))
    else:
        write(reports.render_ingested(result, session.style(), now))
    for gap in result.gaps[:_MOST_GAPS]:
        warned(f"{gap.source}: {gap.why}")
    if len(result.gaps) > _MOST_GAPS:
        warned(f"… and {len(result.gaps) - _MOST_GAPS} more; --json names them")
    return EXIT_PARTIAL if result.gaps else 0


add_deliveries(ingest, answered)
