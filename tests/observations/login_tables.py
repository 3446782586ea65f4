"""Tables of logins, made by hand: records of utmp(5) as glibc lays them out."""

from __future__ import annotations

import ipaddress
import struct
from datetime import UTC, datetime

NARROW, WIDE = "<hxxi32s4s32s256shhiii16s20x", "<hxxi32s4s32s256shhqqq16s20x4x"
RUN_LEVEL, BOOT, NEW_TIME, OLD_TIME, USER, DEAD = 1, 2, 3, 4, 7, 8


def record(kind: int, at: datetime, user: str = "", line: str = "~", host: str = "", address: str = "", pid: int = 0, form: str = NARROW) -> bytes:
    packed = (ipaddress.ip_address(address).packed if address else b"").ljust(16, b"\0")
    seconds, micros = int(at.timestamp()), at.microsecond
    return struct.pack(form, kind, pid, line.encode(), line[-4:].encode(), user.encode(), host.encode(), 0, 0, 0, seconds, micros, packed)


def day(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-06-01T{clock}").replace(tzinfo=UTC)


def working_day(form: str = NARROW) -> bytes:
    """A boot, a login with its logout, a shutdown, a boot, a login, a crash, a boot."""
    return b"".join(
        (
            record(BOOT, day("01:00:00"), "reboot", host="6.1.0-38-amd64", form=form),
            record(RUN_LEVEL, day("01:00:20"), "runlevel", host="6.1.0-38-amd64", pid=53, form=form),
            record(USER, day("03:10:00"), "alex", "pts/0", "10.0.0.5", "10.0.0.5", 4711, form=form),
            record(DEAD, day("03:40:00"), "", "pts/0", pid=4711, form=form),
            record(RUN_LEVEL, day("04:00:00"), "shutdown", host="6.1.0-38-amd64", form=form),
            record(BOOT, day("04:01:00"), "reboot", host="6.1.0-40-amd64", form=form),
            record(USER, day("05:00:00"), "ana", "tty1", pid=900, form=form),
            record(BOOT, day("06:00:00"), "reboot", host="6.1.0-40-amd64", form=form),
        )
    )
