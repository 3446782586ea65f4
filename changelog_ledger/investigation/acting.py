"""When changes were being made, and where: looked up by target and time, for each piece of evidence asks it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.topology import Target, TargetKind

NARROW, WIDER, WIDEST = 2, 1, 0
"""How narrowly a change names a target: itself, a service on it, everything."""

_SECOND, _MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


class Question(NamedTuple):
    """What is to be explained: where it is and when it can have happened.

    :ivar seen: the observation that it is about; None for a difference.
    """

    target: Target
    path: str | None
    not_before: datetime
    not_after: datetime
    mtime: datetime | None = None
    by_hand: str = ""
    run_of: str = ""
    expected_by: str = ""
    is_removal: bool = False
    seen: Observation | None = None


class Known(NamedTuple):
    """A change with the times at which it can explain something.

    :ivar windows: when it was being made; ``planned`` when it was to be made, for one that never started.
    """

    change: Change
    windows: tuple[tuple[datetime, datetime], ...]
    planned: tuple[datetime, datetime] | None


class Reaching:
    """The changes that reach one target, each with how narrowly (2, 1, 0), in the order of the times at which they were made."""

    def __init__(self, pairs: Sequence[tuple[Known, int]]) -> None:
        self.ids = frozenset(known.change.id for known, _ in pairs)
        self._pairs = pairs
        by_id = [(*window, known) for known, _ in sorted(pairs, key=_identity) for window in known.windows]
        self._by_begin = sorted(by_id, key=_begin)
        self._by_end = sorted(by_id, key=_end, reverse=True)
        self._first_begins = [begin for begin, _, _ in self._by_begin]
        self._last_ends = [end for _, end, _ in reversed(self._by_end)]
        spans = [(*window, place) for place, (known, _) in enumerate(pairs) for window in (*known.windows, known.planned) if window is not None]
        self._spans = sorted(spans)
        self._begins = [begin for begin, _, _ in self._spans]
        self._latest_ends = list(accumulate((end for _, end, _ in self._spans), max))

    def fitting(self, question: Question) -> list[tuple[Known, int]]:
        """Those that were, or were to be, made at the time in question."""
        places: set[int] = set()
        last = bisect_right(self._begins, end_of_moment(question.not_after))
        for number in range(last - 1, -1, -1):
            if self._latest_ends[number] < question.not_before:
                break  # nothing that began earlier lasted until then
            begin, end, place = self._spans[number]
            if meets((begin, end), question):
                places.add(place)
        return [self._pairs[place] for place in sorted(places)]

    def nearest(self, question: Question) -> Iterator[Known]:
        """Those that were made at another time, where none was made at this: the nearest first, then by id, then what was over before what came."""
        earlier, later = self._by_end, self._by_begin
        before = len(earlier) - bisect_right(self._last_ends, question.not_before)
        after = bisect_right(self._first_begins, question.not_after)
        while before < len(earlier) and after < len(later):
            (_, end, was_over), (begin, _, came_after) = earlier[before], later[after]
            if (question.not_before - end, was_over.change.id) <= (begin - question.not_after, came_after.change.id):
                before += 1
                yield was_over
            else:
                after += 1
                yield came_after
        yield from (earlier[place][2] for place in range(before, len(earlier)))
        yield from (later[place][2] for place in range(after, len(later)))


def _identity(pair: tuple[Known, int]) -> str:
    return pair[0].change.id


def _begin(span: tuple[datetime, datetime, object]) -> datetime:
    return span[0]


def _end(span: tuple[datetime, datetime, object]) -> datetime:
    return span[1]


class ChangesByTarget:
    """Changes looked up by the host or service that they speak for."""

    def __init__(self, changes: Iterable[Change], runs_on: Mapping[Target, frozenset[str]], now: datetime) -> None:
        self.by_id = {change.id: Known(change, acting_windows(change, now), _planned_window(change)) for change in changes}
        self._narrowness: dict[Target, dict[str, int]] = {}
        self._everywhere: dict[str, int] = {}
        self._reaching: dict[Target, Reaching] = {}
        for known in self.by_id.values():
            self._enter(known.change, runs_on)

    def _enter(self, change: Change, runs_on: Mapping[Target, frozenset[str]]) -> None:
        for target in change.on:
            if target.kind is TargetKind.ALL:
                self._everywhere[change.id] = WIDEST
                continue
            self._note(target, change.id, NARROW)
            for host in runs_on.get(target, ()):
                self._note(Target(TargetKind.HOST, host), change.id, WIDER)

    def _note(self, target: Target, change: str, narrowness: int) -> None:
        reaching = self._narrowness.setdefault(target, {})
        reaching[change] = max(narrowness, reaching.get(change, 0))

    def reaching(self, target: Target) -> Reaching:
        """Every change that names the target, a service on it, or ``all``."""
        known = self._reaching.get(target)
        if known is None:
            found = self._everywhere | self._narrowness.get(target, {})
            if target.kind is TargetKind.ALL:
                found = dict.fromkeys(self.by_id, WIDEST)
            known = self._reaching[target] = Reaching([(self.by_id[change], narrowness) for change, narrowness in found.items()])
        return known


def acting_windows(change: Change, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """When a change was being made: from start to finish (or now), and the moment of a later roll-back. None for one that never started."""
    if change.started_at is None or change.status is Status.CANCELLED:
        return ()
    if change.finished_at is not None:
        end = change.finished_at
    elif change.status is Status.STARTED:
        end = now
    else:  # an import that says it is finished and not when: the plan is the best guess
        end = change.planned_end or change.started_at
    windows = [(change.started_at, max(end, change.started_at))]
    windows += [(note.at, note.at) for note in change.notes if note.step == Status.ROLLED_BACK and note.at > end]
    return tuple(windows)


def _planned_window(change: Change) -> tuple[datetime, datetime] | None:
    """When a change was to be made that never started, and may still be."""
    if change.status is Status.CANCELLED or change.started_at is not None:
        return None
    begins, ends = change.planned_start or change.finished_at, change.finished_at or change.planned_end
    return None if begins is None else (begins, max(ends or begins, begins))


def meets(window: tuple[datetime, datetime], question: Question) -> bool:
    """Whether it can have happened within the window.

    What a snapshot had seen already did not happen after it: ``not_before`` itself is outside. A moment (an observation) has no such beginning.
    """
    if question.not_before == question.not_after:
        return window[0] < end_of_moment(question.not_after) and question.not_after <= window[1]
    return window[0] <= question.not_after and window[1] > question.not_before


def end_of_moment(moment: datetime) -> datetime:
    """Logs tell whole seconds: 14:36:25 is any time before 14:36:26."""
    return moment + (_SECOND if moment.microsecond == 0 else _MICROSECOND)
