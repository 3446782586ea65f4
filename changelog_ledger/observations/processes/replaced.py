"""When code was replaced: by the package transaction that did it, else by the file that is there now, else some time since the process began."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.packages import package_names
from changelog_ledger.model.processes import OutdatedFile
from changelog_ledger.model.times import parse_instant


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was; ``not_before`` where it is only known to lie in a range that ends at ``at``."""

    at: datetime
    not_before: datetime | None = None


def replaced_at(
    files: Sequence[OutdatedFile], packages: Collection[str], transactions: Iterable[Observation], started: datetime, now: datetime
) -> Moment:
    """When the first of the files was replaced.

    :param packages: those that own the files.
    :param transactions: observations of packages on the host.
    :param started: when the process began that runs them: it has mapped what was there then, so what happened before replaced nothing of it.
    """
    told = transaction_of(packages, transactions, started)
    if told is not None:
        return Moment(max(told.at, started), _time(told.data.get("not_before")))
    changed = [file.changed_at for file in files if file.changed_at is not None and started < file.changed_at <= now]
    return Moment(min(changed)) if changed else Moment(max(now, started), min(now, started))


def transaction_of(packages: Collection[str], transactions: Iterable[Observation], after: datetime) -> Observation | None:
    """The first transaction of one of the packages that ended after a time."""
    own = [seen for seen in transactions if _ended(seen) > after and not frozenset(package_names(seen.data)).isdisjoint(packages)]
    return min(own, key=lambda seen: (seen.at, seen.id), default=None)


def _ended(seen: Observation) -> datetime:
    return _time(seen.data.get("ended_at")) or seen.at


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except InvalidTime:  # data may say anything; then it says no time
        return None
