"""How long the command takes to say anything at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import LEDGER, command
from benchmarks.timing import Bar, Contestant, Row, medians


def start(_folder: Path, quick: bool) -> Iterator[Row]:
    """``ledger --help`` against a Python that does nothing."""
    peer = "python -c pass"
    contestants = [Contestant(peer, lambda _: command(sys.executable, "-c", "pass")), Contestant("command", lambda _: command(*LEDGER, "--help"))]
    taken = medians(contestants, 11 if quick else 51)
    yield Row("ledger --help", "command", taken["command"], peer, taken[peer], Bar.ratio(6.0))
