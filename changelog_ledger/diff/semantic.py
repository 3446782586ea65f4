"""The semantic difference of two trees: identity first, equal parts pruned, and the rest by deepdiff.

The only module that knows deepdiff; its types never leave it. What deepdiff is given holds dicts and texts only, because lists were paired
item by item before: so none of its heuristics for lists (quadratic, or blind to repetition) is ever needed.

Up to some thousand differences are read off directly, which gives the same (a law in the tests): importing deepdiff takes as long as a whole
snapshot without it, and most edits are few.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from changelog_ledger.diff.identity import paired, policy_at
from changelog_ledger.diff.patch import TreeChange
from changelog_ledger.model.document import KeyPath, ListPolicy, Node
from changelog_ledger.model.evidence import Op


class _Slot(NamedTuple):
    """A list item as a dict key: its place before and after, and its name."""

    old: int | None
    new: int | None
    name: str | None


_Step = str | _Slot
_Tree = Any
"""Dicts by :class:`_Slot` or key, and nodes as leaves. Not a :data:`Node`, since lists have become dicts."""


@dataclass(slots=True)
class _Work:
    """What is collected on the way down.

    :ivar single_is_list: a lone value is a list of one: in formats where a key that is written again makes a list.
    :ivar below: where in its document the tree is, for the policies.
    :ivar texts: texts of several lines by their digest. deepdiff would make a line diff of each, which can take minutes.
    """

    policies: Sequence[ListPolicy]
    single_is_list: bool
    below: tuple[str | int, ...] = ()
    moved: list[TreeChange] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def tree_changes(
    before: Node, after: Node, policies: Sequence[ListPolicy] = (), *, single_is_list: bool = False, below: Sequence[str | int] = ()
) -> tuple[TreeChange, ...]:
    """How ``before`` becomes ``after``, in the order of their paths. A subtree that comes or goes is one change.

    :param policies: how lists are to be read; without any, items are told apart by value and place.
    :param single_is_list: compare a lone value with a list as if it were a list of one (``Environment=`` written once, then twice).
        The result is for reading then, not for :func:`~changelog_ledger.diff.apply`.
    :param below: the key path of both trees in their documents, which the patterns of ``policies`` are written for.
    """
    if before == after:
        return ()
    work = _Work(policies, single_is_list, tuple(below))
    found = _pruned(before, after, (), work)
    if found is None:
        return tuple(sorted(work.moved, key=_place))
    few = list(islice(_read_off(*found, (), work.texts), _FEW + 1))
    compared = few if len(few) <= _FEW else list(_compared(*found, work.texts))
    return tuple(sorted([*work.moved, *compared], key=_place))


_AT_ONE_PLACE = (Op.MOVED, Op.CHANGED, Op.REMOVED, Op.ADDED)


def _place(change: TreeChange) -> tuple[tuple[tuple[bool, str | int], ...], int]:
    """In the order of paths; what went before what came, where both were at one place."""
    return tuple((isinstance(step, str), step) for step in change.path), _AT_ONE_PLACE.index(change.op)


# --- down both trees, leaving out what is equal -------------------------------------------------------------------------------------------


def _pruned(before: Node, after: Node, path: tuple[_Step, ...], work: _Work) -> tuple[_Tree, _Tree] | None:
    """Both trees without what is equal in them, lists as dicts; None if nothing is left."""
    if work.single_is_list and isinstance(before, list) is not isinstance(after, list):
        before, after = _as_list(before), _as_list(after)
    if isinstance(before, dict) and isinstance(after, dict):
        return _pruned_dicts(before, after, path, work)
    if isinstance(before, list) and isinstance(after, list):
        return _pruned_lists(before, after, path, work)
    return _leaf(before, work), _leaf(after, work)


def _as_list(node: Node) -> list[Node]:
    return node if isinstance(node, list) else [node]


def _leaf(node: Node, work: _Work) -> Node:
    if not isinstance(node, str) or "\n" not in node:
        return node
    digest = "text:" + hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()
    work.texts[digest] = node
    return digest


def _pruned_dicts(before: dict[str, Node], after: dict[str, Node], path: tuple[_Step, ...], work: _Work) -> tuple[_Tree, _Tree] | None:
    old: dict[str, _Tree] = {key: value for key, value in before.items() if key not in after}
    new: dict[str, _Tree] = {key: value for key, value in after.items() if key not in before}
    for key, value in before.items():
        if key in after and value != after[key]:
            found = _pruned(value, after[key], (*path, key), work)
            if found:
                old[key], new[key] = found
    return (old, new) if old or new else None


def _pruned_lists(before: list[Node], after: list[Node], path: tuple[_Step, ...], work: _Work) -> tuple[_Tree, _Tree] | None:
    old: dict[_Slot, _Tree] = {}
    new: dict[_Slot, _Tree] = {}
    policy = policy_at([*work.below, *(_readable(step) for step in path)], work.policies)
    for pair in paired(before, after, policy):
        slot = _Slot(pair.origin, pair.index, pair.name)
        if pair.origin is None or pair.index is None:
            if pair.origin is not None:
                old[slot] = before[pair.origin]
            if pair.index is not None:
                new[slot] = after[pair.index]
            continue
        one, other = before[pair.origin], after[pair.index]
        if pair.moved:
            work.moved.append(_change(Op.MOVED, (*path, slot), one, other))
        found = _pruned(one, other, (*path, slot), work) if one != other else None
        if found:
            old[slot], new[slot] = found
    return (old, new) if old or new else None


def _readable(step: _Step) -> str | int:
    return step if isinstance(step, str) else step.name or str(step.new)


# --- what is left: read off where it is little, by deepdiff where it is much -------------------------------------------------------------

_FEW = 2_000


def _read_off(before: _Tree, after: _Tree, path: tuple[_Step, ...], texts: dict[str, str]) -> Iterator[TreeChange]:
    """The differences of two pruned trees: a key that only one of them has, or a pair that is not two dicts."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield _change(Op.CHANGED, path, _node(before, texts), _node(after, texts))
        return
    for key, value in before.items():
        if key in after:
            yield from _read_off(value, after[key], (*path, key), texts)
        else:
            yield _change(Op.REMOVED, (*path, key), value, None)
    for key in after.keys() - before.keys():
        yield _change(Op.ADDED, (*path, key), None, after[key])


