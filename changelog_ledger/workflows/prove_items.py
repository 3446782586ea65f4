"""Checklist items that prove themselves: by a command that somebody runs, or by a difference that the change's own snapshots found.

A command is somebody else's text in a shared ledger: it runs only when a person here says yes to it, never by itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import IO

from changelog_ledger.changes.checklist import find_item, proven_by, seen_words, tickable, ticked
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.change import Change, Item
from changelog_ledger.model.proof import Proof
from changelog_ledger.workflows.record_change import find_change
from changelog_ledger.workflows.tick_items import recorded_items
from changelog_ledger.workflows.workspace import Workspace

Leave = Callable[[Item], bool]
"""Says whether an item's command may be run."""

TIME_LIMIT = timedelta(seconds=60)

_TAIL = 64 * 1024
_LONGEST_SAID = 500


def leave_refused(item: Item) -> bool:
    """Nobody said yes.

    :raises InvalidInput: always.
    """
    raise InvalidInput(f"nobody said yes to run: {item.command}", "look at the command, then say so: --yes")


def prove_items(
    workspace: Workspace, identifier: str, items: Sequence[str] = (), *, leave: Leave = leave_refused, timeout: timedelta = TIME_LIMIT
) -> tuple[Proof, ...]:
    """Run the commands of items with ``sh -c`` (POSIX), and tick those whose command exits with 0.

    :param items: which, as :func:`~changelog_ledger.workflows.tick_items.check_item` takes them; if none are given, every open one with a command
        (those whose command held a secret are left out: it was not kept).
    :param leave: asked before each; what it says no to is left out.
    :param timeout: a command that takes longer is ended, with all it started.
    :raises InvalidInput: if a named item has no command, or nobody says yes.
    :raises NotFound: if there is no such item, or none has a command.
    """
    change = tickable(find_change(workspace, identifier))
    if timeout <= timedelta(0):
        raise InvalidInput("the time limit leaves no time", "write it as 30s or 5m")
    return tuple(_proof(workspace, change, item, timeout) for item in _with_command(change, items) if leave(item))


def prove_by_deltas(workspace: Workspace, change: Change) -> Change:
    """Tick the open items whose paths the change's own snapshots have seen change; the change as it stands then."""
    if not any(item.paths for item in change.open_items):
        return change
    with workspace.store.reading() as view:
        current = view.changes.by_id([change.id]).get(change.id, change)
        seen = list(proven_by(current, view.evidence.deltas_of_change(change.id)))
    if not seen:
        return current
    return recorded_items(workspace, current, "prove", [ticked(item, seen_words(found)) for item, found in seen])


def _with_command(change: Change, names: Sequence[str]) -> tuple[Item, ...]:
    chosen = tuple(dict.fromkeys(find_item(change, name) for name in names)) or _runnable(change)
    if not chosen:
        hint = f"add one: ledger change add-item {change.id} TEXT --run COMMAND; or tick it by hand: ledger change check {change.id} ITEM"
        raise NotFound(f"{change.id} has no open item with a command that could prove it", hint)
    for item in chosen:
        by_hand = f"tick it by hand: ledger change check {change.id} ITEM --because TEXT"
        if not item.command:
            raise InvalidInput(f"{item.name!r} has no command that could prove it", by_hand)
        if item.has_masked_command:
            raise InvalidInput(f"the command of {item.name!r} held a secret, which was not kept, so it cannot be run", by_hand)
    return chosen


def _runnable(change: Change) -> tuple[Item, ...]:
    """The open items with a command; those that cannot be run only where there are no others."""
    found = tuple(item for item in change.open_items if item.command)
    return tuple(item for item in found if not item.has_masked_command) or found


def _proof(workspace: Workspace, change: Change, item: Item, timeout: timedelta) -> Proof:
    code, output = _run(item.command, timeout)
    said = workspace.masked_text(_last_line(output))
    if code != 0:
        return Proof(item, code, said)
    done = ticked(item, f"{item.command} exited 0")
    recorded_items(workspace, change, "prove", [done])
    return Proof(done, code, said)


def _run(command: str, timeout: timedelta) -> tuple[int | None, bytes]:
    """Exit code (None: it took too long) and the end of what it printed. It gets no input, and a group of its own, so that all of it can be ended."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["sh", "-c", command],  # the shell is what the item asks for
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout.total_seconds())
        except subprocess.TimeoutExpired:
            _end(process)
            return None, _tail(output)
        except BaseException:
            _end(process)
            raise
        return (128 - code if code < 0 else code), _tail(output)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(output: IO[bytes]) -> bytes:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _TAIL))
    return output.read()


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][-_LONGEST_SAID:] if lines else ""
