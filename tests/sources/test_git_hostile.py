"""A stranger's repository: nothing runs, nothing is written, nothing outside is taken in."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from changelog_ledger.errors import RepositoryError
from changelog_ledger.sources.git_repository import GitRepository
from tests.sources.conftest import Repository

SETTINGS = """
[core]
    fsmonitor = {bait} fsmonitor
    pager = {bait} pager
    editor = {bait} editor
    sshCommand = {bait} ssh
    askPass = {bait} askpass
    gitProxy = {bait} proxy
    alternateRefsCommand = {bait} alternates
    hooksPath = {hooks}
    attributesFile = {attributes}
    untrackedCache = true
[diff]
    external = {bait} external
    orderFile = {attributes}
    relative = true
    ignoreSubmodules = all
    renames = copies
[diff "bait"]
    command = {bait} command
    textconv = {bait} textconv
[filter "bait"]
    clean = {bait} clean
    smudge = {bait} smudge
    process = {bait} process
    required = true
[merge "bait"]
    driver = {bait} driver
[log]
    showSignature = true
[gpg]
    program = {bait} gpg
[gpg "ssh"]
    program = {bait} gpgssh
[credential]
    helper = !{bait} credential
[pager]
    log = {bait} pager2
    diff = {bait} pager3
    rev-list = {bait} pager4
    config = {bait} pager5
[alias]
    diff-index = !{bait} alias1
    cat-file = !{bait} alias2
    rev-list = !{bait} alias3
    diff-tree = !{bait} alias4
    rev-parse = !{bait} alias5
[trailer]
    separators = "="
[trailer "sign"]
    key = "Signed-off-by: "
    command = {bait} trailer
    cmd = {bait} trailercmd
    ifmissing = add
[trace2]
    eventTarget = {trace}
[uploadpack]
    packObjectsHook = {bait} pack
[include]
    path = {attributes}
"""

PROMISOR = """
[remote "bait"]
    url = {url}
    promisor = true
    partialclonefilter = blob:none
    uploadpack = {bait} uploadpack
    receivepack = {bait} receivepack
[core]
    repositoryFormatVersion = 1
[extensions]
    partialClone = bait
[protocol]
    allow = always
[protocol "ext"]
    allow = always
