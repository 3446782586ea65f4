"""Which of the things that went are those that came, under another name. Bounded work, and no guess where two could be meant."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from changelog_ledger.model.document import Node

ALIKE = 0.6
"""How much of two things has to be equal for one to be the other under another name."""
_MOST_PAIRS = 400
_MOST_LEAVES = 5_000
_LONG_VALUE = 16
"""Characters of a lone value from which it can be known by itself; ``yes`` is the value of many keys."""
_LONG_FIELD = 7
"""The same for the only field of a block (``10.0.0.5``)."""

Key = TypeVar("Key", bound=Hashable)
_Leaf = tuple[tuple[str, ...], str]


def canonical(node: Node) -> str:
    """A text that is equal for equal nodes only."""
    return json.dumps(node, sort_keys=True)


def renamed(gone: Mapping[Key, Node], come: Mapping[Key, Node], before: Iterable[Node], after: Iterable[Node]) -> dict[Key, Key]:
    """For the name of each thing that came the name of the one that it was, where that is beyond doubt.

    Equal things are the same if there is one such on each side, and it is no short lone value. Blocks are the same if at least
    :data:`ALIKE` of their fields are equal, one of which nothing else has, and no other pair is as much alike.

    :param before: everything at this level, what stayed as well; ``after`` likewise.
    """
    if not gone or not come:
        return {}
    siblings = tuple(before), tuple(after)
    found = _equal(gone, come, siblings)
    taken = set(found.values())
    left = {key: node for key, node in gone.items() if key not in taken}
    right = {key: node for key, node in come.items() if key not in found}
    return found | _alike(left, right, siblings)


def _equal(gone: Mapping[Key, Node], come: Mapping[Key, Node], siblings: tuple[tuple[Node, ...], tuple[Node, ...]]) -> dict[Key, Key]:
    old, new = _by_value(gone), _by_value(come)
    found = {keys[0]: old[value][0] for value, keys in new.items() if len(keys) == 1 and len(old.get(value, ())) == 1}
    lone = {key: canonical(come[key]) for key in found if not _is_block(come[key])}
    counts = [Counter(canonical(node) for node in side if not _is_block(node)) for side in siblings] if lone else []
    return {new: old for new, old in found.items() if new not in lone or (_is_telling(come[new]) and all(count[lone[new]] <= 1 for count in counts))}


def _by_value(nodes: Mapping[Key, Node]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = defaultdict(list)
    for key, node in nodes.items():
        found[canonical(node)].append(key)
    return found


def _is_block(node: Node) -> bool:
    """Whether it has two fields at least, so that being equal is no chance."""
    return isinstance(node, dict) and len(node) > 1


def _is_telling(node: Node) -> bool:
    """Whether a lone value is long enough to be known by itself."""
    if isinstance(node, str):
        return len(node) >= _LONG_VALUE
    leaves = _leaves(node) or frozenset()
    return sum(len(value) for _, value in leaves) >= (_LONG_FIELD if isinstance(node, dict) else _LONG_VALUE)


def _alike(gone: Mapping[Key, Node], come: Mapping[Key, Node], siblings: tuple[tuple[Node, ...], tuple[Node, ...]]) -> dict[Key, Key]:
    old, new = _blocks(gone), _blocks(come)
    if not old or not new or len(old) * len(new) > _MOST_PAIRS:
        return {}
    scores = {(one, other): _score(old[one], new[other]) for one in old for other in new}
    likely = [(one, other) for (one, other), score in scores.items() if score >= ALIKE and _stands_alone(one, other, scores)]
    if not likely:
        return {}
    shared = _often(siblings[0]) | _often(siblings[1])
    return {other: one for one, other in likely if any(leaf[1] and leaf not in shared for leaf in old[one] & new[other])}


def _blocks(nodes: Mapping[Key, Node]) -> dict[Key, frozenset[_Leaf]]:
    leaves = {key: _leaves(node) for key, node in nodes.items() if isinstance(node, dict)}
    return {key: found for key, found in leaves.items() if found is not None and len(found) > 1}


def _score(one: frozenset[_Leaf], other: frozenset[_Leaf]) -> float:
    return len(one & other) / max(len(one), len(other))


def _stands_alone(one: Key, other: Key, scores: Mapping[tuple[Key, Key], float]) -> bool:
    """Whether no other pair with one of the two is as much alike."""
    score = scores[one, other]
    return not any(rival >= score and pair != (one, other) and (pair[0] == one or pair[1] == other) for pair, rival in scores.items())


def _often(nodes: Iterable[Node]) -> frozenset[_Leaf]:
    """The fields that more than one of the siblings has: ``/usr/sbin/nologin`` tells no user from another."""
    counts: Counter[_Leaf] = Counter()
    for node in nodes:
        counts.update(_leaves(node) or ())
    return frozenset(leaf for leaf, count in counts.items() if count > 1)


def _leaves(node: Node) -> frozenset[_Leaf] | None:
    """Every text with its keys; places in lists do not count. None where there are too many to compare."""
    found: set[_Leaf] = set()
    waiting: list[tuple[tuple[str, ...], Node]] = [((), node)]
    while waiting:
        path, inner = waiting.pop()
        if isinstance(inner, dict):
            waiting += [((*path, key), value) for key, value in inner.items()]
        elif isinstance(inner, list):
            waiting += [(path, value) for value in inner]
        else:
            found.add((path, inner))
        if len(found) + len(waiting) > _MOST_LEAVES:
            return None
    return frozenset(found)
