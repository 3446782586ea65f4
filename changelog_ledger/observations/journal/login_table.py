"""``/var/log/wtmp``: records of utmp(5), read as the struct that glibc documents.

Not by ``last``: that pairs logins with logouts by rules of its own, shows what it cannot pair in words (``gone - no logout``), cuts names, differs
between util-linux and sysvinit, and may be missing; the struct is the documented interface of every program that writes the file.

A record has 384 bytes where utmp keeps 32-bit times (x86, x86-64, 32-bit ARM, ppc64, s390x), 400 where not (aarch64): which one it is, is seen by
which one is plausible.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.journal.entries import instant_of
from changelog_ledger.observations.journal.holding import reference

_NARROW = struct.Struct("<hxxi32s4s32s256shhiii16s20x")
_WIDE = struct.Struct("<hxxi32s4s32s256shhqqq16s20x4x")
_RUN_LEVEL, _BOOT, _NEW_TIME, _OLD_TIME, _USER, _DEAD = 1, 2, 3, 4, 7, 8
_LAST_TYPE = 9
_LOOKED_AT = 16
_SMALLEST_STEP = 1.0


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """One record of utmp(5)."""

    kind: int
    pid: int
    line: str
    user: str
    host: str
    address: str
    at: datetime | None


class LoginTable:
    """Bytes of a table into records, piece by piece.

    :ivar is_table: whether the first records are plausible; None before there were any.
    """

    def __init__(self) -> None:
        self._form: struct.Struct | None = None
        self._rest = b""
        self.is_table: bool | None = None

    def records(self, data: bytes) -> Iterator[LoginRecord]:
        """The records that are whole now. None any more where the table is none."""
        self._rest += data
        if self._form is None and self._rest and self.is_table is None and len(self._rest) >= _NARROW.size:
            self._form = max((_NARROW, _WIDE), key=lambda form: _plausible(form, self._rest))
            self.is_table = _plausible(self._form, self._rest) >= 0.5
        if not self.is_table or self._form is None:
            return
        whole = len(self._rest) // self._form.size * self._form.size
        content, self._rest = self._rest[:whole], self._rest[whole:]
        for values in self._form.iter_unpack(content):
            yield _record(values)

    @property
    def rest(self) -> int:
        """How many bytes at the end are no whole record."""
        return len(self._rest)


def _plausible(form: struct.Struct, data: bytes) -> float:
    """Which part of the first records could be records."""
    records = [form.unpack_from(data, place) for place in range(0, min(len(data) // form.size, _LOOKED_AT) * form.size, form.size)]
    fits = [0 <= each[0] <= _LAST_TYPE and 0 <= each[10] < 1_000_000 and each[9] >= 0 and _is_text(each[2]) and _is_text(each[4]) for each in records]
    return sum(fits) / len(fits) if fits else 0.0


def _is_text(field: bytes) -> bool:
    text, _, rest = field.partition(b"\0")
    return not rest.strip(b"\0") and all(byte >= 32 for byte in text)


def _record(values: tuple[Any, ...]) -> LoginRecord:
    kind, pid, line, _id, user, host, _termination, _exit, _session, seconds, micros, address = values
    return LoginRecord(
        kind, pid, _text(line), _text(user), _text(host), _address(address), instant_of(seconds * 1_000_000 + max(0, min(micros, 999_999)))
    )


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _address(field: bytes) -> str:
    """An address of IPv4 is in the first four bytes, one of IPv6 in all sixteen."""
    if not any(field):
        return ""
    if not any(field[4:]):
        return str(ipaddress.IPv4Address(field[:4]))
    address = ipaddress.IPv6Address(field)
    return str(address.ipv4_mapped or address)


class LoginReading:
    """Records in their order into observations.

    :ivar timeless: how many records of a file were passed over because their time cannot be.
    """

    def __init__(self, host: str) -> None:
        """Of a host."""
        self._host = host
        self.timeless: dict[str, int] = {}
        self._on_line: dict[str, tuple[LoginRecord, str]] = {}
        self._old_time: datetime | None = None
        self._is_down: bool | None = None

    def read(self, record: LoginRecord, source: str) -> Iterator[Seen]:
        """What a record tells."""
        if record.at is None:
            self.timeless[source] = self.timeless.get(source, 0) + 1
            return
        rule = {_BOOT: self._boot, _RUN_LEVEL: self._run_level, _USER: self._login, _DEAD: self._logout, _OLD_TIME: self._old, _NEW_TIME: self._new}
        tell = rule.get(record.kind)
        if tell is not None:
            yield from tell(record, record.at, source)

    def _boot(self, record: LoginRecord, at: datetime, source: str) -> Iterator[Seen]:
        data: dict[str, Any] = {"kernel": record.host} if record.host else {}
        data |= {"unclean": not self._is_down} if self._is_down is not None else {}
        unclean = " without having been shut down" if self._is_down is False else ""
        self._is_down = False
        self._on_line.clear()
        yield self._seen("reboot", at, f"rebooted{unclean}" + (f", kernel {record.host}" if record.host else ""), source, "", data, record.host)

    def _run_level(self, record: LoginRecord, at: datetime, source: str) -> Iterator[Seen]:
        if record.user == "shutdown":
            self._is_down = True
            self._on_line.clear()
            yield self._seen("shutdown", at, "shut down", source, "", {}, "")

    def _login(self, record: LoginRecord, at: datetime, source: str) -> Iterator[Seen]:
        if not record.user or not record.line:
            return
        origin = record.address or record.host
        session = f"wtmp[{record.pid}] {format_instant(at)}"
        self._on_line[record.line] = (record, session)
        data = {
            "user": record.user,
            "from": origin,
            "tty": record.line,
            "service": "sshd" if origin and not record.host.startswith(":") else "",
            "session": session,
        }
        said = {name: value for name, value in data.items() if value}
        where = f" from {origin}" if origin else ""
        yield self._seen(
            "login", at, f"{record.user} logged in{where} ({record.line})", source, record.user, said, record.user, record.line, record.pid
        )

    def _logout(self, record: LoginRecord, at: datetime, source: str) -> Iterator[Seen]:
        login, session = self._on_line.pop(record.line, (None, ""))
        if login is None or login.at is None:
            return
        data = {"user": login.user, "tty": login.line, "login_at": format_instant(login.at), "session": session}
        yield self._seen("logout", at, f"{login.user} logged out ({login.line})", source, login.user, data, login.user, login.line, login.pid)

    def _old(self, _record: LoginRecord, at: datetime, _source: str) -> Iterator[Seen]:
        self._old_time = at
        yield from ()

    def _new(self, _record: LoginRecord, at: datetime, source: str) -> Iterator[Seen]:
        before, self._old_time = self._old_time, None
        seconds = (at - before) / timedelta(seconds=1) if before else 0.0
        if abs(seconds) >= _SMALLEST_STEP:
            way = "forward" if seconds > 0 else "back"
            yield self._seen("clock-jump", at, f"the clock went {way} by {abs(seconds):g} s", source, "", {"seconds": seconds}, f"{seconds:.3f}")

    def _seen(self, what: str, at: datetime, summary: str, source: str, actor: str, data: dict[str, Any], *parts: str | int) -> Seen:
        ref = reference(self._host, what, "wtmp", format_instant(at), *parts)
        return Seen(ref, what, at, summary, actor=actor, data=data, source=source)
