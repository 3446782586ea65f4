"""Real repositories of git in temporary folders, with nobody's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from changelog_ledger.sources.git_repository import GitRepository

SETTINGS = """
[user]
    name = Ana
    email = ana@example.org
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
[advice]
    detachedHead = false
"""


@dataclass(frozen=True)
class Repository:
    """A repository that a test plays with."""

    root: Path

    def git(self, *arguments: str | bytes, stdin: bytes = b"", **variables: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, input=stdin, capture_output=True, env={**os.environ, **variables}, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str | bytes, content: bytes | str = b"") -> Path:
        file = self.root / os.fsdecode(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, message: str = "a commit", **files: str) -> str:
        """Commit what is staged, and files; answers its id."""
        for path, content in files.items():
            self.write(path, content)
            self.git("add", "--", path)
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def open(self) -> GitRepository:
        return GitRepository.open(str(self.root))


@pytest.fixture(autouse=True)
def nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT")]:
        monkeypatch.delenv(name)
    settings = tmp_path / "nobody.gitconfig"
    settings.write_text(SETTINGS)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Repository]:
    def made(name: str = "repository", *options: str) -> Repository:
        root = tmp_path / name
        subprocess.run(["git", "init", "-q", *options, str(root)], check=True, capture_output=True)
        return Repository(root)

    return made


@pytest.fixture
def repository(make: Callable[..., Repository]) -> Repository:
    return make()


_BEFORE: set[int] = set()


@pytest.fixture(autouse=True)
def _others_children() -> Iterator[None]:
    """What was there before a test is not its own: a ledger of an earlier one may not be collected yet."""
    _BEFORE.update(git_children())
    yield
    _BEFORE.clear()


def git_children() -> list[int]:
    """The git processes that a test has started and not waited for; those of others, and of other tests' servers, are none of them."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "stat").read_text() if entry.name.isdigit() else ""
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
        name, _, rest = words.partition("(")[2].rpartition(")")
        if words and name.startswith("git") and int(rest.split()[1]) == os.getpid() and int(entry.name) not in _BEFORE:
            found.append(int(entry.name))
    return found
