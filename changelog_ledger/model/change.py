"""Changes: what somebody meant to alter, and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from changelog_ledger.model.topology import Target

SOON = timedelta(hours=24)
"""What is planned to start within this is of today, whatever the reader's zone."""

EXTENDED = "extended"
"""What the note of an extension says. That is no step of the lifecycle: it has no place in the order of those."""

LONGEST_NAME = 40
LONGEST_RUN = timedelta(hours=24)
"""Under way for longer than this and without a planned end, a change is taken to be stuck."""


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


OPEN = (Status.PLANNED, Status.APPROVED, Status.STARTED)
"""Not over yet."""


class Level(StrEnum):
    """Impact and risk. ``none`` is for impact only."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for ``none`` to 3 for ``high``: text does not sort so."""
        return tuple(Level).index(self)


class ItemState(StrEnum):
    """A checklist item: still open, ticked, or waived with a reason."""

    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"


def same_person(one: str, other: str) -> bool:
    """Whether two actors are one: ``bob`` and ``Bob`` are."""
    return one.casefold() == other.casefold()


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a change's checklist.

    :ivar because: why it was waived, or what proved it.
    :ivar command: a shell command whose exit code 0 proves it; empty for none.
    :ivar paths: globs of host paths; a difference at one of them, seen by the snapshot after the change, proves it.
    """

    text: str
    state: ItemState = ItemState.OPEN
    because: str = ""
    command: str = ""
    paths: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in a list: its text, of ``firewalls: open what is new`` only the ``firewalls``."""
        head, colon, _ = self.text.partition(": ")
        return head if colon and len(head) <= LONGEST_NAME else self.text

    @property
    def has_masked_command(self) -> bool:
        """Whether its command held a secret, which was not kept, so that nobody can run it."""
        return "<secret:" in self.command


@dataclass(frozen=True, slots=True)
class Remark:
    """What the rules had to say about a plan or a step that they let pass.

    :ivar code: ``freeze``, ``conflict``, ``outside-window``, ``no-rollback-target``, ``not-approved``, ``open-items`` … an open list.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something said about a change, with the step it was said at (``approved``, ``started``, ``failed`` …) or empty.

    :ivar remarks: what the rules said about that step: it stays with it.
    """

    at: datetime
    actor: str
    text: str
    step: str = ""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something that depends on a target of a change.

    :ivar distance: 0 for what runs on the target itself, one more for each dependency on the way.
    :ivar owner: who answers for it, or empty.
    """

    target: Target
    distance: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A checklist item that past changes suggest: in ``support`` of ``of`` of them it was so.

    :ivar paths: the paths that changed along with the planned ones, the most frequent of them.
    :ivar given: what these changes have in common with the planned one: a path that it declares, or ``category WORD``.
    """

    text: str
    support: int
    of: int
    paths: tuple[str, ...] = ()
    given: str = ""

    @property
    def confidence(self) -> float:
        """The share of past changes, 0 to 1."""
        return self.support / self.of if self.of else 0.0


