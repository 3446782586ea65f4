"""What is staged, in every shape that an index can have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changelog_ledger.errors import RepositoryError
from changelog_ledger.model.gate import Edit, EditKind
from changelog_ledger.sources.git_repository import GitRepository
from tests.sources.conftest import Repository, git_children

LIMIT = 1_000_000


def staged(repository: Repository) -> dict[str, Edit]:
    with repository.open() as opened:
        return {edit.path: edit for edit in opened.staged()}


def kinds(repository: Repository) -> dict[str, str]:
    return {path: str(edit.kind) for path, edit in staged(repository).items()}


def test_every_kind_of_edit(repository: Repository) -> None:
    repository.commit(modified="1", deleted="2", old="three\n", script="4", retyped="5", untouched="6")
    repository.write("modified", "changed")
    repository.write("script", "4").chmod(0o755)
    (repository.root / "retyped").unlink()
    (repository.root / "retyped").symlink_to("untouched")
    repository.git("rm", "-q", "deleted")
    repository.git("mv", "old", "new")
    repository.write("added", "7")
    repository.git("add", ".")
    repository.write("untouched", "only in the work tree")
    found = staged(repository)
    assert {path: str(edit.kind) for path, edit in found.items()} == {
        "added": "added",
        "deleted": "deleted",
        "modified": "modified",
        "new": "renamed",
        "retyped": "retyped",
        "script": "mode",
    }
    assert found["new"].old_path == "old"
    link = found["retyped"].after
    assert link is not None
    assert link.is_link
    with repository.open() as opened:
        assert opened.content(link.blob, LIMIT) == b"untouched"


def test_a_file_that_is_renamed_and_altered_is_one_deleted_and_one_added(repository: Repository) -> None:
    repository.commit(old="".join(f"line {number}\n" for number in range(50)))
    repository.git("mv", "old", "new")
    with (repository.root / "new").open("a") as file:
        file.write("more\n")
    repository.git("add", ".")
    assert kinds(repository) == {"new": "added", "old": "deleted"}


def test_before_the_first_commit_everything_is_added(repository: Repository) -> None:
    assert kinds(repository) == {}
    repository.write("a/b", "1")
    repository.git("add", ".")
    assert kinds(repository) == {"a/b": "added"}
    with repository.open() as opened:
        assert opened.head() == ""
        assert opened.side("HEAD", "a/b") is None
        assert opened.side("", "a/b") is not None


def test_sha256(make: Callable[..., Repository]) -> None:
    repository = make("long", "--object-format=sha256")
    repository.write("a", "1")
    repository.git("add", ".")
    assert kinds(repository) == {"a": "added"}
    first = repository.commit()
    second = repository.commit(a="2")
    with repository.open() as opened:
        commits = list(opened.commits_in("HEAD"))
        assert [commit.id for commit in commits] == [first, second]
        assert [edit.kind for commit in commits for edit in opened.edits_of(commit)] == [EditKind.ADDED, EditKind.MODIFIED]
        side = opened.side("HEAD", "a")
        assert side is not None
        assert len(side.blob) == 64
        assert opened.content(side.blob, LIMIT) == b"2"


def test_what_is_announced_only_is_not_staged(repository: Repository) -> None:
    repository.commit(a="1")
    repository.write("announced", "soon")
    repository.git("add", "-N", "announced")
    assert kinds(repository) == {}
    with repository.open() as opened:
        assert opened.side("", "announced") is None


def test_unmerged_paths_are_refused_and_named(repository: Repository) -> None:
    repository.commit(a="1", b="1")
    repository.git("checkout", "-qb", "side")
    repository.commit(a="2")
    repository.git("checkout", "-q", "main")
    theirs = repository.git("rev-parse", "side")
    repository.commit(a="3")
    subprocess.run(["git", "merge", "side"], cwd=repository.root, check=False, capture_output=True)
    with repository.open() as opened:
        assert opened.in_progress().merging == (theirs,)
        with pytest.raises(RepositoryError, match="a path is unmerged: a"):
            opened.staged()


def test_against_another_commit_as_when_one_is_amended(repository: Repository) -> None:
    repository.commit(a="1")
    repository.commit(b="2")
    repository.write("c", "3")
    repository.git("add", ".")
    with repository.open() as opened:
        assert [edit.path for edit in opened.staged_against("HEAD^")] == ["b", "c"]
        assert [edit.path for edit in opened.staged_against("")] == ["a", "b", "c"]
        with pytest.raises(RepositoryError, match="no commit"):
            opened.staged_against("HEAD~7")


def test_the_index_is_told_apart_from_head_and_the_work_tree(repository: Repository) -> None:
    repository.commit(a="head", gone="x", old="o" * 100, kept="k")
    repository.write("a", "index")
    repository.git("add", "a")
    repository.git("rm", "-q", "gone")
    repository.git("mv", "old", "new")
    repository.write("a", "work tree")
    with repository.open() as opened:
        sides = {
            (revision, path): opened.side(revision, path) for revision in ("HEAD", "") for path in ("a", "gone", "old", "new", "kept", "no/such")
        }
        content = {key: side and opened.content(side.blob, LIMIT) for key, side in sides.items()}
    assert {path: content["HEAD", path] for path in ("a", "gone", "old", "new", "kept", "no/such")} == {
        "a": b"head", "gone": b"x", "old": b"o" * 100, "new": None, "kept": b"k", "no/such": None,
    }  # fmt: skip
    assert {path: content["", path] for path in ("a", "gone", "old", "new", "kept", "no/such")} == {
        "a": b"index", "gone": None, "old": None, "new": b"o" * 100, "kept": b"k", "no/such": None,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["", "/", "a/", "/a/b", "./a/b", "a/../a/b", "a//b", "a/b/", "a", "a/b/c"])
def test_what_is_no_path_of_a_file_has_nothing(repository: Repository, path: str) -> None:
    repository.write("a/b", "1")
    repository.git("add", ".")
    repository.commit()
    with repository.open() as opened:
        assert opened.side("HEAD", path) is None
        assert opened.side("HEAD", "a/b") is not None


def test_bits_that_hide_the_work_tree_hide_nothing_that_is_staged(repository: Repository) -> None:
    repository.commit(assumed="1", skipped="1")
    for path in ("assumed", "skipped"):
        repository.write(path, "2")
        repository.git("add", path)
    repository.git("update-index", "--assume-unchanged", "assumed")
    repository.git("update-index", "--skip-worktree", "skipped")
    assert kinds(repository) == {"assumed": "modified", "skipped": "modified"}


def test_split_index_and_sparse_index(repository: Repository) -> None:
    for folder in ("in", "out/deep"):
        repository.write(f"{folder}/a", "1")
    repository.git("add", ".")
    repository.commit()
    repository.git("update-index", "--split-index")
    repository.write("in/a", "2")
    repository.git("add", ".")
    assert kinds(repository) == {"in/a": "modified"}
    repository.git("update-index", "--no-split-index")
    repository.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert "040000" in repository.git("ls-files", "--sparse", "--stage")
    assert kinds(repository) == {"in/a": "modified"}
    repository.write("out/deep/a", "3")
    repository.git("add", "--sparse", "out/deep/a")
    assert kinds(repository) == {"in/a": "modified", "out/deep/a": "modified"}
    with repository.open() as opened:
        assert opened.side("HEAD", "out/deep/a") != opened.side("", "out/deep/a")


def test_a_submodule_is_the_commit_that_it_points_at(make: Callable[..., Repository]) -> None:
    inner, outer = make("inner"), make("outer")
    first = inner.commit(a="1")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "sub")
    found = staged(outer)["sub"].after
    assert found is not None
    assert (found.is_submodule, found.blob) == (True, first)
    outer.commit()
    # Somebody has git leave it out of what it shows.
    outer.git("config", "submodule.sub.ignore", "all")
    outer.git("config", "diff.ignoreSubmodules", "all")
    second = inner.commit(a="2")
    outer.git("-C", "sub", "pull", "-q")
    outer.git("update-index", "--cacheinfo", f"160000,{second},sub")
    edit = staged(outer)["sub"]
    assert (edit.before and edit.before.blob, edit.after and edit.after.blob) == (first, second)
    with Repository(outer.root / "sub").open() as opened:
        assert opened.head() == second
        assert opened.top_level == str(outer.root / "sub")


@pytest.mark.parametrize("arguments", [("-a",), ("one",), ("--only", "one"), ("--include", "one"), ("--amend", "one")], ids=" ".join)
def test_a_hook_sees_the_index_that_git_commits(repository: Repository, arguments: tuple[str, ...], tmp_path: Path) -> None:
    repository.commit(one="1", two="1")
    repository.write("one", "2")
    repository.write("two", "2")
    if "one" in arguments:
        repository.git("add", "two")
    _hook(repository, tmp_path, "with GitRepository.open() as opened: said(*[edit.path for edit in opened.staged()])")
    repository.git("commit", "-q", "-m", "x", *arguments)
    seen = (tmp_path / "said").read_text().split()
    assert seen == (["one", "two"] if arguments[0] in ("-a", "--include") else ["one"])


def test_a_hook_that_names_the_folder_still_sees_its_index_and_another_repository_its_own(make: Callable[..., Repository], tmp_path: Path) -> None:
    repository, other = make("one"), make("other")
    repository.commit(one="1", two="1")
    repository.write("one", "2")
    repository.write("two", "2")
    repository.git("add", "two")
    other.write("three", "3")
    other.git("add", ".")
    folders = f"{str(repository.root)!r}, {str(other.root)!r}"
    _hook(
        repository,
        tmp_path,
        f"for folder in ({folders}):\n with GitRepository.open(folder) as opened: said(*[edit.path for edit in opened.staged()])",
    )
    repository.git("commit", "-q", "-m", "x", "one")
    assert (tmp_path / "said").read_text().split() == ["one", "three"]


def test_a_hook_of_a_linked_worktree(repository: Repository, tmp_path: Path) -> None:
    repository.commit(one="1")
    repository.write("elsewhere", "x")
    repository.git("add", ".")
    repository.git("worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    linked = Repository(tmp_path / "linked")
    linked.write("here", "x")
    linked.git("add", ".")
    _hook(repository, tmp_path, "with GitRepository.open() as opened: said(*[edit.path for edit in opened.staged()], opened.top_level)")
    linked.git("commit", "-q", "-m", "x")
    assert (tmp_path / "said").read_text().split() == ["here", str(tmp_path / "linked")]
    with linked.open() as opened:
        assert opened.common_directory == str(repository.root / ".git")
        assert opened.git_directory == str(repository.root / ".git/worktrees/linked")


def test_from_a_folder_below_the_root(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write("a/b", "1")
    repository.write("c", "2")
    repository.git("add", ".")
    repository.git("config", "diff.relative", "true")
    monkeypatch.chdir(repository.root / "a")
    with GitRepository.open() as opened:
        assert [edit.path for edit in opened.staged()] == ["a/b", "c"]
        assert opened.top_level == str(repository.root)


NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: b"\0" not in name and b"/" not in name and name not in (b".", b"..") and name.lower() != b".git"
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(NAMES, min_size=1, max_size=8))
def test_any_bytes_may_be_a_name(repository: Repository, names: set[bytes]) -> None:
    blob = repository.git("hash-object", "-w", "--stdin", stdin=b"content\n")
    repository.git("read-tree", "--empty")
    repository.git("update-index", "-z", "--index-info", stdin=b"".join(b"100644 %s\t%s\0" % (blob.encode(), name) for name in names))
    with repository.open() as opened:
        found = {edit.path for edit in opened.staged()}
        assert {path.encode("utf-8", "surrogateescape") for path in found} == names
        tree = repository.git("write-tree")
        assert all(opened.side(tree, path) == opened.side("", path) for path in found)


def test_2000_staged_files_and_a_mass_rename_are_one_answer(repository: Repository) -> None:
    for number in range(2000):
        repository.write(f"old/{number}", f"content of {number}\n")
    repository.git("add", ".")
    assert len(staged(repository)) == 2000
    repository.commit()
    repository.git("mv", "old", "new")
    found = staged(repository)
    assert len(found) == 2000
    assert all(edit.old_path == f"old/{path[4:]}" for path, edit in found.items())
    with repository.open() as opened:
        contents = opened.contents([edit.after.blob for edit in found.values() if edit.after], LIMIT)
    assert sorted(content or b"" for content in contents.values()) == sorted(b"content of %d\n" % number for number in range(2000))


@pytest.mark.parametrize("signalled", [False, True], ids=["left alone", "interrupted"])
def test_nothing_is_left_behind(repository: Repository, signalled: bool) -> None:
    """Ctrl-C is for us, and git ends with us; whether or not, no process remains."""
    repository.commit(a="1")
    try:
        with repository.open() as opened:
            opened.staged()
            opened.edits_between("", "HEAD")
            next(opened.commits_in("HEAD"))
            if signalled:
                os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        assert signalled
    assert git_children() == []


def test_ctrl_c_while_git_takes_long(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:/usr/bin:/bin")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests in the background of a shell has it ignored
    try:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt), repository.open() as opened:
            opened.staged()
    finally:
        signal.signal(signal.SIGINT, before)
    assert git_children() == []


def test_a_read_leaves_index_and_work_tree_as_they_are(repository: Repository) -> None:
    repository.commit(a="1")
    os.utime(repository.root / "a", (1, 1))  # git status would write the index now
    before = _everything(repository.root)
    with repository.open() as opened:
        opened.staged()
        opened.head()
        list(opened.commits_in("HEAD"))
        opened.config("core.bare")
        assert not opened.is_bare
    assert _everything(repository.root) == before


def _everything(root: Path) -> dict[str, tuple[bytes, int]]:
    return {str(file): (file.read_bytes(), file.stat().st_mtime_ns) for file in root.rglob("*") if file.is_file()}


def _hook(repository: Repository, tmp_path: Path, body: str) -> None:
    hook = repository.root / ".git/hooks/pre-commit"
    said = tmp_path / "said"
    hook.write_text(
        f"#!{sys.executable}\nimport sys; sys.path.insert(0, {str(Path.cwd())!r})\n"
        "from changelog_ledger.sources.git_repository import GitRepository\n"
        f"def said(*words): open({str(said)!r}, 'a').write(' '.join(words) + '\\n')\n{body}\n"
    )
    hook.chmod(0o755)
