"""What only a real process shows: signals, closed pipes, start-up, two of them at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from changelog_ledger import Ledger

from ..workflows.world import HOST, World, process
from .conftest import Desk


def test_a_reader_that_goes_away_is_no_error(world: World) -> None:
    """``ledger recent | head -0`` with enough lines to fill the pipe."""
    lines = (
        {"kind": "observation", "what": "note", "on": "host:web-01", "at": f"2025-06-02T0{number % 9}:00:00Z", "summary": f"seen {number}"}
        for number in range(3000)
    )
    world.ledger.import_facts(map(json.dumps, lines))
    command = ["recent", HOST, "--since", "2025-06-01T00:00Z"]
    with process(world.ledger.home, *command) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        reading.stdout.close()
        assert reading.stderr.read() == ""
        assert reading.wait(timeout=60) == 0


def test_ctrl_c_in_the_middle_of_a_snapshot_leaves_a_sound_home(world: World) -> None:
    """Interrupted while it reads (a FIFO would block it; here: many files), then verified, then taken again."""
    home = world.ledger.home
    for number in range(3000):
        world.machine.write(f"/etc/many/{number // 100}/{number}.conf", f"number = {number}\n" * 20)
    with process(home, "snapshot", HOST, "--root", str(world.machine.root)) as taking:
        _wait_for(lambda: any((home / "snapshots.git/objects/pack").glob("tmp_pack_*")) or taking.poll() is not None)
        os.killpg(taking.pid, signal.SIGINT)
        out, err = taking.communicate(timeout=60)
    assert taking.returncode == 130, (taking.returncode, out, err)
    assert "interrupted" in err
    assert "Traceback" not in err
    with Ledger.open(home) as ledger:
        assert {finding.code for finding in ledger.verify()} <= {"orphan"}
        taken = ledger.snapshot(HOST, root=world.machine.root)
        assert taken.files > 3000
        ledger.repair()
        assert ledger.verify() == ()


def test_ctrl_c_in_the_middle_of_a_run_records_the_failure(world: World, tmp_path: Path) -> None:
    """As from a terminal: the whole group gets it, the command and the ledger."""
    home, sign = world.ledger.home, tmp_path / "running"
    change = world.ledger.plan("Takes long", on=[f"host:{HOST}"]).id
    command = ["sh", "-c", f"touch '{sign}'; exec sleep 60"]
    arguments = ["run", change, "--root", str(world.machine.root), "--", *command]
    with process(home, *arguments) as running:
        _wait_for(sign.exists)
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, (running.returncode, err)
    assert "ledger:" not in err
    with Ledger.open(home) as ledger:
        failed = ledger.find_change(change)
        assert (str(failed.status), failed.outcome) == ("failed", "failed")
        assert "130" in failed.notes[-1].text
        assert [str(snapshot.phase) for snapshot in ledger.snapshots(HOST)] == ["before", "after"]
        assert ledger.verify() == ()


def test_two_processes_finish_the_same_change_and_one_wins(world: World) -> None:
    """They begin at the same moment; the loser is told that somebody else was quicker, or that it is finished already."""
    change = world.ledger.plan("Twice", on=[f"host:{HOST}"]).id
    world.ledger.start(change)
    script = (
        "import sys; from changelog_ledger import Ledger; from changelog_ledger.cli.main import run; import changelog_ledger.cli.changes;"
        " Ledger.open().find_change(sys.argv[1]); print('ready', flush=True); sys.stdin.readline();"
        " sys.exit(run(['change', sys.argv[2], sys.argv[1]]))"
    )
    environment = {**os.environ, "LEDGER_HOME": str(world.ledger.home)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    commands = [[sys.executable, "-c", script, change, verb] for verb in ("finish", "fail")]
    racers = [subprocess.Popen(command, text=True, env=environment, **pipes) for command in commands]  # type: ignore[call-overload]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    ends = [(racer.communicate(timeout=60), racer.returncode) for racer in racers]
    assert sorted(code for _, code in ends) == [0, 4], ends
    ((_, lost),) = [said for said, code in ends if code == 4]
    assert lost.startswith("ledger: ")
    notes = world.ledger.find_change(change).notes
    assert len([note for note in notes if note.step in ("succeeded", "failed")]) == 1
    assert world.ledger.verify() == ()


def test_exit_codes_of_the_installed_command(desk: Desk) -> None:
    """The console script itself: what ``run`` returns is what the shell sees."""
    command = [str(Path(sys.executable).with_name("ledger")), "--home", str(desk.home)]
    if not Path(command[0]).exists():
        pytest.skip("the package is not installed with its scripts")
    assert subprocess.run([*command, "good", HOST], capture_output=True, timeout=60).returncode == 0
    refused = subprocess.run([*command, "good", "nobody"], capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (4, "", 2)
    old = desk.machine.write("/old.ini", "a = 1\n")
    new = desk.machine.write("/new.ini", "a = 2\n")
    assert subprocess.run([*command, "diff", "--files", str(old), str(new), "--exit-code"], capture_output=True, timeout=60).returncode == 1


def _wait_for(event: Callable[[], bool], seconds: float = 60) -> None:
    """Until it is so; asked a thousand times a second, since a signal has to hit the middle."""
    end = time.monotonic() + seconds
    while not event():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.001)
