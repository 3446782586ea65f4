"""``/var/log/audit/audit.log``: what auditd(8) writes of watched files, of commands as another user, and of logins.

An event is the records with one serial number. Names with blanks or control characters are written in hexadecimal; a log in enriched form
(auditd.conf(5), ``log_format``) has the users' names behind a group separator.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.journal.entries import instant_of
from changelog_ledger.observations.journal.holding import reference
from changelog_ledger.observations.strange_lines import StrangeLines

_LINE = re.compile(r"(?:node=\S+ )?type=(\w+) msg=audit\((\d{1,12})\.(\d{3}):(\d{1,20})\): ?(.*)", re.DOTALL)
_FIELD = re.compile(r"(\w[\w-]*)=(\"[^\"]*\"|'[^']*'|\S*)")
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_UNSET = ("4294967295", "-1", "")
_OF_FILES = frozenset(("SYSCALL", "CWD", "PATH"))
_ACCOUNTS = {"ADD_USER", "DEL_USER", "USER_MGMT", "ADD_GROUP", "DEL_GROUP", "GRP_MGMT", "USER_CHAUTHTOK"}
_OPEN_FLAGS = {("c000003e", "2"): "a1", ("c000003e", "257"): "a2", ("c00000b7", "56"): "a2"}
"""Where open and openat of x86-64 and aarch64 have their flags (syscalls(2))."""
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: open(2)
_EXECUTE = {("c000003e", "59"), ("c000003e", "322"), ("c00000b7", "221")}
_MOST_OPEN = 64
_LONGEST = 16_384
_MOST_PATHS = 32


class AuditReading:
    """Lines in their order into observations.

    :ivar strange: lines that auditd does not write.
    """

    def __init__(self, host: str, users: Mapping[str, str]) -> None:
        """Of a host; ``users`` gives names for numbers."""
        self._host = host
        self._users = users
        self._open: OrderedDict[str, tuple[datetime, dict[str, Any]]] = OrderedDict()
        self.strange = StrangeLines("auditd's log")

    def read(self, line: bytes, source: str) -> Iterator[Seen]:
        """What a line tells, or the event that it ends."""
        if not line.strip():
            return
        self.strange.read(source)
        found = _LINE.match(line[:_LONGEST].decode("utf-8", "replace"))
        at = instant_of(int(found[2]) * 1_000_000 + int(found[3]) * 1_000) if found else None
        if found is None or at is None:
            self.strange.found(source)
            return
        kind, serial, fields = found[1], f"{found[2]}.{found[3]}:{found[4]}", _fields(found[5])
        if kind in _OF_FILES:
            self._collect(serial, at, kind, fields)
            if len(self._open) > _MOST_OPEN:
                yield from self._ended(next(iter(self._open)), source)
        elif kind == "EOE" or kind == "PROCTITLE":
            yield from self._ended(serial, source)
        else:
            yield from self._said(kind, serial, at, fields, source)

    def end(self, source: str) -> Iterator[Seen]:
        """The events that nothing ended."""
        for serial in list(self._open):
            yield from self._ended(serial, source)

    def _collect(self, serial: str, at: datetime, kind: str, fields: dict[str, str]) -> None:
        _at, event = self._open.setdefault(serial, (at, {"paths": []}))
        if kind == "PATH":
            if len(event["paths"]) < _MOST_PATHS:
                event["paths"].append((_named(fields.get("name", "")), fields.get("nametype", "")))
        else:
            event[kind] = fields

    def _ended(self, serial: str, source: str) -> Iterator[Seen]:
        at, event = self._open.pop(serial, (None, {}))
        call: dict[str, str] = event.get("SYSCALL", {})
        if at is None or _bare(call.get("key", "(null)")) in ("(null)", "") or call.get("success") != "yes" or not _is_write(call):
            return
        folder = _named(event.get("CWD", {}).get("cwd", ""))
        paths = list(dict.fromkeys(_absolute(name, folder) for name, kind in event["paths"] if kind != "PARENT" and name))
        watched = [path for path in paths if path.startswith("/etc/")]
        if watched:
            user, program = self._user(call), _named(call.get("exe", ""))
            data = {"user": user, "paths": watched, "executable": program, "key": _named(call.get("key", "")), "as": self._named_user(call, "uid")}
            yield self._seen("file-write", serial, at, f"{user} wrote {watched[0]}{_and_more(watched)} with {program}", user, data, source)

    def _said(self, kind: str, serial: str, at: datetime, fields: dict[str, str], source: str) -> Iterator[Seen]:
        said = _fields(fields.get("msg", "").strip("'"))
        if said.get("res") not in ("success", "1"):
            return
        user = self._user(fields)
        data: dict[str, Any]
        if kind == "USER_CMD":
            command, target = _named(said.get("cmd", "")), "root"
            data = {"user": user, "as": target, "command": command, "tty": said.get("terminal", ""), "directory": _named(said.get("cwd", ""))}
            yield self._seen("sudo", serial, at, f"{user} ran {command} as {target}", user, data, source)
        elif kind == "USER_LOGIN":
            yield from self._login(serial, at, fields, said, source)
        elif kind in _ACCOUNTS:
            account, path = _named(said.get("acct", "")) or said.get("id", ""), "/etc/group" if "G" in kind.split("_")[-1][:1] else "/etc/passwd"
            program = _named(said.get("exe", ""))
            data = {
                "user": user,
                "paths": ["/etc/shadow" if kind == "USER_CHAUTHTOK" else path],
                "executable": program,
                "operation": said.get("op", kind),
                "account": account,
            }
            yield self._seen("file-write", serial, at, f"{user} changed the account {account} with {program}", user, data, source)

    def _login(self, serial: str, at: datetime, fields: dict[str, str], said: dict[str, str], source: str) -> Iterator[Seen]:
        account = _named(said.get("acct", "")) or self._users.get(said.get("id", ""), said.get("id", "")) or self._user(fields)
        origin = next((said[name] for name in ("addr", "hostname") if said.get(name, "?") not in ("?", "")), "")
        tty = said.get("terminal", "").removeprefix("/dev/")
        service = _named(said.get("exe", "")).rpartition("/")[2]
        data = {"user": account, "from": origin, "tty": tty, "service": service, "session": f"audit {fields.get('ses', serial)}"}
        yield self._seen("login", serial, at, f"{account} logged in" + (f" from {origin}" if origin else ""), account, data, source)

    def _user(self, fields: Mapping[str, str]) -> str:
        return self._named_user(fields, "auid") or self._named_user(fields, "uid") or "unknown"

    def _named_user(self, fields: Mapping[str, str], name: str) -> str:
        enriched, number = _bare(fields.get(name.upper(), "")), fields.get(name, "")
        if enriched not in ("", "unset", "unknown"):
            return enriched
        return "" if number in _UNSET else self._users.get(number, number)

    def _seen(self, what: str, serial: str, at: datetime, summary: str, user: str, data: Mapping[str, Any], source: str) -> Seen:
        said = {name: value for name, value in data.items() if value and value != "?"}
        return Seen(reference(self._host, what, "audit", serial, format_instant(at)), what, at, summary, actor=user, data=said, source=source)


def users_of(passwd: bytes) -> dict[str, str]:
    """Names by numbers, of passwd(5); the first of several that share one."""
    found: dict[str, str] = {}
    for line in passwd.decode("utf-8", "replace").splitlines():
        parts = line.split(":")
        if len(parts) >= 3 and parts[2].isdigit():
            found.setdefault(parts[2], parts[0])
    return found


def _fields(text: str) -> dict[str, str]:
    return dict(_FIELD.findall(text.replace("\x1d", " ")))


def _bare(value: str) -> str:
    return value.strip("\"'")


def _named(value: str) -> str:
    """A name as it is: in quotes, or in hexadecimal."""
    if value.startswith('"'):
        return value.strip('"')
    if value in ("(null)", "?"):
        return ""
    return bytes.fromhex(value).decode("utf-8", "replace").replace("\0", " ").strip() if _HEX.fullmatch(value) else value


def _absolute(name: str, folder: str) -> str:
    return name if name.startswith("/") or not folder else f"{folder.rstrip('/')}/{name.removeprefix('./')}"


def _is_write(call: Mapping[str, str]) -> bool:
    """A watch may ask for reads as well; of other calls (rename, unlink, chmod …) being watched says enough."""
    which = (call.get("arch", ""), call.get("syscall", ""))
    if which in _EXECUTE:
        return False
    place = _OPEN_FLAGS.get(which)
    if place is None:
        return True
    try:
        return bool(int(call.get(place, ""), 16) & _WRITES)
    except ValueError:
        return True


def _and_more(paths: list[str]) -> str:
    return f" and {len(paths) - 1} more" if len(paths) > 1 else ""
