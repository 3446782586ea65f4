"""The calendar of changes: recurring maintenance windows, their occurrences, and changes that get in each other's way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from changelog_ledger.model.change import Change
from changelog_ledger.model.topology import Target


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
