"""``ledger run`` as a process among others: signals, descriptors, its folder."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.model.change import Change

from ..workflows.world import HOST, World, ledger_command, process
from .conftest import Desk

PLAIN = [sys.executable, "-c", "import sys; from changelog_ledger.cli.main import run; sys.exit(run(sys.argv[1:]))"]
"""``ledger`` with the signals as its parent has them."""


def test_the_command_gets_the_descriptors_that_were_handed_on_and_none_of_ours(world: World, tmp_path: Path) -> None:
    """As with ``<(…)`` of the shell."""
    change = _planned(world)
    reading, writing = os.pipe()
    os.write(writing, b"hello\n")
    os.close(writing)
    script = f"cat /dev/fd/{reading}; ls -l /proc/self/fd"
    command = ["run", change, "--root", str(world.machine.root), "--", "sh", "-c", script]
    environment = {**os.environ, "LEDGER_HOME": str(world.ledger.home)}
    done = subprocess.run(ledger_command(command), pass_fds=[reading], env=environment, capture_output=True, text=True, timeout=60, check=False)
    os.close(reading)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "hello"), done.stderr
    assert str(world.ledger.home) not in done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_ends_us_ends_the_command_and_that_is_recorded(world: World, tmp_path: Path, number: signal.Signals) -> None:
    change, sign = _planned(world), tmp_path / "running"
    with process(world.ledger.home, "run", change, "--root", str(world.machine.root), "--", *_shell(f"touch '{sign}'; exec sleep 60")) as running:
        _wait_for(sign)
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 128 + number, err
    failed = _found(world, change)
    assert (str(failed.status), failed.notes[-1].text) == ("failed", f"sh exited with {128 + number}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 3), (signal.SIGTERM, 0), (signal.SIGHUP, 3)])
@pytest.mark.parametrize("times", [1, 2, 4])
def test_signals_after_the_commands_end_lose_neither_its_code_nor_its_end(
    world: World, tmp_path: Path, number: signal.Signals, code: int, times: int
) -> None:
    """The database is locked, so that the recording waits, for its patience at most: a signal is minded behind that wait (sqlite3_busy_timeout)."""
    _patience(world, 3)
    change, sign, go = _planned(world), tmp_path / "running", tmp_path / "go"
    script = f"touch '{sign}'; while [ ! -e '{go}' ]; do sleep 0.05; done; exit {code}"
    with process(world.ledger.home, "run", change, "--root", str(world.machine.root), "--", *_shell(script)) as running:
        _wait_for(sign)
        time.sleep(0.2)
        holder = sqlite3.connect(world.ledger.home / "ledger.db", isolation_level=None, timeout=20)
        holder.execute("BEGIN EXCLUSIVE")
        go.touch()
        time.sleep(0.8)
        begun = time.monotonic()
        for _ in range(times):
            running.send_signal(number)
            time.sleep(0.3)
        _, err = running.communicate(timeout=60)
        took = time.monotonic() - begun
        holder.execute("ROLLBACK")
        holder.close()
    assert running.returncode == code, err
    assert "Traceback" not in err
    assert took < 10
    ended = _found(world, change)
    assert str(ended.status) == ("failed" if code else "succeeded")
    assert len([note for note in ended.notes if note.step]) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_is_ignored_stays_so_for_us_and_for_the_command(world: World, tmp_path: Path, number: signal.Signals) -> None:
    """``nohup``, and a job in the background of a script."""
    change, sign, go = _planned(world), tmp_path / "running", tmp_path / "go"
    loop = f"touch '{sign}'; while [ ! -e '{go}' ]; do sleep 0.05; done; exit 5"
    command = [*PLAIN, "run", change, "--root", str(world.machine.root), "--", *_shell(loop)]
    environment = {**os.environ, "LEDGER_HOME": str(world.ledger.home)}
    ignoring = _shell(f"trap '' {number.name.removeprefix('SIG')}; exec \"$@\"")
    with subprocess.Popen([*ignoring, "sh", *command], start_new_session=True, env=environment) as running:
        _wait_for(sign)
        os.killpg(running.pid, number)
        time.sleep(0.3)
        go.touch()
        assert running.wait(timeout=60) == 5
    assert _found(world, change).notes[-1].text == "sh exited with 5"


def test_in_a_folder_that_was_removed(desk: Desk, tmp_path: Path) -> None:
    change = desk("change", "plan", "Deploy", "--on", HOST).out.strip()
    gone = tmp_path / "gone"
    gone.mkdir()
    command = ledger_command(["run", change, "--root", str(desk.machine.root), "--", "sh", "-c", "exit 6"])
    script = 'rmdir "$0" && exec "$@"'
    environment = {**os.environ, "LEDGER_HOME": str(desk.home), "PYTHONSAFEPATH": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["sh", "-c", script, str(gone), *command], cwd=gone, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 6, done.stderr
    assert desk("change", "show", change, "--json").json["change"]["status"] == "failed"
    environment.pop("LEDGER_HOME")
    gone.mkdir()
    environment["XDG_DATA_HOME"] = str(tmp_path / "nothing")
    done = subprocess.run(
        ["sh", "-c", script, str(gone), *command], cwd=gone, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 6, done.stderr
    assert "going on without a ledger" in done.stderr


def _planned(world: World) -> str:
    return world.ledger.plan("Deploy", on=[f"host:{HOST}"]).id


def _shell(script: str) -> list[str]:
    return ["sh", "-c", script]


def _found(world: World, change: str) -> Change:
    with Ledger.open(world.ledger.home) as ledger:
        ledger.spool.merge()
        assert ledger.verify() == ()
        return ledger.find_change(change)


def _patience(world: World, seconds: int) -> None:
    toml = world.ledger.home / "ledger.toml"
    toml.write_text(f"patience = {seconds}\n" + toml.read_text())


def _wait_for(sign: Path) -> None:
    end = time.monotonic() + 60
    while not sign.exists():
        assert time.monotonic() < end, "the command was never run"
        time.sleep(0.02)
