"""What a home demands of changes. The defaults are light: little is asked of what does little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from changelog_ledger.model.change import Level


class Stance(StrEnum):
    """What happens where a rule is not kept."""

    ALLOW = "allow"
    WARN = "warn"
    REFUSE = "refuse"


APPROVALS: Mapping[Level, int] = MappingProxyType({Level.NONE: 0, Level.LOW: 0, Level.MEDIUM: 1, Level.HIGH: 1})


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules, as ``[changes]`` of ``ledger.toml`` has them.

    :ivar approvals: how many people have to approve a change before it starts, by its impact; nobody said: low.
    :ivar approvals_by_risk: the same by its risk; the higher number counts.
    :ivar not_approved: starting without them, and extending a change by more than was approved.
    :ivar separate_approver: whether they must be others than who planned it.
    :ivar checklist_from: from this impact on, a change that brings no items gets the default checklist.
    :ivar unticked: finishing with open items and without a note.
    :ivar rollback_target: starting what has neither a rollback target nor a backout plan nor a reason why it cannot be taken back.
    :ivar rollback_target_from: from which impact on that is asked for; nobody said: low.
    :ivar outside_window: starting before the planned window or after it.
    :ivar outside_maintenance: starting while no maintenance window of its targets is open (targets without any are always open).
    :ivar in_freeze: starting within a freeze.
    :ivar conflicts: starting while another change is under way at the same place.
    :ivar review_after: what has to be reviewed: ``emergency``, ``failed``, ``rolled-back``, ``succeeded``.
    :ivar review_within: how long that may take.
    """

    approvals: Mapping[Level, int] = field(default_factory=lambda: APPROVALS)
    approvals_by_risk: Mapping[Level, int] = field(default_factory=dict)
    not_approved: Stance = Stance.REFUSE
    separate_approver: bool = False
    checklist_from: Level = Level.MEDIUM
    unticked: Stance = Stance.REFUSE
    rollback_target: Stance = Stance.WARN
    rollback_target_from: Level = Level.LOW
    outside_window: Stance = Stance.WARN
    outside_maintenance: Stance = Stance.ALLOW
    in_freeze: Stance = Stance.REFUSE
    conflicts: Stance = Stance.WARN
    review_after: tuple[str, ...] = ("emergency",)
    review_within: timedelta = timedelta(days=3)


TEMPLATE_DETAILS = (
    "paths", "affects", "impact", "risk", "category", "items", "ticket", "rollback_to", "backout", "backout_time", "irreversible", "downtime",
    "contact", "reason", "description",
)  # fmt: skip
"""The fields of a change that a template may set, besides its title, targets and duration."""


@dataclass(frozen=True, slots=True)
class Template:
    """A standard change, approved beforehand: what is planned from it needs no approval.

    :ivar name: how it is called for.
    :ivar title: the title of what is planned from it, unless another is given.
    :ivar on: targets, as text, unless others are given.
    :ivar duration: how long it takes, None if that is not known.
    :ivar details: fields of :class:`~changelog_ledger.changes.planning.Details`.
    """

    name: str
    title: str
    on: tuple[str, ...] = ()
    duration: timedelta | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
