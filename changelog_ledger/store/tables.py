"""The tables. They never leave ``store/``: queries turn rows into the nouns of ``model/``.

Two kinds. *Recorded* tables (``fact``, ``stream_head``) are append-only truth and are migrated by Alembic. *Projections* follow from the facts
(and, for deltas, from git); they are dropped and rebuilt when ``PROJECTION_VERSION`` moves on, so they never need a migration.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from changelog_ledger.model.incident import JUDGEMENTS
from changelog_ledger.store.encodings import instant, json_text, json_value, microseconds
from changelog_ledger.store.plain import plain_text


class Instant(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970 UTC: exact, sortable and the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database."""
        return microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return instant(value)


class Json(TypeDecorator[Any]):
    """A JSON value as ASCII text, so that NUL and lone surrogates survive on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To the database."""
        return json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From the database."""
        return json_value(value)


class PlainText(TypeDecorator[str]):
    """Text as people see it: bytes that are no UTF-8 (PEP 383 escapes) as ``\\xNN``, NUL as ``\\x00``; databases take neither."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else plain_text(value)


def _text(**options: Any) -> Any:
    return Field(sa_type=PlainText, **options)


def _instant(**options: Any) -> Any:
    return Field(sa_type=Instant, **options)


def _json(**options: Any) -> Any:
    return Field(sa_type=Json, **options)


# ---- recorded


class FactRow(SQLModel, table=True):
    """One fact in its chain. ``position`` is the order in which this database took facts in, over all streams."""

    __tablename__ = "fact"
    __table_args__ = (UniqueConstraint("stream", "seq", name="uq_fact_stream_seq"),)

    position: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer, "sqlite"))
    stream: str = _text()
    seq: int = Field(sa_type=BigInteger)
    id: str = _text(unique=True)
    kind: str = _text()
    key: str = _text(unique=True)
    occurred_at: datetime = _instant()
    recorded_at: datetime = _instant()
    actor: str = _text()
    body: bytes = Field(sa_type=LargeBinary)
    prev_hash: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


class StreamHeadRow(SQLModel, table=True):
    """The last link of each stream. Its row is the lock that writers take on PostgreSQL."""

    __tablename__ = "stream_head"

    stream: str = _text(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)


class MetaRow(SQLModel, table=True):
    """What the database says of itself: ``projection_version``."""

    __tablename__ = "meta"

    name: str = _text(primary_key=True)
    value: str = _text()


# ---- projections


class HostRow(SQLModel, table=True):
    """A host as it stands now."""

    __tablename__ = "host"

    name: str = _text(primary_key=True)
    tags: list[str] = _json()
    attributes: dict[str, str] = _json()
    retired_at: datetime | None = _instant(nullable=True)


class ServiceRow(SQLModel, table=True):
    """A service as it stands now."""

    __tablename__ = "service"

    name: str = _text(primary_key=True)
    attributes: dict[str, str] = _json()


class ServiceHostRow(SQLModel, table=True):
    """A service runs on a host."""

    __tablename__ = "service_host"

    service: str = _text(primary_key=True)
    host: str = _text(primary_key=True, index=True)


class DependencyRow(SQLModel, table=True):
    """A service depends on a target."""

    __tablename__ = "dependency"
    __table_args__ = (Index("ix_dependency_target", "target_kind", "target_name", "service"),)

    service: str = _text(primary_key=True)
    target_kind: str = _text(primary_key=True)
    target_name: str = _text(primary_key=True)


class ChangeRow(SQLModel, table=True):
    """A change as its facts stand now; ``state`` is all of it, the columns are what questions search by."""

    __tablename__ = "change"

    id: str = _text(primary_key=True)
    ref: str = _text(index=True)
    status: str = _text(index=True)
    rollback_to: str = _text(index=True)
    begins_at: datetime = _instant(index=True)
    ends_at: datetime | None = _instant(nullable=True)
    state: dict[str, Any] = _json()


class ChangeTimeRow(SQLModel, table=True):
    """When a change touches a target: the denormalised (target, time, change) index that windows are read from, newest first."""

    __tablename__ = "change_time"

    target_kind: str = _text(primary_key=True)
    target_name: str = _text(primary_key=True)
    begins_at: datetime = _instant(primary_key=True)
    change_id: str = _text(primary_key=True, index=True)
    ends_at: datetime | None = _instant(nullable=True)


