"""``gc`` beside snapshots of other processes, and killed at random moments: nothing acknowledged is lost, nothing kept is damaged."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.cli.main import run

from ..workflows.world import HOST, World, git
from .test_crash_concurrency import SNAPSHOTS, race, restless

COLLECT = """
import sys
from changelog_ledger import Ledger
home, number = sys.argv[1:]
with Ledger.open(home, actor="collector") as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(number)):
        ledger.gc()
"""
VERIFY = """
import sys
from changelog_ledger import Ledger
home, number = sys.argv[1:]
with Ledger.open(home, actor="auditor") as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(number)):
        assert ledger.verify() == (), ledger.verify()
        assert list(ledger.export_facts())
"""
COLLECT_FOREVER = """
import sys
from changelog_ledger import Ledger
with Ledger.open(sys.argv[1], actor="victim") as ledger:
    print("ready", flush=True)
    while True:
        ledger.gc()
"""


def retain(home: Path, policy: str) -> None:
    settings = home / "ledger.toml"
    settings.write_text(settings.read_text() + f"\n[retention]\n{policy}")


def packs(home: Path) -> int:
    return len(list((home / "snapshots.git/objects/pack").glob("*.pack")))


def test_snapshots_of_six_processes_beside_two_that_collect(world: World) -> None:
    home = world.ledger.home
    names = [HOST, *(f"web-0{number}" for number in range(2, 5))]
    for name in names[1:]:
        world.ledger.add_host(name)
    with restless(world.machine.root):
        writers = [[str(home), name, str(world.machine.root), "12"] for name in (*names, HOST, names[1])]
        acknowledged = _race_with_collectors(writers, [[str(home), "6"], [str(home), "6"]])
    told = {tuple(json.loads(line)[:3]) for line in acknowledged}
    assert len(told) == 72
    assert told == {(entry.id, entry.host, entry.commit) for name in names for entry in world.ledger.snapshots(name)}
    assert world.ledger.verify() == ()
    world.ledger.gc()
    assert packs(home) == 1
    git(home, "fsck", "--full", "--strict")
    assert world.ledger.verify() == ()


def _race_with_collectors(writers: list[list[str]], collectors: list[list[str]], verifiers: Sequence[list[str]] = ()) -> list[str]:
    """:func:`race` of three scripts: the first argument chooses."""
    script = f"import sys\nchosen = {[SNAPSHOTS, COLLECT, VERIFY]!r}[int(sys.argv.pop(1))]\nexec(chosen)"
    return race(script, [[str(number), *given] for number, group in enumerate((writers, collectors, verifiers)) for given in group])


def test_everything_expires_while_it_is_being_taken(world: World) -> None:
    """The shortest policy that there is: all but the last one of each host may go at once."""
    home = world.ledger.home
    retain(home, 'keep_all = "0s"\n')
    world.ledger.add_host("web-02")
    with restless(world.machine.root):
        writers = [[str(home), name, str(world.machine.root), "20"] for name in (HOST, "web-02", HOST)]
        acknowledged = _race_with_collectors(writers, [[str(home), "10"]], verifiers=[[str(home), "6"]])
    with Ledger.open(home) as ledger:
        assert ledger.verify() == ()
        ledger.gc()
        left = [entry for name in (HOST, "web-02") for entry in ledger.snapshots(name)]
        assert len(left) == 2
        assert {entry.id for entry in left} <= {json.loads(line)[0] for line in acknowledged}
        with ledger._workspace.store.reading() as view:
            gone = view.facts.expired()
        assert {entry.id for entry in left} | gone == {json.loads(line)[0] for line in acknowledged}, "here, or said to have expired"
        assert ledger.verify() == ()
        assert ledger.rebuild() > 60
        assert ledger.verify() == ()


def kill_and_look(world: World, kills: int, seed: int) -> None:
    home, randomness = world.ledger.home, random.Random(seed)
    for _ in range(30):
        world.clock.tick(hours=1)
        world.machine.write("/etc/hosts", f"127.0.0.1 localhost {randomness.random()}\n")
        world.snapshot()
    retain(home, 'keep_all = "0s"\ndaily = "1d"\nweekly = "forever"\n')
    for number in range(kills):
        _collect_and_kill(home, randomness.uniform(0.0, 0.35))
        assert run(["--home", str(home), "verify"]) == 0, "a death leaves nothing that is wrong"
        with Ledger.open(home) as ledger:
            ledger.snapshot(HOST, root=world.machine.root)
            before = {entry.id: ledger.cat(HOST, "/etc/hosts", at=entry.id) for entry in ledger.snapshots(HOST)}
            assert before
        world.machine.write("/etc/hosts", f"127.0.0.1 localhost edit {number}\n")
    with Ledger.open(home) as ledger:
        ledger.gc()
        assert ledger.verify() == ()
        assert packs(home) == 1
        assert not (home / "snapshots.git/candidate").exists()
    git(home, "fsck", "--full", "--strict")


def _collect_and_kill(home: Path, after: float) -> None:
    command = [sys.executable, "-c", COLLECT_FOREVER, str(home)]
    with subprocess.Popen(command, text=True, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(after)
        assert process.poll() is None, process.stderr.read()
        os.killpg(process.pid, signal.SIGKILL)


def test_five_kills_of_gc(world: World) -> None:
    kill_and_look(world, 5, seed=3)


@pytest.mark.slow
def test_forty_kills_of_gc(world: World) -> None:
    kill_and_look(world, 40, seed=40)
