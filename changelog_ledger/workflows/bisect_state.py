"""Where a bisection stands, kept between two trials: a JSON file in the home, replaced in one step, so that it outlives whatever happens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from changelog_ledger.errors import Ambiguous, HomeError, InvalidInput, NotFound
from changelog_ledger.model.bisection import By, Verdict
from changelog_ledger.snapshots.private_files import write_private
from changelog_ledger.workflows.workspace import Workspace

FOLDER = "bisect"
_STATE = "state.json"
_SCHEMA = "changelog-ledger/bisect-state/1"
_ASKED = ("path", "since", "until", "by")
_OF_REPOSITORIES = {"since": "good", "until": "bad"}

Subset = tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """What is searched, as it was asked for.

    :ivar host: whose configuration; empty for a repository.
    :ivar repository: its ``.git``; empty for a host.
    :ivar since: the good end, a TIME or a revision, and ``until`` the bad one; empty for the usual ones. ``by`` is empty for :attr:`By.BOTH`.
    """

    host: str = ""
    repository: str = ""
    path: str = ""
    since: str = ""
    until: str = ""
    by: str = ""

    @property
    def key(self) -> str:
        """The name of its folder."""
        if self.host:
            return f"host-{self.host}"
        return "repository-" + hashlib.sha256(self.repository.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def level(self) -> By:
        """How far to go."""
        return By(self.by or By.BOTH)

    @property
    def named(self) -> str:
        """As the command names it."""
        return self.host or f"--repo {self.repository}"


@dataclass(frozen=True)
class State:
    """What is known so far.

    :ivar points: ids of the snapshots or commits, the good end first: the window may move on meanwhile, the search does not.
    :ivar rest: the snapshot that files are of which do not go through history.
    :ivar verdicts: by position in ``points``.
    :ivar parts: names of the differences that ``subsets`` counts.
    :ivar subsets: what was tried of them.
    :ivar trials: how many were made.
    :ivar to: the folder for roots that somebody looks at by hand; empty for the home's.
    :ivar root: the one that was written last.
    """

    question: Question
    points: tuple[str, ...]
    rest: str
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    subsets: Mapping[Subset, Verdict] = field(default_factory=dict)
    trials: int = 0
    to: str = ""
    root: str = ""

    @property
    def skips(self) -> int:
        """How many trials could tell nothing."""
        return sum(verdict is Verdict.SKIP for verdict in (*self.verdicts.values(), *self.subsets.values()))


def folder_of(workspace: Workspace, question: Question) -> Path:
    """The folder of a bisection; it need not exist."""
    return workspace.home / FOLDER / question.key


def load(workspace: Workspace, question: Question) -> State | None:
    """The state of a bisection, None if none is under way.

    :raises HomeError: if it cannot be understood.
    """
    return _read(folder_of(workspace, question) / _STATE)


def save(workspace: Workspace, state: State) -> None:
    """Put it in the place of the one before, in one step."""
    write_private(folder_of(workspace, state.question) / _STATE, json.dumps(_value(state), indent=1).encode("ascii"))


def forget(workspace: Workspace, question: Question) -> None:
    """Remove the state. Scratch roots are somebody else's business."""
    (folder_of(workspace, question) / _STATE).unlink(missing_ok=True)


def under_way(workspace: Workspace) -> Iterator[State]:
    """Every bisection that has a state."""
    for place in sorted((workspace.home / FOLDER).glob(f"*/{_STATE}")):
        state = _read(place)
        if state is not None:
            yield state


def only_one(workspace: Workspace, host: str = "", repository: str = "") -> State:
    """The bisection that somebody means: the named one, else the only one.

    :raises NotFound: if there is none.
    :raises Ambiguous: if there are several, and none is named.
    """
    found = tuple(under_way(workspace))
    if host or repository:
        found = tuple(state for state in found if (state.question.host, state.question.repository) == (host, repository))
    if not found:
        of = f" of {host or repository}" if host or repository else ""
        raise NotFound(f"no bisection{of} is under way", "begin one: ledger bisect HOST --probe COMMAND")
    if len(found) > 1:
        names = ", ".join(state.question.named for state in found[:5])
        raise Ambiguous(f"{len(found)} bisections are under way: {names}", "say which: ledger bisect good HOST")
    return found[0]


def refuse_another(state: State, asked: Question) -> None:
    """Going on means the same question; what is left open in ``asked`` is as it was.

    :raises InvalidInput: if something else is asked now.
    """
    for name in _ASKED:
        before, now = getattr(state.question, name), getattr(asked, name)
        if now and now != before:
            option = _OF_REPOSITORIES.get(name, name) if asked.repository else name
            known = f"--{option} {before}" if before else f"no --{option}"
            raise InvalidInput(
                f"a bisection of {asked.host or asked.repository} is under way, begun with {known}, and this is --{option} {now}",
                f"to begin anew: ledger bisect reset {asked.named}; to go on, leave --{option} away",
            )


def _value(state: State) -> dict[str, Any]:
    question = state.question
    return {
        "schema": _SCHEMA,
        "question": {name: getattr(question, name) for name in ("host", "repository", *_ASKED)},
        "points": list(state.points),
        "rest": state.rest,
        "verdicts": [[position, verdict.value] for position, verdict in state.verdicts.items()],
        "parts": list(state.parts),
        "subsets": [[list(subset), verdict.value] for subset, verdict in state.subsets.items()],
        "trials": state.trials,
        "to": state.to,
        "root": state.root,
    }


def _read(place: Path) -> State | None:
    try:
        text = place.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _state(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HomeError(f"{place} cannot be understood; another version of the program may have written it", f"forget it: rm {place}") from error


def _state(value: dict[str, Any]) -> State:
    if value["schema"] != _SCHEMA:
        raise ValueError(value["schema"])
    return State(
        question=Question(**value["question"]),
        points=tuple(value["points"]),
        rest=value["rest"],
        verdicts={int(position): Verdict(verdict) for position, verdict in value["verdicts"]},
        parts=tuple(value["parts"]),
        subsets={tuple(subset): Verdict(verdict) for subset, verdict in value["subsets"]},
        trials=value["trials"],
        to=value["to"],
        root=value["root"],
    )
