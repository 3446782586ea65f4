r"""``/var/log/zypp/history``, as libzypp writes it for zypper, YaST and PackageKit (libzypp: "Libzypp History File")::

    2025-06-24 14:36:20|command|root@web-01|'zypper' '-n' 'install' 'nginx'|
    2025-06-24 14:36:25|install|libpcre2-8-0|10.42-150600.1.26|x86_64||repo-oss|b4d6389437e3…|
    2025-06-24 14:36:26|install|nginx|1.21.5-150600.10.3.1|x86_64|root@web-01|repo-oss|d7e42c9d83f9…|
    2025-06-24 14:41:02|remove |nano|7.2-1.1|x86_64|root@web-01|

Columns are parted by ``|``, in them it is written ``\|``; lines with ``#`` are comments. An upgrade is an ``install`` as well: the version that was
there before is that of the line before for the same package, where the history goes back so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.command_lines import asked_for, is_unattended, tool_of
from changelog_ledger.observations.packages.transactions import Outcome, Transaction
from changelog_ledger.observations.packages.version_order import is_newer

_SEPARATOR = re.compile(r"(?<!\\)\|")
_FAILED = re.compile(r"# (?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?(?P<what>\S+ (?:install|remove) failed.*)$")
_PAUSE = timedelta(minutes=15)
"""Older versions write no ``command`` line: a longer pause parts two transactions."""
_MOST_PACKAGES = 200_000
"""Packages whose last version is remembered. No host has so many: a damaged log may name any number."""

_Versions = dict[tuple[str, str], str]


@dataclass
class _Run:
    """What is gathered of one transaction.

    :ivar recorded: the changes as the history has them.
    :ivar changes: the same, completed by what was there before.
    """

    command: str = ""
    user: str = ""
    began: tuple[datetime, str, str] | None = None
    last: datetime | None = None
    error: str = ""
    asked: set[str] = field(default_factory=set)
    recorded: list[PackageChange] = field(default_factory=list)
    changes: list[PackageChange] = field(default_factory=list)


def transactions(lines: Iterable[LogLine], times: LocalTimes) -> Iterator[Transaction]:
    """The transactions of a history, oldest first. Lines that are none of its are passed over."""
    run, versions = _Run(), _Versions()
    for line in lines:
        text = line.text.decode("utf-8", "replace")
        columns = [column.replace("\\|", "|").strip() for column in _SEPARATOR.split(text)]
        at = _time(columns, times)
        if at is None:
            if failed := _FAILED.match(text):
                run.error = run.error or failed["what"]
            continue
        if columns[1] == "command" or (run.last is not None and at - run.last > _PAUSE):
            yield from _done(run)
            run = _Run()
        _read(run, columns, (at, columns[0], line.source), versions)
    yield from _done(run)


def _time(columns: list[str], times: LocalTimes) -> datetime | None:
    if len(columns) < 4 or columns[1] not in ("command", "install", "remove"):
        return None
    try:
        return times.parse(columns[0])
    except ValueError:
        return None


def _read(run: _Run, columns: list[str], stamp: tuple[datetime, str, str], versions: _Versions) -> None:
    run.last = stamp[0]
    if columns[1] == "command":
        run.user, run.command = _user(columns[2]), columns[3]
        return
    name, version, architecture, requested_by = (columns + [""] * 4)[2:6]
    if not name:
        return
    run.began = run.began or stamp
    run.user = run.user or _user(requested_by)
    if requested_by:
        run.asked.add(name)
    recorded, change = _changes(columns[1], (name, architecture), version, versions)
    run.recorded.append(recorded)
    run.changes.append(change)


def _changes(verb: str, package: tuple[str, str], version: str, versions: _Versions) -> tuple[PackageChange, PackageChange]:
    """A change as the history has it, and completed by the version that was there before."""
    name, architecture = package
    if verb == "remove":
        versions.pop(package, None)
        removed = PackageChange(name, PackageAction.REMOVED, version, "", architecture)
        return removed, removed
    recorded = PackageChange(name, PackageAction.INSTALLED, "", version, architecture)
    before = versions.get(package, "")
    if before or len(versions) < _MOST_PACKAGES:
        versions[package] = version
    return recorded, replace(recorded, action=_action(before, version), before=before)


def _action(before: str, after: str) -> PackageAction:
    if not before:
        return PackageAction.INSTALLED
    if before == after:
        return PackageAction.REINSTALLED
    return PackageAction.UPGRADED if is_newer(after, before, "zypper") else PackageAction.DOWNGRADED


def _user(requested_by: str) -> str:
    """The user of ``user@host``; a program's ``pid:name`` is nobody."""
    user, at, _ = requested_by.partition("@")
    return user if at and re.match(r"[A-Za-z_][\w.-]*$", user) else ""


def _done(run: _Run) -> Iterator[Transaction]:
    if not run.changes or run.began is None:
        return
    at, written, source = run.began
    changes = tuple(_marked(change, run.asked) for change in run.changes)
    named = asked_for(run.command, [change.name for change in changes])
    yield Transaction(
        "zypper",
        at,
        written,
        changes,
        source,
        command=run.command,
        requested_by=run.user,
        tool=tool_of(run.command) or "zypper",
        unattended=is_unattended(run.command, has_user=run.user not in ("", "root")),
        outcome=Outcome.FAILED if run.error else Outcome.UNKNOWN,
        ended_at=run.last,
        error=run.error,
        asked_for=named or frozenset(run.asked),
        recorded=tuple(run.recorded),
    )


def _marked(change: PackageChange, asked: set[str]) -> PackageChange:
    """What came or went for another one: the solver chose it, as the history tells where it tells who asked for the others."""
    came_or_went = change.action in (PackageAction.INSTALLED, PackageAction.REMOVED)
    return replace(change, automatic=True) if asked and came_or_went and change.name not in asked else change
