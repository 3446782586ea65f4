"""Locks between processes: ``flock`` (flock(2)) on files of the home."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from changelog_ledger.errors import Busy, HomeError


@contextmanager
def held_lock(path: Path, timeout: float, purpose: str) -> Iterator[None]:
    """Hold an exclusive ``flock`` on ``path`` (created 0600); waiters are served in the kernel's order.

    :param timeout: seconds to wait; 0 to try once.
    :raises Busy: if it was not to be had within ``timeout`` seconds.
    """
    with _flocked(path, fcntl.LOCK_EX, timeout, purpose):
        yield


@contextmanager
def shared_lock(path: Path, timeout: float, purpose: str) -> Iterator[None]:
    """Hold a shared ``flock`` on ``path``: together with others who do, and with nobody who holds it exclusively.

    :raises Busy: if it was not to be had within ``timeout`` seconds.
    """
    with _flocked(path, fcntl.LOCK_SH, timeout, purpose):
        yield


@contextmanager
def _flocked(path: Path, operation: int, timeout: float, purpose: str) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise HomeError(f"cannot open {path}: {error.strerror}", "run as the home's owner") from error
    if not _locked_within(descriptor, operation, timeout):
        raise Busy(
            f"another process has held {path} for more than {timeout:g} seconds; could not {purpose}", "wait until it has finished, then try again"
        )
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing is not enough where a child process has a copy
        os.close(descriptor)


def _locked_within(descriptor: int, operation: int, timeout: float) -> bool:
    """Take the lock; on False the descriptor is closed, now or as soon as the kernel hands it the lock."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        if timeout > 0:
            return _waited_for(descriptor, operation, timeout)
        os.close(descriptor)
        return False
    return True


def _waited_for(descriptor: int, operation: int, timeout: float) -> bool:
    """Wait in the kernel's queue (fair, unlike polling) from a thread, so that the wait can be given up and Ctrl-C still works."""
    decision = threading.Lock()
    state = {"locked": False, "given_up": False}
    locked = threading.Event()

    def wait() -> None:
        fcntl.flock(descriptor, operation)
        with decision:
            state["locked"] = True
            if state["given_up"]:
                os.close(descriptor)
        locked.set()

    threading.Thread(target=wait, daemon=True).start()
    try:
        locked.wait(timeout)
    finally:
        with decision:
            state["given_up"] = not state["locked"]
    return state["locked"]
