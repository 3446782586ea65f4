"""Rule sets as ``nft -j list ruleset`` gives them, libnftables-json(5): the same key paths as for the text, rules as trees of expressions.

``table[inet filter]/chain[input]/rule[2]/expr[0]/match/right``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.json_documents import read as read_json
from changelog_ledger.formats.nftables import POLICIES
from changelog_ledger.model.document import KeyPath, ListPolicy, Node, Order

_ALL = "nftables"
_ADDRESS = ("family", "table", "chain")
"""Where an object belongs: that is in its key path."""
_BY_ITSELF = ("handle", "index")
_COUNTED: Mapping[str | int, tuple[str, ...]] = {"counter": ("packets", "bytes"), "quota": ("used", "used_unit"), "elem": ("expires",)}
"""What the kernel counts, by the key of the object that it stands in."""
_OF_ELEMENTS = ("elem", "val")


@dataclass(slots=True)
class _Ruleset:
    """The tree that is being built.

    :ivar places: where the tables and chains are, by their names.
    :ivar objects: where the objects of the flat list are, by their index.
    """

    root: dict[str, Node] = field(default_factory=dict)
    places: dict[tuple[str, ...], KeyPath] = field(default_factory=dict)
    objects: dict[int, KeyPath] = field(default_factory=dict)

    def take(self, index: int, kind: str, value: dict[str, Node]) -> None:
        """Put an object of the flat list where it belongs."""
        if kind == "table":
            path = self._put((), kind, _table_name(value, "name"), value)
        elif kind == "rule":
            path = self._put(self._chain(value), kind, "", value)
        elif _text(value, "table"):
            path = self._put(self._table(value), kind, _text(value, "name"), value)
        else:
            path = self._put((), kind, "", value)
        self.objects[index] = path

    def _table(self, value: dict[str, Node]) -> KeyPath:
        name = _table_name(value, "table")
        return self.places.get(("table", name)) or self._put((), "table", name, {})

    def _chain(self, value: dict[str, Node]) -> KeyPath:
        table, chain = self._table(value), _text(value, "chain")
        return self.places.get((*map(str, table), "chain", chain)) or self._put(table, "chain", chain, {})

    def _put(self, parent: KeyPath, kind: str, name: str, value: dict[str, Node]) -> KeyPath:
        block = _at(self.root, parent)
        items = block.setdefault(kind, []) if isinstance(block, dict) else None
        if not isinstance(items, list):
            raise Unparsable(f"no place for a {kind}")
        path = (*parent, kind, len(items))
        item: dict[str, Node] = {NAME: name} if name else {}
        if name:
            self.places[(*map(str, parent), kind, name)] = path
        item.update((key, _lasting(key, inner)) for key, inner in value.items() if not _left_out(key, bool(name)))
        items.append(item)
        return path


def read(text: str) -> Parsed:
    """Tables, and in them chains with their rules, sets and other objects. Handles and counters are left out: they change by themselves.

    :raises Unparsable: for what is no JSON, or another JSON.
    """
    parsed = read_json(text)
    objects = parsed.root.get(_ALL) if isinstance(parsed.root, dict) and len(parsed.root) == 1 else None
    if not isinstance(objects, list):
        raise Unparsable("not the JSON of nftables")
    ruleset = _Ruleset()
    for index, item in enumerate(objects):
        kind, value = _only(item, parsed.lines.get((_ALL, index)))
        ruleset.take(index, kind, value)
    return Parsed(ruleset.root, _lines(parsed.lines, ruleset))


def _only(item: Node, line: int | None) -> tuple[str, dict[str, Node]]:
    if isinstance(item, dict) and len(item) == 1:
        kind, value = next(iter(item.items()))
        if isinstance(value, dict):
            return kind, value
    raise Unparsable("not an object of nftables", line)


def _table_name(value: dict[str, Node], key: str) -> str:
    return f"{_text(value, 'family')} {_text(value, key)}"


def _text(value: dict[str, Node], key: str) -> str:
    found = value.get(key, "")
    return found if isinstance(found, str) else ""


def _at(root: Node, path: KeyPath) -> Node:
    node = root
    for step in path:
        node = node[step]  # type: ignore[index]
    return node


def _left_out(key: str, named: bool) -> bool:
    return key in _BY_ITSELF or key in _ADDRESS or (named and key == "name")


def _lasting(key: str, node: Node) -> Node:
    """``node`` without what the kernel counts. As deep as JSON may be, which has a limit."""
    if isinstance(node, dict):
        if key in _OF_ELEMENTS and (network := _network(node)):
            return network
        counted = _COUNTED.get(key, ())
        return {inner: value if isinstance(value, str) else _lasting(inner, value) for inner, value in node.items() if inner not in counted}
    return [_lasting(key, value) for value in node] if isinstance(node, list) else node


def _network(node: dict[str, Node]) -> str:
    """An element that is a network or a range, as the text of a rule set has it: a set's members are told apart by their text."""
    inside = node.get("prefix")
    if len(node) == 1 and isinstance(inside, dict) and inside.keys() == {"addr", "len"} and all(isinstance(one, str) for one in inside.values()):
        return f"{inside['addr']}/{inside['len']}"
    ends = node.get("range")
    return (
        f"{ends[0]}-{ends[1]}" if len(node) == 1 and isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, str) for end in ends) else ""
    )


def _lines(written: Mapping[KeyPath, int], ruleset: _Ruleset) -> dict[KeyPath, int]:
    """The lines of the JSON text, by the paths of the tree."""
    lines: dict[KeyPath, int] = {}
    for path, line in written.items():
        place = ruleset.objects.get(path[1]) if len(path) > 2 and isinstance(path[1], int) else None
        if place is None or (len(path) == 4 and _is_away(path[3], ruleset, place)) or path[-1] in _COUNTED.get(path[-2], ()):
            continue
        if len(path) > 5 and path[3] == "elem" and ("prefix" in path or "range" in path) and not _is_there(ruleset.root, (*place, *path[3:])):
            continue
        lines[(*place, *path[3:])] = line
    for (*_, name), place in ruleset.places.items():
        if place in lines and name:
            lines[(*place, NAME)] = lines[place]
    return lines


def _is_there(root: Node, path: KeyPath) -> bool:
    node = root
    for step in path:
        if isinstance(node, str) or (isinstance(step, int) != isinstance(node, list)) or (isinstance(node, dict) and step not in node):
            return False
        node = node[step]  # type: ignore[index]
    return True


def _is_away(key: str | int, ruleset: _Ruleset, place: KeyPath) -> bool:
    block = _at(ruleset.root, place)
    return not isinstance(block, dict) or key not in block


FORMATS = (Format("nftables-json", read, (*POLICIES, *(ListPolicy(("**", name), order=Order.SET) for name in ("elem", "dev")))),)
