"""Snapshots and the gate served by the standard library alone from a SQLite file: loading the libraries behind ``Store`` takes longer than either.

It decides nothing by itself. Rows, encodings, hash chain, locks and pragmas are those of ``Store``, and where anything about the database is unusual
:meth:`LeanStore.open` leaves it to ``Store``. ``verify`` rebuilds what was written here by the other way, and compares.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import Busy
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.store import chain
from changelog_ledger.store.books import NO_DELTAS
from changelog_ledger.store.encodings import decoded, encoded
from changelog_ledger.store.foresight import Foresight
from changelog_ledger.store.lean_expected import expected_at
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.rows import snapshot_of
from changelog_ledger.store.sqlite_file import (
    ADDRESS,
    APPLICATION_ID,
    BEGIN_READING,
    BEGIN_WRITING,
    check_existing,
    configure,
    refuse_network,
    write_queue,
)
from changelog_ledger.store.unanswered import damaged, same_moment, unanswered
from changelog_ledger.store.versions import SCHEMA_HEAD, projection_mark
from changelog_ledger.store.writing import Row, delta_rows, expected_rows, fact_row, fresh, snapshot_row

if TYPE_CHECKING:
    from changelog_ledger.model.change import Change
    from changelog_ledger.model.gate import Expected
    from changelog_ledger.model.topology import Target

_KINDS = {"snapshot", "expected"}
"""Of facts that can be recorded here."""

_WRITTEN_BY = """
    SELECT (SELECT application_id FROM pragma_application_id), (SELECT version_num FROM alembic_version),
           (SELECT value FROM meta WHERE name = 'projection_version')
