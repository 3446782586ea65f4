"""When apt ran, by which dpkg's runs are known to be its; and of which times its history does not tell surely."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from changelog_ledger.observations.packages.apt_history import AptStanza
from changelog_ledger.observations.packages.dpkg import DpkgRun
from changelog_ledger.observations.packages.transactions import Outcome

Outcomes = Callable[[AptStanza], frozenset[str]]
"""How what apt began at a stanza's time is recorded to have ended: ``interrupted``, ``succeeded`` …; empty if nothing is recorded of it."""

_SHIFTS = (timedelta(0), timedelta(hours=-1), timedelta(hours=1))
_FOREVER = datetime.max.replace(tzinfo=UTC)
_NEVER = datetime.min.replace(tzinfo=UTC)


def _nothing_recorded(_stanza: AptStanza) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class _Interval:
    """When an apt transaction ran.

    :ivar names: its packages if it has no end of its own; then dpkg's runs belong to it only if they are about these.
    """

    begun: datetime
    ended: datetime
    written_at: str
    names: frozenset[str] = frozenset()


class AptTimes:
    """When apt ran.

    A *hole* is a time of which its history does not tell: that of a file which cannot be read to its end, and that from a stanza which is cut off to
    the next one. What dpkg did then may be apt's.
    """

    def __init__(self, stanzas: Iterable[AptStanza], parts: Mapping[str, bool] | None = None, outcomes: Outcomes = _nothing_recorded) -> None:
        """``stanzas`` are those of every history log that is there.

        :param parts: the log's files, oldest first, and whether each was read to its end; looked at when the stanzas are read.
        """
        self._parts = {} if parts is None else parts
        self.outcomes = outcomes
        self._finished: set[tuple[str, str]] = set()
        unsure, intervals, files = self._read(stanzas)
        self._intervals = sorted(intervals, key=lambda each: each.begun)
        self._begun = [each.begun for each in self._intervals]
        self._ended: dict[datetime, datetime] = {}
        for each in self._intervals:
            self._ended[each.begun] = min(each.ended, self._ended.get(each.begun, _FOREVER))
        self._doubtful = {stanza.at for stanza in unsure if self.doubt(stanza)}
        self._holes = [*self._unread(files), *((at, self._next(at)) for at in self._doubtful)]

    def _read(self, stanzas: Iterable[AptStanza]) -> tuple[list[AptStanza], list[_Interval], dict[str, tuple[datetime, datetime]]]:
        """The stanzas that are not surely whole, when each ran, and the first and last time of every file."""
        unsure: list[AptStanza] = []
        intervals: list[_Interval] = []
        files: dict[str, tuple[datetime, datetime]] = {}
        for stanza in stanzas:
            if intervals and intervals[-1].ended == _FOREVER:
                intervals[-1] = replace(intervals[-1], ended=stanza.at)
            names = frozenset() if stanza.ended_at else frozenset(each.name for each in stanza.changes)
            intervals.append(_Interval(stanza.at, stanza.ended_at or _FOREVER, stanza.written_at, names))
            first, last = files.get(stanza.source, (stanza.at, stanza.at))
            files[stanza.source] = min(first, stanza.at), max(last, stanza.ended_at or stanza.at)
            if stanza.ended_at is None or stanza.is_damaged:
                unsure.append(stanza)
            else:
                self._finished.add((stanza.written_at, stanza.command))
        return unsure, intervals, files

    def _unread(self, files: Mapping[str, tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
        """What the files may have told that were not read to their end: from the last that is known before to the first after."""
        sources = list(self._parts)
        found: list[tuple[datetime, datetime]] = []
        for place, source in enumerate(sources):
            if not self._parts[source]:
                since = max((files[each][1] for each in sources[: place + 1] if each in files), default=_NEVER)
                until = min((files[each][0] for each in sources[place + 1 :] if each in files), default=_FOREVER)
                found.append((since, until))
        return found

    def _next(self, at: datetime) -> datetime:
        place = bisect_right(self._begun, at)
        return self._begun[place] if place < len(self._begun) else _FOREVER

    def ended(self, stanza: AptStanza) -> datetime | None:
        """When dpkg's work for it ended at the latest; None for a stanza that was not there."""
        return self._ended.get(stanza.at)

    def is_copy(self, stanza: AptStanza) -> bool:
        """Whether it is cut off here, and stands in another file with its end."""
        return (stanza.ended_at is None or stanza.is_damaged) and (stanza.written_at, stanza.command) in self._finished

    def doubt(self, stanza: AptStanza) -> str:
        """Why it cannot be told what became of it; empty if it can: it has an end, or apt wrote on behind it. Damage is no interruption."""
        if self.is_copy(stanza):
            return ""
        if stanza.is_damaged:
            return "one of its lists of packages is not whole"
        if stanza.ended_at is not None:
            return ""
        outcomes = self.outcomes(stanza)
        if outcomes - {Outcome.INTERRUPTED}:
            return "it has no end here, but it is recorded that it ended"
        is_cut = stanza.ends_file or (stanza.is_last and not self._parts.get(stanza.source, True))
        return "it has no end, and its file ends in it" if is_cut and not outcomes else ""

    def is_untold(self, run: DpkgRun) -> bool:
        """Whether a run of dpkg may belong to a transaction that apt's history does not tell, for it cannot be read there."""
        begun = self.transaction(run)
        return (begun is None or begun in self._doubtful) and any(since <= run.at < until for since, until in self._holes)

    def transaction(self, run: DpkgRun) -> datetime | None:
        """When the transaction began that a run of dpkg belongs to; None if it is dpkg's own.

        In the hour that occurs twice the two logs may have been read an hour apart, for each has an order of its own; what they wrote tells.
        """
        for shift in _SHIFTS:
            interval = self._covering(run, run.at + shift)
            if interval is not None and (not shift or _clock(run.written_at) - _clock(interval.written_at) == run.at + shift - interval.begun):
                return interval.begun
        return None

    def _covering(self, run: DpkgRun, moment: datetime) -> _Interval | None:
        for at in range(bisect_right(self._begun, moment) - 1, -1, -1):
            interval = self._intervals[at]
            if moment <= interval.ended and (not interval.names or all(each.name in interval.names for each in run.changes)):
                return interval
            if interval.ended != _FOREVER:
                return None
        return None

    def between(self, begun: datetime, ended: datetime) -> bool:
        """Whether apt began anything then, or its history does not reach so far back, or cannot be read there."""
        at = bisect_right(self._begun, ended)
        is_told = bool(self._begun) and (begun < self._begun[0] or (at > 0 and self._begun[at - 1] >= begun))
        return is_told or any(since <= ended and begun < until for since, until in self._holes)


def _clock(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=None)
