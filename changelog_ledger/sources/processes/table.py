"""The processes of a host, from ``/proc``; see proc(5).

A process may end at any moment while it is read: then it is passed over, as if it had ended before. What may not be read (``exe``, ``maps`` and
``ns`` ask for the rights of ptrace(2)) is not known, which is another thing than being in order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.model.processes import OutdatedFile, Process, ProcessTable
from changelog_ledger.sources.owners import Owners
from changelog_ledger.sources.processes.control_groups import membership
from changelog_ledger.sources.processes.lines import (
    DELETED,
    StatusLine,
    executable_mappings,
    hides_processes,
    real_user,
    seconds_of_boot,
    status_line,
)
from changelog_ledger.sources.processes.outdated import PASSING, Look, outdated_files

Progress = Callable[[int], None]

_MOST = 64 * 1024 * 1024
"""Bytes of one file of /proc: a process has 65,530 mappings at most unless somebody raised that (``vm.max_map_count``)."""
_SMALL = 64 * 1024
_ENDED = (FileNotFoundError, ProcessLookupError)
_FIRST_PERSON, _NOBODY = 1000, 65534  # UID_MIN of login.defs(5) as everybody has it
_MOST_NAMED = 3
_CAP_SYS_PTRACE = 19  # linux/capability.h
_GONE_STATES = frozenset("ZXx")


@dataclass(frozen=True, slots=True)
class FoundProcesses:
    """The table, and what is missing from it.

    :ivar notes: what is missing and nobody on this machine could read.
    """

    table: ProcessTable
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()


def read_processes(root: str = "/", *, passing: Sequence[str] = PASSING, progress: Progress = lambda _done: None) -> FoundProcesses:
    """Look at every process once.

    :param root: the directory that stands for ``/``; its ``proc`` is read.
    :param passing: beginnings of paths of which nothing is told.
    :param progress: called with 1 for each process.
    """
    base = root.rstrip("/")
    proc = f"{base}/proc"
    try:
        pids = sorted(int(name) for name in (entry.name for entry in Path(proc).iterdir()) if name.isascii() and name.isdigit())
    except OSError as error:
        return FoundProcesses(ProcessTable("", None), (Gap("/proc", f"cannot be read: {error.strerror or error}"),))
    booted = _booted(proc)
    reader = _Reader(base, booted or datetime.fromtimestamp(0, UTC), passing)
    found = []
    for pid in pids:
        found.append(reader.process(pid))
        progress(1)
    processes = tuple(process for process in found if process is not None)
    whole = not _is_hiding(proc)
    table = ProcessTable(_boot_id(proc), booted, processes, whole)
    unread = {process.pid: process.command for process in processes if not process.readable} | reader.closed
    gaps, notes = _unread(dict(sorted(unread.items())))
    return FoundProcesses(table, (*gaps, *_gaps(table, is_mounted=bool(pids))), notes)


def _unread(unread: Mapping[int, str]) -> tuple[tuple[Gap, ...], tuple[str, ...]]:
    """Of processes that may not be read. What even root with every right that ptrace(2) asks for may not read is no gap: nobody can close it."""
    if not unread:
        return (), ()
    number = "process" if len(unread) == 1 else "processes"
    if os.geteuid() != 0:
        return (Gap("/proc", f"{len(unread)} {number} of other users: run as root to see them"),), ()
    named = [f"{pid} ({command})" if command else str(pid) for pid, command in unread.items()]
    names = ", ".join(named[:_MOST_NAMED]) + (f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else "")
    if not _may_trace():
        return (Gap("/proc", f"{number} {names} may not be read: root lacks the capability SYS_PTRACE here"),), ()
    return (), (f"{number} {names}: not even root may look into {'it' if len(named) == 1 else 'them'}",)


def _may_trace() -> bool:
    """Whether we have CAP_SYS_PTRACE; see capabilities(7) and proc_pid_status(5)."""
    try:
        lines = _read("/proc/self/status", _SMALL).split(b"\n")
        effective = next((int(line.split()[1], 16) for line in lines if line.startswith(b"CapEff:")), 0)
    except (OSError, ValueError, IndexError):  # then it is a gap, as for everybody
        return False
    return bool(effective >> _CAP_SYS_PTRACE & 1)


def _gaps(table: ProcessTable, *, is_mounted: bool) -> list[Gap]:
    gaps = []
    if not table.processes and table.is_whole and not is_mounted:
        gaps.append(Gap("/proc", "shows no process: nothing is mounted there"))
    if not table.is_whole:
        gaps.append(Gap("/proc", "mounted with hidepid: processes of other users are not shown; run as root to see them"))
    if table.processes and not (table.boot_id and table.booted_at):
        gaps.append(Gap("/proc", "tells neither boot id nor boot time; nothing can be said of its processes"))
    return gaps


class _Reader:
    """Reads processes one after the other; remembers what it looked up for the one before."""

    def __init__(self, base: str, booted: datetime, passing: Sequence[str]) -> None:
        self.base = base
        self.booted = booted
        self.passing = passing
        self.owners = Owners(base or "/")
        self.ticks = os.sysconf("SC_CLK_TCK")
        self.own_mounts = _link(f"{base}/proc/self/ns/mnt")
        self.closed: dict[int, str] = {}  # of which not even /proc/PID/stat may be read, with the command as far as it is known
        self._looks: dict[bytes, os.stat_result | None] = {}

    def process(self, pid: int) -> Process | None:
        folder, command = f"{self.base}/proc/{pid}", ""
        try:
            status = status_line(_read(f"{folder}/stat", _SMALL))
            if status is None or status.is_kernel_thread or status.state in _GONE_STATES or pid == os.getpid():
                return None
            command = status.command.decode("utf-8", "backslashreplace")
            process = self._described(folder, pid, status)
            return process if _is_still(folder, status) else None
        except _ENDED:
            return None
        except PermissionError:
            self.closed[pid] = command
            return None
        except OSError:  # ESRCH and EIO come in several guises when a process ends; what is not there cannot be told
            return None

    def _described(self, folder: str, pid: int, status: StatusLine) -> Process:
        uid = real_user(_read(f"{folder}/status", _SMALL))
        group = membership(_or_empty(f"{folder}/cgroup").decode("utf-8", "backslashreplace"))
        executable, outdated, readable = self._code(folder)
        personal = group.is_user_unit or (not group.unit and uid is not None and uid >= _FIRST_PERSON and uid != _NOBODY)
        return Process(
            pid=pid,
            started_ticks=status.started_ticks,
            started_at=self._time(status.started_ticks),
            command=status.command.decode("utf-8", "backslashreplace"),
            executable=executable.removesuffix(DELETED).decode("utf-8", "backslashreplace"),
            user=self._user(uid),
            unit=group.unit,
            is_personal=personal and not group.container,
            container=group.container,
            outdated=outdated,
            readable=readable,
        )

    def _code(self, folder: str) -> tuple[bytes, tuple[OutdatedFile, ...], bool]:
        try:
            executable = os.fsencode(os.readlink(f"{folder}/exe"))  # noqa: PTH115 - bytes of names must survive
            look = self._look_for(folder)
            return executable, outdated_files(executable_mappings(_read(f"{folder}/maps", _MOST)), executable, look, self.passing), True
        except PermissionError:
            return b"", (), False

    def _look_for(self, folder: str) -> Look:
        """How the process sees the files: in a mount namespace of its own (a container, a service with ``PrivateTmp=``) by way of its root."""
        mounts = _link(f"{folder}/ns/mnt")
        if self.own_mounts is None or mounts is None or mounts == self.own_mounts:
            return self._look
        inside = os.fsencode(f"{folder}/root")
        Path(f"{folder}/root").stat()  # raises if that is not allowed: else every file would seem to be gone
        return lambda path: _status(inside + path)

    def _look(self, path: bytes) -> os.stat_result | None:
        if path not in self._looks:
            self._looks[path] = _status(os.fsencode(self.base) + path)
        return self._looks[path]

    def _user(self, uid: int | None) -> str:
        return "" if uid is None else self.owners.user(uid) or str(uid)

    def _time(self, ticks: int) -> datetime:
        try:
            return self.booted + timedelta(seconds=ticks / self.ticks)
        except OverflowError:  # no process is as old as that; the file is not the kernel's
            return self.booted


def _is_still(folder: str, status: StatusLine) -> bool:
    """Whether it is the same process yet, and not another one with its number."""
    again = status_line(_read(f"{folder}/stat", _SMALL))
    return again is not None and again.started_ticks == status.started_ticks


def _status(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - bytes of names must survive
    except (OSError, ValueError):  # not there; or out of reach (a file system of a user's own), so that there is nothing to compare with
        return None


def _link(path: str) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115 - "mnt:[4026531840]" is no path
    except FileNotFoundError:  # a kernel without namespaces, or not a kernel's /proc
        return None


def _read(path: str, most: int) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(most)


def _or_empty(path: str) -> bytes:
    try:
        return _read(path, _SMALL)
    except FileNotFoundError:  # a kernel without control groups
        return b""


def _boot_id(proc: str) -> str:
    """As the journal spells it: without hyphens."""
    try:
        return _read(f"{proc}/sys/kernel/random/boot_id", 128).decode("ascii", "replace").strip().replace("-", "")
    except OSError:  # told as a gap where there are processes
        return ""


def _booted(proc: str) -> datetime | None:
    try:
        seconds = seconds_of_boot(_read(f"{proc}/stat", 16 * 1024 * 1024))
    except OSError:  # told as a gap where there are processes
        return None
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _is_hiding(proc: str) -> bool:
    """Whether some processes are hidden from us: nothing is from root, or from the group that ``gid=`` names, which shows in number 1."""
    try:
        mounts = _read(f"{proc}/mounts", 1024 * 1024)
    except OSError:  # then there is no sign of it
        return False
    return hides_processes(mounts) and not os.access(f"{proc}/1/stat", os.R_OK)
