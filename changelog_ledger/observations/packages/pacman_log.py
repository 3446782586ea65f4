"""``/var/log/pacman.log``, as pacman writes it since 5.2, as it wrote it before (no seconds, local time), and before 4.1 (no tag)::

[2025-06-24T14:36:21+0200] [PACMAN] Running 'pacman -Syu'
[2025-06-24T14:36:25+0200] [ALPM] transaction started
[2025-06-24T14:36:25+0200] [ALPM] upgraded openssl (3.4.0-1 -> 3.5.0-1)
[2025-06-24T14:36:26+0200] [ALPM] transaction completed
[2016-11-15 02:48] [ALPM] upgraded readline (6.3.008-4 -> 7.0-1)
[2013-03-01 10:11] upgraded glibc (2.17-2 -> 2.17-3)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.command_lines import asked_for, is_unattended, tool_of
from changelog_ledger.observations.packages.transactions import Outcome, Transaction

_LINE = re.compile(
    r"\[(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)\] (?:\[(?P<tag>[A-Z]+(?:-[A-Z]+)?)\] )?(?P<text>.*)$", re.ASCII
)
_PACKAGE = re.compile(r"(?P<verb>installed|upgraded|downgraded|reinstalled|removed) (?P<name>\S+) \((?P<versions>[^()]*(?:\([^()]*\)[^()]*)*)\)$")
_RUNNING = re.compile(r"Running '(?P<command>.*)'$")
_ENDS = {"transaction completed": Outcome.SUCCEEDED, "transaction interrupted": Outcome.INTERRUPTED, "transaction failed": Outcome.FAILED}
_PAUSE = timedelta(minutes=30)
"""Before pacman 5.0 the log has no mark where a transaction begins: a longer pause parts two."""


@dataclass
class _Run:
    """What is gathered of one transaction.

    :ivar command: of the program that ran last; it may make several transactions.
    :ivar began: time and spelling of ``transaction started``, or of the first package.
    """

    command: str = ""
    began: tuple[datetime, str, str] | None = None
    last: datetime | None = None
    is_marked: bool = False
    outcome: Outcome = Outcome.UNKNOWN
    error: str = ""
    changes: list[PackageChange] = field(default_factory=list)


def transactions(lines: Iterable[LogLine], times: LocalTimes, resume: Callable[[int], None] = lambda _place: None) -> Iterator[Transaction]:
    """The transactions of a pacman log, oldest first. Lines that are none of its (scriptlets write many) are passed over.

    :param resume: told at the end where a later reading has to begin: at the last command line, for what it does may not be over.
    """
    run, begins = _Run(), -1
    for line in lines:
        found = _LINE.match(line.text.decode("utf-8", "replace"))
        if found is None or found["tag"] not in (None, "ALPM", "PACMAN"):
            continue
        try:
            at = times.parse(found["at"])
        except ValueError:  # the 31st of February: no line of a log
            continue
        text = found["text"]
        if _is_another(run, at, text):
            yield from _done(run)
            run = _Run(run.command)
        if begins < 0 or _RUNNING.match(text) or (not run.command and run.began is None):
            begins = line.place
        _read(run, text, (at, found["at"], line.source))
        if run.outcome is not Outcome.UNKNOWN:
            yield from _done(run)
            run = _Run(run.command)
    if begins >= 0:
        resume(begins)
    yield from _done(run)


def _is_another(run: _Run, at: datetime, text: str) -> bool:
    """Whether a line says that the transaction before it is over, though it did not say so itself."""
    if text == "transaction started" or _RUNNING.match(text) or text.startswith("starting full system upgrade"):
        return True
    return not run.is_marked and run.last is not None and at - run.last > _PAUSE


def _read(run: _Run, text: str, stamp: tuple[datetime, str, str]) -> None:
    if running := _RUNNING.match(text):
        run.command = running["command"]
    elif text == "transaction started":
        run.began, run.is_marked = stamp, True
    elif text in _ENDS:
        run.outcome, run.last = _ENDS[text], stamp[0]
    elif package := _PACKAGE.match(text):
        run.changes.append(_change(package))
        run.began, run.last = run.began or stamp, stamp[0]
    elif text.startswith("error: ") and run.began:
        run.error = run.error or text.removeprefix("error: ")


def _change(package: re.Match[str]) -> PackageChange:
    name, action, versions = package["name"], PackageAction(package["verb"]), package["versions"]
    before, arrow, after = versions.partition(" -> ")
    if arrow:
        return PackageChange(name, action, before, after)
    match action:
        case PackageAction.REMOVED:
            return PackageChange(name, action, versions, "")
        case PackageAction.REINSTALLED:
            return PackageChange(name, action, versions, versions)
        case _:
            return PackageChange(name, action, "", versions)


def _done(run: _Run) -> Iterator[Transaction]:
    if not run.changes or run.began is None:
        return
    at, written, source = run.began
    outcome = run.outcome
    if outcome is Outcome.UNKNOWN and run.is_marked:  # it began, and nothing says that it ended
        outcome = Outcome.INTERRUPTED
    yield Transaction(
        "pacman",
        at,
        written,
        tuple(run.changes),
        source,
        command=run.command,
        tool=tool_of(run.command) or "pacman",
        unattended=is_unattended(run.command, has_user=False),
        outcome=outcome,
        ended_at=run.last,
        error=run.error,
        asked_for=asked_for(run.command, [change.name for change in run.changes]),
    )
