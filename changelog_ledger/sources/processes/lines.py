"""What files of ``/proc/PID`` say; see proc(5) and the kernel's Documentation/filesystems/proc.rst. No text makes these raise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DELETED = b" (deleted)"
_KERNEL_THREAD = 0x00200000  # PF_KTHREAD (include/linux/sched.h)
_MAPPING = re.compile(rb"[0-9a-f]+-[0-9a-f]+ (\S{4}) [0-9a-f]+ ([0-9a-f]{2,}):([0-9a-f]{2,}) (\d{1,20}) *(.*)", re.DOTALL)
_USER = re.compile(rb"^Uid:\s*(\d{1,10})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The fields of ``stat`` that matter."""

    command: bytes
    state: str
    is_kernel_thread: bool
    started_ticks: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping of a file whose bytes may be executed.

    :ivar path: as the kernel writes it: with `` (deleted)`` and ``\\012`` for a newline.
    """

    path: bytes
    device: tuple[int, int]
    inode: int


def status_line(content: bytes) -> StatusLine | None:
    """``stat``: the command is in parentheses and may hold parentheses, spaces and newlines. None if it is no such line (the process just ended)."""
    command, closed, rest = content.partition(b"(")[2].rpartition(b")")
    fields = rest.split()
    if not closed or len(fields) < 20 or not (fields[6].isdigit() and fields[19].isdigit()) or len(fields[19]) > 20:
        return None
    return StatusLine(command, fields[0].decode("ascii", "replace"), bool(int(fields[6][:10]) & _KERNEL_THREAD), int(fields[19]))


def real_user(content: bytes) -> int | None:
    """The real user's number from ``status``."""
    found = _USER.search(content)
    return None if found is None else int(found[1])


def executable_mappings(content: bytes) -> Iterator[Mapping]:
    """The files in ``maps`` from which code may run; each as often as it is mapped."""
    for line in content.split(b"\n"):
        found = _MAPPING.fullmatch(line)
        if found is None or b"x" not in found[1] or found[4] == b"0" or not found[5].startswith(b"/"):
            continue
        yield Mapping(found[5], (int(found[2], 16), int(found[3], 16)), int(found[4]))


def seconds_of_boot(content: bytes) -> int | None:
    """When the host booted, in seconds since 1970: ``btime`` of ``/proc/stat``."""
    found = re.search(rb"^btime (\d{1,12})$", content, re.MULTILINE)
    return None if found is None else int(found[1])


def hides_processes(mounts: bytes) -> bool:
    """Whether ``/proc/mounts`` says that proc(5) shows one's own processes only."""
    for line in mounts.split(b"\n"):
        fields = line.split(b" ")
        if len(fields) > 3 and fields[1] == b"/proc" and fields[2] == b"proc":
            return any(option in _HIDING for option in fields[3].split(b","))
    return False


_HIDING = frozenset((b"hidepid=1", b"hidepid=2", b"hidepid=4", b"hidepid=noaccess", b"hidepid=invisible", b"hidepid=ptraceable"))
