"""Reasons of time: how soon before the trouble, and whether it lasted into it."""

from __future__ import annotations

import math
from datetime import timedelta

from changelog_ledger.investigation.candidates import Candidate, spoken
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.model.change import Status
from changelog_ledger.model.report import SuspectKind

_FRESH = 10.0  # minutes: within this time before the onset, sooner or later hardly matters
_STALE = 7 * 24 * 60.0  # minutes: from here on time says nothing more in its favour
_SPAN = math.log1p(_STALE / _FRESH)


def time_before_onset(candidate: Candidate, context: Context) -> Finding:
    """The sooner before the trouble it began, the likelier; falls with the logarithm of the time between, from ten minutes to a week.

    What snapshots found has no time, only bounds: the mean of both ends.
    """
    age = _minutes(context.end - candidate.began_at)
    latest, earliest = _latest_age(candidate, context, age), _earliest_age(candidate, context, age)
    value = nearness(latest) if latest == earliest else (nearness(latest) + nearness(earliest)) / 2
    before = "the onset" if context.material.window.onset else "the window's end"
    return Finding("time-before-onset", value, f"{spoken(timedelta(minutes=age))} before {before}")


def under_way(candidate: Candidate, context: Context) -> Finding | None:
    """It was still being made when the trouble began: by how much that makes it nearer than its beginning does."""
    change = candidate.change
    began, acted = _minutes(context.end - candidate.began_at), _minutes(context.end - candidate.acted_at)
    if change is None or acted >= began:
        return None
    value = nearness(acted) - nearness(began)
    at = "the onset" if context.material.window.onset else "the window's end"
    if acted == 0 and (change.status is Status.STARTED or (change.finished_at is not None and change.finished_at > context.end)):
        return Finding("under-way", value, f"it was under way at {at}")
    return Finding("under-way", value, f"it ended {spoken(timedelta(minutes=acted))} before {at}")


def nearness(minutes: float) -> float:
    """1 at the onset, 0 a week before, falling with the logarithm of the time."""
    return max(0.0, 1 - math.log1p(minutes / _FRESH) / _SPAN)


def _latest_age(candidate: Candidate, context: Context, age: float) -> float:
    """How long before the horizon it happened at the latest, in minutes."""
    return age if candidate.kind is not SuspectKind.UNLOGGED else _minutes(context.end - candidate.acted_at)


def _earliest_age(candidate: Candidate, context: Context, latest: float) -> float:
    """How long before the horizon it may have happened at the earliest, in minutes: snapshots bound a difference, they do not date it."""
    if candidate.kind is not SuspectKind.UNLOGGED or any(piece.seen_at < piece.not_after for piece in candidate.evidence):
        return latest
    earliest = max(context.material.window.since, min(piece.not_before for piece in candidate.evidence))
    return max(latest, _minutes(context.end - earliest))


def _minutes(length: timedelta) -> float:
    return max(0.0, length.total_seconds() / 60)
