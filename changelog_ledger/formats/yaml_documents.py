"""YAML 1.1: scalars as written, anchors and merge keys resolved within limits, Kubernetes objects keyed by kind, namespace and name.

The parser's events are read one by one, without recursion: a composer is recursive, and a constructor hides duplicate keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import yaml

from changelog_ledger.formats.assignments import with_assignments
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.kubernetes import objects_by_name, together, with_items_by_name
from changelog_ledger.formats.named import NAMED_LISTS
from changelog_ledger.formats.yaml_scalars import collection_tag, scalar
from changelog_ledger.model.document import KeyPath, Node

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_T = TypeVar("_T")
_MERGE = "<<"
_MAXIMUM_NODES = 500_000
"""How many nodes a file may have once its aliases are written out: the billion laughs end here."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being read.

    :ivar key: the key whose value comes next, None while a key (or an item of a sequence) is expected.
    :ivar size: its nodes, aliases written out.
    :ivar tag: its tag, which is a step of the key path: ``{"!Sub": [...]}``.
    :ivar merged: what ``<<`` names, and where that is written; its keys count where the mapping has none of its own.
    """

    node: dict[str, Node] | list[Node]
    anchor: str
    tag: str
    key: str | None = None
    size: int = 1
    merged: list[tuple[dict[str, Node], KeyPath]] = field(default_factory=list)

    def step(self) -> str | int:
        """The key or index of what comes next in it."""
        return (self.key or "") if isinstance(self.node, dict) else len(self.node)


class _Anchored(NamedTuple):
    """What has an anchor: its nodes, counted with aliases written out, and where it stands; nowhere if it is a key."""

    node: Node
    size: int
    path: KeyPath


@dataclass(slots=True)
class _Reading:
    """What has been read of one document.

    :ivar merges: the paths of ``<<``, which are none in the tree.
    """

    stack: list[_Open] = field(default_factory=list)
    path: list[str | int] = field(default_factory=list)
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    aliases: dict[KeyPath, KeyPath] = field(default_factory=dict)
    merges: set[KeyPath] = field(default_factory=set)
    root: Node = ""
    size: int = 0


def read(text: str) -> Parsed:
    """The one document, or the list of documents, or a dict of Kubernetes objects (``Deployment/shop/web``) if all of them are such.

    :raises Unparsable: for anything that is no YAML, for duplicate keys, keys that are no scalars, and beyond the limits.
    """
    try:
        documents = list(_documents(text))
    except yaml.MarkedYAMLError as wrong:
        raise Unparsable("not valid YAML", wrong.problem_mark.line + 1 if wrong.problem_mark else None) from None
    except yaml.YAMLError:
        raise Unparsable("not valid YAML") from None
    return with_assignments(_together(documents))


def _documents(text: str) -> Iterator[Parsed]:
    reading = _Reading()
    size = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            reading = _Reading()
        elif isinstance(event, yaml.DocumentEndEvent):
            size += reading.size
            yield Parsed(reading.root, _in_tree(reading.lines, reading.merges), _in_tree(reading.aliases, reading.merges))
        else:
            _take(reading, event)
        if size + reading.size > _MAXIMUM_NODES:
            raise Unparsable(f"more than {_MAXIMUM_NODES:,} nodes, aliases written out")


def _in_tree(places: dict[KeyPath, _T], merges: set[KeyPath]) -> dict[KeyPath, _T]:
    """The places without those below a merge key."""
    if not merges:
        return places
    return {path: what for path, what in places.items() if not any(path[:length] in merges for length in range(1, len(path) + 1))}


def _take(reading: _Reading, event: Any) -> None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.ScalarEvent):
        _take_scalar(reading, event, line)
    elif isinstance(event, yaml.AliasEvent):
        _take_alias(reading, event, line)
    elif isinstance(event, yaml.MappingStartEvent):
        _open(reading, _Open({}, event.anchor or "", collection_tag(event.tag)), line)
    elif isinstance(event, yaml.SequenceStartEvent):
        _open(reading, _Open([], event.anchor or "", collection_tag(event.tag)), line)
    elif isinstance(event, yaml.CollectionEndEvent):
        _close(reading, line)


def _expects_key(reading: _Reading) -> bool:
    return bool(reading.stack) and isinstance(reading.stack[-1].node, dict) and reading.stack[-1].key is None


def _take_scalar(reading: _Reading, event: Any, line: int) -> None:
    value = scalar(event)
    is_key = _expects_key(reading)
    if event.anchor:
        reading.anchors[event.anchor] = _Anchored(value, 1, () if is_key else tuple(reading.path))
    if is_key:
        _take_key(reading, value, line)
    else:
        _put(reading, value, 1, line)


def _take_key(reading: _Reading, key: str, line: int) -> None:
    top = reading.stack[-1]
    if key in top.node:
        raise Unparsable(f"duplicate key {key!r}", line)
    top.key = key
    reading.path[-1] = key
    reading.lines[tuple(reading.path)] = line


def _take_alias(reading: _Reading, event: Any, line: int) -> None:
    anchored = reading.anchors.get(event.anchor)
    if anchored is None:
        raise Unparsable(f"the alias {event.anchor!r} has no anchor before it", line)
    if not _expects_key(reading):
        if anchored.path:
            reading.aliases[tuple(reading.path)] = anchored.path
        _put(reading, anchored.node, anchored.size, line)
    elif isinstance(anchored.node, str):
        _take_key(reading, anchored.node, line)
    else:
        raise Unparsable("a key that is no scalar", line)


def _open(reading: _Reading, opened: _Open, line: int) -> None:
    if _expects_key(reading):
        raise Unparsable("a key that is no scalar", line)
    if len(reading.stack) >= MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
    reading.lines.setdefault(tuple(reading.path), line)
    if opened.tag:
        reading.path.append(opened.tag)
        reading.lines[tuple(reading.path)] = line
    reading.stack.append(opened)
    reading.path.append(opened.step())
    reading.size += 1


def _close(reading: _Reading, line: int) -> None:
    closed = reading.stack.pop()
    reading.path.pop()
    if isinstance(closed.node, dict):
        _merge(reading, closed.node, closed.merged)
    node: Node = closed.node
    if closed.tag:
        reading.path.pop()
        node = {closed.tag: node}
    if closed.anchor:
        reading.anchors[closed.anchor] = _Anchored(node, closed.size, tuple(reading.path))
    reading.size -= closed.size
    _put(reading, node, closed.size, line)


def _merge(reading: _Reading, node: dict[str, Node], merged: list[tuple[dict[str, Node], KeyPath]]) -> None:
    """Add the keys that the mapping has none of its own for; they stand where ``<<`` does, or at their own lines after it."""
    place = tuple(reading.path)
    for more, origin in merged:
        for key in [key for key in more if key not in node]:
            node[key] = more[key]
            own_line = reading.lines.get((*origin, key)) if origin[: len(place)] == place else None
            reading.lines[(*place, key)] = own_line or reading.lines[(*place, _MERGE)]
            if own_line is None:
                reading.aliases[(*place, key)] = (*origin, key)


def _put(reading: _Reading, node: Node, size: int, line: int) -> None:
    """Put a finished node where it belongs: into the mapping or sequence that is open, or at the root."""
    reading.size += size
    if not reading.stack:
        reading.root = node
        reading.lines.setdefault((), line)
        return
    top = reading.stack[-1]
    top.size += size
    if isinstance(top.node, list):
        reading.lines.setdefault(tuple(reading.path), line)
        top.node.append(node)
        reading.path[-1] = len(top.node)
    else:
        _put_value(reading, top, node)


def _put_value(reading: _Reading, top: _Open, node: Node) -> None:
    key, top.key = top.key or "", None
    sources = list(enumerate(node)) if isinstance(node, list) else [(None, node)]
    if key == _MERGE and all(isinstance(source, dict) for _, source in sources):
        path = tuple(reading.path)
        reading.merges.add(path)
        places = [path if place is None else (*path, place) for place, _ in sources]
        top.merged += [(source, reading.aliases.get(at, at)) for at, (_, source) in zip(places, sources, strict=True) if isinstance(source, dict)]
    elif isinstance(top.node, dict):
        top.node[key] = node


def _together(documents: list[Parsed]) -> Parsed:
    """Kubernetes objects by name, one document as it is, several others as a list."""
    keyed = objects_by_name(documents)
    if keyed:
        return keyed
    if len(documents) == 1:
        return with_items_by_name(documents[0]) if documents[0].root != "" else Parsed({}, {})
    return together([document.root for document in documents], range(len(documents)), documents) if documents else Parsed({}, {})


FORMATS = (Format("yaml", read, NAMED_LISTS, "dotted"),)
