"""A document as settings that many hosts can be compared by: every part under a name that does not depend on where it stands.

Items of a list go by the name that the list's policy gives them, as in deltas. Where they have none, a delta between two versions finds out which
item is which; among five hundred hosts there is no before, so the list stays one setting, and whoever compares looks at what is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from changelog_ledger.diff.identity import KNOWN_AS, paired, policy_at
from changelog_ledger.diff.keys import key_text
from changelog_ledger.diff.renames import NAME
from changelog_ledger.model.document import Document, KeyPath, ListPolicy, Node, Order
from changelog_ledger.model.peers import Setting, SettingKind

_MADE_UP = (KNOWN_AS, NAME)
"""Fields in which parsers keep a name that the key says already."""


def settings_of(document: Document, lists: Collection[str] = ()) -> tuple[Setting, ...]:
    """Every value, block, list without names, and order of a named list, from the outside in.

    :param lists: keys that are lists on another host: what is written once here is a list of one then, where the format means it so.
    """
    return tuple(_below(_Walk(document, lists), document.root, _Place()))


def list_keys(settings: Sequence[Setting]) -> frozenset[str]:
    """The keys that are lists, of whatever kind."""
    return frozenset(each.key for each in settings if each.kind in (SettingKind.LIST, SettingKind.ORDER))


@dataclass(frozen=True, slots=True)
class _Walk:
    document: Document
    lists: Collection[str]

    def is_list(self, key: str) -> bool:
        return self.document.key_style == "path" and key in self.lists


@dataclass(frozen=True, slots=True)
class _Place:
    path: KeyPath = ()
    names: tuple[str | None, ...] = ()
    above: str = ""

    def inner(self, step: str | int, name: str | None, above: str) -> _Place:
        return _Place((*self.path, step), (*self.names, name), above)


def _below(walk: _Walk, node: Node, place: _Place) -> Iterator[Setting]:
    key = key_text(place.path, place.names, walk.document.key_style) or ""
    if isinstance(node, list):
        yield from _list(walk, node, place, key)
    elif walk.is_list(key):
        yield from _list(walk, [node], place, key)
    elif isinstance(node, dict):
        if key:
            yield Setting(key, SettingKind.BLOCK, node, place.above)
        for step, inner in node.items():
            if step not in _MADE_UP:
                yield from _below(walk, inner, place.inner(step, None, key))
    else:
        yield Setting(key, SettingKind.VALUE, node, place.above)


def _list(walk: _Walk, items: list[Node], place: _Place, key: str) -> Iterator[Setting]:
    readable = [step if name is None else name for step, name in zip(place.path, place.names, strict=True)]
    policy = policy_at(readable, walk.document.policies)
    names = {pair.index: pair.name for pair in paired([], items, policy) if pair.index is not None}
    if policy.order is not Order.ORDERED and not any(isinstance(item, dict) for item in items):
        yield Setting(key, SettingKind.LIST, sorted(items, key=repr), place.above)  # the members of a set stand in for each other as items do
    elif not items or any(names.get(index) is None for index in range(len(items))):
        yield Setting(key, SettingKind.LIST, items, place.above)
    else:
        yield from _named(walk, items, place, key, names, policy)


def _named(walk: _Walk, items: list[Node], place: _Place, key: str, names: Mapping[int, str | None], policy: ListPolicy) -> Iterator[Setting]:
    order: list[Node] = [str(names[index]) for index in range(len(items))]
    yield Setting(key, SettingKind.ORDER, order if policy.order is Order.ORDERED else [], place.above)
    for index, item in enumerate(items):
        yield from _below(walk, item, place.inner(index, names[index], key))
