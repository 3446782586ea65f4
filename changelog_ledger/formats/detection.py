"""Which format a file is in: by its path first, then, for names that say little, by its content."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

from changelog_ledger.formats.decoding import decode
from changelog_ledger.formats.registry import LINES

_EXACT: Mapping[str, str] = {
    "/etc/adduser.conf": "env",
    "/etc/crontab": "crontab",
    "/etc/deluser.conf": "env",
    "/etc/e2scrub.conf": "env",
    "/etc/environment": "env",
    "/etc/fstab": "fstab",
    "/etc/gitconfig": "ini",
    "/etc/group": "group",
    "/etc/gshadow": "gshadow",
    "/etc/host.conf": "keyvalue",
    "/etc/hosts": "hosts",
    "/etc/ldap/ldap.conf": "keyvalue",
    "/etc/locale.conf": "env",
    "/etc/login.defs": "keyvalue",
    "/etc/networks": "protocols",
    "/etc/nsswitch.conf": "properties",
    "/etc/ntp.conf": "keyvalue",
    "/etc/os-release": "env",
    "/etc/passwd": "passwd",
    "/etc/pip.conf": "ini",
    "/etc/protocols": "protocols",
    "/etc/redis/redis.conf": "keyvalue",
    "/etc/resolv.conf": "keyvalue",
    "/etc/rpc": "protocols",
    "/etc/samba/smb.conf": "ini",
    "/etc/selinux/config": "env",
    "/etc/services": "services",
    "/etc/shadow": "shadow",
    "/etc/ssh/ssh_config": "ssh",
    "/etc/ssh/sshd_config": "sshd",
    "/etc/ssl/openssl.cnf": "ini",
    "/etc/subgid": "subid",
    "/etc/subuid": "subid",
    "/etc/sysctl.conf": "properties",
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
    (r"/etc/sysctl\.d/", r".+\.conf", "properties"),
    (r"/etc/apt/apt\.conf(\.d/)?", r"[\w.-]*", "blocks"),
    (r"/etc/bind/", r"named\.conf.*", "blocks"),
    (r"/etc/dhcp/", r"dh\w+\.conf", "blocks"),
    (r"/etc/my(\.cnf|sql/)", r".*\.cnf|", "ini"),
    (r"/etc/wireguard/", r".+\.conf", "ini"),
    (r"/etc/NetworkManager/", r".+\.(conf|nmconnection)", "ini"),
    (r"/etc/postgresql/", r"(.*/)?(postgresql|pgbouncer|createcluster)\.conf|.*/conf\.d/.+\.conf", "keyvalue"),
    (r"/etc/chrony/", r"chrony\.conf|conf\.d/.+\.conf", "keyvalue"),
    (r"/(etc|lib|usr/lib|run)/systemd/", r".+\.(conf|preset)", "systemd"),
)
"""Folder, what follows it, format. A folder may lie below another one (``/usr/local/etc/nginx``, ``hosts/web-01/etc/ssh`` in a repository)."""

_FOLDER_RULES = tuple((re.compile(rf"(?:.*/)?{folder.lstrip('/')}(?:{rest})"), name) for folder, rest, name in _FOLDERS)

_EXTENSIONS: Mapping[str, str] = {
    ".automount": "systemd",
    ".cfg": "",
    ".cnf": "",
    ".conf": "",
    ".desktop": "ini",
    ".env": "env",
    ".ini": "ini",
    ".json": "json",
    ".link": "systemd",
    ".mount": "systemd",
    ".netdev": "systemd",
    ".network": "systemd",
    ".nmconnection": "ini",
    ".nspawn": "systemd",
    ".path": "systemd",
    ".properties": "properties",
    ".scope": "systemd",
    ".service": "systemd",
    ".slice": "systemd",
    ".socket": "systemd",
    ".swap": "systemd",
    ".target": "systemd",
    ".timer": "systemd",
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
}
"""Format by extension; empty where the content has to decide."""

_NAMES: Mapping[str, str] = {
    ".env": "env",
    ".gitconfig": "ini",
    ".gitmodules": "ini",
    ".editorconfig": "ini",
    "nginx.conf": "nginx",
    "Pipfile": "toml",
    "java.security": "properties",
    "ssh_config": "ssh",
    "sshd_config": "sshd",
}

_BACKUPS = re.compile(r"(?:\.(?:dpkg-(?:old|new|dist|tmp)|ucf-(?:old|dist)|rpm(?:new|save|orig)|bak|orig|old|sample|example)|~|(?<=[a-z])-)$")


def detect(path: str, data: bytes) -> str:
    """The name of the format that :func:`~changelog_ledger.formats.parse` would try; ``lines`` for everything that is not recognised."""
    text = decode(data)
    return LINES if text is None else detect_text(path, text)


def detect_text(path: str, text: str) -> str:
    """As :func:`detect`, for content that is decoded already."""
    found = _by_path(path)
    return _by_content(text) if found == "" else found or LINES


def _by_path(path: str) -> str | None:
    """The format, empty when the content has to decide, None when the path is not known at all."""
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


def _like_ini(telling: list[str]) -> bool:
    return bool(_SECTION.fullmatch(telling[0])) and all(_SECTION.fullmatch(line) or "=" in line for line in telling)


def _like_blocks(telling: list[str]) -> bool:
    ends = [line for line in telling if line[-1] in ";{}"]
    return bool(ends) and any("{" in line for line in ends) and all(_BLOCK_LINE.fullmatch(line) for line in telling)


def _like_assignments(telling: list[str]) -> bool:
    return all(_ASSIGNMENT.fullmatch(line) for line in telling)


_LIKENESSES: tuple[tuple[str, Callable[[list[str]], bool]], ...] = (
    ("json", _like_json),
    ("ini", _like_ini),
    ("nginx", _like_blocks),
    ("properties", _like_assignments),
)
