"""What follows from what is known of a history: the next trial, or the answer; and what a trial adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from changelog_ledger.errors import BisectionStopped, InvalidInput
from changelog_ledger.investigation.bisection import Search, answered, next_position, trials_left
from changelog_ledger.investigation.minimising import minimised
from changelog_ledger.model.bisection import Bisection, By, Cause, LeftOut, Part, Point, Trial, Verdict
from changelog_ledger.model.report import Basis
from changelog_ledger.model.times import shown_instant
from changelog_ledger.workflows.bisect_state import State, Tried


class History(Protocol):
    """What can be searched."""

    @property
    def rest_id(self) -> str:
        """The state that files are of which do not go through history; empty if all do."""
        ...

    @property
    def points(self) -> tuple[Point, ...]:
        """Its states, the good end first."""
        ...

    def left_out(self, before: int, after: int) -> tuple[LeftOut, ...]:
        """What of two states cannot be written."""
        ...

    def environment(self, position: int) -> Mapping[str, str]:
        """What a probe is told of a state besides where its files are."""
        ...

    def folder(self, root: str) -> str:
        """Where a probe runs."""
        ...

    def parts(self, before: int, after: int) -> tuple[Part, ...]:
        """The differences between two states."""
        ...

    def write(self, root: str, position: int) -> None:
        """Write the files of a state."""
        ...

    def write_some(self, root: str, before: int, after: int, subset: Sequence[int]) -> None:
        """Write a state with some of the differences to another."""
        ...

    def causes(self, before: int, after: int, subset: Sequence[int]) -> tuple[Cause, ...]:
        """What is known of differences."""
        ...


@dataclass(frozen=True)
class Step:
    """What follows from a state.

    :ivar ends: positions of the last good state and of the first bad one.
    :ivar causes: numbers of the differences that are the answer; empty while it is open, and where none were looked at.
    """

    trial: Trial | None
    ends: tuple[int, int]
    causes: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()


def step(history: History, state: State) -> Step:
    """What is to be tried next, or that there is an answer."""
    found = Search(len(state.points), state.verdicts)
    position = _open_position(found, state.question.level)
    if position is not None:
        point = history.points[position]
        return Step(Trial(point, position, left=trials_left(found)), (found.last_good, found.first_bad))
    ends = (found.last_good, found.first_bad)
    if state.question.level is By.SNAPSHOT or (state.question.level is By.BOTH and len(found.candidates) > 1):
        return Step(None, ends)
    parts = history.parts(*ends)
    if state.parts and state.parts != tuple(part.name for part in parts):
        raise InvalidInput(
            "the differences are divided otherwise than when this bisection began", f"begin anew: ledger bisect reset {state.question.named}"
        )
    least = minimised(len(parts), state.subsets)
    if least.pending is None:
        return Step(None, ends, least.smallest, parts)
    return Step(Trial(history.points[ends[1]], ends[1], least.pending, len(parts), least.left), ends, (), parts)


def _open_position(found: Search, level: By) -> int | None:
    if level is not By.DELTA:
        return next_position(found)
    return next((end for end in (0, found.count - 1) if end not in found.verdicts), None)


def recorded(history: History, state: State, trial: Trial, verdict: Verdict) -> State:
    """The state after a trial that did not show a wrong end. What was shown has been answered."""
    if trial.subset is not None:
        names = tuple(part.name for part in step(history, state).parts)
        return replace(state, parts=names, subsets={**state.subsets, trial.subset: verdict}, trials=state.trials + 1, shown=None)
    found = answered(Search(len(state.points), state.verdicts), trial.position, verdict)
    return replace(state, verdicts=found.verdicts, trials=state.trials + 1, shown=None)


def key_of(trial: Trial) -> Tried:
    """What a state knows a trial by."""
    return trial.position if trial.subset is None else trial.subset


def wrong_end(history: History, state: State, trial: Trial, verdict: Verdict) -> BisectionStopped | None:
    """Why there is nothing to search, if a trial has shown that one of the ends is not what it should be."""
    if trial.subset is not None:
        return None
    match trial.position, verdict:
        case 0, Verdict.BAD:
            return _not_good(state, trial.point)
        case position, Verdict.GOOD if position == len(history.points) - 1:
            return _not_bad(state, trial.point)
        case position, Verdict.SKIP if position in (0, len(history.points) - 1):
            end = "good" if position == 0 else "bad"
            others = "--since and --until" if state.question.host else "--good and --bad"
            return BisectionStopped(f"the {end} end cannot be told: a search needs both", f"choose another end: {others}")
    return None


def _not_good(state: State, point: Point) -> BisectionStopped:
    question = state.question
    since = question.since or Basis.LAST_GOOD
    where = f"in what {question.path} covers" if question.path else "in what is watched" if question.host else "in this repository"
    option = "--since" if question.host else "--good"
    return BisectionStopped(
        f"the trouble shows with {_end(state, since, point)} as well: it is not {where}",
        f"look at packages, restarts and other hosts: ledger what-changed; or begin earlier: {option}",
    )


def _not_bad(state: State, point: Point) -> BisectionStopped:
    host = state.question.host
    end = _end(state, state.question.until or (Basis.NOW if host else "HEAD"), point)
    later = f"came later (ledger snapshot {host}, then begin anew), " if host else ""
    return BisectionStopped(
        f"the trouble does not show with {end}", f"it {later}is in something else, or the probe does not see it: try the probe by hand"
    )


def _end(state: State, name: str, point: Point) -> str:
    if state.question.host:
        return f"the configuration of {name} (the snapshot of {shown_instant(point.at)})"
    return f"the commit of {name} ({point.id[:12]})"


def outcome(history: History, state: State) -> Bisection:
    """How a search came out, or where it stands."""
    now, points = step(history, state), history.points
    good, bad = now.ends
    return Bisection(
        host=state.question.host,
        repository=state.question.repository,
        by=state.question.level,
        path=state.question.path,
        good=points[0],
        bad=points[-1],
        before=points[good],
        candidates=points[good + 1 : bad + 1],
        causes=history.causes(good, bad, now.causes) if now.causes else (),
        parts_total=len(now.parts),
        probes=state.trials,
        skips=state.skips,
        untold=sum(verdict is Verdict.SKIP for verdict in state.subsets.values()),
        left_out=history.left_out(good, bad),
        pending=now.trial,
        root=state.root if now.trial is not None and state.shown == key_of(now.trial) else "",
    )