"""


@dataclass(frozen=True)
class LeanStore:
    """An open SQLite database, as far as snapshots and the gate need it. Every call has a connection of its own, so threads and forks may share it.

    :ivar path: the file.
    :ivar stream: the name of the writer whose chain new facts extend.
    :ivar lock_timeout: seconds to wait for somebody else's lock.
    """

    path: Path
    stream: str
    lock_timeout: float

    @classmethod
    def open(cls, address: str, stream: str, *, lock_timeout: float, allow_network: bool, read_by: str = "") -> LeanStore | None:
        """The database, or None where it is no SQLite file whose tables are just as this version of the program writes them.

        :param read_by: as :class:`Store` has it.
        :raises HomeError: if the file is missing, somebody else's, or on a network file system.
        :raises Busy: if it is locked for too long.
        """
        if not address.startswith(ADDRESS) or "?" in address:
            return None
        store = cls(Path(address.removeprefix(ADDRESS)), stream, lock_timeout)
        check_existing(store.path)
        if not allow_network:
            refuse_network(store.path)
        return store if store._written_by() == (APPLICATION_ID, SCHEMA_HEAD, projection_mark(read_by)) else None

    def has_host(self, name: str) -> bool:
        """Whether the host is known."""
        with self._transaction(BEGIN_READING) as connection:
            return connection.execute("SELECT 1 FROM host WHERE name = ?", (plain_text(name),)).fetchone() is not None

    def last_snapshot(self, host: str) -> Snapshot | None:
        """The host's newest snapshot, or None."""
        with self._transaction(BEGIN_READING) as connection:
            row = connection.execute("SELECT * FROM snapshot WHERE host = ? ORDER BY at DESC, id DESC LIMIT 1", (plain_text(host),)).fetchone()
        return None if row is None else snapshot_of(decoded(dict(row)))

    def open_changes(self, statuses: Collection[str], targets: Collection[Target]) -> tuple[Change, ...]:
        """The changes in one of these statuses that speak for one of the targets (for any, if none is given), by id."""
        from changelog_ledger.store.lean_changes import open_changes

        with self._transaction(BEGIN_READING) as connection:
            return open_changes(connection, statuses, targets)

    def changes_named(self, ids: Collection[str]) -> tuple[Change, ...]:
        """Those of the changes with these ids that there are, by id. Case does not matter."""
        from changelog_ledger.store.lean_changes import changes_named

        with self._transaction(BEGIN_READING) as connection:
            return changes_named(connection, ids)

    def runs_on(self, hosts: Collection[str]) -> dict[Target, frozenset[str]]:
        """The services that run on one of the hosts, each with those of the hosts that it runs on."""
        from changelog_ledger.store.lean_changes import runs_on

        with self._transaction(BEGIN_READING) as connection:
            return runs_on(connection, hosts)

    def expected_at(self, host: str, until: datetime) -> tuple[Expected, ...]:
        """The edits that are to be expected on a host, said up to ``until``: its own, those of services on it and of ``all``; the newest first."""
        with self._transaction(BEGIN_READING) as connection:
            return expected_at(connection, host, until)

    def append(self, facts: Sequence[Fact], *, deltas: Mapping[str, Sequence[Delta]] = NO_DELTAS) -> tuple[Fact, ...]:
        """Record facts of snapshots and of expected edits, all or none, with their deltas; those whose key is known already are passed over.

        :param deltas: by the snapshot's id.
        :returns: the facts that are new.
        :raises Busy: if the lock was not to be had.
        """
        if others := {fact.kind for fact in facts} - _KINDS:
            raise ValueError(f"only snapshots and expected edits can be recorded here, no {', '.join(sorted(others))}")
        with write_queue(self.path, self.lock_timeout), self._transaction(BEGIN_WRITING) as connection:
            seq, head = self._head(connection)
            unknown = fresh(facts, _known_keys(connection, facts))
            links = chain.extend(self.stream, seq, head, unknown)
            _insert(connection, "fact", [fact_row(link) for link in links])
            _insert_snapshots(connection, [fact for fact in unknown if fact.kind == "snapshot"], deltas)
            _insert(connection, "expected", [row for fact in unknown if fact.kind == "expected" for row in expected_rows(fact)])
            if links:
                head_row = (links[-1].seq, links[-1].hash, self.stream)
                connection.execute("UPDATE stream_head SET seq = ?, hash = ? WHERE stream = ?", head_row)
        return tuple(unknown)

    def _head(self, connection: sqlite3.Connection) -> tuple[int, bytes]:
        found = connection.execute("SELECT seq, hash FROM stream_head WHERE stream = ?", (self.stream,)).fetchone()
        if found is None:
            _insert(connection, "stream_head", [{"stream": self.stream, "seq": 0, "hash": chain.GENESIS}])
            return 0, chain.GENESIS
        return found["seq"], found["hash"]

    def _written_by(self) -> tuple[Any, ...]:
        """Application, schema and version of the projections; nothing where that cannot be told, and ``Store`` finds the words for it."""
        try:
            with closing(sqlite3.connect(self.path, timeout=self.lock_timeout)) as connection:
                return tuple(connection.execute(_WRITTEN_BY).fetchone())
        except sqlite3.Error as error:
            problem = unanswered(str(self.path), str(error))
            if isinstance(problem, Busy):  # having waited once is enough
                raise problem from error
            return ()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Committed at the end; closing the connection rolls back what was not."""
        with self._translated_errors(), closing(sqlite3.connect(self.path, timeout=self.lock_timeout)) as connection:
            configure(connection)
            connection.row_factory = sqlite3.Row
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise same_moment(str(error)) from error
        except sqlite3.OperationalError as error:
            raise unanswered(str(self.path), str(error)) from error
        except sqlite3.DatabaseError as error:
            if problem := damaged(str(self.path), str(error)):
                raise problem from error
            raise


def _known_keys(connection: sqlite3.Connection, facts: Sequence[Fact]) -> set[str]:
    return {fact.key for fact in facts if connection.execute("SELECT 1 FROM fact WHERE key = ?", (plain_text(fact.key),)).fetchone()}


def _insert_snapshots(connection: sqlite3.Connection, facts: Sequence[Fact], deltas: Mapping[str, Sequence[Delta]]) -> None:
    foresight = Foresight()
    for fact in facts:
        follows = foresight.predecessor(fact)
        if follows is not None:
            snapshot = snapshot_row(fact, follows)
            _insert(connection, "snapshot", [snapshot])
            _insert(connection, "delta", delta_rows(snapshot, deltas.get(fact.id, ())))


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows whose columns are those of the first. The names of table and columns are our own words."""
    if rows:
        columns = ", ".join(f'"{name}"' for name in rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values})", [encoded(row) for row in rows])
