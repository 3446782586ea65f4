"""Changes that get in each other's way: at the same time in the same place.

Two open changes meet if one is made on a target of the other (a service stands for the hosts it runs on too, ``all`` for everything), or on something
that a target of the other depends on. A change and its parts never do. Times are half-open: what ends at three is not in the way of what begins then.

The search is a sweep over the bookings in the order of their begin; at each place it knows who is there. So it costs as much as there are bookings
and meetings, and whoever asks takes as many meetings as there is use for.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.schedule import Booking, Conflict, ConflictKind
from changelog_ledger.model.state import is_state
from changelog_ledger.model.times import LATEST
from changelog_ledger.model.topology import EVERYTHING, Target

SHOWN_PLACES = 5
"""At how many of the places where two changes meet a conflict names them."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where changes on a target are, and what that leans on.

    :ivar occupied: by target: itself, and the hosts that a service runs on.
    :ivar below: by target: everything that it depends on, however far down; a host depends on what the services on it do.
    """

    occupied: Mapping[Target, frozenset[Target]]
    below: Mapping[Target, frozenset[Target]]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two bookings that meet; ``first`` began first.

    :ivar places: where, a few of them, in order.
    """

    first: Booking
    second: Booking
    kind: ConflictKind
    places: tuple[Target, ...]

    @property
    def since(self) -> datetime:
        """When both are there."""
        return max(self.first.begins, self.second.begins)

    @property
    def until(self) -> datetime | None:
        """When the first of them is to be gone, None if that is not known."""
        return min((ends for ends in (self.first.ends, self.second.ends) if ends is not None), default=None)


def booking(change: Change, now: datetime) -> Booking | None:
    """When a change holds its targets; None if it is closed, or has no schedule and has not started."""
    if not change.is_open or change.begins is None:
        return None
    under_way = change.status is Status.STARTED
    return Booking.made(change.id, change.begins, change.planned_end, change.on, under_way=under_way, parent=change.parent, now=now)


def meetings(bookings: Iterable[Booking], ground: Ground) -> Iterator[Meeting]:
    """Every two bookings that meet, in the order in which they come to do so."""
    places = _Places(ground)
    there = _There(places.leaned_on_at)
    for arriving in sorted(bookings, key=lambda entry: (entry.begins, entry.change)):
        there.leave_before(arriving.begins)
        seat = places.seat(arriving)
        for other in there.around(seat):
            if not _related(arriving, other.booking) and (found := places.met(other, seat)):
                yield found
        there.take(seat)


def meetings_of(asked: Booking, others: Iterable[Booking], ground: Ground) -> Iterator[Meeting]:
    """The meetings of one booking with others, in their order."""
    places = _Places(ground)
    seat = places.seat(asked)
    for other in others:
        if other.change != asked.change and _overlap(asked, other) and not _related(asked, other):
            found = places.met(places.seat(other), seat)
            if found:
                yield found


def conflict(meeting: Meeting, changes: Mapping[str, Change], *, seen_from: str = "") -> Conflict:
    """A meeting with the changes themselves.

    :param seen_from: the id of the change that comes first in it; the later one's if empty.
    """
    ids = (meeting.second.change, meeting.first.change)
    change, other = (changes[identity] for identity in (reversed(ids) if seen_from == meeting.first.change else ids))
    same_path = meeting.kind is ConflictKind.TARGET and change.paths and other.paths and paths_may_meet(change.paths, other.paths)
    return Conflict(change, other, ConflictKind.PATH if same_path else meeting.kind, meeting.places, meeting.since, meeting.until)


def paths_may_meet(globs: Sequence[str], others: Sequence[str]) -> bool:
    """Whether some path may match a glob of both lists. It may say yes where there is none, never no where there is one."""
    return any(globs_may_meet(one, other) for one in globs for other in others)


