"""Reading a hundred megabytes of ``dpkg.log``, against a loop that splits the same lines and does nothing with them."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.timing import Bar, Row
from changelog_ledger import Ledger

SIZE, QUICK_SIZE = 100_000_000, 5_000_000
_BEGIN = datetime(2005, 1, 1)  # noqa: DTZ001 - dpkg writes no offset


def packages(folder: Path, quick: bool) -> Iterator[Row]:
    """Into a new home, then once more with nothing new."""
    root, size = folder / "packages" / "root", QUICK_SIZE if quick else SIZE
    log = root / "var/log/dpkg.log"
    log.parent.mkdir(parents=True)
    with log.open("wb") as file:
        for part in dpkg_log(size):
            file.write(part)
    split = min(_timed_split(log) for _ in range(3))
    with Ledger.init(folder / "packages" / "home", host="bench") as ledger:
        begun = time.perf_counter()
        recorded = ledger.ingest.packages(root=root).recorded
        taken = time.perf_counter() - begun
        begun = time.perf_counter()
        again = ledger.ingest.packages(root=root).recorded
        nothing = time.perf_counter() - begun
    assert recorded
    assert not again
    shutil.rmtree(folder / "packages")
    name = f"ingest packages, {size // 1_000_000} MB of dpkg.log"
    bar = Bar.seconds(20) if not quick else None
    yield Row(name, "library", taken, "for line in file: line.split()", split, bar, f"{recorded:,} transactions, {recorded / taken:,.0f}/s")
    yield Row(f"{name}, nothing new", "library", nothing, "for line in file: line.split()", split)


def dpkg_log(size: int) -> Iterator[bytes]:
    """About so many bytes of transactions as a server has them: some upgrades of many packages, some of one, installations, removals."""
    dice = random.Random(11)
    at, written = _BEGIN, 0
    while written < size:
        at += timedelta(minutes=dice.randrange(20, 200))
        part = _transaction(dice, at).encode()
        written += len(part)
        yield part


def _transaction(dice: random.Random, at: datetime) -> str:
    count = dice.choices((1, 3, 12, 80), (8, 8, 5, 1))[0]
    lines = ["startup archives install"]
    for _ in range(count):
        name = f"lib{dice.choice('abcdefgh')}package{dice.randrange(4000)}:amd64"
        old, new = f"1.{dice.randrange(9)}.{dice.randrange(30)}-1", f"2.{dice.randrange(9)}.{dice.randrange(30)}-1+deb12u{dice.randrange(9)}"
        action = dice.choices((_upgrade, _install, _remove), (8, 3, 1))[0]
        lines += action(name, old, new)
    return "".join(f"{at + timedelta(seconds=number // 8):%Y-%m-%d %H:%M:%S} {line}\n" for number, line in enumerate(lines))


def _upgrade(name: str, old: str, new: str) -> list[str]:
    states = [f"status {state} {name} {old}" for state in ("half-configured", "unpacked", "half-installed")]
    return [f"upgrade {name} {old} {new}", *states, f"status unpacked {name} {new}", *_configure(name, new)]


def _install(name: str, _old: str, new: str) -> list[str]:
    return [f"install {name} <none> {new}", f"status half-installed {name} {new}", f"status unpacked {name} {new}", *_configure(name, new)]


def _remove(name: str, old: str, _new: str) -> list[str]:
    states = ("installed", "half-configured", "half-installed", "config-files")
    return [*(f"status {states[0]} {name} {old}",), f"remove {name} {old} <none>", *(f"status {state} {name} {old}" for state in states[1:])]


def _configure(name: str, version: str) -> list[str]:
    states = ("unpacked", "half-configured", "installed")
    triggered = ["trigproc libc-bin:amd64 2.36-9 <none>", "status half-configured libc-bin:amd64 2.36-9", "status installed libc-bin:amd64 2.36-9"]
    return [f"configure {name} {version} <none>", *(f"status {state} {name} {version}" for state in states), *triggered]


def _timed_split(log: Path) -> float:
    begun = time.perf_counter()
    with log.open("rb") as file:
        for line in file:
            line.split()
    return time.perf_counter() - begun
