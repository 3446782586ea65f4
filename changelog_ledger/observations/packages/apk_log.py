"""``/var/log/apk.log``, which apk-tools writes since 3.0: a block for every run that may alter the database, its time in UTC::

Running `apk upgrade` at 2025-06-24 12:36:25
apk-tools 3.0.0-r1, compiled for x86_64.
(1/2) Upgrading libssl3 (3.5.0-r0 -> 3.5.1-r0)
(2/2) Installing nano (8.4-r0)
OK: 130 MiB in 208 packages
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.command_lines import is_unattended, words_of
from changelog_ledger.observations.packages.transactions import Outcome, Transaction

_RUNNING = re.compile(r"Running `(?P<command>.*)` at (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$", re.ASCII)
_PACKAGE = re.compile(
    r"\( *\d+/\d+\) (?P<verb>Installing|Upgrading|Downgrading|Replacing|Reinstalling|Purging) (?P<name>\S+?)(?:@\S+)? "
    r"\((?P<versions>[^()\s]+(?: -> [^()\s]+)?)\)"
)
_ACTIONS = {
    "Installing": PackageAction.INSTALLED,
    "Upgrading": PackageAction.UPGRADED,
    "Downgrading": PackageAction.DOWNGRADED,
    "Replacing": PackageAction.REINSTALLED,
    "Reinstalling": PackageAction.REINSTALLED,
    "Purging": PackageAction.REMOVED,
}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*")


@dataclass
class _Run:
    """One block of the log."""

    at: datetime
    written: str
    source: str
    command: str
    outcome: Outcome = Outcome.UNKNOWN
    error: str = ""
    changes: list[PackageChange] = field(default_factory=list)


def transactions(
    lines: Iterable[LogLine], resume: Callable[[int], None] = lambda _place: None, times: LocalTimes | None = None
) -> Iterator[Transaction]:
    """The transactions of an apk log, oldest first. Lines that are none of its are passed over, and so are runs that altered nothing.

    :param resume: told at the end where a later reading has to begin: at the last run, which may not be over.
    :param times: in UTC, whose ``refused`` counts the lines that could not be read.
    """
    times, run, begins = times or LocalTimes(UTC), None, -1
    for line in lines:
        text = line.text.decode("utf-8", "replace").rstrip()
        if running := _RUNNING.match(text):
            yield from _done(run)
            run, begins = _begun(running, line.source, times), line.place
        elif run is not None:
            _read(run, text)
    if begins >= 0:
        resume(begins)
    yield from _done(run)


def _begun(running: re.Match[str], source: str, times: LocalTimes) -> _Run | None:
    try:
        return _Run(times.parse(running["at"]), running["at"], source, running["command"])
    except ValueError:  # the 31st of February: no line of a log
        return None


def _read(run: _Run, text: str) -> None:
    if package := _PACKAGE.match(text):
        run.changes.append(_change(package))
    elif text.startswith("ERROR: "):
        run.error = run.error or text.removeprefix("ERROR: ")
    elif text.startswith("OK: "):
        run.outcome = Outcome.SUCCEEDED
    elif re.match(r"\d+ errors?; ", text):
        run.outcome = Outcome.FAILED


def _change(package: re.Match[str]) -> PackageChange:
    name, action = package["name"], _ACTIONS[package["verb"]]
    before, arrow, after = package["versions"].partition(" -> ")
    if arrow:
        return PackageChange(name, PackageAction.UPGRADED if before != after and action is PackageAction.REINSTALLED else action, before, after)
    if action is PackageAction.REMOVED:
        return PackageChange(name, action, before, "")
    return PackageChange(name, action, before if action is PackageAction.REINSTALLED else "", before)


def _done(run: _Run | None) -> Iterator[Transaction]:
    if run is None or not run.changes:
        return
    wanted = {found.group() for word in words_of(run.command)[2:] if (found := _PLAIN_NAME.match(word))}  # nano=8.4-r0, nano@edge, nano>8
    yield Transaction(
        "apk",
        run.at,
        run.written,
        tuple(run.changes),
        run.source,
        command=run.command,
        tool="apk",
        unattended=is_unattended(run.command, has_user=False),
        outcome=run.outcome,
        error=run.error,
        asked_for=frozenset(change.name for change in run.changes if change.name in wanted),
    )
