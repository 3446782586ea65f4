"""The process of a command that is run as a change, and what becomes of the signals that reach us meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from changelog_ledger.errors import EXIT_NOT_EXECUTABLE, CommandNotExecutable, CommandNotFound, InvalidInput

_MINDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HINT = "write it behind two dashes: ledger run CHG-… -- COMMAND"


def check_command(command: Sequence[str]) -> None:
    """Whether there is something to run, asked before anything is begun for it.

    :raises InvalidInput: if nothing is named.
    :raises CommandNotFound: if there is no such command.
    :raises CommandNotExecutable: if it is there and cannot be run.
    """
    if not command or not command[0]:
        raise InvalidInput("there is no command to run", _HINT)
    name = command[0]
    if shutil.which(name):
        return
    if shutil.which(name, os.F_OK) or (os.sep in name and Path(name).is_dir()):
        raise CommandNotExecutable(f"{name!r} is there and cannot be executed", "make it executable (chmod +x), or name its interpreter: -- sh FILE")
    raise CommandNotFound(f"there is no command {name!r} to run", _HINT)


class Signals:
    """What becomes of SIGINT, SIGTERM and SIGHUP until it is recorded how the command went.

    While it runs they are its business: SIGTERM and SIGHUP are handed on to it (who ends us, systemd or a lost ssh connection, means the command),
    SIGINT it gets itself from the terminal. None of them interrupts us: raised between the command's end and our reading of its exit code it would
    lose the code. Afterwards the first one changes nothing, so that the end is recorded whole; the second raises :class:`KeyboardInterrupt`, once.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._is_over = False
        self._late = 0

    @contextmanager
    def minded(self) -> Iterator[None]:
        """For the length of the ``with``. What is ignored (nohup(1), a background job's SIGINT) stays so, for us and for the command."""
        if threading.current_thread() is not threading.main_thread():  # no signal is handled there
            yield
            return
        before = {number: signal.getsignal(number) for number in _MINDED}
        minded = [number for number in _MINDED if before[number] is not signal.SIG_IGN]
        for number in minded:
            signal.signal(number, self._received)  # a handler rather than SIG_IGN, which the command would inherit
        try:
            yield
        finally:
            for number in minded:
                signal.signal(number, before[number] or signal.SIG_DFL)

    def began(self, process: subprocess.Popen[bytes]) -> None:
        """The command runs: what came before goes to it now."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def ended(self) -> None:
        """The command is over."""
        self._is_over = True

    def _received(self, number: int, _frame: FrameType | None) -> None:
        if self._is_over:
            self._late += 1
            if self._late == 2:
                raise KeyboardInterrupt
        elif self._process is None:
            self._early.append(number)
        elif number != signal.SIGINT:
            self._process.send_signal(number)


def exit_code_of(command: Sequence[str], environment: Mapping[str, str], signals: Signals, warn: Callable[[str], None]) -> int:
    """Run a command to its end; its exit code, 128 + the signal's number if one ended it, as the shell does.

    It gets every descriptor that we were given to hand on (``<(…)`` of the shell, systemd's sockets, make's job server); our own close on exec.

    :param warn: told why it could not be run.
    """
    try:
        with subprocess.Popen(list(command), env=environment, close_fds=False) as process:
            signals.began(process)
            code = process.wait()
    except OSError as error:
        warn(f"{command[0]} could not be run: {error.strerror or error}")
        code = EXIT_NOT_EXECUTABLE
    signals.ended()
    return 128 + abs(code) if code < 0 else code
