"""kill -9 at random moments: nothing acknowledged is lost, nothing half written is taken for whole, and no hand is needed afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.cli.main import run
from changelog_ledger.store.lean import LeanStore

from ..workflows.world import HOST, World, git
from .test_crash_concurrency import restless

LOOP = """
import sys
from changelog_ledger import Ledger
home, root = sys.argv[1:]
with Ledger.open(home, actor="victim") as ledger:
    while True:
        snapshot = ledger.snapshot("web-01", root=root)
        print(snapshot.id, snapshot.commit, flush=True)
        ledger.good("host:web-01")
"""


@contextmanager
def victim(home: Path, root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own that takes one snapshot after the other; its git has another one, and ends when its input does."""
    command = [sys.executable, "-c", LOOP, str(home), str(root)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def killed(home: Path, root: Path, randomness: random.Random) -> list[tuple[str, str]]:
    """Let it acknowledge a first snapshot, kill it a random moment later; what it had acknowledged by then."""
    with victim(home, root) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=randomness.uniform(0.0, 0.12))  # the random moment; it does not end by itself
        os.killpg(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
    whole = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return [(words[0], words[1]) for words in map(str.split, whole)]


def look_after(home: Path, acknowledged: list[tuple[str, str]]) -> None:
    """What must hold after every death."""
    reachable = set(git(home, "rev-list", f"refs/heads/host/{HOST}").decode().split())
    with Ledger.open(home) as ledger:
        recorded = {(snapshot.id, snapshot.commit) for snapshot in ledger.snapshots(HOST)}
        assert set(acknowledged) <= recorded, "acknowledged and lost"
        assert {commit for _, commit in recorded} <= reachable, "a fact without its commit"
        findings = ledger.verify()
        assert {finding.code for finding in findings} <= {"orphan"}, findings


def kill_and_look(world: World, kills: int, seed: int) -> None:
    home, root, randomness = world.ledger.home, world.machine.root, random.Random(seed)
    acknowledged: list[tuple[str, str]] = []
    with restless(root):
        for number in range(kills):
            acknowledged += killed(home, root, randomness)  # its first snapshot shows that the one before left nothing in the way
            if number % 5 == 4 or number == kills - 1:
                look_after(home, acknowledged)
                assert run(["--home", str(home), "verify", "--quick"]) in (0, 1), "a death is no tampering"
    assert run(["--home", str(home), "repair"]) == 0
    assert run(["--home", str(home), "verify"]) == 0
    with Ledger.open(home) as ledger:
        taken = ledger.snapshot(HOST, root=root)
        assert taken.at > max(snapshot.at for snapshot in ledger.snapshots(HOST)[:-1])
        assert ledger.verify() == ()


def test_five_kills(world: World) -> None:
    kill_and_look(world, 5, seed=11)


@pytest.mark.slow
def test_fifty_kills(world: World) -> None:
    kill_and_look(world, 50, seed=50)


@pytest.mark.parametrize("name", ["refs/heads/host/web-01.lock", "packed-refs.lock", "HEAD.lock", "config.lock", "shallow.lock"])
def test_a_stale_git_lock_does_not_stop_the_next_snapshot(world: World, name: str) -> None:
    """What a git that was killed leaves behind. Nobody has to remove it by hand."""
    world.snapshot()
    lock = world.ledger.home / "snapshots.git" / name
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    world.machine.edit("/etc/app.ini", "db-01", "db-02")
    taken = world.snapshot()
    assert not taken.unchanged
    assert world.ledger.verify() == ()


def test_a_commit_without_its_fact_is_named_and_adopted(world: World) -> None:
    """The process died after git and before the ledger."""
    first = world.snapshot()
    world.machine.edit("/etc/app.ini", "db-01", "db-02")
    _die_before_the_fact(world)
    (finding,) = world.ledger.verify()
    assert (finding.code, finding.is_tampering) == ("orphan", False)
    assert run(["--home", str(world.ledger.home), "verify"]) == 1
    (adopted,) = world.ledger.repair().adopted
    assert adopted.previous == first.commit
    assert world.ledger.verify() == ()
    assert [piece.key for piece in world.ledger.diff(HOST)] == ["db/host"]


def test_the_next_snapshot_adopts_what_was_left(world: World) -> None:
    """The edit shows at the time at which it was seen, not at that of the next look."""
    world.snapshot()
    world.machine.edit("/etc/app.ini", "db-01", "db-02")
    seen_at = _die_before_the_fact(world)
    world.clock.tick(hours=5)
    world.snapshot()
    assert len(world.ledger.snapshots(HOST)) == 3
    (piece,) = world.ledger.what_changed(HOST).evidence
    assert piece.not_after == seen_at
    assert world.ledger.verify() == ()


def _die_before_the_fact(world: World) -> object:
    def dies(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(LeanStore, "append", dies)
        world.snapshot()
    return world.clock()
