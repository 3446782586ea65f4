"""``restore`` and ``change roll-back``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from changelog_ledger.cli.session import Session, at_option, in_readers_words, json_option, pass_session, progress, write, write_json
from changelog_ledger.errors import EXIT_PARTIAL

if TYPE_CHECKING:
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.model.report import Warning as Caveat
    from changelog_ledger.model.restore import RestorePlan

_HOW: tuple[Callable[[Any], Any], ...] = (
    click.option("--root", metavar="DIR", default="/", show_default=True, help="The directory that stands for / of the host itself."),
    click.option("--dry-run", is_flag=True, help="Only show what would be done."),
    click.option("--delete", is_flag=True, help="Remove what did not exist then."),
    click.option("--privileged", is_flag=True, help="Restore setuid, setgid and file capabilities too."),
    click.option("--yes", is_flag=True, help="Do not ask; needed where stdin is no terminal."),
)


def _with_how(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that both commands share."""
    for option in reversed(_HOW):
        command = option(command)
    return command


@click.command(
    epilog="""\b
Examples:
  ledger restore web-01 /etc/nginx --from last-good --dry-run      what would be done?
  ledger restore web-01 /etc/nginx --from last-good                as it was when it worked
  ledger restore web-01 /etc/hosts --from 2d --to /tmp/look        a copy: /tmp/look/etc/hosts

EXIT STATUS: 0 everything is proven to be as it was then; 3 something is not, or no snapshot could be taken afterwards: it is said why."""
)
@click.argument("host")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--from", "at", metavar="TIME", required=True, help="The snapshot to restore: a TIME, last-good, the id of a snapshot or a change.")
@click.option("--to", metavar="DIR", help="Write a copy below DIR instead, DIR/etc/x for /etc/x; nothing is recorded.")
@_with_how
@click.option("--change", metavar="ID", default="", help="The change that the differences belong to; else one is recorded for the restore.")
@json_option
@pass_session
def restore(session: Session, /, host: str, paths: tuple[str, ...], at: str, yes: bool, as_json: bool, **how: Any) -> int:
    """Bring files and folders back to how a snapshot has them.

    The present state becomes a snapshot first. Each file is written whole or not at all, with owner, mode, attributes and time; afterwards it
    is proven that everything is as it was then.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, progress("restoring") as done:
        result = ledger.restore(host, paths, at, **how, leave=_leave(session, ledger, yes), progress=done)
        now = ledger.now()
    if result.dry_run and not how["dry_run"]:
        raise click.Abort
    if as_json:
        write_json(reports.restore_document(result))
    else:
        write(reports.render_restore(result, session.style(), now))
    return 0 if result.complete and not result.unseen else EXIT_PARTIAL


@click.command(
    "roll-back",
    epilog="""\b
Examples:
  ledger change roll-back CHG-7K3M9Q --dry-run
  ledger change roll-back CHG-7K3M9Q --note 'customers get 502'
  ledger change roll-back CHG-7K3M9Q --record-only                 it was taken back by hand

EXIT STATUS: 3 when it is not recorded as rolled back: something could not be restored, or is left for people.""",
)
@click.argument("change_id", metavar="ID")
@click.option("--host", metavar="NAME", help="Whose files to restore; this machine's if not given.")
@_with_how
@click.option("--record-only", is_flag=True, help="Restore nothing: it was taken back by other means.")
@at_option
@click.option("--note", metavar="TEXT", default="", help="A remark that stays with the step.")
@json_option
@pass_session
def roll_back(session: Session, /, change_id: str, yes: bool, as_json: bool, **how: Any) -> int:
    """Take a change back: restore its files, and record that it was taken back.

    Its files on this machine are restored from its rollback target, where that is a snapshot. What people have to do (packages, a retained
    host, other hosts, a written backout plan) is printed, and nothing is recorded: --record-only says that it was done, with --at when. A change
    that has nothing to go back to is recorded at once.
    """
    from changelog_ledger import reports

    with session.ledger() as ledger, progress("restoring") as done:
        result = ledger.roll_back(change_id, **how, leave=_leave(session, ledger, yes), progress=done)
        now = ledger.now()
    if result.restored is not None and result.restored.dry_run and not how["dry_run"]:
        raise click.Abort
    if as_json:
        write_json(reports.roll_back_document(result))
    else:
        write(reports.render_roll_back(result, session.style(), now))
    if yes or how["dry_run"] or result.restored is None:  # who was asked has read them before
        _warn(result.warnings)
    restored = result.restored
    if how["dry_run"]:
        return EXIT_PARTIAL if restored is not None and not restored.complete else 0
    return EXIT_PARTIAL if not result.recorded or (restored is not None and restored.unseen) else 0


def _leave(session: Session, ledger: Ledger, yes: bool) -> Callable[[RestorePlan], bool] | None:
    """Who says whether files may be altered: ``--yes``, somebody at the terminal, or nobody."""
    if yes:
        return lambda _plan: True
    if not sys.stdin.isatty():
        return None
    return lambda plan: _asked(session, ledger, plan)


def _asked(session: Session, ledger: Ledger, plan: RestorePlan) -> bool:
    from changelog_ledger.reports import render_restore_plan

    click.echo(render_restore_plan(plan, session.style(), ledger.now()), err=True)
    _warn(plan.warnings)
    return click.confirm("Do it?", err=True)


def _warn(warnings: Iterable[Caveat]) -> None:
    from changelog_ledger.reports import printable

    for warning in warnings:
        click.echo(f"warning: {printable(in_readers_words(warning.text))}", err=True)
