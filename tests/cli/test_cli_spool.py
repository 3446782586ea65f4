"""The command while the database is away: real processes, a real lock, a read-only and a full disk."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from changelog_ledger import Ledger

from ..workflows.world import ledger_command, process
from .conftest import HOST, Desk

HOLD = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE');"
    " print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def hurried(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A ledger that a deployment waits half a second for."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("LEDGER_CHANGE", raising=False)
    toml = desk.home / "ledger.toml"
    toml.write_text("patience = 0.5\nlock_timeout = 0.5\n" + toml.read_text())
    return desk


@contextlib.contextmanager
def locked(desk: Desk) -> Iterator[None]:
    """Another process holds the database."""
    command = [sys.executable, "-c", HOLD, str(desk.home / "ledger.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate("")


def mounted(where: Path, *options: str) -> None:
    """A file system of its own at a folder; skipped where that is not permitted."""
    done = subprocess.run(["mount", *options, str(where)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@contextlib.contextmanager
def read_only(desk: Desk) -> Iterator[None]:
    """The home on a file system that is mounted read-only."""
    mounted(desk.home, "--bind", str(desk.home))
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(desk.home)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(desk.home)], check=True)


@contextlib.contextmanager
def full(desk: Desk) -> Iterator[None]:
    """The home on a disk without a byte left."""
    copy = desk.home.with_name("copy")
    desk.home.rename(copy)
    desk.home.mkdir(mode=0o700)
    mounted(desk.home, "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs")
    try:
        subprocess.run(["cp", "-a", f"{copy}/.", str(desk.home)], check=True)
        with contextlib.suppress(OSError), (desk.home / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)
        yield
        (desk.home / "filler").unlink()
        subprocess.run(["cp", "-a", f"{desk.home}/.", str(copy)], check=True)
    finally:
        subprocess.run(["umount", str(desk.home)], check=True)
        desk.home.rmdir()
        copy.rename(desk.home)


AWAY = pytest.mark.parametrize("away", [locked, read_only, full], ids=["locked", "read-only", "full"])


@AWAY
@pytest.mark.parametrize("code", [0, 7])
def test_the_deployment_runs_exits_with_its_own_code_and_is_merged_once(
    hurried: Desk, tmp_path: Path, away: Callable[[Desk], contextlib.AbstractContextManager[None]], code: int
) -> None:
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    hurried.snapshot("10:00")
    ran = tmp_path / "ran"
    command = ["run", change.lower(), "--root", str(hurried.machine.root), "--", "sh", "-c", f"echo $LEDGER_CHANGE >> '{ran}'; exit {code}"]
    with away(hurried):
        ended = subprocess.run(ledger_command(["--home", str(hurried.home), *command]), capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stdout) == (code, ""), ended.stderr
        assert all(line.startswith("warning: ") for line in ended.stderr.splitlines()), ended.stderr
        assert ran.read_text() == f"{change}\n"
    hurried("spool", "merge")
    shown = hurried("change", "show", change, "--json").json["change"]
    assert [note["step"] for note in shown["notes"] if note["step"]] == ["started", "failed" if code else "succeeded"]
    assert hurried("spool", "merge").out.strip() == "Nothing waits in the spool."
    assert hurried("status", "--json").json["spooled"] == 0
    hurried("verify")


@AWAY
def test_strict_runs_nothing(hurried: Desk, tmp_path: Path, away: Callable[[Desk], contextlib.AbstractContextManager[None]]) -> None:
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    with away(hurried):
        answer = hurried("run", "--strict", change, "--root", str(hurried.machine.root), "--", "touch", str(tmp_path / "ran"), code=4)
    assert "hint: " in answer.err
    assert not (tmp_path / "ran").exists()
    assert hurried("spool", "list").out.strip() == "Nothing waits in the spool."


@AWAY
def test_what_is_said_on_the_command_line_goes_to_the_spool(hurried: Desk, away: Callable[[Desk], contextlib.AbstractContextManager[None]]) -> None:
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    with away(hurried):
        hurried("change", "start", change, "--note", "by hand", code=75)
        hurried("change", "note", change, "halfway", code=75)
        said = hurried("change", "finish", change, code=75)
        planned = hurried("change", "plan", "Next", "--on", f"host:{HOST}", code=75).out.strip()
        hurried("change", "start", planned, code=75)
        hurried("good", HOST, "--source", "smoke test", code=75)
        hurried("observe", "fan replaced", "--on", HOST, "--kind", "hardware", code=75)
        assert len(hurried("spool", "list", "--json").json["waiting"]) == 7
    assert "not yet in the database" in said.err
    assert hurried("change", "show", change, "--json").json["change"]["status"] == "succeeded", "merged before the question"
    assert hurried("change", "show", planned, "--json").json["change"]["status"] == "started"
    assert hurried("spool", "list").out.strip() == "Nothing waits in the spool."
    hurried("verify")


def test_the_delay_of_a_deployment_is_bounded(hurried: Desk) -> None:
    """Once at the begin, once at the end, whatever the lock timeout is; and a moment to start."""
    toml = hurried.home / "ledger.toml"
    toml.write_text(toml.read_text().replace("lock_timeout = 0.5", "lock_timeout = 60"))
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    with locked(hurried):
        begun = time.monotonic()
        hurried("run", change, "--root", str(hurried.machine.root), "--", "true")
        assert time.monotonic() - begun < 4


def test_a_merge_that_is_killed_at_any_moment_records_once(hurried: Desk, tmp_path: Path) -> None:
    """kill -9 after 0, 1, 2 … of the facts: what was merged stays merged, the rest is merged later."""
    with locked(hurried):
        for number in range(4):
            hurried("good", HOST, "--source", f"check {number}", code=75)
    script = (
        "import os, sys; from changelog_ledger.store.recording import Recording; from changelog_ledger.cli.main import run;"
        " from changelog_ledger.workflows import spool; left = [int(sys.argv[1])]; add = Recording.add; spool._MOST = 1\n"
        "def dying(self, fact):\n"
        "    if not left[0]: os.kill(os.getpid(), 9)\n"
        "    left[0] -= 1\n"
        "    add(self, fact)\n"
        "Recording.add = dying; run(['--home', sys.argv[2], 'spool', 'merge'])"
    )
    for after in (0, 1, 2):
        ended = subprocess.run([sys.executable, "-c", script, str(after), str(hurried.home)], capture_output=True, timeout=60, check=False)
        assert ended.returncode == -signal.SIGKILL
    merged = hurried("spool", "merge", "--json").json
    assert (len(merged["recorded"]), merged["known"]) == (1, 3)
    marks = [entry for entry in hurried("recent", HOST, "--json").json["entries"] if entry["kind"] == "mark"]
    assert len(marks) == 4
    hurried("verify")


def test_a_killed_run_stays_under_way_and_can_be_failed(hurried: Desk, tmp_path: Path) -> None:
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    sign = tmp_path / "running"
    with (
        locked(hurried),
        process(hurried.home, "run", change, "--root", str(hurried.machine.root), "--", "sh", "-c", f"touch '{sign}'; sleep 60") as running,
    ):
        for _ in range(600):
            if sign.exists():
                break
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        running.wait(timeout=60)
    assert hurried("change", "show", change, "--json").json["change"]["status"] == "started"
    hurried("change", "fail", change, "--note", "the runner was killed")


def test_what_stays_is_reported_with_its_reason(hurried: Desk) -> None:
    with locked(hurried):
        hurried("good", "web-77", code=75)
    answer = hurried("spool", "merge", code=3)
    assert "web-77" in answer.out
    assert "STAYS" in answer.out
    assert "1 fact" in hurried("status").out
    assert max(len(line) for line in answer.out.splitlines() if "/" not in line) <= 80
    hurried("host", "add", "web-77")
    assert "1 fact recorded" in hurried("spool", "merge").out


def test_warnings_of_an_automatic_merge_are_said_once(hurried: Desk) -> None:
    with locked(hurried):
        hurried("good", "web-77", code=75)
    assert "web-77" in hurried("host", "list").err
    assert hurried("host", "list").err == ""


def test_a_dry_run_says_what_would_happen(hurried: Desk, tmp_path: Path) -> None:
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    answer = hurried("run", "--dry-run", change, "--", "touch", str(tmp_path / "ran"))
    assert f"would run touch {tmp_path / 'ran'}" in answer.out
    assert f"snapshots of {HOST} before and after" in answer.out
    assert not (tmp_path / "ran").exists()
    assert hurried("change", "show", change, "--json").json["change"]["status"] == "planned"
    hurried("change", "cancel", change)
    assert "cancelled" in hurried.refused("run", "--dry-run", change, "--", "true")


def test_a_snapshot_within_a_run_belongs_to_its_change(hurried: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    root = str(hurried.machine.root)
    inner = ledger_command(["--home", str(hurried.home), "snapshot", HOST, "--root", root])
    hurried("run", change, "--root", root, "--", "sh", "-c", 'sleep 0.01; exec "$@" >/dev/null', "sh", *inner)
    snapshots = json.loads(hurried("snapshots", HOST, "--json").out)["snapshots"]
    assert [snapshot["change"] for snapshot in snapshots] == [change] * 3
    with Ledger.open(hurried.home) as ledger:
        assert [str(snapshot.phase or "") for snapshot in ledger.snapshots(HOST)] == ["before", "", "after"]


def test_a_change_planned_in_the_spool_runs_on_a_disk_that_can_only_be_read(hurried: Desk) -> None:
    """The database answers, and knows nothing of the change yet: what it would refuse is only behind."""
    with full(hurried):
        planned = hurried("change", "plan", "Make room", "--on", f"host:{HOST}", code=75).out.strip()
        hurried("run", planned, "--root", str(hurried.machine.root), "--", "true")
        assert "no change CHG-000000" in hurried("run", "CHG-000000", "--", "true", code=4).err
    shown = hurried("change", "show", planned, "--json").json["change"]
    assert (shown["status"], shown["title"]) == ("succeeded", "Make room")


def test_a_server_that_does_not_answer(hurried: Desk) -> None:
    """PostgreSQL is down: the same as a locked file."""
    change = hurried("change", "plan", "Deploy", "--on", HOST).out.strip()
    toml = hurried.home / "ledger.toml"
    before = toml.read_text()
    lines = ['database = "postgresql://127.0.0.1:1/ledger"' if line.startswith("database") else line for line in before.splitlines()]
    toml.write_text("\n".join(lines) + "\n")
    hurried("run", change, "--root", str(hurried.machine.root), "--", "sh", "-c", "exit 7", code=7)
    hurried("good", HOST, code=75)
    toml.write_text(before)
    assert "3 facts recorded" in hurried("spool", "merge").out
