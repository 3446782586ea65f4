"""What the gate asks of a SQLite file by the lean way. :mod:`changelog_ledger.store.gate_queries` asks the same of every database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from changelog_ledger.model.change import Change
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.reach import asked_of, hosts_by_service, hosts_of, naming

_CHUNK = 400
"""Values of one statement: of every kind of target together far below what any SQLite takes (SQLITE_MAX_VARIABLE_NUMBER, 999 before 3.32)."""


def open_changes(connection: sqlite3.Connection, statuses: Collection[str], targets: Collection[Target]) -> tuple[Change, ...]:
    """The changes in one of these statuses that speak for one of the targets (for any, if none is given), by id."""
    if not targets:
        return tuple(_changes(connection, statuses, "", ()))
    services = runs_on(connection, hosts_of(targets))
    found: dict[str, Change] = {}
    for chunk in _chunks(asked_of(targets, services)):
        wanted, values = _named(chunk)
        condition = f"AND EXISTS (SELECT 1 FROM change_time t WHERE t.change_id = c.id AND ({wanted}))"
        found |= {change.id: change for change in _changes(connection, statuses, condition, values)}
    return naming(found.values(), targets, services)


def changes_named(connection: sqlite3.Connection, ids: Collection[str]) -> tuple[Change, ...]:
    """Those of the changes with these ids that there are, by id. Case does not matter."""
    found: list[Change] = []
    for chunk in _chunks(sorted({plain_text(identity.strip().upper()) for identity in ids})):
        rows = connection.execute(f"SELECT state FROM change WHERE id IN ({_marks(chunk)}) ORDER BY id", chunk)
        found += [change_from_json(json.loads(row["state"])) for row in rows]
    return tuple(found)


def runs_on(connection: sqlite3.Connection, hosts: Collection[str]) -> dict[Target, frozenset[str]]:
    """The services that run on one of the hosts, each with those of the hosts that it runs on."""
    pairs: list[tuple[str, str]] = []
    for chunk in _chunks([plain_text(host) for host in hosts]):
        rows = connection.execute(f"SELECT service, host FROM service_host WHERE host IN ({_marks(chunk)}) ORDER BY host, service", chunk)
        pairs += [(row["service"], row["host"]) for row in rows]
    return hosts_by_service(pairs)


def _changes(connection: sqlite3.Connection, statuses: Collection[str], condition: str, values: Sequence[str]) -> Iterator[Change]:
    """By status first: few changes are open, and many may have touched a target."""
    listed = [str(status) for status in statuses]
    rows = connection.execute(f"SELECT c.state FROM change c WHERE c.status IN ({_marks(listed)}) {condition} ORDER BY c.id", (*listed, *values))
    return (change_from_json(json.loads(row["state"])) for row in rows)


def _named(targets: Sequence[Target]) -> tuple[str, list[str]]:
    """The condition that a row names one of the targets, and its values."""
    names = {kind: [target.name for target in targets if target.kind is kind] for kind in TargetKind}
    conditions = [f"(t.target_kind = '{kind}' AND t.target_name IN ({_marks(listed)}))" for kind, listed in names.items() if listed]
    return " OR ".join(conditions), [name for listed in names.values() for name in listed]


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values))


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
