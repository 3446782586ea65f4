"""dhcpd.conf(5): ``subnet[10.0.0.0]/option/routers``, ``subnet[10.0.0.0]/pool[0]/range``, ``host[printer]/fixed-address``

Order says nothing but in ``if``, ``class`` and ``pool``. An ``else`` belongs to the ``if`` before it, and is in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.formats.blocks import HASH_COMMENTS, Block, Dialect, read_blocks
from changelog_ledger.formats.entries import KNOWN_AS, NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed
from changelog_ledger.formats.keyed import gathered, keyed
from changelog_ledger.model.document import ListPolicy, Order

_KEYED = frozenset({"option", "hardware", "set"})
_BRANCHES = ("else", "elsif")


def read_dhcpd(text: str) -> Parsed:
    """Statements with ``;`` and ``{ … }``, comments with ``#``.

    :raises Unparsable: for unbalanced braces or a statement that is never ended.
    """
    return tree(_settled(read_blocks(text, _DHCPD)))


def _directive(words: Sequence[str], line: int, within: Sequence[str]) -> Entry:
    del within
    if words[0] in _KEYED and len(words) > 2:
        return keyed(words[0], words[1], " ".join(words[2:]), line)
    return Entry(words[0], " ".join(words[1:]), line)


def _block(block: Block) -> tuple[Entry, ...]:
    key, body = block.words[0], _settled(block.body)
    if key in ("subnet", "subnet6", "zone") and len(block.words) > 1:
        name = Entry(NAME, block.words[1], block.line)
        return (Entry(key, (name, *_pairs(block.words[2:], block.line), *body), block.line, listed=True),)
    if block.name:
        return (Entry(key, (Entry(NAME, block.name.strip('"'), block.line), *body), block.line, listed=True),)
    if key in ("pool", "pool6", "group"):
        return (Entry(key, (Entry(KNOWN_AS, _first_setting(body), block.line), *body), block.line, listed=True),)
    return (Entry(key, body, block.line),)


def _pairs(words: Sequence[str], line: int) -> list[Entry]:
    """``netmask 255.255.255.0``"""
    return [Entry(name, value, line) for name, value in zip(words[::2], [*words[1::2], ""], strict=False)]


def _first_setting(body: Sequence[Entry]) -> str:
    """What a pool or group is known by: its range, else the name of its first host."""
    ranges = [str(entry.value) for entry in body if entry.key.startswith("range") and isinstance(entry.value, str)]
    hosts = [str(entry.value[0].value) for entry in body if entry.key == "host" and isinstance(entry.value, tuple)]
    return next(iter(ranges + hosts), "")


def _settled(body: Sequence[Entry]) -> tuple[Entry, ...]:
    """The statements of a block: options by name, branches in the ``if`` that they belong to."""
    found: list[Entry] = []
    branches: dict[int, list[Entry]] = {}
    for entry in body:
        if entry.key in _BRANCHES and found and found[-1].key == "if":
            branches.setdefault(len(found) - 1, []).append(entry)
        else:
            found.append(entry)
    for place, added in branches.items():
        first = found[place]
        inner = first.value if isinstance(first.value, tuple) else ()
        found[place] = Entry(first.key, (*inner, *added), first.line, listed=True)
    return gathered(found, _KEYED)


_DHCPD = Dialect(HASH_COMMENTS, _directive, _block)
_UNORDERED = tuple(ListPolicy(("**", key), (NAME,), Order.SET) for key in ("subnet", "subnet6", "host", "shared-network", "zone", "key"))
FORMATS = (Format("dhcpd", read_dhcpd, (*_UNORDERED, ListPolicy(("**",), (NAME, KNOWN_AS)))),)