# --- deepdiff on what is left -------------------------------------------------------------------------------------------------------------

_OPS = {
    "dictionary_item_added": Op.ADDED,
    "dictionary_item_removed": Op.REMOVED,
    "values_changed": Op.CHANGED,
    "type_changes": Op.CHANGED,
}


def _compared(before: _Tree, after: _Tree, texts: dict[str, str]) -> Iterator[TreeChange]:
    from deepdiff import DeepDiff  # here, because its import takes longer than most comparisons

    # Its defaults skip keys that begin with "__", and report two dicts as replaced when they have few keys in common.
    result = DeepDiff(before, after, view="tree", ignore_private_variables=False, threshold_to_diff_deeper=0)
    for kind, levels in result.items():
        for level in levels:
            op = _OPS[kind]
            old = None if op is Op.ADDED else _node(level.t1, texts)
            new = None if op is Op.REMOVED else _node(level.t2, texts)
            yield _change(op, tuple(level.path(output_format="list")), old, new)


def _node(value: Any, texts: dict[str, str]) -> Node:
    node: Node = texts.get(value, value) if isinstance(value, str) else value
    return node


def _change(op: Op, steps: tuple[_Step, ...], before: Node | None, after: Node | None) -> TreeChange:
    path: KeyPath = tuple(_first(step.new, step.old) if isinstance(step, _Slot) else step for step in steps)
    origin: KeyPath = tuple(_first(step.old, step.new) if isinstance(step, _Slot) else step for step in steps)
    return TreeChange(op, path, origin, tuple(step.name if isinstance(step, _Slot) else None for step in steps), before, after)


def _first(one: int | None, other: int | None) -> int:
    return one if one is not None else other or 0
