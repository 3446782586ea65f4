"""How long a commit waits for the gate: ``ledger hook check`` in a repository of 2,000 files, as a whole process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import LEDGER, command
from benchmarks.timing import Bar, Contestant, Row, medians

FILES = 2_000
_PEER = "python, sqlite3, git diff"
_POLICY = '[gate]\nconfig = ["hosts/{host}/**"]\n'
_FLOOR = "import sqlite3, subprocess; subprocess.run(['git', 'diff', '--cached', '--raw', '-z'], stdout=-1); sqlite3.connect(':memory:')"
"""What no hook in Python can do without."""


def gate(folder: Path, quick: bool) -> Iterator[Row]:
    """20 staged files, covered, refused and none of them configuration; and 2,000 of them."""
    home, repository = folder / "gate-home", folder / "gate-repository"
    for made in (home, repository):
        shutil.rmtree(made, ignore_errors=True)
    _git_repository(repository)
    command(*LEDGER, "--home", str(home), "init", "--host", "web-01")
    rounds = 5 if quick else 21
    yield from _rows("nothing of it configuration", home, repository, _stage(repository, 20, "notes"), rounds, Bar.seconds(0.25))
    _unstage(repository)
    staged = _stage(repository, 20, "hosts/web-01/etc")
    yield from _rows("covered by no change", home, repository, staged, rounds, None, refused=True)
    _start_change(home)
    yield from _rows("covered", home, repository, staged, rounds, Bar.seconds(0.25))
    _unstage(repository)
    yield from _rows("covered", home, repository, _stage(repository, FILES, "hosts/web-01/etc"), max(3, rounds // 4), Bar.seconds(3))


def _rows(what: str, home: Path, repository: Path, staged: int, rounds: int, bar: Bar | None, *, refused: bool = False) -> Iterator[Row]:
    def check(_: int) -> None:
        ended = subprocess.run([*LEDGER, "--home", str(home), "hook", "check"], cwd=repository, capture_output=True, check=False)
        if ended.returncode != (1 if refused else 0):
            raise RuntimeError(f"the check ended with {ended.returncode}: {ended.stderr.decode()}{ended.stdout.decode()}")

    def floor(_: int) -> None:
        subprocess.run([sys.executable, "-c", _FLOOR], cwd=repository, capture_output=True, check=True)

    taken = medians([Contestant(_PEER, floor), Contestant("command", check)], rounds)
    yield Row(f"hook check, {staged:,} staged of {FILES:,} files, {what}", "command", taken["command"], _PEER, taken[_PEER], bar)


def _git_repository(folder: Path) -> None:
    for number in range(FILES):
        for place in ("hosts/web-01/etc", "notes"):
            file = folder / place / f"{number // 100:02}" / f"{number}.conf"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"name = {number}\nlimit = 2\n" * 20)
    (folder / ".changelog-ledger.toml").write_text(_POLICY)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "As it is")


def _stage(folder: Path, number: int, place: str) -> int:
    for each in range(0, FILES, FILES // number):
        file = folder / place / f"{each // 100:02}" / f"{each}.conf"
        file.write_text(file.read_text().replace("limit = 2", "limit = 3", 1))
    _git(folder, "add", "-A")
    return number


def _unstage(folder: Path) -> None:
    _git(folder, "reset", "-q", "--hard")


def _start_change(home: Path) -> None:
    planned = subprocess.run(
        [*LEDGER, "--home", str(home), "change", "plan", "Raise limits", "--on", "host:web-01"], check=True, capture_output=True, text=True
    )
    command(*LEDGER, "--home", str(home), "change", "start", planned.stdout.strip())


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {"GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, env=environment)
