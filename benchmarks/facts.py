"""A company's year as JSON Lines: the same for the same numbers, in the order of time, so that one host's facts lie far apart."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

VERSION = "1"
"""Part of a kept home's name: a home that another generator made is of no use."""

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=365)
CHANGES, OBSERVATIONS, MARKS = 50, 40, 10
A_HOST = CHANGES + OBSERVATIONS + MARKS
HOSTS_A_SERVICE = 50
SNAPSHOTS = 12

_SEEN = ("package-upgraded", "service-restarted", "reboot", "deploy")
_WORDS = "nginx limits kernel certificate firewall route database queue cache logging backup mail proxy storage timeout dns".split()


@dataclass(frozen=True)
class Company:
    """How large it is: so many hosts, of whom twenty have snapshots."""

    hosts: int

    @classmethod
    def of_facts(cls, facts: int) -> Company:
        """One with about so many facts."""
        return cls(max(HOSTS_A_SERVICE, facts // A_HOST))

    def host(self, number: int) -> str:
        """A host's name."""
        return f"host-{number:05}"

    @property
    def with_snapshots(self) -> list[str]:
        """The hosts with snapshots: two of one service, so that they are peers."""
        step = max(2, self.hosts // 10)
        return [self.host(number) for first in range(0, self.hosts - 1, step) for number in (first, first + 1)]

    def lines(self) -> Iterator[str]:
        """Every fact, oldest first."""
        yield from (json.dumps(line) for line in self._topology())
        dice = random.Random(self.hosts)
        kinds = [*["change"] * CHANGES, *["observation"] * OBSERVATIONS, *["mark"] * (MARKS - 2)]
        dice.shuffle(kinds)
        slots = [*kinds, "good", "bad"]
        shots = {round(place * len(slots) / SNAPSHOTS): place for place in range(SNAPSHOTS)} | {len(slots) - 1: SNAPSHOTS}
        length = (END - BEGIN) / (len(slots) + 1)
        for slot, kind in enumerate(slots):
            for number in range(self.hosts):
                at = BEGIN + length * slot + timedelta(seconds=60 * dice.random() + number)
                if slot in shots and self.host(number) in self._watched:
                    yield json.dumps(self._snapshot(number, shots[slot], at))
                yield json.dumps(_FACT[kind](self, dice, number, slot, at))

    @property
    def _watched(self) -> frozenset[str]:
        return frozenset(self.with_snapshots)

    def _topology(self) -> Iterator[dict[str, Any]]:
        yield from ({"kind": "host", "name": self.host(number), "at": BEGIN.isoformat()} for number in range(self.hosts))
        services = max(1, self.hosts // HOSTS_A_SERVICE)
        for service in range(services):
            runs_on = [self.host(number) for number in range(service * HOSTS_A_SERVICE, (service + 1) * HOSTS_A_SERVICE)]
            below = [f"service:service-{service // 10:03}"] if service >= 10 else []
            yield {"kind": "service", "name": f"service-{service:03}", "runs_on": runs_on, "depends_on": below, "at": BEGIN.isoformat()}

    def _snapshot(self, number: int, place: int, at: datetime) -> dict[str, Any]:
        dice = random.Random(number * 100 + place)
        files = {f"/etc/{word}/{word}.conf": _text(dice) for word in (_WORDS if place == 0 else dice.sample(_WORDS, 4))}
        files |= {"/etc/shared.conf": f"generation = {place}\n"}
        return {"kind": "snapshot", "host": self.host(number), "at": at.isoformat(), "files": files}

    def _change(self, dice: random.Random, number: int, slot: int, at: datetime) -> dict[str, Any]:
        word = dice.choice(_WORDS)
        return {
            "kind": "change",
            "ref": f"RFC-{number}-{slot}",
            "title": f"Change {word} {dice.choice(_WORDS)} on host {number}",
            "on": [f"host:{self.host(number)}"],
            "paths": [f"/etc/{word}/**"],
            "type": "normal",
            "impact": "low",
            "category": [word],
            "planned_start": at.isoformat(),
            "planned_end": (at + timedelta(hours=2)).isoformat(),
            "started_at": at.isoformat(),
            "finished_at": (at + timedelta(hours=1)).isoformat(),
            "outcome": "succeeded",
            "actor": "anna",
        }

    def _observation(self, dice: random.Random, number: int, slot: int, at: datetime) -> dict[str, Any]:
        word = dice.choice(_WORDS)
        what = dice.choice(_SEEN)
        line = {"kind": "observation", "ref": f"O-{number}-{slot}", "what": what, "on": f"host:{self.host(number)}", "at": at.isoformat()}
        return line | {"summary": f"{word} {dice.randrange(9)}.{dice.randrange(99)}", "data": {"package": word}}

    def _mark(self, dice: random.Random, number: int, slot: int, at: datetime) -> dict[str, Any]:
        return {"kind": "mark", "target": f"host:{self.host(number)}", "state": "good", "at": at.isoformat()}

    def _good(self, dice: random.Random, number: int, slot: int, at: datetime) -> dict[str, Any]:
        """The last good mark: a month before the end, so that the window is as long as it gets."""
        return self._mark(dice, number, slot, at - timedelta(days=30))

    def _bad(self, dice: random.Random, number: int, slot: int, at: datetime) -> dict[str, Any]:
        return self._mark(dice, number, slot, at) | {"state": "bad", "symptom": "requests time out at the proxy"}


_FACT = {"change": Company._change, "observation": Company._observation, "mark": Company._mark, "good": Company._good, "bad": Company._bad}


def _text(dice: random.Random) -> str:
    return "".join(f"{word} = {dice.randrange(1000)}\n" for word in _WORDS)