"""


class Trap:
    """A repository full of programs that would leave a trace."""

    def __init__(self, repository: Repository, tmp_path: Path) -> None:
        self.repository = repository
        self.sprung = tmp_path / "sprung"
        self.sprung.mkdir()
        program = tmp_path / "bait"
        program.write_text(f'#!/bin/sh\ntouch {shlex.quote(str(self.sprung))}/"$1"\n')
        program.chmod(0o755)
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "post-checkout", "pre-commit"):
            (hooks / hook).write_text(f"#!/bin/sh\n{program} hook-{hook}\n")
            (hooks / hook).chmod(0o755)
        self.words = {
            "bait": str(program),
            "hooks": str(hooks),
            "attributes": str(repository.write("attributes", "* diff=bait filter=bait merge=bait\n")),
            "trace": str(self.sprung / "trace"),
        }

    def lose(self, name: str) -> str:
        blob = self.repository.git("rev-parse", name)
        (self.repository.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
        return blob

    def arm(self, settings: str, **words: object) -> None:
        with (self.repository.root / ".git/config").open("a") as file:
            file.write(settings.format(**self.words, **words))


@pytest.fixture
def trap(repository: Repository, tmp_path: Path) -> Trap:
    made = Trap(repository, tmp_path)
    repository.commit("first", a="".join(f"{number}\n" for number in range(50)), b="1")
    repository.commit("second\n\nLedger-Change: CHG-1\n", a="2")
    repository.write(".gitattributes", "* diff=bait filter=bait merge=bait\n")
    repository.git("mv", "b", "c")
    repository.git("add", "c", ".gitattributes")
    return made


def everything(repository: GitRepository, tmp_path: Path) -> None:
    repository.staged()
    repository.staged_against("HEAD^")
    commits = list(repository.commits_in("HEAD~1.. HEAD"))
    assert commits[-1].trailers == ("CHG-1",)
    for commit in commits:
        for edit in repository.edits_of(commit):
            assert edit.after is None or repository.content(edit.after.blob, 1000) is not None
    for path in ("a", "c", ".gitattributes"):
        repository.side("HEAD", path)
        repository.side("", path)
    repository.merge_base("HEAD", "HEAD^")
    repository.in_progress()
    message = tmp_path / "message"
    message.write_text("x\n\nLedger-Change: CHG-1\n\n# a comment\n")
    assert repository.trailers(str(message), "ledger-change") == ("CHG-1",)
    repository.add_trailers(str(message), [("Ledger-Change", "CHG-2")])
    assert message.read_text() == "x\n\nLedger-Change: CHG-1\nLedger-Change: CHG-2\n\n# a comment\n"
    assert repository.top_level
    assert repository.is_shallow is False
    repository.config("core.fsmonitor")


def test_settings_that_run_programs(trap: Trap, tmp_path: Path) -> None:
    trap.words["attributes"] = str(tmp_path / "included")
    (tmp_path / "included").write_text("[core]\n    fsmonitor = {bait} included\n".format(**trap.words))
    trap.arm(SETTINGS)
    with trap.repository.open() as opened:
        everything(opened, tmp_path)
    assert list(trap.sprung.iterdir()) == []


def test_the_trap_would_spring(trap: Trap, tmp_path: Path) -> None:
    """Otherwise the test above could not fail."""
    trap.words["attributes"] = str(tmp_path / "none")
    trap.arm(SETTINGS)
    for command in (["status"], ["-c", "diff.orderFile=/dev/null", "diff", "HEAD"], ["interpret-trailers"]):
        subprocess.run(["git", *command], cwd=trap.repository.root, check=False, capture_output=True)
    assert {file.name for file in trap.sprung.iterdir()} >= {"fsmonitor", "process", "trailercmd"}


def test_the_trap_of_the_partial_clone_would_spring(trap: Trap) -> None:
    blob = trap.lose("HEAD:a")
    trap.arm(PROMISOR, url=trap.repository.root)
    subprocess.run(["git", "cat-file", "-p", blob], cwd=trap.repository.root, check=False, capture_output=True)
    assert [file.name for file in trap.sprung.iterdir()] == ["uploadpack"]


@pytest.mark.parametrize(
    "variable",
    ["GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_ASKPASS", "GIT_PROXY_COMMAND", "GIT_TRACE", "GIT_TRACE2_EVENT", "GIT_TRACE_SETUP"],
)
def test_variables_that_run_programs_or_write_files(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, str(trap.sprung / "trace") if "TRACE" in variable else f"{trap.words['bait']} {variable}")
    with trap.repository.open() as opened:
        everything(opened, tmp_path)
    assert list(trap.sprung.iterdir()) == []


def test_settings_of_the_environment_do_not_come_after_ours(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{trap.words['bait']} environment")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor'='{trap.words['bait']} parameters'")
    with trap.repository.open() as opened:
        everything(opened, tmp_path)
    assert list(trap.sprung.iterdir()) == []


@pytest.mark.parametrize("url", ["{path}", "file://{path}", "ext::{bait} ext", "ssh://nobody@localhost/x", "git://localhost/x", "bait::x"])
def test_a_clone_that_calls_itself_partial_fetches_nothing(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    repository = trap.repository
    trap.lose("HEAD:a")
    trap.arm(SETTINGS.replace("[include]\n    path = {attributes}\n", ""))
    trap.arm(PROMISOR, url=url.format(path=repository.root, **trap.words))
    helper = tmp_path / "bin" / "git-remote-bait"
    helper.parent.mkdir()
    helper.write_text(f"#!/bin/sh\n{trap.words['bait']} remote-helper\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helper.parent}:{os.environ['PATH']}")
    with repository.open() as opened:
        assert len(opened.staged()) == 2
        side = opened.side("HEAD", "a")
        assert side is not None
        with pytest.raises(RepositoryError):
            opened.content(side.blob, 1000)
    assert list(trap.sprung.iterdir()) == []


def test_a_branch_named_as_what_git_writes_during_a_revert_is_none(repository: Repository) -> None:
    commit = repository.commit(a="1")
    for name in ("MERGE_HEAD", "REVERT_HEAD", "CHERRY_PICK_HEAD"):
        repository.git("update-ref", f"refs/heads/{name}", commit)
    with repository.open() as opened:
        going_on = opened.in_progress()
    assert (going_on.merging, going_on.reverting, going_on.picking) == ((), "", "")


def test_a_tree_that_no_git_writes(repository: Repository) -> None:
    blob = repository.git("hash-object", "-w", "--stdin", stdin=b"x")
    entry = bytes.fromhex(blob)
    for raw in (b"100644 a\0" + entry[:5], b"nonsense", b"100644 a", b" a\0" + entry, b"9z a\0" + entry):
        tree = repository.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
        with repository.open() as opened, pytest.raises(RepositoryError):
            opened.side(tree, "a")
