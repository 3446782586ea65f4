"""Changes: what somebody meant to alter, and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from changelog_ledger.model.topology import Target


class ChangeType(StrEnum):
    """ITIL's three: pre-authorised, assessed each time, or made in a hurry and reviewed afterwards."""

    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"


class Status(StrEnum):
    """Where a change stands in its lifecycle (``changes.lifecycle`` has the allowed steps)."""

    PLANNED = "planned"
    APPROVED = "approved"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled-back"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """Impact and risk. ``none`` is for impact only."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ItemState(StrEnum):
    """A checklist item: still open, ticked, or waived with a reason."""

    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a change's checklist."""

    text: str
    state: ItemState = ItemState.OPEN
    because: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something said about a change, with the step it was said at (``started``, ``failed`` …) or empty."""

    at: datetime
    actor: str
    text: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An intended alteration, as its facts stand now.

    :ivar id: ``CHG-`` and Crockford characters.
    :ivar ref: the reference it has elsewhere (an import's ``ref``), or empty.
    :ivar on: the targets it is made on.
    :ivar affects: the services that users may notice it at.
    :ivar paths: globs of the host paths it touches (``/etc/nginx/**``); none means that any path may be touched.
    :ivar rollback_to: a snapshot id, ``latest``, ``host:RETAINED`` or empty; ``backout`` is the written plan.
    :ivar logged_after: recorded after it had been made, and marked so.
    :ivar outcome: ``succeeded``, ``failed``, ``rolled-back``, or empty while it is not finished.
    """

    id: str
    title: str
    status: Status
    on: tuple[Target, ...]
    type: ChangeType = ChangeType.NORMAL
    ref: str = ""
    actor: str = ""
    recorded_at: datetime | None = None
    paths: tuple[str, ...] = ()
    affects: tuple[Target, ...] = ()
    planned_start: datetime | None = None
    planned_end: datetime | None = None
    approved_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reviewed_at: datetime | None = None
    outcome: str = ""
    impact: Level | None = None
    risk: Level | None = None
    category: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    notes: tuple[Note, ...] = ()
    ticket: str = ""
    rollback_to: str = ""
    backout: str = ""
    reason: str = ""
    description: str = ""
    logged_after: bool = False

    @property
    def begins(self) -> datetime | None:
        """When it acted, else when it was to act."""
        return self.started_at or self.planned_start

    @property
    def is_open(self) -> bool:
        """Whether it is planned, approved or under way."""
        return self.status in (Status.PLANNED, Status.APPROVED, Status.STARTED)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A period in which changes on some targets need an override."""

    id: str
    title: str
    start: datetime
    end: datetime
    on: tuple[Target, ...]
    lifted_at: datetime | None = None
