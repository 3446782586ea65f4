"""What is a host's own: its names, its addresses, its keys. Found in the files that say so, as far as their values tell.

::

    own = identifiers("web-01", {}, {"/etc/hostname": "web-01\\n", "/etc/network/interfaces": "iface eth0 inet static\\n  address 10.0.0.5/24\\n"})
    [(each.text, each.place) for each in own]  ->  [("web-01", "name"), ("10.0.0.5", "IPv4 address 1")]

A gateway, a name server and a file system that several hosts mount are nobody's own, however near they stand to what is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from changelog_ledger.model import globs

_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_ADDRESS = rf"({_IPV4}|[0-9A-Fa-f]{{0,4}}(?::[0-9A-Fa-f]{{0,4}}){{2,7}})"
_MAC = r"((?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})"
_UUID = r"([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
_NOBODYS = re.compile(r"127\..*|::1?|0\.0\.0\.0|localhost.*|ip6-.*", re.IGNORECASE)

NAME, ADDRESS, HARDWARE, UUID, HOST_KEY, SERIAL = "name", "address", "hardware address", "uuid", "host key", "serial"


@dataclass(frozen=True, slots=True)
class Source:
    """Where identifiers stand: the first group of ``pattern``, in the files that a glob covers (syntax of :mod:`~changelog_ledger.model.globs`).

    :ivar within: the parts of a file in which they stand.
    """

    paths: tuple[str, ...]
    kind: str
    pattern: re.Pattern[str]
    within: Callable[[str], Iterable[str]]


def _whole(text: str) -> Iterator[str]:
    yield text


def _source(paths: str, kind: str, pattern: str, within: Callable[[str], Iterable[str]] = _whole) -> Source:
    return Source(tuple(paths.split()), kind, re.compile(pattern, re.MULTILINE | re.IGNORECASE), within)


_YAML_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_ADDRESS_LISTS = re.compile(
    r"(?<![\w-])addresses[\"']?\s*:\s*(?P<flow>\[[^\]]*\])"
    r"|^(?P<indent>[ \t]*)[\"']?addresses[\"']?[ \t]*:[ \t]*\r?\n(?P<items>(?:[ \t\r]*\n|(?P=indent)[ \t]*-.*\n?|(?P=indent)[ \t]+\S.*\n?)*)",
    re.MULTILINE,
)


def _address_lists(text: str) -> Iterator[str]:
    """What stands below ``addresses:`` (netplan(5)); what stands below ``allowed-ips:`` is another host's.

    Of these none but an interface's own address has a prefix length.
    """
    for match in _ADDRESS_LISTS.finditer(_YAML_COMMENT.sub("", text)):
        yield match["flow"] or match["items"]


def _own_sections(text: str) -> Iterator[str]:
    """The lines of [Network] and [Address] (systemd.network(5)); the address of a [Neighbor] is another host's."""
    section = ""
    for line in text.splitlines():
        if line.strip().startswith("["):
            section = line.strip()
        elif section in ("[Network]", "[Address]"):
            yield line


_IFUPDOWN = "/etc/network/interfaces /etc/network/interfaces.d/*"
_KEYFILES = "/etc/NetworkManager/system-connections/*"
_NETWORKD = "/etc/systemd/network/*"
_IFCFG = "/etc/sysconfig/network-scripts/ifcfg-* /etc/sysconfig/network/ifcfg-*"
_DISKS = "/etc/fstab /etc/crypttab /etc/default/grub /etc/default/grub.d/* /boot/grub/* /etc/initramfs-tools/conf.d/* /etc/kernel/cmdline"

SOURCES = (
    _source("/etc/hostname /etc/salt/minion_id", NAME, r"^[ \t]*([\w.-]+)[ \t]*$"),
    _source(_IFUPDOWN, ADDRESS, rf"^\s*address\s+{_ADDRESS}"),  # interfaces(5)
    _source("/etc/netplan/*", ADDRESS, rf"(?:^\s*-\s*|[\[,]\s*)[\"']?{_ADDRESS}/\d", _address_lists),
    _source(_KEYFILES, ADDRESS, rf"^address(?:es)?\d*\s*=\s*{_ADDRESS}"),  # nm-settings-keyfile(5)
    _source(_NETWORKD, ADDRESS, rf"^Address\s*=\s*{_ADDRESS}", _own_sections),  # systemd.network(5)
    _source(_IFCFG, ADDRESS, rf"^IP(?:V6)?ADDR\w*\s*=\s*[\"']?{_ADDRESS}"),
    _source("@state/addresses", ADDRESS, rf"^\s*\"{_ADDRESS}/\d"),
    _source("@state/addresses", HARDWARE, rf"\"mac\": \"(?!00:00:00:00:00:00){_MAC}"),
    _source(_IFUPDOWN, HARDWARE, rf"^\s*hwaddress\s+(?:ether\s+)?{_MAC}"),
    _source("/etc/netplan/*", HARDWARE, rf"\bmacaddress:\s*[\"']?{_MAC}"),
    _source(_KEYFILES, HARDWARE, rf"^(?:cloned-)?mac-address\s*=\s*{_MAC}"),
    _source(_NETWORKD, HARDWARE, rf"^(?:Permanent)?MACAddress\s*=\s*{_MAC}"),
    _source(_IFCFG, HARDWARE, rf"^(?:MACADDR|HWADDR|LLADDR)\s*=\s*[\"']?{_MAC}"),
    _source("/etc/udev/rules.d/*", HARDWARE, rf"ATTRS?\{{address\}}==\"{_MAC}"),
    _source(f"{_KEYFILES} {_IFCFG}", UUID, rf"^uuid\s*=\s*[\"']?{_UUID}"),
    _source(_DISKS, UUID, rf"UUID=[\"']?({_UUID[1:-1]}|[0-9A-F]{{4}}-[0-9A-F]{{4}})"),  # of file systems and partitions; FAT has short ones
    _source("/etc/mdadm/mdadm.conf /etc/mdadm.conf", UUID, r"\bUUID=((?:[0-9a-f]{8}:){3}[0-9a-f]{8})"),
    _source("/etc/machine-id /var/lib/dbus/machine-id", UUID, r"^([0-9a-f]{32})$"),
    _source("/etc/ssh/ssh_host_*.pub", HOST_KEY, r"^\S+\s+([A-Za-z0-9+/=]{40,})"),
    _source("/etc/iscsi/initiatorname.iscsi", SERIAL, r"^InitiatorName=(\S+)"),
    _source("/etc/nvme/hostid /etc/nvme/hostnqn", SERIAL, r"^(\S{8,})$"),
)
"""Which files say what is the host's own, in the order in which addresses are numbered."""

