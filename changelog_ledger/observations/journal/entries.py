"""Entries of a journal: what ``journalctl -o json`` writes, read into values.

The form is systemd's *Journal JSON Format* and systemd.journal-fields(7): a field is a text, an array of byte values where it is no UTF-8, an array
of such where it occurs more than once, or null where it was too long to be shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from changelog_ledger.model.times import EARLIEST, LATEST
from changelog_ledger.observations.journal import message_ids as ids

LONGEST_FIELD = 4_096
"""Of longer fields the beginning is kept: nothing that is read here comes later."""

FIELDS = (
    "MESSAGE", "MESSAGE_ID", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "PRIORITY", "_PID", "_COMM", "_TRANSPORT", "_BOOT_ID", "UNIT", "JOB_TYPE",
    "JOB_RESULT", "RESULT", "UNIT_RESULT", "EXIT_CODE", "EXIT_STATUS", "N_RESTARTS", "INVOCATION_ID", "SESSION_ID", "USER_ID", "LEADER",
)  # fmt: skip
"""The fields that are read; the ``__`` ones come with every entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a journal or of a syslog.

    :ivar at: the wall clock when it was received.
    :ivar boot: the boot's id; empty in a syslog.
    :ivar monotonic: microseconds since the boot, without time asleep; None in a syslog.
    :ivar identifier: which program says it: ``sshd``, ``systemd``, ``kernel``.
    :ivar fields: what else there is (:data:`FIELDS`).
    :ivar source: the record, as people know it.
    """

    at: datetime
    message: str
    identifier: str = ""
    pid: str = ""
    boot: str = ""
    monotonic: int | None = None
    message_id: str = ""
    unit: str = ""
    fields: Mapping[str, str] | None = None
    cursor: str = ""
    source: str = "journal"

    def field(self, name: str) -> str:
        """A field's text, empty if it is missing."""
        return self.fields.get(name, "") if self.fields else ""


def entry_of_line(line: bytes, source: str = "journal") -> Entry | None:
    """The entry of one line; None for what is none: no JSON, no object, no time that can be."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry_of(document, source) if isinstance(document, dict) else None


def entry_of(document: Mapping[str, Any], source: str = "journal") -> Entry | None:
    """The entry of one JSON object; None if it has no time that can be."""
    realtime = _number(_text(document.get("__REALTIME_TIMESTAMP")))
    at = instant_of(realtime)
    if at is None:
        return None
    fields = {name: text for name in FIELDS if (text := _text(document.get(name)))}
    identifier = fields.get("SYSLOG_IDENTIFIER") or fields.get("_COMM") or fields.get("_TRANSPORT", "")
    return Entry(
        at,
        fields.get("MESSAGE", ""),
        identifier,
        fields.get("_PID") or fields.get("SYSLOG_PID", ""),
        fields.get("_BOOT_ID", "").replace("-", ""),
        _number(_text(document.get("__MONOTONIC_TIMESTAMP"))),
        fields.get("MESSAGE_ID", "").replace("-", "").lower(),
        fields.get("UNIT", ""),
        fields,
        _text(document.get("__CURSOR")),
        source,
    )


def instant_of(microseconds: int | None) -> datetime | None:
    """The instant so many microseconds after 1970; None if a ledger cannot hold it."""
    if microseconds is None:
        return None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    except OverflowError:
        return None
    return moment if EARLIEST <= moment < LATEST else None


def _text(value: Any) -> str:
    if isinstance(value, list):
        return _of_list(value)
    return _clean(value) if isinstance(value, str) else ""


def _of_list(values: list[Any]) -> str:
    """The text of an array: bytes, or the first of several values."""
    if values and all(type(each) is int and 0 <= each < 256 for each in values):
        return _clean(bytes(values[:LONGEST_FIELD]).decode("utf-8", "replace"))
    return next(
        (text for each in values[:8] if isinstance(each, str | list) and (text := _text(each) if isinstance(each, str) else _bytes(each))), ""
    )


def _bytes(values: list[Any]) -> str:
    fits = bool(values) and all(type(each) is int and 0 <= each < 256 for each in values)
    return _clean(bytes(values[:LONGEST_FIELD]).decode("utf-8", "replace")) if fits else ""


def _clean(text: str) -> str:
    """Without lone surrogates, which JSON can write and no database can hold."""
    return text[:LONGEST_FIELD].encode("utf-8", "replace").decode("utf-8").replace("\0", "�")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def matches() -> tuple[str, ...]:
    """What journalctl(1) is asked for, so that of a journal of gigabytes its index is read, and what is used here.

    Kernel messages by priority: an OOM kill is an error, the line with the kernel's version a notice; a firewall's log is neither.
    """
    units = [f"MESSAGE_ID={each}" for each in sorted(ids.OF_UNITS)]
    machine = [f"MESSAGE_ID={each}" for each in sorted(ids.OF_THE_MACHINE)]
    programs = [f"SYSLOG_IDENTIFIER={each}" for each in PROGRAMS]
    kernel = ["_TRANSPORT=kernel", *(f"PRIORITY={each}" for each in (0, 1, 2, 3, 5))]
    return (*units, "_PID=1", "+", *machine, "+", *programs, "+", *kernel)


PROGRAMS = (
    *("sshd", "sshd-session", "sshd-auth", "sudo", "su", "su-l", "login", "cockpit-session", "xrdp-sesman", "vsftpd", "sddm-helper", "lightdm"),
    *("gdm-password]", "gdm-autologin]", "gdm-fingerprint]", "crond", "CRON", "cron", "atd"),
    *("chronyd", "ntpd", "ntpdate", "ntpsec", "sntp", "systemd-timesyncd", "systemd-shutdown"),
)
"""Programs whose messages are read; those of cron and at show which sessions nobody sits at."""
