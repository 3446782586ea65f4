"""Making a change: snapshot, do it, snapshot, finish or fail."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from changelog_ledger.errors import InvalidInput, LedgerError, SnapshotError
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.snapshot import Phase, Snapshot
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.record_change import find_change, move_change, moved_change
from changelog_ledger.workflows.take_snapshot import take_snapshot
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace

NOT_EXECUTABLE = 126
"""Exit code of a command that could not be run, as the shell has it."""


@contextmanager
def making(workspace: Workspace, identifier: str, *, host: str | None = None, root: str = "/", override: str = "") -> Iterator[Change]:
    """Within the ``with`` the change is under way: snapshots before and after, finished at the end.

    An exception records the failure with its words and is raised again; Ctrl-C too. Snapshots are taken of ``host``, else of this machine where the
    change touches it (itself, a service that runs on it, or ``all``); of other machines nothing can be seen from here.

    :raises TransitionRefused: if the change is not planned, approved or started.
    """
    change = find_change(workspace, identifier)
    looked_at = _host_to_look_at(workspace, change, host)
    started = change.status is Status.STARTED
    if not started:
        moved_change(workspace, change, "start", workspace.now(), override=override)  # refused before anything is done
    _look(workspace, looked_at, change, Phase.BEFORE, root)  # first, so that drift from before is not within the change's window
    if not started:
        change = move_change(workspace, change.id, "start", override=override)
    try:
        yield change
    except BaseException as error:
        seen, unseen = _look_or_why_not(workspace, looked_at, change, root)
        _close(workspace, change.id, "fail", at=_time_of(seen), note=_words(workspace, error) + (f"; {unseen.message}" if unseen else ""))
        raise
    seen, unseen = _look_or_why_not(workspace, looked_at, change, root)
    _close(workspace, change.id, "finish", at=_time_of(seen), note=unseen.message if unseen else "")
    if unseen is not None:  # the change is done and recorded as done; that nobody saw what it did has to be said
        raise unseen


def run_command(
    workspace: Workspace, identifier: str, command: Sequence[str], *, host: str | None = None, root: str = "/", override: str = ""
) -> int:
    """Run a command as the change; returns its exit code (128 + the signal's number if one ended it, as the shell does).

    :raises InvalidInput: if there is no command.
    :raises TransitionRefused: if the change is not planned, approved or started.
    """
    if not command or shutil.which(command[0]) is None:
        message = f"there is no command {command[0]!r} to run" if command else "there is no command to run"
        raise InvalidInput(message, "write it behind two dashes: ledger run CHG-… -- COMMAND")
    try:
        with making(workspace, identifier, host=host, root=root, override=override):
            _run(command)
    except _CommandFailed as failure:  # recorded as the change's failure; the exit code tells the caller
        return failure.code
    return 0


class _CommandFailed(Exception):
    """The command ended with something else than 0."""

    def __init__(self, command: Sequence[str], code: int) -> None:
        super().__init__(f"{command[0]} exited with {code}")  # without its arguments: there may be a password among them, and facts stay
        self.code = code


def _run(command: Sequence[str]) -> None:
    code = _exit_code(command)
    if code != 0:
        raise _CommandFailed(command, code)


def _exit_code(command: Sequence[str]) -> int:
    try:
        with _ctrl_c_left_to_the_command(), subprocess.Popen(list(command)) as process, _ended_with_us(process):
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


def _look(workspace: Workspace, host: str | None, change: Change, phase: Phase, root: str) -> Snapshot | None:
    if host is None:
        return None
    return take_snapshot(workspace, host, root=root, reason=f"{phase} {change.id}", change=change.id, phase=phase)


def _close(workspace: Workspace, identifier: str, verb: str, *, at: datetime | None, note: str) -> None:
    """Take the last step, unless the change's own work has taken one already (a script that calls ``change roll-back``)."""
    change = find_change(workspace, identifier)
    if change.status is Status.STARTED:
        left = f"still open: {', '.join(item.text for item in change.open_items)}" if change.open_items and verb == "finish" else ""
        move_change(workspace, identifier, verb, at=at, note="; ".join(filter(None, [note, left])))


def _time_of(seen: Snapshot | None) -> datetime | None:
    """The change ends at the snapshot that saw its work: what a later one finds was not done by it."""
    return seen.at if seen else None


def _look_or_why_not(workspace: Workspace, host: str | None, change: Change, root: str) -> tuple[Snapshot | None, LedgerError | None]:
    """The snapshot afterwards must not hide how the change itself went: its failure is an answer, not an exception."""
    try:
        return _look(workspace, host, change, Phase.AFTER, root), None
    except LedgerError as error:
        return None, error
    except OSError as error:
        return None, SnapshotError(f"no snapshot afterwards: {error.strerror or error}", "look with: ledger snapshot")


def _host_to_look_at(workspace: Workspace, change: Change, host: str | None) -> str | None:
    with workspace.store.reading() as view:
        if host is not None:
            return known_host(view, host).name
        own = workspace.settings.host
        return own if view.topology.host(own) is not None and any(_touches(view, target, own) for target in change.on) else None


def _touches(view: View, target: Target, host: str) -> bool:
    if target.kind is TargetKind.SERVICE:
        return target.name in view.topology.services_on(host)
    return target.kind is TargetKind.ALL or target.name == host


def _words(workspace: Workspace, error: BaseException) -> str:
    if isinstance(error, _CommandFailed):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return f"interrupted ({signal.Signals.SIGINT.name})"
    return workspace.masked_text(f"{type(error).__name__}: {str(error)[:2000]}")
