"""Which format a file is in: by its path first, then, for names that say little, by its content."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from changelog_ledger.formats.decoding import decode
from changelog_ledger.formats.network_devices import device_format
from changelog_ledger.formats.registry import LINES
from changelog_ledger.model.state import is_state

_EXACT: Mapping[str, str] = {
    "/etc/adduser.conf": "env",
    "/etc/anacrontab": "anacrontab",
    "/etc/crontab": "crontab",
    "/etc/crypttab": "crypttab",
    "/etc/default/grub": "grub",
    "/etc/deluser.conf": "env",
    "/etc/exports": "exports",
    "/etc/e2scrub.conf": "env",
    "/etc/environment": "env",
    "/etc/fstab": "fstab",
    "/etc/gitconfig": "gitconfig",
    "/etc/group": "group",
    "/etc/gshadow": "gshadow",
    "/etc/host.conf": "keyvalue",
    "/etc/hosts": "hosts",
    "/etc/ldap/ldap.conf": "keyvalue",
    "/etc/locale.conf": "env",
    "/etc/locale.gen": "names",
    "/etc/login.defs": "keyvalue",
    "/etc/modprobe.conf": "modprobe",
    "/etc/modules": "names",
    "/etc/logrotate.conf": "logrotate",
    "/etc/networks": "protocols",
    "/etc/nsswitch.conf": "nsswitch",
    "/etc/ntp.conf": "ntp",
    "/etc/ntpsec/ntp.conf": "ntp",
    "/etc/os-release": "env",
    "/etc/passwd": "passwd",
    "/etc/pip.conf": "ini",
    "/etc/protocols": "protocols",
    "/etc/resolv.conf": "resolv",
    "/etc/rpc": "protocols",
    "/etc/selinux/config": "env",
    "/etc/services": "services",
    "/etc/shadow": "shadow",
    "/etc/ssh/ssh_config": "ssh",
    "/etc/ssh/sshd_config": "sshd",
    "/etc/subgid": "subid",
    "/etc/subuid": "subid",
    "/etc/sudoers": "sudoers",
    "/etc/nftables.conf": "nftables",
    "/etc/security/access.conf": "access",
    "/etc/security/limits.conf": "limits",
    "/etc/shells": "names",
    "/etc/sysctl.conf": "sysctl",
    "/etc/ucf.conf": "env",
    "/etc/udev/udev.conf": "env",
    "/etc/vconsole.conf": "env",
}

_FOLDERS: tuple[tuple[str, str, str], ...] = (
    (r"/etc/ssh/sshd_config\.d/", r".+\.conf", "sshd"),
    (r"/etc/ssh/ssh_config\.d/", r".+\.conf", "ssh"),
    (r"/etc/(nginx|openresty|angie)/", r"(sites-|conf\.d/|snippets/|modules-|stream).*|.*(\.conf|_params)|mime\.types|koi-\w+|win-utf", "nginx"),
    (r"/etc/cron\.d/", r"[\w-]+", "crontab"),
    (r"/var/spool/cron/(crontabs/)?", r"[\w-]+", "user-crontab"),
    (r"/etc/default/", r"[\w.+-]+", "env"),
    (r"/etc/environment\.d/", r".+\.conf", "env"),
    (r"/(etc|usr/lib|usr/local/lib|lib|run)/sysctl\.d/", r".+\.conf", "sysctl"),
    (r"/(etc|usr/lib|lib|run)/modprobe\.d/", r".+\.conf", "modprobe"),
    (r"/(etc|usr/lib|lib|run)/modules-load\.d/", r".+\.conf", "names"),
    (r"/etc/security/limits\.d/", r".+\.conf", "limits"),
    (r"/etc/security/", r"(faillock|pwquality|pwhistory|pam_env)\.conf|pwquality\.conf\.d/.+\.conf", "keyvalue"),
    (r"/etc/", r"(cron|at)\.(allow|deny)|ftpusers|securetty", "names"),
    (r"/(.*/)?\.ssh/", r"config|config\.d/[\w.-]+", "ssh"),
    (r"/(etc|usr/lib)/pam\.d/", r"[\w.-]+", "pam"),
    (r"/(etc|run)/(resolvconf/resolv\.conf\.d|systemd/resolve)/", r"head|base|tail|original|(stub-)?resolv\.conf", "resolv"),
    (r"/etc/apt/apt\.conf(\.d/)?", r"[\w.-]*", "blocks"),
    (r"/etc/syslog-ng/", r".+\.conf", "blocks"),
    (r"/etc/(apache2|httpd)/", r".+\.(conf|load)|(sites-(available|enabled)|conf\.d|vhosts\.d)/(?!README)[\w.-]+", "apache"),
    (r"/etc/haproxy/", r"(.*/)?[\w.-]+\.cfg", "haproxy"),
    (r"/etc/keepalived/", r"(.*/)?[\w.-]+\.conf", "keepalived"),
    (r"/etc/logrotate\.d/", r"[\w.@-]+", "logrotate"),
    (r"/etc/dovecot/", r"(.*/)?[\w.-]+\.(conf|conf\.ext)", "dovecot"),
    (r"/etc/rsyslog\.d/", r".+\.conf", "rsyslog"),
    (r"/etc/(unbound|nsd)/", r"(.*/)?[\w.-]+\.conf", "unbound"),
    (r"/etc/(bind|named)/", r"(.*/)?(named\.conf.*|rndc\.(conf|key)|zones\.rfc1918|bind\.keys|.+\.conf)", "named"),
    (r"/etc/(bind|named)/", r"(.*/)?(db\..+|zones/.+|.+\.(zone|db))", "zone"),
    (r"/etc/", r"named(\..+)?\.(conf|zones)|rndc\.(conf|key)|named\.root\.key", "named"),
    (r"/var/named/", r"(.*/)?(db\..+|named\.(ca|empty|localhost|loopback)|.+\.(zone|db))", "zone"),
    (r"/var/(lib|cache)/bind/", r"(.*/)?(db\..+|.+\.(zone|db|hosts))", "zone"),
    (r"/etc/nsd/", r"(.*/)?(db\..+|.+\.zone|zones/.+)", "zone"),
    (r"/etc/dhcp/", r"(.*/)?dhcpd6?\.conf|dhcpd\.d/.+\.conf|dhclient\.conf", "dhcpd"),
    (r"/etc/my(\.cnf|\.cnf\.d/|sql/)", r".*\.cnf|", "mysql"),
    (r"/", r"(my|mariadb|galera|\.my|\.mylogin)\.(cnf|ini)", "mysql"),
    (r"/etc/samba/", r".+\.conf(\.[\w.-]+)?", "samba"),
    (r"/", r"smb4?\.conf", "samba"),
    (r"/etc/php[\w.-]*/", r"(.*/)?php-fpm\.conf|(.*/)?(php-)?fpm(\.d|/pool\.d)/.+\.conf", "php-fpm"),
    (r"/etc/", r"php-fpm\.conf|php-fpm\.d/.+\.conf", "php-fpm"),
    (r"/etc/(php[\w.-]*/|opt/remi/php\d+/(php\.d/)?)", r".+\.ini", "php"),
    (r"/", r"php\.ini(-development|-production)?|php-cli\.ini|\.user\.ini", "php"),
    (r"/", r"openssl([\w.-]*)\.cnf", "openssl"),
    (r"/etc/", r"krb5\.conf|krb5\.conf\.d/.+|krb5kdc/kdc\.conf", "krb5"),
    (r"/", r"krb5\.conf|kdc\.conf", "krb5"),
    (r"/(.*/)?(\.git|\.config/git)/", r"config", "gitconfig"),
    (r"/etc/wireguard/", r".+\.conf", "ini"),
    (r"/etc/ansible/", r"hosts", "ansible-inventory"),
    (r"/inventor(y|ies)/", r"(.*/)?(hosts|inventory|production|staging)(\.ini)?", "ansible-inventory"),
    (r"/", r"inventory(\.ini)?", "ansible-inventory"),
    (r"/etc/(yum|dnf|supervisor|uwsgi|sssd|tuned|lightdm|gdm3?|letsencrypt|packagekit|PackageKit|polkit-1|firewalld)/", r".+\.(conf|ini)", "ini"),
    (r"/etc/(nova|neutron|glance|cinder|keystone|heat|swift|placement|ironic|octavia|barbican|designate|manila)/", r".+\.(conf|ini)", "ini"),
    (r"/etc/fail2ban/", r".+\.(conf|local)", "ini"),
    (r"/etc/", r"(yum|dnf/dnf|supervisord|sssd|ansible/ansible|uwsgi|pip)\.(conf|cfg)", "ini"),
    (r"/etc/NetworkManager/dnsmasq(-shared)?\.d/", r".+\.conf", "dnsmasq"),
    (r"/etc/NetworkManager/", r".+\.(conf|nmconnection)", "ini"),
    (r"/etc/postgresql/", r"(.*/)?(pgbouncer|createcluster)\.conf", "keyvalue"),
    (r"/", r"postgresql(\.auto|\.base)?\.conf|(etc/postgresql|pgsql|postgres(ql)?)/(.*/)?conf\.d/.+\.conf", "postgresql"),
    (r"/", r"pg_hba\.conf", "pg-hba"),
    (r"/", r"pg_ident\.conf", "pg-ident"),
    (r"/etc/(iptables|ip6?tables\.d)/", r"(ip6?tables|rules)([.-]?v?[46])?(\.(rules|conf))?|.+\.(v[46]|rules)", "iptables"),
    (r"/etc/sysconfig/", r"ip6?tables(\.save)?", "iptables"),
    (r"/etc/", r"(network/)?ip6?tables(\.(up\.)?rules|\.conf|\.save)?", "iptables"),
    (r"/var/lib/ip6?tables/", r"rules-save|ip6?tables", "iptables"),
    (r"/etc/", r"(sysconfig/|ipset/|iptables/)?ipsets?(\.(conf|rules|save))?", "ipset"),
    (r"/etc/ufw/", r"(before|after)(6|\.init)?\.rules", "iptables"),
    (r"/(etc|lib|usr/lib|var/lib)/ufw/", r"user6?\.rules", "ufw"),
    (r"/etc/ufw/", r"ufw\.conf", "env"),
    (r"/etc/ufw/", r"sysctl\.conf", "properties"),
    (r"/etc/ufw/applications\.d/", r"[\w.-]+", "ini"),
    (r"/etc/nftables/", r".+\.json", "nftables-json"),
    (r"/etc/(sysconfig/)?nftables(\.d/|/|\.conf)", r"(?:.+\.(?:conf|nft|rules))?", "nftables"),
    (r"/etc/postfix(-[\w-]+)?/", r"main\.cf(\.proto)?", "postfix"),
    (r"/etc/postfix(-[\w-]+)?/", r"master\.cf(\.proto)?", "postfix-master"),
    (r"/etc/postfix(-[\w-]+)?/", r"(.*/)?(.*_checks|.+\.(regexp|pcre|cidr)|.*[._-](regexp|pcre|cidr))", "postfix-checks"),
    (r"/etc/postfix(-[\w-]+)?/", r"(.*/)?(dynamicmaps\.cf|postfix-files|.+\.(cf|proto|sh|db|lmdb|pem|key|crt|d/.*))", ""),
    (r"/etc/postfix(-[\w-]+)?/", r"(.*/)?aliases", "aliases"),
    (r"/etc/postfix(-[\w-]+)?/", r"(maps/)?[\w.-]+", "postfix-map"),
    (r"/etc/(mail/)?", r"aliases", "aliases"),
    (r"/etc/(redis|valkey)[\w.-]*/", r".+\.conf", "redis"),
    (r"/etc/(redis|valkey)[\w.-]*/", r"(.*/)?[\w.-]*users?[\w.-]*\.acl", "redis"),
    (r"/etc/", r"(redis|valkey)(-\w+)?\.conf", "redis"),
    (r"/", r"(redis|valkey|sentinel|redis-sentinel|valkey-sentinel)\.conf", "redis"),
    (r"/etc/openvpn/", r".+\.(conf|ovpn)|(.*/)?ccd/[^/]+", "openvpn"),
    (r"/etc/(strongswan/|ipsec/)?", r"ipsec\.conf|ipsec\.d/.+\.conf", "ipsec"),
    (r"/etc/(strongswan/)?swanctl/", r".+\.conf", "swanctl"),
    (r"/etc/(strongswan/)?", r"strongswan\.conf|strongswan\.d/.+\.conf", "swanctl"),
    (r"/etc/apt/", r"sources\.list|sources\.list\.d/.+\.list", "apt-sources"),
    (r"/etc/apt/sources\.list\.d/", r".+\.sources", "deb822"),
    (r"/etc/apt/", r"preferences|preferences\.d/[\w.-]+", "apt-preferences"),
    (r"/", r"(tsconfig|appsettings)(\.[\w.-]+)?\.json|(\.vscode|Code/User|VSCodium/User)/.+\.json", "json5"),
    (r"/etc/kea/", r".+\.conf", "json5"),
    (r"/etc/cni/net\.d/", r".+\.conf(list)?", "json"),
    (r"/etc/cloud/", r"cloud\.cfg|cloud\.cfg\.d/.+\.cfg", "yaml"),
    (r"/etc/kubernetes/", r"[\w.-]+\.conf|.+\.kubeconfig", "yaml"),
    (r"/etc/salt/", r"minion|master|proxy|(minion|master)\.d/.+\.conf", "yaml"),
    (r"/\.kube/", r"config", "yaml"),
    (r"/etc/containers/", r"(registries|containers|storage)\.conf|(registries|containers)\.conf\.d/.+\.conf", "toml"),
    (r"/etc/crio/", r".+\.conf", "toml"),
    (r"/etc/(telegraf|influxdb|chronograf|kapacitor)/", r".+\.conf", "toml"),
    (r"/etc/", r"(chrony/)?chrony\.conf|chrony(\.d|/conf\.d)/.+\.conf|chrony/sources\.d/.+\.sources", "chrony"),
    (r"/etc/default/grub\.d/", r".+\.cfg", "grub"),
    (r"/etc/exports\.d/", r".+\.exports", "exports"),
    (r"/(etc|usr/lib|run)/tmpfiles\.d/", r".+\.conf", "tmpfiles"),
    (r"/(etc|usr/lib|run)/sysusers\.d/", r".+\.conf", "sysusers"),
    (r"/etc/sudoers\.d/", r"[\w-]+", "sudoers"),
    (r"/etc/network/", r"interfaces|interfaces\.d/[\w.-]+", "ifupdown"),
    (r"/etc/", r"dnsmasq\.conf|dnsmasq\.d/[\w.-]+", "dnsmasq"),
    (r"/(etc|lib|usr/lib|run)/systemd/", r".+\.(conf|preset)", "systemd"),
)
"""Folder, what follows it, format. A folder may lie below another one (``/usr/local/etc/nginx``, ``hosts/web-01/etc/ssh`` in a repository)."""

_FOLDER_RULES = tuple((re.compile(rf"(?:.*/)?{folder.lstrip('/')}(?:{rest})"), name) for folder, rest, name in _FOLDERS)

_EXTENSIONS: Mapping[str, str] = {
    ".automount": "systemd",
    ".cfg": "",
    ".cnf": "",
    ".conf": "",
    ".config": "",
    ".csv": "csv",
    ".desktop": "ini",
    ".env": "env",
    ".hcl": "hcl",
    ".ini": "ini",
    ".code-workspace": "json5",
    ".hujson": "json5",
    ".json": "json",
    ".json5": "json5",
    ".jsonc": "json5",
    ".ipynb": "json",
    ".kubeconfig": "yaml",
    ".link": "systemd",
    ".mount": "systemd",
    ".netdev": "systemd",
    ".network": "systemd",
    ".nft": "nftables",
    ".nmconnection": "ini",
    ".nomad": "hcl",
    ".nspawn": "systemd",
    ".ovpn": "openvpn",
    ".path": "systemd",
    ".mobileconfig": "plist",
    ".plist": "plist",
    ".pom": "xml",
    ".properties": "properties",
    ".reg": "reg",
    ".rsc": "routeros",
    ".repo": "ini",
    ".scope": "systemd",
    ".service": "systemd",
    ".slice": "systemd",
    ".socket": "systemd",
    ".swap": "systemd",
    ".v4": "",
    ".v6": "",
    ".target": "systemd",
    ".tf": "hcl",
    ".tfvars": "hcl",
    ".timer": "systemd",
    ".tfstate": "json",
    ".toml": "toml",
    ".tsv": "csv",
    ".webmanifest": "json",
    ".xml": "xml",
    ".xsd": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zone": "zone",
}
"""Format by extension; empty where the content has to decide."""

_NAMES: Mapping[str, str] = {
    ".env": "env",
    ".gitconfig": "gitconfig",
    ".gitmodules": "gitconfig",
    ".coveragerc": "ini",
    ".editorconfig": "ini",
    "config.boot": "vyos",
    ".flake8": "ini",
    ".hgrc": "ini",
    ".pylintrc": "ini",
    ".pypirc": "ini",
    "ansible.cfg": "ini",
    "hgrc": "ini",
    "pip.conf": "ini",
    "setup.cfg": "ini",
    "nginx.conf": "nginx",
    ".htaccess": "apache",
    "haproxy.cfg": "haproxy",
    "keepalived.conf": "keepalived",
    "named.conf": "named",
    "httpd.conf": "apache",
    "dhcpd.conf": "dhcpd",
    "rsyslog.conf": "rsyslog",
    "unbound.conf": "unbound",
    "Cargo.lock": "toml",
    "Pipfile": "toml",
    "Pipfile.lock": "json",
    "composer.lock": "json",
    "flake.lock": "json",
    "mongod.conf": "yaml",
    "mongos.conf": "yaml",
    "poetry.lock": "toml",
    "uv.lock": "toml",
    ".babelrc": "json5",
    ".devcontainer.json": "json5",
    ".eslintrc.json": "json5",
    ".jshintrc": "json5",
    ".swcrc": "json5",
    "deno.json": "json5",
    "devcontainer.json": "json5",
    "jsconfig.json": "json5",
    "java.security": "properties",
    "ssh_config": "ssh",
    "sshd_config": "sshd",
}

_STATE: Mapping[str, str] = {
    "@state/firewall": "",
    "@state/mounts": "fstab",
    "@state/os-release": "env",
    "@state/sysctl": "sysctl",
}
"""The machine's state, where it is not in the form of a tree; empty where the content has to decide."""

