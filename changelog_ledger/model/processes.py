"""Running processes and the kernel, as one look at a host found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutdatedFile:
    """A file whose code a process runs, and that is not what lies at its path any more.

    :ivar path: on the host, or in the container if the process runs in one; without the kernel's `` (deleted)``.
    :ivar is_binary: it is the process' own executable, and not a library.
    :ivar is_gone: nothing is at the path now; else another file is.
    :ivar changed_at: when the file that is there now came about (its ctime); None if there is none.
    :ivar inode: that of the old file, which the process maps.
    """

    path: str
    is_binary: bool = False
    is_gone: bool = False
    changed_at: datetime | None = None
    inode: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """One process of one boot.

    :ivar started_ticks: when it began, in clock ticks since boot: with the number it is its identity, for numbers are used again (proc(5), ``stat``).
    :ivar started_at: the same as a time; the kernel derives it from the clock, so it may differ by a second from one look to the next.
    :ivar command: its short name (``comm``), which it may have chosen itself. Not its arguments: they may hold secrets.
    :ivar executable: the path, without `` (deleted)``; empty where it may not be read.
    :ivar user: the name, or the number, of the real user.
    :ivar unit: the systemd unit (``nginx.service``); empty in a login session and without systemd.
    :ivar is_personal: somebody's own: a unit of the user's own service manager, or without a unit and of a user who is no system account.
    :ivar container: ``docker:0123456789ab``, ``lxc:web``; empty on the host itself.
    :ivar outdated: the files whose old code it runs; empty where :attr:`readable` is false.
    :ivar readable: whether its mappings could be read.
    """

    pid: int
    started_ticks: int
    started_at: datetime
    command: str
    executable: str = ""
    user: str = ""
    unit: str = ""
    is_personal: bool = False
    container: str = ""
    outdated: tuple[OutdatedFile, ...] = ()
    readable: bool = True

    @property
    def identity(self) -> tuple[int, int]:
        """What tells it from every other process of this boot."""
        return self.pid, self.started_ticks

    @property
    def subject(self) -> str:
        """What has to be restarted: ``unit:nginx.service``, ``exe:/usr/sbin/nginx``; with the user or container where it is theirs."""
        if self.container:
            return f"exe:{self.executable or self.command} in {self.container}"
        name = f"unit:{self.unit}" if self.unit else f"exe:{self.executable or self.command}"
        return f"{name} of {self.user}" if self.is_personal else name


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """All processes of a host, at one moment.

    :ivar boot_id: the kernel's name for this boot; empty if it does not tell (then nothing can be said).
    :ivar booted_at: when it began.
    :ivar processes: in the order of their numbers; no kernel threads.
    :ivar is_whole: whether every process is shown; not so where proc(5) is mounted with ``hidepid`` and one is not root.
    """

    boot_id: str
    booted_at: datetime | None
    processes: tuple[Process, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class InstalledKernels:
    """The kernel that runs and those that are installed.

    :ivar running: its release (``6.1.0-28-amd64``); empty if unknown.
    :ivar installed: the releases that could be booted, each with the time its image or modules came about; empty where none is found (a container).
    :ivar reboot_required: when a package asked for a reboot (``/run/reboot-required``), None if none did.
    :ivar required_by: the packages that asked.
    """

    running: str
    installed: Mapping[str, datetime] = field(default_factory=dict)
    reboot_required: datetime | None = None
    required_by: tuple[str, ...] = ()


PENDING = frozenset({"restart-pending", "reboot-pending"})
"""What observations of pending restarts and reboots are called."""


def closed_references(data: Mapping[str, object]) -> frozenset[str]:
    """What an observation ends of what was pending: its ``closes``, by their ``ref``.

    The end of one restart names it as text; a reboot, which ends many at once, names them as a list.

    :param data: an observation's; one without ``closes``, or with something else there, ends nothing.
    """
    closes = data.get("closes")
    named = closes if isinstance(closes, list) else [closes]
    return frozenset(each for each in named if isinstance(each, str) and each)
