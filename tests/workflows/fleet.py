"""Twenty servers of one service, each with its own name, address and habits; and the twelve ways in which one of them is misconfigured."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from changelog_ledger import Ledger

from .world import Clock, Machine, World

PHP = "[PHP]\nengine = On\nmemory_limit = {memory}M\nmax_execution_time = 30\npost_max_size = {post}M\ndate.timezone = Europe/Berlin\n"
SSHD = "Port 22\nPermitRootLogin no\nPasswordAuthentication no\nMaxAuthTries {tries}\nAllowUsers deploy {user}\nSubsystem sftp internal-sftp\n"
NGINX = """\
worker_processes {workers};
events {{
    worker_connections 4096;
}}
http {{
    server {{
        listen {address}:80;
        server_name {name}.shop.example;
        root /srv/shop;
    }}
    keepalive_timeout 65;
}}
"""
NFT = """\
table inet filter {{
    chain input {{
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport {{ 22, 80, 443 }} accept
        ip saddr 10.0.9.{monitor} tcp dport 9100 accept
    }}
}}
"""
PAM = """\
auth required pam_env.so
auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
account required pam_unix.so
session required pam_limits.so
session optional pam_systemd.so
"""
JVM = "-Xms4g\n-Xmx4g\n-XX:+UseG1GC\n-XX:MaxGCPauseMillis=200\n-Dnode.name={name}\n"


def files_of(name: str, number: int, dice: random.Random) -> dict[str, str]:
    """The files of one server. What ``dice`` decides differs from host to host and is nobody's trouble."""
    address = f"10.0.0.{number + 10}"
    uuid = f"{dice.getrandbits(32):08x}-1111-2222-3333-{dice.getrandbits(48):012x}"
    made = f"2025-05-{dice.randrange(1, 29):02}"
    return {
        "/etc/hostname": f"{name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {name}.shop.example {name}\n10.0.9.1 db db-{dice.choice('ab')}\n",
        "/etc/machine-id": f"{dice.getrandbits(128):032x}\n",
        "/etc/netplan/01.yaml": f"network:\n  ethernets:\n    eth0:\n      addresses: [{address}/24]\n",
        "/etc/php/8.2/fpm/php.ini": PHP.format(memory=256, post=dice.choice([8, 16, 32])),
        "/etc/ssh/sshd_config": SSHD.format(tries=dice.choice([4, 6]), user=f"admin{dice.randrange(30)}"),
        "/etc/resolv.conf": "search shop.example\nnameserver 10.0.9.2\nnameserver 10.0.9.3\noptions timeout:2\n",
        "/etc/security/limits.conf": "* soft core 0\nnginx soft nofile 65536\nnginx hard nofile 65536\n",
        "/etc/nftables.conf": NFT.format(monitor=dice.randrange(4, 7)),
        "/etc/nginx/nginx.conf": NGINX.format(workers=dice.choice([2, 4, 8]), address=address, name=name),
        "/etc/sysctl.d/60-shop.conf": f"net.core.somaxconn = 4096\nnet.ipv4.tcp_fin_timeout = 15\nvm.swappiness = {dice.choice([1, 10, 60])}\n",
        "/etc/default/shop": f"SHOP_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt\nSHOP_TOKEN_SLOT={dice.randrange(10**6)}\nSHOP_WORKERS=8\n",
        "/etc/pam.d/common-auth": PAM,
        "/etc/fstab": f"UUID={uuid} / ext4 defaults 0 1\nnfs:/shop /srv nfs rw,hard 0 0\n",
        "/etc/timezone": "Europe/Berlin\n",
        "/etc/shop/jvm.options": JVM.format(name=name),
        "/etc/shop/build.conf": f"# made at {made}\nbuild = {dice.getrandbits(40):x}\nregion = {dice.choice(['north', 'south'])}\n",
        "/etc/motd": f"Welcome to {name}\nrack {dice.randrange(12)}\n",
    }


@dataclass(frozen=True)
class Misconfiguration:
    """What somebody did to one file of one host."""

    name: str
    path: str
    old: str
    new: str


TWELVE = (
    Misconfiguration("php memory limit", "/etc/php/8.2/fpm/php.ini", "memory_limit = 256M", "memory_limit = 16M"),
    Misconfiguration("sshd password logins", "/etc/ssh/sshd_config", "PasswordAuthentication no", "PasswordAuthentication yes"),
    Misconfiguration("resolver", "/etc/resolv.conf", "nameserver 10.0.9.2", "nameserver 10.0.8.2"),
    Misconfiguration("open files", "/etc/security/limits.conf", "nginx soft nofile 65536", "nginx soft nofile 1024"),
    Misconfiguration("firewall rule", "/etc/nftables.conf", "tcp dport { 22, 80, 443 } accept", "tcp dport { 22, 80 } accept"),
    Misconfiguration("worker connections", "/etc/nginx/nginx.conf", "worker_connections 4096", "worker_connections 512"),
    Misconfiguration("listen backlog", "/etc/sysctl.d/60-shop.conf", "somaxconn = 4096", "somaxconn = 128"),
    Misconfiguration("bundle of authorities", "/etc/default/shop", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/shop-ca.pem"),
    Misconfiguration("login stack", "/etc/pam.d/common-auth", "pam_unix.so nullok", "pam_unix.so"),
    Misconfiguration("mount options", "/etc/fstab", "nfs rw,hard", "nfs ro,hard"),
    Misconfiguration("time zone", "/etc/timezone", "Europe/Berlin", "Etc/UTC"),
    Misconfiguration("heap", "/etc/shop/jvm.options", "-Xmx4g", "-Xmx512m"),
)


@dataclass
class Fleet:
    """A ledger of many machines."""

    ledger: Ledger
    clock: Clock
    machines: dict[str, Machine] = field(default_factory=dict)

    def snapshot(self, *hosts: str) -> None:
        """A look at each of the hosts, all of them if none is named, an hour later."""
        self.clock.tick(hours=1)
        for host in hosts or self.machines:
            self.ledger.snapshot(host, root=self.machines[host].root)

    def everywhere(self, edit: Callable[[Machine], object]) -> None:
        """Do something to each machine."""
        for machine in self.machines.values():
            edit(machine)


def fleet_of(world: World, folder: Path, hosts: Sequence[str], seed: int) -> Fleet:
    """So many servers of the service ``shop``, and nothing recorded of them yet."""
    dice = random.Random(seed)
    fleet = Fleet(world.ledger, world.clock)
    for number, host in enumerate(hosts):
        machine = fleet.machines[host] = Machine(folder / host, world.clock)
        for path, content in files_of(host, number, dice).items():
            machine.write(path, content)
    world.ledger.add_service("shop", runs_on=list(hosts))
    return fleet
