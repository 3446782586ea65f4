"""What an investigation found. Renderers receive these values and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeVar

from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence, PossibleActor
from changelog_ledger.model.peers import PeerComparison
from changelog_ledger.model.snapshot import LeftOut
from changelog_ledger.model.topology import Mark, Reach, Target

T = TypeVar("T")


class Basis(StrEnum):
    """Why a window begins or ends where it does."""

    LAST_GOOD = "last-good"
    GIVEN = "given"
    FIRST_SNAPSHOT = "first-snapshot"
    ONSET = "onset"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a question is about.

    :ivar onset: when the trouble began: the first bad mark after the last good one; None if nobody said so.
    :ivar last_good: the mark that the window begins at, where the basis is ``last-good``.
    """

    since: datetime
    since_basis: Basis
    until: datetime
    until_basis: Basis
    onset: datetime | None = None
    last_good: Mark | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry in favour of (or, below zero, against) a suspect.

    :ivar weight: what it adds to the sum that becomes the score: the code's weight (one for all questions) times ``value``.
    :ivar value: how much of it there is, 0 to 1 for most.
    """

    code: str
    weight: float
    text: str
    value: float = 0.0


class SuspectKind(StrEnum):
    """A logged change, or a cluster of evidence that nobody logged."""

    CHANGE = "change"
    UNLOGGED = "unlogged"


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that may have caused the trouble.

    :ivar score: 0 to 1; the reasons say how it came about.
    :ivar reasons: the heaviest first.
    :ivar evidence: ids of the report's evidence that belongs to it.
    :ivar elsewhere: hosts beyond the question where the same was seen at about the same time; looked for with the likeliest only.
    :ivar trigger: what gave it effect, where that is another thing than itself: a restart, a reboot, a failover, an expiry, in words.
    """

    rank: int
    score: float
    kind: SuspectKind
    title: str
    occurred_at: datetime
    targets: tuple[Target, ...]
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    change: str = ""
    ref: str = ""
    elsewhere: tuple[str, ...] = ()
    trigger: str = ""


class Certainty(StrEnum):
    """How sure it is that the first suspect is the cause. ``open``: the evidence does not point anywhere in particular."""

    CLEAR = "clear"
    LIKELY = "likely"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ranking comes to.

    :ivar confidence: of the first suspect; ``open`` where there is none.
    :ivar nothing: nothing in the record explains the trouble: either nothing changed at all, or nothing that changed fits it.
    :ivar chance: in how many of 100 questions with such scores the first suspect was the cause, 0 to 1, from the calibration.
    :ivar unrecorded: the same for something that is not among the suspects at all.
    :ivar why: one sentence: what the first suspect has that the second has not, or why nothing fits.
    :ivar unseen: what the record could not have shown: stale hosts, sources that were never ingested, providers outside; one sentence each.
    """

    confidence: Certainty = Certainty.OPEN
    nothing: bool = False
    chance: float = 0.0
    unrecorded: float = 0.0
    why: str = ""
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a score comes of a sum of weights: ``exp(steepness (sum - full))``, its share of all sums together.

    :ivar full: the sum that would score one: what all suspects and something that is not recorded come to together.
    :ivar steepness: how much a sum counts.
    """

    full: float = 3.0
    steepness: float = 3.0


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A change that was looked at and cannot have been it."""

    change: str
    title: str
    why: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - the contract's own word
    """Something that makes the answer less certain: said first, never left out."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class HostFreshness:
    """How old a host's last look is.

    :ivar snapshots: how many there are up to the window's end.
    :ivar first_at: the first one of all.
    """

    host: str
    last_at: datetime | None
    first_at: datetime | None = None
    unread: tuple[str, ...] = ()
    snapshots: int = 0
    left_out: tuple[LeftOut, ...] = ()
    left_out_count: int = 0


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Differences of one file that were left out as noise: counted, and in the store like all others.

    :ivar rule: the name of the rule that says so.
    :ivar last_at: when the last of them was seen.
    """

    rule: str
    host: str
    path: str
    count: int
    last_at: datetime


class Sifted(tuple[T, ...]):
    """What was found: a tuple that also says what was left out of it as noise.

    :ivar suppressed: by host, path and rule.
    """

    suppressed: tuple[Suppressed, ...]

    def __new__(cls, found: Iterable[T] = (), suppressed: Iterable[Suppressed] = ()) -> Self:
        """``found`` without ``suppressed``."""
        made = super().__new__(cls, found)
        made.suppressed = tuple(suppressed)
        return made


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to "what changed since it last worked?"

    :ivar made_at: when the question was answered.
    :ivar scope: the target, the hosts it runs on and what it depends on, nearest first.
    :ivar suspects: ranked, the first is the likeliest; cut to the limit that was asked for (``suspects_total`` counts all).
    :ivar changes: every logged change that the report mentions.
    :ivar suppressed: what was left out of the evidence as noise.
    :ivar present: who was seen on the hosts in scope within the window, in the order of time: circumstances, no evidence.
    :ivar verdict: how sure the ranking is, and what it could not see.
    :ivar scoring: how the scores came of the reasons.
    :ivar peers: the failing hosts beside the working ones, where that was asked for or marks tell them apart.
    """

    target: Target
    made_at: datetime
    window: Window
    scope: tuple[Reach, ...]
    suspects: tuple[Suspect, ...]
    suspects_total: int
    evidence: tuple[Evidence, ...]
    changes: tuple[Change, ...]
    ruled_out: tuple[RuledOut, ...]
    warnings: tuple[Warning, ...]
    freshness: tuple[HostFreshness, ...] = ()
    symptom: str = ""
    suppressed: tuple[Suppressed, ...] = ()
    present: tuple[PossibleActor, ...] = ()
    verdict: Verdict = Verdict()
    scoring: Scoring = Scoring()
    peers: PeerComparison | None = None

    @property
    def unlogged(self) -> tuple[Evidence, ...]:
        """The evidence that no change explains."""
        return tuple(piece for piece in self.evidence if piece.unlogged)
