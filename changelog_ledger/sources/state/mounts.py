"""What is mounted where, and how, in the form of fstab(5), by mount point (proc_pid_mounts(5)).

Left out is what comes and goes by itself: file systems that show the kernel, those of containers, snaps and logged in users.
"""

from __future__ import annotations

import re

from changelog_ledger.sources.state.probe import Probe

_OF_THE_KERNEL = frozenset(
    (
        *("proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "tracefs", "debugfs", "securityfs", "configfs", "pstore", "bpf"),
        *("mqueue", "hugetlbfs", "efivarfs", "binfmt_misc", "fusectl", "rpc_pipefs", "nsfs", "autofs", "selinuxfs", "ramfs"),
    )
)
_PASSING = re.compile(
    r"/(var/lib/(docker|containers|containerd|kubelet|lxd|lxcfs|snapd)|run/(user|docker|containerd|containers|credentials|netns|snapd|systemd|lock)"
    r"|snap|var/snap|media|sys|proc|dev)(/.*)?"
)
_MEASURED = ("size=", "nr_inodes=")  # of a tmpfs that nobody configured it is what the machine has
_LOOP = re.compile(r"/dev/loop\d+")


def mounts(probe: Probe) -> str:
    """See the module."""
    found = [line.split() for line in probe.text("/proc/self/mounts").splitlines()]
    kept = [_line(*fields[:4]) for fields in found if len(fields) >= 4 and fields[2] not in _OF_THE_KERNEL and not _PASSING.fullmatch(fields[1])]
    return "".join(f"{line}\n" for line in sorted(kept, key=lambda line: line.split()[1:]))


def _line(device: str, point: str, kind: str, options: str) -> str:
    words = options.split(",")
    if kind == "tmpfs":
        words = [word for word in words if not (word.startswith(_MEASURED) and point.startswith("/run"))]
    if kind == "overlay":  # layers are numbered anew at each start of what uses them
        words = [word for word in words if not word.startswith(("lowerdir=", "upperdir=", "workdir="))]
    return f"{_LOOP.sub('/dev/loop', device)} {point} {kind} {','.join(words)}"
