"""Bytes out of a repository: raw, no more than somebody wants, and clear words where there are none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from changelog_ledger.errors import RepositoryError
from changelog_ledger.sources.git_repository import GitRepository
from tests.sources.conftest import Repository, git_children


def test_bytes_as_they_were_committed(repository: Repository) -> None:
    content = b"\r\n$Id$ \xff\0\n\n"
    repository.write(".gitattributes", "* text eol=crlf ident working-tree-encoding=UTF-16\n")
    blob = repository.git("hash-object", "-w", "--stdin", "--no-filters", stdin=content)
    with repository.open() as opened:
        assert opened.content(blob, len(content)) == content
        assert opened.content(blob, len(content) - 1) is None


def test_many_at_once_some_too_large(repository: Repository) -> None:
    contents = [b"x" * (number * 37) for number in range(300)]
    blobs = [repository.git("hash-object", "-w", "--stdin", stdin=content) for content in contents[:40]]
    with repository.open() as opened:
        found = opened.contents([*blobs, *blobs], 1000)
    assert found == {blob: content if len(content) <= 1000 else None for blob, content in zip(blobs, contents, strict=False)}


def test_empty_content(repository: Repository) -> None:
    blob = repository.git("hash-object", "-w", "--stdin")
    with repository.open() as opened:
        assert opened.content(blob, 0) == b""
        assert opened.contents([], 10) == {}


@pytest.mark.parametrize("name", ["0" * 40, "", "HEAD:a", "HEAD", "--textconv", "x\ncontents HEAD:a", "y" * 5000])
def test_what_is_no_blob_is_refused(repository: Repository, name: str) -> None:
    repository.commit(a="1")
    with repository.open() as opened:
        with pytest.raises(RepositoryError):
            opened.content(name, 10)
        assert opened.head()  # and the next question is answered


def test_a_tree_is_no_content(repository: Repository) -> None:
    repository.commit(a="1")
    with repository.open() as opened, pytest.raises(RepositoryError, match="is a tree"):
        opened.content(repository.git("rev-parse", "HEAD^{tree}"), 10)


@pytest.mark.slow
def test_300_megabytes_are_not_read(repository: Repository) -> None:
    with repository.write("large").open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    repository.git("-c", "core.bigFileThreshold=1m", "add", ".")
    before = _children_memory()
    with repository.open() as opened:
        (edit,) = opened.staged()
        assert edit.after is not None
        assert opened.content(edit.after.blob, 1_000_000) is None
    assert _children_memory() - before < 100 * 1024


def _children_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with GitRepository.open(str(tmp_path)) as opened:
        for ask in (opened.staged, opened.head, lambda: opened.is_bare, lambda: opened.top_level, lambda: opened.commits_in("HEAD")):
            with pytest.raises(RepositoryError, match=f"{tmp_path} is not in a git repository"):
                ask()


def test_no_folder(tmp_path: Path) -> None:
    with GitRepository.open(str(tmp_path / "none")) as opened, pytest.raises(RepositoryError, match="No such file"):
        opened.staged()


def test_no_git(repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with GitRepository.open(str(repository.root)) as opened, pytest.raises(RepositoryError, match="git cannot be started"):
        opened.staged()


def test_bare(make: Callable[..., Repository]) -> None:
    repository = make("origin")
    repository.commit(a="1")
    bare = Repository(repository.root.parent / "bare.git")
    repository.git("clone", "-q", "--bare", ".", str(bare.root))
    bare.git("pack-refs", "--all")
    with bare.open() as opened:
        assert opened.is_bare
        assert opened.top_level is None
        assert opened.git_directory == str(bare.root)
        assert opened.head() == repository.git("rev-parse", "HEAD")
        assert opened.side("HEAD", "a") is not None
        with pytest.raises(RepositoryError, match="a bare repository has nothing staged"):
            opened.staged()


def test_a_head_that_is_missing_is_not_taken_for_one_before_the_first_commit(repository: Repository) -> None:
    head = repository.commit(a="1")
    (repository.root / ".git/objects" / head[:2] / head[2:]).unlink()
    with repository.open() as opened:
        for ask in (opened.head, opened.staged):
            with pytest.raises(RepositoryError, match=f"HEAD is {head}, and"):
                ask()


def test_detached_head_and_packed_references(repository: Repository) -> None:
    first = repository.commit(a="1")
    repository.commit(a="2")
    repository.git("pack-refs", "--all")
    repository.git("checkout", "-q", "--detach", "HEAD^")
    with repository.open() as opened:
        assert opened.head() == first
        assert opened.resolved("main^") == first


def test_a_folder_with_a_newline_in_its_name(make: Callable[..., Repository]) -> None:
    repository = make("two\nlines ü")
    repository.commit(a="1")
    with repository.open() as opened:
        assert opened.git_directory == str(repository.root / ".git")
        assert opened.top_level == str(repository.root)
        assert not opened.is_shallow


def test_settings_are_those_of_the_repository_not_ours(repository: Repository) -> None:
    repository.git("config", "core.hooksPath", "my hooks\nhere")
    with repository.open() as opened:
        assert opened.config("core.hooksPath") == "my hooks\nhere"
        assert opened.config("user.name") == "Ana"
        assert opened.config("no.such") == ""


def test_a_git_that_dies_says_so_and_leaves_no_process(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(a="1")
    blob = repository.git("rev-parse", "HEAD:a")
    dying = tmp_path / "bin" / "git"
    dying.parent.mkdir()
    # Says more than a pipe takes on stderr, then half an answer.
    dying.write_text("#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' e >&2\nprintf '" + blob + " blo'\nkill -9 $$\n")
    dying.chmod(0o755)
    monkeypatch.setenv("PATH", f"{dying.parent}:/usr/bin:/bin")
    with repository.open() as opened:
        for ask in (opened.head, opened.staged, lambda: opened.content(blob, 10)):
            with pytest.raises(RepositoryError, match=r"git .*eeee"):
                ask()
    assert git_children() == []


def test_a_damaged_object_is_an_error(repository: Repository) -> None:
    repository.commit(a="1")
    blob = repository.git("rev-parse", "HEAD:a")
    file = repository.root / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"nonsense")
    with repository.open() as opened, pytest.raises(RepositoryError):
        opened.content(blob, 10)


def test_a_tree_that_is_missing_is_an_error(repository: Repository) -> None:
    repository.write("a/b", "1")
    repository.git("add", ".")
    repository.commit()
    tree = repository.git("rev-parse", "HEAD:a")
    (repository.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with repository.open() as opened, pytest.raises(RepositoryError, match=tree):
        opened.side("HEAD", "a/b")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_a_strangers_repository_is_refused_in_gits_words_until_it_is_trusted(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    head = repository.commit(a="1")
    for place in (repository.root, repository.root / ".git"):
        os.chown(place, 12345, 12345)
    for ask in (lambda opened: opened.staged(), lambda opened: opened.head(), lambda opened: opened.is_bare):
        with repository.open() as opened, pytest.raises(RepositoryError, match="dubious ownership") as refused:
            ask(opened)
        assert refused.value.hint == f"if you trust it: git config --global --add safe.directory {repository.root}"
    # As continuous integration says it.
    for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", str(repository.root))):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    with repository.open() as opened:
        assert opened.head() == head