def globs_may_meet(glob: str, other: str) -> bool:
    """Whether some path may match both globs (:mod:`changelog_ledger.model.globs` has what they mean). Errs on the side of yes.

    Compared name by name from the root; ``**`` and what may be a directory take any rest, and of two names with wildcards the literal beginnings and
    ends have to fit.
    """
    if is_state(glob) and is_state(other):
        return globs_may_meet(f"/{glob}", f"/{other}")
    if (is_state(glob) and other.startswith("/")) or (is_state(other) and glob.startswith("/")):
        return False
    if not (glob.startswith("/") and other.startswith("/")):  # a suffix, at any depth: only the last names can tell
        return _names_may_meet(_last(glob), _last(other)) if _is_file(glob) and _is_file(other) else True
    mine, theirs = _names(glob), _names(other)
    for name, their in zip(mine, theirs, strict=False):
        if "**" in (name, their):
            return True
        if not _names_may_meet(name, their):
            return False
    if len(mine) == len(theirs):
        return True
    shorter, longer = (glob, mine), (other, theirs)
    if len(mine) > len(theirs):
        shorter, longer = longer, shorter
    return _holds_more(shorter[0]) or set(longer[1][len(shorter[1]) :]) == {"**"}


def _names(glob: str) -> list[str]:
    return [name for name in glob.split("/") if name]


def _last(glob: str) -> str:
    return _names(glob)[-1] if _names(glob) else "**"


def _is_file(glob: str) -> bool:
    """Whether it can only match names like its last one: not ``**``, not what may be a directory."""
    return not _holds_more(glob) and _last(glob) != "**"


def _holds_more(glob: str) -> bool:
    """Whether what is below its last name matches too: a name without wildcards may be a directory, a trailing slash says so."""
    return glob.endswith("/") or not any(wild in _last(glob) for wild in "*?[")


def _names_may_meet(name: str, other: str) -> bool:
    """Of two names: literal beginnings and ends have to fit as far as both go."""
    head, their_head = _literal(name), _literal(other)
    tail, their_tail = _literal(name[::-1], "]"), _literal(other[::-1], "]")
    if head == name and their_head == other:
        return name == other
    heads_fit = head.startswith(their_head) or their_head.startswith(head)
    return heads_fit and (tail.startswith(their_tail) or their_tail.startswith(tail))


def _literal(name: str, bracket: str = "[") -> str:
    """The beginning of a name up to its first wildcard."""
    return name[: min((place for wild in ("*", "?", bracket) if (place := name.find(wild)) >= 0), default=len(name))]


# ---- the sweep


@dataclass(frozen=True, slots=True)
class _Seat:
    """A booking with the places it is at, and those below them, by their numbers."""

    booking: Booking
    occupies: frozenset[int]
    leans_on: frozenset[int]


_EVERYWHERE = 0
"""The number of ``all``."""


