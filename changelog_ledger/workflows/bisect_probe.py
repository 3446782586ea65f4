"""Asking a command whether a state is good, by the convention of ``git bisect run`` (git-bisect(1), "BISECT RUN").

===========  ==================================================================
exit code    means
===========  ==================================================================
0            good
125          nobody can tell of this one: it is skipped
126, 127     the command cannot be executed, is not there (POSIX, Shell Command Language, 2.8.2): the search stops
128 and up   a signal ended it, or it gave up: the search stops
1 to 124     bad
===========  ==================================================================
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from changelog_ledger.errors import BisectionStopped, InvalidInput
from changelog_ledger.model.bisection import Verdict
from changelog_ledger.sources.git_process import PLACE

Command = str | Sequence[str]
"""A line for ``/bin/sh``, or a program and its arguments."""

Probe = Callable[[Path], Verdict | str]
"""Says of the files below a root whether they are good."""

TIME_LIMIT = 600.0
"""Seconds that a probe may take where nothing else is said."""

_KEPT = "what was found so far is kept: mend it, and repeat the command to go on"
_SHORTEST, _LONGEST = 0.001, 0.05
_CEILING = "GIT_CEILING_DIRECTORIES"


def asked(command: Command, root: str, folder: str, environment: Mapping[str, str], timeout: float) -> Verdict:
    """Run a command and read its answer. What it prints goes to stderr; whatever it leaves running in its process group ends with it.

    :param folder: where it runs.
    :param environment: what it is told besides ours.
    :param timeout: seconds, as :func:`time_limit` has it.
    :raises BisectionStopped: if it cannot be run, takes too long, or says that it gave up.
    """
    arguments = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
    variables = {**without_repository(os.environ, root), **environment, "LEDGER_ROOT": root}
    try:
        process = subprocess.Popen(arguments, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=2, start_new_session=True)
    except OSError as error:
        raise BisectionStopped(f"the probe {arguments[0]} could not be run: {error.strerror or error}", _KEPT) from error
    try:
        in_time = _ended_within(process.pid, timeout)
    finally:
        _end_group(process)
    if not in_time:
        raise BisectionStopped(f"the probe took longer than {timeout:g} seconds and was ended", f"give it more: --timeout; {_KEPT}")
    return verdict_of(process.returncode)


def time_limit(seconds: float) -> float:
    """How long a probe may take.

    :raises InvalidInput: if that is no time: none at all, infinite, or not a number.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise InvalidInput(f"a probe cannot be given {seconds:g} seconds", "--timeout takes a number of seconds above 0, such as 600")
    return seconds


def without_repository(inherited: Mapping[str, str], root: str) -> dict[str, str]:
    """An environment in which git, run in the files below ``root``, answers for no repository: neither one that a hook's environment names
    (``git rev-parse --local-env-vars``), nor one that the root happens to lie in (git(1), ``GIT_CEILING_DIRECTORIES``).
    """
    kept = {name: value for name, value in inherited.items() if name not in PLACE}
    ceilings = [str(Path(root).parent), *filter(None, [inherited.get(_CEILING)])]
    return kept | {_CEILING: os.pathsep.join(ceilings)}


def told(answer: Verdict | str) -> Verdict:
    """What a function answered; the words ``good``, ``bad`` and ``skip`` will do.

    :raises InvalidInput: if it is something else.
    """
    try:
        return Verdict(answer)
    except ValueError as error:
        raise InvalidInput(f"the probe answered {answer!r}", f"it has to answer one of {', '.join(Verdict)}") from error


def verdict_of(code: int) -> Verdict:
    """What an exit code means; one below 0 is the signal that ended it.

    :raises BisectionStopped: if it is no answer.
    """
    if code in (126, 127):
        why = "is not there" if code == 127 else "cannot be executed"
        raise BisectionStopped(f"the probe's command {why} (exit code {code})", f"see that it runs by itself; {_KEPT}")
    if code < 0 or code >= 128:
        said = f"was ended by signal {-code}" if code < 0 else f"gave up with exit code {code}"
        raise BisectionStopped(f"the probe {said}, which says neither good nor bad", _KEPT)
    return {0: Verdict.GOOD, 125: Verdict.SKIP}.get(code, Verdict.BAD)


def _ended_within(pid: int, timeout: float) -> bool:
    """Wait for the end of a child, and leave it unreaped: as long as it is, nobody else gets its number."""
    until, pause = time.monotonic() + timeout, _SHORTEST
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group of the dead
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP interrupt like Ctrl-C for the length of a ``with``, so that no scratch root stays behind. What is ignored stays so."""
    if threading.current_thread() is not threading.main_thread():  # no signal is handled there
        yield
        return
    minded = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in minded:
        signal.signal(number, _interrupted)
    try:
        yield
    finally:
        for number in minded:
            signal.signal(number, signal.SIG_DFL)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