class OpenChangeRow(SQLModel, table=True):
    """When an open change holds a target that it is made on, if it has started or has a schedule: what conflicts are looked for in.

    ``ends_at`` is its planned end; what is under way may last longer.
    """

    __tablename__ = "open_change"

    change_id: str = _text(primary_key=True)
    target_kind: str = _text(primary_key=True)
    target_name: str = _text(primary_key=True)
    begins_at: datetime = _instant(index=True)
    ends_at: datetime | None = _instant(nullable=True)
    under_way: bool
    parent: str = _text()


class SnapshotRow(SQLModel, table=True):
    """A snapshot of a host; ``commit_id`` names its git commit."""

    __tablename__ = "snapshot"
    __table_args__ = (Index("ix_snapshot_host_at", "host", "at"),)

    id: str = _text(primary_key=True)
    host: str = _text()
    at: datetime = _instant()
    commit_id: str = _text()
    previous_commit: str | None = _text(nullable=True)
    previous_at: datetime | None = _instant(nullable=True)
    reason: str = _text()
    change_id: str = _text()
    phase: str | None = _text(nullable=True)
    files: int
    unread: list[str] = _json()
    left_out: list[list[str]] = _json()
    left_out_count: int
    expected: dict[str, str] = _json()
    actor: str = _text()


class ExpiredSnapshotRow(SQLModel, table=True):
    """A snapshot that retention dropped: that there was one, and when it went."""

    __tablename__ = "expired_snapshot"
    __table_args__ = (Index("ix_expired_snapshot_host_at", "host", "at"),)

    id: str = _text(primary_key=True)
    host: str = _text()
    at: datetime = _instant()
    expired_at: datetime = _instant()


_OF_A_CHANGE = text("change_id <> ''")
"""Most differences are found by no change's own run; the index of those that are leaves them out."""

_EXPECTED = text("expected_by <> ''")
"""Where nobody has a gate, none is."""


class DeltaRow(SQLModel, table=True):
    """A difference between a host's snapshot and the one before."""

    __tablename__ = "delta"
    __table_args__ = (
        Index("ix_delta_host_at", "host", "at"),
        Index("ix_delta_host_path_key", "host", "path", "key"),
        Index("ix_delta_path_key", "path", "key"),
        Index("ix_delta_change", "change_id", "path", sqlite_where=_OF_A_CHANGE, postgresql_where=_OF_A_CHANGE),
        Index("ix_delta_expected", "snapshot", sqlite_where=_EXPECTED, postgresql_where=_EXPECTED),
    )

    snapshot: str = _text(primary_key=True)
    ordinal: int = Field(primary_key=True)
    id: str = _text(index=True)
    host: str = _text()
    not_before: datetime = _instant()
    at: datetime = _instant()
    path: str = _text()
    key: str | None = _text(nullable=True)
    op: str = _text()
    before: Any = _json(nullable=True)
    after: Any = _json(nullable=True)
    line: int | None = None
    note: str = _text()
    mtime: datetime | None = _instant(nullable=True)
    change_id: str = _text()
    expected_by: str = _text()


IS_PENDING = "what IN ('restart-pending', 'reboot-pending')"
IS_REBOOT = "what = 'reboot'"
IS_JUDGED = f"kind IN ({', '.join(repr(str(kind)) for kind in sorted(JUDGEMENTS))})"
"""Few rows of many: a query that is to use their index has to say it in these words."""


class ObservationRow(SQLModel, table=True):
    """Something seen that is no file difference.

    :ivar boot_id: the boot of its host that its data name; empty where they name none.
    :ivar pending: of a restart or reboot that is pending, what its end will name it by; else empty.
    """

    __tablename__ = "observation"
    __table_args__ = (
        Index("ix_observation_target_at", "target_kind", "target_name", "at"),
        Index("ix_observation_pending", "target_name", sqlite_where=text(IS_PENDING), postgresql_where=text(IS_PENDING)),
        Index("ix_observation_reboot", "target_kind", "target_name", "at", sqlite_where=text(IS_REBOOT), postgresql_where=text(IS_REBOOT)),
    )

    id: str = _text(primary_key=True)
    ref: str = _text()
    what: str = _text()
    target_kind: str = _text()
    target_name: str = _text()
    at: datetime = _instant()
    summary: str = _text()
    data: dict[str, Any] = _json()
    actor: str = _text()
    boot_id: str = _text()
    pending: str = _text()


class EndingRow(SQLModel, table=True):
    """What an observation ends of what was pending, one row each; ``closes`` is what that is known by."""

    __tablename__ = "ending"

    closes: str = _text(primary_key=True)
    observation: str = _text(primary_key=True)


IS_BAD = "state = 'bad'"
"""Few rows of many, as above: what is checked every minute is seen good half a million times a year."""


