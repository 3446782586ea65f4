"""What can be asked around a planned change: what depends on its targets, and what past changes there touched and came to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select, union

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.reading import all_rows, chunks, scalar
from changelog_ledger.store.tables import (
    ChangeRow,
    ChangeTimeRow,
    DeltaRow,
    DependencyRow,
    ExplanationRow,
    HostRow,
    ServiceHostRow,
    ServiceRow,
    table_of,
)

_HOST, _SERVICE, _SERVICE_HOST, _DEPENDENCY = (table_of(row) for row in (HostRow, ServiceRow, ServiceHostRow, DependencyRow))
_CHANGE, _CHANGE_TIME, _DELTA, _EXPLANATION = (table_of(row) for row in (ChangeRow, ChangeTimeRow, DeltaRow, ExplanationRow))

FINISHED = tuple(map(str, (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK)))

_MOST_TARGETS = 50
"""Targets of a change whose history is looked at; a change on more of them is planned for a fleet, and all of them have much the same one."""

_MOST_PATHS = 20_000
"""Rows of what past changes touched that are read at most."""


@dataclass(frozen=True)
class AssessmentQuestions:
    """The surroundings of a planned change."""

    connection: Connection

    def counts(self) -> tuple[int, int]:
        """How many hosts and services are known."""
        hosts, services = (scalar(self.connection, select(func.count()).select_from(table)) for table in (_HOST, _SERVICE))
        return int(hosts or 0), int(services or 0)

    def needed_by(self, hosts: Collection[str], services: Collection[str]) -> dict[Target, tuple[str, ...]]:
        """The services that depend on ``hosts``, on ``services``, on services that run on ``hosts``, and on any of those, by what they depend on.

        One recursive query for each four hundred names. It collects names, not ways: each is reached once, so that cycles end.
        """
        found: dict[Target, set[str]] = {}
        for some_hosts, some_services in _paired(hosts, services):
            for row in all_rows(self.connection, _edges_above(some_hosts, some_services)):
                found.setdefault(Target(TargetKind(row["target_kind"]), row["target_name"]), set()).add(row["service"])
        return {target: tuple(sorted(names)) for target, names in found.items()}

    def owners(self, services: Collection[str]) -> dict[str, str]:
        """Who answers for each service: its attribute ``owner``, else that of the hosts it runs on where they all have the same."""
        own: dict[str, str] = {}
        of_hosts: dict[str, set[str]] = {}
        for chunk in chunks(services):
            for row in all_rows(self.connection, select(_SERVICE).where(_SERVICE.c.name.in_(chunk))):
                own[row["name"]] = row["attributes"].get("owner", "")
            joined = _SERVICE_HOST.join(_HOST, _HOST.c.name == _SERVICE_HOST.c.host)
            hosts = select(_SERVICE_HOST.c.service, _HOST.c.attributes).select_from(joined).where(_SERVICE_HOST.c.service.in_(chunk))
            for row in all_rows(self.connection, hosts):
                of_hosts.setdefault(row["service"], set()).add(row["attributes"].get("owner", ""))
        return {name: owner or _only(of_hosts.get(name, set())) for name, owner in own.items()}

    def finished_on(self, targets: Collection[Target], until: datetime, limit: int) -> tuple[Change, ...]:
        """The latest ``limit`` changes on one of ``targets`` that began up to ``until`` and are finished, the newest first; without assessments."""
        begun: dict[str, datetime] = {}
        for target in list(targets)[:_MOST_TARGETS]:
            named = and_(_CHANGE_TIME.c.target_kind == str(target.kind), _CHANGE_TIME.c.target_name == target.name, _CHANGE_TIME.c.begins_at <= until)
            joined = _CHANGE_TIME.join(_CHANGE, _CHANGE.c.id == _CHANGE_TIME.c.change_id)
            statement = select(_CHANGE_TIME.c.change_id, _CHANGE_TIME.c.begins_at).select_from(joined).where(named, _CHANGE.c.status.in_(FINISHED))
            for row in all_rows(self.connection, statement.order_by(_CHANGE_TIME.c.begins_at.desc()).limit(limit)):
                begun[row["change_id"]] = row["begins_at"]
        newest = sorted(begun, key=lambda identity: (begun[identity], identity), reverse=True)[:limit]
        found = self._changes(newest)
        return tuple(found[identity] for identity in newest)

    def finished_anywhere(self, until: datetime, limit: int) -> tuple[Change, ...]:
        """Those of the latest ``limit`` changes that are finished, the newest first; without assessments."""
        newest = select(_CHANGE.c.id, _CHANGE.c.status).where(_CHANGE.c.begins_at <= until).order_by(_CHANGE.c.begins_at.desc()).limit(limit)
        ids = [row["id"] for row in all_rows(self.connection, newest) if row["status"] in FINISHED]
        found = self._changes(ids)
        return tuple(found[identity] for identity in ids)

    def touched(self, changes: Collection[str]) -> dict[str, frozenset[str]]:
        """The paths of the differences that each change's own run found, or that somebody attributed to it by hand."""
        found: dict[str, set[str]] = {}
        for chunk in chunks(changes):
            own = select(_DELTA.c.change_id, _DELTA.c.path).where(_DELTA.c.change_id.in_(chunk), _DELTA.c.change_id != "")
            joined = _EXPLANATION.join(_DELTA, _DELTA.c.id == _EXPLANATION.c.evidence)
            explained = select(_EXPLANATION.c.change_id, _DELTA.c.path).select_from(joined).where(_EXPLANATION.c.change_id.in_(chunk))
            for statement in (own, explained):
                for row in all_rows(self.connection, statement.distinct().limit(_MOST_PATHS)):
                    found.setdefault(row["change_id"], set()).add(row["path"])
        return {identity: frozenset(paths) for identity, paths in found.items()}

    def _changes(self, ids: Collection[str]) -> dict[str, Change]:
        """Changes without their assessments, which may be long and are of no use here."""
        found: dict[str, Change] = {}
        for chunk in chunks(ids):
            for row in all_rows(self.connection, select(_CHANGE.c.id, _CHANGE.c.state).where(_CHANGE.c.id.in_(chunk))):
                found[row["id"]] = change_from_json({name: value for name, value in row["state"].items() if name != "assessment"})
        return found


