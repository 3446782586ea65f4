"""``ledger hook install`` and ``uninstall``: what they print, and that the hooks they write call the real command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from changelog_ledger.cli.hook import prepare_commit_msg
from changelog_ledger.model.hooks import WORK_STAGES

from .conftest import Desk

REFERENCE = (Path(__file__).parents[2] / "docs/reference/json.md").read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, and where we are."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "LEDGER_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    for name, value in {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "anna")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "anna@example.org")
    folder = tmp_path / "configuration"
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    monkeypatch.chdir(folder)
    return folder


def test_what_it_prints(desk: Desk, clone: Path) -> None:
    (clone / ".git/hooks/commit-msg").write_text("#!/bin/sh\n")
    printed = desk("hook", "install").out.splitlines()
    assert printed == [
        f"in {clone}/.git/hooks",
        "  pre-commit          the gate stands here now",
        "  pre-merge-commit    the gate stands here now",
        "  prepare-commit-msg  the gate stands here now",
        "  commit-msg          the gate stands here now",
        "                      before it runs commit-msg.before-ledger",
    ]
    assert desk("hook", "install", "--stages", "commit-msg, pre-commit").out.count("stands here already") == 2
    assert desk("hook", "uninstall").out.splitlines()[-1] == "  commit-msg          the gate is gone; the hook from before it is back"
    assert desk("hook", "uninstall").out == f"the gate does not stand in {clone}/.git/hooks; nothing is altered\n"


def test_as_json(desk: Desk, clone: Path) -> None:
    document = desk("hook", "install", "--json").json
    assert document["schema"] == "changelog-ledger/hooks/1"
    assert [(hook["stage"], hook["state"], hook["before"]) for hook in document["hooks"]] == [(stage, "written", None) for stage in WORK_STAGES]
    assert document["hooks"][0]["path"] == str(clone / ".git/hooks/pre-commit")
    gone = desk("hook", "uninstall", "--repo", str(clone), "--json").json
    assert [hook["state"] for hook in gone["hooks"]] == ["removed"] * 4
    assert all(f"`{name}`" in REFERENCE for name in (*document, *document["hooks"][0]))


def test_a_hostile_name_does_no_harm(desk: Desk, clone: Path) -> None:
    odd = clone / "\x1b[31m; $(touch x)"
    subprocess.run(["git", "init", "-q", str(odd)], check=True)
    printed = desk("hook", "install", "--repo", str(odd)).out
    assert "\x1b" not in printed
    assert "\\x1b[31m" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stages", "pre-push"], "the stages are pre-commit, pre-merge-commit, prepare-commit-msg, commit-msg, pre-receive"),
        (["--stages", ""], "the stages are"),
        (["--repo", "nowhere"], "there is no folder nowhere"),
        (["--repo", "/"], "git can use: not a git repository"),
    ],
)
def test_what_is_refused(desk: Desk, clone: Path, arguments: list[str], said: str) -> None:
    assert said in desk.refused("hook", "install", *arguments)
    assert [name for name in os.listdir(clone / ".git/hooks") if not name.endswith(".sample")] == []


def test_husky_is_told_the_lines(desk: Desk, clone: Path) -> None:
    subprocess.run(["git", "config", "core.hooksPath", ".husky/_"], check=True)
    assert "to .husky/commit-msg the line `ledger hook check-message" in desk.refused("hook", "install")


def test_edited_since(desk: Desk, clone: Path) -> None:
    desk("hook", "install")
    with (clone / ".git/hooks/pre-commit").open("a") as script:
        script.write("echo mine\n")
    assert "--force" in desk.refused("hook", "uninstall")
    assert "somebody has edited" in desk.refused("hook", "install")
    desk("hook", "uninstall", "--force")


def test_a_commit_goes_through_the_gate(desk: Desk, clone: Path) -> None:
    """The whole way, by git itself: the real interpreter, the home that was named."""
    (clone / ".changelog-ledger.toml").write_text('[gate]\nconfig = ["hosts/{host}/**"]\n')
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", "commit", "-qm", "The policy"], check=True)
    desk("hook", "install")
    (clone / "hosts/web-01").mkdir(parents=True)
    (clone / "hosts/web-01/motd").write_text("hello\n")
    subprocess.run(["git", "add", "."], check=True)
    refused = subprocess.run(["git", "commit", "-m", "An edit"], capture_output=True, text=True, check=False)
    assert (refused.returncode, "hosts/web-01/motd" in refused.stderr) == (1, True), refused.stderr
    (clone / "hosts/web-01/motd").unlink()
    subprocess.run(["git", "add", "-A"], check=True)
    passed = subprocess.run(["git", "commit", "--allow-empty", "-m", "Nothing"], capture_output=True, text=True, check=False)
    assert passed.returncode == 0, passed.stderr


def test_the_framework_says_in_its_own_way_where_a_message_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit passes the file alone; source and commit are in the environment."""
    file = tmp_path / "message"
    file.write_text("An edit\n")
    monkeypatch.setenv("PRE_COMMIT_COMMIT_MSG_SOURCE", "commit")
    monkeypatch.setenv("PRE_COMMIT_COMMIT_OBJECT_NAME", "HEAD")
    context = prepare_commit_msg.make_context("prepare-commit-msg", [str(file)])
    assert (context.params["source"], context.params["commit"]) == ("commit", "HEAD")
    context = prepare_commit_msg.make_context("prepare-commit-msg", [str(file), "merge"])
    assert context.params["source"] == "merge"
