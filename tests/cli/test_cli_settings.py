"""``ledger.toml``: a typo must not become a silent default. File, key and what is allowed are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from changelog_ledger.cli.main import run

from ..workflows.world import HOST
from .conftest import Desk


def settings(desk: Desk, added: str) -> None:
    toml = desk.home / "ledger.toml"
    toml.write_text(added + "\n" + toml.read_text())


def test_an_unknown_key(desk: Desk) -> None:
    settings(desk, 'stale_atfer = "26h"')
    said = desk.refused("status")
    assert str(desk.home / "ledger.toml") in said
    assert "'stale_atfer'" in said
    assert "stale_after" in said.splitlines()[1]


@pytest.mark.parametrize(
    ("line", "key", "allowed"),
    [
        ('stale_after = "a while"', "stale_after", "26h"),
        ("stale_after = 26", "stale_after", "26h"),
        ("lock_timeout = -1", "lock_timeout", "3600"),
        ('lock_timeout = "30"', "lock_timeout", "seconds"),
        ("lock_timeout = true", "lock_timeout", "seconds"),
        ("lock_timeout = inf", "lock_timeout", "3600"),
        ("lock_timeout = nan", "lock_timeout", "3600"),
        ('allow_network_home = "yes"', "allow_network_home", "true or false"),
    ],
)
def test_a_bad_value(desk: Desk, line: str, key: str, allowed: str) -> None:
    settings(desk, line)
    said = desk.refused("status")
    assert "ledger.toml" in said
    assert key in said.splitlines()[0]
    assert allowed in said.splitlines()[1]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (f'host = "{HOST}"', 'host = "web 01"', "host"),
        (f'host = "{HOST}"', "", "host"),
        ("watch = [", "watch = 5 #", "snapshot.watch"),
        ('watch = ["/etc"', 'watch = ["etc"', "snapshot.watch"),
        ('# size_limit = "1 MiB"', 'size_limit = "1 Mb"', "snapshot.size_limit"),
        ("[snapshot]", "[snapshots]", "snapshots"),
        ("[snapshot]", "[snapshot]\nwacth = []", "snapshot.wacth"),
        ('database = "sqlite:///ledger.db"', 'database = "mysql://x/y"', "database"),
    ],
)
def test_another_bad_value(desk: Desk, old: str, new: str, key: str) -> None:
    toml = desk.home / "ledger.toml"
    assert old in toml.read_text()
    toml.write_text(toml.read_text().replace(old, new, 1))
    said = desk.refused("status")
    assert str(toml) in said
    assert key in said.splitlines()[0]
    assert "allowed" in said.splitlines()[1]


def test_broken_toml_names_the_line(desk: Desk) -> None:
    settings(desk, "host = ")
    said = desk.refused("status")
    assert str(desk.home / "ledger.toml") in said
    assert "line 1" in said


@pytest.mark.parametrize("content", [b"\xff\xfe not text", b""])
def test_settings_that_are_no_settings(desk: Desk, content: bytes) -> None:
    (desk.home / "ledger.toml").write_bytes(content)
    assert "ledger.toml" in desk.refused("status")


def test_what_init_writes_is_read_back_whatever_was_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quotes, backslashes and control characters of a path survive the way through TOML."""
    odd = tmp_path / 'we"ird\\pa\tth\n'
    odd.mkdir()
    (odd / "a.ini").write_text("[a]\nb = 1\n")
    home = ["--home", str(tmp_path / "home")]
    assert run([*home, "init", "--host", HOST, "--watch", str(odd), "--watch", "/no/such"]) == 0
    assert run([*home, "snapshot"]) == 3
    capsys.readouterr()
    assert run([*home, "cat", HOST, f"{odd}/a.ini"]) == 0
    assert capsys.readouterr().out == "[a]\nb = 1\n"


def test_the_home_and_the_actor_come_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEDGER_ACTOR", "somebody-else")
    assert run(["init", "--host", HOST]) == 0
    assert run(["good", HOST]) == 0
    assert "somebody-else" in (run(["recent", HOST]), capsys.readouterr().out)[1]


def test_the_nearest_home_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("LEDGER_HOME", raising=False)
    assert run(["--home", str(tmp_path / "project/.ledger"), "init", "--host", HOST]) == 0
    (tmp_path / "project/deep/down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project/deep/down")
    assert run(["good", HOST]) == 0
    assert HOST in capsys.readouterr().out


def test_the_home_is_private(desk: Desk) -> None:
    assert desk.home.stat().st_mode & 0o777 == 0o700
    desk.snapshot("10:00")
    for file in desk.home.rglob("*"):
        assert file.lstat().st_mode & 0o077 == 0, file
