"""Which home is used where none is named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from changelog_ledger.errors import HomeError
from changelog_ledger.settings import FILE_NAME


def find_home(explicit: str | None, environment: Mapping[str, str], start: Path | None) -> Path:
    """The home to use: the one named, ``$LEDGER_HOME``, the nearest ``.ledger`` upwards that is one, else the platform's data folder.

    :param start: where to look upwards from; None where there is no such folder.
    :raises HomeError: if what is found is not ours, or what is named cannot be told.
    """
    named = explicit or environment.get("LEDGER_HOME")
    if named:
        return _absolute(named)
    for folder in (start, *start.parents) if start else ():
        if os.path.isfile(folder / ".ledger" / FILE_NAME):  # noqa: PTH113 - Path.is_file raises where a folder on the way is not ours
            return _own(folder / ".ledger")
    from platformdirs import user_data_path

    return user_data_path("changelog-ledger")


def working_folder() -> Path | None:
    """Where we are; None if that folder has been removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _absolute(named: str) -> Path:
    try:
        return Path(named).expanduser().absolute()
    except (FileNotFoundError, RuntimeError) as error:  # the folder that it is relative to is gone, or there is no such user (~user)
        raise HomeError(f"nobody can tell where the ledger {named} is: {error}", "name it with its whole path: --home /…") from error


def _own(home: Path) -> Path:
    """A home that was found, not named, must be ours: who could put one above us could make us write where they want (as git's safe.directory)."""
    owner = home.stat().st_uid
    if owner != os.geteuid():
        raise HomeError(f"the ledger at {home} belongs to somebody else (user {owner})", f"if you mean it, name it: --home {home}")
    return home
