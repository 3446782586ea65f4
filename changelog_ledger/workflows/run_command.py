"""``run``: a command as a change."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.rehearsal import Rehearsal
from changelog_ledger.workflows.making import CommandFailed, Manner, making, rehearse
from changelog_ledger.workflows.wanted import Known
from changelog_ledger.workflows.within import VARIABLE
from changelog_ledger.workflows.workspace import Workspace

NOT_EXECUTABLE = 126
"""Exit code of a command that could not be run, as the shell has it."""


def run_command(workspace: Workspace, identifier: str, command: Sequence[str], manner: Manner | None = None) -> int:
    """Run a command as the change; returns its exit code (128 + the signal's number if one ended it, as the shell does).

    :raises InvalidInput: if there is no command.
    :raises TransitionRefused: if the change is not planned, approved or started.
    """
    _check(command)
    try:
        with making(workspace, identifier, manner) as change:
            _run(command, {**os.environ, VARIABLE: change.id})
    except CommandFailed as failure:  # recorded as the change's failure; the exit code tells the caller
        return failure.code
    return 0


def rehearse_command(workspace: Workspace, identifier: str, command: Sequence[str], manner: Manner | None = None) -> Rehearsal:
    """What :func:`run_command` would do; nothing is run.

    :raises InvalidInput: if there is no command.
    :raises TransitionRefused: if it would be refused.
    """
    _check(command)
    return rehearse(workspace, Known(identifier), manner or Manner())


def _check(command: Sequence[str]) -> None:
    if not command or shutil.which(command[0]) is None:
        message = f"there is no command {command[0]!r} to run" if command else "there is no command to run"
        raise InvalidInput(message, "write it behind two dashes: ledger run CHG-… -- COMMAND")


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    code = _exit_code(command, environment)
    if code != 0:
        raise CommandFailed(command, code)


def _exit_code(command: Sequence[str], environment: dict[str, str]) -> int:
    try:
        with _ctrl_c_left_to_the_command(), subprocess.Popen(list(command), env=environment) as process, _ended_with_us(process):
            code = process.wait()
    except OSError:
        return NOT_EXECUTABLE
    return 128 + abs(code) if code < 0 else code


@contextmanager
def _ctrl_c_left_to_the_command() -> Iterator[None]:
    """Ctrl-C reaches the command too (same terminal), and how it ends is its answer.

    Here it must interrupt nothing: raised between the command's end and our reading of its exit code it would lose the code, and Python would
    take 0 for it. A handler rather than SIG_IGN, which the command would inherit.
    """
    if threading.current_thread() is not threading.main_thread():  # no signal is handled there
        yield
        return
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


@contextmanager
def _ended_with_us(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Who ends us (systemd, a time limit of CI) means the command: it gets the signal, and its end is recorded as the failure that it is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _signal, _frame: process.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
