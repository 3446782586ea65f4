"""Who listens: protocol, address, port and the program's name (``/proc/net``, proc(5)); no process numbers.

Addresses are written as netstat(8) does: ``tcp/0.0.0.0:8080``, ``tcp6/:::8080``. A UDP port that the kernel chose for a client
(``ip_local_port_range``) is another one each time and is left out; one in that range that no program holds is the kernel's own (WireGuard) and
is not. ``unknown``: no program is seen to hold it; it is the kernel's own, in a container, or somebody else's and this was not run as root.
Root without the right to look into processes (a service that is fenced in: it would call nearly all of them unknown) is told nothing.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.trees import text_of

_PROTOCOLS = ("tcp", "tcp6", "udp", "udp6")
_LISTENING = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}  # TCP_LISTEN, TCP_CLOSE: include/net/tcp_states.h
_DEFAULT_RANGE = (32768, 60999)
_CAP_SYS_PTRACE = 1 << 19
_ENDED = (errno.ENOENT, errno.ESRCH, errno.EINVAL)  # the process, or what it had open; the last: no link at all
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Socket:
    protocol: str
    address: str
    port: int
    inode: str


def listening_ports(probe: Probe) -> str:
    """See the module."""
    sockets = list(_sockets(probe))
    programs = _programs(probe, {each.inode for each in sockets})
    low, high = _client_ports(probe)
    ports: dict[str, dict[str, set[str]]] = {}
    for each in sockets:
        names = programs.get(each.inode) or {UNKNOWN}
        chosen_by_the_kernel = each.protocol.startswith("udp") and low <= each.port <= high
        if chosen_by_the_kernel and not (probe.privileged and names == {UNKNOWN}):
            continue
        ports.setdefault(each.protocol, {}).setdefault(f"{each.address}:{each.port}", set()).update(names)
    return text_of({protocol: {place: ", ".join(sorted(names)) for place, names in found.items()} for protocol, found in ports.items()})


def _sockets(probe: Probe) -> Iterator[_Socket]:
    probe.text("/proc/net/tcp")  # not to be there is to have no /proc; any of the others a kernel may lack
    for protocol in _PROTOCOLS:
        try:
            lines = probe.text(f"/proc/net/{protocol}").splitlines()[1:]
        except NotAvailable:
            continue
        for line in lines:
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTENING[protocol] and fields[2].strip("0") == ":":
                address, _, port = fields[1].partition(":")
                yield _Socket(protocol, _address(address), int(port, 16), fields[9])


def _address(digits: str) -> str:
    """The kernel prints each 32 bits of an address as a number in the machine's own byte order."""
    packed = b"".join(struct.pack("=I", int(digits[place : place + 8], 16)) for place in range(0, len(digits), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def _client_ports(probe: Probe) -> tuple[int, int]:
    words = probe.optional("/proc/sys/net/ipv4/ip_local_port_range").split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else _DEFAULT_RANGE


def _programs(probe: Probe, inodes: set[str]) -> Mapping[str, set[str]]:
    """The names of the programs that hold each socket. A process that ends meanwhile holds none.

    :raises CollectionFailed: if root lacks the right to look into processes, and a closed one may hold a socket whose program is not found.
    """
    found: dict[str, set[str]] = {}
    closed: list[str] = []
    for number in filter(str.isdigit, probe.names("/proc")):
        try:
            held = inodes.intersection(_held(probe, number))
        except PermissionError:
            closed.append(number)
            continue
        if held:
            name = probe.optional(f"/proc/{number}/comm").strip()
            for inode in held:
                found.setdefault(inode, set()).update([name] if name else [])
    if closed and not inodes <= found.keys() and _is_fenced_in(probe):
        raise CollectionFailed(f"what {len(closed)} processes hold is closed to root without CAP_SYS_PTRACE")
    return found


def _is_fenced_in(probe: Probe) -> bool:
    """Root as whom other runs see more (capabilities(7)). A process that is closed to root with every right is closed each time."""
    rights = re.search(r"^CapEff:\s*([0-9a-f]+)", probe.optional("/proc/self/status"), re.MULTILINE)
    return probe.privileged and rights is not None and not int(rights[1], 16) & _CAP_SYS_PTRACE


def _held(probe: Probe, number: str) -> Iterator[str]:
    """The sockets that a process has open; of one that has ended, none.

    :raises PermissionError: if one may not look.
    """
    folder = probe.path(f"/proc/{number}/fd")
    try:
        names = os.listdir(folder)  # noqa: PTH208 - as below
    except OSError as error:
        if error.errno in _ENDED:
            return
        raise
    for name in names:
        try:
            target = os.readlink(f"{folder}/{name}")  # noqa: PTH115 - there may be a hundred thousand of them
        except OSError as error:
            if error.errno in _ENDED:
                continue
            raise
        if target.startswith("socket:["):
            yield target[8:-1]
