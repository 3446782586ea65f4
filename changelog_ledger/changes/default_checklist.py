"""The built-in checklist: what is forgotten most often when something moves, one line each, and a few lines more for some categories of changes.

A home replaces either by ``[checklists]`` of its settings. Items whose area has files (:mod:`~changelog_ledger.changes.areas`) carry their paths, so
that a difference found by the change's own snapshots ticks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from changelog_ledger.changes.areas import AREAS
from changelog_ledger.model.change import Item


def _item(text: str, area: str = "") -> Item:
    return Item(text, paths=AREAS[area] if area else ())


DEFAULT_ITEMS: tuple[Item, ...] = (
    _item("servers: do it on every machine that needs it, standby and test machines too"),
    _item("configurations: change the files on every machine, and where they are made from"),
    _item("user profiles: check accounts, rights and keys that people and programs log in with", "users"),
    _item("firewalls: open what is new and close what is old, on the other end too", "firewall"),
    _item("IP addresses: find everybody who has the old address in a list", "addresses"),
    _item("DNS: change the names, and know when the old answers expire", "dns"),
    _item("certificates: check names, expiry and chain on the new side", "certificate"),
    _item("monitoring: mute it for the window, watch what is new, drop what is gone", "monitoring"),
    _item("backups: make one before, and back up the new place", "backups"),
    _item("partners: tell those who connect to it, and hear back from them"),
    _item("users: tell them when, for how long, and whom to ask"),
)
"""What is asked of every change that does enough to need a checklist."""

CATEGORY_ITEMS: Mapping[str, tuple[Item, ...]] = MappingProxyType(
    {
        "firewall": (
            _item("both ways: try a connection that must pass and one that must not"),
            _item("after a reboot: save the rules, so that they are there again"),
        ),
        "dns": (
            _item("time to live: lower it a day before, raise it afterwards"),
            _item("both views: ask a resolver inside and one outside"),
        ),
        "certificate": (
            _item("reload: restart everything that still holds the old certificate"),
            _item("pinned copies: find partners who stored the old certificate or its issuer"),
        ),
        "database": (
            _item("restore: prove that the backup can be read back"),
            _item("old program: check that it still runs on the new schema, else there is no way back"),
        ),
        "network": (
            _item("console: have a way in that does not need the network"),
            _item("both paths: switch to the second one and back"),
        ),
        "kernel": (
            _item("old kernel: keep it bootable, and know how to choose it"),
            _item("modules: check that drivers and file systems load under the new one"),
        ),
    }
)
"""What is asked besides, by category."""
