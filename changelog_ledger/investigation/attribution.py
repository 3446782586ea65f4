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

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from changelog_ledger.investigation.acting import WIDER, WIDEST, ChangesByTarget, Known, Question, Reaching, end_of_moment, meets
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


class _Verdict(NamedTuple):
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


def attribute(pieces: Sequence[Piece], changes: Sequence[Change], runs_on: Mapping[Target, frozenset[str]], now: datetime) -> tuple[Evidence, ...]:
    """Every piece of evidence with the change that explains it, in the order given.

    Evidence of several parts is explained only if each part is, as surely as the weakest, by the change of the newest.

    :param runs_on: the hosts of each service that a change names.
    :param now: until when a change that is under way has been acting.
    """
    known = ChangesByTarget(changes, runs_on, now)
    return tuple(_attributed(piece, known) for piece in pieces)


def _attributed(piece: Piece, changes: ChangesByTarget) -> Evidence:
    verdicts = [_best(question, changes) for question in _questions(piece)]
    newest = verdicts[-1]
    weakest = newest if len(verdicts) == 1 else min(verdicts, key=lambda verdict: _STRENGTH[verdict.confidence])
    if weakest.confidence is not Confidence.NONE:
        return piece.evidence.judged(weakest.confidence, newest.because, _explainer(newest, piece))
    return piece.evidence.judged(Confidence.NONE, weakest.because if len(verdicts) == 1 else _in_part(verdicts, weakest))


def _in_part(verdicts: Sequence[_Verdict], weakest: _Verdict) -> str:
    """Why evidence of several parts has no explanation, though some of them may have one."""
    explained = sum(verdict.confidence is not Confidence.NONE for verdict in verdicts)
    return f"only {explained} of its {len(verdicts)} parts are explained: {weakest.because}" if explained else weakest.because


def _explainer(verdict: _Verdict, piece: Piece) -> str:
    """The id of the change; what was attributed by hand may name one that is not at hand here."""
    if verdict.change is not None:
        return verdict.change.id
    return piece.parts[-1].explained_by if piece.parts else piece.observation.explained_by if piece.observation else ""


def _questions(piece: Piece) -> list[Question]:
    if piece.observation is not None:
        seen = piece.observation
        asked = Question(seen.target, None, piece.evidence.not_before, seen.at, by_hand=seen.explained_by, seen=seen)
        return [asked._replace(path=path) for path in _paths_of(seen)] or [asked]
    return [_part_question(part) for part in piece.parts]


def _paths_of(seen: Observation) -> list[str]:
    """The paths that an observation is about, where it says so (a commit that went past the gate does): each has to be covered."""
    paths = seen.data.get("paths")
    return [path for path in paths if isinstance(path, str) and path.startswith("/")] if isinstance(paths, list) else []


