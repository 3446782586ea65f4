"""``ledger run`` where the home cannot be used, or the command cannot be run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import changelog_ledger
from changelog_ledger.errors import HomeError

from .conftest import HOST, Desk


def _gone(desk: Desk) -> None:
    desk.home.rename(desk.home.with_name("elsewhere"))


def _broken(desk: Desk) -> None:
    (desk.home / "ledger.toml").write_text("= what")


def _no_text(desk: Desk) -> None:
    (desk.home / "ledger.toml").write_bytes(b"\xff\xfe")


UNUSABLE = pytest.mark.parametrize("unusable", [_gone, _broken, _no_text])


@UNUSABLE
def test_the_deployment_runs_without_a_ledger_and_it_is_said(desk: Desk, tmp_path: Path, unusable: Callable[[Desk], None]) -> None:
    change = desk("change", "plan", "Deploy", "--on", HOST).out.strip()
    unusable(desk)
    ran = tmp_path / "ran"
    answer = desk("run", change, "--", "sh", "-c", f"echo $LEDGER_CHANGE > '{ran}'; exit 7", code=7)
    assert ran.read_text() == f"{change}\n"
    (line,) = answer.err.splitlines()
    assert line.startswith("warning: ")
    assert f"going on without a ledger, nothing of {change} is recorded" in line


@UNUSABLE
def test_strict_runs_nothing(desk: Desk, tmp_path: Path, unusable: Callable[[Desk], None]) -> None:
    change = desk("change", "plan", "Deploy", "--on", HOST).out.strip()
    unusable(desk)
    desk.refused("run", "--strict", change, "--", "touch", str(tmp_path / "ran"))
    assert not (tmp_path / "ran").exists()


def test_in_python_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert changelog_ledger.run("CHG-7K3M9Q", ["sh", "-c", "exit 7"], home=tmp_path / "nowhere") == 7
    assert "nothing of CHG-7K3M9Q is recorded" in caplog.text
    with pytest.raises(HomeError):
        changelog_ledger.run("CHG-7K3M9Q", ["true"], home=tmp_path / "nowhere", strict=True)


def test_a_home_of_ours_that_is_closed_is_called_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.home.chmod(0)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: access(path, mode, **more) and (Path(path) != desk.home or mode == os.F_OK))
    said = desk("status", code=4).err
    desk.home.chmod(0o700)
    assert "cannot be read: its mode is d---------" in said
    assert "chmod 700" in said


@pytest.mark.parametrize(
    ("command", "code"), [("no-such-command", 127), ("./no-such-file", 127), ("/etc", 126), ("PLAIN", 126), ("plain-in-path", 126)]
)
def test_what_is_no_command_ends_as_in_a_shell_and_starts_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    (tmp_path / "plain-in-path").write_text("exit 0\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    change = desk("change", "plan", "Deploy", "--on", HOST).out.strip()
    desk.refused("run", change, "--root", str(desk.machine.root), "--", command.replace("PLAIN", str(tmp_path / "plain-in-path")), code=code)
    assert desk("change", "show", change, "--json").json["change"]["status"] == "planned"
    _gone(desk)
    assert desk("run", change, "--", "no-such-command", code=127).err.startswith("ledger: there is no command")
