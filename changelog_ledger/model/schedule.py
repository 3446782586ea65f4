"""The calendar of changes: recurring maintenance windows, their occurrences, and changes that get in each other's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from changelog_ledger.model.change import Change, Freeze
from changelog_ledger.model.topology import Target

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A period in which targets may be worked on, perhaps one that recurs.

    :ivar start: the beginning of its first occurrence, aware.
    :ivar length: how long each occurrence lasts.
    :ivar zone: the IANA name of the zone whose wall clock it keeps to, across changes to and from summer time.
    :ivar rule: a recurrence rule (RFC 5545, 3.3.10: ``FREQ=WEEKLY;BYDAY=SU``); empty: it happens once.
    :ivar lifted_at: when it was given up, or None.
    """

    id: str
    title: str
    start: datetime
    length: timedelta
    zone: str
    on: tuple[Target, ...]
    rule: str = ""
    lifted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a maintenance window is open: from ``start`` until before ``end``."""

    window: MaintenanceWindow
    start: datetime
    end: datetime


class ConflictKind(StrEnum):
    """Why two changes get in each other's way, the gravest first."""

    PATH = "path"
    TARGET = "target"
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two changes that would be under way at the same time in the same place.

    :ivar shared: the hosts and services at which they meet, a few of them.
    :ivar since: when both are under way first; ``until``: when one of them is to end, None if that is not known.
    """

    change: Change
    other: Change
    kind: ConflictKind
    shared: tuple[Target, ...]
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """When a change holds its targets: from ``begins`` until before ``ends``, None if nobody knows.

    :ivar change: its id.
    :ivar under_way: whether it has started; else it is only planned or approved.
    :ivar parent: the id of the change that it is a part of, or empty.
    """

    change: str
    begins: datetime
    ends: datetime | None
    on: tuple[Target, ...]
    under_way: bool = False
    parent: str = ""

    @classmethod
    def made(
        cls, change: str, begins: datetime, planned_end: datetime | None, on: tuple[Target, ...], *, under_way: bool, parent: str, now: datetime
    ) -> Booking:
        """The booking of an open change.

        What is under way past its planned end, or without one, is there until somebody says otherwise. A plan without an end counts at its start:
        nobody knows how long it takes.
        """
        still_planned = planned_end if planned_end is not None and planned_end > now else None
        ends = still_planned if under_way else max(planned_end or begins, begins + _MOMENT)
        return cls(change, begins, ends, on, under_way, parent)


@dataclass(frozen=True, slots=True)
class Conflicts:
    """The conflicts that were looked for, the soonest first.

    :ivar more: how many there are besides those that are listed.
    :ivar at_least: whether counting was given up at ``more``.
    """

    listed: tuple[Conflict, ...]
    more: int = 0
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class WindowState:
    """A maintenance window, and when it is open next (or is open now); None if never again."""

    window: MaintenanceWindow
    next: Occurrence | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is to happen from ``since`` until before ``until``.

    :ivar stuck: open changes that should be over, wherever they lie.
    :ivar changes: those with a time in that period, closed and cancelled ones included, the first to begin first.
    :ivar windows: the maintenance windows that the occurrences are of.
    :ivar zones: the zones of these windows, by name.
    """

    made_at: datetime
    since: datetime
    until: datetime
    stuck: tuple[Change, ...]
    changes: tuple[Change, ...]
    freezes: tuple[Freeze, ...]
    windows: tuple[MaintenanceWindow, ...]
    occurrences: tuple[Occurrence, ...]
    zones: Mapping[str, tzinfo]
