"""Who was on a host when a piece of evidence came about: possible actors, never more than that.

Logins, commands run as another user and audited writes are circumstances: they explain nothing and are no suspects themselves. They are named
beside evidence that nobody logged. A package transaction while a file changed is named as well, for it may have written the file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from posixpath import basename

from changelog_ledger.model.evidence import UNKNOWN, Evidence, Observation, Op, PossibleActor
from changelog_ledger.model.topology import Target

LOGIN, LOGOUT, SUDO, FILE_WRITE = "login", "logout", "sudo", "file-write"
CIRCUMSTANCES = frozenset({LOGIN, LOGOUT, SUDO, FILE_WRITE})
"""What says who was there, and not what changed."""

MOST_NAMED = 3
"""So many people are named beside a piece of evidence: the likeliest."""

BEFORE = timedelta(minutes=10)
AFTER = timedelta(minutes=1)
"""How long before and after something that has a time of its own somebody may have been there to have done it."""

_ENDS = frozenset({"reboot", "shutdown"})
_WROTE, _NAMED_IT, _COMMANDED, _TRANSACTION, _WAS_THERE = 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class _Presence:
    """Somebody on a host, from when to when; of a command or a write, its moment."""

    seen: Observation
    actor: str
    begin: datetime
    end: datetime


class _Presences:
    """Everybody who was on one host: looked up by time, for a machine that automation works on has thousands of commands a day.

    :param known: in the order of their beginnings.
    """

    def __init__(self, known: Iterable[_Presence]) -> None:
        self._moments: list[_Presence] = []
        self._stays: list[_Presence] = []
        for each in known:
            (self._moments if each.begin == each.end else self._stays).append(each)
        self._latest_ends = list(accumulate((each.end for each in self._stays), max))

    def between(self, begin: datetime, end: datetime) -> list[_Presence]:
        """Those who were there at some time from ``begin`` to ``end``, both included, in no order."""
        there = self._moments[bisect_left(self._moments, begin, key=_began) : bisect_right(self._moments, end, key=_began)]
        for place in range(bisect_right(self._stays, end, key=_began) - 1, -1, -1):
            if self._latest_ends[place] < begin:
                break  # nobody who came earlier stayed until then
            if self._stays[place].end >= begin:
                there.append(self._stays[place])
        return there


def _began(presence: _Presence) -> datetime:
    return presence.begin


def is_circumstance(observation: Observation) -> bool:
    """Whether an observation says who was there, and not what changed."""
    return observation.what in CIRCUMSTANCES


def present(observations: Iterable[Observation]) -> tuple[PossibleActor, ...]:
    """Everybody whom observations show to have been there, in the order of time."""
    shown = [seen for seen in observations if seen.what in CIRCUMSTANCES and seen.what != LOGOUT]
    return tuple(_possible(seen, _actor(seen)) for seen in sorted(shown, key=lambda seen: (seen.at, seen.id)))


def with_possible_actors(evidence: Iterable[Evidence], observations: Iterable[Observation], now: datetime) -> tuple[Evidence, ...]:
    """The evidence; what nobody logged and names no actor itself, with those who were there."""
    presences = _presences(observations, now)
    known: dict[tuple[Target, datetime, datetime, str | None], tuple[PossibleActor, ...]] = {}

    def actors(piece: Evidence) -> tuple[PossibleActor, ...]:
        begin, end = _interval(piece)
        question = (piece.target, begin, end, piece.path)
        if question not in known:
            there = presences[piece.target].between(begin, end) if piece.target in presences else ()
            known[question] = _likeliest(there, piece)
        return known[question]

    return tuple(replace(piece, possible_actors=actors(piece)) if presences and _asks(piece) else piece for piece in evidence)


def _asks(piece: Evidence) -> bool:
    return piece.unlogged and (piece.op is not Op.OBSERVED or not piece.actor)


def _interval(piece: Evidence) -> tuple[datetime, datetime]:
    """When somebody must have been there: around the evidence's own time where it has one, else between the two looks."""
    has_own_time = piece.op is Op.OBSERVED and piece.not_before == piece.not_after
    if has_own_time or piece.not_before < piece.seen_at < piece.not_after:
        return piece.seen_at - BEFORE, piece.seen_at + AFTER
    return piece.not_before, piece.not_after


def _presences(observations: Iterable[Observation], now: datetime) -> Mapping[Target, _Presences]:
    ordered = sorted(observations, key=lambda seen: (seen.at, seen.id))
    stops: dict[Target, list[datetime]] = {}
    logouts: dict[tuple[Target, str], list[datetime]] = {}
    for seen in ordered:
        if seen.what in _ENDS:
            stops.setdefault(seen.target, []).append(seen.at)
        if seen.what == LOGOUT and seen.data.get("session"):
            logouts.setdefault((seen.target, str(seen.data["session"])), []).append(seen.at)
    found: dict[Target, list[_Presence]] = {}
    for seen in ordered:
        if seen.what == LOGOUT or (seen.what not in CIRCUMSTANCES and not seen.what.startswith("package-")):
            continue
        end = seen.at
        if seen.what == LOGIN:  # numbers of sessions begin anew with every boot, so what was last logged out under one may be another session
            own = logouts.get((seen.target, str(seen.data.get("session") or "")), ())
            end = min(_first_after(seen.at, own, now), _first_after(seen.at, stops.get(seen.target, ()), now))
        found.setdefault(seen.target, []).append(_Presence(seen, _actor(seen), seen.at, max(end, seen.at)))
    return {target: _Presences(known) for target, known in found.items()}


def _first_after(moment: datetime, times: Sequence[datetime], otherwise: datetime) -> datetime:
    """The first of times, the oldest first, that is not before a moment."""
    place = bisect_left(times, moment)
    return times[place] if place < len(times) else otherwise


def _actor(seen: Observation) -> str:
    named = "" if seen.actor == UNKNOWN else seen.actor
    return str(seen.data.get("user") or named or seen.data.get("manager") or "somebody")


def _likeliest(there: Iterable[_Presence], piece: Evidence) -> tuple[PossibleActor, ...]:
    """The likeliest of those who were there, one line for each of them: who wrote the file before who ran a command before who was logged in."""
    ranked = sorted(((_strength(each.seen, piece.path), each.begin, each.seen.id, each) for each in there), reverse=True)
    by_actor: dict[str, _Presence] = {}
    for strength, _, _, each in ranked:
        if strength:
            by_actor.setdefault(each.actor, each)
    return tuple(_possible(each.seen, actor) for actor, each in list(by_actor.items())[:MOST_NAMED])


def _strength(seen: Observation, path: str | None) -> int:
    match seen.what:
        case "file-write":
            paths = seen.data.get("paths")
            return _WROTE if path and isinstance(paths, list) and path in paths else 0
        case "sudo":
            return _NAMED_IT if path and _names(str(seen.data.get("command") or seen.summary), path) else _COMMANDED
        case "login":
            return _WAS_THERE
    return _TRANSACTION if path else 0


def _names(command: str, path: str) -> bool:
    return path in command or basename(path) in command.replace("/", " ").split()


def _possible(seen: Observation, actor: str) -> PossibleActor:
    return PossibleActor(actor, seen.at, seen.summary, seen.id)
