"""What inventories show and no log told: the net below the logs, and all that is known of managers that keep none.

::

    inventories = PackageInventories(logs)
    record_seen(…, inventories.after(seen), …)     # taken first, compared when the logs were read
    inventories.keep()                             # only now: what they showed is durable

They are taken **before** the logs are read: a manager writes to its log before or while it alters its database, so that what an inventory shows
the log has told when it is read. What the log tells of the time after the inventory is kept with it, for the next one will show that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.model.ingestion import Gap, PackageAction, PackageChange, Seen
from changelog_ledger.model.packages import InstalledPackage, Inventory, RawInventory
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.observations.packages.installed import inventory_of
from changelog_ledger.observations.packages.inventories import carried_on, compared, observed, untold
from changelog_ledger.sources.packages.inventories import raw_inventories
from changelog_ledger.workflows.host_logs import HostLogs

INVENTORY_FOLDER = "inventories"

_TOLD_BY = {"apt": "dpkg", "dpkg": "dpkg", "pacman": "pacman", "apk": "apk"}
"""Whose inventory shows what a manager's log tells."""
_NEVER_EMPTY = frozenset(("dpkg", "apk", "pacman", "rpm"))
"""Managers of a whole system: something is always installed."""
_GONE_IS_A_GAP = frozenset(("dpkg", "apk", "pacman"))
"""Managers whose database does not go while the host is in use; rpm's is asked only where no history tells."""
_LASTS = timedelta(hours=12)
"""A transaction may have begun so long before an inventory, and have ended after it."""
_SETTLES = timedelta(hours=1)
"""A database that was written to so recently may show what its log does not tell to its end yet: it is compared next time."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a log told of one package, and when it began."""

    at: datetime
    change: PackageChange


@dataclass(frozen=True, slots=True)
class _Kept:
    """An inventory of an earlier ingestion, and what its manager's log told of the time since.

    :ivar cut_at: when a transaction began of which not every package was listed; None if there was none.
    """

    at: datetime
    inventory: Inventory
    told: tuple[_Told, ...] = ()
    cut_at: datetime | None = None


