"""Whether the last transaction of a log is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from changelog_ledger.observations.packages.transactions import Outcome, Transaction

SETTLES = timedelta(minutes=15)
"""When a log has been silent for so long, its last transaction is over even where the log does not say so."""


def settled(transactions: Iterable[Transaction], now: datetime, notes: list[str]) -> Iterator[Transaction]:
    """The same without the last one if it may still run: half of it would be recorded as one, and all of it as another one later.

    :param notes: gets a word of it.
    """
    last: Transaction | None = None
    for transaction in transactions:
        if last is not None:
            yield last
        last = transaction
    if last is not None and _may_still_run(last, now):
        notes.append(f"{last.manager}: its last transaction may not have ended yet; it is recorded next time")
    elif last is not None:
        yield last


def _may_still_run(transaction: Transaction, now: datetime) -> bool:
    if transaction.outcome is Outcome.SUCCEEDED:
        return False
    ended = transaction.ended_at or transaction.at
    return timedelta(0) <= now - ended < SETTLES