_BACKUPS = re.compile(r"(?:\.(?:dpkg-(?:old|new|dist|tmp)|ucf-(?:old|dist)|rpm(?:new|save|orig)|bak|orig|old|sample|example)|~|(?<=[a-z])-)$")


def detect(path: str, data: bytes) -> str:
    """The name of the format that :func:`~changelog_ledger.formats.parse` would try; ``lines`` for everything that is not recognised."""
    text = decode(data)
    return LINES if text is None else detect_text(path, text)


def detect_text(path: str, text: str) -> str:
    """As :func:`detect`, for content that is decoded already."""
    found = _by_path(path)
    if found == "json" and "/etc/" not in f"/{path}" and _is_lenient_json(text):
        return "json5"
    if not found:
        return device_format(text) or (_by_content(text) if found == "" else LINES)
    return found


_COMMENT_OR_LAST_COMMA = re.compile(r"^[ \t]*(?://|/\*)|,\s*[\]}]", re.MULTILINE)


def _is_lenient_json(text: str) -> bool:
    """Whether it is JSON with comments or a last comma, as many tools take it. Below ``/etc`` one of those is a fault that has to be seen."""
    if not _COMMENT_OR_LAST_COMMA.search(text):
        return False
    try:
        json.loads(text)
    except ValueError:
        return True
    except RecursionError:
        return False
    return False


