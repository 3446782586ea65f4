"""Which change is being made here: a change that is made within another one is a part of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextvars import ContextVar

VARIABLE = "LEDGER_CHANGE"
"""The environment variable that tells child processes."""

_here: ContextVar[str] = ContextVar("change", default="")
"""By thread and asyncio task."""


def current_change() -> str:
    """The id of the change that this code is a part of: of this thread or task, else of the process that started this one; empty for none."""
    return _here.get() or os.environ.get(VARIABLE, "").strip().upper()


def enter(change: str, *, children: bool) -> Callable[[], None]:
    """From now on, here, ``change`` is being made; calling what is returned ends that.

    :param children: tell child processes too. The environment is one for all threads and tasks, so only the main thread does, and not while its
        event loop runs.
    """
    before = _here.get()
    _here.set(change)
    told = children and threading.current_thread() is threading.main_thread() and not _in_event_loop()
    outer = os.environ.get(VARIABLE)
    if told:
        os.environ[VARIABLE] = change

    def leave() -> None:
        _here.set(before)
        if not told or os.environ.get(VARIABLE) != change:  # somebody else's by now
            return
        if outer is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = outer

    return leave


def _in_event_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
