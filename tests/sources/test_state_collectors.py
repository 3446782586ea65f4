"""Collectors of a machine's state, each on a small machine of its own: files below a folder, and programs that print what the real ones do."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from pathlib import Path

import pytest

from changelog_ledger.sources.state.addresses import addresses
from changelog_ledger.sources.state.certificates import certificates
from changelog_ledger.sources.state.clock import clock
from changelog_ledger.sources.state.firewall import NO_RULES, firewall
from changelog_ledger.sources.state.kernel import kernel
from changelog_ledger.sources.state.listening_ports import listening_ports
from changelog_ledger.sources.state.mounts import mounts
from changelog_ledger.sources.state.os_release import os_release
from changelog_ledger.sources.state.packages import packages
from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.resolvers import resolvers
from changelog_ledger.sources.state.routes import routes
from changelog_ledger.sources.state.sysctl import sysctl
from changelog_ledger.sources.state.systemd import services, timers
from changelog_ledger.sources.state.users import users


@dataclass(frozen=True)
class Machine:
    root: Path

    def file(self, path: str, content: str | bytes) -> Path:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def program(self, name: str, script: str) -> None:
        """A program of a few lines of shell; ``$*`` is what it was asked."""
        self.file(f"/programs/{name}", f"#!/bin/sh\n{script}\n").chmod(0o755)

    def prints(self, name: str, **answers: str) -> None:
        """A program that prints an answer by the words it was asked (``_`` for blanks and dashes), and else fails."""
        cases = ""
        for number, (asked, answer) in enumerate(answers.items()):
            self.file(f"/answers/{name}.{number}", answer)
            cases += f"*{asked.replace('_', '*')}*) cat {self.root}/answers/{name}.{number} ;;\n"
        self.program(name, f'case "$*" in\n{cases}*) echo "what?" >&2; exit 2 ;;\nesac')

    @property
    def probe(self) -> Probe:
        return Probe(str(self.root), programs=(f"{self.root}/programs",), privileged=True)

    def tree(self, collect: Callable[[Probe], str]) -> dict:
        text = collect(self.probe)
        assert text.endswith("\n")
        assert text == collect(self.probe), "the same state gave other text"
        return json.loads(text)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_kernel(machine: Machine) -> None:
    machine.file("/proc/sys/kernel/osrelease", "6.1.0-26-amd64\n")
    machine.file("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.112-1 (2024-09-30)\n")
    machine.file("/proc/cmdline", "BOOT_IMAGE=/vmlinuz-6.1.0-26-amd64 root=UUID=1 ro quiet\n")
    machine.file("/proc/modules", "xfs 1957888 1 - Live 0x0000000000000000\nbonding 221184 0 - Live 0x0\n")
    found = machine.tree(kernel)
    assert found["release"] == "6.1.0-26-amd64"
    assert found["modules"] == ["bonding", "xfs"]
    assert "quiet" in found["command line"]


def test_os_release_from_either_place(machine: Machine) -> None:
    machine.file("/usr/lib/os-release", 'VERSION_ID="12"\n# made by nobody\nID=debian\n')
    assert os_release(machine.probe) == 'ID=debian\nVERSION_ID="12"\n'
    machine.file("/etc/os-release", "ID=other\n")
    assert os_release(machine.probe) == "ID=other\n"


LINKS = [
    {"ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "mtu": 65536, "link_type": "loopback", "address": "00:00:00:00:00:00", "addr_info": []},
    {
        "ifname": "eth0",
        "flags": ["BROADCAST", "UP", "LOWER_UP"],
        "mtu": 1500,
        "link_type": "ether",
        "address": "52:54:00:00:00:01",
        "addr_info": [
            {"local": "192.0.2.7", "prefixlen": 24, "valid_life_time": 3131},
            {"local": "2001:db8::abcd", "prefixlen": 64, "temporary": True, "valid_life_time": 601},
        ],
    },
    {"ifname": "veth12ab", "flags": ["UP"], "mtu": 1500, "linkinfo": {"info_kind": "veth"}, "addr_info": []},
    {"ifname": "eth1", "flags": ["UP"], "mtu": 9000, "link_type": "ether", "address": "52:54:00:00:00:02", "addr_info": []},
    {},
]


def test_addresses_without_lifetimes_and_cables_of_containers(machine: Machine) -> None:
    machine.prints("ip", address_show=json.dumps(LINKS))
    found = machine.tree(addresses)
    assert found.keys() == {"lo", "eth0", "eth1"}
    assert found["eth0"] == {
        "addresses": ["192.0.2.7/24", "2001:db8::/64 (temporary)"],
        "kind": "ether",
        "mac": "52:54:00:00:00:01",
        "mtu": "1500",
        "state": "up",
    }
    assert found["eth1"]["state"] == "up, no carrier"


def test_another_privacy_address_and_lifetime_is_no_difference(machine: Machine) -> None:
    machine.prints("ip", address_show=json.dumps(LINKS))
    before = addresses(machine.probe)
    later = json.dumps(LINKS).replace("2001:db8::abcd", "2001:db8::1234").replace("3131", "77")
    machine.prints("ip", address_show=later)
    assert addresses(machine.probe) == before


def test_routes_of_both_families_and_rules(machine: Machine) -> None:
    four = [
        {"dst": "default", "gateway": "192.0.2.1", "dev": "eth0", "protocol": "dhcp", "metric": 100, "flags": []},
        {"dst": "198.51.100.0/24", "gateway": "192.0.2.2", "dev": "eth0", "table": "vpn", "flags": ["onlink"]},
        {"type": "local", "dst": "192.0.2.7", "dev": "eth0", "table": "local"},
        {"dst": "172.17.0.9", "dev": "veth12ab", "flags": []},
        {"dst": "203.0.113.0/24", "nexthops": [{"gateway": "192.0.2.4", "dev": "eth0", "weight": 2}, {"gateway": "192.0.2.3", "dev": "eth0"}]},
        {"type": "blackhole", "dst": "10.9.0.0/16", "flags": []},
    ]
    six = [{"dst": "default", "gateway": "fe80::1", "dev": "eth0", "protocol": "ra", "metric": 1024, "expires": 1789, "pref": "medium"}]
    rules = [{"priority": 32766, "src": "all", "table": "main"}, {"priority": 100, "src": "192.0.2.7", "table": "vpn"}]
    machine.prints("ip", **{"4_route": json.dumps(four), "6_route": json.dumps(six), "4_rule": json.dumps(rules), "6_rule": "[]"})
    found = machine.tree(routes)
    assert found["IPv4"]["routes"] == {
        "main": {
            "10.9.0.0/16": "blackhole",
            "203.0.113.0/24": "nexthop via 192.0.2.3 dev eth0 nexthop via 192.0.2.4 dev eth0 weight 2",
            "default": "via 192.0.2.1 dev eth0 proto dhcp metric 100",
        },
        "vpn": {"198.51.100.0/24": "via 192.0.2.2 dev eth0 onlink"},
    }
    assert found["IPv4"]["rules"] == {"100": "src 192.0.2.7 table vpn", "32766": "src all table main"}
    assert found["IPv6"]["routes"]["main"]["default"] == "via fe80::1 dev eth0 proto ra metric 1024"


def test_ip_that_prints_no_json_is_a_failure(machine: Machine) -> None:
    machine.program("ip", "echo oops")
    with pytest.raises(CollectionFailed, match="no JSON"):
        addresses(machine.probe)


def test_without_ip_there_is_nothing_to_tell(machine: Machine) -> None:
    with pytest.raises(NotAvailable, match="ip is not installed"):
        routes(machine.probe)


SOCKETS = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def _socket(number: int, local: str, remote: str, state: str, inode: int) -> str:
    return f"   {number}: {local} {remote} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0000000000000000 100 0 0 10 0\n"


def test_listening_ports_by_program_without_clients(machine: Machine) -> None:
    any4, any6 = "00000000:0000", f"{'0' * 32}:0000"
    machine.file("/proc/net/tcp", SOCKETS + _socket(0, "0100007F:1F90", any4, "0A", 11) + _socket(1, "0100007F:1F90", "0100007F:9000", "01", 12))
    machine.file("/proc/net/tcp6", SOCKETS + _socket(0, f"{'0' * 32}:0050", any6, "0A", 13))
    machine.file(
        "/proc/net/udp",
        SOCKETS
        + _socket(0, "00000000:0035", any4, "07", 14)
        + _socket(1, "00000000:9C40", any4, "07", 15)
        + _socket(2, "00000000:CA6C", any4, "07", 16),
    )
    machine.file("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
    for number, (name, inodes) in {"101": ("nginx", (13,)), "102": ("nginx", (13,)), "103": ("app", (11, 12, 15)), "104": ("named", (14,))}.items():
        machine.file(f"/proc/{number}/comm", f"{name}\n")
        (machine.root / "proc" / number / "fd").mkdir()
        for place, inode in enumerate(inodes):
            (machine.root / "proc" / number / "fd" / str(place)).symlink_to(f"socket:[{inode}]")
    assert machine.tree(listening_ports) == {
        "tcp": {"127.0.0.1:8080": "app"},
        "tcp6": {":::80": "nginx"},
        "udp": {"0.0.0.0:53": "named", "0.0.0.0:51820": "unknown"},  # 40000 is a client's; 51820 the kernel's own: WireGuard
    }


def test_a_service_that_may_not_look_into_processes(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that is fenced in is root and sees nobody's sockets: that all programs are unknown now is no difference of the machine's."""
    machine.file("/proc/net/tcp", SOCKETS + _socket(0, "0100007F:1F90", "00000000:0000", "0A", 11))
    machine.file("/proc/101/comm", "nginx\n")
    (machine.root / "proc/101/fd").mkdir()
    real = os.listdir

    def listdir(path: str) -> list[str]:
        if str(path).endswith("/101/fd"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    machine.file("/proc/self/status", "CapEff:\t000001fffff7ffff\n")
    with pytest.raises(CollectionFailed, match="CAP_SYS_PTRACE"):
        listening_ports(machine.probe)
    anybody = Probe(str(machine.root), privileged=False)
    assert json.loads(listening_ports(anybody)) == {"tcp": {"127.0.0.1:8080": "unknown"}}
    machine.file("/proc/self/status", "CapEff:\t000001ffffffffff\n")  # closed to everybody: so it is each time
    assert machine.tree(listening_ports) == {"tcp": {"127.0.0.1:8080": "unknown"}}
    machine.file("/proc/self/status", "CapEff:\t000001fffff7ffff\n")
    (machine.root / "proc/102/fd").mkdir(parents=True)
    (machine.root / "proc/102/fd/3").symlink_to("socket:[11]")
    machine.file("/proc/102/comm", "app\n")
    assert machine.tree(listening_ports) == {"tcp": {"127.0.0.1:8080": "app"}}  # whose program is known need not be looked for


def test_without_proc_nothing_is_claimed_of_ports(machine: Machine) -> None:
    with pytest.raises(NotAvailable):
        listening_ports(machine.probe)


MOUNTS = """\
22 27 0:21 / /proc rw - proc proc rw
27 1 8:2 / /var rw,noatime shared:4 - ext4 /dev/sda2 rw
28 1 8:1 / / rw shared:1 master:2 - ext4 /dev/sda1 rw,errors=remount-ro
29 28 0:23 / /run rw,nosuid shared:5 - tmpfs tmpfs rw,size=803456k,mode=755
30 28 0:24 / /srv/ram rw - tmpfs tmpfs rw,size=64k
31 28 7:7 / /snap/core22/1 ro - squashfs /dev/loop7 ro
32 28 0:30 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
33 28 0:31 / /run/user/1000 rw - tmpfs tmpfs rw
34 28 7:3 / /mnt/my\\040iso rw,relatime - iso9660 /dev/loop3 ro,iocharset=utf8
35 28 8:1 /srv/www /var/www ro,nodev - ext4 /dev/sda1 rw
"""


def test_mounts_without_those_that_come_and_go(machine: Machine) -> None:
    machine.file("/proc/self/mountinfo", MOUNTS)
    assert mounts(machine.probe).splitlines() == [
        "/dev/sda1 / ext4 rw,errors=remount-ro",
        "/dev/loop /mnt/my\\040iso iso9660 ro,relatime,iocharset=utf8",
        "tmpfs /run tmpfs rw,nosuid,mode=755",
        "tmpfs /srv/ram tmpfs rw,size=64k",
        "/dev/sda2 /var ext4 rw,noatime",
        "/dev/sda1 /var/www ext4 ro,nodev",
    ]


def test_mounts_of_a_service_with_a_namespace_of_its_own_are_those_of_everybody(machine: Machine) -> None:
    machine.file("/proc/self/mountinfo", "36 28 8:1 /usr /usr ro - ext4 /dev/sda1 rw\n" + MOUNTS)
    alone = mounts(machine.probe)
    machine.file("/proc/1/mountinfo", MOUNTS)
    assert "/usr ext4 ro" in alone
    assert mounts(machine.probe) == alone.replace("/dev/sda1 /usr ext4 ro\n", "")


def test_a_line_that_is_no_mount_is_a_failure(machine: Machine) -> None:
    machine.file("/proc/self/mountinfo", MOUNTS + "36 28 8:1\n")
    with pytest.raises(CollectionFailed, match="mountinfo"):
        mounts(machine.probe)


@pytest.mark.skipif(not Path("/proc/self/mounts").exists(), reason="needs Linux")
def test_mounts_are_those_that_the_kernel_lists_in_fstab_form() -> None:
    """The options of the mount and of its file system are put together as the kernel does it."""
    listed = {tuple(line.split()[1:3]): set(line.split()[3].split(",")) for line in Path("/proc/1/mounts").read_text().splitlines()}
    told = {tuple(line.split()[1:3]): set(line.split()[3].split(",")) for line in mounts(Probe()).splitlines()}
    assert told
    for mount, options in told.items():
        if mount[1] not in ("overlay", "tmpfs"):  # of which some are left out
            assert options == listed[mount]


def test_resolvers_behind_the_stub_too(machine: Machine) -> None:
    machine.file("/etc/resolv.conf", "# by systemd-resolved\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch shop.example\n")
    assert machine.tree(resolvers) == {"resolv.conf": {"nameserver": "127.0.0.53", "options": "edns0 trust-ad", "search": "shop.example"}}
    machine.file("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\nnameserver 192.0.2.54\n")
    machine.prints("resolvectl", dns="Global:\nLink 2 (eth0): 192.0.2.53 192.0.2.54\n", domain="Link 2 (eth0): shop.example\n")
    assert machine.tree(resolvers)["systemd-resolved"] == {
        "nameserver": "192.0.2.53 192.0.2.54",
        "links": {"eth0": {"dns": "192.0.2.53 192.0.2.54", "domain": "shop.example"}},
    }


@pytest.mark.parametrize("script", ["echo 'Failed to get DNS: Connection timed out' >&2; exit 1", "sleep 60"])
def test_a_resolver_that_does_not_answer_is_no_resolver_without_servers(machine: Machine, script: str) -> None:
    """In an outage of all times it would look as if somebody had removed the name servers."""
    machine.file("/etc/resolv.conf", "nameserver 127.0.0.53\n")
    machine.file("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\n")
    machine.program("resolvectl", script)
    with pytest.raises(CollectionFailed, match="resolvectl"):
        resolvers(Probe(str(machine.root), programs=(f"{machine.root}/programs",), seconds=0.5))


def test_a_resolver_without_its_tool_says_what_its_file_does(machine: Machine) -> None:
    machine.file("/etc/resolv.conf", "nameserver 127.0.0.53\n")
    machine.file("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\n")
    assert machine.tree(resolvers)["systemd-resolved"] == {"nameserver": "192.0.2.53"}


def _certificate(name: str, days: int) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(4711)
    made = made.not_valid_before(begin).not_valid_after(begin + timedelta(days=days))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(f"www.{name}"), x509.DNSName(name)]), critical=False)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + secret


