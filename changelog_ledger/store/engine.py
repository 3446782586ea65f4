"""Connections and transactions: SQLite and PostgreSQL behind the same two context managers.

How SQLite is used, :mod:`~changelog_ledger.store.sqlite_file` says. PostgreSQL writers lock their stream's head row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, OperationalError

from changelog_ledger.errors import HomeError
from changelog_ledger.store.sqlite_file import BEGIN_READING, BEGIN_WRITING, check_existing, configure, refuse_network, write_queue
from changelog_ledger.store.unanswered import damaged, unanswered

_WORTH_COMPACTING = 4  # when more than one page in so many is unused
_ALIVE = MappingProxyType({"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000})
"""libpq's parameters: a server that the network no longer reaches is noticed within half a minute. The database's address may say else."""


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
            connection = plain.execution_options(ledger_transaction=BEGIN_WRITING)
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
        with write_queue(self.path, self.lock_timeout):
            yield

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except OperationalError as error:
            raise unanswered(self.description, str(error.orig)) from error
        except DatabaseError as error:
            if problem := damaged(self.description, str(error.orig)):
                raise problem from error
            raise


def open_database(url: str, *, lock_timeout: float, allow_network: bool = False, must_exist: bool = True) -> Database:
    """Connect to ``sqlite:///PATH`` or ``postgresql://…``.

    :raises HomeError: for another kind of database, a missing or foreign file, or a file on a network file system.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        return Database(_postgresql(parsed, lock_timeout), None, lock_timeout)
    path = Path(str(parsed.database))
    if must_exist:
        check_existing(path)
    if not allow_network:
        refuse_network(path)
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
    def connect(connection: sqlite3.Connection, _record: Any) -> None:
        configure(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begin_statement = connection.get_execution_options().get("ledger_transaction", BEGIN_READING)
        if begin_statement:  # VACUUM wants none
            connection.exec_driver_sql(begin_statement)

    return engine


def _postgresql(url: URL, lock_timeout: float) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            connect_args={
                "connect_timeout": max(2, min(10, int(lock_timeout))),
                "options": f"-c lock_timeout={int(lock_timeout * 1000)} -c timezone=UTC",
                **{name: value for name, value in _ALIVE.items() if name not in url.query},
            },
        )
    except ModuleNotFoundError as error:
        raise HomeError("PostgreSQL needs the psycopg driver, which is not installed", "pip install 'changelog-ledger[postgres]'") from error
