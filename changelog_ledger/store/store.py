"""The store: facts go in, views come out.

One place where facts are recorded (:meth:`Store.append`): chained, inserted and projected in one transaction, so that a reader never sees a fact
without its consequences.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from changelog_ledger.errors import HomeError, TransitionRefused
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Target
from changelog_ledger.store import chain
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.engine import Database, open_database
from changelog_ledger.store.foresight import Foresight
from changelog_ledger.store.projections import DeltasOf, Projector
from changelog_ledger.store.queries import View
from changelog_ledger.store.recording import Recording
from changelog_ledger.store.sqlite_file import APPLICATION_ID
from changelog_ledger.store.tables import PROJECTIONS, ChangeRow, FactRow, MetaRow, StreamHeadRow, table_of
from changelog_ledger.store.unanswered import same_moment
from changelog_ledger.store.versions import SCHEMA_HEAD, projection_mark
from changelog_ledger.store.writing import fact_row, fresh

_BATCH = 5000

Progress = Callable[[int], None]
"""Called with the number of facts done since the last call."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must still hold when a fact is recorded: the change stands at this status, so many have approved it, and it was extended so often.

    Else somebody was quicker.
    """

    change: str
    status: str
    approvers: int
    extensions: int = 0

    @classmethod
    def of(cls, change: Change) -> Expectation:
        """That a change stands as it was read."""
        return cls(change.id, str(change.status), len(change.approvers), change.extensions)


def _nothing(_done: int) -> None:
    """No progress is wanted."""


class Store:
    """An open ledger database.

    :param database: an open :class:`Database`.
    :param stream: the name of the writer whose chain new facts extend.
    :param read_by: a digest of the home's own rules for reading files, which its deltas depend on; empty where there are none.
    """

    def __init__(self, database: Database, stream: str, read_by: str = "") -> None:
        self.database = database
        self.stream = stream
        self.read_by = read_by

    @classmethod
    def create(cls, url: str, stream: str, *, lock_timeout: float = 30.0, allow_network: bool = False) -> Store:
        """Make the tables where there are none yet, and open the store.

        :raises HomeError: if the database holds somebody else's tables, or another home's facts: snapshots lie in a home's own repository.
        """
        from changelog_ledger.store import schema

        database = open_database(url, lock_timeout=lock_timeout, allow_network=allow_network, must_exist=False)
        schema.create(database)
        store = cls.open(url, stream, lock_timeout=lock_timeout, allow_network=allow_network)
        with store.reading() as view:
            others = view.facts.streams().keys() - {stream}
        if others:
            store.close()
            raise HomeError(f"{database.description} belongs to another home", "one home, one database: name an empty one with --database")
        return store

    @classmethod
    def open(cls, url: str, stream: str, *, lock_timeout: float = 30.0, allow_network: bool = False, read_by: str = "") -> Store:
        """Open an existing store; an older schema is migrated.

        :raises HomeError: if it is missing, empty, foreign, or written by a newer program.
        """
        database = open_database(url, lock_timeout=lock_timeout, allow_network=allow_network)
        revision = _revision(database)
        if revision is None:  # never a new, empty ledger in the place of one that was lost
            raise HomeError(f"{database.description} is empty: it holds no ledger", "restore it from a backup, or make a new home with: ledger init")
        if revision != SCHEMA_HEAD:
            from changelog_ledger.store import schema

            schema.upgrade(database, revision)
        return cls(database, stream, read_by)

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()

    @contextmanager
    def reading(self) -> Iterator[View]:
        """A consistent view, for the length of a ``with``."""
        with self.database.reading() as connection:
            yield View.of(connection)

    def has_host(self, name: str) -> bool:
        """Whether the host is known."""
        with self.reading() as view:
            return view.topology.host(name) is not None

    def last_snapshot(self, host: str) -> Snapshot | None:
        """The host's newest snapshot, or None."""
        with self.reading() as view:
            return view.evidence.last_snapshot(host)

    def open_changes(self, statuses: Collection[str], targets: Collection[Target]) -> tuple[Change, ...]:
        """The changes in one of these statuses that speak for one of the targets (for any, if none is given), by id."""
        with self.reading() as view:
            return view.open_changes(statuses, targets)

    def changes_named(self, ids: Collection[str]) -> tuple[Change, ...]:
        """Those of the changes with these ids that there are, by id. Case does not matter."""
        with self.reading() as view:
            return view.changes_named(ids)

    def runs_on(self, hosts: Collection[str]) -> dict[Target, frozenset[str]]:
        """The services that run on one of the hosts, each with those of the hosts that it runs on."""
        with self.reading() as view:
            return view.runs_on(hosts)

    def expected_at(self, host: str, until: datetime) -> tuple[Expected, ...]:
        """The edits that are to be expected on a host, said up to ``until``: its own, those of services on it and of ``all``; the newest first."""
        with self.reading() as view:
            return view.expected_at(host, until)

    def facts(self, after: int = 0) -> Iterator[tuple[int, Fact]]:
        """Every fact behind the position ``after`` with its position, in the order in which this database took them in.

        Each batch is a transaction of its own: on SQLite a long one would keep writers waiting. Facts are append-only, so nothing is lost by it.
        """
        while True:
            with self.reading() as view:
                batch = view.facts.batch(after)
            if not batch:
                return
            yield from batch
            after = batch[-1][0]

    # ---- recording

    def append(
        self,
        facts: Sequence[Fact],
        *,
        deltas: Mapping[str, Sequence[Delta]] | None = None,
        expecting: Expectation | None = None,
        progress: Progress = _nothing,
    ) -> tuple[Fact, ...]:
        """Record facts, all or none; those whose key is known already are passed over.

        :param deltas: the deltas of snapshots, by snapshot id: of those recorded, and of those that follow another one from now on.
        :param expecting: refuse with :class:`TransitionRefused` when it no longer holds.
        :returns: the facts that are new.
        :raises Busy: if the lock was not to be had.
        """
        try:
            with self.database.writing() as connection:
                seq, head = self._locked_head(connection)
                if expecting is not None:
                    _check(connection, expecting)
                new: list[Fact] = []
                for batch in _batched(facts):
                    unknown = fresh(batch, View.of(connection).facts.known_keys([fact.key for fact in batch]))
                    seq, head = self._record(connection, unknown, deltas or {}, seq, head)
                    new += unknown
                    progress(len(batch))
                self._move_head(connection, seq, head)
        except IntegrityError as error:
            raise same_moment(str(error.orig)) from error
        return tuple(new)

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """A transaction that facts are recorded in one by one, for the length of a ``with``: all that it took, or nothing.

        :raises Busy: if the lock was not to be had.
        """
        with self.database.writing() as connection:
            recording = Recording(connection, lambda facts, head: self._record(connection, facts, {}, *head), self._locked_head(connection))
            yield recording
            self._move_head(connection, *recording.head)

    def _locked_head(self, connection: Connection) -> tuple[int, bytes]:
        head = table_of(StreamHeadRow)
        found = connection.execute(select(head).where(head.c.stream == self.stream).with_for_update()).first()
        if found is None:
            connection.execute(insert(head), [{"stream": self.stream, "seq": 0, "hash": chain.GENESIS}])
            return 0, chain.GENESIS
        return found.seq, bytes(found.hash)

    def _record(
        self, connection: Connection, facts: Sequence[Fact], deltas: Mapping[str, Sequence[Delta]], seq: int, head: bytes
    ) -> tuple[int, bytes]:
        links = chain.extend(self.stream, seq, head, facts)
        if not links:
            return seq, head
        connection.execute(insert(table_of(FactRow)), [fact_row(link) for link in links])
        projector = Projector(connection, lambda snapshot, _previous, _commit: deltas.get(snapshot, ()), Foresight())
        for fact in facts:
            projector.apply(fact)
        projector.flush()
        return links[-1].seq, links[-1].hash

    def _move_head(self, connection: Connection, seq: int, head: bytes) -> None:
        table = table_of(StreamHeadRow)
        connection.execute(update(table).where(table.c.stream == self.stream).values(seq=seq, hash=head))

    # ---- projections

    def compact(self) -> None:
        """Give back the room of what was dropped, where it is worth it. PostgreSQL does that by itself (autovacuum).

        :raises Busy: if the lock was not to be had.
        """
        self.database.compact()

    @property
    def stale_projections(self) -> bool:
        """Whether another version of this program wrote the projections, or by other rules of the home: they want a rebuild."""
        with self.database.reading() as connection:
            return _meta(connection, "projection_version") != projection_mark(self.read_by)

    def rebuild(self, deltas_of: DeltasOf, progress: Progress = _nothing) -> int:
        """Drop every projection and make it again from the facts. Returns the number of facts.

        :param deltas_of: is not asked for snapshots that have expired.
        """
        from changelog_ledger.store import schema

        with self.database.writing() as connection:
            self._locked_head(connection)
            schema.recreate_projections(connection, self.read_by)
            facts = View.of(connection).facts
            return project_all(connection, facts.in_order(), deltas_of, Foresight(facts.expired()), progress)


