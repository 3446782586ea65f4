"""What the store can be asked. Each group of questions is a view of one open transaction; values of ``model/`` come back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, func, literal, or_, select, union

from changelog_ledger.errors import Ambiguous, NotFound
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.fact import ChainedFact, Fact
from changelog_ledger.model.identifiers import identifier_prefix
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Host, Mark, Service, Target, TargetKind
from changelog_ledger.store import rows
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.tables import (
    ChangeRow,
    ChangeTimeRow,
    DeltaRow,
    DependencyRow,
    ExplanationRow,
    FactRow,
    HostRow,
    MarkRow,
    ObservationRow,
    ServiceHostRow,
    ServiceRow,
    SnapshotRow,
    StreamHeadRow,
    table_of,
)

_FACT, _HOST, _SERVICE, _SERVICE_HOST, _DEPENDENCY = (table_of(row) for row in (FactRow, HostRow, ServiceRow, ServiceHostRow, DependencyRow))
_CHANGE, _CHANGE_TIME, _SNAPSHOT, _DELTA = (table_of(row) for row in (ChangeRow, ChangeTimeRow, SnapshotRow, DeltaRow))
_STREAM_HEAD = table_of(StreamHeadRow)
_OBSERVATION, _MARK, _EXPLANATION = (table_of(row) for row in (ObservationRow, MarkRow, ExplanationRow))

BATCH = 2000
"""Facts that are read at a time."""

_CHUNK = 400
_DEEPEST = 32
"""Dependencies are followed this far, so that a cycle ends."""

Rows = Iterator[Mapping[str, Any]]


def _chunks(values: Collection[Any]) -> Iterator[list[Any]]:
    """``values`` in pieces that every database takes as parameters of one statement."""
    listed = list(values)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


def _starts_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """An index range rather than LIKE, whose use of an index depends on the collation."""
    return and_(column >= prefix, column < prefix + "\uffff")


def _names_one_of(table: Table) -> ColumnElement[bool]:
    """Whether a row's target is one of those that :func:`_names` gives as parameters.

    One condition a kind, each of them an index range. Of ``(target_kind, target_name) IN (…)`` with two values or more SQLite makes a scan of
    the whole table.
    """
    kind, name = table.c.target_kind, table.c.target_name
    return or_(*(and_(kind == str(one), name.in_(bindparam(f"{one}_names", expanding=True))) for one in TargetKind))


def _names(targets: Collection[Target]) -> dict[str, Any]:
    """The parameters of :func:`_names_one_of`."""
    return {f"{kind}_names": [target.name for target in targets if target.kind is kind] for kind in TargetKind}


@dataclass(frozen=True)
class _Questions:
    """What every group of questions needs: the open transaction."""

    connection: Connection

    def _all(self, statement: Select[Any], parameters: Mapping[str, Any] | None = None) -> Rows:
        result = self.connection.execute(statement, parameters)
        names = tuple(result.keys())
        return (dict(zip(names, row, strict=True)) for row in result)

    def _first(self, statement: Select[Any]) -> Mapping[str, Any] | None:
        row = self.connection.execute(statement.limit(1)).mappings().first()
        return None if row is None else dict(row)

    def _scalar(self, statement: Select[Any]) -> Any:
        return self.connection.execute(statement).scalar()


@dataclass(frozen=True)
class FactQuestions(_Questions):
    """The facts themselves."""

    def count(self) -> int:
        """How many facts there are."""
        return int(self._scalar(select(func.count()).select_from(_FACT)) or 0)

    def streams(self) -> dict[str, int]:
        """The writers by name, with the number of the last fact of each."""
        statement = select(_FACT.c.stream, func.max(_FACT.c.seq).label("last")).group_by(_FACT.c.stream).order_by(_FACT.c.stream)
        return {row["stream"]: row["last"] for row in self._all(statement)}

    def links(self, stream: str, after: int, limit: int = BATCH) -> list[ChainedFact]:
        """The next facts of a stream's chain behind the link ``after``."""
        statement = select(_FACT).where(_FACT.c.stream == stream, _FACT.c.seq > after).order_by(_FACT.c.seq).limit(limit)
        return [rows.chained_fact_of(row) for row in self._all(statement)]

    def batch(self, after: int, limit: int = BATCH) -> list[tuple[int, Fact]]:
        """The next facts behind the position ``after``, in the order in which this database took them in, each with its position."""
        statement = select(_FACT).where(_FACT.c.position > after).order_by(_FACT.c.position).limit(limit)
        return [(row["position"], rows.fact_of(row)) for row in self._all(statement)]

    def in_order(self, after: int = 0) -> Iterator[Fact]:
        """Every fact behind the position ``after``, within this transaction, read in batches."""
        while found := self.batch(after):
            yield from (fact for _, fact in found)
            after = found[-1][0]

    def of_kind(self, kind: str) -> Iterator[Fact]:
        """The facts of one kind, in order."""
        return (rows.fact_of(row) for row in self._all(select(_FACT).where(_FACT.c.kind == kind).order_by(_FACT.c.position)))

    def heads(self) -> dict[str, tuple[int, bytes]]:
        """The number and hash of every stream's last link."""
        return {row["stream"]: (row["seq"], bytes(row["hash"])) for row in self._all(select(_STREAM_HEAD))}

    def known_keys(self, keys: Collection[str]) -> dict[str, str]:
        """Which of ``keys`` are recorded, with the id of the fact that has each."""
        known: dict[str, str] = {}
        for chunk in _chunks(keys):
            known |= {row["key"]: row["id"] for row in self._all(select(_FACT.c.key, _FACT.c.id).where(_FACT.c.key.in_(chunk)))}
        return known


