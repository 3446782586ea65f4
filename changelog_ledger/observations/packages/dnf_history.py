"""DNF's and yum's history databases: one transaction each, with who asked and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from changelog_ledger.model.packages import RpmTransaction
from changelog_ledger.model.times import EARLIEST, LATEST
from changelog_ledger.observations.packages.command_lines import asked_for, is_unattended, tool_of
from changelog_ledger.observations.packages.rpm_changes import package_changes
from changelog_ledger.observations.packages.transactions import Outcome, Transaction

_STILL_RUNNING = timedelta(hours=12)
"""A transaction without an end that began this recently may still run; it is read when it has ended."""


def transactions(rows: Iterable[RpmTransaction], source: str, now: datetime) -> Iterator[Transaction]:
    """The transactions of a history database, oldest first.

    Those of no package (marking one as wanted, groups) are left out, as are those whose time is none.
    """
    for row in rows:
        began = _instant(row.began)
        if began is None or (row.ended is None and now - began < _STILL_RUNNING):
            continue
        if changes := package_changes(row.items):
            yield Transaction(
                row.manager,
                began,
                str(row.began),
                changes,
                source,
                command=row.command,
                requested_by=row.user,
                tool=tool_of(row.command) or row.manager,
                unattended=is_unattended(row.command, has_user=bool(row.user)),
                outcome=Outcome(row.outcome) if row.ended is not None or row.outcome == Outcome.FAILED else Outcome.INTERRUPTED,
                ended_at=_instant(row.ended),
                error=row.error,
                asked_for=asked_for(row.command, [change.name for change in changes])
                | {item.name for item in row.items if item.reason == "user" and item.verb in ("install", "remove")},
            )


def _instant(seconds: int | None) -> datetime | None:
    if seconds is None or seconds <= 0:
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if EARLIEST <= moment < LATEST else None
