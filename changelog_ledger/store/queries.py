"""What the store can be asked. Each group of questions is a view of one open transaction; values of ``model/`` come back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, or_, select

from changelog_ledger.errors import Ambiguous, NotFound
from changelog_ledger.model.change import OPEN, Change
from changelog_ledger.model.fact import ChainedFact, Fact
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.identifiers import identifier_prefix
from changelog_ledger.model.topology import Host, Service, Target, TargetKind
from changelog_ledger.store import rows
from changelog_ledger.store.assessment_queries import AssessmentQuestions
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.evidence_queries import EvidenceQuestions
from changelog_ledger.store.gate_queries import GateQuestions
from changelog_ledger.store.incident_queries import IncidentQuestions
from changelog_ledger.store.mark_queries import MarkQuestions
from changelog_ledger.store.reading import all_rows, chunks, first_row, names_of, names_one_of, scalar, starts_with
from changelog_ledger.store.schedule_queries import ScheduleQuestions
from changelog_ledger.store.tables import (
    ChangeRow,
    ChangeTimeRow,
    DependencyRow,
    FactRow,
    HostRow,
    ServiceHostRow,
    ServiceRow,
    StreamHeadRow,
    table_of,
)

_FACT, _STREAM_HEAD = table_of(FactRow), table_of(StreamHeadRow)
_HOST, _SERVICE, _SERVICE_HOST, _DEPENDENCY = (table_of(row) for row in (HostRow, ServiceRow, ServiceHostRow, DependencyRow))
_CHANGE, _CHANGE_TIME = table_of(ChangeRow), table_of(ChangeTimeRow)

BATCH = 2000
"""Facts that are read at a time."""

_DEEPEST = 32
"""Dependencies are followed this far, so that a cycle ends."""


@dataclass(frozen=True)
class FactQuestions:
    """The facts themselves."""

    connection: Connection

    def count(self) -> int:
        """How many facts there are."""
        return int(scalar(self.connection, select(func.count()).select_from(_FACT)) or 0)

    def streams(self) -> dict[str, int]:
        """The writers by name, with the number of the last fact of each."""
        statement = select(_FACT.c.stream, func.max(_FACT.c.seq).label("last")).group_by(_FACT.c.stream).order_by(_FACT.c.stream)
        return {row["stream"]: row["last"] for row in all_rows(self.connection, statement)}

    def links(self, stream: str, after: int, limit: int = BATCH) -> list[ChainedFact]:
        """The next facts of a stream's chain behind the link ``after``."""
        statement = select(_FACT).where(_FACT.c.stream == stream, _FACT.c.seq > after).order_by(_FACT.c.seq).limit(limit)
        return [rows.chained_fact_of(row) for row in all_rows(self.connection, statement)]

    def batch(self, after: int, limit: int = BATCH) -> list[tuple[int, Fact]]:
        """The next facts behind the position ``after``, in the order in which this database took them in, each with its position."""
        statement = select(_FACT).where(_FACT.c.position > after).order_by(_FACT.c.position).limit(limit)
        return [(row["position"], rows.fact_of(row)) for row in all_rows(self.connection, statement)]

    def in_order(self, after: int = 0) -> Iterator[Fact]:
        """Every fact behind the position ``after``, within this transaction, read in batches."""
        while found := self.batch(after):
            yield from (fact for _, fact in found)
            after = found[-1][0]

    def of_kind(self, kind: str) -> Iterator[Fact]:
        """The facts of one kind, in order."""
        return (rows.fact_of(row) for row in all_rows(self.connection, select(_FACT).where(_FACT.c.kind == kind).order_by(_FACT.c.position)))

    def expired(self) -> frozenset[str]:
        """The ids of the snapshots that retention dropped."""
        return frozenset(identity for fact in self.of_kind("expiry") for identity in fact.data["snapshots"])

    def heads(self) -> dict[str, tuple[int, bytes]]:
        """The number and hash of every stream's last link."""
        return {row["stream"]: (row["seq"], bytes(row["hash"])) for row in all_rows(self.connection, select(_STREAM_HEAD))}

    def known_keys(self, keys: Collection[str]) -> dict[str, str]:
        """Which of ``keys`` are recorded, with the id of the fact that has each."""
        known: dict[str, str] = {}
        for chunk in chunks(keys):
            known |= {row["key"]: row["id"] for row in all_rows(self.connection, select(_FACT.c.key, _FACT.c.id).where(_FACT.c.key.in_(chunk)))}
        return known

    def with_keys(self, keys: Collection[str]) -> dict[str, Fact]:
        """The facts that have one of ``keys``, by their keys."""
        found = (rows.fact_of(row) for chunk in chunks(keys) for row in all_rows(self.connection, select(_FACT).where(_FACT.c.key.in_(chunk))))
        return {fact.key: fact for fact in found}


