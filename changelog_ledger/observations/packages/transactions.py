"""What a transaction of any package manager looks like as an observation.

A manager's module reads its log to :class:`Transaction`; :func:`seen` makes what is recorded of it::

    seen(Transaction("dnf", at, written_at="2025-06-01T03:12:44+0200", changes=changes, command="upgrade -y", requested_by="alex"), host="web-01")
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from changelog_ledger.model.ingestion import PackageAction, PackageChange, Seen
from changelog_ledger.model.times import format_instant

MOST_PACKAGES = 200
"""Packages that are listed in ``data``; ``packages_total`` counts all."""

_NAMED = 2
"""Packages that a summary of several names."""

_ORDER = (
    PackageAction.UPGRADED,
    PackageAction.DOWNGRADED,
    PackageAction.INSTALLED,
    PackageAction.REINSTALLED,
    PackageAction.REMOVED,
    PackageAction.PURGED,
)
"""A mixed transaction is named by the first of these that occurs in it."""


class Outcome(StrEnum):
    """How a transaction ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a package manager did in one go.

    :ivar manager: ``apt``, ``dpkg``, ``dnf`` …
    :ivar at: when it began, in UTC; the end of the range if ``not_before`` is given (two inventories were compared).
    :ivar written_at: the same time as the record has it: the reference follows from it, so that another time zone gives no second observation.
    :ivar changes: in the record's order; at least one.
    :ivar source: the record, as people know it (``/var/log/apt/history.log.1.gz``).
    :ivar requested_by: name of the person who asked.
    :ivar tool: what did it if no person is known (``unattended-upgrades``).
    :ivar unattended: None if the record does not say.
    :ivar error: the manager's own words.
    :ivar asked_for: names that were asked for; they come first in the summary.
    :ivar recorded: the changes as the record has them, if ``changes`` were completed from elsewhere: the reference follows from these.
    :ivar more: more data, JSON values.
    """

    manager: str
    at: datetime
    written_at: str
    changes: tuple[PackageChange, ...]
    source: str = ""
    not_before: datetime | None = None
    command: str = ""
    requested_by: str = ""
    tool: str = ""
    unattended: bool | None = None
    outcome: Outcome = Outcome.UNKNOWN
    ended_at: datetime | None = None
    error: str = ""
    asked_for: frozenset[str] = frozenset()
    recorded: tuple[PackageChange, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def seen(transaction: Transaction, host: str) -> Seen:
    """The observation of a transaction on a host."""
    ordered = _ordered(transaction)
    return Seen(
        ref=reference(transaction, host),
        what=what(transaction.changes),
        at=transaction.at,
        summary=_summary(transaction, ordered),
        not_before=transaction.not_before,
        actor=_actor(transaction),
        data=_data(transaction, ordered),
        source=transaction.source,
    )


def reference(transaction: Transaction, host: str) -> str:
    """What it is known by: follows from host, manager, the time as written, the command and the packages, and nothing else."""
    changes = [[each.name, each.architecture, str(each.action), each.before, each.after] for each in transaction.recorded or transaction.changes]
    parts: list[Any] = [transaction.manager, transaction.written_at, transaction.command, changes]
    if transaction.outcome is Outcome.INTERRUPTED:  # should it end after all, that is something else
        parts.append("interrupted")
    content = json.dumps(parts)
    return f"package:{host}:{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def what(changes: Sequence[PackageChange]) -> str:
    """``package-upgraded`` …: the first action, in the order of what matters, that occurs."""
    occurring = {each.action for each in changes}
    return f"package-{next((action for action in _ORDER if action in occurring), PackageAction.UPGRADED)}"


def _ordered(transaction: Transaction) -> list[PackageChange]:
    """What was asked for first, what matters more before what matters less, what came by itself last; otherwise as recorded."""
    return sorted(transaction.changes, key=lambda each: (each.name not in transaction.asked_for, each.automatic, _ORDER.index(each.action)))


def _actor(transaction: Transaction) -> str:
    return transaction.requested_by or transaction.tool


_FIRST_WORD = {Outcome.FAILED: "failed: ", Outcome.INTERRUPTED: "interrupted: "}


def _summary(transaction: Transaction, ordered: Sequence[PackageChange]) -> str:
    first, actor = _FIRST_WORD.get(transaction.outcome, ""), _actor(transaction)
    by = f" by {actor}" if actor else ""
    if len(ordered) == 1:
        return f"{first}{_versions(ordered[0])} {ordered[0].action}{by}"
    counts = Counter(each.action for each in ordered)
    present = [action for action in _ORDER if counts[action]]
    numbers = ", ".join(f"{counts[action]}{' packages' if action is present[0] else ''} {action}" for action in present)
    if counts[present[0]] == 1:
        numbers = numbers.replace("1 packages", "1 package", 1)
    named = [_versions(each) for each in ordered[:_NAMED]]
    rest = len(ordered) - len(named)
    return f"{first}{numbers}{by}: {', '.join(named)}{f', and {rest} more' if rest else ''}"


def _versions(change: PackageChange) -> str:
    if change.before and change.after and change.before != change.after:
        return f"{change.name} {change.before} → {change.after}"
    return f"{change.name} {change.after or change.before}".rstrip()


def _data(transaction: Transaction, ordered: Sequence[PackageChange]) -> dict[str, Any]:
    known = {
        "manager": transaction.manager,
        "packages": [_package(each) for each in ordered[:MOST_PACKAGES]],
        "packages_total": len(ordered),
        "command": transaction.command,
        "requested_by": transaction.requested_by,
        "unattended": transaction.unattended,
        "outcome": str(transaction.outcome),
        "ended_at": format_instant(transaction.ended_at) if transaction.ended_at else "",
        "error": transaction.error,
    }
    return {name: value for name, value in known.items() if value not in ("", None)} | dict(transaction.more)


def _package(change: PackageChange) -> dict[str, Any]:
    """``before`` and ``after`` are there even when empty: none was there, or none is."""
    told: dict[str, Any] = {"name": change.name, "action": str(change.action), "before": change.before, "after": change.after}
    if change.architecture:
        told["architecture"] = change.architecture
    if change.automatic:
        told["automatic"] = True
    return told
