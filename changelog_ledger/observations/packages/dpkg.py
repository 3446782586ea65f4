"""``dpkg.log``: one line an action and a state, as dpkg(1) says at ``--log``::

    2025-06-01 03:12:44 startup archives unpack
    2025-06-01 03:12:45 upgrade openssl:amd64 3.0.15-1 3.0.16-1
    2025-06-01 03:12:46 status unpacked openssl:amd64 3.0.16-1

What comes after a ``startup`` up to the next one is a run. Times are the host's, without an offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.version_order import is_newer

_TIME = 19
_WORD = _TIME + 1
_NONE = "<none>"
_NUMBERS = re.compile(r"(\d+)", re.ASCII)
_SHORT = 200
"""Characters of two versions together whose numbers can be computed with."""
_SETTLED = frozenset((b"not-installed", b"config-files", b"triggers-awaited", b"triggers-pending"))
"""States in which dpkg leaves a package that it is done with (dpkg(1), package states)."""


@dataclass(frozen=True, slots=True)
class DpkgRun:
    """What dpkg did from one start to the next.

    :ivar at: when it began, in UTC; ``ended_at`` is the time of its last line.
    :ivar written_at: as the log has it.
    :ivar purpose: ``archives install``, ``archives unpack``, ``packages configure``, ``packages remove`` …; empty if its start was not read.
    :ivar changes: one for each package, in the order of the log.
    :ivar unsettled: packages that are not as they were to be, with their state: ``("openssl", "half-configured")``.
    :ivar installed: names of packages that it left installed, also those that an earlier run had unpacked.
    :ivar has_states: the log tells of every package how it ended.
    :ivar place: of its first line.
    :ivar is_last: nothing came after it: it may still be running.
    """

    at: datetime
    ended_at: datetime
    written_at: str
    purpose: str
    changes: tuple[PackageChange, ...]
    unsettled: tuple[tuple[str, str], ...]
    has_states: bool
    source: str
    place: int
    is_last: bool = False
    installed: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Open:
    """A run that is being read."""

    at: datetime
    line: LogLine
    purpose: str
    latest: bytes
    changes: dict[bytes, PackageChange] = field(default_factory=dict)
    states: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    installed: set[bytes] = field(default_factory=set)


class DpkgLog:
    """Reads a ``dpkg.log``.

    :ivar strange: lines that are none of dpkg's, by file.
    """

    def __init__(self, times: LocalTimes) -> None:
        """``times``: the local times of the host."""
        self._times = times
        self._open: _Open | None = None
        self.strange: dict[str, int] = {}

    @property
    def latest(self) -> datetime | None:
        """The latest time that was read."""
        return self._times.latest

    def runs(self, lines: Iterable[LogLine]) -> Iterator[DpkgRun]:
        """Every run, in the order of the log; those that changed no package as well."""
        for line in lines:
            text = line.text
            if text[_WORD : _WORD + 7] == b"status ":  # two lines of three
                self._status(text)
                continue
            word = text[_WORD:].split(b" ", 1)[0]
            if word == b"startup":
                yield from self._started(line)
            elif word in _ACTIONS:
                self._acted(line, word)
            elif word not in _PASSED:
                self._stranger(line)
        if self._open is not None:
            yield self._closed(self._open, is_last=True)

    def _status(self, text: bytes) -> None:
        run = self._open
        if run is not None:
            parts = text.split(b" ")
            if len(parts) >= 5 and parts[4] in run.changes:
                run.states[parts[4]] = parts[3], parts[5] if len(parts) > 5 else b""
            if len(parts) >= 5 and parts[3] == b"installed":
                run.installed.add(parts[4])
            run.latest = text

    def _started(self, line: LogLine) -> Iterator[DpkgRun]:
        at = self._time(line.text)
        if at is None:
            self._stranger(line)
            return
        if self._open is not None:
            yield self._closed(self._open)
        self._open = _Open(at, line, _text(line.text[_WORD + 8 :]).strip(), line.text)

    def _acted(self, line: LogLine, word: bytes) -> None:
        parts = line.text.split(b" ")
        if len(parts) < 6 or not parts[3]:
            self._stranger(line)
            return
        run = self._open
        if run is None:  # its start was in a file that is gone
            at = self._time(line.text)
            if at is None:
                self._stranger(line)
                return
            run = self._open = _Open(at, line, "", line.text)
        run.latest = line.text
        run.changes[parts[3]] = _joined(run.changes.get(parts[3]), word, parts)

    def _closed(self, run: _Open, *, is_last: bool = False) -> DpkgRun:
        return DpkgRun(
            at=run.at,
            ended_at=self._time(run.latest) or run.at,
            written_at=_text(run.line.text[:_TIME]),
            purpose=run.purpose,
            changes=tuple(_purged(change) if run.purpose == "packages purge" else change for change in run.changes.values()),
            unsettled=_unsettled(run),
            has_states=run.changes.keys() == run.states.keys(),
            source=run.line.source,
            place=run.line.place,
            is_last=is_last,
            installed=frozenset(_named(package)[0] for package in run.installed),
        )

    def _time(self, text: bytes) -> datetime | None:
        try:
            return self._times.parse(text[:_TIME].decode("ascii"))
        except ValueError:
            return None

    def _stranger(self, line: LogLine) -> None:
        if line.text.strip():
            self.strange[line.source] = self.strange.get(line.source, 0) + 1


_ACTIONS = frozenset((b"install", b"upgrade", b"remove", b"purge", b"disappear"))
_PASSED = frozenset((b"configure", b"trigproc", b"conffile"))


def _unsettled(run: _Open) -> tuple[tuple[str, str], ...]:
    found = ((run.changes[package], state, version) for package, (state, version) in run.states.items())
    return tuple((change.name, _text(state)) for change, state, version in found if not _is_settled(change, state, _version(version), run.purpose))


def _is_settled(change: PackageChange, state: bytes, version: str, purpose: str) -> bool:
    if state == b"installed":  # of another version, or at all: a maintainer script failed, and dpkg went back
        return version == change.after
    return state in _SETTLED or (state == b"unpacked" and purpose == "archives unpack")


def _joined(earlier: PackageChange | None, word: bytes, parts: list[bytes]) -> PackageChange:
    """What became of a package in a run that has this line, and perhaps had another one of it: a purge comes after a removal."""
    name, architecture = _named(parts[3])
    before, after = _version(parts[4]), _version(parts[5])
    if earlier is not None:
        before = earlier.before or ("" if earlier.action is PackageAction.INSTALLED else before)
    if word == b"purge":
        return PackageChange(name, PackageAction.PURGED, before, "", architecture)
    if word in (b"remove", b"disappear"):
        return PackageChange(name, PackageAction.REMOVED, before, "", architecture)
    if (word == b"install" and earlier is None) or not before:  # what is left of an earlier version is its configuration, so none was there
        return PackageChange(name, PackageAction.INSTALLED, "", after, architecture)
    return PackageChange(name, _direction(before, after), before, after, architecture)


def _purged(change: PackageChange) -> PackageChange:
    """What is purged and has no configuration is logged as removed."""
    return replace(change, action=PackageAction.PURGED) if change.action is PackageAction.REMOVED else change


def _direction(before: str, after: str) -> PackageAction:
    if before == after:
        return PackageAction.REINSTALLED
    return PackageAction.UPGRADED if _is_newer(after, before) else PackageAction.DOWNGRADED


def _is_newer(version: str, than: str) -> bool:
    """Where two versions differ by numbers only, as most of one package do, these decide: many times faster than the whole rule."""
    one, other = _NUMBERS.split(version), _NUMBERS.split(than)
    if one[::2] == other[::2] and len(version) + len(than) < _SHORT:
        numbers = [int(digits) for digits in one[1::2]], [int(digits) for digits in other[1::2]]
        return numbers[0] > numbers[1]
    return is_newer(version, than, "dpkg")


def _named(package: bytes) -> tuple[str, str]:
    """Name and architecture of ``openssl:amd64``."""
    name, _, architecture = _text(package).partition(":")
    return name, architecture


def _version(field: bytes) -> str:
    text = _text(field)
    return "" if text == _NONE else text


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
