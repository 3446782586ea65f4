"""Which change explains a piece of evidence, and how surely. What cannot be shown is not claimed.

============  =========================================================================================================
confidence    a change has it when
============  =========================================================================================================
``explicit``  somebody attributed the evidence to it by hand; or the snapshot after its own run found it, and its globs cover the path;
              or the gate had let in these very bytes (or the removal) under it, before they were found
``scope``     it names the host or a service on it, its globs cover the path (or it has none), it was being made at that time
``time``      weaker than that: it names ``all``; or it was only planned for that time; or the file's own time lies outside its actual
              window; or an automatic updater acted
``none``      otherwise, and always for a change that was cancelled
============  =========================================================================================================

"At that time" means: its window [started, finished or now] meets [not_before, not_after]. There is no slack: a change that was finished before the
earlier snapshot explains nothing. A roll-back of a finished change counts as one more moment at which it was being made.
Of what the gate let in neither globs nor time are asked: its path in the repository was judged when it was committed, and it may arrive later.
Of several, the surest explains it, then the narrowest (globs before none, host before service before all), then the one that started last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from changelog_ledger.investigation.automation import is_automatic
from changelog_ledger.investigation.evidence import Piece
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Confidence, Evidence, Observation, Op, RecordedDelta
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target, TargetKind

CLOCK_TOLERANCE = timedelta(seconds=2)
"""How far a file's own time may lie outside a change's window: file systems and clocks are coarse."""

_STRENGTH = {Confidence.NONE: 0, Confidence.TIME: 1, Confidence.SCOPE: 2, Confidence.EXPLICIT: 3}
_NARROW, _WIDER, _WIDEST = 2, 1, 0


@dataclass(frozen=True, slots=True)
class _Question:
    """What is to be explained: where it is and when it can have happened."""

    target: Target
    path: str | None
    not_before: datetime
    not_after: datetime
    mtime: datetime | None = None
    by_hand: str = ""
    run_of: str = ""
    expected_by: str = ""
    is_removal: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One change's answer; without a change: why there is none."""

    confidence: Confidence
    because: str
    change: Change | None = None
    narrowness: tuple[int, int] = (0, 0)

    @property
    def rank(self) -> tuple[int, tuple[int, int], float, str]:
        """The greatest explains best."""
        began = self.change.begins if self.change else None
        return _STRENGTH[self.confidence], self.narrowness, began.timestamp() if began else 0.0, self.change.id if self.change else ""


@dataclass(frozen=True, slots=True)
class _Known:
    """A change with the times at which it can explain something.

    :ivar windows: when it was being made; ``planned`` when it was to be made, for one that never started.
    """

    change: Change
    windows: tuple[tuple[datetime, datetime], ...]
    planned: tuple[datetime, datetime] | None

    def fits(self, question: _Question) -> bool:
        """Whether it was, or was to be, made at the time in question."""
        return any(_meets(window, question) for window in self.windows) or (self.planned is not None and _meets(self.planned, question))


class _ChangesByTarget:
    """Changes looked up by the host or service that they speak for."""

    def __init__(self, changes: Iterable[Change], runs_on: Mapping[Target, frozenset[str]], now: datetime) -> None:
        self.by_id = {change.id: _Known(change, acting_windows(change, now), _planned_window(change)) for change in changes}
        self._narrowness: dict[Target, dict[str, int]] = {}
        self._everywhere: dict[str, int] = {}
        for known in self.by_id.values():
            self._enter(known.change, runs_on)

    def _enter(self, change: Change, runs_on: Mapping[Target, frozenset[str]]) -> None:
        for target in change.on:
            if target.kind is TargetKind.ALL:
                self._everywhere[change.id] = _WIDEST
                continue
            self._note(target, change.id, _NARROW)
            for host in runs_on.get(target, ()):
                self._note(Target(TargetKind.HOST, host), change.id, _WIDER)

    def _note(self, target: Target, change: str, narrowness: int) -> None:
        reaching = self._narrowness.setdefault(target, {})
        reaching[change] = max(narrowness, reaching.get(change, 0))

    def reaching(self, target: Target) -> list[tuple[_Known, int]]:
        """Every change that names the target, a service on it, or ``all``, with how narrowly (2, 1, 0)."""
        found = self._everywhere | self._narrowness.get(target, {})
        if target.kind is TargetKind.ALL:
            found = dict.fromkeys(self.by_id, _WIDEST)
        return [(self.by_id[change], narrowness) for change, narrowness in found.items()]


