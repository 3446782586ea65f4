"""A change of a tree, and how to apply it: the proof that a comparison leaves nothing out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from changelog_ledger.model.document import KeyPath, Node
from changelog_ledger.model.evidence import Op


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One difference between two trees.

    :ivar op: ``added``, ``removed``, ``changed`` or ``moved`` (an item of a list that stands elsewhere; its own changes are changes of their own).
    :ivar path: where it is in the tree *after*. Only a removed item's last step is its index *before*.
    :ivar origin: the same place in the tree *before*. An added item's last step is its index *after*.
    :ivar names: for every step of ``path`` the name of the list item, where it has one.
    :ivar before: the node before, None if it was not there. For a moved item it is the item, as ``after`` is.
    """

    op: Op
    path: KeyPath
    origin: KeyPath
    names: tuple[str | None, ...]
    before: Node | None = None
    after: Node | None = None


_Todo = list[tuple[KeyPath, TreeChange]]


def apply(root: Node, changes: Iterable[TreeChange]) -> Node:
    """The tree after, from the tree before: ``apply(a, tree_changes(a, b)) == b``. ``root`` is not altered.

    The order of lists whose policy is a set is not restored: it was not recorded.
    """
    return _applied(root, [(change.path, change) for change in changes])


def _applied(node: Node, todo: _Todo) -> Node:
    for path, change in todo:
        if not path and change.after is not None:
            return change.after
    if isinstance(node, dict):
        return _applied_to_dict(node, todo)
    return _applied_to_list(node, todo) if isinstance(node, list) else node


def _applied_to_dict(node: dict[str, Node], todo: _Todo) -> dict[str, Node]:
    result = dict(node)
    for key, inner in _by_first_step(todo).items():
        change = inner[0][1]
        if inner[0][0] or change.op is Op.CHANGED:
            result[str(key)] = _applied(result[str(key)], inner)
        elif change.after is None:
            del result[str(key)]
        else:
            result[str(key)] = change.after
    return result


def _applied_to_list(node: list[Node], todo: _Todo) -> list[Node]:
    """Take out what is removed, moved or replaced, put in what comes in from left to right, then go into the items that stayed."""
    own = [change for path, change in todo if len(path) == 1]
    gone = {change.origin[-1] for change in own if change.op is not Op.ADDED}
    result = [item for index, item in enumerate(node) if index not in gone]
    coming = {int(change.path[-1]): _arriving(node, change) for change in own if change.op is not Op.REMOVED}
    for index in sorted(coming):
        result.insert(index, coming[index])
    for step, inner in _by_first_step([(path, change) for path, change in todo if len(path) > 1]).items():
        result[int(step)] = _applied(result[int(step)], inner)
    return result


def _arriving(node: list[Node], change: TreeChange) -> Node:
    if change.op is Op.MOVED:
        return node[int(change.origin[-1])]
    return change.after if change.after is not None else ""


def _by_first_step(todo: _Todo) -> dict[str | int, _Todo]:
    groups: dict[str | int, _Todo] = {}
    for path, change in todo:
        groups.setdefault(path[0], []).append((path[1:], change))
    return groups
