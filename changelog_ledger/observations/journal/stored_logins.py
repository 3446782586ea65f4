"""Rows of wtmpdb(8), which stands in wtmp's place where times must not end in 2038."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.journal.entries import instant_of
from changelog_ledger.observations.journal.holding import reference

_SOURCE = "/var/lib/wtmpdb/wtmp.db"
_BOOT, _USER = 1, 3


def seen_in_database(host: str, kind: int, user: str, login: int, logout: int | None, tty: str, origin: str, service: str) -> Iterator[Seen]:
    """What a row tells: a boot (whose ``logout`` is its shutdown, and ``origin`` its kernel) or a login with its logout."""
    began, ended = instant_of(login), instant_of(logout)
    if began is None or kind not in (_BOOT, _USER):
        return
    what, over = ("reboot", "shutdown") if kind == _BOOT else ("login", "logout")
    parts = ("wtmpdb", user, tty)
    if kind == _BOOT:
        data = {"kernel": origin} if origin else {}
        yield Seen(reference(host, what, *parts, format_instant(began)), what, began, "rebooted", data=data, source=_SOURCE)
        if ended is not None:
            yield Seen(reference(host, over, *parts, format_instant(ended)), over, ended, "shut down", source=_SOURCE)
        return
    session = f"wtmpdb {tty} {format_instant(began)}"
    said = {"user": user, "from": origin, "tty": tty, "service": service, "session": session}
    summary = f"{user} logged in" + (f" from {origin}" if origin else "") + (f" ({tty})" if tty else "")
    known = {name: value for name, value in said.items() if value}
    yield Seen(reference(host, what, *parts, format_instant(began)), what, began, summary, actor=user, data=known, source=_SOURCE)
    if ended is not None:
        left = {"user": user, "tty": tty, "login_at": format_instant(began), "session": session}
        yield Seen(reference(host, over, *parts, format_instant(ended)), over, ended, f"{user} logged out", actor=user, data=left, source=_SOURCE)
