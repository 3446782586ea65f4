"""The one list of formats. A format's module is imported when it is first used: reading ``/etc/hosts`` must not load a YAML parser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from changelog_ledger.errors import InvalidInput
from changelog_ledger.formats.grammar import Format

LINES = "lines"

_MODULES: Mapping[str, tuple[str, ...]] = {
    "accounts": ("passwd", "group", "shadow", "gshadow", "subid"),
    "ansible_inventory": ("ansible-inventory",),
    "apache": ("apache",),
    "apt": ("apt-sources", "deb822", "apt-preferences"),
    "bind": ("named",),
    "blocks": ("blocks",),
    "cisco": ("ios", "nxos", "eos", "asa"),
    "columns": ("hosts", "fstab", "services", "protocols"),
    "crontab": ("crontab", "user-crontab", "anacrontab"),
    "crypttab": ("crypttab",),
    "csv_tables": ("csv",),
    "exports": ("exports",),
    "gitconfig": ("gitconfig",),
    "hcl": ("hcl",),
    "dhcpd": ("dhcpd",),
    "dovecot": ("dovecot",),
    "dnsmasq": ("dnsmasq",),
    "haproxy": ("haproxy",),
    "fortios": ("fortios",),
    "ini": ("ini",),
    "ini_dialects": ("samba", "mysql", "php", "php-fpm", "openssl"),
    "iptables": ("iptables", "ipset"),
    "json5_documents": ("json5",),
    "json_documents": ("json",),
    "keepalived": ("keepalived",),
    "junos": ("junos",),
    "kerberos": ("krb5",),
    "kernel_parameters": ("grub",),
    "keyvalue": ("keyvalue",),
    "openssh": ("sshd", "ssh"),
    "pam": ("pam",),
    "interfaces": ("ifupdown",),
    "limits": ("limits", "access"),
    "line_by_line": (LINES,),
    "logrotate": ("logrotate",),
    "modprobe": ("modprobe", "names"),
    "nsswitch": ("nsswitch",),
    "nftables": ("nftables",),
    "nftables_json": ("nftables-json",),
    "openvpn": ("openvpn",),
    "plist": ("plist",),
    "postfix": ("postfix", "postfix-master"),
    "postfix_tables": ("postfix-map", "postfix-checks", "aliases"),
    "postgresql": ("postgresql", "pg-hba", "pg-ident"),
    "nginx": ("nginx",),
    "properties": ("properties", "env"),
    "rsyslog": ("rsyslog",),
    "redis": ("redis",),
    "strongswan": ("ipsec", "swanctl"),
    "resolver": ("resolv",),
    "state_documents": ("state",),
    "sudoers": ("sudoers",),
    "routeros": ("routeros",),
    "time_service": ("chrony", "ntp"),
    "sysctl": ("sysctl",),
    "systemd": ("systemd",),
    "systemd_tables": ("tmpfiles", "sysusers"),
    "toml_documents": ("toml",),
    "unbound": ("unbound",),
    "ufw": ("ufw",),
    "vyos": ("vyos",),
    "windows_registry": ("reg",),
    "xml_documents": ("xml",),
    "yaml_documents": ("yaml",),
    "zones": ("zone",),
}
"""Module of this package: the formats that it holds in its ``FORMATS``."""

_HOME = {name: module for module, names in _MODULES.items() for name in names}


def known_formats() -> tuple[str, ...]:
    """The names that ``as_format`` takes, sorted."""
    return tuple(sorted(_HOME))


@cache
def format_named(name: str) -> Format:
    """The format called ``name``.

    :raises InvalidInput: if there is none; the hint lists those there are.
    """
    if name not in _HOME:
        raise InvalidInput(f"there is no format {name!r}", "known formats: " + ", ".join(known_formats()))
    formats: tuple[Format, ...] = import_module(f"changelog_ledger.formats.{_HOME[name]}").FORMATS
    return next(one for one in formats if one.name == name)