def _part_question(part: RecordedDelta) -> Question:
    host = Target(TargetKind.HOST, part.host)
    delta = part.delta
    return Question(
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


def _best(question: Question, changes: ChangesByTarget) -> _Verdict:
    """The best explanation; if there is none, why the nearest miss fails."""
    if question.by_hand:
        named = changes.by_id.get(question.by_hand)
        return _Verdict(Confidence.EXPLICIT, "attributed by hand", named.change if named else None)
    reaching = changes.reaching(question.target)
    runner = changes.by_id.get(question.run_of)
    own_run = runner is not None and runner.change.status is not Status.CANCELLED and runner.change.id in reaching.ids
    if runner is not None and own_run and _covers(runner.change, question):
        return _Verdict(Confidence.EXPLICIT, f"found by the snapshot after {runner.change.id}'s own run", runner.change)
    let_in = _let_in(question, changes)
    if let_in is not None:
        return let_in
    fitting = [pair for pair in reaching.fitting(question) if pair[0] is not runner]
    covering = [(known, narrowness) for known, narrowness in fitting if _covers(known.change, question)]
    explaining = [_explanation(question, known, narrowness) for known, narrowness in covering if not _was_over(known, question)]
    if explaining:
        return max(explaining, key=lambda verdict: verdict.rank)
    if covering:
        return _Verdict(Confidence.NONE, f"the file was last written after {covering[0][0].change.id} had finished")
    if runner is not None:
        return _Verdict(Confidence.NONE, f"changed during the run of {runner.change.id}, outside its declared paths")
    return _Verdict(Confidence.NONE, _nearest_miss(question, reaching, [known for known, _ in fitting]))


def _let_in(question: Question, changes: ChangesByTarget) -> _Verdict | None:
    """The change under which the gate had let in what was found. Neither globs nor time are asked: the gate has judged the path in the repository."""
    known = changes.by_id.get(question.expected_by)
    if known is None or known.change.status is Status.CANCELLED:
        return None
    what = "its removal was" if question.is_removal else "these very bytes were"
    return _Verdict(Confidence.EXPLICIT, f"{what} let in by the gate under {known.change.id}", known.change)


def _explanation(question: Question, known: Known, narrowness: int) -> _Verdict:
    """How surely a change that fits in target, time and path explains it."""
    breadth = (int(bool(known.change.paths)), narrowness)
    weakness = _weakness(question, narrowness, [window for window in known.windows if meets(window, question)])
    if weakness:
        return _Verdict(Confidence.TIME, weakness, known.change, breadth)
    named = "a service on the host" if narrowness == WIDER else f"the {question.target.kind}"
    return _Verdict(Confidence.SCOPE, f"it names {named} and was being made", known.change, breadth)


def _nearest_miss(question: Question, reaching: Reaching, fitting: Sequence[Known]) -> str:
    """Why the change that comes nearest does not explain it: one made at the time elsewhere in the file tree, else the nearest in time."""
    if fitting:
        nearest = min(fitting, key=lambda known: known.change.id)
        return f"outside the declared paths of {nearest.change.id}, which was {'made' if nearest.windows else 'planned'} at that time"
    for known in reaching.nearest(question):
        if _covers(known.change, question):
            ended = [end for _, end in known.windows if end <= question.not_before]
            if ended:
                return f"{known.change.id} had finished before, at {shown_instant(max(ended))}"
            return f"{known.change.id} was started only afterwards, at {shown_instant(known.windows[0][0])}"
    return f"no change names {question.target} at that time"


def _weakness(question: Question, narrowness: int, fitting: Sequence[tuple[datetime, datetime]]) -> str:
    """Why the explanation rests on time only, or empty."""
    if not fitting:
        return "planned for that time, and nobody said when it was started"
    if narrowness == WIDEST:
        return "it names everything and was being made"
    if question.seen is not None and is_automatic(question.seen):
        return "being made at that time, but an automatic updater acted"
    if question.not_before == question.not_after and all(end < end_of_moment(question.not_after) for _, end in fitting):
        return "it ended in the very second that the log tells: it may have been just after"
    if question.mtime is None or not question.not_before < question.mtime <= question.not_after:
        return ""
    if any(start - CLOCK_TOLERANCE <= question.mtime <= end + CLOCK_TOLERANCE for start, end in fitting):
        return ""
    return f"the file's own time, {shown_instant(question.mtime)}, lies outside the change's"


def _was_over(known: Known, question: Question) -> bool:
    """Whether a snapshot during the change had seen its work, and the file was written again when it was over.

    Between that snapshot and the change's end lies a sliver of time, and the file's own time says that it was not then.
    """
    if question.mtime is None or not question.not_before < question.mtime <= question.not_after:
        return False
    touching = [window for window in known.windows if meets(window, question)]
    return bool(touching) and all(start <= question.not_before and end + CLOCK_TOLERANCE < question.mtime for start, end in touching)


def _covers(change: Change, question: Question) -> bool:
    return question.path is None or globs.declares(change.paths, question.path)  # what has no path is asked for by the thousand
