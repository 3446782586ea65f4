"""Which repository is meant: where we are, what a hook's environment says, or a folder that somebody names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from changelog_ledger.errors import RepositoryError
from changelog_ledger.sources.git_process import PLACE, Git, text


@dataclass(frozen=True, slots=True)
class Shape:
    """What kind of repository it is (git-rev-parse(1)).

    :ivar git_directory: of a linked worktree its own; ``common_directory``: what it shares with the others.
    :ivar object_format: ``sha1`` or ``sha256``.
    """

    git_directory: str
    common_directory: str
    is_bare: bool
    is_shallow: bool
    object_format: str


def place(folder: str | None, inherited: Mapping[str, str]) -> Git:
    """git in the repository that is meant.

    A hook's environment (``GIT_DIR``, ``GIT_INDEX_FILE`` …) holds where no folder is named, and where the folder named is of the same repository:
    ``git commit FILE`` has its temporary index from there. For any other folder it is left out, as ``git rev-parse --local-env-vars`` advises.
    """
    here = Git(None, inherited)
    if folder is None or not any(name in inherited for name in PLACE):
        return here if folder is None else Git(folder, inherited)
    named = Git(folder, {name: value for name, value in inherited.items() if name not in PLACE})
    return here if _directory(here) == _directory(named) else named


def shape(git: Git) -> Shape:
    """What kind of repository it is."""
    asked = ("--git-dir", "--git-common-dir", "--is-bare-repository", "--is-shallow-repository", "--show-object-format")
    lines = text(git.run("rev-parse", "--path-format=absolute", *asked))[:-1].split("\n")
    if len(lines) != len(asked):  # a folder with a newline in its name: one by one
        lines = [text(git.run("rev-parse", "--path-format=absolute", option))[:-1] for option in asked]
    directory, common, bare, shallow, object_format = lines
    return Shape(directory, common, bare == "true", shallow == "true", object_format)


def top_level(git: Git) -> str | None:
    """The root of the work tree, as ``core.worktree`` and ``GIT_WORK_TREE`` have it; None in a bare repository, and inside of ``.git``."""
    try:
        return os.path.realpath(text(git.run("rev-parse", "--path-format=absolute", "--show-toplevel"))[:-1])
    except RepositoryError as error:
        if "work tree" in error.message:
            return None
        raise


def _directory(git: Git) -> str:
    try:
        return os.path.realpath(text(git.run("rev-parse", "--absolute-git-dir"))[:-1])
    except RepositoryError:
        return ""
