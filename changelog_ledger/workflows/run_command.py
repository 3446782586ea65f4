"""``run``: a command as a change."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from changelog_ledger.errors import LedgerError
from changelog_ledger.model.rehearsal import Rehearsal
from changelog_ledger.workflows.away import away_words
from changelog_ledger.workflows.command_process import Signals, check_command, exit_code_of
from changelog_ledger.workflows.making import CommandFailed, Manner, begin, end, rehearse
from changelog_ledger.workflows.wanted import Known
from changelog_ledger.workflows.within import VARIABLE
from changelog_ledger.workflows.workspace import Workspace


def run_command(workspace: Workspace, identifier: str, command: Sequence[str], manner: Manner | None = None) -> int:
    """Run a command as the change; returns its exit code (128 + the signal's number if one ended it, as the shell does).

    Whatever interrupts us once the command is over, its code is returned, and its end is recorded: to the spool, if there is no time for more.

    :raises InvalidInput: if there is no command.
    :raises CommandNotFound: if there is none of that name; or :class:`CommandNotExecutable`.
    :raises TransitionRefused: if the change is not planned, approved or started.
    """
    check_command(command)
    underway = begin(workspace, Known(identifier), manner or Manner())
    signals = Signals()
    with signals.minded():
        try:
            code = exit_code_of(command, _told(underway.change.id), signals, workspace.warn)
        except BaseException as error:
            end(underway, error)
            raise
        try:
            end(underway, CommandFailed(command, code) if code else None)
        except KeyboardInterrupt:
            workspace.warn(f"interrupted while the end of {underway.change.id} was recorded; it is in the spool")
    return code


def run_unrecorded(identifier: str, command: Sequence[str], why: LedgerError | OSError, warn: Callable[[str], None]) -> int:
    """Run a command without any ledger: there is not even a spool, for whose would it be? Its exit code, as :func:`run_command` has it.

    :param why: what is wrong with the ledger; ``warn`` is told.
    :raises InvalidInput: as :func:`run_command`.
    """
    check_command(command)
    hint = f" ({why.hint})" if isinstance(why, LedgerError) and why.hint else ""
    warn(f"{away_words(why)}; going on without a ledger, nothing of {identifier} is recorded{hint}")
    signals = Signals()
    with signals.minded():
        return exit_code_of(command, _told(identifier), signals, warn)


def rehearse_command(workspace: Workspace, identifier: str, command: Sequence[str], manner: Manner | None = None) -> Rehearsal:
    """What :func:`run_command` would do; nothing is run.

    :raises InvalidInput: if there is no command.
    :raises CommandNotFound: if there is none of that name; or :class:`CommandNotExecutable`.
    :raises TransitionRefused: if it would be refused.
    """
    check_command(command)
    return rehearse(workspace, Known(identifier), manner or Manner())


def _told(change: str) -> dict[str, str]:
    """The environment of a command that is to know what it is a part of."""
    return {**os.environ, VARIABLE: change}
