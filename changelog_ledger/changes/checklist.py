"""Checklists: which items a change gets, which one somebody means, and what ticks them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from changelog_ledger.changes.areas import area_called
from changelog_ledger.changes.default_checklist import CATEGORY_ITEMS, DEFAULT_ITEMS
from changelog_ledger.changes.rules import impact_of
from changelog_ledger.errors import Ambiguous, InvalidInput, NotFound, TransitionRefused
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change, Item, ItemState, Status
from changelog_ledger.model.evidence import Op, RecordedDelta
from changelog_ledger.model.policy import Policy

DEFAULT = "default"
"""The name of the checklist that every change gets, whatever its category."""

LONGEST_ITEM = 500


def with_checklist(change: Change, policy: Policy, checklists: Mapping[str, tuple[Item, ...]]) -> Change:
    """A planned change with the default checklist and that of its categories, where it brings no items of its own and does enough to need one.

    :param checklists: the home's own, by category; each stands in for the built-in one of its name.
    """
    if change.items or impact_of(change).rank < policy.checklist_from.rank:
        return change
    return replace(change, items=items_for(change.category, checklists))


def items_for(categories: Sequence[str], checklists: Mapping[str, tuple[Item, ...]]) -> tuple[Item, ...]:
    """The default items and those of the categories, no text twice. A category may be named by another word for it (``tls``)."""
    lists = [checklists.get(DEFAULT, DEFAULT_ITEMS), *(_of_category(word, checklists) for word in categories)]
    found: dict[str, Item] = {}
    for item in (item for items in lists for item in items):
        found.setdefault(item.text, item)
    return tuple(found.values())


def _of_category(word: str, checklists: Mapping[str, tuple[Item, ...]]) -> tuple[Item, ...]:
    for name in filter(None, (word, area_called(word))):
        if name in checklists:
            return checklists[name]
        if name in CATEGORY_ITEMS:
            return CATEGORY_ITEMS[name]
    return ()


def find_item(change: Change, text: str) -> Item:
    """The item that somebody means: by its text, its number from 1, the beginning of its text, or a word in it; in any case.

    :raises NotFound: if there is none, or (:class:`Ambiguous`) several; both name the items.
    """
    wanted = " ".join(text.split()).casefold()
    if wanted.isdecimal() and len(wanted) < 6 and 1 <= int(wanted) <= len(change.items) and all(item.text != wanted for item in change.items):
        return change.items[int(wanted) - 1]
    for fits in _WAYS if wanted else ():
        found = [item for item in change.items if fits(item.text.casefold(), wanted)]
        if len(found) > 1:
            raise Ambiguous(f"{text!r} fits several items of {change.id}: {_named(found)}", "type its number, or more of it")
        if found:
            return found[0]
    if not change.items:
        raise NotFound(f"{change.id} has no checklist", f"add an item: ledger change add-item {change.id} TEXT")
    raise NotFound(f"{change.id} has no item {text!r}; it has: {_named(change.items)}", f"ledger change show {change.id} numbers them")


_WAYS: tuple[Callable[[str, str], bool], ...] = (
    lambda text, wanted: text == wanted,
    lambda text, wanted: re.match(rf"{re.escape(wanted)}\b", text) is not None,
    lambda text, wanted: text.startswith(wanted),
    lambda text, wanted: re.search(rf"\b{re.escape(wanted)}\b", text) is not None,
    lambda text, wanted: re.search(rf"\b{re.escape(wanted)}", text) is not None,
)
"""How an item may be meant, the surest way first."""


def tickable(change: Change) -> Change:
    """The change, if its checklist may still be altered: also after it was finished, for one notices late what was done in time.

    :raises TransitionRefused: of a cancelled change.
    """
    if change.status is Status.CANCELLED:
        raise TransitionRefused(f"{change.id} was cancelled: its checklist stays as it is", f"say it in a note: ledger change note {change.id} TEXT")
    return change


def new_item(change: Change, text: str, command: str = "", paths: Iterable[str] = ()) -> Item:
    """An item that comes to a change's checklist.

    :raises InvalidInput: if it says nothing, is overlong, or there is one of this text already.
    """
    words = " ".join(text.split())
    if not words:
        raise InvalidInput("the item says nothing", "write what is to be done: ledger change add-item ID TEXT")
    if len(words) > LONGEST_ITEM:
        raise InvalidInput(f"the item has {len(words)} characters, more than {LONGEST_ITEM}", "shorten it; the rest belongs into a note")
    if any(item.text == words for item in change.items):
        raise InvalidInput(f"{change.id} has the item {words!r} already", f"look: ledger change show {change.id}")
    return Item(words, command=command.strip(), paths=tuple(paths))


def proven_by(change: Change, deltas: Sequence[RecordedDelta]) -> Iterator[tuple[Item, RecordedDelta]]:
    """The open items that a difference proves, each with the first that does."""
    for item in change.open_items:
        seen = next((found for found in deltas if item.paths and globs.covers(item.paths, found.delta.path)), None)
        if seen is not None:
            yield item, seen


def seen_words(found: RecordedDelta) -> str:
    """``seen: /etc/nftables.conf changed (EV-3F7K2M)``: why an item is ticked."""
    what = found.delta.op if found.delta.op in (Op.ADDED, Op.REMOVED, Op.MOVED) and found.delta.key is None else Op.CHANGED
    return f"seen: {found.delta.path} {what} ({found.id})"


def ticked(item: Item, because: str) -> Item:
    """The item, done. What proved it already stays its proof, unless there is another."""
    known = item.because if item.state is ItemState.DONE else ""
    return replace(item, state=ItemState.DONE, because=because.strip() or known)


def waived(item: Item, because: str) -> Item:
    """The item, not needed.

    :raises InvalidInput: without a reason.
    """
    if not because.strip():
        raise InvalidInput(f"nothing says why {item.name!r} is not needed", "say it: --because TEXT")
    return replace(item, state=ItemState.WAIVED, because=because.strip())


def reopened(item: Item) -> Item:
    """The item, still to be done."""
    return replace(item, state=ItemState.OPEN, because="")


def _named(items: Sequence[Item]) -> str:
    """``'servers', 'DNS'``; not more than a dozen."""
    return ", ".join(repr(item.name) for item in items[:12]) + (f" and {len(items) - 12} more" if len(items) > 12 else "")
