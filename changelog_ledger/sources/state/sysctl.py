"""The kernel's settings as they are (``/proc/sys``, sysctl(8)): net, vm, kernel and fs, in the form of sysctl.d(5).

Left out is what no setting is: counters, random numbers, the state of the kernel, actions; secrets; and of single interfaces those that
come and go. What only root may read is ``unknown`` to others. Some cannot be read in one state of the machine and can in another: they are left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe

TOPS = ("fs", "kernel", "net/core", "net/ipv4", "net/ipv6", "net/netfilter", "net/bridge", "net/unix", "net/mptcp", "vm")

_LEFT_OUT = re.compile(
    r"""
      fs/(dentry-state|inode-nr|inode-state|file-nr|aio-nr|quota/.*|binfmt_misc/.*|xfs/stats_clear|nfs/.*)      # counters, tables
    | kernel/(random/.*|ns_last_pid|pty/nr|tainted|cad_pid|.*_next_id|bootloader_.*|osrelease|ostype|version|sched_domain/.*
             |hung_task_detect_count|perf_event_max_sample_rate|usermodehelper/.*|keys/.*_count|firmware_config/.*|spl/.*)
    | net/core/(netdev_rss_key)                                                                               # random
    | net/ipv4/(tcp_fastopen_key|route/flush|neigh/(?!default/).*)                                              # a secret, an action
    | net/ipv6/(conf/.*/(stable_secret|mtu|hop_limit)|route/flush|neigh/(?!default/).*)
    | net/netfilter/(nf_conntrack_count|nf_log/.*)
    | vm/(stat_refresh|drop_caches|compact_memory|numa_stat|.*_stat|nr_pdflush_threads)
    """,
    re.VERBOSE,
)
_OF_INTERFACES = re.compile(r"net/ipv[46]/(conf|neigh)")
_FOR_ALL = ("all", "default", "lo")
_READABLE = 0o444
_LARGEST = 4096
UNKNOWN = "unknown"


def sysctl(probe: Probe) -> str:
    """See the module."""
    if not probe.exists("/proc/sys/kernel"):
        raise NotAvailable("there is no /proc/sys")
    passing = _passing_interfaces(probe)
    found = {key.replace(".", "\0").replace("/", ".").replace("\0", "/"): value for key, value in _settings(probe, passing)}
    return "".join(f"{key} = {value}\n" for key, value in sorted(found.items()))


def _settings(probe: Probe, passing: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Names below /proc/sys and their values, white space made one blank. A dot in an interface's name becomes a slash, as sysctl(8) writes it."""
    base = f"{probe.path('/proc/sys')}/"
    for top in TOPS:
        for folder, folders, names in os.walk(base + top, onerror=_excuse):
            inside = folder[len(base) :]
            if _OF_INTERFACES.fullmatch(inside):
                folders[:] = [name for name in folders if name not in passing]
            for name in names:
                key = f"{inside}/{name}"
                if not _LEFT_OUT.fullmatch(key) and (value := _value(base + key)) is not None:
                    yield key, value


def _value(path: str) -> str | None:
    """None where there is none: many can be written only, some answer in one state of the machine and not in another."""
    try:
        if not os.stat(path).st_mode & _READABLE:  # noqa: PTH116 - a thousand of them, so no Path for each
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return " ".join(os.read(descriptor, _LARGEST).decode("utf-8", "backslashreplace").split())
        finally:
            os.close(descriptor)
    except PermissionError:  # somebody else than the machine's own root, who may be root of a container
        return UNKNOWN
    except OSError:
        return None


def _excuse(error: OSError) -> None:
    """An interface that goes takes its folder with it, and a kernel need not have every folder; one that is there and closed hides settings."""
    if not isinstance(error, FileNotFoundError):
        raise CollectionFailed(f"{error.filename}: {error.strerror}") from error


def _passing_interfaces(probe: Probe) -> frozenset[str]:
    """Interfaces without hardware: containers, tunnels and bridges make and remove them."""
    folder = probe.path("/proc/sys/net/ipv4/conf")
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    return frozenset(name for name in names if name not in _FOR_ALL and not probe.exists(f"/sys/class/net/{name}/device"))
