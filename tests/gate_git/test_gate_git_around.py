"""Ways around the gate that do not touch a path of configuration: links in place of folders, foreign ledgers, other environments, other files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from changelog_ledger import Gate
from changelog_ledger.errors import SettingsError
from tests.gate_git.workshop import Workshop

EDITED = "[pool]\nlimit = 99\n"


def test_a_link_in_place_of_a_folder_of_configuration_is_an_edit_of_it(workshop: Workshop) -> None:
    workshop.write("free/etc/app.ini", "anything\n")
    workshop.git("add", "-A")
    workshop.commit("-m", "Nobody's files")
    workshop.git("rm", "-rq", "--cached", "services")
    os.rename(workshop.folder / "services", workshop.folder / "elsewhere")
    os.symlink("free", workshop.folder / "services")
    workshop.git("add", "services")
    assert "services" in workshop.refused("-m", "A link")


def test_below_a_folder_of_configuration_too(workshop: Workshop) -> None:
    os.symlink("../free", workshop.folder / "services" / "other")
    workshop.git("add", "-A")
    assert "services/other" in workshop.refused()
    workshop.bypass("commit", "-qm", "Quickly")
    assert workshop.found() == ["Quickly"]


def test_a_link_elsewhere_is_nobodys(workshop: Workshop) -> None:
    os.symlink("README.md", workshop.folder / "LIESMICH")
    workshop.git("add", "-A")
    workshop.commit("-m", "Another name")


def test_a_ledger_in_a_submodule_is_not_asked(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.stage("hosts/w1/etc/app.ini", EDITED)
    workshop.git("update-index", "--add", "--cacheinfo", f"160000,{workshop.head},.ledger")
    home = workshop.folder / ".ledger"
    home.mkdir(mode=0o700)
    for entry in workshop.home.iterdir():
        os.symlink(entry, home / entry.name)
    monkeypatch.delenv("LEDGER_HOME", raising=False)
    monkeypatch.chdir(workshop.folder)
    with Gate.open() as gate, pytest.raises(SettingsError, match="among the files of this repository"):
        gate.check()


def test_the_variables_of_a_range_hide_nothing_that_is_staged(workshop: Workshop) -> None:
    workshop.stage("hosts/w1/etc/app.ini", EDITED)
    said = workshop.ask("hook", "check", code=1, PRE_COMMIT_FROM_REF="HEAD", PRE_COMMIT_TO_REF="HEAD").said
    assert "hosts/w1/etc/app.ini" in said


def test_a_message_that_is_no_file_keeps_nobody_waiting(workshop: Workshop, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    workshop.stage("hosts/w1/etc/app.ini", EDITED)
    for command in ("check-message", "prepare-commit-msg"):
        assert "is no file" in workshop.ask("hook", command, str(pipe), code=4).said


@pytest.mark.parametrize("key", ["config", "generated"])
def test_a_policy_has_a_few_hundred_patterns_at_most(workshop: Workshop, key: str) -> None:
    workshop.stage(".changelog-ledger.toml", f"[gate]\n{key} = [" + ", ".join(f'"a{number}/**"' for number in range(501)) + "]\n")
    workshop.bypass("commit", "-qm", "Many")
    workshop.stage(".changelog-ledger.toml", f"[gate]\n{key} = [" + ", ".join(f'"b{number}/**"' for number in range(501)) + "]\n")
    assert "more than 500 patterns" in workshop.ask("hook", "check", code=4).said
