"""Bisecting: a history between a state that was good and one that is bad, what was tried of it, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from changelog_ledger.model.evidence import Delta, Evidence


class Verdict(StrEnum):
    """What a trial showed. ``skip``: nobody can tell of this state whether it is good."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"


class By(StrEnum):
    """How far a bisection goes.

    ``snapshot``: to the snapshot (of a repository: the commit) that brought the trouble. ``delta``: at once over the single differences between both
    ends. ``both``: to the snapshot first, then to the differences in it.
    """

    SNAPSHOT = "snapshot"
    DELTA = "delta"
    BOTH = "both"


class PartKind(StrEnum):
    """What of a file a part is: a hunk of its lines, the file as a whole, or mode and owner alone."""

    HUNK = "hunk"
    FILE = "file"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Point:
    """A state of the history.

    :ivar id: of the snapshot, or of the commit.
    :ivar at: when the snapshot was taken, or the commit made.
    :ivar title: a commit's subject, a snapshot's reason; may be empty.
    :ivar author: who made the commit, who took the snapshot.
    :ivar changes: ids of the logged changes that it names.
    """

    id: str
    at: datetime
    title: str = ""
    author: str = ""
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A single difference between two states, which can be applied to the first without the others.

    :ivar lines: of a hunk, its lines before as ``(first, last)``, counted from 1; ``last`` is less than ``first`` where lines are only added.
    """

    path: str
    kind: PartKind
    lines: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """How people call it, and how it is known again."""
        if self.lines is None:
            return f"{self.path}: {'mode and owner' if self.kind is PartKind.METADATA else 'the file'}"
        first, last = self.lines
        return f"{self.path}: after line {first - 1}" if last < first else f"{self.path}: line {first}{f' to {last}' if last > first else ''}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be tried next.

    :ivar position: of ``point`` in the history, 0 for the good end.
    :ivar subset: which of ``parts_total`` differences are applied to the state before ``point``; None for the whole state.
    :ivar left: about how many trials there are to go, this one included.
    """

    point: Point
    position: int
    subset: tuple[int, ...] | None = None
    parts_total: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """A difference that brings the trouble about.

    :ivar diff: what it alters, as a unified diff without secrets.
    :ivar deltas: the same by keys.
    :ivar evidence: what the ledger has recorded of it, with the change that explains it.
    :ivar added: the path was not there before: to go back means to remove it.
    """

    part: Part
    diff: str
    deltas: tuple[Delta, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    added: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path that is not among the files of a trial, since a snapshot holds no content of it.

    :ivar why: ``over 1048576 bytes: hash only``, ``socket``, or the system's own words.
    :ivar may_differ: whether it may be another one in the state that is found than in the last good one; False where a digest says that it is not.
    """

    path: str
    why: str
    may_differ: bool


@dataclass(frozen=True, slots=True)
class Bisection:
    """How a bisection came out, or where it stands.

    :ivar host: whose configuration; empty for a repository.
    :ivar repository: its folder; empty for a host.
    :ivar good: the end that is good, and ``bad`` the one that is bad.
    :ivar before: the last state that is known to be good.
    :ivar candidates: the states that may have brought the trouble, oldest first; one if it is found, several where skips leave it open.
    :ivar causes: the least set of differences that still shows the trouble; without any of them it does not. Empty where they were not looked at.
    :ivar parts_total: how many differences there are between ``before`` and the state that is found.
    :ivar probes: how many trials were made, and ``skips`` how many of them could tell nothing.
    :ivar untold: how many of them were among the differences: ``causes`` may then hold more than is needed.
    :ivar pending: what is to be tried next; None if there is nothing more to try.
    :ivar left_out: what of ``before`` or the last of ``candidates`` could not be written, so no trial had it.
    :ivar root: where the files of ``pending`` lie for somebody to look at; empty where they were not written, or not to their end.
    """

    host: str
    repository: str
    by: By
    path: str
    good: Point
    bad: Point
    before: Point
    candidates: tuple[Point, ...]
    causes: tuple[Cause, ...] = ()
    parts_total: int = 0
    probes: int = 0
    skips: int = 0
    untold: int = 0
    left_out: tuple[LeftOut, ...] = ()
    pending: Trial | None = None
    root: str = ""

    @property
    def found(self) -> Point | None:
        """The state that brought the trouble, None while it is open."""
        return self.candidates[0] if self.pending is None and len(self.candidates) == 1 else None

    @property
    def untried(self) -> tuple[LeftOut, ...]:
        """What may differ as well, and could not be tried."""
        return tuple(each for each in self.left_out if each.may_differ)

    @property
    def is_same(self) -> bool:
        """Whether nothing that can be written differs between the last good state and the bad one: the probe answered otherwise of the same files."""
        has_looked = self.by is By.DELTA or (self.by is By.BOTH and self.found is not None)
        return bool(self.host) and self.pending is None and has_looked and self.parts_total == 0

    @property
    def is_open(self) -> bool:
        """Whether skips leave several answers."""
        return (
            self.pending is None
            and not self.is_same
            and ((not self.causes and len(self.candidates) > 1) or (self.untold > 0 and len(self.causes) > 1))
        )

    @property
    def changes(self) -> tuple[str, ...]:
        """The logged changes that explain what was found, each once."""
        named = self.found.changes if self.found else ()
        explained = (piece.explained_by for cause in self.causes for piece in cause.evidence if piece.explained_by)
        return tuple(dict.fromkeys((*explained, *named)))
