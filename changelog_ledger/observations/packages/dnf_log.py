"""DNF's logs, for hosts whose history database is gone: ``/var/log/dnf.rpm.log``, and ``/var/log/dnf.log`` where that is missing too.

``dnf.rpm.log`` has a line a package, written when it is done, new and old version apart (dnf: ``FILE_ACTIONS``, never translated)::

    2025-06-24T03:12:44+0200 INFO --- logging initialized ---
    2025-06-24T03:12:45+0200 SUBDEBUG Upgrade: openssl-libs-1:3.0.7-27.el9.x86_64
    2025-06-24T03:12:46+0200 SUBDEBUG Upgraded: openssl-libs-1:3.0.7-25.el9.x86_64

``dnf.log`` has the command line, and at the end what was done as it stood on the screen: a heading (``Upgraded:``), then the new versions, indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.model.packages import RpmItem
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.command_lines import asked_for, is_unattended, tool_of
from changelog_ledger.observations.packages.rpm_changes import package_changes
from changelog_ledger.observations.packages.rpm_names import parsed_rpm_name
from changelog_ledger.observations.packages.transactions import Outcome, Transaction

_LINE = re.compile(r"(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d(?::?\d\d)?)?) +[A-Z]+ *(?P<text>.*)$", re.ASCII)
_PACKAGE = re.compile(r"(?P<verb>[A-Z][a-z]+): +(?P<name>\S+)$")
_VERBS = {
    "Installed": "install",
    "Upgrade": "upgrade",
    "Upgraded": "upgraded",
    "Downgrade": "downgrade",
    "Downgraded": "downgraded",
    "Reinstall": "reinstall",
    "Reinstalled": "reinstalled",
    "Erase": "remove",
    "Erased": "remove",
    "Removed": "remove",
    "Obsoleted": "obsoleted",
}
_HEADINGS = {
    "Installed": "install",
    "Upgraded": "upgrade",
    "Downgraded": "downgrade",
    "Reinstalled": "reinstall",
    "Removed": "remove",
    "Obsoleted": "obsoleted",
}
_HEADING = re.compile(r"(?P<verb>[A-Z][a-z]+):\s*$")
_BEGINS = "--- logging initialized ---"
_PAUSE = timedelta(hours=2)
"""A longer pause between two packages parts two transactions of one process (a daemon's)."""
_FAILURES = ("Error: Transaction failed", "Transaction test error", "Error: Error: transaction", "Failed: ")


@dataclass
class _Group:
    """What is gathered of one run of DNF.

    :ivar stamp: time and spelling of the last dated line; what is written below it without a time of its own has this one.
    :ivar heading: the verb of the list that is being read.
    """

    stamp: tuple[datetime, str, str] | None = None
    began: tuple[datetime, str, str] | None = None
    ended: datetime | None = None
    command: str = ""
    error: str = ""
    items: list[RpmItem] = field(default_factory=list)
    heading: str = ""

    def add(self, name: str, verb: str) -> None:
        """One more package, at the time of the last dated line."""
        if self.stamp is None:
            return
        parsed = parsed_rpm_name(name)
        self.items.append(RpmItem(parsed.name, parsed.version, parsed.architecture, verb))
        self.began = self.began or self.stamp
        self.ended = self.stamp[0]


def transactions(lines: Iterable[LogLine], times: LocalTimes) -> Iterator[Transaction]:
    """The transactions of a DNF log, oldest first. Lines that are none of its are passed over."""
    group = _Group()
    for line in lines:
        text = line.text.decode("utf-8", "replace")
        found = _LINE.match(text)
        if found is None:
            _undated(group, text)
            continue
        try:
            at = times.parse(found["at"])
        except ValueError:  # the 31st of February: no line of a log
            continue
        if _BEGINS in found["text"] or (group.ended is not None and at - group.ended > _PAUSE):
            yield from _done(group)
            group = _Group()
        group.stamp = (at, found["at"], line.source)
        _dated(group, found["text"].strip())
    yield from _done(group)


def _dated(group: _Group, text: str) -> None:
    group.heading = ""
    if text.startswith("Command: "):
        group.command = text.removeprefix("Command: ").strip()
    elif text.startswith(_FAILURES):
        group.error = group.error or text
    elif (package := _PACKAGE.match(text)) and package["verb"] in _VERBS:
        group.add(package["name"], _VERBS[package["verb"]])
    else:
        _undated(group, text)


def _undated(group: _Group, text: str) -> None:
    if heading := _HEADING.match(text):
        group.heading = heading["verb"]
    elif group.heading in _HEADINGS and text.startswith("  "):
        for name in text.split():
            group.add(name, _HEADINGS[group.heading])
    else:
        group.heading = ""


def _done(group: _Group) -> Iterator[Transaction]:
    changes = package_changes(group.items)
    if not changes or group.began is None:
        return
    at, written, source = group.began
    yield Transaction(
        "dnf",
        at,
        written,
        changes,
        source,
        command=group.command,
        tool=tool_of(group.command) or "dnf",
        unattended=is_unattended(group.command, has_user=False),
        outcome=Outcome.FAILED if group.error else Outcome.SUCCEEDED if group.command else Outcome.UNKNOWN,
        ended_at=group.ended,
        error=group.error,
        asked_for=asked_for(group.command, [change.name for change in changes]),
    )
