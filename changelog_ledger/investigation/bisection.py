"""Binary search over a history for the first state that is bad.

The rules are those of git-bisect(1): between the last state known to be good and the first known to be bad the middle one is tried, and what
cannot be told is skipped for its nearest neighbour. Both ends are tried first, since nothing follows from a search between ends that are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.bisection import Verdict


@dataclass(frozen=True)
class Search:
    """Where a search stands.

    :ivar count: how many states there are, two at least; 0 is the good end, ``count - 1`` the bad one.
    :ivar verdicts: what is known, by position.
    """

    count: int
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)

    @property
    def last_good(self) -> int:
        """The last position known to be good; the good end, as long as nothing is."""
        return max((position for position, verdict in self.verdicts.items() if verdict is Verdict.GOOD), default=0)

    @property
    def first_bad(self) -> int:
        """The first position known to be bad; the bad end, as long as nothing is."""
        return min((position for position, verdict in self.verdicts.items() if verdict is Verdict.BAD), default=self.count - 1)

    @property
    def candidates(self) -> range:
        """The positions of which one is the first bad state."""
        return range(self.last_good + 1, self.first_bad + 1)


def next_position(search: Search) -> int | None:
    """What is to be tried next: the ends, then the middle of what is open; None if nothing is left to try."""
    for end in (0, search.count - 1):
        if end not in search.verdicts:
            return end
    low, high = search.last_good, search.first_bad
    waiting = [position for position in range(low + 1, high) if position not in search.verdicts]
    return min(waiting, key=lambda position: (abs(2 * position - low - high), position), default=None)


def answered(search: Search, position: int, verdict: Verdict) -> Search:
    """The search after a trial.

    :raises InvalidInput: if a state would be bad before one that is good: then the history has more than one turn.
    """
    found = replace(search, verdicts={**search.verdicts, position: verdict})
    if found.last_good >= found.first_bad:
        raise InvalidInput("a state cannot be good after one that is bad", "forget the answers, and begin anew: ledger bisect reset")
    return found


def trials_left(search: Search) -> int:
    """About how many trials there are to go, if none is skipped."""
    ends = sum(end not in search.verdicts for end in (0, search.count - 1))
    return ends + (len(search.candidates) - 1).bit_length()
