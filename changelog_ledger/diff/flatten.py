"""A document key by key, named as deltas name them; and which of its values stood there before already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from changelog_ledger.diff.alignment import aligned
from changelog_ledger.diff.identity import KNOWN_AS, paired, policy_at
from changelog_ledger.diff.key_deltas import key_differences, line_of
from changelog_ledger.diff.keys import key_text, node_at
from changelog_ledger.diff.renames import NAME
from changelog_ledger.model.document import Document, KeyPath, ListPolicy, Node

LINES = "lines"


class KeyValue(NamedTuple):
    """A value of a document that holds no further ones: a text, or an empty block or list.

    :ivar key: as deltas write it; ``line 12`` in a document that was read by lines, empty where the document is one value.
    :ivar line: where it stands, else where the nearest key above it does.
    :ivar above: the keys of the blocks and lists that it lies in, the outermost first.
    :ivar path: where it is in the tree.
    """

    key: str
    value: Node
    line: int | None
    above: tuple[str, ...]
    path: KeyPath


def keys_of(document: Document) -> Iterator[KeyValue]:
    """Every value, in the order of the tree. What only names a block is not among them: its key says it, unless nothing else is in the block."""
    if document.format == LINES:
        yield from _lines(document)
    else:
        yield from _leaves(document, _Place(document.root))


def kept(before: Document, after: Document) -> dict[KeyPath, KeyPath] | None:
    """Where each value of ``after`` that was the same before stood in ``before``; what is not named there was set in between.

    Items are told apart as for deltas: one that moved, or whose list grew in front of it, or that was renamed, is still the same item.

    :returns: None if the two were not read in the same way, so that nothing can be said.
    """
    if before.format != after.format:
        return None
    if after.format == LINES:
        return {(index,): (origin,) for origin, index in aligned(_texts(before), _texts(after))}
    work = _Pairing(after.policies, single_is_list=after.key_style == "path")
    work.follow(before.root, after.root, (), (), ())
    for rename in key_differences(before, after).renames:
        readable = tuple(_readable(rename.path, rename.names))
        work.follow(node_at(before.root, rename.origin), node_at(after.root, rename.path), rename.origin, rename.path, readable)
    return work.found


@dataclass(frozen=True, slots=True)
class _Place:
    """A node on the way down, with the steps that lead to it."""

    node: Node
    path: KeyPath = ()
    names: tuple[str | None, ...] = ()
    above: tuple[str, ...] = ()


def _lines(document: Document) -> Iterator[KeyValue]:
    for index, text in enumerate(_texts(document)):
        yield KeyValue(f"line {index + 1}", text, index + 1, (), (index,))


def _texts(document: Document) -> list[str]:
    return [str(line) for line in document.root] if isinstance(document.root, list) else []


def _leaves(document: Document, place: _Place) -> Iterator[KeyValue]:
    key = key_text(place.path, place.names, document.key_style)
    inner = list(_inner(document, place, (*place.above, key) if key else ()))
    if not inner:
        yield KeyValue(key or "", place.node, line_of(document, place.path), place.above, place.path)
    telling = [below for below in inner if not _is_said_by_the_key(below)]
    for below in telling or inner:
        yield from _leaves(document, below)


def _is_said_by_the_key(place: _Place) -> bool:
    """Whether it is what the item is called: ``/`` of ``location[/]``, or a name that follows from other values."""
    step = place.path[-1] if place.path else ""
    return step == KNOWN_AS or (len(place.names) > 1 and step == NAME and place.names[-2] == place.node)


def _inner(document: Document, place: _Place, above: tuple[str, ...]) -> Iterator[_Place]:
    if isinstance(place.node, dict):
        for step, node in place.node.items():
            yield _Place(node, (*place.path, step), (*place.names, None), above)
    elif isinstance(place.node, list):
        names = _names(place.node, policy_at(_readable(place.path, place.names), document.policies))
        for index, node in enumerate(place.node):
            yield _Place(node, (*place.path, index), (*place.names, names.get(index)), above)


def _names(items: list[Node], policy: ListPolicy) -> dict[int, str | None]:
    """The names that the items have as long as nothing about them changes."""
    return {pair.index: pair.name for pair in paired([], items, policy) if pair.index is not None}


def _readable(path: KeyPath, names: Iterable[str | None]) -> list[str | int]:
    return [step if name is None else name for step, name in zip(path, names, strict=True)]


@dataclass(slots=True)
class _Pairing:
    """Goes down two trees side by side, and notes the equal values.

    :ivar single_is_list: a lone value is a list of one: in formats where a key that is written again makes a list.
    """

    policies: tuple[ListPolicy, ...]
    single_is_list: bool
    found: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def follow(self, before: Node, after: Node, origin: KeyPath, path: KeyPath, readable: tuple[str | int, ...]) -> None:
        """Note what of ``after`` stood in ``before``; ``readable`` is its path with the names of items."""
        if isinstance(before, dict) and isinstance(after, dict) and (before or not after):
            self._dicts(before, after, origin, path, readable)
        elif isinstance(before, list) and isinstance(after, list) and (before or after):
            self._lists(before, after, [(*origin, index) for index in range(len(before))], [(*path, index) for index in range(len(after))], readable)
        elif self.single_is_list and isinstance(before, list) and not isinstance(after, list):
            self._lists(before, [after], [(*origin, index) for index in range(len(before))], [path], readable)
        elif self.single_is_list and isinstance(after, list) and not isinstance(before, list):
            self._lists([before], after, [origin], [(*path, index) for index in range(len(after))], readable)
        elif before == after:
            self.found[path] = origin

    def _dicts(self, before: dict[str, Node], after: dict[str, Node], origin: KeyPath, path: KeyPath, readable: tuple[str | int, ...]) -> None:
        if not before and not after:
            self.found[path] = origin
        for step, node in after.items():
            if step in before:
                self.follow(before[step], node, (*origin, step), (*path, step), (*readable, step))

    def _lists(self, before: list[Node], after: list[Node], origins: list[KeyPath], paths: list[KeyPath], readable: tuple[str | int, ...]) -> None:
        for old, new, name in self._couples(before, after, readable):
            self.follow(before[old], after[new], origins[old], paths[new], (*readable, str(new) if name is None else name))

    def _couples(self, before: list[Node], after: list[Node], readable: tuple[str | int, ...]) -> Iterator[tuple[int, int, str | None]]:
        if before == after:
            yield from ((index, index, None) for index in range(len(after)))
            return
        pairs = paired(before, after, policy_at(readable, self.policies))
        both = {pair.index: (pair.origin, pair.name) for pair in pairs if pair.index is not None and pair.origin is not None}
        for index, (origin, name) in both.items():
            yield origin, index, name
        named = {pair.index for pair in pairs}
        for index in range(len(after)):
            if index not in named:  # an item of a set that is written twice goes with its twin
                twin = next((other for other in both if after[other] == after[index]), None)
                if twin is not None:
                    yield both[twin][0], index, both[twin][1]
