"""What can be asked of snapshots, deltas and observations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, exists, func, select, text, union

from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.retention import ExpiredSnapshot
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store import rows
from changelog_ledger.store.reading import all_rows, chunks, first_row, names_of, names_one_of, scalar, starts_with
from changelog_ledger.store.tables import (
    IS_PENDING,
    IS_REBOOT,
    DeltaRow,
    EndingRow,
    ExpiredSnapshotRow,
    ExplanationRow,
    FactRow,
    ObservationRow,
    SnapshotRow,
    table_of,
)

_SNAPSHOT, _DELTA, _OBSERVATION = table_of(SnapshotRow), table_of(DeltaRow), table_of(ObservationRow)
_EXPLANATION, _FACT = table_of(ExplanationRow), table_of(FactRow)

_EXPIRED, _ENDING = table_of(ExpiredSnapshotRow), table_of(EndingRow)


@dataclass(frozen=True)
class EvidenceQuestions:
    """Snapshots, deltas and observations."""

    connection: Connection

    def last_snapshot(self, host: str, at: datetime | None = None) -> Snapshot | None:
        """The host's newest snapshot, or the newest not after ``at``."""
        statement = select(_SNAPSHOT).where(_SNAPSHOT.c.host == host).order_by(_SNAPSHOT.c.at.desc(), _SNAPSHOT.c.id.desc())
        row = first_row(self.connection, statement if at is None else statement.where(_SNAPSHOT.c.at <= at))
        return None if row is None else rows.snapshot_of(row)

    def last_snapshots(self, hosts: Collection[str], at: datetime) -> dict[str, Snapshot]:
        """The newest snapshot not after ``at`` of each host that has one."""
        found: dict[str, Snapshot] = {}
        for chunk in chunks(hosts):
            newest = select(_SNAPSHOT.c.host, func.max(_SNAPSHOT.c.at).label("at")).where(_SNAPSHOT.c.host.in_(chunk), _SNAPSHOT.c.at <= at)
            last = newest.group_by(_SNAPSHOT.c.host).subquery()
            statement = select(_SNAPSHOT).join(last, and_(_SNAPSHOT.c.host == last.c.host, _SNAPSHOT.c.at == last.c.at))
            found |= {row["host"]: rows.snapshot_of(row) for row in all_rows(self.connection, statement)}
        return found

    def first_snapshot(self, host: str) -> Snapshot | None:
        """The host's oldest snapshot."""
        row = first_row(self.connection, select(_SNAPSHOT).where(_SNAPSHOT.c.host == host).order_by(_SNAPSHOT.c.at, _SNAPSHOT.c.id))
        return None if row is None else rows.snapshot_of(row)

    def snapshots(self, host: str) -> tuple[Snapshot, ...]:
        """The host's snapshots, oldest first."""
        statement = select(_SNAPSHOT).where(_SNAPSHOT.c.host == host).order_by(_SNAPSHOT.c.at, _SNAPSHOT.c.id)
        return tuple(rows.snapshot_of(row) for row in all_rows(self.connection, statement))

    def snapshots_between(self, hosts: Collection[str], since: datetime, until: datetime) -> tuple[Snapshot, ...]:
        """Snapshots of ``hosts`` after ``since`` and up to ``until``, oldest first."""
        found: list[Snapshot] = []
        for chunk in chunks(hosts):
            statement = select(_SNAPSHOT).where(_SNAPSHOT.c.host.in_(chunk), _SNAPSHOT.c.at > since, _SNAPSHOT.c.at <= until)
            found += [rows.snapshot_of(row) for row in all_rows(self.connection, statement)]
        return tuple(sorted(found, key=lambda snapshot: (snapshot.at, snapshot.id)))

    def snapshots_starting(self, prefix: str) -> tuple[Snapshot, ...]:
        """The snapshot with this id (upper case), else up to six whose id begins like that."""
        for condition in (_SNAPSHOT.c.id == prefix, starts_with(_SNAPSHOT.c.id, prefix)):
            statement = select(_SNAPSHOT).where(condition).order_by(_SNAPSHOT.c.id).limit(6)
            if found := tuple(rows.snapshot_of(row) for row in all_rows(self.connection, statement)):
                return found
        return ()

    def snapshot(self, identity: str) -> Snapshot | None:
        """The snapshot with this id, None if there is none or it has expired."""
        row = first_row(self.connection, select(_SNAPSHOT).where(_SNAPSHOT.c.id == identity))
        return None if row is None else rows.snapshot_of(row)

    def snapshot_count(self) -> int:
        """How many snapshots there are of all hosts."""
        return int(scalar(self.connection, select(func.count()).select_from(_SNAPSHOT)) or 0)

    def expired_starting(self, prefix: str) -> tuple[ExpiredSnapshot, ...]:
        """The expired snapshot with this id (upper case), else up to six whose id begins like that."""
        for condition in (_EXPIRED.c.id == prefix, starts_with(_EXPIRED.c.id, prefix)):
            statement = select(_EXPIRED).where(condition).order_by(_EXPIRED.c.id).limit(6)
            if found := tuple(rows.expired_snapshot_of(row) for row in all_rows(self.connection, statement)):
                return found
        return ()

    def expired_between(self, hosts: Collection[str], since: datetime, until: datetime) -> dict[str, int]:
        """How many snapshots of a host after ``since`` and up to ``until`` have expired; hosts without any are left out."""
        found: dict[str, int] = {}
        for chunk in chunks(hosts):
            when = and_(_EXPIRED.c.host.in_(chunk), _EXPIRED.c.at > since, _EXPIRED.c.at <= until)
            statement = select(_EXPIRED.c.host, func.count().label("number")).where(when).group_by(_EXPIRED.c.host)
            found |= {row["host"]: row["number"] for row in all_rows(self.connection, statement)}
        return found

    def snapshots_of_evidence(self, identities: Collection[str]) -> dict[str, str]:
        """The snapshots that found these deltas, by the delta's id; what is no delta is left out."""
        found: dict[str, str] = {}
        for chunk in chunks(identities):
            statement = select(_DELTA.c.id, _DELTA.c.snapshot).where(_DELTA.c.id.in_(chunk))
            found |= {row["id"]: row["snapshot"] for row in all_rows(self.connection, statement)}
        return found

    def snapshots_with_expected(self) -> frozenset[str]:
        """The snapshots that found something which the gate had let in."""
        statement = select(_DELTA.c.snapshot).where(_DELTA.c.expected_by != text("''")).distinct()  # as the index says of itself
        return frozenset(row["snapshot"] for row in all_rows(self.connection, statement))

    def snapshot_span(self, hosts: Collection[str]) -> dict[str, tuple[datetime, datetime, int]]:
        """First time, last time and number of the snapshots of each host that has any."""
        found: dict[str, tuple[datetime, datetime, int]] = {}
        columns = (_SNAPSHOT.c.host, func.min(_SNAPSHOT.c.at).label("first"), func.max(_SNAPSHOT.c.at).label("last"), func.count().label("number"))
        for chunk in chunks(hosts):
            for row in all_rows(self.connection, select(*columns).where(_SNAPSHOT.c.host.in_(chunk)).group_by(_SNAPSHOT.c.host)):
                found[row["host"]] = (row["first"], row["last"], row["number"])
        return found

    def deltas(self, hosts: Collection[str], since: datetime, until: datetime) -> tuple[RecordedDelta, ...]:
        """The deltas of ``hosts`` that can have happened after ``since`` and up to ``until``, oldest first."""
        found: list[RecordedDelta] = []
        for chunk in chunks(hosts):
            when = and_(_DELTA.c.host.in_(chunk), _DELTA.c.at > since, _DELTA.c.not_before < until)
            found += [
                rows.recorded_delta_of(row)
                for row in all_rows(self.connection, _explained(_DELTA).where(when).order_by(_DELTA.c.at, _DELTA.c.ordinal))
            ]
        return tuple(sorted(found, key=lambda piece: (piece.not_after, piece.host)))

    def newest_deltas(self, host: str, since: datetime, until: datetime, limit: int) -> tuple[RecordedDelta, ...]:
        """The newest ``limit`` deltas of a host that were found after ``since`` and up to ``until``, the newest first."""
        parameters = {"host": host, "since": since, "until": until, "most": limit}
        return tuple(rows.recorded_delta_of(row) for row in all_rows(self.connection, _NEWEST_DELTAS, parameters))

    def newest_observations(
        self, target: Target, since: datetime, until: datetime, limit: int, *, besides: Collection[str] = ()
    ) -> tuple[Observation, ...]:
        """The newest ``limit`` observations on a target after ``since`` and up to ``until``, the newest first.

        :param besides: what those are called that are left out.
        """
        parameters = {"kind": str(target.kind), "name": target.name, "since": since, "until": until, "most": limit, "besides": sorted(besides)}
        return tuple(rows.observation_of(row) for row in all_rows(self.connection, _NEWEST_OBSERVATIONS, parameters))

    def times_changed(self, hosts: Collection[str], since: datetime, until: datetime) -> dict[tuple[str, str], int]:
        """In how many snapshots of a host a path had changed after ``since`` and up to ``until``: what changes all the time says little."""
        counted: dict[tuple[str, str], int] = {}
        columns = (_DELTA.c.host, _DELTA.c.path, func.count(_DELTA.c.snapshot.distinct()).label("number"))
        for chunk in chunks(hosts):
            when = and_(_DELTA.c.host.in_(chunk), _DELTA.c.at > since, _DELTA.c.at <= until)
            for row in all_rows(self.connection, select(*columns).where(when).group_by(_DELTA.c.host, _DELTA.c.path)):
                counted[row["host"], row["path"]] = row["number"]
        return counted

    def same_path(self, hosts: Collection[str], paths: Collection[str], since: datetime, until: datetime) -> tuple[RecordedDelta, ...]:
        """Deltas of ``hosts`` at ``paths`` in the time: what peers did to the same files."""
        found: list[RecordedDelta] = []
        for host_chunk in chunks(hosts):
            for path_chunk in chunks(paths):
                where = and_(_DELTA.c.host.in_(host_chunk), _DELTA.c.path.in_(path_chunk), _DELTA.c.at > since, _DELTA.c.not_before < until)
                found += [rows.recorded_delta_of(row) for row in all_rows(self.connection, _explained(_DELTA).where(where))]
        return tuple(found)

    def deltas_of_file(self, host: str, path: str, until: datetime, limit: int) -> tuple[RecordedDelta, ...]:
        """The newest ``limit`` deltas of one file that were found up to ``until``, the newest first."""
        where = and_(_DELTA.c.host == host, _DELTA.c.path == path, _DELTA.c.at <= until)
        newest = _explained(_DELTA).where(where).order_by(_DELTA.c.at.desc(), _DELTA.c.snapshot.desc(), _DELTA.c.ordinal).limit(limit)
        return tuple(rows.recorded_delta_of(row) for row in all_rows(self.connection, newest))

    def deltas_of_change(self, change: str) -> tuple[RecordedDelta, ...]:
        """The deltas that a change's own run found, oldest first."""
        own = and_(_DELTA.c.change_id == change, _DELTA.c.change_id != text("''"))  # the second half is what the index says of itself
        statement = _explained(_DELTA).where(own).order_by(_DELTA.c.at, _DELTA.c.ordinal)
        return tuple(rows.recorded_delta_of(row) for row in all_rows(self.connection, statement))

    def snapshots_by_id(self, identities: Collection[str]) -> dict[str, Snapshot]:
        """Those of the snapshots that there are, by id."""
        found: dict[str, Snapshot] = {}
        for chunk in chunks(identities):
            found |= {row["id"]: rows.snapshot_of(row) for row in all_rows(self.connection, select(_SNAPSHOT).where(_SNAPSHOT.c.id.in_(chunk)))}
        return found

    def observations(
        self, targets: Collection[Target], since: datetime, until: datetime, *, what: Collection[str] | None = None
    ) -> tuple[Observation, ...]:
        """The observations on ``targets`` after ``since`` and up to ``until``, oldest first.

        :param what: only those that are called so; None for all.
        """
        found: list[Observation] = []
        statement = _explained(_OBSERVATION).where(names_one_of(_OBSERVATION), _OBSERVATION.c.at > since, _OBSERVATION.c.at <= until)
        if what is not None:
            statement = statement.where(_OBSERVATION.c.what.in_(sorted(what)))
        for chunk in chunks(targets):
            found += [rows.observation_of(row) for row in all_rows(self.connection, statement, names_of(chunk))]
        return tuple(sorted(found, key=lambda seen: (seen.at, seen.id)))

    def kinds_observed(self, hosts: Collection[str], since: datetime, until: datetime) -> dict[str, frozenset[str]]:
        """Host → the kinds of observations made on it in ``(since, until]``."""
        found: dict[str, set[str]] = {}
        for chunk in chunks(hosts):
            statement = (
                select(_OBSERVATION.c.target_name, _OBSERVATION.c.what)
                .where(_OBSERVATION.c.target_kind == TargetKind.HOST, _OBSERVATION.c.target_name.in_(chunk))
                .where(_OBSERVATION.c.at > since, _OBSERVATION.c.at <= until)
                .distinct()
            )
            for row in all_rows(self.connection, statement):
                found.setdefault(row["target_name"], set()).add(row["what"])
        return {host: frozenset(kinds) for host, kinds in found.items()}

    def pending_restarts(self, hosts: Collection[str] | None = None) -> tuple[Observation, ...]:
        """Restarts and reboots of hosts (all if None) that are pending for all that is recorded, oldest first.

        One is over when something is recorded that ``closes`` or ``supersedes`` it by its ``ref``, and when the host was booted again since. The
        database leaves out what is over: of a service that is restarted every night there are thousands of these.
        """
        statement = _explained(_OBSERVATION).where(text(IS_PENDING), ~_is_ended(), ~_is_booted_since())
        asked = [statement] if hosts is None else [statement.where(_OBSERVATION.c.target_name.in_(chunk)) for chunk in chunks(hosts)]
        found = [rows.observation_of(row) for each in asked for row in all_rows(self.connection, each)]
        return tuple(sorted(found, key=lambda seen: (seen.at, seen.id)))

    def host_of_delta(self, identity: str) -> str | None:
        """The host that a delta was found on, None if there is no such delta."""
        row = first_row(self.connection, select(_DELTA.c.host).where(_DELTA.c.id == identity))
        return None if row is None else str(row["host"])

    def deltas_by_id(self, identities: Collection[str]) -> tuple[RecordedDelta, ...]:
        """Those of the deltas that there are."""
        found: list[RecordedDelta] = []
        for chunk in chunks(identities):
            found += [rows.recorded_delta_of(row) for row in all_rows(self.connection, _explained(_DELTA).where(_DELTA.c.id.in_(chunk)))]
        return tuple(found)

    def observation(self, identity: str) -> Observation | None:
        """The observation with this id, None if there is none."""
        row = first_row(self.connection, _explained(_OBSERVATION).where(_OBSERVATION.c.id == identity))
        return None if row is None else rows.observation_of(row)

    def evidence_ids(self, prefix: str) -> tuple[str, ...]:
        """The delta or observation with this id, else up to six ids that begin like that."""
        ids = union(select(_DELTA.c.id), select(_OBSERVATION.c.id)).subquery()
        if any(first_row(self.connection, select(table.c.id).where(table.c.id == prefix)) for table in (_DELTA, _OBSERVATION)):
            return (prefix,)
        statement = select(ids.c.id).where(starts_with(ids.c.id, prefix)).order_by(ids.c.id).limit(6)
        return tuple(row["id"] for row in all_rows(self.connection, statement))


