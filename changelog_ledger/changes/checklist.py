"""Checklists: which items a change gets, and what ticks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from changelog_ledger.changes.rules import impact_of
from changelog_ledger.model.change import Change, Item
from changelog_ledger.model.policy import Policy

DEFAULT = "default"
"""The checklist of a change without a category of its own."""


def with_checklist(change: Change, policy: Policy, checklists: Mapping[str, tuple[Item, ...]]) -> Change:
    """A planned change with the checklist of its category, where it brings no items of its own and does enough to need one."""
    if change.items or impact_of(change).rank < policy.checklist_from.rank:
        return change
    return replace(change, items=checklists.get(DEFAULT, ()))
