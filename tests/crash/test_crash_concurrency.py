"""Many real processes on one home: whatever was acknowledged is recorded, reachable, and in order."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from changelog_ledger import Ledger

from ..workflows.world import HOST, World, git

SNAPSHOTS = """
import json, sys
from changelog_ledger import Ledger
home, host, root, number = sys.argv[1:]
with Ledger.open(home, actor="process-" + host) as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(number)):
        snapshot = ledger.snapshot(host, root=root)
        print(json.dumps([snapshot.id, snapshot.host, snapshot.commit, snapshot.at.isoformat()]), flush=True)
"""
MARKS = """
import sys
from changelog_ledger import Ledger
home, name, number = sys.argv[1:]
with Ledger.open(home, actor=name) as ledger:
    ledger.hosts()
    print("ready", flush=True)
    sys.stdin.readline()
    for count in range(int(number)):
        print(ledger.bad("host:web-01", symptom=f"{name} {count}").id, flush=True)
"""


def race(script: str, arguments: list[list[str]]) -> list[str]:
    """Start all, wait until each is ready, let all go at once; what they acknowledged, line by line."""
    command = [sys.executable, "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    racers = [subprocess.Popen([*command, *given], text=True, **pipes) for given in arguments]  # type: ignore[call-overload]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n", racer.communicate()[1]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    ends = [racer.communicate(timeout=240) for racer in racers]
    for racer, (_, err) in zip(racers, ends, strict=True):
        assert racer.returncode == 0, err
    return [line for out, _ in ends for line in out.splitlines()]


@contextmanager
def restless(root: Path) -> Iterator[None]:
    """Somebody edits files all the while."""
    done = threading.Event()

    def edit() -> None:
        number = 0
        while not done.is_set():
            number += 1
            (root / "etc/app.ini").write_text(f"[db]\nhost = db-{number}\npassword = secret-number-{number}\n")
            (root / f"etc/part-{number % 5}.conf").write_text(f"number = {number}\n")
            done.wait(0.002)

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        yield
    finally:
        done.set()
        editor.join()


def check(ledger: Ledger, acknowledged: list[str]) -> None:
    """Every acknowledged snapshot has its fact; its commit is reachable from its host's branch; each host's snapshots are in order."""
    told = [tuple(json.loads(line)) for line in acknowledged]
    for host in sorted({host for _, host, _, _ in told}):
        recorded = ledger.snapshots(host)
        known = {(snapshot.id, snapshot.host, snapshot.commit, snapshot.at.isoformat()) for snapshot in recorded}
        assert {entry for entry in told if entry[1] == host} == known
        reachable = set(git(ledger.home, "rev-list", f"refs/heads/host/{host}").decode().split())
        assert {snapshot.commit for snapshot in recorded} == reachable
        times = [snapshot.at for snapshot in recorded]
        assert all(earlier < later for earlier, later in itertools.pairwise(times)), "in the order of the ledger and of time"
        assert all(later.previous == earlier.commit for earlier, later in itertools.pairwise(recorded))
    assert ledger.verify() == ()


@pytest.mark.parametrize("hosts", ["one", "six"])
def test_six_processes_take_fifteen_snapshots_each(world: World, hosts: str) -> None:
    names = [f"web-0{number if hosts == 'six' else 1}" for number in range(1, 7)]
    for name in set(names) - {HOST}:
        world.ledger.add_host(name)
    with restless(world.machine.root):
        acknowledged = race(SNAPSHOTS, [[str(world.ledger.home), name, str(world.machine.root), "15"] for name in names])
    assert len(acknowledged) == 90
    check(world.ledger, acknowledged)
    commits = {json.loads(line)[2] for line in acknowledged}
    assert len(commits) > 6, "files did change meanwhile"


def test_eight_processes_append_marks(world: World) -> None:
    acknowledged = race(MARKS, [[str(world.ledger.home), f"writer-{number}", "25"] for number in range(8)])
    assert len(set(acknowledged)) == 200
    exported = [json.loads(line) for line in world.ledger.export_facts()]
    marks = [(line["actor"], line["symptom"]) for line in exported if line["kind"] == "mark"]
    assert len(marks) == 200
    for number in range(8):
        own = [symptom for actor, symptom in marks if actor == f"writer-{number}"]
        assert own == [f"writer-{number} {count}" for count in range(25)], "each writer's facts in its own order"
    assert world.ledger.verify() == ()


def test_readers_never_see_half_a_fact(world: World) -> None:
    """A snapshot and its differences appear together, however often one looks while they are being written."""
    home, root = world.ledger.home, world.machine.root
    with Ledger.open(home) as plain:
        plain.snapshot(HOST, root=root)
    arguments = [sys.executable, "-c", SNAPSHOTS, str(home), HOST, str(root), "15"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with restless(root), subprocess.Popen(arguments, text=True, **pipes) as writer, Ledger.open(home) as reader:  # type: ignore[call-overload]
        assert writer.stdout.readline() == "ready\n"
        writer.stdin.write("go\n")
        writer.stdin.flush()
        looks = 0
        while writer.poll() is None or not looks:
            snapshots = reader.snapshots(HOST)
            newest = max(
                (piece.not_after for piece in reader.what_changed(HOST, since="1h").evidence), default=None
            )  # or newer: it is the later look
            assert snapshots[-1].unchanged or len(snapshots) == 1 or (newest is not None and newest >= snapshots[-1].at)
            looks += 1
        assert writer.returncode == 0, writer.stderr.read()
    assert looks > 5
