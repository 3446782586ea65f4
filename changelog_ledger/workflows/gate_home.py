"""Which ledger a repository's edits are judged by: never one that the repository brings along."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from changelog_ledger.errors import SettingsError
from changelog_ledger.settings import FILE_NAME
from changelog_ledger.sources.git_repository import GitRepository
from changelog_ledger.workflows.find_home import find_home


def home_for(repository: GitRepository, explicit: str | None, environment: Mapping[str, str], start: Path | None) -> Path:
    """The home to ask, as :func:`~changelog_ledger.workflows.find_home.find_home` finds it.

    :raises SettingsError: if it was found, not named, among the repository's own files: whoever commits could bring a change that covers everything.
    """
    home = find_home(explicit, environment, start)
    if not explicit and not environment.get("LEDGER_HOME") and _is_above(home, start):
        _refuse_brought(repository, home)
    return home


def _is_above(home: Path, start: Path | None) -> bool:
    """Whether a home was found on the way up from where we are."""
    return start is not None and home.parent in (start, *start.parents)


def _refuse_brought(repository: GitRepository, home: Path) -> None:
    top = repository.top_level
    inside = None if top is None else os.path.relpath(os.path.realpath(home), top)
    if inside is None or inside.startswith(os.pardir):
        return
    names = f"{inside}/{FILE_NAME}".split("/")
    if any(_is_tracked(repository, "/".join(names[:length])) for length in range(1, len(names) + 1)):
        why = f"{home} is among the files of this repository: whoever commits could alter it"
        raise SettingsError(why, f"if you mean it, name it: --home {home}")


def _is_tracked(repository: GitRepository, path: str) -> bool:
    """Whether the index or HEAD has something at a path: a file, a link, or a submodule that the home lies in."""
    return repository.side("", path) is not None or (bool(repository.head()) and repository.side("HEAD", path) is not None)
