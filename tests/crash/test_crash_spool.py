"""A disk that fails at any write of ``ledger run``: the deployment runs all the same, exits with its own code, and is recorded once."""

from __future__ import annotations

import errno
import mmap
import subprocess
from pathlib import Path

import pytest

from changelog_ledger import Ledger

from ..workflows.world import HOST, ledger_command
from .test_crash_faults import _NUMBERS, Disk, library

__all__ = ["library"]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_whichever_write_fails_the_deployment_runs_and_is_recorded_once(
    tmp_path: Path, library: Path, error: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, root, file = tmp_path / "home", tmp_path / "root", tmp_path / "state"
    (root / "etc").mkdir(parents=True)
    (root / "etc/app.ini").write_text("[db]\n")
    file.write_bytes(bytes(_NUMBERS.size))
    with file.open("r+b") as opened:
        disk = Disk(library, mmap.mmap(opened.fileno(), _NUMBERS.size), file, home)
    Ledger.init(home, host=HOST, watch=["/etc"]).close()
    environment = {**disk.environment, "XDG_STATE_HOME": str(tmp_path / "elsewhere"), "LEDGER_HOME": str(home)}
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    nth, reached = 1, True
    while reached:
        with Ledger.open(home) as ledger:
            change = ledger.plan(f"Deploy {nth}", on=[HOST]).id
        ran = tmp_path / f"ran-{nth}"
        command = ledger_command(["run", change, "--root", str(root), "--", "sh", "-c", f"echo {nth} > '{root}/etc/app.ini'; touch '{ran}'; exit 7"])
        disk.set(nth, error, lasting=True)
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        reached = disk.failed > 0
        disk.set(0)
        assert (ended.returncode, ran.exists()) == (7, True), (nth, ended.stderr)
        assert "Traceback" not in ended.stderr
        with Ledger.open(home) as ledger:
            ledger.repair()
            found = ledger.find_change(change)
            assert [note.step for note in found.notes if note.step] == ["started", "failed"], (nth, ended.stderr)
            assert ledger.spool.list() == ()
            assert ledger.verify() == ()
        nth += 7 if nth > 20 else 1
    assert nth > 30, "a run writes more often than that: does the fault reach it?"
