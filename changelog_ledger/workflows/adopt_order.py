"""Times of commits made into an order: a host's snapshots are strictly in the order of time, the clocks of a history are not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.times import EARLIEST, shown_instant

STEP = timedelta(microseconds=1)
"""How far apart two snapshots are whose times would be the same."""


def in_order(claimed: Sequence[datetime | None], until: datetime) -> list[datetime]:
    """A strictly rising time for every commit: as many as possible keep their own.

    Of a clock that was wrong for a while (set back, or far ahead), the few commits that it stamped are moved next to their neighbours, and not the
    many around them: what is kept is a longest rising sequence of the times.

    :param claimed: by the commits' clocks, oldest commit first; None where there is none.
    :param until: later times are not believed.
    :raises InvalidTime: if not a single time can be believed.
    """
    kept = _longest_rising([moment if moment is not None and EARLIEST <= moment <= until else None for moment in claimed])
    if claimed and not kept:
        said = next((moment for moment in claimed if moment is not None), None)
        shown = shown_instant(said) if said else "unreadable"
        raise InvalidTime(f"no commit has a time between 1970 and now; the first one's is {shown}", "see that this machine's clock is right: date")
    times: list[datetime] = []
    for wanted in _wanted(claimed, kept):
        times.append(max(wanted, times[-1] + STEP) if times else wanted)
    return times


def _wanted(claimed: Sequence[datetime | None], kept: frozenset[int]) -> Iterator[datetime]:
    """Their own times; for those before the first that is believed just before that one, for all others anything early will do."""
    first = min(kept, default=0)
    for place, moment in enumerate(claimed):
        begin = claimed[first]
        if moment is not None and place in kept:
            yield moment
        elif begin is not None and place < first:
            yield max(EARLIEST, begin - (first - place) * STEP)
        else:
            yield EARLIEST


def _longest_rising(moments: Sequence[datetime | None]) -> frozenset[int]:
    """The places of a longest sequence that never falls (patience sorting, n log n); None never belongs to it."""
    tails: list[datetime] = []
    tail_places: list[int] = []
    before: dict[int, int | None] = {}
    for place, moment in enumerate(moments):
        if moment is None:
            continue
        length = bisect_right(tails, moment)
        before[place] = tail_places[length - 1] if length else None
        tails[length : length + 1] = [moment]
        tail_places[length : length + 1] = [place]
    chosen: set[int] = set()
    step = tail_places[-1] if tail_places else None
    while step is not None:
        chosen.add(step)
        step = before[step]
    return frozenset(chosen)
