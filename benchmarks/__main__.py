"""``python -m benchmarks [NAME...] [--quick] [--keep DIR]``: measure, and print a table."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.adopt import adopt
from benchmarks.bulk import bulk
from benchmarks.conflicts import conflicts
from benchmarks.differences import diff
from benchmarks.gate import gate
from benchmarks.packages import packages
from benchmarks.peers import peers
from benchmarks.questions import what_changed, window
from benchmarks.redaction import redaction
from benchmarks.snapshots import first, large, small, state
from benchmarks.start import start
from benchmarks.timing import Row, line, table
from benchmarks.writing import write

TOPICS: dict[str, Callable[[Path, bool], Iterator[Row]]] = {
    "start": start,
    "diff": diff,
    "redaction": redaction,
    "write": write,
    "small": small,
    "large": large,
    "first": first,
    "state": state,
    "bulk": bulk,
    "adopt": adopt,
    "conflicts": conflicts,
    "gate": gate,
    "packages": packages,
    "peers": peers,
    "window": window,
    "what-changed": what_changed,
}
_KEPT = ("window", "what-changed")
"""Topics whose home is worth keeping."""


def main() -> int:
    """Run the topics that are named, all of them if none is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(TOPICS)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and 50,000 facts: whether it works, not how fast")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the home of a million facts here, and use it again next time")
    given = parser.parse_args()
    if unknown := set(given.names) - TOPICS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    _say(_machine(), "")
    _say(*table(()))
    missed = 0
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as scratch, _kept(given.keep) as keep:
        _as_installed(Path(scratch) / "bytecode")
        for name in given.names or TOPICS:
            for row in TOPICS[name](keep if name in _KEPT else Path(scratch), given.quick):
                _say(line(row))
                missed += not row.holds
    _say("", f"{missed} of the bars were missed." if missed else "Every bar holds.")
    return 0


def _as_installed(bytecode: Path) -> None:
    """Commands are measured as pip installs them, with bytecode: where PYTHONDONTWRITEBYTECODE is set, each would compile a checkout anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(bytecode)


def _say(*lines: str) -> None:
    for text in lines:
        print(text, flush=True)


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="benchmarks-facts-") as scratch:
        yield Path(scratch)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.split()[2]
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory; {platform.system()}, Python {platform.python_version()}, git {git}"


if __name__ == "__main__":
    sys.exit(main())
