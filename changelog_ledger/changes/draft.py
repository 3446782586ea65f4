"""A change that is to be planned, as somebody asks for it: nothing is looked up or checked yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.changes.planning import Details
from changelog_ledger.model.topology import Target


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for.

    :ivar on: targets, perhaps as text.
    :ivar start: planned start and ``end`` planned end, aware.
    :ivar duration: instead of ``end``: how long it takes from ``start``.
    :ivar in_window: instead of ``start``: a maintenance window's id, or ``next``; empty for none.
    :ivar template: the name of the template that says what is not said here; empty for none.
    """

    title: str
    on: Sequence[str | Target]
    start: datetime | None = None
    end: datetime | None = None
    duration: timedelta | None = None
    in_window: str = ""
    template: str = ""
    details: Details = field(default_factory=Details)
