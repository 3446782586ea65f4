"""``run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import REBUILDING, Session, override_option, pass_session, progress, warn, warned, write

if TYPE_CHECKING:
    from changelog_ledger.model.rehearsal import Rehearsal


@click.command(
    epilog="""\b
Examples:
  ledger run CHG-7K3M9Q -- ansible-playbook site.yml
  ledger run CHG-7K3M9Q --host web-01 -- apt-get install nginx
  ledger run --dry-run CHG-7K3M9Q -- ./deploy.sh

\b
EXIT STATUS: the command's own; 4 when the ledger refuses, before anything is run; 127 where there is no
such command, 126 where it cannot be run. A ledger that is away refuses nothing unless --strict: a warning
says so, and the spool takes what is to be recorded.""",
)
@click.argument("change_id", metavar="ID")
@click.option("--host", metavar="NAME", help="Whose files to snapshot; this machine's if not given.")
@click.option("--root", metavar="DIR", default="/", show_default=True, help="The directory that stands for /.")
@override_option
@click.option("--strict", is_flag=True, help="Run nothing while the ledger is away.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; run and record nothing.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_session
def run(session: Session, change_id: str, host: str | None, root: str, override: str, strict: bool, dry_run: bool, command: tuple[str, ...]) -> int:
    """Run a command as a change, between two snapshots.

    Starts the change, takes a snapshot, runs COMMAND, takes another, finishes the change, or records its failure. $LEDGER_CHANGE tells COMMAND which
    change it is a part of.
    """
    if not dry_run:
        from changelog_ledger.ledger.running import run as run_as_change

        with progress(REBUILDING) as done:
            return run_as_change(
                change_id, command, home=session.home, host=host, root=root, override=override, strict=strict, progress=done, warn=warned
            )
    with session.ledger() as ledger:
        rehearsal = ledger.rehearse(change_id, command, host=host, root=root, override=override)
    warn(rehearsal.remarks)
    write(_rehearsed(rehearsal, command))
    return 0


def _rehearsed(rehearsal: Rehearsal, command: tuple[str, ...]) -> str:
    import shlex

    from changelog_ledger.reports.escape import printable

    change = rehearsal.change
    looks = f"snapshots of {rehearsal.host} before and after" if rehearsal.host else "no snapshots: it touches no host that can be seen from here"
    lines = [f"would run {shlex.join(command)}", f"as {change.id}, which is {change.status}: {change.title}", looks, "nothing was run or recorded"]
    return "\n".join(printable(each) for each in lines)
