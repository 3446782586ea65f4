"""``.etckeeper``: the modes, owners and empty folders that git does not keep.

Each commit of etckeeper holds a shell script that puts them back (``pre-commit.d/30store-metadata``)::

    mkdir -p './cups/ssl'
    maybe chown 'Debian-exim' 'exim4/passwd.client'
    maybe chgrp 'Debian-exim' 'exim4/passwd.client'
    maybe chmod 0640 'exim4/passwd.client'

It is read as text; nothing of it is run. An owner or group is named only where it is not that of the user who ran etckeeper: root.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from changelog_ledger.model.owners import owner_number

FILE_NAME = b".etckeeper"
OLD_FILE_NAME = b".metadata"
"""metastore's binary file, of etckeeper before 0.47; not read."""

_PLAIN = re.compile(rb"(?:maybe )?(chmod|chown|chgrp) '?([^' ]+)'? '([^']*)'")
_COMMANDS = ("chmod", "chown", "chgrp", "mkdir")
_MODE = re.compile(r"[0-7]{1,6}")


class Rule(NamedTuple):
    """A line: the path from the repository's root on, ``chmod``, ``chown``, ``chgrp`` or ``mkdir``, and the mode or name."""

    path: bytes
    command: str
    value: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of one path; None where nothing is said.

    :ivar is_folder: whether it is an empty folder.
    """

    mode: int | None = None
    owner: str | None = None
    group: str | None = None
    is_folder: bool = False


class Bookkeeping:
    """What ``.etckeeper`` says, kept up from commit to commit: two versions differ in a few of their thousands of lines."""

    def __init__(self) -> None:
        self._lines: frozenset[bytes] = frozenset()
        self._rules: dict[bytes, dict[str, str]] = {}

    def update(self, data: bytes) -> frozenset[bytes]:
        """Take in another version of the file; the paths of which it says something else now."""
        lines = frozenset(data.split(b"\n"))
        gone, new = list(_rules(self._lines - lines)), list(_rules(lines - self._lines))
        for rule in gone:
            self._rules.get(rule.path, {}).pop(rule.command, None)
        for rule in new:
            self._rules.setdefault(rule.path, {})[rule.command] = rule.value
        self._lines = lines
        return frozenset(rule.path for rule in (*gone, *new))

    def of(self, path: bytes) -> Metadata:
        """What it says of a path (empty for the root)."""
        said = self._rules.get(path)
        if not said:
            return _NOTHING
        mode = said.get("chmod")
        return Metadata(None if mode is None else int(mode, 8) & 0o7777, said.get("chown"), said.get("chgrp"), "mkdir" in said)


_NOTHING = Metadata()


def ids_by_name(table: bytes) -> Mapping[str, int]:
    """Names and numbers of a passwd(5) or group(5) file; the first line of a name counts."""
    rows = [line.split(":") for line in reversed(table.decode("utf-8", "surrogateescape").split("\n"))]
    return {row[0]: number for row in rows if len(row) > 2 and (number := owner_number(row[2])) is not None}


def _rules(lines: Iterable[bytes]) -> Iterator[Rule]:
    for line in lines:
        if rule := _parsed(line):
            yield rule


def _parsed(line: bytes) -> Rule | None:
    plain = _PLAIN.fullmatch(line)
    if plain is not None:
        return _rule(plain[1].decode(), plain[2].decode("utf-8", "surrogateescape"), plain[3])
    return _quoted(line)


def _quoted(line: bytes) -> Rule | None:
    """A line in any other spelling of the shell: quotes in names, no quotes at all (etckeeper without perl), ``mkdir``."""
    if line.startswith(b"#"):
        return None
    try:
        words = shlex.split(line.decode("latin-1"))
    except ValueError:  # a name with a line feed tears its line in two
        return None
    words = words[1:] if words[:1] == ["maybe"] else words
    if len(words) != 3 or words[0] not in _COMMANDS:
        return None
    command, value, path = words
    return _rule(command, value.encode("latin-1").decode("utf-8", "surrogateescape"), path.encode("latin-1"))


def _rule(command: str, value: str, path: bytes) -> Rule | None:
    if command == "chmod" and not _MODE.fullmatch(value):
        return None
    if command == "mkdir" and value != "-p":
        return None
    plain = b"/".join(part for part in path.split(b"/") if part not in (b"", b"."))
    return None if b".." in plain.split(b"/") else Rule(plain, command, value)
