"""What became of packages, from what rpm's front ends tell: the new version and the one that had to go are two entries, in any order."""

from __future__ import annotations

from collections.abc import Iterable

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.packages import RpmItem

_NEW = {
    "install": PackageAction.INSTALLED,
    "upgrade": PackageAction.UPGRADED,
    "downgrade": PackageAction.DOWNGRADED,
    "reinstall": PackageAction.REINSTALLED,
}
_REPLACED = {"upgraded": "upgrade", "downgraded": "downgrade", "reinstalled": "reinstall"}
_NOT_ASKED_FOR = frozenset(("dependency", "weak-dependency", "clean"))


def package_changes(items: Iterable[RpmItem]) -> tuple[PackageChange, ...]:
    """One change a package, in the order in which it is first named.

    What an old version was replaced by is found by name and architecture, then by name alone (``noarch`` became ``x86_64``). A package that had to
    go for one of another name was removed, and nobody asked for that.
    """
    told = tuple(dict.fromkeys(items))
    old = [item for item in told if item.verb in _REPLACED or item.verb == "replaced"]
    changes: list[PackageChange] = []
    for item in told:
        if item.verb in _NEW:
            changes.append(_new(item, _taken(old, item)))
        elif item.verb in ("remove", "obsoleted"):
            automatic = item.verb == "obsoleted" or item.reason in _NOT_ASKED_FOR
            changes.append(PackageChange(item.name, PackageAction.REMOVED, item.version, "", item.architecture, automatic))
    return (*changes, *(_left_over(item) for item in old))


def _new(item: RpmItem, before: RpmItem | None) -> PackageChange:
    action = _NEW[item.verb]
    if action is PackageAction.REINSTALLED:
        return PackageChange(item.name, action, item.version, item.version, item.architecture)
    automatic = action is PackageAction.INSTALLED and item.reason in _NOT_ASKED_FOR
    return PackageChange(item.name, action, before.version if before else "", item.version, item.architecture, automatic)


def _taken(old: list[RpmItem], new: RpmItem) -> RpmItem | None:
    """The version that a new one took the place of; it is taken out of ``old``."""
    if new.verb == "install":  # beside what is there: kernels
        return None
    candidates = [item for item in old if item.name == new.name and _REPLACED.get(item.verb, new.verb) == new.verb]
    found = next((item for item in candidates if item.architecture == new.architecture), candidates[0] if candidates else None)
    if found is not None:
        old.remove(found)
    return found


def _left_over(item: RpmItem) -> PackageChange:
    """An old version whose new one was not told."""
    if item.verb == "replaced":
        return PackageChange(item.name, PackageAction.REMOVED, item.version, "", item.architecture, automatic=True)
    return PackageChange(item.name, _NEW[_REPLACED[item.verb]], item.version, "", item.architecture)
