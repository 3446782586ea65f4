"""The same tree for everybody: git, etckeeper, the ledger as a library and as a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import etc_tree
from changelog_ledger import Ledger

HOST = "bench"
LEDGER = (sys.executable, "-c", "from changelog_ledger.cli.main import main; main()")

_PERSON = {"GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@example", "GIT_COMMITTER_NAME": "bench", "GIT_COMMITTER_EMAIL": "bench@example"}
# git as it comes, without the machine's settings; only its collector is off, which would otherwise run beside the next contestant.
_SETTINGS = {"gc.auto": "0", "init.defaultBranch": "main"}
_QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": str(len(_SETTINGS))} | {
    f"GIT_CONFIG_{part}_{place}": text for place, pair in enumerate(_SETTINGS.items()) for part, text in zip(("KEY", "VALUE"), pair, strict=True)
}
_SETTLE = 0.03
"""Seconds after an edit. A file's time is the kernel's last tick, so one that is captured at once has to be read again by git and by us."""


def command(*words: str | Path, folder: Path | None = None) -> None:
    """Run a command to its end, quietly. Raises if it fails."""
    subprocess.run([*map(str, words)], cwd=folder, env={**os.environ, **_PERSON, **_QUIET}, check=True, stdout=subprocess.DEVNULL)


class Tree:
    """A copy of the tree that one contestant works on."""

    def __init__(self, root: Path, files: int) -> None:
        self.root = root
        self.files = etc_tree.make(root, files)

    def edit(self, number: int) -> None:
        """Change five files, and let the disk come to rest."""
        etc_tree.edit(self.files, number)
        os.sync()
        time.sleep(_SETTLE)


class GitTree(Tree):
    """``git add -A && git commit``, two processes as a script would start them."""

    def init(self, _round: int = 0) -> None:
        """A new repository in the tree."""
        shutil.rmtree(self.root / ".git", ignore_errors=True)
        command("git", "init", "--quiet", folder=self.root)
        os.sync()

    def commit(self, _round: int = 0) -> None:
        """Record the tree."""
        command("git", "add", "-A", folder=self.root)
        command("git", "commit", "-q", "-m", "now", folder=self.root)

    def status(self, _round: int = 0) -> None:
        """Look for changes."""
        command("git", "status", "--porcelain", folder=self.root)


class EtckeeperTree(Tree):
    """etckeeper, where it is installed."""

    def init(self) -> None:
        """Its repository in the tree's ``etc``, and a first commit."""
        command("etckeeper", "init", "-d", self.root / "etc")
        command("etckeeper", "commit", "-d", self.root / "etc", "first")

    def commit(self, _round: int = 0) -> None:
        """Record the tree."""
        command("etckeeper", "commit", "-d", self.root / "etc", "now")


class LedgerTree(Tree):
    """The ledger, with a home beside the tree."""

    def __init__(self, root: Path, files: int) -> None:
        super().__init__(root, files)
        self.home = root.with_name(root.name + ".ledger")
        self.ledger: Ledger | None = None

    def init(self, _round: int = 0) -> None:
        """A new home."""
        self.close()
        shutil.rmtree(self.home, ignore_errors=True)
        self.ledger = Ledger.init(self.home, host=HOST)
        os.sync()

    def snapshot(self, _round: int = 0) -> None:
        """By the library, in the home that is open."""
        assert self.ledger is not None
        self.ledger.snapshot(HOST, root=self.root)

    def command(self, _round: int = 0) -> None:
        """By the command."""
        command(*LEDGER, "--home", self.home, "snapshot", HOST, "--root", self.root)

    def close(self) -> None:
        """Close the home."""
        if self.ledger is not None:
            self.ledger.close()


def has(program: str) -> bool:
    """Whether a program is installed."""
    return shutil.which(program) is not None


def closed(trees: Sequence[LedgerTree]) -> None:
    """Close their homes."""
    for tree in trees:
        tree.close()