@dataclass(frozen=True)
class TopologyQuestions:
    """Hosts, services and what depends on what."""

    connection: Connection

    def host(self, name: str) -> Host | None:
        """The host, or None."""
        row = first_row(self.connection, select(_HOST).where(_HOST.c.name == name))
        return None if row is None else rows.host_of(row)

    def hosts(self) -> tuple[Host, ...]:
        """Every host, by name."""
        return tuple(rows.host_of(row) for row in all_rows(self.connection, select(_HOST).order_by(_HOST.c.name)))

    def host_names(self, most: int) -> tuple[str, ...]:
        """The names of hosts, ``most`` of them at most, in their order."""
        return tuple(row["name"] for row in all_rows(self.connection, select(_HOST.c.name).order_by(_HOST.c.name).limit(most)))

    def service_names(self, most: int) -> tuple[str, ...]:
        """The names of services, ``most`` of them at most, in their order."""
        return tuple(row["name"] for row in all_rows(self.connection, select(_SERVICE.c.name).order_by(_SERVICE.c.name).limit(most)))

    def service(self, name: str) -> Service | None:
        """The service, or None."""
        found = self._services([name])
        return found[0] if found else None

    def services(self) -> tuple[Service, ...]:
        """Every service, by name."""
        return self._services([row["name"] for row in all_rows(self.connection, select(_SERVICE).order_by(_SERVICE.c.name))])

    def known_among(self, targets: Collection[Target]) -> frozenset[Target]:
        """Those of ``targets`` that are known; ``all`` always is."""
        known = {target for target in targets if target.kind is TargetKind.ALL}
        for kind, column in ((TargetKind.HOST, _HOST.c.name), (TargetKind.SERVICE, _SERVICE.c.name)):
            for chunk in chunks([target.name for target in targets if target.kind is kind]):
                known |= {Target(kind, row["name"]) for row in all_rows(self.connection, select(column).where(column.in_(chunk)))}
        return frozenset(known)

    def hosts_of(self, services: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The hosts that each service runs on."""
        found: dict[str, list[str]] = {name: [] for name in services}
        for chunk in chunks(found):
            statement = select(_SERVICE_HOST).where(_SERVICE_HOST.c.service.in_(chunk)).order_by(_SERVICE_HOST.c.service, _SERVICE_HOST.c.host)
            for row in all_rows(self.connection, statement):
                found[row["service"]].append(row["host"])
        return {name: tuple(hosts) for name, hosts in found.items()}

    def services_on(self, host: str) -> tuple[str, ...]:
        """The services that run on a host."""
        statement = select(_SERVICE_HOST.c.service).where(_SERVICE_HOST.c.host == host).order_by(_SERVICE_HOST.c.service)
        return tuple(row["service"] for row in all_rows(self.connection, statement))

    def services_by_host(self, hosts: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The services that run on each host."""
        found: dict[str, list[str]] = {host: [] for host in hosts}
        for chunk in chunks(found):
            statement = select(_SERVICE_HOST).where(_SERVICE_HOST.c.host.in_(chunk)).order_by(_SERVICE_HOST.c.service)
            for row in all_rows(self.connection, statement):
                found[row["host"]].append(row["service"])
        return {host: tuple(services) for host, services in found.items()}

    def services_on_any(self, hosts: Collection[str]) -> tuple[str, ...]:
        """The services that run on one of ``hosts``."""
        found: set[str] = set()
        for chunk in chunks(hosts):
            statement = select(_SERVICE_HOST.c.service).where(_SERVICE_HOST.c.host.in_(chunk)).distinct()
            found |= {row["service"] for row in all_rows(self.connection, statement)}
        return tuple(sorted(found))

    def tags_of(self, hosts: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The tags of those of ``hosts`` that have any."""
        found: dict[str, tuple[str, ...]] = {}
        for chunk in chunks(hosts):
            for row in all_rows(self.connection, select(_HOST.c.name, _HOST.c.tags).where(_HOST.c.name.in_(chunk))):
                if row["tags"]:
                    found[row["name"]] = tuple(row["tags"])
        return found

    def dependencies_below(self, services: Collection[str]) -> dict[str, tuple[Target, ...]]:
        """The dependencies of ``services`` and of every service below them, by service: one recursive query."""
        if not services:
            return {}
        roots = select(_SERVICE.c.name.label("service"), literal(0).label("depth")).where(_SERVICE.c.name.in_(services))
        reached = roots.cte("reached", recursive=True)
        step = (
            select(_DEPENDENCY.c.target_name, reached.c.depth + 1)
            .join(reached, _DEPENDENCY.c.service == reached.c.service)
            .where(_DEPENDENCY.c.target_kind == TargetKind.SERVICE, reached.c.depth < _DEEPEST)
        )
        closure = reached.union(step)
        edges = select(_DEPENDENCY).where(_DEPENDENCY.c.service.in_(select(closure.c.service)))
        found: dict[str, list[Target]] = {}
        for row in all_rows(self.connection, edges.order_by(_DEPENDENCY.c.service, _DEPENDENCY.c.target_kind, _DEPENDENCY.c.target_name)):
            found.setdefault(row["service"], []).append(rows.target_of(row))
        return {service: tuple(targets) for service, targets in found.items()}

    def _services(self, names: Sequence[str]) -> tuple[Service, ...]:
        known: dict[str, dict[str, str]] = {}
        depends_on: dict[str, list[Target]] = {name: [] for name in names}
        for chunk in chunks(names):
            rows_of = all_rows(self.connection, select(_SERVICE).where(_SERVICE.c.name.in_(chunk)).order_by(_SERVICE.c.name))
            known |= {row["name"]: row["attributes"] for row in rows_of}
            statement = select(_DEPENDENCY).where(_DEPENDENCY.c.service.in_(chunk))
            for row in all_rows(self.connection, statement.order_by(_DEPENDENCY.c.target_kind, _DEPENDENCY.c.target_name)):
                depends_on[row["service"]].append(rows.target_of(row))
        hosts = self.hosts_of(known)
        return tuple(Service(name, hosts[name], tuple(depends_on[name]), attributes) for name, attributes in known.items())


# Built once: putting a statement together takes longer than running it.
_TOUCHING = select(_CHANGE.c.id, _CHANGE.c.state).where(
    _CHANGE.c.id.in_(
        select(_CHANGE_TIME.c.change_id).where(
            names_one_of(_CHANGE_TIME),
            _CHANGE_TIME.c.begins_at <= bindparam("until"),
            or_(_CHANGE_TIME.c.ends_at.is_(None), _CHANGE_TIME.c.ends_at >= bindparam("since")),
        )
    )
)
"""The changes that name one of the targets and overlap the time from ``since`` to ``until``."""

_BEFORE = (
    select(_CHANGE_TIME.c.change_id, _CHANGE_TIME.c.begins_at)
    .where(names_one_of(_CHANGE_TIME), _CHANGE_TIME.c.begins_at > bindparam("since"), _CHANGE_TIME.c.begins_at < bindparam("until"))
    .order_by(_CHANGE_TIME.c.begins_at.desc())
    .limit(bindparam("most"))
)
"""The newest of the changes that name one of the targets and began between."""

_CHANGES = select(_CHANGE.c.id, _CHANGE.c.state).where(_CHANGE.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class ChangeQuestions:
    """Changes."""

    connection: Connection

    def find(self, text: str) -> Change:
        """The change that an id, an unambiguous beginning of one, or an external reference names.

        :raises NotFound: if there is none.
        :raises Ambiguous: if there are several.
        """
        if text and len(by_ref := self._where(_CHANGE.c.ref == text)) == 1:
            return by_ref[0]
        prefix = identifier_prefix(text, "CHG")
        found = self._where(_CHANGE.c.id == prefix) or self._where(starts_with(_CHANGE.c.id, prefix))
        if not found:
            raise NotFound(f"there is no change {text}", "ledger change list shows them")
        if len(found) > 1:
            raise Ambiguous(f"{text} fits several changes: {', '.join(change.id for change in found[:5])}", "type one more character")
        return found[0]

    def with_reference(self, ref: str) -> tuple[Change, ...]:
        """The changes with this external reference, up to six."""
        return tuple(self._where(_CHANGE.c.ref == ref)) if ref else ()

    def _where(self, condition: ColumnElement[bool]) -> list[Change]:
        """Up to six changes."""
        statement = select(_CHANGE).where(condition).order_by(_CHANGE.c.id).limit(6)
        return [change_from_json(row["state"]) for row in all_rows(self.connection, statement)]

    def existing(self, ids: Collection[str]) -> frozenset[str]:
        """Which of these ids are taken."""
        return frozenset(row["id"] for chunk in chunks(ids) for row in all_rows(self.connection, select(_CHANGE.c.id).where(_CHANGE.c.id.in_(chunk))))

    def by_id(self, ids: Collection[str]) -> dict[str, Change]:
        """The changes with these ids."""
        found: dict[str, Change] = {}
        for chunk in chunks(ids):
            for identity, state in self.connection.execute(_CHANGES, {"ids": chunk}).all():
                found[identity] = change_from_json(state)
        return found

    def every(self) -> Iterator[Change]:
        """Every change, as it stands."""
        return (change_from_json(row["state"]) for row in all_rows(self.connection, select(_CHANGE).order_by(_CHANGE.c.id)))

    def touching(self, targets: Collection[Target], since: datetime, until: datetime) -> tuple[Change, ...]:
        """The changes that name one of ``targets`` and overlap the time, the newest first."""
        found: dict[str, Change] = {}
        for chunk in chunks(targets):
            for identity, state in self.connection.execute(_TOUCHING, {**names_of(chunk), "since": since, "until": until}).all():
                found[identity] = change_from_json(state)
        changes = found.values()
        return tuple(sorted(changes, key=lambda change: (change.begins or since, change.id), reverse=True))

    def before(self, targets: Collection[Target], since: datetime, until: datetime, limit: int) -> tuple[Change, ...]:
        """The newest ``limit`` changes that name one of ``targets`` and began after ``since`` and before ``until``, the newest first."""
        begun: dict[str, datetime] = {}
        for chunk in chunks(targets):
            parameters = {**names_of(chunk), "since": since, "until": until, "most": limit}
            begun.update((change, begins_at) for change, begins_at in self.connection.execute(_BEFORE, parameters))
        wanted = sorted(begun, key=lambda change: (begun[change], change), reverse=True)[:limit]
        known = self.by_id(wanted)
        return tuple(known[change] for change in wanted if change in known)

    def listed(self, *, open_only: bool, on: Target | None, since: datetime | None, limit: int | None) -> tuple[Change, ...]:
        """Changes for a list, the newest first; all of them without a limit."""
        statement = select(_CHANGE).where(*_listed(open_only, on, since)).order_by(_CHANGE.c.begins_at.desc(), _CHANGE.c.id).limit(limit)
        return tuple(change_from_json(row["state"]) for row in all_rows(self.connection, statement))

    def count(self, *, open_only: bool, on: Target | None, since: datetime | None) -> int:
        """How many changes a list without a limit would have."""
        statement = select(func.count()).select_from(_CHANGE).where(*_listed(open_only, on, since))
        return int(scalar(self.connection, statement) or 0)

    def going_back_to(self, rollback_to: str) -> tuple[Change, ...]:
        """The changes with this rollback target, by id."""
        statement = select(_CHANGE).where(_CHANGE.c.rollback_to == rollback_to).order_by(_CHANGE.c.id)
        return tuple(change_from_json(row["state"]) for row in all_rows(self.connection, statement))


def _listed(open_only: bool, on: Target | None, since: datetime | None) -> list[ColumnElement[bool]]:
    """Which changes a list has."""
    conditions: list[ColumnElement[bool]] = []
    if open_only:
        conditions.append(_CHANGE.c.status.in_([str(status) for status in OPEN]))
    if since is not None:
        conditions.append(or_(_CHANGE.c.begins_at >= since, _CHANGE.c.ends_at >= since))
    if on is not None:
        named = select(_CHANGE_TIME.c.change_id).where(_CHANGE_TIME.c.target_kind == str(on.kind), _CHANGE_TIME.c.target_name == on.name)
        conditions.append(_CHANGE.c.id.in_(named))
    return conditions


@dataclass(frozen=True)
class View:
    """A consistent look at the ledger, for the length of one transaction."""

    facts: FactQuestions
    topology: TopologyQuestions
    changes: ChangeQuestions
    evidence: EvidenceQuestions
    marks: MarkQuestions
    surroundings: AssessmentQuestions
    schedule: ScheduleQuestions
    gate: GateQuestions
    incidents: IncidentQuestions

    def open_changes(self, statuses: Collection[str], targets: Collection[Target]) -> tuple[Change, ...]:
        """The changes in one of these statuses that speak for one of the targets (for any, if none is given), by id."""
        return self.gate.open_changes(statuses, targets)

    def changes_named(self, ids: Collection[str]) -> tuple[Change, ...]:
        """Those of the changes with these ids that there are, by id. Case does not matter."""
        return self.gate.changes_named(ids)

    def runs_on(self, hosts: Collection[str]) -> dict[Target, frozenset[str]]:
        """The services that run on one of the hosts, each with those of the hosts that it runs on."""
        return self.gate.runs_on(hosts)

    def expected_at(self, host: str, until: datetime) -> tuple[Expected, ...]:
        """The edits that are to be expected on a host, said up to ``until``: its own, those of services on it and of ``all``; the newest first."""
        return self.gate.expected_at(host, until)

    @classmethod
    def of(cls, connection: Connection) -> View:
        """The view of an open transaction."""
        facts, topology, changes = FactQuestions(connection), TopologyQuestions(connection), ChangeQuestions(connection)
        around, schedule = AssessmentQuestions(connection), ScheduleQuestions(connection)
        gate, incidents = GateQuestions(connection), IncidentQuestions(connection)
        return cls(facts, topology, changes, EvidenceQuestions(connection), MarkQuestions(connection), around, schedule, gate, incidents)
