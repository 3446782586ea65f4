"""The history databases of DNF 5, DNF 4 and yum: SQLite files, read without ever writing to them.

The schemas are those of ``libdnf5`` (``transaction_history.sqlite``), of ``libdnf``'s ``swdb`` (``history.sqlite``) and of yum's
``history-DATE.sqlite``; which it is follows from its tables.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import groupby
from pathlib import Path

from changelog_ledger.model.packages import RpmTransaction
from changelog_ledger.sources.owners import Owners
from changelog_ledger.sources.packages.rpm_history_schemas import Row, schema_of
from changelog_ledger.sources.rooted import list_directory, open_file

_DNF5 = "/usr/lib/sysimage/libdnf5/transaction_history.sqlite"
_DNF4 = "/var/lib/dnf/history.sqlite"
_DATED_FOLDERS = ("/var/lib/dnf/history", "/var/lib/yum/history")
_BESIDE = ("-wal", "-journal")
_SECONDS = 60.0
_STEPS = 100_000
_CHUNK = 1024 * 1024
_LARGEST = 2 * 1024**3


class HistoryUnreadable(Exception):
    """A history database is there and tells nothing, or not all: the message says why.

    :ivar is_forbidden: it may be read by somebody else.
    """

    def __init__(self, why: str, *, is_forbidden: bool = False) -> None:
        super().__init__(why)
        self.is_forbidden = is_forbidden


def rpm_histories(root: str) -> tuple[str, ...]:
    """The history databases of the host whose ``/`` is at ``root``.

    yum's is left out where DNF 4 has one: it took over what yum had recorded.
    """
    found = [path for path in (_DNF5, _DNF4) if _is_there(root, path)]
    if _DNF4 not in found:
        found += [path for folder in _DATED_FOLDERS for path in _dated(root, folder)]
    return tuple(found)


def rpm_history(root: str, path: str) -> Iterator[RpmTransaction]:
    """The transactions of one of them, oldest first.

    :raises HistoryUnreadable: if it, or its rest, cannot be read.
    """
    owners = Owners(root)
    try:
        with _opened(root, path) as connection:
            schema = schema_of(connection)
            if schema is None:
                raise HistoryUnreadable("it has none of the tables of DNF's or yum's history")
            rows = (Row(*values) for values in connection.execute(schema.query))
            for _, group in groupby(rows, key=lambda row: row.number):
                yield schema.transaction(list(group), owners.user, connection)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise HistoryUnreadable(why, is_forbidden=isinstance(error, PermissionError)) from error


def _is_there(root: str, path: str) -> bool:
    """Whether something is there; also if it may not be read, or not even looked at: whoever reads it is told."""
    folder, _, name = path.rpartition("/")
    try:
        return name in list_directory(root, folder)
    except PermissionError:
        return True
    except OSError:
        return False


def _dated(root: str, folder: str) -> list[str]:
    try:
        names = list_directory(root, folder)
    except OSError:
        return []
    return [f"{folder}/{name}" for name in names if name.startswith("history-") and name.endswith(".sqlite")]


@contextmanager
def _opened(root: str, path: str) -> Iterator[sqlite3.Connection]:
    """The database by way of its descriptor, so that no link leads out of the root; with an open journal, a copy of both."""
    descriptor = open_file(root, path)
    try:
        if any(_holds_something(root, path + ending) for ending in _BESIDE):
            with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
                copy = Path(folder, "history.sqlite")
                _copy(descriptor, copy)
                for ending in _BESIDE:
                    _copy_beside(root, path + ending, Path(f"{copy}{ending}"))
                with _connected(f"{copy.as_uri()}?mode=rw") as connection:
                    yield connection
        else:
            with _connected(f"file:/proc/self/fd/{descriptor}?mode=ro&immutable=1") as connection:
                yield connection
    finally:
        os.close(descriptor)


@contextmanager
def _connected(uri: str) -> Iterator[sqlite3.Connection]:
    deadline = time.monotonic() + _SECONDS
    with closing(sqlite3.connect(uri, uri=True, timeout=1, isolation_level=None)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        yield connection


def _holds_something(root: str, path: str) -> bool:
    try:
        descriptor = open_file(root, path)
    except OSError:
        return False
    try:
        return os.fstat(descriptor).st_size > 0
    finally:
        os.close(descriptor)


def _copy_beside(root: str, path: str, to: Path) -> None:
    with suppress(FileNotFoundError):
        descriptor = open_file(root, path)
        try:
            _copy(descriptor, to)
        finally:
            os.close(descriptor)


def _copy(descriptor: int, to: Path) -> None:
    if os.fstat(descriptor).st_size > _LARGEST:
        raise HistoryUnreadable("it has an open journal and is too large to be copied")
    with os.fdopen(os.dup(descriptor), "rb") as source, to.open("wb") as target:
        source.seek(0)
        while chunk := source.read(_CHUNK):
            target.write(chunk)
