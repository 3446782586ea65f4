"""Keys that are there under another name: instead of a block that went and one that came, the new name and what differs within it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from changelog_ledger.diff.keys import node_at
from changelog_ledger.diff.likeness import renamed
from changelog_ledger.diff.patch import TreeChange
from changelog_ledger.diff.semantic import tree_changes
from changelog_ledger.model.document import Document, KeyPath, Node
from changelog_ledger.model.evidence import Op

NAME = "(name)"
"""The field in which parsers keep what a block is called, where the format has no key for that: it does not stand in the file as such."""


@dataclass(frozen=True, slots=True)
class Rename:
    """A key, or an item of a list, that has another name.

    :ivar path: where it is in the tree after; ``origin`` likewise before; ``names`` as in :class:`TreeChange`.
    """

    path: KeyPath
    origin: KeyPath
    names: tuple[str | None, ...]
    old: str
    new: str


def with_renames(before: Document, after: Document, changes: Sequence[TreeChange], *, single_is_list: bool) -> tuple[list[Rename], list[TreeChange]]:
    """The renames among some changes, and what is left with what differs within the things renamed."""
    of_items = [_of_item(change) for change in changes if _is_of_name(change)]
    others = [change for change in changes if not _is_of_name(change)]
    couples = _couples(before, after, others)
    gone_and_come = {id(change) for couple in couples for change in couple}
    of_keys = [_of_key(removed, added) for removed, added in couples]
    left = [change for change in others if id(change) not in gone_and_come]
    for rename, (removed, added) in zip(of_keys, couples, strict=True):
        left += _within(rename, removed, added, after, single_is_list=single_is_list)
    return of_items + of_keys, left


def _is_of_name(change: TreeChange) -> bool:
    texts = isinstance(change.before, str) and isinstance(change.after, str)
    return change.op is Op.CHANGED and texts and len(change.path) > 1 and change.path[-1] == NAME


def _of_item(change: TreeChange) -> Rename:
    return Rename(change.path[:-1], change.origin[:-1], change.names[:-1], str(change.before), str(change.after))


def _of_key(removed: TreeChange, added: TreeChange) -> Rename:
    return Rename(added.path, removed.origin, added.names, str(removed.path[-1]), str(added.path[-1]))


def _couples(before: Document, after: Document, changes: Sequence[TreeChange]) -> list[tuple[TreeChange, TreeChange]]:
    couples = []
    for gone, come in _by_parent(changes):
        siblings = _values(before.root, next(iter(gone.values())).origin[:-1]), _values(after.root, next(iter(come.values())).path[:-1])
        nodes = _nodes(gone, Op.REMOVED), _nodes(come, Op.ADDED)
        couples += [(gone[old], come[new]) for new, old in renamed(*nodes, *siblings).items()]
    return couples


def _by_parent(changes: Sequence[TreeChange]) -> list[tuple[dict[str, TreeChange], dict[str, TreeChange]]]:
    """The keys that went and those that came, by the dict they are in; only where there are both."""
    groups: dict[KeyPath, tuple[dict[str, TreeChange], dict[str, TreeChange]]] = defaultdict(lambda: ({}, {}))
    for change in changes:
        if change.path and isinstance(change.path[-1], str) and change.op in (Op.REMOVED, Op.ADDED):
            groups[change.path[:-1]][change.op is Op.ADDED][change.path[-1]] = change
    return [(gone, come) for gone, come in groups.values() if gone and come]


def _nodes(changes: Mapping[str, TreeChange], op: Op) -> dict[str, Node]:
    nodes = {key: change.before if op is Op.REMOVED else change.after for key, change in changes.items()}
    return {key: node for key, node in nodes.items() if node is not None}


def _values(root: Node, path: KeyPath) -> list[Node]:
    """The values of the dict at ``path``."""
    node = node_at(root, path)
    return list(node.values()) if isinstance(node, dict) else []


def _within(rename: Rename, removed: TreeChange, added: TreeChange, after: Document, *, single_is_list: bool) -> list[TreeChange]:
    if removed.before is None or added.after is None:
        return []
    below = [step if name is None else name for step, name in zip(rename.path, rename.names, strict=True)]
    inner = tree_changes(removed.before, added.after, after.policies, single_is_list=single_is_list, below=below)
    return [
        replace(change, path=rename.path + change.path, origin=rename.origin + change.origin, names=rename.names + change.names) for change in inner
    ]