GROUNDS = frozenset({"all", "dependents", "downtime", "size", "any-path", "history", "freeze-near", "no-way-back"})
"""The codes of the reasons that a suggested impact or risk rests on (:mod:`changelog_ledger.changes.impact`)."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a change may touch, as it was known when it was planned: it stays as it was then.

    :ivar impact: the impact that is suggested, None where nothing suggests one; ``risk`` the same.
    :ivar reasons: why, and what else spoke up at planning.
    :ivar proposals: checklist items that past changes suggest.
    """

    made_at: datetime
    dependents: tuple[Dependent, ...] = ()
    impact: Level | None = None
    risk: Level | None = None
    reasons: tuple[Remark, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """The reasons that speak against the plan as it is; what the suggestion rests on is left out."""
        return tuple(reason for reason in self.reasons if reason.code not in GROUNDS)


@dataclass(frozen=True, slots=True)
class Change:
    """An intended alteration, as its facts stand now.

    :ivar id: ``CHG-`` and Crockford characters.
    :ivar ref: the reference it has elsewhere (an import's ``ref``), or empty.
    :ivar on: the targets it is made on.
    :ivar affects: the services that users may notice it at.
    :ivar paths: globs of the host paths it touches (``/etc/nginx/**``); none means that any path may be touched.
    :ivar zone: the IANA name of the time zone that its window was planned in, or empty.
    :ivar template: the template that it was planned from, or empty.
    :ivar parent: the id of the change that it is a part of, or empty.
    :ivar rollback_to: a snapshot id, ``latest``, ``host:RETAINED``, ``packages:NAME=VERSION,…`` or empty; ``backout`` is the written plan.
    :ivar backout_time: how long going back takes.
    :ivar retain_until: how long a retained server has to stay.
    :ivar irreversible: why it cannot be taken back; empty if it can.
    :ivar downtime: how long users are expected to be without what it affects.
    :ivar contact: whom users and partners may ask.
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
    zone: str = ""
    template: str = ""
    parent: str = ""
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
    backout_time: timedelta | None = None
    retain_until: datetime | None = None
    irreversible: str = ""
    downtime: timedelta | None = None
    contact: str = ""
    reason: str = ""
    description: str = ""
    logged_after: bool = False
    assessment: Assessment | None = None

    @property
    def begins(self) -> datetime | None:
        """When it acted, else when it was to act."""
        return self.started_at or self.planned_start

    @property
    def is_open(self) -> bool:
        """Whether it is planned, approved or under way."""
        return self.status in OPEN

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who has approved it, in order, each person once, in the first spelling."""
        spelt: dict[str, str] = {}
        for note in self.notes:
            if note.step == Status.APPROVED:
                spelt.setdefault(note.actor.casefold(), note.actor)
        return tuple(spelt.values())

    @property
    def extensions(self) -> int:
        """How often it was extended since it was planned."""
        return sum(note.step == EXTENDED for note in self.notes)

    @property
    def open_items(self) -> tuple[Item, ...]:
        """The checklist items that nobody has ticked or waived."""
        return tuple(item for item in self.items if item.state is ItemState.OPEN)

    @property
    def last_return(self) -> datetime | None:
        """The latest moment at which one can still go back and be done by the planned end; None if that cannot be told."""
        if self.planned_end is None or self.backout_time is None:
            return None
        return self.planned_end - self.backout_time

    def awaits_return(self, now: datetime) -> bool:
        """Whether it matters now until when one can go back: it is under way, or planned to start within a day; and it can be told."""
        if self.last_return is None or not self.is_open:
            return False
        return self.status is Status.STARTED or (self.planned_start is not None and now - SOON <= self.planned_start <= now + SOON)

    @property
    def stuck_from(self) -> datetime | None:
        """From when on it counts as stuck: it is under way past its planned end, without one a day after its start. None if it is not under way."""
        if self.status is not Status.STARTED or self.started_at is None:
            return None
        in_time = self.planned_end is not None and self.planned_end > self.started_at
        return self.planned_end if in_time else self.started_at + LONGEST_RUN

    def is_stuck(self, now: datetime) -> bool:
        """Whether it is under way for longer than it should be; perhaps the script that made it has died."""
        return self.stuck_from is not None and self.stuck_from < now

    @property
    def overdue_from(self) -> datetime | None:
        """From when on it should be over: its planned end; a day after its planned start where it has no end and has not started. None: never."""
        if not self.is_open:
            return None
        if self.planned_end is not None or self.planned_start is None or self.status is Status.STARTED:
            return self.planned_end
        return self.planned_start + LONGEST_RUN

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open and should be over."""
        return self.overdue_from is not None and self.overdue_from < now


@dataclass(frozen=True, slots=True)
class Freeze:
    """A period in which changes on some targets need an override."""

    id: str
    title: str
    start: datetime
    end: datetime
    on: tuple[Target, ...]
    lifted_at: datetime | None = None

    def holds(self, since: datetime, until: datetime) -> bool:
        """Whether it is in force at some moment from ``since`` until before ``until`` (at ``since`` itself, if both are the same)."""
        ends = self.end if self.lifted_at is None else min(self.end, self.lifted_at)
        return self.start <= since < ends or since < self.start < min(until, ends)
