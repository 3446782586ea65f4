"""Questions about time: freezes, maintenance windows, and which changes hold what when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, bindparam, or_, select

from changelog_ledger.errors import Ambiguous, NotFound
from changelog_ledger.model.change import Change, Freeze
from changelog_ledger.model.identifiers import identifier_prefix
from changelog_ledger.model.schedule import Booking, MaintenanceWindow
from changelog_ledger.model.times import LATEST
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.codec import change_from_json
from changelog_ledger.store.reading import all_rows, chunks
from changelog_ledger.store.tables import ChangeRow, FreezeRow, MaintenanceRow, OpenChangeRow, ServiceHostRow, table_of

_CHANGE, _OPEN, _FREEZE, _MAINTENANCE = (table_of(row) for row in (ChangeRow, OpenChangeRow, FreezeRow, MaintenanceRow))
_SERVICE_HOST = table_of(ServiceHostRow)
_Thing = TypeVar("_Thing")

_KINDS = {kind.value: kind for kind in TargetKind}

LOOKS_BACK = timedelta(days=31)
"""A closed change that began longer before a period is not looked for in it."""

# Built once: putting a statement together takes longer than running it.
_HELD = (
    select(_OPEN.c.change_id, _OPEN.c.begins_at, _OPEN.c.ends_at, _OPEN.c.target_kind, _OPEN.c.target_name, _OPEN.c.under_way, _OPEN.c.parent)
    .where(
        _OPEN.c.begins_at < bindparam("until"),
        or_(_OPEN.c.under_way, _OPEN.c.ends_at.is_(None), _OPEN.c.ends_at > bindparam("since")),
    )
    .order_by(_OPEN.c.begins_at, _OPEN.c.change_id)
)
_BEGUN = select(_CHANGE.c.state).where(
    _CHANGE.c.begins_at >= bindparam("earliest"),
    _CHANGE.c.begins_at < bindparam("until"),
    or_(_CHANGE.c.begins_at >= bindparam("since"), _CHANGE.c.ends_at > bindparam("since")),
)
_STUCK = select(_OPEN.c.change_id).where(
    _OPEN.c.begins_at < bindparam("now"),
    or_(_OPEN.c.ends_at < bindparam("now"), and_(_OPEN.c.under_way, _OPEN.c.ends_at.is_(None), _OPEN.c.begins_at < bindparam("forgotten"))),
)


@dataclass(frozen=True)
class ScheduleQuestions:
    """Freezes, maintenance windows, and what open changes hold."""

    connection: Connection

    def freezes(self) -> tuple[Freeze, ...]:
        """Every freeze, lifted and past ones included, the first to start first."""
        return tuple(_freeze_of(row) for row in all_rows(self.connection, select(_FREEZE).order_by(_FREEZE.c.start, _FREEZE.c.id)))

    def freezes_between(self, since: datetime, until: datetime) -> tuple[Freeze, ...]:
        """The freezes that are in force at some moment from ``since`` until before ``until`` (at ``since``, if both are the same)."""
        statement = select(_FREEZE).where(_FREEZE.c.start <= until, _FREEZE.c.end > since).order_by(_FREEZE.c.start, _FREEZE.c.id)
        found = (_freeze_of(row) for row in all_rows(self.connection, statement))
        return tuple(freeze for freeze in found if freeze.holds(since, until))

    def freeze(self, text: str) -> Freeze:
        """The freeze that an id or an unambiguous beginning of one names.

        :raises NotFound: if there is none.
        :raises Ambiguous: if there are several.
        """
        return _named(text, "FRZ", "freeze", {freeze.id: freeze for freeze in self.freezes()})

    def windows(self) -> tuple[MaintenanceWindow, ...]:
        """Every maintenance window, lifted ones included, the first to start first."""
        statement = select(_MAINTENANCE).order_by(_MAINTENANCE.c.start, _MAINTENANCE.c.id)
        return tuple(_window_of(row) for row in all_rows(self.connection, statement))

    def window(self, text: str) -> MaintenanceWindow:
        """The maintenance window that an id or an unambiguous beginning of one names.

        :raises NotFound: if there is none.
        :raises Ambiguous: if there are several.
        """
        return _named(text, "MNT", "window", {window.id: window for window in self.windows()})

    def bookings(self, now: datetime, since: datetime, until: datetime = LATEST) -> list[Booking]:
        """When open changes hold their targets, those that may overlap the time from ``since`` until before ``until``, the first to begin first.

        What is under way past its planned end is there until somebody says otherwise.
        """
        found = self.connection.execute(_HELD, {"since": since, "until": until})
        return [_booking_of(list(rows), now) for _, rows in groupby(found, key=itemgetter(1, 0))]

    def stuck(self, now: datetime, forgotten: datetime, most: int) -> tuple[str, ...]:
        """The ids of open changes past their planned end at ``now``, or under way without one since before ``forgotten``; the oldest first."""
        statement = _STUCK.order_by(_OPEN.c.begins_at, _OPEN.c.change_id).limit(most)  # a row a target: those of one change come together
        return tuple(dict.fromkeys(row["change_id"] for row in all_rows(self.connection, statement, {"now": now, "forgotten": forgotten})))

    def begun(self, since: datetime, until: datetime) -> Iterator[Change]:
        """The changes, whatever became of them, that begin from ``since`` until before ``until``, or began not long before and ended within."""
        bounds = {"earliest": since - LOOKS_BACK, "since": since, "until": until}
        return (change_from_json(row["state"]) for row in all_rows(self.connection, _BEGUN, bounds))

    def services_by_host(self, hosts: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The services that run on each host."""
        found: dict[str, list[str]] = {host: [] for host in hosts}
        for chunk in chunks(hosts):
            statement = select(_SERVICE_HOST).where(_SERVICE_HOST.c.host.in_(chunk)).order_by(_SERVICE_HOST.c.host, _SERVICE_HOST.c.service)
            for row in all_rows(self.connection, statement):
                found[row["host"]].append(row["service"])
        return {host: tuple(services) for host, services in found.items()}


def _named(text: str, kind: str, word: str, known: Mapping[str, _Thing]) -> _Thing:
    prefix = identifier_prefix(text, kind)
    found = [identity for identity in known if identity == prefix] or [identity for identity in known if identity.startswith(prefix)]
    if not found:
        raise NotFound(f"there is no {word} {text}", f"ledger {word} list --all shows them")
    if len(found) > 1:
        raise Ambiguous(f"{text} fits several: {', '.join(found[:5])}", "type one more character")
    return known[found[0]]


def _booking_of(rows: list[Any], now: datetime) -> Booking:
    """A change's rows, one a target, in the order of the statement's columns: there are many, and looking columns up by name takes its time."""
    change, begins, ends, _, _, under_way, parent = rows[0]
    on = tuple(Target(_KINDS[kind], name) for _, _, _, kind, name, _, _ in rows)
    return Booking.made(change, begins, ends, on, under_way=bool(under_way), parent=parent, now=now)


def _freeze_of(row: Mapping[str, Any]) -> Freeze:
    return Freeze(row["id"], row["title"], row["start"], row["end"], _targets(row["targets"]), row["lifted_at"])


def _window_of(row: Mapping[str, Any]) -> MaintenanceWindow:
    length, zone, on = timedelta(seconds=row["seconds"]), row["zone"] or "UTC", _targets(row["targets"])
    return MaintenanceWindow(row["id"], row["title"], row["start"], length, zone, on, row["rule"], row["lifted_at"])


def _targets(texts: Collection[str]) -> tuple[Target, ...]:
    return tuple(Target.parse(text) for text in texts)
