"""How long snapshots are kept, what is left of one that is not, and the turns for the worse that need theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.model.topology import Target

FOREVER = timedelta.max


@dataclass(frozen=True, slots=True)
class Retention:
    """A policy by age. The rules add up: a snapshot is kept if one of them keeps it. :data:`FOREVER` is allowed; None is no such rule.

    :ivar keep_all: every snapshot that is younger.
    :ivar daily: the last snapshot of each day (UTC) that is younger.
    :ivar weekly: the last snapshot of each week (ISO 8601, UTC) that is younger.
    :ivar monthly: the last snapshot of each month (UTC) that is younger.
    """

    keep_all: timedelta
    daily: timedelta | None = None
    weekly: timedelta | None = None
    monthly: timedelta | None = None


def followers(snapshots: Sequence[str], gone: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """Who follows somebody else once some are gone: the id, and that of the last one before it that is left (None if there is none).

    :param snapshots: ids of one host's snapshots, oldest first.
    """
    last: str | None = None
    gap = False
    for identity in snapshots:
        if identity in gone:
            gap = True
            continue
        if gap:
            yield identity, last
        last, gap = identity, False


@dataclass(frozen=True, slots=True)
class ExpiredSnapshot:
    """What is left of a snapshot that retention dropped.

    :ivar expired_at: when it went.
    """

    id: str
    host: str
    at: datetime
    expired_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A target that worked, and then did not.

    :ivar good_at: the last time that it was seen working before; None if nobody had.
    :ivar bad_at: the first time that it was seen broken after; None if it works still.
    """

    target: Target
    good_at: datetime | None
    bad_at: datetime | None
