"""The ledger that judges a repository's edits is never one that the repository brings along."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from changelog_ledger import Gate, Ledger
from changelog_ledger.errors import SettingsError


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with a home in its work tree, in which a change on everything is under way, and a staged edit."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "LEDGER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / ".changelog-ledger.toml").write_text('[gate]\nconfig = ["hosts/{host}/**"]\n')
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "policy")
    with Ledger.init(folder / ".ledger", host="web-01", actor="eve") as ledger:
        ledger.start(ledger.plan("Anything", on=["all"]).id)
    (folder / "hosts/web-01").mkdir(parents=True)
    (folder / "hosts/web-01/fstab").write_text("none\n")
    git(folder, "add", "hosts")
    monkeypatch.chdir(folder)
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Eve", "-c", "user.email=eve@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_home_that_is_tracked_is_not_asked(repository: Path) -> None:
    git(repository, "add", "-f", ".ledger/ledger.toml")
    with Gate.open() as gate, pytest.raises(SettingsError, match="among the files of this repository") as refused:
        gate.check()
    assert f"--home {repository / '.ledger'}" in refused.value.hint


def test_nor_is_one_that_has_been_committed_and_is_staged_to_go(repository: Path) -> None:
    git(repository, "add", "-f", ".ledger/ledger.toml")
    git(repository, "commit", "-qm", "a ledger of our own")
    git(repository, "rm", "-q", "--cached", ".ledger/ledger.toml")
    (repository / "hosts/web-01/fstab").write_text("other\n")
    git(repository, "add", "hosts")
    with Gate.open() as gate, pytest.raises(SettingsError, match="among the files"):
        gate.check()


def test_one_of_the_person_beside_the_files_is(repository: Path) -> None:
    with Gate.open() as gate:
        assert gate.check().passes


def test_one_that_is_named_is(repository: Path) -> None:
    git(repository, "add", "-f", ".ledger/ledger.toml")
    with Gate.open(home=repository / ".ledger") as gate:
        assert gate.check().passes
