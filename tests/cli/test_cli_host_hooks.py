"""``ledger host-hooks``: what it prints, and what the script that it installs calls."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from changelog_ledger.cli.main import run

from .conftest import Desk

SCRIPT = "/etc/changelog-ledger/host-hook"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The root of an image with apt and cron."""
    for name in ("etc/apt/apt.conf.d", "etc/cron.d"):
        (tmp_path / "image" / name).mkdir(parents=True)
    return tmp_path / "image"


def test_install_status_uninstall(desk: Desk, image: Path) -> None:
    root = ["--root", str(image)]
    planned = desk("host-hooks", "install", *root, "--dry-run")
    for told in (
        "would be written",
        f"home: {desk.home}",
        "command: /",
        f"    home={desk.home}",
        "    DPkg::Pre-Invoke {",
        "    */15 * * * * root if ",
    ):
        assert told in planned.out, "what would be written, each file with its content"
    assert not (image / SCRIPT.lstrip("/")).exists()

    done = desk("host-hooks", "install", *root, "--interval", "1h")
    assert [line.split() for line in done.out.splitlines()] == [
        [SCRIPT, "written"],
        ["/etc/apt/apt.conf.d/80changelog-ledger", "written"],
        ["/etc/cron.d/changelog-ledger", "written"],
    ]
    assert "there is no systemd: cron calls the ledger" in done.err
    assert {line.split()[1] for line in desk("host-hooks", "status", *root).out.splitlines()[2:]} == {"installed"}
    assert {line.split()[1] for line in desk("host-hooks", "uninstall", *root).out.splitlines()} == {"removed"}
    assert "nothing is altered" in desk("host-hooks", "uninstall", *root).out
    assert [path.name for path in image.rglob("*") if path.is_file()] == []


def test_the_json_names_files_and_calls(desk: Desk, image: Path) -> None:
    desk("host-hooks", "install", "--root", str(image), "--home", "/var/lib/ledger", "--command", "/usr/bin/ledger")
    notes = image / "var/lib/ledger/host-hooks"
    notes.mkdir(parents=True)
    (notes / "timer.last").write_text("4 2025-06-02T09:00:00Z\n")
    (notes / "timer.worked").write_text("0 2025-06-02T08:45:00Z\n")
    options = ["--root", str(image), "--home", "/var/lib/ledger", "--command", "/usr/bin/ledger"]
    document = desk("host-hooks", "status", *options, "--json").json
    assert document["schema"] == "changelog-ledger/host-hooks/1"
    assert (document["command"], document["home"], document["dry_run"]) == ("/usr/bin/ledger", "/var/lib/ledger", False)
    assert document["files"][0] == {"part": None, "path": SCRIPT, "state": "installed", "target": None, "content": None}
    (call,) = document["calls"]
    assert (call["occasion"], call["code"], call["outcome"]) == ("timer", 4, "failed with 4")
    assert call["worked_at"].startswith("2025-06-02T08:45:00")
    said = desk("host-hooks", "status", *options).out
    assert "timer at Mon 2 Jun 2025 09:00:00 +00:00: failed with 4; it last worked without gaps at Mon 2 Jun 2025 08:45:00 +00:00" in said


def test_the_dry_run_shows_the_timers_link(desk: Desk, image: Path) -> None:
    for name in ("etc/systemd/system", "usr/lib/systemd/systemd"):
        (image / name).mkdir(parents=True)
    link, target = "/etc/systemd/system/timers.target.wants/changelog-ledger-snapshot.timer", "/etc/systemd/system/changelog-ledger-snapshot.timer"
    options = ["host-hooks", "install", "--root", str(image), "--dry-run"]
    (line,) = [line for line in desk(*options).out.splitlines() if line.startswith(link)]
    assert line.split(maxsplit=1)[1] == f"would be written (a link to {target})"
    (file,) = [file for file in desk(*options, "--json").json["files"] if file["path"] == link]
    assert (file["target"], file["content"]) == (target, None)