class _Places:
    """The ground with numbers for places: sets of numbers are several times as fast as sets of targets."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._names = [EVERYTHING]
        self._numbers = {EVERYTHING: _EVERYWHERE}
        self._known: dict[Target, tuple[frozenset[int], frozenset[int]]] = {}
        self._sets: dict[frozenset[Target], frozenset[int]] = {}
        self.leaned_on_at: dict[int, set[frozenset[int]]] = {}
        """By place: the sets of what somebody leans on that hold it."""

    def seat(self, entry: Booking) -> _Seat:
        """Where a booking is."""
        grounds = [self._of(target) for target in entry.on]
        if len(grounds) == 1:
            return _Seat(entry, *grounds[0])
        occupies = frozenset[int]().union(*(occupied for occupied, _ in grounds))
        return _Seat(entry, occupies, self._leaned_on(frozenset[int]().union(*(below for _, below in grounds)) - occupies))

    def met(self, first: _Seat, second: _Seat) -> Meeting | None:
        """How two that are there at the same time meet, if they do."""
        kind, where = ConflictKind.TARGET, first.occupies & second.occupies
        if _EVERYWHERE in first.occupies or _EVERYWHERE in second.occupies:
            where = (first.occupies | second.occupies) - {_EVERYWHERE} or frozenset({_EVERYWHERE})
        elif not where:
            kind, where = ConflictKind.DEPENDENCY, (first.occupies & second.leans_on) | (first.leans_on & second.occupies)
        if not where:
            return None
        return Meeting(first.booking, second.booking, kind, tuple(heapq.nsmallest(SHOWN_PLACES, (self._names[number] for number in where))))

    def _of(self, target: Target) -> tuple[frozenset[int], frozenset[int]]:
        if target not in self._known:
            occupied = self._ground.occupied.get(target, frozenset((target,)))
            here, below = self._numbered(occupied), self._numbered(self._ground.below.get(target, frozenset()))
            self._known[target] = here, self._leaned_on(below if below.isdisjoint(here) else below - here)
        return self._known[target]

    def _leaned_on(self, places: frozenset[int]) -> frozenset[int]:
        for place in places:
            known = self.leaned_on_at.setdefault(place, set())
            if places in known:
                break
            known.add(places)
        return places

    def _numbered(self, targets: frozenset[Target]) -> frozenset[int]:
        """Kept, since all hosts of a service lean on the same."""
        found = self._sets.get(targets)
        if found is None:
            found = self._sets[targets] = frozenset(map(self._number, targets))
        return found

    def _number(self, target: Target) -> int:
        number = self._numbers.get(target)
        if number is None:
            number = self._numbers[target] = len(self._names)
            self._names.append(target)
        return number


_FEW = 8
"""So many are asked one by one sooner than looked for by place."""


@dataclass(slots=True)
class _There:
    """Who is there at the moment of the sweep: by each place they occupy, and by all that they lean on.

    What somebody leans on may be many places, and is the same for many: so it is kept as one set, and the places know the sets that they are in.
    """

    leaned_on_at: Mapping[int, Collection[frozenset[int]]]
    occupying: dict[int, dict[str, _Seat]] = field(default_factory=dict)
    leaning: dict[frozenset[int], dict[str, _Seat]] = field(default_factory=dict)
    everyone: dict[str, _Seat] = field(default_factory=dict)
    ends: list[tuple[datetime, str]] = field(default_factory=list)

    def around(self, seat: _Seat) -> Iterable[_Seat]:
        """Those that may meet a new one, in the order in which they came."""
        if _EVERYWHERE in seat.occupies or len(self.everyone) <= _FEW:
            return self.everyone.values()
        found: dict[str, _Seat] = dict(self.occupying.get(_EVERYWHERE, {}))
        for place in seat.occupies:
            found |= self.occupying.get(place, {})
            for leaned_on in self.leaned_on_at.get(place, ()):
                found |= self.leaning.get(leaned_on, {})
        for place in self.occupying.keys() & seat.leans_on:
            found |= self.occupying[place]
        return sorted(found.values(), key=lambda other: (other.booking.begins, other.booking.change)) if len(found) > 1 else found.values()

    def take(self, seat: _Seat) -> None:
        """Somebody has come."""
        identity = seat.booking.change
        self.everyone[identity] = seat
        for place in seat.occupies:
            self.occupying.setdefault(place, {})[identity] = seat
        self.leaning.setdefault(seat.leans_on, {})[identity] = seat
        heapq.heappush(self.ends, (seat.booking.ends or LATEST, identity))

    def leave_before(self, moment: datetime) -> None:
        """Whoever ends at ``moment`` is gone."""
        while self.ends and self.ends[0][0] <= moment:
            seat = self.everyone.pop(heapq.heappop(self.ends)[1])
            for place in seat.occupies:
                there = self.occupying[place]
                del there[seat.booking.change]
                if not there:
                    del self.occupying[place]
            del self.leaning[seat.leans_on][seat.booking.change]


def _overlap(one: Booking, other: Booking) -> bool:
    return (other.ends is None or one.begins < other.ends) and (one.ends is None or other.begins < one.ends)


def _related(one: Booking, other: Booking) -> bool:
    return one.change == other.parent or other.change == one.parent