@lru_cache(maxsize=4096)
def _by_path(path: str) -> str | None:
    """The format, empty when the content has to decide, None when the path is not known at all."""
    if is_state(path):
        return _STATE.get(path, "state")
    plain = _BACKUPS.sub("", path) if _in_etc(path) not in _EXACT else path
    name = posixpath.basename(plain)
    if "/" not in plain and f"/etc/{plain}" in _EXACT:
        return _EXACT[f"/etc/{plain}"]
    if found := _EXACT.get(_in_etc(plain)):
        return found
    for pattern, folder_format in _FOLDER_RULES:
        if pattern.fullmatch(plain):
            return folder_format
    if name in _NAMES or name.startswith(".env."):
        return _NAMES.get(name, "env")
    return _EXTENSIONS.get(posixpath.splitext(name)[1].lower())


def _in_etc(path: str) -> str:
    """``path`` from its last ``/etc/`` on: ``hosts/web-01/etc/fstab`` in a repository is ``/etc/fstab``."""
    _, etc, rest = f"/{path}".rpartition("/etc/")
    return etc + rest if etc else path


def _by_content(text: str) -> str:
    """The format of a file that is *wholly* in it, judged line by line; anything doubtful is read by lines."""
    lines = [line.strip() for line in text.split("\n")]
    telling = [line for line in lines if line and not line.startswith(("#", ";"))]
    if not telling:
        return LINES
    return next((name for name, is_like in _LIKENESSES if is_like(telling)), LINES)


