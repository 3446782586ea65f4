"""Areas of a host's configuration: which paths belong to the firewall, to DNS, to certificates.

Two things look here: a checklist item that names an area is proved by a difference at one of its paths, and what past changes touched is
grouped by area before anything is proposed. The places are those of Debian, RHEL and the BSDs, with all programs in use for a purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from re import Pattern
from types import MappingProxyType

from changelog_ledger.model import globs

AREAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "firewall": (
            "/etc/nftables.conf", "/etc/nftables", "/etc/nftables.d", "/etc/sysconfig/nftables.conf", "/etc/iptables", "/etc/iptables.rules",
            "/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables", "/etc/firewalld", "/etc/ufw", "/etc/default/ufw", "/etc/shorewall",
            "/etc/shorewall6", "/etc/ferm", "/etc/pf.conf", "/etc/pf.anchors", "/etc/pf.d", "/etc/ipfw.rules", "/etc/ipf.rules", "/etc/npf.conf",
            "/etc/fail2ban", "/etc/hosts.allow", "/etc/hosts.deny",
        ),
        "dns": (
            "/etc/bind", "/etc/named", "/etc/named.conf", "/etc/named.*.zones", "/etc/namedb", "/var/named", "/var/lib/bind",
            "/usr/local/etc/namedb", "/etc/unbound", "/var/unbound/etc", "/etc/nsd", "/var/nsd/etc", "/etc/knot", "/etc/knot-resolver",
            "/etc/powerdns", "/etc/pdns", "/etc/dnsmasq.conf", "/etc/dnsmasq.d", "/etc/coredns", "/etc/resolv.conf", "/etc/resolvconf",
            "/etc/resolvconf.conf", "/etc/systemd/resolved.conf", "/etc/systemd/resolved.conf.d",
        ),
        "certificate": (
            "/etc/ssl", "/etc/pki", "/etc/letsencrypt", "/etc/ca-certificates", "/etc/ca-certificates.conf", "/usr/local/share/ca-certificates",
            "/usr/share/pki/ca-trust-source", "/etc/acme", "/etc/acme-client.conf", "/etc/dehydrated", "/etc/acme.sh", "/usr/local/etc/ssl",
            "/usr/local/etc/letsencrypt", "/etc/**/*.crt", "/etc/**/*.pem", "/etc/**/*.cer", "/usr/local/etc/**/*.crt", "/usr/local/etc/**/*.pem",
        ),
        "monitoring": (
            "/etc/nagios", "/etc/nagios3", "/etc/nagios4", "/etc/nrpe.d", "/etc/nrpe.cfg", "/etc/icinga", "/etc/icinga2", "/etc/zabbix",
            "/etc/prometheus", "/etc/alertmanager", "/etc/blackbox_exporter*", "/etc/default/prometheus*", "/etc/check_mk", "/etc/checkmk",
            "/etc/xinetd.d/check_mk", "/etc/telegraf", "/etc/collectd", "/etc/collectd.conf", "/etc/collectd.d", "/etc/munin", "/etc/netdata",
            "/etc/monit", "/etc/monitrc", "/etc/monit.d", "/etc/sensu", "/etc/datadog-agent", "/etc/grafana-agent*", "/etc/alloy",
            "/etc/snmp", "/etc/snmpd.conf", "/etc/smartd.conf", "/etc/smartmontools", "/usr/local/etc/nagios", "/usr/local/etc/zabbix*",
            "/usr/local/etc/prometheus*", "/usr/local/etc/munin",
        ),
        "backups": (
            "/etc/bacula", "/etc/bareos", "/etc/borgmatic", "/etc/borgmatic.d", "/etc/borgbackup", "/etc/restic", "/etc/resticprofile",
            "/etc/rsnapshot.conf", "/etc/rsnapshot.d", "/etc/backuppc", "/etc/BackupPC", "/etc/backup.d", "/etc/backupninja.conf", "/etc/amanda",
            "/etc/burp", "/etc/duplicity", "/etc/tarsnap.conf", "/usr/local/etc/tarsnap.conf", "/etc/pgbackrest", "/etc/pgbackrest.conf",
            "/etc/barman.conf", "/etc/barman.d", "/etc/sanoid", "/etc/snapper", "/etc/dumpdates", "/etc/cron.*/*backup*",
            "/etc/systemd/system/*backup*", "/usr/local/etc/rsnapshot.conf", "/usr/local/etc/bacula",
        ),
        "users": (
            "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/master.passwd", "/etc/login.conf", "/etc/subuid", "/etc/subgid",
            "/etc/sudoers", "/etc/sudoers.d", "/usr/local/etc/sudoers", "/usr/local/etc/sudoers.d", "/etc/doas.conf", "/usr/local/etc/doas.conf",
            "/etc/pam.d", "/etc/pam.conf", "/etc/security", "/etc/login.defs", "/etc/sssd", "/etc/nslcd.conf", "/etc/ldap", "/etc/openldap/ldap.conf",
            "/etc/nsswitch.conf", "/root/.ssh/authorized_keys", "/home/*/.ssh/authorized_keys",
            "/etc/ssh/authorized_keys", "/etc/ssh/authorized_keys.d",
        ),
        "addresses": (
            "/etc/hosts", "/etc/hostname", "/etc/myname", "/etc/mygate", "/etc/hostname.*", "/etc/network", "/etc/netplan", "/etc/NetworkManager",
            "/etc/systemd/network", "/etc/sysconfig/network", "/etc/sysconfig/network-scripts", "/etc/dhcpcd.conf", "/etc/dhclient.conf", "/etc/dhcp",
            "/etc/dhcpd.conf", "/etc/kea", "/etc/networks", "/etc/keepalived", "/etc/iproute2", "/etc/frr", "/etc/quagga", "/etc/bird",
            "/etc/bird.conf", "/etc/ethers", "/etc/wireguard", "/etc/rc.conf.d/netif", "/etc/rc.conf.d/routing",
        ),
    }
)  # fmt: skip
"""By its name: the globs of an area's paths (:mod:`changelog_ledger.model.globs`). The first area that covers a path is the one it belongs to."""

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "backup": "backups", "certificates": "certificate", "tls": "certificate", "ssl": "certificate", "firewalls": "firewall", "nameserver": "dns",
        "zone": "dns", "zones": "dns", "resolver": "dns", "monitor": "monitoring", "user": "users", "account": "users", "accounts": "users",
        "address": "addresses", "network": "addresses", "route": "addresses", "routes": "addresses",
    }
)  # fmt: skip
"""Other words for an area, as people write them in a checklist or a category."""


@lru_cache(maxsize=8192)
def area_of(path: str) -> str | None:
    """The area that a path belongs to, None if to none."""
    return next((name for name, places in _patterns().items() if places.fullmatch(path)), None)


def area_called(word: str) -> str | None:
    """The area that a word names, in any case, None if it names none."""
    wanted = word.strip().lower()
    return wanted if wanted in AREAS else SYNONYMS.get(wanted)


@cache
def _patterns() -> Mapping[str, Pattern[str]]:
    return {name: globs.any_of(places) for name, places in AREAS.items()}
