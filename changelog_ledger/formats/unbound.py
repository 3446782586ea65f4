"""unbound.conf(5) and nsd.conf(5): ``server/interface[0]``, ``server/access-control[10.0.0.0/8]/action``, ``forward-zone[example.net]/forward-addr``

Clauses (``server:``) hold attributes (``key: value``) up to the next clause. A clause without a name that is written again goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from changelog_ledger.formats.entries import KNOWN_AS, NAME, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.keyed import gathered
from changelog_ledger.formats.keyvalue import without_comment
from changelog_ledger.model.document import ListPolicy, Order

_NAMED = ("forward-zone", "stub-zone", "auth-zone", "view", "zone", "pattern", "key", "tls-auth", "rpz")
_SINGLE = (*("server", "remote-control", "python", "dynlib", "dnscrypt", "cachedb", "ipset", "dnstap", "verify", "xdp"),)
_CLAUSES = frozenset((*_NAMED, *_SINGLE))
_ATTRIBUTE = re.compile(r"(?P<key>[A-Za-z][\w-]*):\s*(?P<value>.*)")
_FIRST_WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>\S+)')
_PAIRS = {
    "access-control": "action",
    "access-control-tag": "tags",
    "access-control-view": "view",
    "interface-action": "action",
    "local-zone": "type",
    "local-zone-tag": "tags",
}
"""Attributes known by their first word, and what the rest of their value is."""


def read_unbound(text: str) -> Parsed:
    """Clauses of attributes, comments with ``#``.

    :raises Unparsable: for a line that is no attribute.
    """
    clauses: list[tuple[str, int, list[Entry]]] = []
    top: list[Entry] = []
    for number, key, value in _attributes(text):
        if key in _CLAUSES and not value:
            clauses.append((key, number, []))
        elif key == "include-toplevel" or not clauses:
            top.append(Entry(key, value, number))
        else:
            clauses[-1][2].append(_entry(key, value, number))
    return tree(gathered([*top, *(_clause(*clause) for clause in clauses)], _SINGLE))


def _attributes(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, key and value; a clause may have its first attribute in its own line."""
    for number, line in significant_lines(text):
        found = _ATTRIBUTE.fullmatch(without_comment(line))
        if not found:
            raise Unparsable("neither a clause nor an attribute", number)
        if found["key"] in _CLAUSES and (inner := _ATTRIBUTE.fullmatch(found["value"])):
            yield number, found["key"], ""
            found = inner
        yield number, found["key"], _unquoted(found["value"])


def _unquoted(value: str) -> str:
    """Quotes around a whole value are only needed for blanks in it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' and value.count('"') == 2 else value


def _entry(key: str, value: str, line: int) -> Entry:
    found = _FIRST_WORD.match(value) if key in _PAIRS else None
    if not found:
        return Entry(key, value, line)
    name = found["quoted"] if found["plain"] is None else found["plain"]
    return Entry(key, (Entry(NAME, name, line), Entry(_PAIRS[key], value[found.end() :].strip(), line)), line, listed=True)


def _clause(key: str, line: int, body: Sequence[Entry]) -> Entry:
    if key not in _NAMED:
        return Entry(key, tuple(body), line)
    name = next((str(entry.value) for entry in body if entry.key == "name"), "")
    return Entry(key, (Entry(KNOWN_AS, name, line), *body), line, listed=True)


_MEMBERS = ("interface", "local-data", "local-data-ptr", "private-address", "private-domain", "domain-insecure", "forward-addr", "forward-host")
_UNORDERED = (
    *(ListPolicy(("**", key), order=Order.MULTISET) for key in _MEMBERS),
    *(ListPolicy(("**", key), (NAME, KNOWN_AS), Order.SET) for key in (*_PAIRS, *_NAMED)),
)
FORMATS = (Format("unbound", read_unbound, (*_UNORDERED, ListPolicy(("**",), (KNOWN_AS, NAME)))),)
