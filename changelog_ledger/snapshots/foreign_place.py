"""Where the objects of somebody else's repository are: looked for here, for git's own search obeys what it finds on the way."""

from __future__ import annotations

import os
from pathlib import Path

from changelog_ledger.errors import InvalidInput


def git_directory(place: Path) -> Path:
    """The git directory of the work tree or bare repository at ``place`` (gitrepository-layout(5)).

    :raises InvalidInput: if there is none, or it must not be read.
    """
    inner = place / ".git"
    try:
        if not place.exists():
            raise InvalidInput(f"there is nothing at {place}", "name a work tree with .git, or a bare repository")
        if inner.is_file():  # a submodule or a further work tree: a line that says where
            word, _, target = inner.read_text("utf-8", "surrogateescape").strip().partition(": ")
            inner = place / target if word == "gitdir" else inner
        for candidate in (inner, place):
            if (candidate / "HEAD").is_file() and os.access(candidate, os.R_OK | os.X_OK):
                return candidate
    except PermissionError as error:
        raise InvalidInput(f"cannot read the repository at {place}: {error.strerror}", "run as its owner: sudo ledger adopt …") from error
    raise InvalidInput(f"{place} is no git repository, or must not be read", "name a work tree with .git or a bare repository; /etc needs sudo")