def project_all(connection: Connection, facts: Iterator[Fact], deltas_of: DeltasOf, foresight: Foresight, progress: Progress) -> int:
    """Apply facts in order to the empty projections of ``connection``; returns how many there were."""
    count = 0
    for batch in _batched(facts):
        projector = Projector(connection, deltas_of, foresight)
        for fact in batch:
            projector.apply(fact)
        projector.flush()
        count += len(batch)
        progress(len(batch))
    return count


def _batched(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    """``itertools.batched`` for Python 3.11."""
    remaining = iter(facts)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _check(connection: Connection, expecting: Expectation) -> None:
    table = table_of(ChangeRow)
    state = connection.execute(select(table.c.state).where(table.c.id == expecting.change)).scalar()
    status = state and state["status"]
    stands = change_from_json(state) if state else None
    if stands and len(stands.approvers) != expecting.approvers:
        status = "approved by somebody else"
    elif stands and stands.extensions != expecting.extensions:
        status = "extended by somebody else"
    if status != expecting.status:
        raise TransitionRefused(
            f"{expecting.change} is {status or 'gone'} by now, not {expecting.status}: somebody else was quicker",
            f"look at it with: ledger change show {expecting.change}",
        )


def _meta(connection: Connection, name: str) -> str | None:
    table = table_of(MetaRow)
    value: str | None = connection.execute(select(table.c.value).where(table.c.name == name)).scalar()
    return value


def _revision(database: Database) -> str | None:
    """The schema's Alembic revision; None for an empty database.

    :raises HomeError: if the database is somebody else's.
    """
    with database.reading() as connection:
        if database.dialect == "sqlite":
            application, tables = connection.exec_driver_sql(
                "SELECT (SELECT application_id FROM pragma_application_id), count(*) FROM sqlite_master"
            ).one()
            if tables and application != APPLICATION_ID:
                raise HomeError(f"{database.description} is the database of another program", "choose another home with --home")
            known = bool(tables)
        else:
            known = inspect(connection).has_table("alembic_version") and inspect(connection).has_table("fact")
        if not known:
            return None
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(revision) if revision is not None else None


def database_size(store: Store) -> int:
    """Bytes that the database takes on disk."""
    if store.database.path is not None:
        return store.database.path.stat().st_size
    with store.database.reading() as connection:
        return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar() or 0)


PROJECTED_TABLES = tuple(table_of(row) for row in PROJECTIONS)