def test_status_asks_the_installed_script_where_to_and_by_what(desk: Desk, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As somebody would call it who was not there when it was installed; what it advises mends it, with all that was asked for."""
    asked = [
        "--root",
        str(image),
        "--home",
        "/srv/the ledger",
        "--command",
        "/opt/x/bin/ledger",
        "--only",
        "apt",
        "--only",
        "timer",
        "--interval",
        "1h",
    ]
    (image / "etc/apk").mkdir()
    desk("host-hooks", "install", *asked)
    monkeypatch.setenv("LEDGER_HOME", "/nowhere/else")
    status = ["host-hooks", "status", "--root", str(image)]
    assert run(status) == 0
    assert run([*status, "--json"]) == 0
    said, _, document = desk.capsys.readouterr().out.partition("{")
    assert "home: /srv/the ledger\ncommand: /opt/x/bin/ledger\n" in said
    assert "outdated" not in said
    states = {file["path"]: file["state"] for file in json.loads("{" + document)["files"]}
    assert states.pop("/etc/apk/commit_hooks.d/changelog-ledger") == "absent"
    assert set(states.values()) == {"installed"}

    (image / SCRIPT.lstrip("/")).chmod(0o700)
    assert run(status) == 0
    (advice,) = [line for line in desk.capsys.readouterr().out.splitlines() if line.startswith("what is outdated is written anew by: ")]
    words = shlex.split(advice.partition(": ")[2])
    assert words[:3] == ["ledger", "host-hooks", "install"]
    assert words[3:] == asked
    assert run(words[1:]) == 0
    assert run(status) == 0
    assert "outdated" not in desk.capsys.readouterr().out

    with (image / "etc/apt/apt.conf.d/80changelog-ledger").open("a") as stream:
        stream.write("// mine\n")
    assert run(status) == 0
    (advice,) = [line for line in desk.capsys.readouterr().out.splitlines() if line.startswith("what was edited is written anew by: ")]
    for command in advice.partition(": ")[2].split("; "):
        assert run(shlex.split(command)[1:]) == 0
    desk.capsys.readouterr()
    assert run(status) == 0
    assert {line.split()[1] for line in desk.capsys.readouterr().out.splitlines()[2:]} == {"installed", "not"}


def test_what_somebody_else_could_alter_is_refused_with_what_mends_it(desk: Desk, image: Path) -> None:
    (image / "opt/ledger/bin").mkdir(parents=True)
    (image / "opt/ledger/bin/ledger").touch(0o755)
    (image / "opt/ledger").chmod(0o777)
    said = desk.refused("host-hooks", "install", "--root", str(image), "--command", "/opt/ledger/bin/ledger")
    assert f"command /opt/ledger/bin/ledger: {image}/opt/ledger can be written by everybody (mode 0777)" in said
    assert f"hint: sudo chmod go-w {image}/opt/ledger\n" in said


def test_what_cannot_be_is_an_error_with_a_hint(desk: Desk, image: Path) -> None:
    root = ["--root", str(image)]
    assert "divide an hour or a day" in desk.refused("host-hooks", "install", *root, "--interval", "7min")
    assert "there is no pacman" in desk.refused("host-hooks", "install", *root, "--only", "pacman")
    assert "could stand for /" in desk.refused("host-hooks", "install", "--root", str(image / "nowhere"))
    (image / "etc/cron.d/changelog-ledger").write_text("theirs\n")
    assert "is not ours" in desk.refused("host-hooks", "install", *root)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_only_root_hooks_into_the_machine(desk: Desk) -> None:
    desk.refused("host-hooks", "install")


def test_each_step_is_a_line_of_the_log(desk: Desk) -> None:
    root = ["--root", str(desk.machine.root)]
    before = desk("host-hooks", "run", "before", *root)
    assert before.out.rstrip().endswith("before snapshot: 3 files, first snapshot")
    timer = desk("host-hooks", "run", "timer", *root, code=None)
    assert timer.code in (0, 3)
    assert [line.split()[2].rstrip(":") for line in timer.out.splitlines()] == ["snapshot", "packages", "processes", "journal"]


def test_one_steps_failure_keeps_no_other_from_being_done(desk: Desk) -> None:
    missing = str(desk.home.parent / "nowhere")
    answer = desk("host-hooks", "run", "timer", "--root", missing, code=None)
    assert answer.code == 4
    lines = answer.out.splitlines()
    assert len(lines) == 4
    assert "snapshot: failed: " in lines[0]


def test_the_script_calls_this_command(desk: Desk, image: Path) -> None:
    """From the script through a process of its own to the ledger, and back as a note."""
    wrapper = desk.home.parent / "ledger"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -m changelog_ledger "$@" --root {desk.machine.root}\n')
    wrapper.chmod(0o755)
    desk("host-hooks", "install", "--root", str(image), "--command", str(wrapper))
    assert subprocess.run([image / SCRIPT.lstrip("/"), "before"], check=False, timeout=60, stdin=subprocess.DEVNULL).returncode == 0
    assert (desk.home / "host-hooks/before.worked").read_text().startswith("0 ")
    (snapshot,) = desk("snapshots", "web-01", "--json").json["snapshots"]
    assert snapshot["reason"] == "before a package run"