def _edges_above(hosts: Collection[str], services: Collection[str]) -> Select[Any]:
    """Which service depends on which target, for all targets at or above the given ones."""
    running = select(_SERVICE_HOST.c.service.label("service")).where(_SERVICE_HOST.c.host.in_(hosts))
    on_hosts = and_(_DEPENDENCY.c.target_kind == str(TargetKind.HOST), _DEPENDENCY.c.target_name.in_(hosts))
    named = select(_SERVICE.c.name).where(_SERVICE.c.name.in_(services))
    begun = union(running, select(_DEPENDENCY.c.service).where(on_hosts), named).subquery()
    reached = select(begun.c.service).cte("reached", recursive=True)
    is_reached = and_(_DEPENDENCY.c.target_kind == str(TargetKind.SERVICE), _DEPENDENCY.c.target_name == reached.c.service)
    closure = reached.union(select(_DEPENDENCY.c.service).join(reached, is_reached))
    above = and_(_DEPENDENCY.c.target_kind == str(TargetKind.SERVICE), _DEPENDENCY.c.target_name == closure.c.service)
    return select(union(select(_DEPENDENCY).join(closure, above), select(_DEPENDENCY).where(on_hosts)).subquery())


def _paired(hosts: Collection[str], services: Collection[str]) -> Iterable[tuple[list[str], list[str]]]:
    """Both in pieces: the hosts, then the services."""
    yield from ((chunk, []) for chunk in chunks(hosts))
    yield from (([], chunk) for chunk in chunks(services))


def _only(names: Collection[str]) -> str:
    """The name, if there is just one."""
    return next(iter(names)) if len(names) == 1 else ""
