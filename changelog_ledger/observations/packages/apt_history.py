"""apt's ``history.log``: a stanza a transaction (apt's documentation calls it the history log, ``Dir::Log::History``)::

    Start-Date: 2025-06-01  03:12:44
    Commandline: /usr/bin/unattended-upgrade
    Requested-By: alex (1000)
    Upgrade: openssl:amd64 (3.0.15-1, 3.0.16-1), libssl3:amd64 (3.0.15-1, 3.0.16-1)
    End-Date: 2025-06-01  03:12:51

apt writes the stanza when it begins, and the last line when it is done. Times are the host's, without an offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes

_ACTIONS = {
    "Install": PackageAction.INSTALLED,
    "Upgrade": PackageAction.UPGRADED,
    "Downgrade": PackageAction.DOWNGRADED,
    "Remove": PackageAction.REMOVED,
    "Purge": PackageAction.PURGED,
    "Reinstall": PackageAction.REINSTALLED,
    "Disappeared": PackageAction.REMOVED,
}
_FIELDS = frozenset(("Commandline", "Requested-By", "Error", "Comment"))
_MOST_PACKAGES = 50_000
"""Of one transaction. No host has so many: a damaged log may name any number."""
_LIST = re.compile(r"{0}(?:, {0})*".format(r"[^\s:,()]+(?::[^\s,()]+)?(?: \([^()]*\))?"))
_PACKAGE = re.compile(r"([^\s:,()]+)(?::([^\s,()]+))?(?: \(([^()]*)\))?")


@dataclass(frozen=True, slots=True)
class AptStanza:
    """One transaction as apt tells it.

    :ivar at: when it began, in UTC.
    :ivar ended_at: None if apt did not say that it is done: it was interrupted, or still runs.
    :ivar written_at: the beginning as the log has it.
    :ivar requested_by: the user's name; empty if it was root, or a program that root runs.
    :ivar error: apt's words; empty if it told of none.
    :ivar place: of its first line.
    :ivar is_last: nothing came after it.
    :ivar ends_file: it has no end, and it is the last of its file though another file comes after it: it may have been cut off.
    :ivar is_damaged: one of its lists of packages is not whole, or longer than one can be.
    """

    at: datetime
    ended_at: datetime | None
    written_at: str
    command: str
    requested_by: str
    changes: tuple[PackageChange, ...]
    error: str
    source: str
    place: int
    is_last: bool = False
    ends_file: bool = False
    is_damaged: bool = False


@dataclass(slots=True)
class _Open:
    at: datetime
    written_at: str
    line: LogLine
    latest_source: str
    ended_at: datetime | None = None
    is_damaged: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    changes: list[PackageChange] = field(default_factory=list)


class AptHistory:
    """Reads a ``history.log``.

    :ivar strange: lines that are none of apt's, by file.
    """

    def __init__(self, times: LocalTimes) -> None:
        """``times``: the local times of the host."""
        self._times = times
        self._open: _Open | None = None
        self.strange: dict[str, int] = {}

    def stanzas(self, lines: Iterable[LogLine]) -> Iterator[AptStanza]:
        """Every stanza, in the order of the log."""
        for line in lines:
            name, colon, value = line.text.decode("utf-8", "replace").partition(": ")
            if name == "Start-Date" and colon:
                if self._open is not None:
                    yield _closed(self._open, ends_file=self._open.latest_source != line.source)
                self._begin(line, value)
            else:
                self._add(line, name, value.strip())
        if self._open is not None:
            yield _closed(self._open, is_last=self._open.ended_at is None)

    def _begin(self, line: LogLine, value: str) -> None:
        at = self._time(value)
        self._open = _Open(at, " ".join(value.split()), line, line.source) if at is not None else None
        if at is None:
            self._stranger(line)

    def _add(self, line: LogLine, name: str, value: str) -> None:
        stanza = self._open
        if not name.strip():
            return
        if stanza is None or stanza.ended_at is not None:
            self._stranger(line)
        else:
            stanza.latest_source = line.source
            self._fill(stanza, line, name, value)

    def _fill(self, stanza: _Open, line: LogLine, name: str, value: str) -> None:
        if name == "End-Date":
            stanza.ended_at = self._time(value) or stanza.at
        elif name in _ACTIONS:
            room = _MOST_PACKAGES - len(stanza.changes)
            stanza.changes += islice(_changes(_ACTIONS[name], value), room)
            stanza.is_damaged |= _LIST.fullmatch(value) is None or len(stanza.changes) == _MOST_PACKAGES
        elif name in _FIELDS:
            stanza.fields[name] = value
        else:
            self._stranger(line)

    def _time(self, text: str) -> datetime | None:
        try:
            return self._times.parse(text)
        except ValueError:
            return None

    def _stranger(self, line: LogLine) -> None:
        self.strange[line.source] = self.strange.get(line.source, 0) + 1


def _closed(stanza: _Open, *, is_last: bool = False, ends_file: bool = False) -> AptStanza:
    return AptStanza(
        at=stanza.at,
        ended_at=stanza.ended_at,
        written_at=stanza.written_at,
        command=stanza.fields.get("Commandline", ""),
        requested_by=re.sub(r"\s*\(\d+\)$", "", stanza.fields.get("Requested-By", "")),
        changes=tuple(stanza.changes),
        error=stanza.fields.get("Error", ""),
        source=stanza.line.source,
        place=stanza.line.place,
        is_last=is_last,
        ends_file=ends_file and stanza.ended_at is None,
        is_damaged=stanza.is_damaged,
    )


def _changes(action: PackageAction, text: str) -> Iterator[PackageChange]:
    """``openssl:amd64 (3.0.15-1, 3.0.16-1), ucf:amd64 (3.0, automatic)``."""
    for found in _PACKAGE.finditer(text):
        name, architecture, inside = (part or "" for part in found.groups())
        versions = [part.strip() for part in inside.split(",") if part.strip()]
        automatic = "automatic" in versions
        versions = [version for version in versions if version != "automatic"]
        before, after = _before_and_after(action, versions)
        yield PackageChange(name, action, before, after, architecture, automatic)


def _before_and_after(action: PackageAction, versions: list[str]) -> tuple[str, str]:
    first = versions[0] if versions else ""
    match action:
        case PackageAction.INSTALLED:
            return "", first
        case PackageAction.REMOVED | PackageAction.PURGED:
            return first, ""
        case PackageAction.REINSTALLED:
            return first, first
    return first, versions[1] if len(versions) > 1 else ""
