"""Where git takes a repository's hooks from (githooks(5), ``core.hooksPath`` in git-config(1)).

Whoever runs git to read a stranger's repository overrules ``core.hooksPath``; here it is what is asked for, so git is run with the person's settings.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from changelog_ledger.errors import NotFound, RepositoryError

_ABOUT_ANOTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE")
"""What a hook or an alias of git inherits: it would name that hook's repository instead of the one that was asked for."""


@dataclass(frozen=True, slots=True)
class HookPlace:
    """Where a repository has its hooks. All paths are absolute, and real: no symlink is left in them.

    :ivar folder: where git looks for hooks; it need not exist.
    :ivar own: the folder of the repository itself, which all its work trees share.
    :ivar work_tree: the folder of the files; None if the repository is bare.
    :ivar setting: ``core.hooksPath`` as it is set, or empty.
    """

    folder: Path
    own: Path
    work_tree: Path | None
    setting: str

    @property
    def is_own(self) -> bool:
        """Whether nobody but this repository uses that folder, and no commit can hold it."""
        return self.folder.is_relative_to(self.own)


def find_hooks(folder: Path) -> HookPlace:
    """The hooks of the repository that ``folder`` lies in.

    :raises NotFound: if there is no such folder, or no git.
    :raises RepositoryError: if there is no repository, or git does not want to read it; its own words are in the message.
    """
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}", "name a folder of the repository with --repo DIR")
    bare = _line(folder, "rev-parse", "--is-bare-repository") == "true"
    # A relative core.hooksPath counts from where git runs hooks: the top of the work tree, or the bare repository itself.
    top = Path(folder, _line(folder, "rev-parse", "--absolute-git-dir" if bare else "--show-toplevel")).resolve()
    own = Path(top, _line(top, "rev-parse", "--git-common-dir")).resolve()
    hooks = Path(top, _line(top, "rev-parse", "--git-path", "hooks")).resolve()
    return HookPlace(hooks, own, None if bare else top, _setting(top))


def _setting(folder: Path) -> str:
    done = _git(folder, "config", "--get", "core.hooksPath")
    return os.fsdecode(done.stdout).removesuffix("\n") if done.returncode == 0 else ""


def _line(folder: Path, *arguments: str) -> str:
    done = _git(folder, *arguments)
    if done.returncode:
        words = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        raise RepositoryError(
            f"{folder} is no work tree and no bare repository that git can use: {words}", "name it with --repo DIR; make one with git init"
        )
    return os.fsdecode(done.stdout).removesuffix("\n")


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _ABOUT_ANOTHER_REPOSITORY} | {"LC_ALL": "C"}
    try:
        return subprocess.run(["git", *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise NotFound("there is no git on the PATH", "install git") from error
