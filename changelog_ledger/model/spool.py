"""What waits in the spool while the database is away, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from changelog_ledger.model.fact import Fact


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fact that is recorded in the spool, and not in the database yet.

    :ivar reason: why the last merge left it where it is; empty if nobody has tried.
    :ivar file: the spool file that it lies in.
    :ivar news: whether the last merge found another reason than the one before it.
    """

    fact: Fact
    reason: str = ""
    file: str = ""
    news: bool = True


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge of the spool came to.

    :ivar recorded: the facts that went into the database as they were meant.
    :ivar noted: those that became a note on their change, for the step was no longer possible.
    :ivar known: how many had been merged before, by a merge that was interrupted.
    :ivar kept: those that stay in the spool, each with the reason.
    :ivar left: how many were not tried, for a merge that nobody asked for has little time.
    :ivar torn: the files that half a line was put aside into: its writer was killed while it wrote.
    """

    recorded: tuple[Fact, ...] = ()
    noted: tuple[Fact, ...] = ()
    known: int = 0
    kept: tuple[Waiting, ...] = ()
    torn: tuple[str, ...] = ()
    left: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing was left behind."""
        return not (self.kept or self.torn or self.left)
