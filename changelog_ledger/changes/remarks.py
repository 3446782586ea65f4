"""What is only ever remarked, whatever a home's policy says: no rule could refuse it, and whoever looks later has to see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from changelog_ledger.changes.words import length_words
from changelog_ledger.model.change import Change, Remark
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Host

LATE = timedelta(minutes=5)
"""A step that is recorded so long after it was taken is recorded late."""


def is_late(at: datetime, now: datetime) -> bool:
    """Whether a step that was so at ``at`` is recorded well after it."""
    return now - at > LATE


def lateness(change: Change, at: datetime, now: datetime) -> tuple[Remark, ...]:
    """That a step is recorded well after it was so; and if so, that there was no plan yet."""
    if not is_late(at, now):
        return ()
    recorded = change.recorded_at
    before = f", and before the plan was recorded at {shown_instant(recorded)}" if recorded and at < recorded else ""
    return (Remark("recorded-late", f"recorded {length_words(now - at)} afterwards{before}"),)


def narrowness(change: Change) -> Iterator[Remark]:
    """That the window of a plan is too short for going back, or for the downtime that is expected."""
    if change.planned_start is None or change.planned_end is None:
        return
    window = change.planned_end - change.planned_start
    lasts = f"its window of {length_words(window)}"
    if change.backout_time is not None and change.backout_time > window:
        text = f"going back takes {length_words(change.backout_time)}, longer than {lasts}: one could never go back within it"
        yield Remark("backout-too-long", text)
    if change.downtime is not None and change.downtime > window:
        yield Remark("downtime-too-long", f"users are expected to be without it for {length_words(change.downtime)}, longer than {lasts}")


def retirement(hosts: Sequence[Host]) -> Iterator[Remark]:
    """That a change is planned on hosts that are retired."""
    for host in hosts:
        if host.retired_at is not None:
            yield Remark("retired-target", f"{host.name}, which it is made on, is retired since {shown_instant(host.retired_at)}")
