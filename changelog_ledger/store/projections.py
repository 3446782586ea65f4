"""Facts become rows.

A :class:`Projector` lives for one transaction: facts go in, in order, rows collect, :meth:`Projector.flush` writes them in bulk. What a later fact
alters (hosts, services, changes) is kept by key, so the last state wins and is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import derived_id, evidence_id
from changelog_ledger.model.processes import PENDING, closed_references
from changelog_ledger.model.retention import followers
from changelog_ledger.model.times import parse_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.explained_places import standing_there
from changelog_ledger.store.foresight import Foresight
from changelog_ledger.store.incident_codec import with_step
from changelog_ledger.store.incident_rows import incident_rows
from changelog_ledger.store.plain import indexed_text
from changelog_ledger.store.reading import chunks, names_of, names_one_of
from changelog_ledger.store.tables import (
    ChangeRow,
    ChangeTimeRow,
    DeltaRow,
    DependencyRow,
    EndingRow,
    ExpectedRow,
    ExpiredSnapshotRow,
    ExplanationRow,
    FreezeRow,
    HostRow,
    IncidentLinkRow,
    IncidentRow,
    IncidentTargetRow,
    MaintenanceRow,
    MarkedRow,
    MarkRow,
    ObservationRow,
    OpenChangeRow,
    ServiceHostRow,
    ServiceRow,
    SnapshotRow,
    table_of,
)
from changelog_ledger.store.writing import Row, delta_rows, expected_rows, snapshot_row

_CHUNK = 500

DeltasOf = Callable[[str, str | None, str], Sequence[Delta]]
"""Gives the deltas of a snapshot by its id, the commit that it follows (None if it is its host's first) and its own commit."""


class Projector:
    """Applies facts to the projections of one open transaction.

    :param foresight: what is known of the expiry of snapshots; one for all the facts of a rebuild.
    """

    def __init__(self, connection: Connection, deltas_of: DeltasOf, foresight: Foresight) -> None:
        self._connection = connection
        self._deltas_of = deltas_of
        self._foresight = foresight
        self._rows: dict[type[Any], list[Row]] = {}
        self._hosts: dict[str, Row] = {}
        self._services: dict[str, Mapping[str, Any]] = {}
        self._changes: dict[str, tuple[dict[str, Any], datetime]] = {}
        self._new_changes: set[str] = set()
        self._incidents: dict[str, dict[str, Any]] = {}
        self._explanations: dict[str, str] = {}
        self._explained_places: dict[str, Mapping[str, Any]] = {}
        self._marked: set[Target] = set()
        self._lifted: dict[str, datetime] = {}
        self._given_up: dict[str, datetime] = {}

    def apply(self, fact: Fact) -> None:
        """Take one fact in."""
        _APPLY[fact.kind](self, fact)

    def flush(self) -> None:
        """Write what has collected. A projector is used up by it; take a new one for the next facts."""
        self._flush_hosts()
        self._flush_services()
        self._flush_changes()
        self._flush_incidents()
        self._flush_marked()
        self._replace(ExplanationRow, "evidence", [{"evidence": piece, "change_id": change} for piece, change in self._explanations.items()])
        self._flush_rows(*self._rows)
        self._explain_what_reads_otherwise()
        for row_class, lifted in ((FreezeRow, self._lifted), (MaintenanceRow, self._given_up)):
            table = table_of(row_class)
            for identity, moment in lifted.items():
                self._connection.execute(table.update().where(table.c.id == identity).values(lifted_at=moment))

    # ---- topology

    def _host(self, fact: Fact) -> None:
        body = fact.data
        self._hosts[body["name"]] = {"name": body["name"], "tags": body["tags"], "attributes": body["attrs"], "retired_at": None}

    def _host_retired(self, fact: Fact) -> None:
        name = fact.data["name"]
        known = self._hosts.get(name) or self._stored(HostRow, HostRow.name, name)
        if known is not None:
            self._hosts[name] = {**known, "retired_at": fact.occurred_at}

    def _service(self, fact: Fact) -> None:
        body = fact.data
        self._services[body["name"]] = body

    def _flush_hosts(self) -> None:
        self._replace(HostRow, "name", list(self._hosts.values()))

    def _flush_services(self) -> None:
        names = list(self._services)
        self._replace(ServiceRow, "name", [{"name": name, "attributes": body.get("attrs", {})} for name, body in self._services.items()])
        runs_on = [{"service": name, "host": host} for name, body in self._services.items() for host in dict.fromkeys(body["runs_on"])]
        self._replace(ServiceHostRow, "service", runs_on, names)
        targets = [(name, Target.parse(text)) for name, body in self._services.items() for text in dict.fromkeys(body["depends_on"])]
        depends_on = [{"service": name, "target_kind": str(target.kind), "target_name": target.name} for name, target in targets]
        self._replace(DependencyRow, "service", depends_on, names)

    # ---- changes

    def _change(self, fact: Fact) -> None:
        body = fact.data
        self._new_changes.add(body["id"])
        said = body.get("recorded_at")  # a moment before the fact itself: steps that come later know no other
        self._changes[body["id"]] = (body, parse_instant(said) if said else fact.recorded_at)

    def _change_step(self, fact: Fact) -> None:
        body = fact.data
        change_id = body["change"]
        known = self._changes.get(change_id)
        if known is None:
            row = self._stored(ChangeRow, ChangeRow.id, change_id)
            if row is None:  # a step of a change that is not here (yet): the fact stays, there is nothing to show
                return
            known = (row["state"], parse_instant(row["state"]["recorded_at"]))
        state = {**known[0], **body.get("set", {})}
        if note := body.get("note"):
            state["notes"] = [*known[0].get("notes", ()), note]
        if item := body.get("item"):
            state["items"] = _with_item(known[0].get("items", ()), item)
        self._changes[change_id] = (state, known[1])

    def _flush_changes(self) -> None:
        stepped = [change_id for change_id in self._changes if change_id not in self._new_changes]
        self._delete(ChangeRow, "id", stepped)
        self._delete(ChangeTimeRow, "change_id", stepped)
        self._delete(OpenChangeRow, "change_id", stepped)
        rows, times, held = [], [], []
        for state, recorded_at in self._changes.values():
            state = {"recorded_at": recorded_at.isoformat(), **state}
            change = change_from_json(state)
            row, targets = _change_rows(change, state, recorded_at)
            rows.append(row)
            times.extend(targets)
            held.extend(_held(change))
        self._insert(ChangeRow, rows)
        self._insert(ChangeTimeRow, times)
        self._insert(OpenChangeRow, held)

    # ---- incidents

    def _incident(self, fact: Fact) -> None:
        self._incidents[fact.data["id"]] = fact.data

    def _incident_step(self, fact: Fact) -> None:
        body = fact.data
        known = self._incidents.get(body["incident"])
        if known is None:
            row = self._stored(IncidentRow, IncidentRow.id, body["incident"])
            if row is None:  # a step of an incident that is not here (yet): the fact stays, there is nothing to show
                return
            known = row["state"]
        self._incidents[body["incident"]] = with_step(known, body)

    def _flush_incidents(self) -> None:
        found = [incident_rows(state) for state in self._incidents.values()]
        ids = list(self._incidents)
        self._replace(IncidentRow, "id", [row for row, _, _ in found], ids)
        self._replace(IncidentTargetRow, "incident", [row for _, targets, _ in found for row in targets], ids)
        self._replace(IncidentLinkRow, "incident", [row for _, _, links in found for row in links], ids)

    # ---- snapshots and their deltas

    def _snapshot(self, fact: Fact) -> None:
        follows = self._foresight.predecessor(fact)
        if follows is None:
            return
        row = snapshot_row(fact, follows)
        self._add(SnapshotRow, row)
        self._add_deltas(row)

    def _add_deltas(self, snapshot: Row) -> None:
        deltas = self._deltas_of(snapshot["id"], snapshot["previous_commit"], snapshot["commit_id"])
        for row in delta_rows(snapshot, deltas):
            self._add(DeltaRow, row)

    def _expiry(self, fact: Fact) -> None:
        """Snapshots are gone; whatever followed one of them follows the last one before it that is kept, and differs from that."""
        body = fact.data
        host, expired = body["host"], body["snapshots"]
        self._flush_rows(SnapshotRow, DeltaRow)  # those meant may be among them
        known = table_of(SnapshotRow)
        found = self._connection.execute(select(known).where(known.c.host == host).order_by(known.c.at, known.c.id)).mappings()
        rows = {row["id"]: dict(row) for row in found}
        self._delete(SnapshotRow, "id", list(expired))
        self._delete(DeltaRow, "snapshot", list(expired))
        for identity, at in expired.items():
            self._add(ExpiredSnapshotRow, {"id": identity, "host": host, "at": parse_instant(at), "expired_at": fact.occurred_at})
        moved = [_following(rows[identity], rows[last] if last else None) for identity, last in followers(list(rows), expired)]
        self._replace(SnapshotRow, "id", moved)
        self._delete(DeltaRow, "snapshot", [row["id"] for row in moved])
        for row in moved:
            self._add_deltas(row)

    # ---- the rest

    def _observation(self, fact: Fact) -> None:
        body = fact.data
        target = Target.parse(body["on"])
        data, identity = body.get("data", {}), evidence_id("observation", fact.key)
        row = {name: body.get(name, "") for name in ("ref", "what", "summary")}
        row |= {"id": identity, "target_kind": str(target.kind), "target_name": target.name, "at": fact.occurred_at}
        is_pending = body["what"] in PENDING
        pending = indexed_text(_told(data, "ref")) if is_pending else ""
        self._add(ObservationRow, row | {"data": data, "actor": fact.actor, "boot_id": _told(data, "boot_id"), "pending": pending})
        ended = closed_references(data) | {_told(data, "supersedes") if is_pending else ""}
        for closes in {indexed_text(ref) for ref in ended if ref}:
            self._add(EndingRow, {"closes": closes, "observation": identity})

    def _mark(self, fact: Fact) -> None:
        body = fact.data
        target = Target.parse(body["target"])
        row = {"id": fact.id, "target_kind": str(target.kind), "target_name": target.name, "state": body["state"], "at": fact.occurred_at}
        self._add(MarkRow, row | {"actor": fact.actor, "source": body.get("source", ""), "symptom": body.get("symptom", "")})
        self._marked.add(target)

    def _flush_marked(self) -> None:
        """The targets that have their first mark now."""
        table = table_of(MarkedRow)
        for chunk in chunks(sorted(self._marked)):
            known = self._connection.execute(select(table).where(names_one_of(table)), names_of(chunk)).all()
            lacking = {(str(target.kind), target.name) for target in chunk} - {(kind, name) for kind, name in known}
            self._insert(MarkedRow, [{"target_kind": kind, "target_name": name} for kind, name in sorted(lacking)])

    def _explanation(self, fact: Fact) -> None:
        body = fact.data
        self._explanations |= dict.fromkeys(body["evidence"], body["change"])
        self._explained_places |= body.get("places", {})

    def _explain_what_reads_otherwise(self) -> None:
        """Explanations of deltas whose ids are gone, since their files are read by another parser now, hold for what stands in their place."""
        delta = table_of(DeltaRow)
        gone = set(self._explained_places)
        for chunk in chunks(self._explained_places):
            gone -= set(self._connection.execute(select(delta.c.id).where(delta.c.id.in_(chunk))).scalars())
        rows = []
        for piece in sorted(gone):
            place = self._explained_places[piece]
            there = delta.c.snapshot == place["snapshot"], delta.c.path == indexed_text(place["path"])
            known = self._connection.execute(select(delta.c.id, delta.c.key, delta.c.op, delta.c.line).where(*there)).mappings()
            found = standing_there(place, map(dict, known))
            rows += [{"evidence": identity, "change_id": self._explanations[piece]} for identity in found if identity not in self._explanations]
        self._replace(ExplanationRow, "evidence", list({row["evidence"]: row for row in rows}.values()))

    def _expected(self, fact: Fact) -> None:
        for row in expected_rows(fact):
            self._add(ExpectedRow, row)

    def _freeze(self, fact: Fact) -> None:
        body = fact.data
        identity = body.get("id") or derived_id("FRZ", fact.key)
        row = {"id": identity, "title": body["title"], "start": parse_instant(body["start"]), "end": parse_instant(body["end"])}
        self._add(FreezeRow, row | {"targets": body["on"], "lifted_at": None})

    def _freeze_lifted(self, fact: Fact) -> None:
        self._lifted[fact.data["freeze"]] = fact.occurred_at

    def _maintenance(self, fact: Fact) -> None:
        body = fact.data
        row = {name: body.get(name, "") for name in ("title", "zone", "rule")}
        row |= {"id": body["id"], "start": parse_instant(body["start"]), "seconds": body["seconds"], "targets": body["on"], "lifted_at": None}
        self._add(MaintenanceRow, row)

    def _maintenance_lifted(self, fact: Fact) -> None:
        self._given_up[fact.data["maintenance"]] = fact.occurred_at

    # ---- writing

    def _add(self, row_class: type[Any], row: Row) -> None:
        self._rows.setdefault(row_class, []).append(row)

    def _flush_rows(self, *row_classes: type[Any]) -> None:
        for row_class in row_classes:
            self._insert(row_class, self._rows.pop(row_class, ()))

    def _insert(self, row_class: type[Any], rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(insert(table_of(row_class)), rows)

    def _replace(self, row_class: type[Any], column: str, rows: Sequence[Row], keys: Iterable[str] | None = None) -> None:
        self._delete(row_class, column, [row[column] for row in rows] if keys is None else list(keys))
        self._insert(row_class, rows)

    def _delete(self, row_class: type[Any], column: str, keys: Sequence[str]) -> None:
        table: Table = table_of(row_class)
        for start in range(0, len(keys), _CHUNK):
            self._connection.execute(delete(table).where(table.c[column].in_(keys[start : start + _CHUNK])))

    def _stored(self, row_class: type[Any], column: Any, key: str) -> Row | None:
        found = self._connection.execute(select(table_of(row_class)).where(column == key)).mappings().first()
        return dict(found) if found else None


def _change_rows(change: Change, state: Mapping[str, Any], recorded_at: datetime) -> tuple[Row, list[Row]]:
    begins = change.begins or recorded_at
    ends = change.finished_at or (None if change.started_at else change.planned_end)
    later = [note.at for note in change.notes if note.step == Status.ROLLED_BACK]  # a roll-back days later touches the target once more
    ends = ends and max((ends, *later))
    row = {"id": change.id, "ref": change.ref, "status": str(change.status), "begins_at": begins, "ends_at": ends, "state": state}
    row["rollback_to"] = indexed_text(change.rollback_to)
    touched = dict.fromkeys((*change.on, *change.affects))
    times = [
        {"target_kind": str(target.kind), "target_name": target.name, "begins_at": begins, "change_id": change.id, "ends_at": ends}
        for target in touched
    ]
    return row, times


def _held(change: Change) -> list[Row]:
    """The targets that an open change holds, if it is known since when."""
    if not change.is_open or change.begins is None:
        return []
    times = {"begins_at": change.begins, "ends_at": change.planned_end, "under_way": change.status is Status.STARTED, "parent": change.parent}
    return [{"change_id": change.id, "target_kind": str(target.kind), "target_name": target.name} | times for target in dict.fromkeys(change.on)]


def _told(data: Mapping[str, Any], name: str) -> str:
    """A text in an observation's data, which may hold anything; empty where there is none."""
    said = data.get(name)
    return said if isinstance(said, str) else ""


def _with_item(items: Iterable[Mapping[str, Any]], item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A checklist with one item as it is now: in its place, or behind the others. Two people who tick different items are both right."""
    kept = [item if known["text"] == item["text"] else known for known in items]
    return kept if item in kept else [*kept, item]


def _following(snapshot: Row, last: Row | None) -> Row:
    return {**snapshot, "previous_commit": last["commit_id"] if last else None, "previous_at": last["at"] if last else None}


_APPLY: Mapping[str, Callable[[Projector, Fact], None]] = {
    "host": Projector._host,
    "host-retired": Projector._host_retired,
    "service": Projector._service,
    "change": Projector._change,
    "change-step": Projector._change_step,
    "snapshot": Projector._snapshot,
    "expiry": Projector._expiry,
    "observation": Projector._observation,
    "mark": Projector._mark,
    "explanation": Projector._explanation,
    "expected": Projector._expected,
    "freeze": Projector._freeze,
    "freeze-lifted": Projector._freeze_lifted,
    "maintenance": Projector._maintenance,
    "maintenance-lifted": Projector._maintenance_lifted,
    "incident": Projector._incident,
    "incident-step": Projector._incident_step,
}

FACT_KINDS = tuple(_APPLY)
