"""Whose a restored file is to be: by name where the target knows the name, else by number."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

from changelog_ledger.model.owners import owner_number
from changelog_ledger.model.snapshot import FileEntry

AS_IT_IS = -1
"""Stands for a number that is not known; chown(2) takes it for "leave it"."""


class TargetOwners:
    """User and group numbers of a root, looked up by name.

    Numbers may have been given anew since the snapshot (a reinstalled machine), names mean the same. For ``/`` the system is asked, for any
    other root its own ``etc/passwd`` and ``etc/group``.
    """

    def __init__(self, root: str) -> None:
        self._is_here = root == "/"
        self._users: dict[str, int | None] = {} if self._is_here else dict(_numbers(Path(root, "etc/passwd")))
        self._groups: dict[str, int | None] = {} if self._is_here else dict(_numbers(Path(root, "etc/group")))

    def of(self, entry: FileEntry) -> tuple[int, int]:
        """User and group number that ``entry`` is to have, each :data:`AS_IT_IS` where nobody saw it or the number of its name is not known."""
        if "owner" in entry.assumed:
            return AS_IT_IS, AS_IT_IS
        user = self._user(entry.owner) if entry.owner else None
        group = self._group(entry.group) if entry.group else None
        return entry.uid if user is None else user, entry.gid if group is None else group

    def _user(self, name: str) -> int | None:
        if name not in self._users:
            self._users[name] = _user_number(name) if self._is_here else None
        return self._users[name]

    def _group(self, name: str) -> int | None:
        if name not in self._groups:
            self._groups[name] = _group_number(name) if self._is_here else None
        return self._groups[name]


def _user_number(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _group_number(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _numbers(table: Path) -> dict[str, int]:
    """Names and numbers of a passwd(5) or group(5) file; the first line of a name counts. Empty if there is no such file."""
    try:
        descriptor = os.open(table, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:  # without a table the numbers of the snapshot are the best there is
        return {}
    fields = [line.split(":") for line in reversed(lines)]
    return {parts[0]: number for parts in fields if len(parts) > 2 and (number := owner_number(parts[2])) is not None}
