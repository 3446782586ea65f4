"""The command, in this process: what it answers, writes and says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.cli.main import run

from ..workflows.world import HOST, START, Clock, Machine, either, entropy, furnish, postgresql_database, world

__all__ = ["either", "world"]


@dataclass(frozen=True)
class Answer:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as the one JSON document that it is."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """Somebody at a terminal: a home, a machine's files, and the command."""

    home: Path
    machine: Machine
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, code: int | None = 0) -> Answer:
        """Run ``ledger ARGUMENTS``; it must end with ``code`` (None: whatever), and with nothing but warnings on stderr when that is 0."""
        self.capsys.readouterr()
        ended = run(["--home", str(self.home), "--utc", *arguments])
        captured = self.capsys.readouterr()
        answer = Answer(ended, captured.out, captured.err)
        assert code is None or ended == code, f"ledger {' '.join(arguments)} ended with {ended}\n{captured.err}{captured.out[:2000]}"
        unasked = [line for line in captured.err.splitlines() if not line.startswith("warning: ")]
        assert code != 0 or not unasked, captured.err
        return answer

    def snapshot(self, at: str, *options: str) -> Answer:
        """A snapshot of the machine's files at a time of today's clock face: ``10:15``."""
        return self("snapshot", HOST, "--root", str(self.machine.root), "--at", day(at), *options)

    def refused(self, *arguments: str, code: int = 4) -> str:
        """The command is refused as an error should be: one line that says what, one that says what to do, nothing on stdout, no trace.

        Nothing may be recorded by it. The answer is what was said.
        """
        before = facts(self.home)
        answer = self(*arguments, code=code)
        lines = answer.err.splitlines()
        assert len(lines) == 2, answer.err
        assert lines[0].startswith("ledger: ")
        assert lines[1].startswith("hint: ")
        assert len(lines[1]) > len("hint: ")
        assert "Traceback" not in answer.err
        assert answer.out == ""
        assert facts(self.home) == before, "a refused command has recorded something"
        return answer.err


def day(clock_face: str) -> str:
    """``10:15`` as an ISO time of the day that tests play on."""
    return f"{START.date()}T{clock_face}Z"


def facts(home: Path) -> int | None:
    """How many facts a home has; None if there is none to ask."""
    try:
        with Ledger.open(home) as ledger:
            return ledger.status().facts
    except Exception:  # noqa: BLE001 - some tests break the home on purpose
        return None


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A home for ``web-01`` and its few files, nothing recorded yet but the host."""
    return _desk(tmp_path, capsys, monkeypatch, None)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_desk(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The same on SQLite and on PostgreSQL."""
    return _desk(tmp_path, capsys, monkeypatch, postgresql_database() if request.param == "postgresql" else None)


def _desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database: str | None) -> Desk:
    monkeypatch.setenv("LEDGER_ACTOR", "alex")
    monkeypatch.delenv("LEDGER_HOME", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    clock = Clock()
    Ledger.init(tmp_path / "home", host=HOST, database=database, actor="alex", clock=clock, entropy=entropy(7)).close()
    return Desk(tmp_path / "home", furnish(Machine(tmp_path / "root", clock)), capsys)


@pytest.fixture
def troubled(desk: Desk) -> Desk:
    """It worked at 10:05; at 11:00 a logged change and an unlogged edit; at 12:00 it was broken."""
    return trouble(desk)


@pytest.fixture
def either_troubled(either_desk: Desk) -> Desk:
    """The same on SQLite and on PostgreSQL."""
    return trouble(either_desk)


def trouble(desk: Desk) -> Desk:
    """See :func:`troubled`."""
    desk("service", "add", "shop", "--runs-on", HOST)
    desk.snapshot("10:00", "--reason", "first look")
    desk("good", f"host:{HOST}", "--at", day("10:05"), "--source", "smoke test")
    options = ["--path", "/etc/nginx/**", "--impact", "low", "--affects", "shop", "--item", "monitoring muted", "--rollback-to", "latest"]
    change = desk("change", "plan", "Raise worker limit", "--on", f"host:{HOST}", "--backout", "put 4 back", *options).out.strip()
    desk("change", "start", change, "--at", day("11:00"))
    desk.machine.edit("/etc/nginx/nginx.conf", "worker_processes 4", "worker_processes 8", at=START.replace(hour=11, minute=1))
    desk.machine.edit("/etc/app.ini", "db-01", "db-02", at=START.replace(hour=11, minute=2))
    desk("change", "finish", change, "--at", day("11:10"), "--note", "monitoring stayed on")
    desk.snapshot("11:20")
    desk("bad", f"host:{HOST}", "--at", day("12:00"), "--symptom", "customers get 502")
    return desk