def _is_ended() -> ColumnElement[bool]:
    """Whether something is recorded that ends what is pending. Only what has a name can be ended by it."""
    return exists().where(_ENDING.c.closes == _OBSERVATION.c.pending, _OBSERVATION.c.pending != "")


def _is_booted_since() -> ColumnElement[bool]:
    """Whether the host was booted since, into another boot than the one in which it was pending."""
    reboot = _OBSERVATION.alias("reboot")
    same = and_(reboot.c.target_kind == _OBSERVATION.c.target_kind, reboot.c.target_name == _OBSERVATION.c.target_name)
    return exists().where(text(f"reboot.{IS_REBOOT}"), same, reboot.c.at > _OBSERVATION.c.at, reboot.c.boot_id != _OBSERVATION.c.boot_id)


def _explained(table: Table) -> Select[Any]:
    """``table`` with the change that somebody named for each row by hand."""
    joined = table.outerjoin(_EXPLANATION, _EXPLANATION.c.evidence == table.c.id)
    return select(table, _EXPLANATION.c.change_id.label("explained_by")).select_from(joined)


# Built once: putting a statement together takes longer than running it, and these are asked of every host.
_NEWEST_DELTAS = (
    _explained(_DELTA)
    .where(_DELTA.c.host == bindparam("host"), _DELTA.c.at > bindparam("since"), _DELTA.c.at <= bindparam("until"))
    .order_by(_DELTA.c.at.desc(), _DELTA.c.ordinal.desc())
    .limit(bindparam("most"))
)
_NEWEST_OBSERVATIONS = (
    _explained(_OBSERVATION)
    .where(_OBSERVATION.c.target_kind == bindparam("kind"), _OBSERVATION.c.target_name == bindparam("name"))
    .where(_OBSERVATION.c.at > bindparam("since"), _OBSERVATION.c.at <= bindparam("until"))
    .where(_OBSERVATION.c.what.not_in(bindparam("besides", expanding=True)))
    .order_by(_OBSERVATION.c.at.desc(), _OBSERVATION.c.id.desc())
    .limit(bindparam("most"))
)
