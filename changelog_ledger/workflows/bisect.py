"""``bisect``: which snapshot, and which difference in it, brought the trouble: history is searched with a probe, or by hand.

The data's way: both ends → the states between them → the middle one is written into a scratch root → probe → verdict → state kept → … → the
snapshot that is found → its single differences, likewise → what explains them.

The method is that of Chronus (Whitaker, Cox, Gribble: "Configuration Debugging as Search: Finding the Needle in the Haystack", OSDI 2004) for the
history, and delta debugging for what is in one step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from changelog_ledger.errors import HomeError, InvalidInput, NotFound
from changelog_ledger.model.bisection import Bisection, By, Trial, Verdict
from changelog_ledger.model.report import Basis
from changelog_ledger.model.times import shown_instant
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows import bisect_looks, bisect_state
from changelog_ledger.workflows.bisect_host import host_history, reopened
from changelog_ledger.workflows.bisect_marks import known_ends
from changelog_ledger.workflows.bisect_probe import TIME_LIMIT, Command, Probe, asked, interruptible, time_limit, told
from changelog_ledger.workflows.bisect_probe_digest import probe_digest
from changelog_ledger.workflows.bisect_repository import repository_history
from changelog_ledger.workflows.bisect_state import Question, State, folder_of
from changelog_ledger.workflows.bisect_step import History, key_of, outcome, recorded, step, wrong_end
from changelog_ledger.workflows.bisect_tree import scratch_root, sweep
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[Trial], None]
"""Told what is tried next."""

_MOST_NAMED = 5


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


def refuse_misplaced(*, has_probe: bool, to: str, timeout: float | None) -> None:
    """Refuse what would have no effect.

    :raises InvalidInput: if there is a folder to look at beside a probe, or a time limit without one.
    """
    if has_probe and to:
        raise InvalidInput("--to is where somebody looks at the files, and beside --probe nobody does", "leave --to away, or --probe")
    if timeout is not None and not has_probe:
        raise InvalidInput("--timeout is for a probe, and there is none", "give one: --probe COMMAND; or leave --timeout away")


def search(
    workspace: Workspace, question: Question, probe: Command | Probe, *, timeout: float = TIME_LIMIT, progress: Progress = lambda _trial: None
) -> Bisection:
    """Search to the end, asking a probe of each state; goes on with a search that was interrupted.

    What another probe has answered is asked anew: it may have been wrong.

    :param probe: a command, or a function that is given the root.
    :param timeout: seconds that a command may take.
    :raises BisectionStopped: if an end is not what it should be: the search is forgotten; or if the probe gives no answer: what was found is kept.
    :raises InvalidInput: if a search with another question is under way, nothing lies between the
        ends, or ``timeout`` is no time.
    :raises Busy: if somebody else searches the same history.
    """
    timeout = time_limit(timeout)
    with _alone(workspace, question) as (repository, asked_for), interruptible():
        history, state = _begun_or_gone_on_with(workspace, repository, asked_for)
        state = _asked_by(workspace, bisect_looks.without_root(workspace, state), probe_digest(probe))
        folder = _swept(workspace, state)
        while (trial := step(history, state).trial) is not None:
            progress(trial)
            with scratch_root(folder) as root:
                bisect_looks.write(workspace, history, state, trial, root)
                verdict = _asked(history, trial, probe, root, timeout)
            state = replace(_judged(workspace, history, state, trial, verdict), probed=state.probed | {key_of(trial)})
            bisect_state.save(workspace, state)
        return bisect_looks.finished(workspace, history, state)


def by_hand(workspace: Workspace, question: Question, *, to: str = "") -> Bisection:
    """Begin a search that somebody answers, or show where it stands; the files of the state to look at are written.

    Where marks say that an end is what it should be, that is believed; else it is the first to be looked at.

    :param to: the folder to make the scratch root in; the home's if empty.
    :raises InvalidInput: as :func:`search`; and :class:`Busy`.
    """
    with _alone(workspace, question) as (repository, asked_for):
        history, state = _begun_or_gone_on_with(workspace, repository, asked_for, believes_marks=True)
        _swept(workspace, state)
        if to and (folder := str(Path(to).resolve())) != state.to:
            state = bisect_looks.elsewhere(workspace, state, folder)
        return bisect_looks.shown(workspace, history, state)


def answer(workspace: Workspace, verdict: Verdict, *, host: str = "", repository: str = "") -> Bisection:
    """Say of the state that was to be looked at whether it is good.

    :raises NotFound: if no search is under way; or :class:`Ambiguous`.
    :raises InvalidInput: if nothing was shown that could be meant.
    :raises BisectionStopped: if an end is not what it should be: then the search is forgotten.
    :raises Busy: if somebody else searches the same history.
    """
    with _alone(workspace, _meant(workspace, host, repository).question) as (git, question):
        state = bisect_state.only_one(workspace, question.host, question.repository)  # somebody may have finished it meanwhile
        history = _history_of(workspace, git, state)
        _swept(workspace, state)
        trial = step(history, state).trial
        if trial is None or state.shown != key_of(trial):
            raise InvalidInput("nothing was shown that could be good or bad", f"look first: ledger bisect {question.named}")
        state = _judged(workspace, history, state, trial, verdict)
        bisect_state.save(workspace, state)
        return bisect_looks.shown(workspace, history, state)


def status(workspace: Workspace, *, host: str = "", repository: str = "") -> Bisection:
    """Where a search stands, also while somebody is at it; nothing is altered.

    :raises NotFound: if none is under way; or :class:`Ambiguous`.
    """
    state = _meant(workspace, host, repository)
    with GitRepository.open(state.question.repository or None) as opened:
        return outcome(_history_of(workspace, opened, state), state)


def reset(workspace: Workspace, *, host: str = "", repository: str = "") -> None:
    """Forget a search, and remove what it has written.

    :raises NotFound: if none is under way; or :class:`Ambiguous`.
    :raises Busy: if somebody is at it.
    """
    question = _named(host, repository) if host or repository else bisect_state.only_one(workspace).question
    with _alone(workspace, question):
        try:
            state = bisect_state.only_one(workspace, question.host, question.repository)
        except HomeError:  # it cannot be understood, and is to go
            bisect_looks.forget(workspace, question, None)
        else:
            bisect_looks.forget(workspace, question, state)


# ---- opening


def _named(host: str, repository: str) -> Question:
    if not repository:
        return Question(host)
    with GitRepository.open(repository) as opened:
        return Question(host, opened.common_directory)


def _meant(workspace: Workspace, host: str, repository: str) -> State:
    named = _named(host, repository)
    return bisect_state.only_one(workspace, named.host, named.repository)


@contextmanager
def _alone(workspace: Workspace, asked_for: Question) -> Iterator[tuple[GitRepository, Question]]:
    """The repository that a question is about, and the question with its name; nobody else searches the same history meanwhile."""
    who = f"process {os.getpid()} of {workspace.actor}, since {shown_instant(workspace.now())}"
    with GitRepository.open(asked_for.repository or None) as repository:  # nothing is started before something is asked of it
        if asked_for.repository:
            asked_for = replace(asked_for, repository=repository.common_directory)
        with workspace.locks.bisection(asked_for.key, who):
            yield repository, asked_for


def _swept(workspace: Workspace, state: State) -> Path:
    """The folder of a search, without what killed ones have left in it; who only looks removes nothing."""
    folder = folder_of(workspace, state.question)
    sweep(folder, keep=(state.root,) if state.root else ())
    return folder


def _begun_or_gone_on_with(
    workspace: Workspace, repository: GitRepository, question: Question, *, believes_marks: bool = False
) -> tuple[History, State]:
    state = bisect_state.load(workspace, question)
    if state is None:
        return _begun(workspace, repository, question, believes_marks=believes_marks)
    bisect_state.refuse_another(state, question)
    history = _history_of(workspace, repository, state)
    kind = "snapshot" if question.host else "commit"
    said = f"going on with the search begun {shown_instant(state.begun)}, up to the {kind} of {shown_instant(history.points[-1].at)}"
    workspace.warn(said + _newer(workspace, state))
    return history, state


def _newer(workspace: Workspace, state: State) -> str:
    """How many snapshots a search up to now does not know of, in words."""
    if not state.question.host or state.question.until not in ("", Basis.NOW):
        return ""
    with workspace.store.reading() as view:
        last = view.evidence.snapshot(state.rest)
        newer = view.evidence.snapshots_between([state.question.host], last.at, workspace.now()) if last else ()
    if not newer:
        return ""
    there = "is a newer snapshot" if len(newer) == 1 else f"are {len(newer)} newer snapshots"
    return f"; there {there} (the last of {shown_instant(newer[-1].at)}): to begin anew up to now, ledger bisect reset {state.question.named} first"


def _begun(workspace: Workspace, repository: GitRepository, question: Question, *, believes_marks: bool) -> tuple[History, State]:
    history: History = host_history(workspace, question) if question.host else repository_history(workspace, repository, question)
    if left_out := history.left_out(0, len(history.points) - 1):
        named = ", ".join(each.path for each in left_out[:_MOST_NAMED]) + (" …" if len(left_out) > _MOST_NAMED else "")
        workspace.warn(f"of some paths there is no content, so they are not among the files to look at: {named}")
    marked = known_ends(workspace, question, history.rest_id, len(history.points)) if question.host else {}
    points = tuple(point.id for point in history.points)
    state = State(question, points, history.rest_id, marked if believes_marks else {}, begun=workspace.now())
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


# ---- one step after the other


def _asked_by(workspace: Workspace, state: State, digest: str) -> State:
    """The state without what another probe has answered, ready for this one."""
    if state.probed and (state.probe != digest or not digest):
        workspace.warn(f"the probe is not the one of before: what it answered is dropped ({len(state.probed)} of {state.trials} trials)")
        verdicts = {position: verdict for position, verdict in state.verdicts.items() if position not in state.probed}
        is_same = len(verdicts) == len(state.verdicts)  # else there are other ends, and other differences between them
        subsets = {subset: verdict for subset, verdict in state.subsets.items() if is_same and subset not in state.probed}
        dropped = len(state.verdicts) + len(state.subsets) - len(verdicts) - len(subsets)
        parts = state.parts if subsets else ()
        state = replace(state, verdicts=verdicts, subsets=subsets, parts=parts, probed=frozenset(), trials=max(0, state.trials - dropped))
    state = replace(state, probe=digest)
    bisect_state.save(workspace, state)
    return state


def _asked(history: History, trial: Trial, probe: Command | Probe, root: str, timeout: float) -> Verdict:
    if callable(probe):
        return told(probe(Path(root)))
    return asked(probe, root, history.folder(root), history.environment(trial.position), timeout)


def _judged(workspace: Workspace, history: History, state: State, trial: Trial, verdict: Verdict) -> State:
    """The state after a trial.

    :raises BisectionStopped: if an end is not what it should be. Nothing follows from such a search: the next one begins anew, with what is now.
    """
    stopped = wrong_end(history, state, trial, verdict)
    if stopped is not None:
        bisect_looks.forget(workspace, state.question, state)
        raise stopped
    return recorded(history, state, trial, verdict)
