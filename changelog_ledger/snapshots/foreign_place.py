"""Where the objects of somebody else's repository are. GitPython looks, without a git process: git's own search obeys what it finds on the way."""

from __future__ import annotations

import os
from pathlib import Path

from changelog_ledger.errors import InvalidInput


def git_directory(place: Path) -> Path:
    """The git directory of the work tree or bare repository at ``place`` (gitrepository-layout(5)).

    :raises InvalidInput: if there is none, or it must not be read.
    """
    import git  # takes longer than most commands, and only adopting needs it

    if not place.exists():
        raise InvalidInput(f"there is nothing at {place}", "name a work tree with .git, or a bare repository")
    try:
        with git.Repo(place, expand_vars=False) as repository:
            found = Path(repository.git_dir)
    except PermissionError as error:
        raise InvalidInput(f"cannot read the repository at {place}: {error.strerror}", "run as its owner: sudo ledger adopt …") from error
    except git.InvalidGitRepositoryError as error:
        raise InvalidInput(
            f"{place} is no git repository, or must not be read", "name a work tree with .git or a bare repository; /etc needs sudo"
        ) from error
    if not os.access(found, os.R_OK | os.X_OK):
        raise InvalidInput(f"cannot read the repository at {place}", "run as its owner: sudo ledger adopt …")
    return found
