"""Which host a file of a foreign repository belongs to, and what its path is there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import NamedTuple

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.topology import checked_name

ANY_FOLDER = "**/{host}"
"""Every file is a host, whatever folder it lies in: Oxidized with or without groups."""

RUNNING_CONFIG = "running-config"
"""What the one file of a device is called on it. It is read by lines: what a device's configuration looks like depends on its maker."""

_TOKEN = re.compile(r"\{(?P<field>[a-z_]*)\}|(?P<folders>\*\*/)|(?P<any>\*\*)|(?P<star>\*)|(?P<text>[^{*]+|.)", re.DOTALL)
_FIELDS = {"host": "(?P<host>[^/]+)", "path": "(?P<path>.+)"}


class Place(NamedTuple):
    """A path of a host."""

    host: str
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files of a repository belong.

    :ivar host: the host that every file belongs to; empty where the path names it.
    :ivar pattern: matches the paths that belong to a host.
    :ivar prefix: what stands before a path on its host: ``/etc``, or empty for ``/``.
    """

    host: str
    pattern: re.Pattern[str]
    prefix: str

    def place(self, path: bytes) -> Place | None:
        """Where a path of the repository belongs; None if nowhere.

        :raises InvalidTarget: if what should name a host cannot.
        """
        match = self.pattern.fullmatch(os.fsdecode(path))
        if match is None:
            return None
        found = match.groupdict()
        return Place(self.host or checked_name(found["host"]), f"{self.prefix}/{found.get('path', RUNNING_CONFIG)}")


def one_host(host: str, prefix: str) -> Layout:
    """Every file belongs to ``host``, below ``prefix``.

    :raises InvalidTarget: if ``host`` can name no host.
    :raises InvalidInput: if ``prefix`` is no absolute path.
    """
    return Layout(checked_name(host), re.compile(_FIELDS["path"], re.DOTALL), _checked_prefix(prefix))


def hosts_by_path(pattern: str, prefix: str) -> Layout:
    """The path names the host: ``{host}``, ``{group}/{host}``, ``hosts/{host}/etc/{path}``.

    ``{host}`` and any other word in braces stand for one folder or name or a part of it, ``{path}`` for the rest, ``*`` for some characters of a
    name, ``**`` for any folders. Without ``{path}`` a file is all that is known of its host, and is called :data:`RUNNING_CONFIG` there.

    :raises InvalidInput: if the pattern does not hold ``{host}`` exactly once, or ``prefix`` is no absolute path.
    """
    tokens = list(_TOKEN.finditer(pattern.strip("/")))
    fields = [token["field"] for token in tokens if token["field"] is not None]
    if fields.count("host") != 1 or fields.count("path") > 1 or "" in fields:
        raise InvalidInput(
            f"{pattern!r} does not say where the host's name is", "write {host} once, for example '{group}/{host}' or 'hosts/{host}/{path}'"
        )
    return Layout("", re.compile("".join(map(_expression, tokens)), re.DOTALL), _checked_prefix(prefix))


def _expression(token: re.Match[str]) -> str:
    if token["field"]:
        return _FIELDS.get(token["field"], "[^/]+")
    if token["folders"]:
        return "(?:.*/)?"
    if token["any"]:
        return ".*"
    return "[^/]*" if token["star"] else re.escape(token["text"])


def _checked_prefix(prefix: str) -> str:
    plain = prefix.rstrip("/")
    if not prefix.startswith("/") or not {"", ".", ".."}.isdisjoint(plain.split("/")[1:]) or "\0" in prefix:
        raise InvalidInput(f"{prefix!r} is no absolute path", "give the folder of the host that the repository's top stands for: --prefix /etc")
    return plain
