"""An emergency passes with its reason while the ledger is away, and is on record once it is back."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from changelog_ledger import Gate, Ledger

REASON = "the shop is down, back to the old pool limit"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("GIT_", "LEDGER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / ".gitconfig").write_text("[user]\nname = Ann\nemail = ann@example.org\n")
    folder = tmp_path / "configuration"
    file = folder / "hosts/web-01/etc/shop.ini"
    file.parent.mkdir(parents=True)
    file.write_text("[pool]\nlimit = 10\n")
    (folder / ".changelog-ledger.toml").write_text('[gate]\nconfig = ["hosts/{host}/**"]\n')
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "as it is"]):
        git(folder, *command)
    file.write_text("[pool]\nlimit = 5\n")
    git(folder, "add", "-A")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_with_a_locked_database_the_change_waits_in_the_spool_once(repository: Path, tmp_path: Path) -> None:
    Ledger.init(tmp_path / "home", host="web-01", actor="ann").close()
    settings = tmp_path / "home/ledger.toml"
    settings.write_text(settings.read_text().replace("# lock_timeout = 30 ", "lock_timeout = 0.2"))
    with sqlite3.connect(tmp_path / "home/ledger.db") as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
            first, again = gate.check(emergency=REASON), gate.check(emergency=REASON)
        blocker.rollback()
    assert first.passes
    assert first.emergency == again.emergency != ""
    assert [remark.code for remark in first.remarks] == ["away"]
    with Ledger.open(tmp_path / "home") as ledger:
        (change,) = ledger.changes()
        assert (change.id, change.type, change.status, change.paths) == (first.emergency, "emergency", "started", ("/etc/shop.ini",))
        assert change.reason == REASON
        assert ledger.verify() == ()


def test_without_a_home_it_is_recorded_when_there_is_one(repository: Path, tmp_path: Path) -> None:
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        verdict = gate.check(emergency=REASON)
    assert verdict.passes
    assert verdict.emergency == ""
    git(repository, "commit", "-qm", "old limit")
    Ledger.init(tmp_path / "home", host="web-01", actor="ann").close()
    (repository / "hosts/web-01/etc/shop.ini").write_text("[pool]\nlimit = 7\n")
    git(repository, "add", "-A")
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        assert not gate.check().passes
    with Ledger.open(tmp_path / "home") as ledger:
        (seen,) = ledger.drift("host:web-01")
        assert REASON in seen.summary


def test_without_a_reason_a_closed_gate_stays_closed(repository: Path, tmp_path: Path) -> None:
    from changelog_ledger.errors import HomeError

    with Gate.open(repository, home=tmp_path / "home") as gate, pytest.raises(HomeError, match="cannot ask its ledger"):
        gate.check()


def test_a_change_that_was_started_while_the_database_was_away_covers_once_it_is_back(repository: Path, tmp_path: Path) -> None:
    Ledger.init(tmp_path / "home", host="web-01", actor="ann").close()
    with Ledger.open(tmp_path / "home", actor="ann") as ledger:
        planned = ledger.plan("A lower limit", on=["host:web-01"])
        fact = ledger.spool.start(planned.id)
    assert fact
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        verdict = gate.check()
    assert verdict.passes
    assert verdict.edits[0].changes == (planned.id,)


def test_an_emergency_covers_whatever_statuses_the_policy_names(repository: Path, tmp_path: Path) -> None:
    (repository / ".changelog-ledger.toml").write_text('[gate]\nconfig = ["hosts/{host}/**"]\ncovered_by = ["planned"]\nwithin_window = []\n')
    git(repository, "commit", "-qm", "policy", ".changelog-ledger.toml")
    Ledger.init(tmp_path / "home", host="web-01", actor="ann").close()
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        first = gate.check(emergency=REASON)
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        again = gate.check(emergency=REASON)
    assert first.passes
    assert again.passes
    assert again.edits[0].changes == (first.emergency,)


def test_it_covers_exactly_these_edits_also_of_several_hosts(repository: Path, tmp_path: Path) -> None:
    (repository / "hosts/web-02/etc").mkdir(parents=True)
    (repository / "hosts/web-02/etc/other.ini").write_text("[x]\ny = 1\n")
    git(repository, "add", "-A")
    with Ledger.init(tmp_path / "home", host="web-01", actor="ann") as ledger:
        ledger.add_host("web-02")
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        verdict = gate.check(emergency=REASON)
    assert verdict.passes
    git(repository, "commit", "-qm", "both")
    (repository / "hosts/web-01/etc/other.ini").write_text("[x]\ny = 1\n")
    git(repository, "add", "-A")
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        assert not gate.check().passes, "the file of this name was let in on the other host"


def test_a_host_that_nobody_knows_opens_no_other_host(repository: Path, tmp_path: Path) -> None:
    Ledger.init(tmp_path / "home", host="db-01", actor="ann").close()
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        assert gate.check(emergency=REASON).passes
    (repository / "hosts/db-01/etc").mkdir(parents=True)
    (repository / "hosts/db-01/etc/shop.ini").write_text("[x]\ny = 1\n")
    git(repository, "add", "-A")
    with Gate.open(repository, home=tmp_path / "home", actor="ann") as gate:
        (refused,) = gate.check().refused
    assert refused.edit.path == "hosts/db-01/etc/shop.ini"
