"""What is mounted where, and how, in the form of fstab(5), by mount point (proc_pid_mountinfo(5)).

A service may have a mount namespace of its own (``ProtectSystem=``, ``PrivateTmp=``: systemd.exec(5)), in which things are mounted that nobody else
sees. So it is the first process's that are told, where they may be read (by root), and else this one's. Left out is what comes and goes by itself:
file systems that show the kernel, those of containers, snaps and logged in users.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe

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
_ACCESS = ("ro", "rw")


def mounts(probe: Probe) -> str:
    """See the module."""
    kept = [_line(*fields) for fields in map(_fields, _mounted(probe)) if fields[2] not in _OF_THE_KERNEL and not _PASSING.fullmatch(fields[1])]
    return "".join(f"{line}\n" for line in sorted(kept, key=lambda line: line.split()[1:]))


def _mounted(probe: Probe) -> Iterable[str]:
    try:
        return probe.text("/proc/1/mountinfo").splitlines()
    except (NotAvailable, CollectionFailed):  # hidden from anybody but root
        return probe.text("/proc/self/mountinfo").splitlines()


def _fields(line: str) -> tuple[str, str, str, str]:
    """Device, mount point, type and options of ``36 35 98:0 / /var rw,noatime shared:1 - ext4 /dev/sda2 rw,errors=continue``.

    :raises CollectionFailed: if it is no such line.
    """
    mount, _, system = line.partition(" - ")
    words, (kind, device, *options) = mount.split(), system.split() or ("", "")
    if len(words) < 6 or not kind:
        raise CollectionFailed(f"no line of mountinfo: {line}")
    return device, words[4], kind, _options(words[5], options[0] if options else "")


def _options(of_the_mount: str, of_the_file_system: str) -> str:
    """As ``/proc/mounts`` has them: one access for both, then what else each says."""
    mount, system = of_the_mount.split(","), of_the_file_system.split(",")
    access = "ro" if "ro" in mount or "ro" in system else "rw"
    return ",".join(dict.fromkeys([access, *(word for word in (*mount, *system) if word and word not in _ACCESS)]))


def _line(device: str, point: str, kind: str, options: str) -> str:
    words = options.split(",")
    if kind == "tmpfs":
        words = [word for word in words if not (word.startswith(_MEASURED) and point.startswith("/run"))]
    if kind == "overlay":  # layers are numbered anew at each start of what uses them
        words = [word for word in words if not word.startswith(("lowerdir=", "upperdir=", "workdir="))]
    return f"{_LOOP.sub('/dev/loop', device)} {point} {kind} {','.join(words)}"
