"""Snapshots of a whole tree: the first, five files changed, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import HOST, EtckeeperTree, GitTree, LedgerTree, has
from benchmarks.timing import Bar, Contestant, Row, medians
from changelog_ledger import Ledger

GIT = "git add -A; git commit"


def small(folder: Path, quick: bool) -> Iterator[Row]:
    """2,000 files: against git and etckeeper."""
    yield from _changed(folder / "small", 2_000, 5 if quick else 21, library=2.0, with_etckeeper=True)


def large(folder: Path, quick: bool) -> Iterator[Row]:
    """20,000 files: against git."""
    yield from _changed(folder / "large", 20_000, 3 if quick else 11, library=1.5, with_etckeeper=not quick)


def first(folder: Path, quick: bool) -> Iterator[Row]:
    """The first snapshot of 20,000 files, redaction on; git's ``init`` and ours are not counted."""
    git, ours = GitTree(folder / "first" / "git", 20_000), LedgerTree(folder / "first" / "ours", 20_000)
    contestants = [Contestant(GIT, git.commit, git.init), Contestant("library", ours.snapshot, ours.init)]
    taken = medians(contestants, 1 if quick else 5, warm_up=0 if quick else 1)
    ours.close()
    yield Row("first snapshot, 20,000 files", "library", taken["library"], GIT, taken[GIT], Bar.ratio(1.0))


def state(folder: Path, quick: bool) -> Iterator[Row]:
    """This machine's own ``/etc``, nothing changed: what ``@state`` adds. Depends on what runs here, so there is no bar."""
    with (
        Ledger.init(folder / "files", host=HOST, watch=["/etc"]) as files,
        Ledger.init(folder / "state", host=HOST, watch=["/etc", "@state"]) as both,
    ):
        contestants = [Contestant("without @state", lambda _round: files.snapshot()), Contestant("library", lambda _round: both.snapshot())]
        taken = medians(contestants, 3 if quick else 11)
    yield Row("snapshot of /etc and @state, nothing changed", "library", taken["library"], "without @state", taken["without @state"])


def _changed(folder: Path, files: int, rounds: int, *, library: float, with_etckeeper: bool) -> Iterator[Row]:
    git, ours, process = GitTree(folder / "git", files), LedgerTree(folder / "ours", files), LedgerTree(folder / "process", files)
    for tree in (git, ours, process):
        tree.init()
    git.commit()
    ours.snapshot()
    process.snapshot()
    contestants = [
        Contestant(GIT, git.commit, git.edit),
        Contestant("library", ours.snapshot, ours.edit),
        Contestant("command", process.command, process.edit),
    ]
    if with_etckeeper and has("etckeeper"):
        etckeeper = EtckeeperTree(folder / "etckeeper", files)
        etckeeper.init()
        contestants.append(Contestant("etckeeper", etckeeper.commit, etckeeper.edit))
    taken = medians(contestants, rounds)
    name = f"snapshot, {files:,} files, 5 changed"
    yield Row(name, "library", taken["library"], GIT, taken[GIT], Bar.ratio(library))
    if "etckeeper" in taken:
        yield Row(name, "command", taken["command"], "etckeeper", taken["etckeeper"], Bar.ratio(1.0))
    yield Row(name, "command", taken["command"], GIT, taken[GIT])
    idle = medians([Contestant("git status", git.status), Contestant("library", ours.snapshot), Contestant("command", process.command)], rounds)
    name = f"snapshot, {files:,} files, nothing changed"
    yield Row(name, "library", idle["library"], "git status", idle["git status"])
    yield Row(name, "command", idle["command"], "git status", idle["git status"])
    ours.close()
    process.close()
