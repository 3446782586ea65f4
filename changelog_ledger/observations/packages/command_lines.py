"""What a package manager's command line tells: which program, whether by itself, and which packages were asked for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

_UNATTENDED = re.compile(r"dnf-automatic|yum-cron|dnf5?-plugin-automatic|packagekit|transactional-update|unattended|\bautomatic\b", re.IGNORECASE)


def tool_of(command: str) -> str:
    """The program's name, without its folder: ``dnf-automatic`` of ``/usr/bin/dnf-automatic --timer``; empty if the command line is.

    An interpreter is passed over for the script that it runs.
    """
    words = [word.rpartition("/")[2] for word in words_of(command) if not word.startswith("-")]
    named = [word for word in words[:2] if not re.match(r"(?:platform-)?python[\d.]*$|ruby[\w.]*$|(?:ba|da)?sh$", word)]
    first = named[0] if named else ""
    return first if re.match(r"[A-Za-z][\w.+-]*$", first) else ""


def is_unattended(command: str, *, has_user: bool) -> bool | None:
    """Whether it ran by itself; None if that is not known: nobody was logged in, but anything may have started it."""
    if _UNATTENDED.search(command):
        return True
    return False if has_user else None


def asked_for(command: str, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that the command line names."""
    words = frozenset(words_of(command))
    return frozenset(name for name in names if name in words)


def words_of(command: str) -> list[str]:
    """The command line's words; split at blanks where its quotes do not match."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