@dataclass
class PackageInventories:
    """The inventories of one ingestion."""

    logs: HostLogs
    _told: defaultdict[str, list[_Told]] = field(default_factory=lambda: defaultdict(list))
    _cut_at: dict[str, datetime] = field(default_factory=dict)
    _to_keep: dict[str, _Kept] = field(default_factory=dict)

    def after(self, seen: Iterable[Seen]) -> Iterator[Seen]:
        """What the logs tell, then what inventories show besides."""
        now = self.logs.workspace.now()
        databases = list(raw_inventories(self.logs.root, self.logs.gaps))
        cut_off = {raw.manager for raw in databases if raw.cut_off}
        inventories = {raw.manager: (raw, inventory_of(raw)) for raw in databases if not raw.cut_off}
        if any(raw.pieces for raw, _ in inventories.values()):
            self.logs.found_record()
        kept = {manager: self._kept(manager) for manager in sorted({*inventories, *_TOLD_BY.values()})}
        since = {manager: (each.at if each else now) - _LASTS for manager, each in kept.items()}
        for each in seen:
            self._hear(each, since)
            yield each
        for manager, before in kept.items():
            if manager in inventories:
                yield from self._compared(before, *inventories[manager], now)
            elif before is not None:  # it cannot be read this time
                self._to_keep[manager] = self._postponed(before)
                if manager in _GONE_IS_A_GAP and before.inventory.packages and manager not in cut_off:
                    self.logs.gaps.append(Gap(f"inventory of {manager}", "its database is gone; what changed since the last one is not known"))
        first = [manager for manager, (_, inventory) in inventories.items() if kept[manager] is None and inventory.packages]
        if first:
            self.logs.notes.append(f"first inventory of {', '.join(first)}: from now on it shows what no log tells")

    def _compared(self, before: _Kept | None, raw: RawInventory, inventory: Inventory, now: datetime) -> Iterator[Seen]:
        if before is None:
            self._to_keep[inventory.manager] = self._fresh(inventory, now)
        elif inventory.manager in _NEVER_EMPTY and before.inventory.packages and not inventory.packages:
            self.logs.gaps.append(Gap(f"inventory of {inventory.manager}", "its database names no package any more: it is damaged"))
            self._to_keep[inventory.manager] = self._postponed(before)
        elif self._is_withheld(before) or (raw.modified is not None and raw.modified > (now - _SETTLES).timestamp()):
            self._to_keep[inventory.manager] = self._postponed(before)
        else:
            yield from self._shown(before, inventory, now)

    def _is_withheld(self, before: _Kept) -> bool:
        """Whether its manager's log told of something meanwhile that is not recorded yet: the inventory would tell it in another way."""
        latest = self.logs.withheld.get(before.inventory.manager)
        return latest is not None and latest >= before.at - _LASTS

    def keep(self) -> None:
        """Keep every inventory for the next ingestion. What they showed has to be durable by now."""
        self.logs.cache.keep(INVENTORY_FOLDER, {manager: _document(kept) for manager, kept in self._to_keep.items()})

    def _hear(self, seen: Seen, since: Mapping[str, datetime]) -> None:
        manager = _TOLD_BY.get(str(seen.data.get("manager", "")))
        if manager is None or seen.at < since[manager]:
            return
        packages = seen.data.get("packages", [])
        if seen.data.get("packages_total", 0) > len(packages):
            self._cut_at[manager] = max(seen.at, self._cut_at.get(manager, seen.at))
        self._told[manager] += [
            _Told(seen.at, PackageChange(each["name"], PackageAction(each["action"]), each["before"], each["after"])) for each in packages
        ]

    def _shown(self, before: _Kept, inventory: Inventory, now: datetime) -> Iterator[Seen]:
        """What one inventory shows that its manager's log did not tell."""
        manager, heard = inventory.manager, self._postponed(before)
        told = [each.change for each in sorted(heard.told, key=lambda each: each.at)]
        changes = untold(compared(before.inventory, inventory), told)
        if changes and heard.cut_at is not None and heard.cut_at >= before.at - _LASTS:
            self.logs.notes.append(
                f"{manager}: a transaction of too many packages to be listed; its inventory was not compared with the log this time"
            )
        elif changes:
            yield observed(manager, changes, self.logs.host, before.at, now)
        self._to_keep[manager] = self._fresh(carried_on(before.inventory, inventory), now)

    def _fresh(self, inventory: Inventory, now: datetime) -> _Kept:
        manager = inventory.manager
        told = tuple(each for each in self._told[manager] if each.at >= now - _LASTS)
        return _Kept(now, inventory, told, self._cut_at.get(manager))

    def _postponed(self, before: _Kept) -> _Kept:
        """The earlier inventory with what its manager's log told this time."""
        manager = before.inventory.manager
        return replace(before, told=tuple(dict.fromkeys((*before.told, *self._told[manager]))), cut_at=self._cut_at.get(manager, before.cut_at))

    def _kept(self, manager: str) -> _Kept | None:
        place = self.logs.cache.place(INVENTORY_FOLDER, manager)
        try:
            read = self.logs.cache.read(INVENTORY_FOLDER, manager)
            kept = _of(manager, read.document)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.logs.gaps.append(Gap(str(place), f"the inventory of the last ingestion cannot be read ({error}); what changed since is not known"))
            return None
        if (
            kept.inventory.packages and not read.is_current
        ):  # it still shows what became of the packages since; what earlier ones showed went with the database
            why = f"the database is older than it (restored?); what inventories showed before {format_instant(kept.at)} may be lost"
            self.logs.gaps.append(Gap(f"inventory of {manager}", why))
        return kept


def _document(kept: _Kept) -> dict[str, Any]:
    return {
        "at": format_instant(kept.at),
        "whole": kept.inventory.whole,
        "packages": [[each.name, each.version, each.architecture, each.place] for each in kept.inventory.packages],
        "told": [[format_instant(each.at), each.change.name, str(each.change.action), each.change.before, each.change.after] for each in kept.told],
        "cut_at": format_instant(kept.cut_at) if kept.cut_at else None,
    }


def _of(manager: str, document: dict[str, Any]) -> _Kept:
    packages = tuple(InstalledPackage(*map(str, each)) for each in document["packages"])
    told = tuple(
        _Told(parse_instant(at), PackageChange(name, PackageAction(action), before, after)) for at, name, action, before, after in document["told"]
    )
    cut_at = document["cut_at"]
    return _Kept(
        parse_instant(document["at"]), Inventory(manager, packages, bool(document["whole"])), told, parse_instant(cut_at) if cut_at else None
    )
