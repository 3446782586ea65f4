"""Trailers of a message that is being written, and what is in progress meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from changelog_ledger.errors import RepositoryError
from tests.sources.conftest import Repository

EDITOR = """\
Subject

Body

Ledger-Change: CHG-1
# Please enter the commit message
#
# ------------------------ >8 ------------------------
diff --git

Ledger-Change: CHG-9
"""


def test_comments_and_what_is_below_the_scissors_are_no_trailers(repository: Repository, tmp_path: Path) -> None:
    file = tmp_path / "message"
    file.write_text(EDITOR)
    with repository.open() as opened:
        assert opened.trailers(str(file), "Ledger-Change") == ("CHG-1",)
        opened.add_trailers(str(file), [("Ledger-Change", "CHG-1"), ("Ledger-Change", "CHG-2")])
        assert opened.trailers(str(file), "Ledger-Change") == ("CHG-1", "CHG-2")
    assert file.read_text() == EDITOR.replace("CHG-1\n", "CHG-1\nLedger-Change: CHG-2\n")
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith("message")] == ["message"]


def test_another_sign_for_comments(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "core.commentChar", ";")
    file = tmp_path / "message"
    file.write_text(EDITOR.replace("#", ";"))
    with repository.open() as opened:
        assert opened.trailers(str(file), "Ledger-Change") == ("CHG-1",)


def test_a_message_without_trailers_gets_a_paragraph(repository: Repository, tmp_path: Path) -> None:
    file = tmp_path / "message"
    file.write_bytes(b"Subject \xff\n")
    with repository.open() as opened:
        opened.add_trailers(str(file), [("Ledger-Change", "CHG-1")])
    assert file.read_bytes() == b"Subject \xff\n\nLedger-Change: CHG-1\n"


def test_a_message_with_three_dashes_goes_on_behind_them(repository: Repository) -> None:
    with repository.open() as opened:
        assert opened.trailers_in("Subject\n\n---\nmore\n\nLedger-Change: CHG-1\n") == (("Ledger-Change", "CHG-1"),)


def test_no_message(repository: Repository, tmp_path: Path) -> None:
    with repository.open() as opened:
        with pytest.raises(RepositoryError, match="cannot be read"):
            opened.trailers(str(tmp_path / "none"), "Ledger-Change")
        with pytest.raises(RepositoryError, match="more than a line"):
            opened.add_trailers(str(repository.write("message", "x\n")), [("Ledger-Change", "CHG-1\nSigned-off-by: x")])


def test_merge_revert_and_cherry_pick_in_progress(repository: Repository) -> None:
    repository.commit("base", a="1")
    repository.git("checkout", "-qb", "side")
    theirs = repository.commit("theirs", b="1")
    repository.git("checkout", "-q", "main")
    ours = repository.commit("ours", a="2")
    with repository.open() as opened:
        assert opened.in_progress().merging == ()
    for arguments, expected in (
        (("merge", "--no-commit", "--no-ff", "side"), ((theirs,), "", "")),
        (("revert", "--no-commit", "HEAD"), ((), ours, "")),
    ):
        repository.git(*arguments)
        with repository.open() as opened:
            found = opened.in_progress()
        assert (found.merging, found.reverting, found.picking) == expected
        repository.git("reset", "-q", "--hard")
    repository.commit("conflict", b="2")
    subprocess.run(["git", "cherry-pick", "side"], cwd=repository.root, capture_output=True, check=False)
    with repository.open() as opened:
        assert opened.in_progress().picking == theirs


def test_an_octopus_has_several_heads(repository: Repository) -> None:
    repository.commit("base", a="1")
    heads = []
    for name in "xy":
        repository.git("checkout", "-qb", name, "main")
        heads.append(repository.commit(name, **{name: "1"}))
    repository.git("checkout", "-q", "main")
    repository.commit("ours", z="1")
    repository.git("merge", "--no-commit", "x", "y")
    with repository.open() as opened:
        assert opened.in_progress().merging == tuple(heads)


def test_the_hook_of_a_merge_without_conflict_is_told_by_the_environment(repository: Repository, tmp_path: Path) -> None:
    repository.commit("base", a="1")
    repository.git("checkout", "-qb", "side")
    theirs = repository.commit("theirs", b="1")
    repository.git("checkout", "-q", "main")
    repository.commit("ours", a="2")
    hook = repository.root / ".git/hooks/pre-merge-commit"
    hook.write_text(
        f"#!{sys.executable}\nimport sys; sys.path.insert(0, {str(Path.cwd())!r})\n"
        "from changelog_ledger.sources.git_repository import GitRepository\n"
        f"with GitRepository.open() as opened, open({str(tmp_path / 'said')!r}, 'w') as said:\n"
        " said.write(repr((opened.in_progress().merging, [edit.path for edit in opened.staged()])))\n"
    )
    hook.chmod(0o755)
    repository.git("merge", "-q", "-m", "x", "side")
    assert (tmp_path / "said").read_text() == repr(((theirs,), ["b"]))