def attribute(pieces: Sequence[Piece], changes: Sequence[Change], runs_on: Mapping[Target, frozenset[str]], now: datetime) -> tuple[Evidence, ...]:
    """Every piece of evidence with the change that explains it, in the order given.

    Evidence of several parts is explained only if each part is, as surely as the weakest, by the change of the newest.

    :param runs_on: the hosts of each service that a change names.
    :param now: until when a change that is under way has been acting.
    """
    known = _ChangesByTarget(changes, runs_on, now)
    return tuple(_attributed(piece, known) for piece in pieces)


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


def _attributed(piece: Piece, changes: _ChangesByTarget) -> Evidence:
    verdicts = [_best(question, changes) for question in _questions(piece)]
    newest, weakest = verdicts[-1], min(verdicts, key=lambda verdict: _STRENGTH[verdict.confidence])
    if weakest.confidence is not Confidence.NONE:
        return replace(piece.evidence, explained_by=_explainer(newest, piece), confidence=weakest.confidence, because=newest.because)
    because = weakest.because
    explained = sum(verdict.confidence is not Confidence.NONE for verdict in verdicts)
    if explained:
        because = f"only {explained} of its {len(verdicts)} parts are explained: {because}"
    return replace(piece.evidence, confidence=Confidence.NONE, because=because)


def _explainer(verdict: _Verdict, piece: Piece) -> str:
    """The id of the change; what was attributed by hand may name one that is not at hand here."""
    if verdict.change is not None:
        return verdict.change.id
    return piece.parts[-1].explained_by if piece.parts else piece.observation.explained_by if piece.observation else ""


def _questions(piece: Piece) -> list[_Question]:
    if piece.observation is not None:
        seen = piece.observation
        asked = _Question(seen.target, None, piece.evidence.not_before, seen.at, by_hand=seen.explained_by, automatic=is_automatic(seen))
        return [replace(asked, path=path) for path in _paths_of(seen)] or [asked]
    return [_part_question(part) for part in piece.parts]


def _paths_of(seen: Observation) -> list[str]:
    """The paths that an observation is about, where it says so (a commit that went past the gate does): each has to be covered."""
    paths = seen.data.get("paths")
    return [path for path in paths if isinstance(path, str) and path.startswith("/")] if isinstance(paths, list) else []


def _part_question(part: RecordedDelta) -> _Question:
    host = Target(TargetKind.HOST, part.host)
    delta = part.delta
    return _Question(
        host,
        delta.path,
        part.not_before,
        part.not_after,
        delta.mtime,
        by_hand=part.explained_by,
        run_of=part.change,
        expected_by=part.expected_by,
        is_removal=delta.op is Op.REMOVED and delta.key is None,
    )


def _best(question: _Question, changes: _ChangesByTarget) -> _Verdict:
    """The best explanation; if there is none, why the nearest miss fails."""
    if question.by_hand:
        named = changes.by_id.get(question.by_hand)
        return _Verdict(Confidence.EXPLICIT, "attributed by hand", named.change if named else None)
    runner = changes.by_id.get(question.run_of)
    own_run = (
        runner is not None and runner.change.status is not Status.CANCELLED and any(known is runner for known, _ in changes.reaching(question.target))
    )
    if runner is not None and own_run and _covers(runner.change, question):
        return _Verdict(Confidence.EXPLICIT, f"found by the snapshot after {runner.change.id}'s own run", runner.change)
    let_in = _let_in(question, changes)
    if let_in is not None:
        return let_in
    reaching = [pair for pair in changes.reaching(question.target) if pair[0] is not runner]
    fitting = [(known, narrowness) for known, narrowness in reaching if known.fits(question)]
    covering = [(known, narrowness) for known, narrowness in fitting if _covers(known.change, question)]
    explaining = [_explanation(question, known, narrowness) for known, narrowness in covering if not _was_over(known, question)]
    if explaining:
        return max(explaining, key=lambda verdict: verdict.rank)
    if covering:
        return _Verdict(Confidence.NONE, f"the file was last written after {covering[0][0].change.id} had finished")
    if runner is not None:
        return _Verdict(Confidence.NONE, f"changed during the run of {runner.change.id}, outside its declared paths")
    return _Verdict(Confidence.NONE, _nearest_miss(question, [known for known, _ in reaching], [known for known, _ in fitting]))