def test_certificates_of_servers_and_no_private_key(machine: Machine) -> None:
    pem = _certificate("shop.example", 90)
    machine.file("/etc/nginx/tls/shop.pem", pem)
    machine.file("/etc/haproxy/broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    machine.file("/etc/ssl/certs/authority.pem", pem)
    machine.file("/etc/pki/tls/certs/ca-bundle.crt", pem * 7)
    found = machine.tree(certificates)
    assert found.keys() == {"/etc/nginx/tls/shop.pem", "/etc/haproxy/broken.pem"}
    assert found["/etc/nginx/tls/shop.pem"] == {
        "subject": "CN=shop.example",
        "issuer": "CN=shop.example",
        "serial": "1267",
        "not after": "2025-04-01T00:00:00Z",
        "names": ["shop.example", "www.shop.example"],
    }
    assert "unreadable" in found["/etc/haproxy/broken.pem"]
    assert "PRIVATE" not in certificates(machine.probe)


def test_a_list_of_authorities_is_no_servers_certificate_however_long(machine: Machine) -> None:
    machine.file("/etc/nginx/tls/shop.pem", _certificate("shop.example", 90))
    machine.file("/etc/pki/tls/certs/ca-bundle.crt", b"x" * 200_000)
    assert machine.tree(certificates).keys() == {"/etc/nginx/tls/shop.pem"}


CLOSED = {
    "a folder": (certificates, "/etc/letsencrypt/live", PermissionError(errno.EACCES, "Permission denied")),
    "a file of a disk that fails": (certificates, "/etc/nginx/tls/shop.pem", OSError(errno.EIO, "Input/output error")),
    "modules": (kernel, "/proc/modules", PermissionError(errno.EACCES, "Permission denied")),
    "the zone": (clock, "/etc/timezone", OSError(errno.EIO, "Input/output error")),
    "the resolver's own file": (resolvers, "/run/systemd/resolve/resolv.conf", PermissionError(errno.EACCES, "Permission denied")),
    "passwords, to root": (users, "/etc/shadow", PermissionError(errno.EACCES, "Permission denied")),
    "the database": (packages, "/var/lib/dpkg/status", OSError(errno.EIO, "Input/output error")),
    "processes": (listening_ports, "/proc", PermissionError(errno.EACCES, "Permission denied")),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_there_and_cannot_be_read_is_never_left_out(machine: Machine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The text that an earlier snapshot has stays; a shorter one would say that somebody removed what is missing."""
    for path in ("osrelease", "version"):
        machine.file(f"/proc/sys/kernel/{path}", "x\n")
    machine.file("/proc/cmdline", "quiet\n")
    machine.file("/proc/modules", "xfs 1 0 - Live 0x0\n")
    machine.file("/proc/net/tcp", SOCKETS)
    machine.file("/etc/nginx/tls/shop.pem", _certificate("shop.example", 90))
    machine.file("/etc/letsencrypt/live/README", "")
    machine.file("/etc/timezone", "Europe/Prague\n")
    machine.file("/etc/resolv.conf", "nameserver 127.0.0.53\n")
    machine.file("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\n")
    machine.file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    machine.file("/etc/group", "root:x:0:\n")
    machine.file("/etc/shadow", "root:*:1::::::\n")
    machine.file("/var/lib/dpkg/status", DPKG)
    collect, path, refusal = CLOSED[name]
    assert collect(machine.probe)
    place, opened, listed = machine.root / path.lstrip("/"), Path.open, Path.iterdir

    def refused(real: Callable, here: Path, *arguments, **named):
        if here == place:
            raise refusal
        return real(here, *arguments, **named)

    monkeypatch.setattr(Path, "open", partialmethod(lambda here, *arguments, **named: refused(opened, here, *arguments, **named)))
    monkeypatch.setattr(Path, "iterdir", partialmethod(lambda here: refused(listed, here)))
    with pytest.raises(CollectionFailed, match=refusal.strerror):
        collect(machine.probe)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_a_closed_folder_holds_is_not_nothing(machine: Machine) -> None:
    folder = machine.file("/etc/letsencrypt/live/shop.example/cert.pem", "").parent
    for closed in (0o600, 0):
        folder.chmod(closed)
        try:
            with pytest.raises(CollectionFailed, match="Permission denied"):
                certificates(machine.probe)
        finally:
            folder.chmod(0o700)


def test_links_to_nowhere_are_nothing(machine: Machine) -> None:
    folder = machine.file("/etc/nginx/tls/shop.pem", _certificate("shop.example", 90)).parent
    (folder / "gone.pem").symlink_to("nowhere")
    (folder / "itself.pem").symlink_to("itself.pem")
    assert machine.tree(certificates).keys() == {"/etc/nginx/tls/shop.pem"}


def test_nftables_without_counters_and_handles(machine: Machine) -> None:
    rules = (
        "table inet filter { # handle 1\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n"
        "\t\ttcp dport 22 counter packets 3 bytes 180 accept\n\t}\n}\n"
    )
    machine.prints("nft", stateless_list_ruleset=rules)
    before = firewall(machine.probe)
    assert "packets" not in before
    assert "handle" not in before
    assert "tcp dport 22 counter accept" in before
    machine.prints("nft", stateless_list_ruleset=rules.replace("packets 3 bytes 180", "packets 4000 bytes 9"))
    assert firewall(machine.probe) == before
    machine.prints("nft", stateless_list_ruleset="")
    assert firewall(machine.probe) == NO_RULES


def test_iptables_where_there_is_no_nft(machine: Machine) -> None:
    saved = "# Generated by iptables-save v1.8.9 on Sun Nov 22 12:00:00 2026\n"
    saved += "*filter\n:INPUT DROP [12:3456]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
    machine.program("iptables-save", f"cat <<'X'\n{saved}X")
    machine.program("ip6tables-save", f"cat <<'X'\n{saved}X")
    text = firewall(machine.probe)
    assert text == "".join(f"*{name}\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n" for name in ("filter", "ip6-filter"))


SAVED = "*filter\n:INPUT DROP [12:3456]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
KEPT = SAVED.replace("12:3456", "0:0")


@pytest.mark.parametrize("program", ["iptables-legacy-save", "iptables-save"])
def test_rules_that_nft_does_not_know_of(machine: Machine, program: str) -> None:
    machine.prints("nft", stateless_list_ruleset="")
    machine.file("/proc/net/ip_tables_names", "filter\n")
    machine.file("/proc/net/ip6_tables_names", "")
    machine.program(program, f"cat <<'X'\n{SAVED}X")
    assert firewall(machine.probe) == KEPT
    machine.prints("nft", stateless_list_ruleset="table ip nat {\n}\n")
    machine.file("/proc/net/ip6_tables_names", "filter\n")
    machine.program(program.replace("ip", "ip6", 1), f"cat <<'X'\n{SAVED}X")
    assert firewall(machine.probe) == "table ip nat {\n}\n" + KEPT + KEPT.replace("*filter", "*ip6-filter")


def test_legacy_rules_that_nobody_can_tell_are_not_no_rules(machine: Machine) -> None:
    machine.file("/proc/net/ip_tables_names", "filter\n")
    with pytest.raises(CollectionFailed, match="iptables-legacy-save is not installed"):
        firewall(machine.probe)
    machine.prints("nft", stateless_list_ruleset="")
    machine.program("iptables-save", f"cat <<'X'\n{SAVED}X")
    machine.program("iptables", "echo 'iptables v1.8.9 (nf_tables)'")  # its rules are those of nft
    with pytest.raises(CollectionFailed, match="iptables-legacy-save is not installed"):
        firewall(machine.probe)


def test_both_kinds_of_iptables_without_nft(machine: Machine) -> None:
    machine.program("iptables", "echo 'iptables v1.8.9 (nf_tables)'")
    machine.program("iptables-save", f"cat <<'X'\n{SAVED}X")
    assert firewall(machine.probe) == KEPT
    machine.file("/proc/net/ip_tables_names", "filter\n")
    machine.program("iptables-legacy-save", f"cat <<'X'\n{SAVED.replace('DROP', 'ACCEPT')}X")
    assert firewall(machine.probe) == KEPT + KEPT.replace("DROP", "ACCEPT").replace("*filter", "*legacy-filter")


def test_without_any_firewall_program_there_is_nothing_to_tell(machine: Machine) -> None:
    with pytest.raises(NotAvailable, match="neither nft nor iptables-save"):
        firewall(machine.probe)


def test_a_firewall_that_may_not_be_asked_is_a_failure(machine: Machine) -> None:
    machine.program("nft", 'echo "Operation not permitted (you must be root)" >&2; exit 1')
    with pytest.raises(CollectionFailed, match="not permitted"):
        firewall(machine.probe)


def test_users_and_no_hash(machine: Machine) -> None:
    machine.file("/etc/shadow", "root:$6$salt$hash:19000:0:99999:7:::\ndaemon:*:19000::::::\nalex:!$6$a$b:19000::::::\nopen::19000::::::\n")
    machine.prints(
        "getent",
        passwd="root:x:0:0:root:/root:/bin/bash\nalex:x:1000:1000:A,,,:/home/alex:/bin/zsh\nopen:x:7:7::/:/bin/sh\ndir:x:9:9::/:/bin/sh\n",
        group="sudo:x:27:sam,alex\nempty:x:5:\n",
    )
    text = users(machine.probe)
    assert "$6$" not in text
    found = machine.tree(users)
    assert found["users"]["alex"] == {"uid": "1000", "gid": "1000", "home": "/home/alex", "shell": "/bin/zsh", "password": "locked"}
    assert [found["users"][name]["password"] for name in ("root", "open", "dir")] == ["set", "empty", "elsewhere"]
    assert found["groups"] == {"empty": {"gid": "5", "members": []}, "sudo": {"gid": "27", "members": ["alex", "sam"]}}


SHOWN = """\
Unit=apt-daily.service
TimersCalendar={{ OnCalendar=*-*-* 06,18:00:00 ; next_elapse={next} }}
Id=apt-daily.timer
ActiveState=active
UnitFileState=enabled

Unit=fstrim.service
TimersMonotonic={{ OnBootUSec=15min ; next_elapse=0 }}
TimersMonotonic={{ OnUnitActiveUSec=1d ; next_elapse={next} }}
Id=fstrim.timer
ActiveState=inactive
UnitFileState=disabled
"""


def test_timers_without_next_and_last(machine: Machine) -> None:
    with pytest.raises(NotAvailable, match="systemd"):
        timers(machine.probe)
    (machine.root / "run/systemd/system").mkdir(parents=True)
    machine.prints("systemctl", show=SHOWN.format(next="Mon 2026-11-23 06:12:00 UTC"))
    found = machine.tree(timers)
    assert found["apt-daily.timer"] == {
        "when": ["OnCalendar=*-*-* 06,18:00:00"],
        "unit": "apt-daily.service",
        "enablement": "enabled",
        "state": "active",
    }
    assert found["fstrim.timer"]["when"] == ["OnBootUSec=15min", "OnUnitActiveUSec=1d"]
    before = timers(machine.probe)
    machine.prints("systemctl", show=SHOWN.format(next="Tue 2026-11-24 18:03:00 UTC"))
    assert timers(machine.probe) == before


def test_services_by_enablement_and_state(machine: Machine) -> None:
    (machine.root / "run/systemd/system").mkdir(parents=True)
    machine.prints(
        "systemctl",
        list_unit_files="nginx.service enabled enabled\nssh.socket enabled enabled\nhostnamed.service static -\ngetty@.service enabled enabled\n",
        list_units=(
            "nginx.service loaded failed failed A server\nssh.socket loaded active listening A socket\nhostnamed.service loaded active running X\n"
            "getty@tty1.service loaded active running Getty\nuser@1000.service loaded active running User\n"
            "gone.service not-found inactive dead gone.service\n"
        ),
    )
    assert machine.tree(services) == {
        "nginx.service": {"enablement": "enabled", "state": "failed"},
        "ssh.socket": {"enablement": "enabled", "state": "active"},
        "hostnamed.service": {"enablement": "static"},  # it comes when it is asked, and goes again
        "getty@.service": {"enablement": "enabled"},
        "getty@tty1.service": {"state": "active"},
        "gone.service": {"state": "not-found"},
    }


def test_systemctl_that_fails_is_a_failure(machine: Machine) -> None:
    (machine.root / "run/systemd/system").mkdir(parents=True)
    machine.program("systemctl", 'case "$*" in *unit-files*) echo "nginx.service enabled -";; *) echo "Connection timed out" >&2; exit 1;; esac')
    for collect in (services, timers):
        with pytest.raises(CollectionFailed, match="Connection timed out"):
            collect(machine.probe)


DPKG = """\
Package: openssl
Status: install ok installed
Maintainer: X <x@example.org>
Architecture: amd64
Version: 3.0.15-1~deb12u1
Description: Secure
 Package: not a field
 .

Package: libc6
Status: hold ok installed
Architecture: amd64
Multi-Arch: same
Version: 2.36-9

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: half
Status: install ok half-configured
Architecture: all
Version: 2
"""


def test_packages_of_dpkg(machine: Machine) -> None:
    with pytest.raises(NotAvailable):
        packages(machine.probe)
    machine.file("/var/lib/dpkg/status", DPKG)
    assert machine.tree(packages) == {
        "dpkg": {"openssl": "3.0.15-1~deb12u1 amd64", "libc6:amd64": "2.36-9 amd64 (hold)", "half": "2 all (half-configured)"}
    }


def test_packages_of_others(machine: Machine) -> None:
    machine.file("/var/lib/rpm/rpmdb.sqlite", "")
    machine.program("rpm", r"printf 'bash\t0:5.2.26-3.fc40\tx86_64\nkernel\t0:6.8.5-301\tx86_64\nkernel\t0:6.9.1-1\tx86_64\nperl\t4:5.38\tx86_64\n'")
    machine.file("/lib/apk/db/installed", "C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\n\nP:busybox\nV:1.36.1-r29\nA:x86_64\n")
    (machine.root / "var/lib/pacman/local/lib32-glibc-2.39-1").mkdir(parents=True)
    assert machine.tree(packages) == {
        "rpm": {"bash": "5.2.26-3.fc40 x86_64", "kernel": ["6.8.5-301 x86_64", "6.9.1-1 x86_64"], "perl": "4:5.38 x86_64"},
        "apk": {"musl": "1.2.5-r0 x86_64", "busybox": "1.36.1-r29 x86_64"},
        "pacman": {"lib32-glibc": "2.39-1"},
    }


def test_every_package_of_a_long_list(machine: Machine) -> None:
    machine.file("/var/lib/dpkg/status", "\n".join(DPKG.replace("openssl", f"package-{number}") for number in range(3000)))
    assert len(json.loads(packages(machine.probe))["dpkg"]) == 3002


def test_sysctl_of_settings_only(machine: Machine) -> None:
    for key, value in {
        "net/ipv4/ip_forward": "1\n",
        "net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
        "net/ipv4/tcp_fastopen_key": "0123-4567\n",
        "net/ipv4/conf/all/rp_filter": "2\n",
        "net/ipv4/conf/eth0.5/rp_filter": "1\n",
        "net/ipv4/conf/veth1/rp_filter": "1\n",
        "net/netfilter/nf_conntrack_count": "77\n",
        "net/netfilter/nf_conntrack_max": "262144\n",
        "kernel/random/boot_id": "x\n",
        "kernel/hostname": "web-01\n",
        "fs/file-nr": "1 0 9\n",
        "vm/swappiness": "60\n",
        "dev/cdrom/info": "x\n",
    }.items():
        machine.file(f"/proc/sys/{key}", value)
    machine.file("/proc/sys/vm/compact_memory", "1").chmod(0o200)
    machine.file("/sys/class/net/eth0.5/device", "")
    assert sysctl(machine.probe).splitlines() == [
        "kernel.hostname = web-01",
        "net.ipv4.conf.all.rp_filter = 2",
        "net.ipv4.conf.eth0/5.rp_filter = 1",
        "net.ipv4.ip_forward = 1",
        "net.ipv4.tcp_rmem = 4096 131072 6291456",
        "net.netfilter.nf_conntrack_max = 262144",
        "vm.swappiness = 60",
    ]


def test_a_setting_for_root_alone_is_unknown_to_others_and_not_gone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, silent = (str(machine.file(f"/proc/sys/fs/{name}", "1\n")) for name in ("protected_links", "silent"))
    machine.file("/proc/sys/kernel/hostname", "web-01\n")
    real = os.open

    def opened(path: str, *arguments) -> int:
        if path in (closed, silent):
            raise PermissionError(errno.EACCES, "Permission denied") if path == closed else OSError(errno.EIO, "Input/output error")
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", opened)
    assert sysctl(machine.probe) == "fs.protected_links = unknown\nkernel.hostname = web-01\n"


def test_time_zone_and_server(machine: Machine) -> None:
    machine.file("/etc/timezone", "Europe/Prague\n")
    assert machine.tree(clock)["zone"] == "Europe/Prague"
    (machine.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Paris")
    machine.program("timedatectl", "echo 'Failed to query server: Unit dbus-org.freedesktop.timesync1.service not found.' >&2; exit 1")
    assert "server" not in machine.tree(clock)  # another time service: this one is not even asked
    (machine.root / "run/systemd/timesync").mkdir(parents=True)
    with pytest.raises(CollectionFailed, match="timedatectl ended with 1"):
        clock(machine.probe)
    machine.prints("timedatectl", show_timesync="0.pool.example\n")
    found = machine.tree(clock)
    assert (found["zone"], found["server"]) == ("Europe/Paris", "0.pool.example")
    assert found["synchronised"] in ("yes", "no", "unknown")


# ---- the probe


def test_a_program_that_hangs_is_ended_with_what_it_started(machine: Machine) -> None:
    machine.program("nft", f"sleep 60 & echo $! > {machine.root}/child; wait")
    probe = Probe(str(machine.root), programs=(f"{machine.root}/programs",), seconds=0.5)
    with pytest.raises(CollectionFailed, match="timed out"):
        probe.run("nft")
    child = int((machine.root / "child").read_text())
    stat = Path(f"/proc/{child}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_a_program_that_prints_without_end_is_ended(machine: Machine) -> None:
    machine.program("nft", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done")
    with pytest.raises(CollectionFailed, match="more than"):
        machine.probe.run("nft")


def test_a_file_that_is_too_large_or_not_utf_8(machine: Machine) -> None:
    machine.file("/etc/x", b"caf\xe9")
    assert machine.probe.text("/etc/x") == "caf\\xe9"
    with pytest.raises(CollectionFailed, match="larger than 3 bytes"):
        machine.probe.data("/etc/x", 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_failure(machine: Machine) -> None:
    machine.file("/etc/x", "x").chmod(0)
    with pytest.raises(CollectionFailed, match="Permission denied"):
        machine.probe.text("/etc/x")
