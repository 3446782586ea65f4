"""What the gate asks: which changes may cover an edit; and what a snapshot asks: what the gate has let in for its host."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, union_all

from changelog_ledger.model.change import Change
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.topology import Target
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.expected import expected_of
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.reach import asked_of, hosts_by_service, hosts_of, naming
from changelog_ledger.store.reading import all_rows, chunks, names_of, names_one_of
from changelog_ledger.store.schedule_queries import ScheduleQuestions
from changelog_ledger.store.tables import ChangeRow, ChangeTimeRow, ExpectedRow, ServiceHostRow, table_of

_CHANGE, _CHANGE_TIME, _SERVICE_HOST, _EXPECTED = (table_of(row) for row in (ChangeRow, ChangeTimeRow, ServiceHostRow, ExpectedRow))

_IN_STATUS = select(_CHANGE.c.state).where(_CHANGE.c.status.in_(bindparam("statuses", expanding=True))).order_by(_CHANGE.c.id)
_NAMING = _IN_STATUS.where(
    select(_CHANGE_TIME.c.change_id).where(_CHANGE_TIME.c.change_id == _CHANGE.c.id, names_one_of(_CHANGE_TIME)).correlate(_CHANGE).exists()
)
"""By status first: few changes are open, and many may have touched a target."""

_UNTIL = _EXPECTED.c.at <= bindparam("until")
_ON_HOST = select(_SERVICE_HOST.c.service).where(_SERVICE_HOST.c.host == bindparam("host"))
_SAID = union_all(
    select(_EXPECTED).where(_EXPECTED.c.target_kind == "host", _EXPECTED.c.target_name == bindparam("host"), _UNTIL),
    select(_EXPECTED).where(_EXPECTED.c.target_kind == "service", _EXPECTED.c.target_name.in_(_ON_HOST), _UNTIL),
    select(_EXPECTED).where(_EXPECTED.c.target_kind == "all", _EXPECTED.c.target_name == "", _UNTIL),
).subquery()
_SPEAKING = select(_SAID).order_by(_SAID.c.at.desc(), _SAID.c.id.desc(), _SAID.c.ordinal.desc())
_NAMED_BETWEEN = select(_EXPECTED).where(names_one_of(_EXPECTED), _EXPECTED.c.at >= bindparam("since"), _UNTIL).order_by(_EXPECTED.c.at.desc())


@dataclass(frozen=True)
class GateQuestions:
    """The gate's questions. :class:`~changelog_ledger.store.books.GateBooks` says what each means."""

    connection: Connection

    def open_changes(self, statuses: Collection[str], targets: Collection[Target]) -> tuple[Change, ...]:
        """The changes in one of these statuses that speak for one of the targets (for any, if none is given), by id."""
        wanted = {"statuses": [str(status) for status in statuses]}
        if not targets:
            return tuple(change_from_json(row["state"]) for row in all_rows(self.connection, _IN_STATUS, wanted))
        services = self.runs_on(hosts_of(targets))
        found: dict[str, Change] = {}
        for chunk in chunks(asked_of(targets, services)):
            for row in all_rows(self.connection, _NAMING, wanted | names_of(chunk)):
                change = change_from_json(row["state"])
                found[change.id] = change
        return naming(found.values(), targets, services)

    def changes_named(self, ids: Collection[str]) -> tuple[Change, ...]:
        """Those of the changes with these ids that there are, by id. Case does not matter."""
        found: list[Change] = []
        for chunk in chunks(sorted({plain_text(identity.strip().upper()) for identity in ids})):
            statement = select(_CHANGE.c.state).where(_CHANGE.c.id.in_(chunk)).order_by(_CHANGE.c.id)
            found += [change_from_json(row["state"]) for row in all_rows(self.connection, statement)]
        return tuple(found)

    def runs_on(self, hosts: Collection[str]) -> dict[Target, frozenset[str]]:
        """The services that run on one of the hosts, each with those of the hosts that it runs on."""
        services = ScheduleQuestions(self.connection).services_by_host([plain_text(host) for host in hosts])
        return hosts_by_service((service, host) for host, found in services.items() for service in found)

    def expected_at(self, host: str, until: datetime) -> tuple[Expected, ...]:
        """The edits that are to be expected on a host, said up to ``until``: its own, those of services on it and of ``all``; the newest first."""
        return tuple(expected_of(row) for row in all_rows(self.connection, _SPEAKING, {"host": plain_text(host), "until": until}))

    def expected_on(self, targets: Collection[Target], since: datetime, until: datetime) -> tuple[Expected, ...]:
        """The edits that were let in for one of the targets itself between two moments, the newest first."""
        moments = {"since": since, "until": until}
        return tuple(expected_of(row) for chunk in chunks(targets) for row in all_rows(self.connection, _NAMED_BETWEEN, moments | names_of(chunk)))