def _let_in(question: _Question, changes: _ChangesByTarget) -> _Verdict | None:
    """The change under which the gate had let in what was found. Neither globs nor time are asked: the gate has judged the path in the repository."""
    known = changes.by_id.get(question.expected_by)
    if known is None or known.change.status is Status.CANCELLED:
        return None
    what = "its removal was" if question.is_removal else "these very bytes were"
    return _Verdict(Confidence.EXPLICIT, f"{what} let in by the gate under {known.change.id}", known.change)


def _explanation(question: _Question, known: _Known, narrowness: int) -> _Verdict:
    """How surely a change that fits in target, time and path explains it."""
    breadth = (int(bool(known.change.paths)), narrowness)
    weakness = _weakness(question, narrowness, [window for window in known.windows if _meets(window, question)])
    if weakness:
        return _Verdict(Confidence.TIME, weakness, known.change, breadth)
    named = "a service on the host" if narrowness == _WIDER else f"the {question.target.kind}"
    return _Verdict(Confidence.SCOPE, f"it names {named} and was being made", known.change, breadth)


def _nearest_miss(question: _Question, reaching: Sequence[_Known], fitting: Sequence[_Known]) -> str:
    """Why the change that comes nearest does not explain it: one made at the time elsewhere in the file tree, else the nearest in time."""
    if fitting:
        nearest = min(fitting, key=lambda known: known.change.id)
        return f"outside the declared paths of {nearest.change.id}, which was {'made' if nearest.windows else 'planned'} at that time"
    for _, known in sorted(((_gap(known, question), known) for known in reaching if known.windows), key=lambda pair: (pair[0], pair[1].change.id)):
        if _covers(known.change, question):
            ended = [end for _, end in known.windows if end <= question.not_before]
            if ended:
                return f"{known.change.id} had finished before, at {shown_instant(max(ended))}"
            return f"{known.change.id} was started only afterwards, at {shown_instant(known.windows[0][0])}"
    return f"no change names {question.target} at that time"


def _gap(known: _Known, question: _Question) -> timedelta:
    """How far a change was from being made at the right time."""
    return min(max(question.not_before - end, start - question.not_after) for start, end in known.windows)


def _weakness(question: _Question, narrowness: int, fitting: Sequence[tuple[datetime, datetime]]) -> str:
    """Why the explanation rests on time only, or empty."""
    if not fitting:
        return "planned for that time, and nobody said when it was started"
    if narrowness == _WIDEST:
        return "it names everything and was being made"
    if question.automatic:
        return "being made at that time, but an automatic updater acted"
    if question.not_before == question.not_after and all(end < _end_of_moment(question.not_after) for _, end in fitting):
        return "it ended in the very second that the log tells: it may have been just after"
    if question.mtime is None or not question.not_before < question.mtime <= question.not_after:
        return ""
    if any(start - CLOCK_TOLERANCE <= question.mtime <= end + CLOCK_TOLERANCE for start, end in fitting):
        return ""
    return f"the file's own time, {shown_instant(question.mtime)}, lies outside the change's"


def _meets(window: tuple[datetime, datetime], question: _Question) -> bool:
    """Whether it can have happened within the window.

    What a snapshot had seen already did not happen after it: ``not_before`` itself is outside. A moment (an observation) has no such beginning.
    """
    if question.not_before == question.not_after:
        return window[0] < _end_of_moment(question.not_after) and question.not_after <= window[1]
    return window[0] <= question.not_after and window[1] > question.not_before


def _end_of_moment(moment: datetime) -> datetime:
    """Logs tell whole seconds: 14:36:25 is any time before 14:36:26."""
    return moment + (timedelta(seconds=1) if moment.microsecond == 0 else timedelta(microseconds=1))


def _was_over(known: _Known, question: _Question) -> bool:
    """Whether a snapshot during the change had seen its work, and the file was written again when it was over.

    Between that snapshot and the change's end lies a sliver of time, and the file's own time says that it was not then.
    """
    if question.mtime is None or not question.not_before < question.mtime <= question.not_after:
        return False
    touching = [window for window in known.windows if _meets(window, question)]
    return bool(touching) and all(start <= question.not_before and end + CLOCK_TOLERANCE < question.mtime for start, end in touching)


def _planned_window(change: Change) -> tuple[datetime, datetime] | None:
    """When a change was to be made that never started, and may still be."""
    if change.status is Status.CANCELLED or change.started_at is not None:
        return None
    begins, ends = change.planned_start or change.finished_at, change.finished_at or change.planned_end
    return None if begins is None else (begins, max(ends or begins, begins))


def _covers(change: Change, question: _Question) -> bool:
    return globs.declares(change.paths, question.path)
