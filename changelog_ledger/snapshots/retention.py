"""Which snapshots of a host are kept: a pure rule of ages, days, weeks and months.

The rules add up, as in restic's ``--keep-within-daily`` and its like. So it does not matter how often they are applied: the last snapshot of a
month is never lost to the rule of weeks, and what one pass keeps, the next one keeps too, until it is too old.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from changelog_ledger.model.retention import Retention


class Moment(NamedTuple):
    """A snapshot's id and time."""

    id: str
    at: datetime


def kept(snapshots: Sequence[Moment], policy: Retention, now: datetime, needed: Collection[str] = ()) -> frozenset[str]:
    """The ids of the snapshots to keep.

    :param snapshots: all of one host, oldest first.
    :param needed: ids of those that something refers to. The host's last one is always kept: the next one builds on it.
    """
    if not snapshots:
        return frozenset()
    young = {moment.id for moment in snapshots if now - moment.at <= policy.keep_all}
    daily = _last_of_each(snapshots, _day, policy.daily, now)
    weekly = _last_of_each(snapshots, _week, policy.weekly, now)
    monthly = _last_of_each(snapshots, _month, policy.monthly, now)
    known = {moment.id for moment in snapshots}
    return frozenset(young | daily | weekly | monthly | known.intersection(needed) | {snapshots[-1].id})


def _last_of_each(snapshots: Sequence[Moment], period: Callable[[datetime], Hashable], within: timedelta | None, now: datetime) -> set[str]:
    if within is None:
        return set()
    last = {period(moment.at.astimezone(UTC)): moment for moment in snapshots}
    return {moment.id for moment in last.values() if now - moment.at <= within}


def _day(at: datetime) -> Hashable:
    return at.date()


def _week(at: datetime) -> Hashable:
    return at.isocalendar()[:2]


def _month(at: datetime) -> Hashable:
    return at.year, at.month
