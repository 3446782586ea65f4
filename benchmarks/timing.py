"""Times contestants in turn, takes medians, and writes one row an operation."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass


def nothing(_round: int) -> None:
    """No preparation is needed."""


@dataclass(frozen=True)
class Contestant:
    """Something to be timed.

    :ivar run: what is timed; takes the number of the round.
    :ivar prepare: what comes before and is not timed.
    """

    name: str
    run: Callable[[int], object]
    prepare: Callable[[int], object] = nothing


@dataclass(frozen=True)
class Bar:
    """What is to hold, in words and as a test of ``(seconds of the peer, our seconds)``."""

    words: str
    holds: Callable[[float, float], bool]

    @classmethod
    def ratio(cls, most: float) -> Bar:
        """At most so many times the peer's time."""
        return cls(f"<= {most:.3g} x", lambda peer, ours: ours <= most * peer)

    @classmethod
    def seconds(cls, most: float) -> Bar:
        """At most so long."""
        return cls(f"<= {duration(most)}", lambda _peer, ours: ours <= most)


@dataclass(frozen=True)
class Row:
    """One line of the table. ``remark`` says what else was measured."""

    operation: str
    ours: str
    seconds: float
    peer: str = ""
    peer_seconds: float = 0.0
    bar: Bar | None = None
    remark: str = ""

    @property
    def holds(self) -> bool:
        """Whether the bar holds; true where there is none."""
        return self.bar is None or self.bar.holds(self.peer_seconds, self.seconds)


def medians(contestants: Sequence[Contestant], rounds: int, *, warm_up: int = 1) -> dict[str, float]:
    """The median seconds of each contestant by name. They take turns, so that a busy moment of the machine hits all of them."""
    taken: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds + warm_up):
        for contestant in contestants:
            contestant.prepare(number)
            begun = time.perf_counter()
            contestant.run(number)
            if number >= warm_up:
                taken[contestant.name].append(time.perf_counter() - begun)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


_COLUMNS = ("operation", "peer", "time", "ledger", "time", "ratio", "bar", "")


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as lines of a Markdown table."""
    yield "| " + " | ".join(_COLUMNS) + " |"
    yield "|" + "|".join(("---", "---", "--:", "---", "--:", "--:", "--:", "---")) + "|"
    for row in rows:
        yield line(row)


def line(row: Row) -> str:
    """One row as a line of the table."""
    peer_time = duration(row.peer_seconds) if row.peer else ""
    ratio = f"{row.seconds / row.peer_seconds:.3g}" if row.peer else ""
    verdict = "" if row.bar is None else "holds" if row.holds else "MISSED"
    after = "; ".join(text for text in (verdict, row.remark) if text)
    words = row.bar.words if row.bar else ""
    return f"| {row.operation} | {row.peer} | {peer_time} | {row.ours} | {duration(row.seconds)} | {ratio} | {words} | {after} |"
