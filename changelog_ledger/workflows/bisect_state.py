"""Where a bisection stands, kept between two trials: a JSON file in the home, replaced in one step, so that it outlives whatever happens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from changelog_ledger.errors import Ambiguous, HomeError, InvalidInput, NotFound
from changelog_ledger.investigation.bisection import Search
from changelog_ledger.model.bisection import By, Verdict
from changelog_ledger.snapshots.private_files import write_private
from changelog_ledger.workflows.workspace import Workspace

FOLDER = "bisect"
_STATE = "state.json"
_NEVER = datetime.min.replace(tzinfo=UTC)
_SCHEMA = "changelog-ledger/bisect-state/2"
_ASKED = ("path", "since", "until", "by")
_OF_REPOSITORIES = {"since": "good", "until": "bad"}

Subset = tuple[int, ...]

Tried = int | Subset
"""A trial: a position of the history, or some of the differences between the ends that are left."""


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
    :ivar made: folders that had to be made for ``to``, the innermost first.
    :ivar root: the one that was written last, perhaps not to its end.
    :ivar shown: the trial whose files are all there, for somebody to look at; None if there is none.
    :ivar probe: digest of the probe that was asked last; empty while none was, or where it cannot be known again.
    :ivar probed: the trials that a probe has answered; the others somebody, or a mark.
    :ivar begun: when the search began.
    """

    question: Question
    points: tuple[str, ...]
    rest: str
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    subsets: Mapping[Subset, Verdict] = field(default_factory=dict)
    trials: int = 0
    to: str = ""
    made: tuple[str, ...] = ()
    root: str = ""
    shown: Tried | None = None
    probe: str = ""
    probed: frozenset[Tried] = frozenset()
    begun: datetime = _NEVER

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
    if host or repository:
        named = load(workspace, Question(host, repository))
        found = [] if named is None else [named]
    else:
        found = list(under_way(workspace))
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
        "made": list(state.made),
        "root": state.root,
        "shown": _plain(state.shown),
        "probe": state.probe,
        "probed": [_plain(tried) for tried in state.probed],
        "begun": state.begun.isoformat(),
    }


def _plain(tried: Tried | None) -> int | list[int] | None:
    return list(tried) if isinstance(tried, tuple) else tried


def _read(place: Path) -> State | None:
    try:
        text = place.read_bytes()
    except FileNotFoundError:
        return None
    try:
        state = _state(json.loads(text))
        _refuse_nonsense(state, place)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        host = place.parent.name.removeprefix("host-")
        named = host if host != place.parent.name else "--repo DIR"
        raise HomeError(
            f"{place} cannot be understood; it is damaged, or another version of the program has written it",
            f"begin anew: ledger bisect reset {named}",
        ) from error
    return state


def _refuse_nonsense(state: State, place: Path) -> None:
    """Whatever a search counts by has to be there.

    :raises ValueError: if it is not.
    """
    if state.question.key != place.parent.name or state.trials < 0 or state.begun.tzinfo is None:
        raise ValueError(state)
    texts = (*state.points, *state.parts, *state.made, state.rest, state.to, state.root, state.probe)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(state)
    count, found = len(state.points), Search(len(state.points), state.verdicts)
    if count < 2 or any(not 0 <= position < count for position in state.verdicts) or found.last_good >= found.first_bad:
        raise ValueError(state.verdicts)
    if any(not 0 <= number < len(state.parts) for subset in state.subsets for number in subset):
        raise ValueError(state.subsets)


def _state(value: dict[str, Any]) -> State:
    if value["schema"] != _SCHEMA:
        raise ValueError(value["schema"])
    question = Question(**{name: str(text) for name, text in value["question"].items()})
    By(question.level)
    return State(
        question=question,
        points=tuple(value["points"]),
        rest=value["rest"],
        verdicts={int(position): Verdict(verdict) for position, verdict in value["verdicts"]},
        parts=tuple(value["parts"]),
        subsets={tuple(map(int, subset)): Verdict(verdict) for subset, verdict in value["subsets"]},
        trials=int(value["trials"]),
        to=value["to"],
        made=tuple(value["made"]),
        root=value["root"],
        shown=None if value["shown"] is None else _tried(value["shown"]),
        probe=value["probe"],
        probed=frozenset(map(_tried, value["probed"])),
        begun=datetime.fromisoformat(value["begun"]),
    )


def _tried(value: Any) -> Tried:
    return tuple(map(int, value)) if isinstance(value, list) else int(value)