_SECTION = re.compile(r"\[[^\[\]]+\]")
_ASSIGNMENT = re.compile(r"[\w./\-]+\s*=.*")
_BLOCK_LINE = re.compile(r"(?:.*[;{}]|//.*|/\*.*|\*.*)\s*(?:#.*|//.*)?")


def _like_json(telling: list[str]) -> bool:
    return telling[0][0] == "{" and telling[-1][-1] == "}" and (telling[0] == "{" or '"' in telling[0])


_NFT_BEGINNING = re.compile(r"flush ruleset;?|(?:add )?table (?:inet|ip6?|arp|bridge|netdev) \S+ ?\{?.*")


def _like_iptables(telling: list[str]) -> bool:
    return telling[-1] == "COMMIT" and bool(re.fullmatch(r"\*[a-z]+", telling[0]))


def _like_nftables(telling: list[str]) -> bool:
    return bool(_NFT_BEGINNING.fullmatch(telling[0])) and any("{" in line for line in telling)


def _like_ini(telling: list[str]) -> bool:
    return bool(_SECTION.fullmatch(telling[0])) and all(_SECTION.fullmatch(line) or "=" in line for line in telling)


def _like_blocks(telling: list[str]) -> bool:
    ends = [line for line in telling if line[-1] in ";{}"]
    return bool(ends) and any("{" in line for line in ends) and all(_BLOCK_LINE.fullmatch(line) for line in telling)


def _like_assignments(telling: list[str]) -> bool:
    return all(_ASSIGNMENT.fullmatch(line) for line in telling)


def _like_xml(telling: list[str]) -> bool:
    return telling[0].startswith(("<?xml ", "<!DOCTYPE ", "<configuration>"))


_LIKENESSES: tuple[tuple[str, Callable[[list[str]], bool]], ...] = (
    ("xml", _like_xml),
    ("json", _like_json),
    ("iptables", _like_iptables),
    ("nftables", _like_nftables),
    ("ini", _like_ini),
    ("nginx", _like_blocks),
    ("properties", _like_assignments),
)
