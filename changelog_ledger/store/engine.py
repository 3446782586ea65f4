"""Connections, transactions and locks: SQLite and PostgreSQL behind the same two context managers.

SQLite runs with a rollback journal: linked versions before 3.51.3 can corrupt a WAL that two connections reset. Writers take ``BEGIN IMMEDIATE``
behind an ``flock`` queue, because SQLite's own busy handler starves one of eight writers. PostgreSQL writers lock their stream's head row.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, OperationalError

from changelog_ledger.errors import Busy, HomeError

_PRAGMAS = (
    "journal_mode=TRUNCATE",
    "synchronous=EXTRA",
    "trusted_schema=OFF",
    "secure_delete=ON",  # what has expired is not to be found in a free page
    "cache_size=-65536",
    "temp_store=MEMORY",
)
_WORTH_COMPACTING = 4  # when more than one page in so many is unused
APPLICATION_ID = 0x4C454447  # "LEDG" in SQLite's file header (PRAGMA application_id)
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afs", "ceph", "glusterfs", "lustre", "9p", "fuse.sshfs", "fuse.glusterfs", "ncpfs", "beegfs")


@dataclass(frozen=True)
class Database:
    """Where facts are kept.

    :ivar path: the SQLite file, None for PostgreSQL.
    :ivar lock_timeout: seconds to wait for somebody else's lock.
    """

    engine: Engine
    path: Path | None
    lock_timeout: float

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def description(self) -> str:
        """How to name the database in an error, without a password."""
        return str(self.path) if self.path else self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view."""
        with self._translated_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ") if self.dialect == "postgresql" else plain
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one transaction that writes: committed at the end, rolled back on any exception, Ctrl-C included."""
        with self._queue(), self._translated_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(ledger_transaction="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def compact(self) -> None:
        """Write the SQLite file anew (``VACUUM``: whole or not at all) if a quarter of it is unused; it needs that much room once more."""
        if self.path is None:
            return
        with self._queue(), self._translated_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(ledger_transaction=None)
            pages, unused = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "freelist_count"))
            if unused * _WORTH_COMPACTING > pages:
                connection.exec_driver_sql("VACUUM")

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with held_lock(self.path.with_name(self.path.name + ".lock"), self.lock_timeout, "write to the ledger"):
            yield

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except OperationalError as error:
            raise self._operational(error) from error
        except DatabaseError as error:
            if "not a database" in str(error.orig) or "malformed" in str(error.orig):
                raise HomeError(f"{self.description} is not a readable database ({error.orig})", "restore it from a backup") from error
            raise

    def _operational(self, error: OperationalError) -> Exception:
        said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
        if "locked" in said or "busy" in said or "lock timeout" in said:
            return Busy(f"the database {self.description} is locked by another process", "wait until it has finished, then try again")
        if "readonly" in said or "read-only" in said:
            return HomeError(f"the database {self.description} cannot be written to ({said})", "run as the home's owner")
        if "disk" in said and "full" in said:
            return HomeError(f"no room left to write {self.description}", "free some space, then try again; nothing was recorded")
        return HomeError(
            f"the database {self.description} does not answer ({said})", "check that it runs and that its address in ledger.toml is right"
        )


@contextmanager
def held_lock(path: Path, timeout: float, purpose: str) -> Iterator[None]:
    """Hold an exclusive ``flock`` on ``path`` (created 0600); waiters are served in the kernel's order.

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
        return _waited_for(descriptor, operation, timeout)
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


def open_database(url: str, *, lock_timeout: float, allow_network: bool = False, must_exist: bool = True) -> Database:
    """Connect to ``sqlite:///PATH`` or ``postgresql://…``.

    :raises HomeError: for another kind of database, a missing or foreign file, or a file on a network file system.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        return Database(_postgresql(parsed, lock_timeout), None, lock_timeout)
    path = Path(str(parsed.database))
    if must_exist and not path.exists():
        raise HomeError(f"there is no database at {path}", "create one with: ledger init")
    if must_exist:
        _checked_owner(path)
    if not allow_network:
        _refused_network(path)
    return Database(_sqlite(parsed, lock_timeout), path, lock_timeout)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # without its words and the address: a password may be in them
        raise HomeError("cannot read the database address", "write sqlite:///PATH or postgresql://USER@HOST/NAME") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise HomeError(f"a {parsed.get_backend_name()} database is not supported", "write sqlite:///PATH or postgresql://USER@HOST/NAME")
    return parsed


def _sqlite(url: URL, lock_timeout: float) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": lock_timeout, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, see begin()
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begin_statement = connection.get_execution_options().get("ledger_transaction", "BEGIN")
        if begin_statement:  # VACUUM wants none
            connection.exec_driver_sql(begin_statement)

    return engine


def _postgresql(url: URL, lock_timeout: float) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={int(lock_timeout * 1000)} -c timezone=UTC"},
        )
    except ModuleNotFoundError as error:
        raise HomeError("PostgreSQL needs the psycopg driver, which is not installed", "pip install 'changelog-ledger[postgres]'") from error


def _checked_owner(path: Path) -> None:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise HomeError(f"{path} is not a regular file", "choose another home with --home")
    if os.geteuid() not in (0, status.st_uid) and not os.access(path, os.W_OK):
        raise HomeError(f"{path} belongs to somebody else (user {status.st_uid})", "run as that user, or choose another home with --home")


def _refused_network(path: Path) -> None:
    kind = file_system_of(path)
    if kind.startswith(_NETWORK_FILE_SYSTEMS):
        raise HomeError(
            f"{path} lies on a network file system ({kind}), whose locks cannot be trusted",
            "keep the home on a local disk, or set allow_network_home = true in ledger.toml",
        )


def file_system_of(path: Path) -> str:
    """The file system type of the mount that holds ``path``, from /proc/self/mounts (proc(5)); empty where that cannot be read."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    resolved = str(path.resolve())
    best = ("", "")
    for line in mounts.splitlines():
        _, mount, kind, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        inside = mount == "/" or resolved == mount or resolved.startswith(mount + "/")
        if inside and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]
