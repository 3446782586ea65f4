"""sysctl.conf(5) and sysctl.d(5): ``net.ipv4.ip_forward``."""

from __future__ import annotations

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_MAY_FAIL = "(may fail)"
_SWAPPED = str.maketrans("./", "/.")
_WORDS = {
    "net.ipv4.ip_forward": "forwarding of IPv4 packets",
    "net.ipv4.conf.all.forwarding": "forwarding of IPv4 packets",
    "net.ipv6.conf.all.forwarding": "forwarding of IPv6 packets",
    "net.ipv6.conf.all.disable_ipv6": "IPv6 switched off",
    "net.ipv6.conf.all.accept_ra": "router advertisements are followed",
    "net.ipv4.conf.all.rp_filter": "check of the source address by the way back",
    "net.ipv4.conf.default.rp_filter": "check of the source address by the way back, new interfaces",
    "net.ipv4.conf.all.accept_redirects": "redirects by ICMP are followed",
    "net.ipv4.conf.all.send_redirects": "redirects by ICMP are sent",
    "net.ipv4.conf.all.accept_source_route": "routes given by the sender are followed",
    "net.ipv4.conf.all.log_martians": "packets with impossible addresses are logged",
    "net.ipv4.tcp_syncookies": "SYN cookies",
    "net.ipv4.tcp_max_syn_backlog": "half-open connections that wait",
    "net.ipv4.tcp_fin_timeout": "seconds in FIN-WAIT-2",
    "net.ipv4.tcp_keepalive_time": "seconds until an idle connection is probed",
    "net.ipv4.tcp_tw_reuse": "reuse of connections in TIME-WAIT",
    "net.ipv4.tcp_congestion_control": "congestion control of TCP",
    "net.ipv4.tcp_rmem": "receive buffer of TCP: least, default, most",
    "net.ipv4.tcp_wmem": "send buffer of TCP: least, default, most",
    "net.ipv4.ip_local_port_range": "ports for outgoing connections",
    "net.ipv4.ip_nonlocal_bind": "binding to addresses that the host does not have",
    "net.core.somaxconn": "connections that may wait to be accepted",
    "net.core.rmem_max": "largest receive buffer",
    "net.core.wmem_max": "largest send buffer",
    "net.core.default_qdisc": "queueing discipline",
    "net.netfilter.nf_conntrack_max": "connections that are tracked",
    "net.bridge.bridge-nf-call-iptables": "bridged packets pass iptables",
    "vm.swappiness": "how readily memory is swapped out",
    "vm.overcommit_memory": "whether more memory is promised than there is",
    "vm.max_map_count": "memory mappings of a process",
    "vm.dirty_ratio": "percent of memory that may wait to be written",
    "vm.nr_hugepages": "huge pages",
    "fs.file-max": "open files of the system",
    "fs.inotify.max_user_watches": "watches of files by a user",
    "fs.aio-max-nr": "asynchronous requests at a time",
    "kernel.panic": "seconds until a restart after a panic",
    "kernel.pid_max": "highest process number",
    "kernel.shmmax": "largest shared memory segment",
    "kernel.sysrq": "magic SysRq key",
    "kernel.randomize_va_space": "random layout of address space",
}


def read(text: str) -> Parsed:
    """Keys with dots, however they are written (``net/ipv4/ip_forward``). A key that is written again has a list; the last counts.

    The ``-`` before a key (a failure is ignored) makes it a member of ``(may fail)``.

    :raises Unparsable: at a line that is no assignment, unless it excludes a key (``-net.ipv4.conf.all.rp_filter``).
    """
    return tree(entry for number, line in significant_lines(text, ("#", ";")) for entry in _entries(number, line))


def _entries(number: int, line: str) -> list[Entry]:
    written, equals, value = line.partition("=")
    key = with_dots(written.strip().removeprefix("-").strip())
    if not key or not (equals or line.startswith("-")):
        raise Unparsable("not an assignment", number)
    may_fail = [Entry(_MAY_FAIL, key, number, listed=True)] if line.startswith("-") else []
    return [Entry(key, value.strip(), number), *may_fail]


def with_dots(key: str) -> str:
    """``net/ipv4/conf/eth0.100/forwarding`` as ``net.ipv4.conf.eth0/100.forwarding``: the first separator says which one parts (sysctl.d(5))."""
    slash, dot = key.find("/"), key.find(".")
    return key.translate(_SWAPPED) if slash >= 0 and (dot < 0 or slash < dot) else key


FORMATS = (Format("sysctl", read, (ListPolicy((_MAY_FAIL,), order=Order.SET),), words=_WORDS),)
