"""``host-hooks``: make package managers and the clock call the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from changelog_ledger.cli.session import Session, in_readers_words, json_option, pass_session, warned, write, write_json

if TYPE_CHECKING:
    from changelog_ledger.ledger.host_hooks import HostHooksTopic
    from changelog_ledger.model.host_hooks import HostHooks

_PARTS = ["apt", "dnf", "pacman", "apk", "timer"]

_root_option = click.option("--root", metavar="DIR", default="/", show_default=True, help="The directory that stands for /: an image, a mount.")
_home_option = click.option("--home", metavar="DIR", help="The home to record to, as the host has it; else as ledger --home.")
_command_option = click.option("--command", metavar="FILE", help="The ledger's command, as the host has it; this one if not given.")
_only_option = click.option("--only", type=click.Choice(_PARTS), multiple=True, help="These only; else whatever the host has.")
_dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")


@click.group("host-hooks")
def host_hooks() -> None:
    """Make the host's package managers, and its clock, call the ledger.

    Around each package run a snapshot, then what was upgraded and what has to be restarted; by the clock, the same and the journal. No package run
    fails, or waits for long, because of the ledger.
    """


@host_hooks.command(
    epilog="""\b
Examples:
  sudo ledger --home /var/lib/changelog-ledger host-hooks install
  sudo ledger host-hooks install --only timer --interval 1h
  ledger host-hooks install --dry-run
  ledger host-hooks install --root /mnt/image --home /var/lib/changelog-ledger --command /usr/local/bin/ledger"""
)
@_root_option
@_home_option
@_command_option
@_only_option
@click.option("--interval", metavar="DURATION", default="15min", show_default=True, help="How often the clock calls: what divides an hour or a day.")
@_dry_run_option
@json_option
@pass_session
def install(
    session: Session, root: str, home: str | None, command: str | None, only: tuple[str, ...], interval: str, dry_run: bool, as_json: bool
) -> None:
    """Install the hooks: apt, dnf, pacman, apk, a systemd timer or a cron job.

    Files that somebody else wrote are never altered. Installing twice changes nothing. Refused if somebody else than root could alter the home or the
    command: who can would be root at the next package run.
    """
    _show(_topic(session, home).install(root=root, command=command, only=only, interval=interval, dry_run=dry_run), as_json)


@host_hooks.command(epilog="\b\nExamples:\n  sudo ledger host-hooks uninstall\n  sudo ledger host-hooks uninstall --only timer")
@_root_option
@_only_option
@click.option("--force", is_flag=True, help="Though somebody has edited them.")
@_dry_run_option
@json_option
@pass_session
def uninstall(session: Session, root: str, only: tuple[str, ...], force: bool, dry_run: bool, as_json: bool) -> None:
    """Take the hooks out; everything else stays as it is."""
    _show(_topic(session, None).uninstall(root=root, only=only, force=force, dry_run=dry_run), as_json)


@host_hooks.command(epilog="\b\nExamples:\n  ledger host-hooks status\n  ledger host-hooks status --json")
@_root_option
@click.option("--home", metavar="DIR", help="The home that should be recorded to; the one that the hooks name if not given.")
@click.option("--command", metavar="FILE", help="The command that should be called; the one that the hooks name if not given.")
@json_option
@pass_session
def status(session: Session, root: str, home: str | None, command: str | None, as_json: bool) -> None:
    """Show which hooks are installed, edited or outdated, and how the last calls went."""
    _show(_topic(session, home).status(root=root, command=command), as_json)


@host_hooks.command(
    epilog="""\b
Examples:
  ledger host-hooks run timer             what the clock calls for
  ledger host-hooks run packages          what changed, and what has to be restarted

EXIT STATUS: 3 when something could not be read, 4 when something failed."""
)
@click.argument("occasion", type=click.Choice(["before", "after", "packages", "timer"]))
@_root_option
@pass_session
def run(session: Session, occasion: str, root: str) -> int:
    """Do what the hooks call for; they write this into their log."""
    from changelog_ledger import reports

    code = 0
    for step in _topic(session, None).run(occasion, root=root):
        write(reports.render_hook_step(step, datetime.now(UTC), occasion))
        code = max(code, step.code)
    return code


def _topic(session: Session, home: str | None) -> HostHooksTopic:
    from changelog_ledger.ledger.host_hooks import HostHooksTopic

    return HostHooksTopic(home or session.home, warn=warned)


def _show(hooks: HostHooks, as_json: bool) -> None:
    from changelog_ledger import reports

    now = datetime.now(UTC)
    if as_json:
        write_json({"schema": reports.schema("host-hooks"), **reports.host_hooks_document(hooks, now)})
        return
    write(in_readers_words(reports.render_host_hooks(hooks, now)))
    for text in hooks.warnings:
        warned(text)
