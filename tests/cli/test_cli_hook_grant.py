"""``ledger hook grant``."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from .conftest import Desk

ON = ("--on", "host:web-01", "--path", "/etc/haproxy/**")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a policy that is closed, and where we are."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "configuration"
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    policy(folder, 'config = ["hosts/{host}/**"]')
    monkeypatch.chdir(folder)
    return folder


def policy(folder: Path, *lines: str) -> None:
    (folder / ".changelog-ledger.toml").write_text("\n".join(["[gate]", *lines, ""]))
    subprocess.run(["git", "-C", str(folder), "add", ".changelog-ledger.toml"], check=True)


def started(desk: Desk) -> str:
    change = desk("change", "plan", "Raise timeouts", *ON).out.strip()
    desk("change", "start", change)
    return change


def test_it_says_what_is_granted_where_it_lies_and_what_the_policy_lacks(desk: Desk, clone: Path) -> None:
    change = started(desk)
    lines = desk("hook", "grant", change, "--for", "8h").out.splitlines()
    (file,) = (clone / ".git" / "changelog-ledger" / "grants").iterdir()
    assert lines[0] == f"{file.stem} grants the edits of {change} while the ledger is away:"
    assert lines[1:4] == ["  Raise timeouts", "  on host:web-01", "  /etc/haproxy/**"]
    assert f"It lies in {file}" in lines
    key = json.loads(file.read_text())["key"]
    assert lines[-3:] == [
        "It counts where .changelog-ledger.toml has, committed, under its [gate]:",
        '  when_away = "grant"',
        f'  grant_keys = ["{key}"]',
    ]
    assert f"grant {file.stem} for offline work until" in desk("change", "show", change).out


def test_where_the_policy_has_all_that_it_takes_nothing_more_is_said(desk: Desk, clone: Path) -> None:
    change = started(desk)
    other = "ed25519:" + "A" * 43 + "="
    policy(clone, 'when_away = "grant"', f'grant_keys = ["{other}"]')
    (line,) = desk("hook", "grant", change, "--json").json["lacks"]
    assert line.startswith(f'grant_keys = ["{other}", "ed25519:')
    policy(clone, 'when_away = "grant"', line)
    assert desk("hook", "grant", change, "--json").json["lacks"] == []
    assert "[gate]" not in desk("hook", "grant", change).out


def test_json_has_all_of_it(desk: Desk, clone: Path) -> None:
    change = started(desk)
    answer = desk("hook", "grant", change, "--repo", str(clone), "--json").json
    assert answer["schema"] == "changelog-ledger/hook-grant/1"
    assert (answer["grant"]["change"], answer["grant"]["on"], answer["grant"]["paths"]) == (change, ["host:web-01"], ["/etc/haproxy/**"])
    assert Path(answer["file"]).read_text() == answer["text"]


def test_it_is_written_to_a_new_file(desk: Desk, tmp_path: Path) -> None:
    change = started(desk)
    file = tmp_path / "grant.json"
    desk("hook", "grant", change, "--to", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "is there already" in desk.refused("hook", "grant", change, "--to", str(file))


def test_it_is_printed(desk: Desk) -> None:
    printed = desk("hook", "grant", started(desk), "--to", "-").json
    assert set(printed) == {"schema", "payload", "key", "signature"}


def test_what_cannot_be_granted_is_refused_in_words(desk: Desk, clone: Path) -> None:
    change = started(desk)
    assert "30 days" in desk.refused("hook", "grant", change, "--for", "31d")
    assert "cannot read the duration" in desk.refused("hook", "grant", change, "--for", "soon")
    assert "not both" in desk.refused("hook", "grant", change, "--to", "-", "--repo", str(clone))
    desk.refused("hook", "grant", "CHG-000000")
    desk("change", "finish", change)
    assert "nothing to grant" in desk.refused("hook", "grant", change)
    assert not (clone / ".git" / "changelog-ledger").exists()


def test_outside_of_a_repository_it_says_so(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = started(desk)
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    desk.refused("hook", "grant", change)


def test_the_key_is_shown_once_there_is_one(desk: Desk) -> None:
    assert "Grants" not in desk("key", "show").out
    assert desk("key", "show", "--json").json["grants"] is None
    key = desk("hook", "grant", started(desk), "--to", "-").json["key"]
    assert f"Grants        signed with {key}" in desk("key", "show").out
    assert desk("key", "show", "--json").json["grants"] == key


def test_a_day_without_the_ledger(desk: Desk, clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Granted here, committed there, recorded here."""
    change = started(desk)
    lines = desk("hook", "grant", change, "--json").json["lacks"]
    policy(clone, 'config = ["hosts/{host}/**"]', *lines)
    subprocess.run(["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "--quiet", "-m", "policy"], check=True)
    for name in ("nginx", "haproxy"):
        file = clone / "hosts" / "web-01" / "etc" / name / "conf"
        file.parent.mkdir(parents=True)
        file.write_text("timeout 30s\n")
    subprocess.run(["git", "add", "hosts/web-01/etc/haproxy"], check=True)
    away = Desk(tmp_path / "no-home", desk.machine, capsys)
    answer = away("hook", "check", code=None)
    assert (answer.code, answer.err.count("by grant")) == (0, 1), answer.out + answer.err
    subprocess.run(["git", "add", "hosts/web-01/etc/nginx"], check=True)
    assert away("hook", "check", code=1).out
    desk("hook", "check", code=None)
    recorded = [json.loads(line) for line in desk("export").out.splitlines()]
    (observed,) = [line for line in recorded if line.get("what") == "commit-unchecked"]
    assert (observed["on"], observed["data"]["change"]) == ("host:web-01", change)
    assert observed["data"]["paths"] == ["hosts/web-01/etc/haproxy/conf"]