class MarkRow(SQLModel, table=True):
    """A target seen good or bad. That the index of the bad ones holds their state too is what SQLite prefers it to the other for."""

    __tablename__ = "mark"
    __table_args__ = (
        Index("ix_mark_target_at", "target_kind", "target_name", "at"),
        Index("ix_mark_bad", "target_kind", "target_name", "state", "at", sqlite_where=text(IS_BAD), postgresql_where=text(IS_BAD)),
    )

    id: str = _text(primary_key=True)
    target_kind: str = _text()
    target_name: str = _text()
    state: str = _text()
    at: datetime = _instant()
    actor: str = _text()
    source: str = _text()
    symptom: str = _text()


class MarkedRow(SQLModel, table=True):
    """A target that has a mark: what to look for the marks of, one target after the other."""

    __tablename__ = "marked"

    target_kind: str = _text(primary_key=True)
    target_name: str = _text(primary_key=True)


class ExplanationRow(SQLModel, table=True):
    """Evidence that somebody attributed to a change by hand; the last word counts."""

    __tablename__ = "explanation"

    evidence: str = _text(primary_key=True)
    change_id: str = _text(index=True)


class ExpectedRow(SQLModel, table=True):
    """An edit that the gate let in under a change, as it will arrive on its target; ``id`` is that of the fact."""

    __tablename__ = "expected"
    __table_args__ = (Index("ix_expected_target", "target_kind", "target_name", "at"),)

    id: str = _text(primary_key=True)
    ordinal: int = Field(primary_key=True)
    change_id: str = _text()
    target_kind: str = _text()
    target_name: str = _text()
    path: str = _text()
    digest: str = _text()
    at: datetime = _instant()


_UNRESOLVED = text("resolved_at IS NULL")
"""Most incidents are over; the index of those that are not leaves them out."""


class IncidentRow(SQLModel, table=True):
    """An incident as its facts stand now; ``state`` is all of it, the columns are what questions search by."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_open", "began_at", sqlite_where=_UNRESOLVED, postgresql_where=_UNRESOLVED),)

    id: str = _text(primary_key=True)
    ref: str = _text(index=True)
    began_at: datetime = _instant(index=True)
    resolved_at: datetime | None = _instant(nullable=True)
    state: dict[str, Any] = _json()


class IncidentTargetRow(SQLModel, table=True):
    """What an incident is on."""

    __tablename__ = "incident_target"

    target_kind: str = _text(primary_key=True)
    target_name: str = _text(primary_key=True)
    incident: str = _text(primary_key=True, index=True)


class IncidentLinkRow(SQLModel, table=True):
    """What an incident links, and as what: asked of a change, which incidents it has to do with; and which suspects were judged last."""

    __tablename__ = "incident_link"
    __table_args__ = (Index("ix_incident_link_judged", "at", sqlite_where=text(IS_JUDGED), postgresql_where=text(IS_JUDGED)),)

    incident: str = _text(primary_key=True)
    what: str = _text(primary_key=True, index=True)
    kind: str = _text()
    at: datetime = _instant()


class FreezeRow(SQLModel, table=True):
    """A period in which changes need an override."""

    __tablename__ = "freeze"

    id: str = _text(primary_key=True)
    title: str = _text()
    start: datetime = _instant()
    end: datetime = _instant()
    targets: list[str] = _json()
    lifted_at: datetime | None = _instant(nullable=True)


class MaintenanceRow(SQLModel, table=True):
    """A period in which targets may be worked on, perhaps one that recurs."""

    __tablename__ = "maintenance"

    id: str = _text(primary_key=True)
    title: str = _text()
    start: datetime = _instant()
    seconds: int
    zone: str = _text()
    rule: str = _text()
    targets: list[str] = _json()
    lifted_at: datetime | None = _instant(nullable=True)


def table_of(row: type[SQLModel]) -> Table:
    """The Core table of a row class."""
    table: Table = row.__table__  # type: ignore[attr-defined]
    return table


RECORDED: tuple[type[SQLModel], ...] = (FactRow, StreamHeadRow, MetaRow)
PROJECTIONS: tuple[type[SQLModel], ...] = (
    HostRow, ServiceRow, ServiceHostRow, DependencyRow, ChangeRow, ChangeTimeRow, OpenChangeRow, SnapshotRow, ExpiredSnapshotRow, DeltaRow,
    ObservationRow, EndingRow, MarkRow, MarkedRow, ExplanationRow, ExpectedRow, FreezeRow, MaintenanceRow, IncidentRow,
    IncidentTargetRow, IncidentLinkRow,
)  # fmt: skip
