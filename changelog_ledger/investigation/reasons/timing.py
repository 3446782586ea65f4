"""Reasons of time: how soon before the trouble, and whether it lasted into it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from changelog_ledger.investigation.candidates import Candidate, spoken
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.latent import LONG_BEFORE
from changelog_ledger.model.change import Status
from changelog_ledger.model.report import SuspectKind

_FRESH = 10.0  # minutes: within this time before the onset sooner or later hardly matters
_SPAN = math.log1p(LONG_BEFORE.total_seconds() / 60 / _FRESH)
_AT_ONCE = 1.0  # minute: the same for what breaks at once,
_AT_MOST = math.log1p(120.0 / _AT_ONCE)  # of which two hours before are too long
_NONE = timedelta()
_LEAST = 0.05
_CROWD = 5.0  # on the scale of what else happens meanwhile: a fifth of a thing is hardly anything


def time_before_onset(candidate: Candidate, context: Context) -> Finding:
    """The sooner before the trouble it began, the likelier; falls with the logarithm of the time between.

    The mean of three scales, for causes differ in how fast they act and houses in how much happens in them: a minute to two hours, ten minutes to a
    week, and at the pace of the house: how many other things happen there in that time. What snapshots found has no time, only bounds: the mean of
    both ends.
    """
    age = max(_NONE, context.end - candidate.began_at)
    latest, earliest = _bounds(candidate, age, context)
    value = _near_onset(latest, context) if latest == earliest else (_near_onset(latest, context) + _near_onset(earliest, context)) / 2
    before = "the onset" if context.material.window.onset else "the window's end"
    return Finding("time-before-onset", value, f"{spoken(age)} before {before}")


def under_way(candidate: Candidate, context: Context) -> Finding | None:
    """It was still being made when the trouble began: by how much that makes it nearer than its beginning does."""
    change = candidate.change
    began, acted = _minutes(context.end - candidate.began_at), _minutes(context.end - candidate.acted_at)
    if change is None or acted >= began:
        return None
    value = nearness(acted) - nearness(began)
    if value < _LEAST:
        return None
    at = "the onset" if context.material.window.onset else "the window's end"
    if acted == 0 and (change.status is Status.STARTED or (change.finished_at is not None and change.finished_at > context.end)):
        return Finding("under-way", value, f"it was under way at {at}")
    return Finding("under-way", value, f"it ended {spoken(timedelta(minutes=acted))} before {at}")


def nearness(minutes: float) -> float:
    """1 at the onset, 0 a week before, falling with the logarithm of the time."""
    return _falling(minutes / _FRESH, _SPAN)


def _near_onset(minutes: float, context: Context) -> float:
    """How near to when the trouble began something so long before its onset was: where the complaint says since when, the mean of what it may mean.

    What was done after that was too late.
    """
    begins = [length.total_seconds() / 60 for length in context.complaint.began]
    return sum(_near(minutes - begin, context) for begin in begins if minutes >= begin) / len(begins) if begins else _near(minutes, context)


def nearness_of(moment: datetime, end: datetime) -> float:
    """The nearness of a moment to the horizon."""
    return nearness(_minutes(end - moment))


def _near(minutes: float, context: Context) -> float:
    """The mean of the three scales."""
    among_others = _falling(_CROWD * context.pace * minutes, math.log1p(_CROWD * context.many))
    return (_falling(minutes / _AT_ONCE, _AT_MOST) + nearness(minutes) + among_others) / 3


def _falling(value: float, span: float) -> float:
    """1 at 0, falling with the logarithm; 0 where that has come to ``span``."""
    left = 1 - math.log1p(value) / span
    return left if left > 0.0 else 0.0


def _bounds(candidate: Candidate, age: timedelta, context: Context) -> tuple[float, float]:
    """How long before the horizon it happened at the latest and at the earliest, in minutes: snapshots bound a difference, they do not date it.

    :param age: how long before the horizon it began, as far as is known.
    """
    began = age.total_seconds() / 60
    if candidate.kind is not SuspectKind.UNLOGGED:
        return began, began
    latest = _minutes(context.end - candidate.acted_at)
    if any(piece.seen_at < piece.not_after for piece in candidate.evidence):
        return latest, began
    earliest = max(context.material.window.since, min([piece.not_before for piece in candidate.evidence]))
    return latest, max(began, _minutes(context.end - earliest))


def _minutes(length: timedelta) -> float:
    return max(0.0, length.total_seconds() / 60)
