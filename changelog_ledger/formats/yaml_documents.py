"""YAML 1.1: scalars as written, anchors and merge keys resolved within limits, Kubernetes objects keyed by kind, namespace and name.

The parser's events are read one by one, without recursion: a composer is recursive, and a constructor hides duplicate keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.named import NAMED_LISTS
from changelog_ledger.formats.written import text_as_written
from changelog_ledger.model.document import KeyPath, Node

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_STRING_TAG = "tag:yaml.org,2002:str"
_MAXIMUM_NODES = 500_000
"""How many nodes a file may have once its aliases are written out: the billion laughs end here."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being read.

    :ivar key: the key whose value comes next, None while a key (or an item of a sequence) is expected.
    :ivar size: its nodes, aliases written out.
    :ivar merged: what ``<<`` names; its keys count where the mapping has none of its own.
    """

    node: dict[str, Node] | list[Node]
    anchor: str
    tag: str
    key: str | None = None
    size: int = 1
    merged: list[dict[str, Node]] = field(default_factory=list)

    def step(self) -> str | int:
        """The key or index of what comes next in it."""
        return (self.key or "") if isinstance(self.node, dict) else len(self.node)


@dataclass(slots=True)
class _Reading:
    """What has been read of one document."""

    stack: list[_Open] = field(default_factory=list)
    path: list[str | int] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
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
    return _together(documents)


def _documents(text: str) -> Iterator[Parsed]:
    reading = _Reading()
    size = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            reading = _Reading()
        elif isinstance(event, yaml.DocumentEndEvent):
            size += reading.size
            yield Parsed(reading.root, reading.lines)
        else:
            _take(reading, event)
        if size + reading.size > _MAXIMUM_NODES:
            raise Unparsable(f"more than {_MAXIMUM_NODES:,} nodes, aliases written out")


def _take(reading: _Reading, event: Any) -> None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.ScalarEvent):
        _take_scalar(reading, event, line)
    elif isinstance(event, yaml.AliasEvent):
        _take_alias(reading, event, line)
    elif isinstance(event, yaml.MappingStartEvent):
        _open(reading, _Open({}, event.anchor or "", event.tag or ""), line)
    elif isinstance(event, yaml.SequenceStartEvent):
        _open(reading, _Open([], event.anchor or "", event.tag or ""), line)
    elif isinstance(event, yaml.CollectionEndEvent):
        _close(reading, line)


def _expects_key(reading: _Reading) -> bool:
    return bool(reading.stack) and isinstance(reading.stack[-1].node, dict) and reading.stack[-1].key is None


def _take_scalar(reading: _Reading, event: Any, line: int) -> None:
    value = _written(event)
    if event.anchor:
        reading.anchors[event.anchor] = (value, 1)
    if _expects_key(reading):
        _take_key(reading, value, line)
    else:
        _put(reading, value, 1, line)


def _written(event: Any) -> str:
    """The scalar as written: its own tag in front, quotes only where its bare text would be no text (``"yes"``, ``"3"``, ``""``)."""
    value: str = event.value
    if event.tag and event.tag not in ("!", _STRING_TAG):
        return f"{_short(event.tag)} {value}"
    return value if event.implicit[0] else text_as_written(value, _reads_as_other)


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


@cache
def _resolver() -> Any:
    return yaml.resolver.Resolver()


def _reads_as_other(text: str) -> bool:
    """Whether ``text``, without quotes, is a number, boolean, null, date or merge key in YAML 1.1."""
    return len(text) < 100 and _resolver().resolve(yaml.ScalarNode, text, (True, False)) != _STRING_TAG


def _take_key(reading: _Reading, key: str, line: int) -> None:
    top = reading.stack[-1]
    if key in top.node:
        raise Unparsable(f"duplicate key {key!r}", line)
    top.key = key
    reading.path[-1] = key
    reading.lines[tuple(reading.path)] = line


def _take_alias(reading: _Reading, event: Any, line: int) -> None:
    node, size = reading.anchors.get(event.anchor, ("", 0))
    if not size:
        raise Unparsable(f"the alias {event.anchor!r} has no anchor before it", line)
    if not _expects_key(reading):
        _put(reading, node, size, line)
    elif isinstance(node, str):
        _take_key(reading, node, line)
    else:
        raise Unparsable("a key that is no scalar", line)


def _open(reading: _Reading, opened: _Open, line: int) -> None:
    if _expects_key(reading):
        raise Unparsable("a key that is no scalar", line)
    if len(reading.stack) >= MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
    reading.lines.setdefault(tuple(reading.path), line)
    reading.stack.append(opened)
    reading.path.append(opened.step())
    reading.size += 1


def _close(reading: _Reading, line: int) -> None:
    closed = reading.stack.pop()
    reading.path.pop()
    node: Node = closed.node
    if isinstance(node, dict):
        for more in closed.merged:
            node.update({key: value for key, value in more.items() if key not in node})
    if closed.tag and closed.tag not in ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
        node = {_short(closed.tag): node}
    if closed.anchor:
        reading.anchors[closed.anchor] = (node, closed.size)
    reading.size -= closed.size
    _put(reading, node, closed.size, line)


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
        _put_value(top, node)


def _put_value(top: _Open, node: Node) -> None:
    key, top.key = top.key or "", None
    sources = node if isinstance(node, list) else [node]
    if key == "<<" and all(isinstance(source, dict) for source in sources):
        top.merged.extend(source for source in sources if isinstance(source, dict))
    elif isinstance(top.node, dict):
        top.node[key] = node


def _together(documents: list[Parsed]) -> Parsed:
    """Several documents as one tree. Kubernetes objects are always keyed, so that a second object in a file changes nothing for the first."""
    names = [_object_name(document.root) for document in documents]
    if names and all(names) and len(set(names)) == len(names):
        steps: list[str | int] = list(names)
        return Parsed({name: document.root for name, document in zip(names, documents, strict=True)}, _lines(steps, documents))
    if len(documents) == 1 and documents[0].root:
        return documents[0]
    return Parsed([document.root for document in documents], _lines(list(range(len(documents))), documents)) if len(documents) > 1 else Parsed({}, {})


def _lines(steps: list[str | int], documents: list[Parsed]) -> dict[KeyPath, int]:
    return {(step, *path): line for step, document in zip(steps, documents, strict=True) for path, line in document.lines.items()}


def _object_name(root: Node) -> str:
    """``kind/namespace/name`` of a Kubernetes object, empty for anything else."""
    if not isinstance(root, dict) or "apiVersion" not in root:
        return ""
    metadata = root.get("metadata")
    if not isinstance(metadata, dict):
        return ""
    parts = (root.get("kind"), metadata.get("namespace", "-"), metadata.get("name"))
    return "/".join(part for part in parts if part != "-") if all(isinstance(part, str) for part in parts) else ""  # type: ignore[misc]


FORMATS = (Format("yaml", read, NAMED_LISTS, "dotted"),)
