"""``ledger snapshot`` as a process: what it loads, and that nobody can tell by the home which way it was recorded."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.store.lean import LeanStore

from ..workflows.world import HOST, PYTHON, World, made_world

HEAVY = {"sqlalchemy", "sqlmodel", "pydantic", "alembic", "rich", "pendulum", "deepdiff", "platformdirs", "asyncio"}
"""Libraries that take longer to load than a snapshot takes."""

IDLE = {"importlib.metadata", "changelog_ledger.formats", "changelog_ledger.diff", "changelog_ledger.redaction", "changelog_ledger.changes"}
"""What a snapshot that finds nothing new has no use for."""

SCRIPT = """
import json, sys
from changelog_ledger.cli.main import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]))
"""


def loaded(world: World) -> set[str]:
    """The modules of a process that has taken a snapshot."""
    command = [PYTHON, "-c", SCRIPT, "--home", str(world.ledger.home), "snapshot", HOST, "--root", str(world.machine.root)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env={**os.environ, "LEDGER_ACTOR": "alex"})
    code, modules = json.loads(ended.stdout.splitlines()[-1])
    assert code == 0, ended.stderr
    return set(modules)


def test_a_snapshot_loads_no_database_library(world: World) -> None:
    world.machine.write("/etc/motd", "Be kind.\n")
    assert loaded(world) & HEAVY == set()  # the first; and what was written within the tick before is read once more by the next
    time.sleep(2.1)  # the times of these files are whole seconds, as those of a file system that keeps no more
    assert loaded(world) & HEAVY == set()
    assert loaded(world) & (HEAVY | IDLE) == set()
    world.machine.write("/etc/motd", "Be kind.\nAsk first.\n")  # has no keys: comparing those is what deepdiff (and pydantic behind it) is for
    modules = loaded(world)
    assert modules & HEAVY == set()
    assert "changelog_ledger.redaction" in modules, "the edit was not found"
    assert world.ledger.verify() == ()


@contextmanager
def _without_the_lean_way(patch: pytest.MonkeyPatch) -> Iterator[None]:
    with patch.context() as patched:
        patched.setattr(LeanStore, "open", lambda *_arguments, **_options: None)
        yield


def _night(world: World) -> None:
    """Edits, a secret in the reason, a snapshot for a change, nothing new, an interruption between commit and fact.

    No secret in a file: sealing (age) is random, so commits would differ.
    """
    world.machine.write("/etc/app.ini", "[db]\nhost = db-01\npool = 20\n")
    _snapshot(world, reason="the token is token=q8Zk3TvR7xLm2WpY, see there")
    change = world.ledger.plan("More connections", on=[f"host:{HOST}"]).id
    world.machine.edit("/etc/app.ini", "pool = 20", "pool = 40")
    world.machine.write("/etc/caf\udce9.conf", b"x = \xff\n")
    _snapshot(world, change=change)
    _snapshot(world)
    world.machine.edit("/etc/app.ini", "db-01", "db-02")
    world.machine.path("/etc/hosts").unlink()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(type(world.ledger._workspace.snapshot_books), "append", _dies)
        _snapshot(world)
    _snapshot(world)


def _snapshot(world: World, **options: str) -> None:
    """A snapshot of folders that bear the clock's time as their files do."""
    for folder, _, _ in os.walk(world.machine.root):
        os.utime(folder, (world.clock().timestamp(),) * 2)
    world.snapshot(**options)


def _dies(*_arguments: object, **_options: object) -> None:
    raise KeyboardInterrupt


def _tables(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(home / "ledger.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in names}


def test_the_same_night_gives_the_same_tables_either_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = []
    place = tmp_path / "place"  # the same for both, for it is in what is recorded
    for way in (_without_the_lean_way, lambda _: nullcontext()):
        with way(monkeypatch), made_world(place) as world:
            assert isinstance(world.ledger._workspace.snapshot_books, LeanStore) is bool(tables)
            _night(world)
            assert world.ledger.verify() == ()
            tables.append(_tables(world.ledger.home))
        place.rename(tmp_path / f"done-{len(tables)}")
    whole, lean = tables
    assert {name: len(rows) for name, rows in whole.items()} == {name: len(rows) for name, rows in lean.items()}
    assert whole == lean
    assert len(lean["snapshot"]) == 5
    assert lean["delta"]


def test_projections_of_another_version_are_rebuilt_as_before(world: World) -> None:
    world.snapshot()
    home = world.ledger.home
    with sqlite3.connect(home / "ledger.db") as connection:
        connection.execute("UPDATE meta SET value = '0'")
    assert "sqlalchemy" in loaded(world)
    assert loaded(world) & HEAVY == set()
    assert world.ledger.verify() == ()
