"""What an inventory tells that no log told: the difference to the one before.

Text or values of what is installed in, what became of each package out. All the time that is known of it is that it happened between the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from changelog_ledger.model.ingestion import PackageAction, PackageChange, Seen
from changelog_ledger.model.packages import InstalledPackage, Inventory
from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.packages.transactions import Transaction, seen
from changelog_ledger.observations.packages.version_order import is_newer

_UNORDERED = frozenset(("flatpak",))
"""Managers whose versions are digests: whether one is newer does not show."""

_Slot = tuple[str, str, str]
"""Name, architecture and place: where a new version takes the place of an old one."""


def compared(before: Inventory, after: Inventory) -> tuple[PackageChange, ...]:
    """What became of the packages between two inventories of one manager, by name.

    Where several versions of a package are installed side by side (kernels), one that came and one that went make an upgrade; the others are
    installed or removed. What is missing from an inventory that could not be read wholly was not removed, as far as is known.
    """
    then, now = _versions(before), _versions(after)
    changes: list[PackageChange] = []
    for slot in sorted({*then, *now}):
        changes += _slot_changes(slot, then[slot], now[slot], before.manager, is_whole=before.whole, lost_counts=after.whole)
    return tuple(changes)


def carried_on(before: Inventory, after: Inventory) -> Inventory:
    """An inventory to compare the next one with: what could not be read this time is as it was."""
    if after.whole:
        return after
    now = _versions(after)
    lost = tuple(package for package in before.packages if _slot(package) not in now)
    return replace(after, packages=tuple(sorted((*after.packages, *lost))), whole=before.whole)


def observed(manager: str, changes: tuple[PackageChange, ...], host: str, not_before: datetime, at: datetime) -> Seen:
    """The observation of what an inventory showed: between ``not_before`` and ``at``, by nobody knows whom."""
    transaction = Transaction(manager, at, format_instant(not_before), changes, f"inventory of {manager}", not_before, more={"found_by": "inventory"})
    observation = seen(transaction, host)
    return replace(observation, summary=f"{observation.summary} ({manager}; some time between two inventories)")


def untold(changes: Collection[PackageChange], told: Collection[PackageChange]) -> tuple[PackageChange, ...]:
    """The changes without those that the manager's own log told meanwhile.

    A package that the log told anything of is left to the log: it may have been upgraded twice, and the inventory sees only both ends. But where the
    version that is there now is not the one that the log says came last, something else put it there.

    :param told: in the order of their times.
    """
    last = {change.name: change for change in told}
    return tuple(change for change in changes if not _is_told(change, last.get(change.name)))


def _is_told(change: PackageChange, last: PackageChange | None) -> bool:
    if last is None:
        return False
    return last.after == change.after if change.after and last.after else bool(change.after) == bool(last.after or _leaves(last))


def _leaves(change: PackageChange) -> bool:
    """Whether something is there afterwards, where the log names no version (``Updated: x`` without one)."""
    return change.action not in (PackageAction.REMOVED, PackageAction.PURGED)


def _versions(inventory: Inventory) -> defaultdict[_Slot, frozenset[str]]:
    versions: dict[_Slot, set[str]] = {}
    for package in inventory.packages:
        versions.setdefault(_slot(package), set()).add(package.version)
    return defaultdict(frozenset, {slot: frozenset(every) for slot, every in versions.items()})


def _slot(package: InstalledPackage) -> _Slot:
    return package.name, package.architecture, package.place


def _slot_changes(
    slot: _Slot, then: frozenset[str], now: frozenset[str], manager: str, *, is_whole: bool, lost_counts: bool
) -> Iterator[PackageChange]:
    name, architecture, _ = slot
    came, went = sorted(now - then), sorted(then - now)
    while came and went:
        before, after = went.pop(), came.pop()
        is_upgrade = manager in _UNORDERED or is_newer(after, before, manager)
        action = PackageAction.UPGRADED if is_upgrade else PackageAction.DOWNGRADED
        yield PackageChange(name, action, before, after, architecture)
    if is_whole:
        yield from (PackageChange(name, PackageAction.INSTALLED, "", version, architecture) for version in came)
    if lost_counts:
        yield from (PackageChange(name, PackageAction.REMOVED, version, "", architecture) for version in went)
