"""Names of users and groups."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path

from changelog_ledger.model.owners import owner_number


class Owners:
    """Looks a name up once per number.

    For ``/`` the system is asked (passwd, LDAP … as nsswitch.conf(5) says); for any other root its own ``etc/passwd`` and ``etc/group``
    are read, since an image's numbers mean nothing here. A number without a name gives an empty name.
    """

    def __init__(self, root: str = "/") -> None:
        self._is_here = root == "/"
        self._users: dict[int, str] = {} if self._is_here else _names(Path(root, "etc/passwd"))
        self._groups: dict[int, str] = {} if self._is_here else _names(Path(root, "etc/group"))

    def user(self, uid: int) -> str:
        """The user's name, or empty."""
        name = self._users.get(uid)
        if name is None:
            name = self._users[uid] = _user(uid) if self._is_here else ""
        return name

    def group(self, gid: int) -> str:
        """The group's name, or empty."""
        name = self._groups.get(gid)
        if name is None:
            name = self._groups[gid] = _group(gid) if self._is_here else ""
        return name


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def _names(table: Path) -> dict[int, str]:
    """Numbers and names of a passwd(5) or group(5) file; the first line of a number counts. Empty if there is no such file."""
    try:
        lines = table.read_text(errors="surrogateescape").splitlines() if table.is_file() and not table.is_symlink() else []
    except OSError:  # an unreadable table costs the names; the numbers are recorded all the same
        return {}
    fields = [line.split(":") for line in reversed(lines)]
    return {number: parts[0] for parts in fields if len(parts) > 2 and (number := owner_number(parts[2])) is not None}
