"""Hooks into a host: which package managers and which clock call the ledger, and how that went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """What calls the ledger: a package manager around each of its runs, or the clock."""

    APT = "apt"
    DNF = "dnf"
    PACMAN = "pacman"
    APK = "apk"
    TIMER = "timer"


class Occasion(StrEnum):
    """When the ledger is called.

    ``before`` and ``after`` are a package run's two ends, which it waits for; ``packages`` follows by itself, when the package manager has
    closed its own log; ``timer`` is the clock's.
    """

    BEFORE = "before"
    AFTER = "after"
    PACKAGES = "packages"
    TIMER = "timer"


TIME_LIMITS = {Occasion.BEFORE: 60, Occasion.AFTER: 60, Occasion.PACKAGES: 600, Occasion.TIMER: 1800}
"""After how many seconds a call is ended."""

REFUSED = 77
"""How a call ends that the script refuses because somebody else than root could alter the command (EX_NOPERM of sysexits(3))."""


class HostFileState(StrEnum):
    """What a file of ours is (the first five), or what became of it.

    ``outdated``: ours and untouched, and not what would be written now: another path of the command or the home, another interval, another version.
    """

    INSTALLED = "installed"
    OUTDATED = "outdated"
    EDITED = "edited"
    FOREIGN = "foreign"
    ABSENT = "absent"
    WRITTEN = "written"
    REFRESHED = "refreshed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class HostFile:
    """One file that hooks the ledger into the host.

    :ivar part: whose file it is; None for the script that all others call.
    :ivar path: absolute, as the host has it (without ``--root``).
    :ivar content: what ``install`` would write; None unless it is a dry run of that.
    :ivar target: what it leads to, if it is a symlink: the timer's, by which systemd enables it.
    """

    part: Part | None
    path: str
    state: HostFileState
    content: str | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class HookCall:
    """The last call on an occasion, as the script noted it in the home.

    :ivar at: when it ended; when it began, while it has not.
    :ivar code: the command's exit code (124: the time limit was reached; 77: refused, see :data:`REFUSED`); None while it has not ended.
    :ivar worked_at: when it last worked and read everything (exit code 0); None if it never did.
    """

    occasion: Occasion
    at: datetime
    code: int | None
    worked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostHooks:
    """The hooks of a host, or what ``ledger host-hooks install`` or ``uninstall`` did.

    :ivar root: the directory that stands for the host's ``/``.
    :ivar command: the absolute path of the ledger's command that is called.
    :ivar home: the absolute path of the home that it records to.
    :ivar dry_run: nothing was written: ``files`` says what would have become of them.
    :ivar warnings: what a person should know though it worked.
    :ivar install_command: of ``status``: what would write anew what is installed, as it was asked for; empty if nothing is.
    """

    root: str
    command: str
    home: str
    files: tuple[HostFile, ...]
    calls: tuple[HookCall, ...] = ()
    dry_run: bool = False
    warnings: tuple[str, ...] = ()
    install_command: str = ""


@dataclass(frozen=True, slots=True)
class HookStep:
    """One of the things that a call does.

    :ivar name: ``snapshot``, ``packages``, ``processes``, ``journal``.
    :ivar outcome: in words.
    :ivar code: as the command of that name would have ended: 0, 3 where something could not be read, 4 where it failed.
    """

    name: str
    outcome: str
    code: int