@dataclass(frozen=True)
class TopologyQuestions(_Questions):
    """Hosts, services and what depends on what."""

    def host(self, name: str) -> Host | None:
        """The host, or None."""
        row = self._first(select(_HOST).where(_HOST.c.name == name))
        return None if row is None else rows.host_of(row)

    def hosts(self) -> tuple[Host, ...]:
        """Every host, by name."""
        return tuple(rows.host_of(row) for row in self._all(select(_HOST).order_by(_HOST.c.name)))

    def service(self, name: str) -> Service | None:
        """The service, or None."""
        found = self._services([name])
        return found[0] if found else None

    def services(self) -> tuple[Service, ...]:
        """Every service, by name."""
        return self._services([row["name"] for row in self._all(select(_SERVICE).order_by(_SERVICE.c.name))])

    def known_among(self, targets: Collection[Target]) -> frozenset[Target]:
        """Those of ``targets`` that are known; ``all`` always is."""
        known = {target for target in targets if target.kind is TargetKind.ALL}
        for kind, column in ((TargetKind.HOST, _HOST.c.name), (TargetKind.SERVICE, _SERVICE.c.name)):
            for chunk in _chunks([target.name for target in targets if target.kind is kind]):
                known |= {Target(kind, row["name"]) for row in self._all(select(column).where(column.in_(chunk)))}
        return frozenset(known)

    def hosts_of(self, services: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The hosts that each service runs on."""
        found: dict[str, list[str]] = {name: [] for name in services}
        for chunk in _chunks(found):
            statement = select(_SERVICE_HOST).where(_SERVICE_HOST.c.service.in_(chunk)).order_by(_SERVICE_HOST.c.service, _SERVICE_HOST.c.host)
            for row in self._all(statement):
                found[row["service"]].append(row["host"])
        return {name: tuple(hosts) for name, hosts in found.items()}

    def services_on(self, host: str) -> tuple[str, ...]:
        """The services that run on a host."""
        statement = select(_SERVICE_HOST.c.service).where(_SERVICE_HOST.c.host == host).order_by(_SERVICE_HOST.c.service)
        return tuple(row["service"] for row in self._all(statement))

    def dependencies_below(self, services: Collection[str]) -> dict[str, tuple[Target, ...]]:
        """The dependencies of ``services`` and of every service below them, by service: one recursive query."""
        if not services:
            return {}
        roots = [select(literal(name).label("service"), literal(0).label("depth")) for name in services]
        reached = (union(*roots) if len(roots) > 1 else roots[0]).cte("reached", recursive=True)
        step = (
            select(_DEPENDENCY.c.target_name, reached.c.depth + 1)
            .join(reached, _DEPENDENCY.c.service == reached.c.service)
            .where(_DEPENDENCY.c.target_kind == TargetKind.SERVICE, reached.c.depth < _DEEPEST)
        )
        closure = reached.union(step)
        edges = select(_DEPENDENCY).where(_DEPENDENCY.c.service.in_(select(closure.c.service)))
        found: dict[str, list[Target]] = {}
        for row in self._all(edges.order_by(_DEPENDENCY.c.service, _DEPENDENCY.c.target_kind, _DEPENDENCY.c.target_name)):
            found.setdefault(row["service"], []).append(rows.target_of(row))
        return {service: tuple(targets) for service, targets in found.items()}

    def _services(self, names: Sequence[str]) -> tuple[Service, ...]:
        known: list[str] = []
        depends_on: dict[str, list[Target]] = {name: [] for name in names}
        for chunk in _chunks(names):
            known += [row["name"] for row in self._all(select(_SERVICE).where(_SERVICE.c.name.in_(chunk)).order_by(_SERVICE.c.name))]
            statement = select(_DEPENDENCY).where(_DEPENDENCY.c.service.in_(chunk))
            for row in self._all(statement.order_by(_DEPENDENCY.c.target_kind, _DEPENDENCY.c.target_name)):
                depends_on[row["service"]].append(rows.target_of(row))
        hosts = self.hosts_of(known)
        return tuple(Service(name, hosts[name], tuple(depends_on[name])) for name in known)


# Built once: putting a statement together takes longer than running it.
_TOUCHING = select(_CHANGE.c.id, _CHANGE.c.state).where(
    _CHANGE.c.id.in_(
        select(_CHANGE_TIME.c.change_id).where(
            _names_one_of(_CHANGE_TIME),
            _CHANGE_TIME.c.begins_at <= bindparam("until"),
            or_(_CHANGE_TIME.c.ends_at.is_(None), _CHANGE_TIME.c.ends_at >= bindparam("since")),
        )
    )
)
"""The changes that name one of the targets and overlap the time from ``since`` to ``until``."""


@dataclass(frozen=True)
class ChangeQuestions(_Questions):
    """Changes."""

    def find(self, text: str) -> Change:
        """The change that an id, an unambiguous beginning of one, or an external reference names.

        :raises NotFound: if there is none.
        :raises Ambiguous: if there are several.
        """
        by_ref = [change_from_json(row["state"]) for row in self._all(select(_CHANGE).where(_CHANGE.c.ref == text).limit(2))] if text else []
        if len(by_ref) == 1:
            return by_ref[0]
        prefix = identifier_prefix(text, "CHG")
        statement = select(_CHANGE).where(_starts_with(_CHANGE.c.id, prefix)).order_by(_CHANGE.c.id).limit(6)
        found = [change_from_json(row["state"]) for row in self._all(statement)]
        exact = [change for change in found if change.id == prefix]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if not found:
            raise NotFound(f"there is no change {text}", "ledger change list shows them")
        raise Ambiguous(f"{text} fits several changes: {', '.join(change.id for change in found[:5])}", "type one more character")

    def existing(self, ids: Collection[str]) -> frozenset[str]:
        """Which of these ids are taken."""
        return frozenset(row["id"] for chunk in _chunks(ids) for row in self._all(select(_CHANGE.c.id).where(_CHANGE.c.id.in_(chunk))))

    def by_id(self, ids: Collection[str]) -> dict[str, Change]:
        """The changes with these ids."""
        found: dict[str, Change] = {}
        for chunk in _chunks(ids):
            for row in self._all(select(_CHANGE).where(_CHANGE.c.id.in_(chunk))):
                found[row["id"]] = change_from_json(row["state"])
        return found

    def touching(self, targets: Collection[Target], since: datetime, until: datetime) -> tuple[Change, ...]:
        """The changes that name one of ``targets`` and overlap the time, the newest first."""
        found: dict[str, Change] = {}
        for chunk in _chunks(targets):
            for identity, state in self.connection.execute(_TOUCHING, {**_names(chunk), "since": since, "until": until}):
                found[identity] = change_from_json(state)
        changes = found.values()
        return tuple(sorted(changes, key=lambda change: (change.begins or since, change.id), reverse=True))

    def listed(self, *, open_only: bool, on: Target | None, since: datetime | None, limit: int) -> tuple[Change, ...]:
        """Changes for a list, the newest first."""
        statement = select(_CHANGE).order_by(_CHANGE.c.begins_at.desc(), _CHANGE.c.id).limit(limit)
        if open_only:
            statement = statement.where(_CHANGE.c.status.in_(("planned", "approved", "started")))
        if since is not None:
            statement = statement.where(or_(_CHANGE.c.begins_at >= since, _CHANGE.c.ends_at >= since))
        if on is not None:
            named = select(_CHANGE_TIME.c.change_id).where(_CHANGE_TIME.c.target_kind == str(on.kind), _CHANGE_TIME.c.target_name == on.name)
            statement = statement.where(_CHANGE.c.id.in_(named))
        return tuple(change_from_json(row["state"]) for row in self._all(statement))


@dataclass(frozen=True)
class EvidenceQuestions(_Questions):
    """Snapshots, deltas, observations and marks."""

    def last_snapshot(self, host: str, at: datetime | None = None) -> Snapshot | None:
        """The host's newest snapshot, or the newest not after ``at``."""
        statement = select(_SNAPSHOT).where(_SNAPSHOT.c.host == host).order_by(_SNAPSHOT.c.at.desc(), _SNAPSHOT.c.id.desc())
        row = self._first(statement if at is None else statement.where(_SNAPSHOT.c.at <= at))
        return None if row is None else rows.snapshot_of(row)

    def last_snapshots(self, hosts: Collection[str], at: datetime) -> dict[str, Snapshot]:
        """The newest snapshot not after ``at`` of each host that has one."""
        found: dict[str, Snapshot] = {}
        for chunk in _chunks(hosts):
            newest = select(_SNAPSHOT.c.host, func.max(_SNAPSHOT.c.at).label("at")).where(_SNAPSHOT.c.host.in_(chunk), _SNAPSHOT.c.at <= at)
            last = newest.group_by(_SNAPSHOT.c.host).subquery()
            statement = select(_SNAPSHOT).join(last, and_(_SNAPSHOT.c.host == last.c.host, _SNAPSHOT.c.at == last.c.at))
            found |= {row["host"]: rows.snapshot_of(row) for row in self._all(statement)}
        return found

    def first_snapshot(self, host: str) -> Snapshot | None:
        """The host's oldest snapshot."""
        row = self._first(select(_SNAPSHOT).where(_SNAPSHOT.c.host == host).order_by(_SNAPSHOT.c.at, _SNAPSHOT.c.id))
        return None if row is None else rows.snapshot_of(row)

    def snapshots(self, host: str) -> tuple[Snapshot, ...]:
        """The host's snapshots, oldest first."""
        statement = select(_SNAPSHOT).where(_SNAPSHOT.c.host == host).order_by(_SNAPSHOT.c.at, _SNAPSHOT.c.id)
        return tuple(rows.snapshot_of(row) for row in self._all(statement))

    def snapshots_between(self, hosts: Collection[str], since: datetime, until: datetime) -> tuple[Snapshot, ...]:
        """Snapshots of ``hosts`` after ``since`` and up to ``until``, oldest first."""
        found: list[Snapshot] = []
        for chunk in _chunks(hosts):
            found += [
                rows.snapshot_of(row)
                for row in self._all(select(_SNAPSHOT).where(_SNAPSHOT.c.host.in_(chunk), _SNAPSHOT.c.at > since, _SNAPSHOT.c.at <= until))
            ]
        return tuple(sorted(found, key=lambda snapshot: (snapshot.at, snapshot.id)))

    def snapshots_starting(self, prefix: str) -> tuple[Snapshot, ...]:
        """Up to six snapshots whose id begins with ``prefix`` (upper case)."""
        statement = select(_SNAPSHOT).where(_starts_with(_SNAPSHOT.c.id, prefix)).order_by(_SNAPSHOT.c.id).limit(6)
        return tuple(rows.snapshot_of(row) for row in self._all(statement))

    def snapshot_span(self, hosts: Collection[str]) -> dict[str, tuple[datetime, datetime, int]]:
        """First time, last time and number of the snapshots of each host that has any."""
        found: dict[str, tuple[datetime, datetime, int]] = {}
        columns = (_SNAPSHOT.c.host, func.min(_SNAPSHOT.c.at).label("first"), func.max(_SNAPSHOT.c.at).label("last"), func.count().label("number"))
        for chunk in _chunks(hosts):
            for row in self._all(select(*columns).where(_SNAPSHOT.c.host.in_(chunk)).group_by(_SNAPSHOT.c.host)):
                found[row["host"]] = (row["first"], row["last"], row["number"])
        return found

    def deltas(self, hosts: Collection[str], since: datetime, until: datetime) -> tuple[RecordedDelta, ...]:
        """The deltas of ``hosts`` that can have happened after ``since`` and up to ``until``, oldest first."""
        found: list[RecordedDelta] = []
        for chunk in _chunks(hosts):
            when = and_(_DELTA.c.host.in_(chunk), _DELTA.c.at > since, _DELTA.c.not_before < until)
            found += [rows.recorded_delta_of(row) for row in self._all(_explained(_DELTA).where(when).order_by(_DELTA.c.at, _DELTA.c.ordinal))]
        return tuple(sorted(found, key=lambda piece: (piece.not_after, piece.host)))

    def times_changed(self, hosts: Collection[str], since: datetime, until: datetime) -> dict[tuple[str, str], int]:
        """In how many snapshots of a host a path had changed after ``since`` and up to ``until``: what changes all the time says little."""
        counted: dict[tuple[str, str], int] = {}
        columns = (_DELTA.c.host, _DELTA.c.path, func.count(_DELTA.c.snapshot.distinct()).label("number"))
        for chunk in _chunks(hosts):
            when = and_(_DELTA.c.host.in_(chunk), _DELTA.c.at > since, _DELTA.c.at <= until)
            for row in self._all(select(*columns).where(when).group_by(_DELTA.c.host, _DELTA.c.path)):
                counted[row["host"], row["path"]] = row["number"]
        return counted

    def same_path(self, hosts: Collection[str], paths: Collection[str], since: datetime, until: datetime) -> tuple[RecordedDelta, ...]:
        """Deltas of ``hosts`` at ``paths`` in the time: what peers did to the same files."""
        found: list[RecordedDelta] = []
        for host_chunk in _chunks(hosts):
            for path_chunk in _chunks(paths):
                where = and_(_DELTA.c.host.in_(host_chunk), _DELTA.c.path.in_(path_chunk), _DELTA.c.at > since, _DELTA.c.not_before < until)
                found += [rows.recorded_delta_of(row) for row in self._all(_explained(_DELTA).where(where))]
        return tuple(found)

    def observations(self, targets: Collection[Target], since: datetime, until: datetime) -> tuple[Observation, ...]:
        """The observations on ``targets`` after ``since`` and up to ``until``, oldest first."""
        found: list[Observation] = []
        statement = _explained(_OBSERVATION).where(_names_one_of(_OBSERVATION), _OBSERVATION.c.at > since, _OBSERVATION.c.at <= until)
        for chunk in _chunks(targets):
            found += [rows.observation_of(row) for row in self._all(statement, _names(chunk))]
        return tuple(sorted(found, key=lambda seen: (seen.at, seen.id)))

    def evidence_ids(self, prefix: str) -> tuple[str, ...]:
        """Up to six ids of deltas and observations that begin with ``prefix``."""
        found: set[str] = set()
        for table in (_DELTA, _OBSERVATION):
            statement = select(table.c.id).where(_starts_with(table.c.id, prefix)).distinct().order_by(table.c.id).limit(6)
            found |= {row["id"] for row in self._all(statement)}
        return tuple(sorted(found)[:6])

    def marks(self, targets: Collection[Target], until: datetime | None = None) -> tuple[Mark, ...]:
        """Marks of ``targets`` (up to ``until``), oldest first."""
        found: list[Mark] = []
        statement = select(_MARK).where(_names_one_of(_MARK))
        if until is not None:
            statement = statement.where(_MARK.c.at <= until)
        for chunk in _chunks(targets):
            found += [rows.mark_of(row) for row in self._all(statement, _names(chunk))]
        return tuple(sorted(found, key=lambda mark: (mark.at, mark.id)))

    def span(self) -> tuple[datetime | None, datetime | None]:
        """When the first and the last fact occurred."""
        row = self._first(select(func.min(_FACT.c.occurred_at).label("first"), func.max(_FACT.c.occurred_at).label("last")))
        return (None, None) if row is None else (row["first"], row["last"])


def _explained(table: Table) -> Select[Any]:
    """``table`` with the change that somebody named for each row by hand."""
    joined = table.outerjoin(_EXPLANATION, _EXPLANATION.c.evidence == table.c.id)
    return select(table, _EXPLANATION.c.change_id.label("explained_by")).select_from(joined)


@dataclass(frozen=True)
class View:
    """A consistent look at the ledger, for the length of one transaction."""

    facts: FactQuestions
    topology: TopologyQuestions
    changes: ChangeQuestions
    evidence: EvidenceQuestions

    @classmethod
    def of(cls, connection: Connection) -> View:
        """The view of an open transaction."""
        return cls(FactQuestions(connection), TopologyQuestions(connection), ChangeQuestions(connection), EvidenceQuestions(connection))
