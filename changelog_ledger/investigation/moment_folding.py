"""Moments of a timeline in order; much of one kind folded into one line that says how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from changelog_ledger.model.incident import Moment, MomentKind
from changelog_ledger.model.topology import Target

FOLDED_FROM = 4
"""So many of one kind are one line."""

FOLDED_WITHIN = timedelta(minutes=15)
"""How far two of a kind may lie apart to be of one line. Marks that say the same have no such limit."""


def folded(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """The moments; four and more of one kind, place and time as one, which says how many they are. What has a role stands by itself."""
    lanes: dict[tuple[MomentKind, Target | None, str], list[Moment]] = {}
    for moment in sorted(moments, key=order_of):
        lanes.setdefault(_lane(moment), []).append(moment)
    lines = [line for lane in lanes.values() for run in _runs(lane) for line in _line(run)]
    return tuple(sorted(lines, key=order_of))


def _lane(moment: Moment) -> tuple[MomentKind, Target | None, str]:
    """Moments of one lane may be folded. Marks of one target are one lane, so that a good one between bad ones stays between them."""
    alike = f"{moment.actor} {moment.text}" if moment.kind is MomentKind.CHANGE else moment.actor if moment.kind in _EVIDENCE else ""
    return moment.kind, moment.where, alike


_EVIDENCE = (MomentKind.DRIFT, MomentKind.OBSERVATION)
_FOLDABLE = (MomentKind.MARK, MomentKind.CHANGE, *_EVIDENCE)


def _runs(lane: Sequence[Moment]) -> list[list[Moment]]:
    runs = [[lane[0]]]
    for before, moment in pairwise(lane):
        if _together(before, moment):
            runs[-1].append(moment)
        else:
            runs.append([moment])
    return runs


def _together(before: Moment, moment: Moment) -> bool:
    if moment.kind not in _FOLDABLE or before.role or moment.role:
        return False
    if moment.kind is MomentKind.MARK:
        return before.text == moment.text
    return moment.at - before.at <= FOLDED_WITHIN


def _line(run: Sequence[Moment]) -> Sequence[Moment]:
    if len(run) < FOLDED_FROM:
        return run
    first = run[0]
    total = sum(moment.folded for moment in run)
    return [replace(first, text=_counted(first, total), folded=total, until=run[-1].until or run[-1].at)]


def _counted(first: Moment, total: int) -> str:
    match first.kind:
        case MomentKind.DRIFT:
            return f"{total:,} differences that no change explains; the first: {first.text}"
        case MomentKind.OBSERVATION:
            return f"{total:,} things were seen; the first: {first.text}"
    return f"{first.text} ({total:,} times)"


_KINDS = {kind: number for number, kind in enumerate(MomentKind)}


def order_of(moment: Moment) -> tuple[datetime, int, str, str, str, str, str, int]:
    """What moments are sorted by: time first; the rest, so that the order does not depend on where they come from."""
    return moment.at, _KINDS[moment.kind], moment.text, moment.what, str(moment.where), moment.actor, moment.role, moment.folded
