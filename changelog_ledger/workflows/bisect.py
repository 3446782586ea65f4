"""``bisect``: which snapshot, and which difference in it, brought the trouble: history is searched with a probe, or by hand.

The data's way: both ends → the states between them → the middle one is written into a scratch root → probe → verdict → state kept → … → the
snapshot that is found → its single differences, likewise → what explains them.

The method is that of Chronus (Whitaker, Cox, Gribble: "Configuration Debugging as Search: Finding the Needle in the Haystack", OSDI 2004) for the
history, and delta debugging for what is in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from changelog_ledger.errors import BisectionStopped, InvalidInput, NotFound
from changelog_ledger.investigation.bisection import Search, answered, next_position, trials_left
from changelog_ledger.investigation.minimising import minimised
from changelog_ledger.model.bisection import Bisection, By, Cause, Part, Point, Trial, Verdict
from changelog_ledger.model.report import Basis
from changelog_ledger.model.topology import Health, Target
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows import bisect_state
from changelog_ledger.workflows.bisect_host import host_history, reopened
from changelog_ledger.workflows.bisect_probe import TIME_LIMIT, Command, Probe, asked, interruptible, told
from changelog_ledger.workflows.bisect_repository import repository_history
from changelog_ledger.workflows.bisect_state import Question, State, folder_of
from changelog_ledger.workflows.bisect_tree import new_root, remove_root, scratch_root, sweep
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[Trial], None]
"""Told what is tried next."""

_MOST_NAMED = 5
_CEILING = "GIT_CEILING_DIRECTORIES"


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

    def left_out(self) -> tuple[str, ...]:
        """Paths of which there is no content to write."""
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
class _Step:
    """What follows from a state.

    :ivar ends: positions of the last good state and of the first bad one.
    :ivar causes: numbers of the differences that are the answer; empty while it is open, and where none were looked at.
    """

    trial: Trial | None
    ends: tuple[int, int]
    causes: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()


# ---- the verbs


def question_of(host: str, *, path: str, since: str, until: str, by: str, repository: str, good: str, bad: str) -> Question:
    """What somebody asks for.

    :raises InvalidInput: if it is neither a host nor a repository, or what belongs to the one is asked of the other.
    """
    if bool(host) == bool(repository):
        raise InvalidInput("a bisection is of a host's configuration or of a repository", "ledger bisect HOST, or ledger bisect --repo DIR")
    if by and by not in tuple(By):
        raise InvalidInput(f"--by {by} will not do", f"allowed: {', '.join(By)}")
    if (host and (good or bad)) or (repository and (since or until or by)):
        mine, other = ("--since and --until", "--good and --bad") if host else ("--good and --bad", "--since, --until and --by")
        raise InvalidInput(f"{other} are not of a bisection of a {'host' if host else 'repository'}", f"its ends are {mine}")
    return Question(host, repository, path, since or good, until or bad, by)


def search(
    workspace: Workspace, question: Question, probe: Command | Probe, *, timeout: float = TIME_LIMIT, progress: Progress = lambda _trial: None
) -> Bisection:
    """Search to the end, asking a probe of each state; goes on with a search that was interrupted.

    :param probe: a command, or a function that is given the root.
    :param timeout: seconds that a command may take.
    :raises BisectionStopped: if an end is not what it should be, or the probe gives no answer; what was found is kept.
    :raises InvalidInput: if another search of the same history is under way, or nothing lies between the ends.
    """
    with _opened(workspace, question) as (history, state), interruptible():
        folder = folder_of(workspace, state.question)
        while (trial := _step(history, state).trial) is not None:
            progress(trial)
            with scratch_root(folder) as root:
                _write(workspace, history, state, trial, root)
                verdict = _asked(history, trial, probe, root, timeout)
            state = _recorded(history, state, trial, verdict)
            bisect_state.save(workspace, state)
        return _finished(workspace, history, state)


def by_hand(workspace: Workspace, question: Question, *, to: str = "") -> Bisection:
    """Begin a search that somebody answers, or show where it stands; the files of the state to look at are written.

    Where marks say that an end is what it should be, that is believed; else it is the first to be looked at.

    :param to: the folder to make the scratch root in; the home's if empty.
    :raises InvalidInput: as :func:`search`.
    """
    with _opened(workspace, question, to=to, believes_marks=True) as (history, state):
        return _shown(workspace, history, state)


def answer(workspace: Workspace, verdict: Verdict, *, host: str = "", repository: str = "") -> Bisection:
    """Say of the state that was to be looked at whether it is good.

    :raises NotFound: if no search is under way; or :class:`Ambiguous`.
    """
    question = _meant(workspace, host, repository).question
    with _opened(workspace, question) as (history, state):
        trial = _step(history, state).trial
        if trial is not None:
            state = _recorded(history, state, trial, verdict)
            bisect_state.save(workspace, state)
        return _shown(workspace, history, state, anew=True)


def status(workspace: Workspace, *, host: str = "", repository: str = "") -> Bisection:
    """Where a search stands.

    :raises NotFound: if none is under way; or :class:`Ambiguous`.
    """
    question = _meant(workspace, host, repository).question
    with _opened(workspace, question) as (history, state):
        return _outcome(history, state)


def reset(workspace: Workspace, *, host: str = "", repository: str = "") -> None:
    """Forget a search, and remove what it has written.

    :raises NotFound: if none is under way; or :class:`Ambiguous`.
    """
    state = _meant(workspace, host, repository)
    with workspace.locks.bisection(state.question.key):
        _forget(workspace, state)


# ---- opening


def _meant(workspace: Workspace, host: str, repository: str) -> State:
    if repository:
        with GitRepository.open(repository) as opened:
            repository = opened.common_directory
    return bisect_state.only_one(workspace, host, repository)


@contextmanager
def _opened(workspace: Workspace, asked_for: Question, *, to: str = "", believes_marks: bool = False) -> Iterator[tuple[History, State]]:
    """The history that a question is about, and where its search stands; nobody else searches it meanwhile."""
    with GitRepository.open(asked_for.repository or None) as repository:  # nothing is started before something is asked of it
        if asked_for.repository:
            asked_for = replace(asked_for, repository=repository.common_directory)
        with workspace.locks.bisection(asked_for.key):
            state = bisect_state.load(workspace, asked_for)
            sweep(folder_of(workspace, asked_for), keep=(state.root,) if state else ())
            if state is None:
                yield _begun(workspace, repository, asked_for, to, believes_marks=believes_marks)
            else:
                bisect_state.refuse_another(state, asked_for)
                yield _history_of(workspace, repository, state), replace(state, to=to or state.to)


def _begun(workspace: Workspace, repository: GitRepository, question: Question, to: str, *, believes_marks: bool) -> tuple[History, State]:
    history: History = host_history(workspace, question) if question.host else repository_history(workspace, repository, question)
    if left_out := history.left_out():
        named = ", ".join(left_out[:_MOST_NAMED]) + (" …" if len(left_out) > _MOST_NAMED else "")
        workspace.warn(f"of some paths there is no content, so they are not among the files to look at: {named}")
    known = _marked(workspace, question, len(history.points)) if believes_marks else {}
    state = State(question, tuple(point.id for point in history.points), history.rest_id, known, to=to)
    bisect_state.save(workspace, state)
    return history, state


def _history_of(workspace: Workspace, repository: GitRepository, state: State) -> History:
    if state.question.host:
        return reopened(workspace, state)
    ends = replace(state.question, since=state.points[0], until=state.points[-1])
    history = repository_history(workspace, repository, ends)
    if tuple(point.id for point in history.points) != state.points:
        raise NotFound("the history of the repository is not what it was", f"begin anew: ledger bisect reset {state.question.named}")
    return history


def _marked(workspace: Workspace, question: Question, count: int) -> dict[int, Verdict]:
    """What marks say of the ends. Of a repository they say nothing."""
    if not question.host:
        return {}
    with workspace.store.reading() as view:
        marks = view.evidence.latest_marks([Target.host(question.host)])
    last = marks[-1].state if marks else None
    known = {0: Verdict.GOOD} if question.since in ("", Basis.LAST_GOOD) else {}
    return known | ({count - 1: Verdict.BAD} if last is Health.BAD and question.until in ("", Basis.NOW, Basis.ONSET) else {})


# ---- one step after the other


def _step(history: History, state: State) -> _Step:
    """What is to be tried next, or that there is an answer."""
    found = Search(len(state.points), state.verdicts)
    position = _open_position(found, state.question.level)
    if position is not None:
        point = history.points[position]
        return _Step(Trial(point, position, left=trials_left(found)), (found.last_good, found.first_bad))
    ends = (found.last_good, found.first_bad)
    if state.question.level is By.SNAPSHOT or (state.question.level is By.BOTH and len(found.candidates) > 1):
        return _Step(None, ends)
    parts = history.parts(*ends)
    if state.parts and state.parts != tuple(part.name for part in parts):
        raise InvalidInput(
            "the differences are divided otherwise than when this bisection began", f"begin anew: ledger bisect reset {state.question.named}"
        )
    least = minimised(len(parts), state.subsets)
    if least.pending is None:
        return _Step(None, ends, least.smallest, parts)
    return _Step(Trial(history.points[ends[1]], ends[1], least.pending, len(parts), least.left), ends, (), parts)


def _open_position(found: Search, level: By) -> int | None:
    if level is not By.DELTA:
        return next_position(found)
    return next((end for end in (0, found.count - 1) if end not in found.verdicts), None)


def _write(workspace: Workspace, history: History, state: State, trial: Trial, root: str) -> None:
    with workspace.locks.repository_shared():
        if trial.subset is None:
            history.write(root, trial.position)
        else:
            history.write_some(root, *_step(history, state).ends, trial.subset)


def _asked(history: History, trial: Trial, probe: Command | Probe, root: str, timeout: float) -> Verdict:
    if callable(probe):
        return told(probe(Path(root)))
    variables = {**history.environment(trial.position), _CEILING: str(Path(root).parent)}
    return asked(probe, root, history.folder(root), variables, timeout)


def _recorded(history: History, state: State, trial: Trial, verdict: Verdict) -> State:
    """The state after a trial.

    :raises BisectionStopped: if an end is not what it should be.
    """
    if trial.subset is not None:
        names = tuple(part.name for part in _step(history, state).parts)
        return replace(state, parts=names, subsets={**state.subsets, trial.subset: verdict}, trials=state.trials + 1)
    _refuse_wrong_end(state, trial, verdict)
    found = answered(Search(len(state.points), state.verdicts), trial.position, verdict)
    return replace(state, verdicts=found.verdicts, trials=state.trials + 1)


def _refuse_wrong_end(state: State, trial: Trial, verdict: Verdict) -> None:
    again = f"ledger bisect reset {state.question.named}"
    is_host = bool(state.question.host)
    if trial.position == 0 and verdict is Verdict.BAD:
        since = state.question.since or Basis.LAST_GOOD
        where = f"in what {state.question.path} covers" if state.question.path else "in what is watched" if is_host else "in this repository"
        raise BisectionStopped(
            f"the trouble shows with the {'configuration' if is_host else 'commit'} of {since} as well: it is not {where}",
            f"look at packages, restarts and other hosts: ledger what-changed; or begin earlier: {again}, then --{'since' if is_host else 'good'}",
        )
    if trial.position == len(state.points) - 1 and verdict is Verdict.GOOD:
        until = state.question.until or (Basis.NOW if is_host else "HEAD")
        raise BisectionStopped(
            f"the trouble does not show with the {'configuration' if is_host else 'commit'} of {until}",
            f"the probe does not see it, or it is in something else: try the probe by hand; {again} forgets this search",
        )
    if trial.position in (0, len(state.points) - 1) and verdict is Verdict.SKIP:
        end = "good" if trial.position == 0 else "bad"
        raise BisectionStopped(f"the {end} end cannot be told: a search needs both", f"choose another end: {again}, then begin anew")


# ---- what came out


def _finished(workspace: Workspace, history: History, state: State) -> Bisection:
    """The answer; the search is over, and forgotten."""
    outcome = _outcome(history, state)
    _forget(workspace, state)
    return replace(outcome, root="")


def _forget(workspace: Workspace, state: State) -> None:
    if state.root:
        remove_root(state.root)
    sweep(folder_of(workspace, state.question))
    bisect_state.forget(workspace, state.question)


def _shown(workspace: Workspace, history: History, state: State, *, anew: bool = False) -> Bisection:
    """What somebody has to look at next, with its files written; or the answer."""
    trial = _step(history, state).trial
    if trial is None:
        return _finished(workspace, history, state)
    if anew or not state.root or not Path(state.root).is_dir():
        if state.root:
            remove_root(state.root)
        root = new_root(Path(state.to) if state.to else folder_of(workspace, state.question))
        state = replace(state, root=root)
        bisect_state.save(workspace, state)
        _write(workspace, history, state, trial, root)
    return _outcome(history, state)


def _outcome(history: History, state: State) -> Bisection:
    step, points = _step(history, state), history.points
    good, bad = step.ends
    return Bisection(
        host=state.question.host,
        repository=state.question.repository,
        by=state.question.level,
        path=state.question.path,
        good=points[0],
        bad=points[-1],
        before=points[good],
        candidates=points[good + 1 : bad + 1],
        causes=history.causes(good, bad, step.causes) if step.causes else (),
        parts_total=len(step.parts),
        probes=state.trials,
        skips=state.skips,
        untold=sum(verdict is Verdict.SKIP for verdict in state.subsets.values()),
        pending=step.trial,
        root=state.root,
    )
