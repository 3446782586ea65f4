"""The files of a state for somebody to look at: where they lie, that they are all there, and that they go again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.bisection import Bisection, Trial
from changelog_ledger.workflows import bisect_state
from changelog_ledger.workflows.bisect_state import Question, State, folder_of
from changelog_ledger.workflows.bisect_step import History, key_of, outcome, step
from changelog_ledger.workflows.bisect_tree import new_root, remove_root, sweep
from changelog_ledger.workflows.workspace import Workspace


def shown(workspace: Workspace, history: History, state: State) -> Bisection:
    """What somebody has to look at next, with its files written; or the answer."""
    trial = step(history, state).trial
    if trial is None:
        return finished(workspace, history, state)
    if state.shown != key_of(trial) or not Path(state.root).is_dir():
        state = _written(workspace, history, without_root(workspace, state), trial)
    return outcome(history, state)


def finished(workspace: Workspace, history: History, state: State) -> Bisection:
    """The answer; the search is over, and forgotten."""
    answer = outcome(history, state)
    forget(workspace, state.question, state)
    return replace(answer, root="")


def forget(workspace: Workspace, question: Question, state: State | None) -> None:
    """Forget a search and remove what it has written; of one whose state cannot be read, what lies in the home."""
    if state is not None:
        elsewhere(workspace, state, "")
    sweep(folder_of(workspace, question))
    bisect_state.forget(workspace, question)


def elsewhere(workspace: Workspace, state: State, to: str) -> State:
    """The state with its roots in another folder: nothing of it is left in the one before."""
    state = without_root(workspace, state)
    for folder in state.made:
        try:
            Path(folder).rmdir()
        except FileNotFoundError:
            continue
        except OSError as error:
            workspace.warn(f"{folder} was made for --to, and is left there: {error.strerror}")
            break
    state = replace(state, to=to, made=())
    bisect_state.save(workspace, state)
    return state


def without_root(workspace: Workspace, state: State) -> State:
    """The state with nothing written for anybody to look at."""
    if not state.root and state.shown is None:
        return state
    bisect_state.save(workspace, replace(state, shown=None))  # first: from now on the folder is not whole
    if state.root:
        remove_root(state.root)
    state = replace(state, root="", shown=None)
    bisect_state.save(workspace, state)
    return state


def write(workspace: Workspace, history: History, state: State, trial: Trial, root: str) -> None:
    """Write the files of a trial below ``root``."""
    with workspace.locks.repository_shared():
        if trial.subset is None:
            history.write(root, trial.position)
        else:
            history.write_some(root, *step(history, state).ends, trial.subset)


def _new_root(folder: Path, state: State) -> str:
    try:
        return new_root(folder)
    except OSError as error:
        if not state.to:
            raise
        raise InvalidInput(f"no folder can be made in {folder}: {error.strerror}", "choose another: repeat the command with --to DIR") from error


def _written(workspace: Workspace, history: History, state: State, trial: Trial) -> State:
    """What could not be written to its end is not shown, and cannot be answered."""
    folder = Path(state.to) if state.to else folder_of(workspace, state.question)
    if state.to and (missing := tuple(str(place) for place in (folder, *folder.parents) if not place.exists())):
        state = replace(state, made=(*missing, *state.made))
        bisect_state.save(workspace, state)
    root = _new_root(folder, state)
    state = replace(state, root=root)
    bisect_state.save(workspace, state)
    write(workspace, history, state, trial, root)
    state = replace(state, shown=key_of(trial))
    bisect_state.save(workspace, state)
    return state