HOSTS_FILE = "/etc/hosts"

_ATTRIBUTES = {
    "hostname": NAME,
    "fqdn": NAME,
    "address": ADDRESS,
    "ip": ADDRESS,
    "ipv4": ADDRESS,
    "ipv6": ADDRESS,
    "mac": HARDWARE,
    "uuid": UUID,
    "serial": SERIAL,
    "asset": SERIAL,
}
"""Attributes of a host in the ledger (``host add --attr serial=…``) that are its own."""
_SHORTEST_VALUE = 4

WHOLE_FILES = {
    "/etc/ssh/ssh_host_*": HOST_KEY,
    "/etc/machine-id": UUID,
    "/var/lib/dbus/machine-id": UUID,
    "/etc/hostid": UUID,
    "/etc/hostname": NAME,
    "/etc/iscsi/initiatorname.iscsi": SERIAL,
    "/etc/nvme/host*": SERIAL,
    "/etc/ssl/private/ssl-cert-snakeoil.key": HOST_KEY,
    "/etc/ssl/certs/ssl-cert-snakeoil.pem": HOST_KEY,
}
"""Files of which every host has its own content, and what that is about."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A text that stands for one host only.

    :ivar place: the part it plays, the same on every host: ``name``, ``IPv4 address 2``. The second address of one is not the first of another.
    """

    text: str
    kind: str
    place: str


def sources_cover(path: str) -> bool:
    """Whether a file may say what is its host's own."""
    return path == HOSTS_FILE or bool(_sources_of(path))


@lru_cache(maxsize=4096)
def _sources_of(path: str) -> frozenset[int]:
    """The places in :data:`SOURCES` of those that a file is among: hundreds of hosts are asked about the same few."""
    return frozenset(place for place, source in enumerate(SOURCES) if globs.covers(source.paths, path))


def identifiers(host: str, attributes: Mapping[str, str], texts: Mapping[str, str]) -> tuple[Identifier, ...]:
    """What is a host's own.

    :param host: its name in the ledger.
    :param attributes: what the ledger knows of it.
    :param texts: the content of those of its files that :func:`sources_cover`, by path.
    """
    found = list(_said(host, attributes, texts))
    names = {text.partition(".")[0].lower() for kind, text in found if kind == NAME}
    found += _in_hosts_file(texts.get(HOSTS_FILE, ""), names)
    return tuple(_placed((kind, text) for kind, text in found if not _NOBODYS.fullmatch(text)))


def _said(host: str, attributes: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield NAME, host
    paths = sorted(texts)
    for place, source in enumerate(SOURCES):
        for path in paths:
            if place in _sources_of(path):
                yield from ((source.kind, match[1]) for part in source.within(texts[path]) for match in source.pattern.finditer(part))
    yield from ((_ATTRIBUTES[name], value) for name, value in sorted(attributes.items()) if name in _ATTRIBUTES and _is_telling(value))


def _is_telling(value: str) -> bool:
    """Whether the value of an attribute is found by chance nowhere else: a serial number 7 would be in every port."""
    return len(value) >= _SHORTEST_VALUE and not value.isdigit()


def _in_hosts_file(text: str, names: set[str]) -> Iterator[tuple[str, str]]:
    """The addresses of the host's own lines, and its full names there (hosts(5)). An alias is no name of its own: it may be a service's."""
    for line in text.splitlines():
        address, *words = line.partition("#")[0].split() or [""]
        own = [word for word in words if word.partition(".")[0].lower() in names]
        if own:
            yield from ((NAME, word) for word in own)
            yield ADDRESS, address


def _placed(found: Iterable[tuple[str, str]]) -> Iterator[Identifier]:
    """Each text once, numbered among those of its sort."""
    seen: set[str] = set()
    numbers: dict[str, int] = {}
    for kind, text in found:
        if text.lower() in seen:
            continue
        seen.add(text.lower())
        sort = _sort(kind, text)
        numbers[sort] = numbers.get(sort, 0) + 1
        yield Identifier(text, kind, sort if kind == NAME else f"{sort} {numbers[sort]}")
        if kind == NAME and "." in text and (short := text.partition(".")[0]).lower() not in seen:
            seen.add(short.lower())
            yield Identifier(short, NAME, NAME)


def _sort(kind: str, text: str) -> str:
    if kind == ADDRESS:
        return "IPv6 address" if ":" in text else "IPv4 address"
    return "full name" if kind == NAME and "." in text else kind
