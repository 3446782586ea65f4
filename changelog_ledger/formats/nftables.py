"""Rule sets of nft(8): as text (``/etc/nftables.conf``, ``nft list ruleset``).

``table[inet filter]/chain[input]/policy``, ``table[inet filter]/chain[input]/rule[2]``, ``table[inet filter]/set[blocked]/elements``. Handles,
counters and what is left of the life of elements are not in the tree: they change by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.nftables_statements import HELPERS, OBJECTS, Statement, Word, statements
from changelog_ledger.model.document import ListPolicy, Order

_BASE_CHAIN = re.compile(r"type (?P<type>\S+) hook (?P<hook>\S+)(?: (?P<devices>devices? .+?))? priority (?P<priority>.+)")


@dataclass(slots=True)
class _Block:
    """A table or an object that is being read."""

    head: Sequence[str]
    line: int
    body: list[Entry] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.head[0]

    def entry(self) -> Entry:
        """Objects are known by name: ``set[blocked]``, ``ct helper[ftp]``."""
        at = 2 if len(self.head) > 2 and self.head[1] in HELPERS else 1
        name = Entry(NAME, " ".join(self.head[at:]), self.line)
        return Entry(" ".join(self.head[:at]), (name, *self.body), self.line, listed=True)


def read(text: str) -> Parsed:
    """The rule set as text.

    :raises Unparsable: for unbalanced braces, an open quote, and what is no command, table or object.
    """
    stack = [_Block(("",), 0)]
    for item in statements(text):
        if isinstance(item, int):
            _close(stack, item)
        elif item.opens:
            stack.append(_Block([word for _, word in item.words], item.line))
        else:
            stack[-1].body.extend(_entries(stack[-1].kind, item))
    if len(stack) > 1:
        raise Unparsable("a block that is never closed", stack[-1].line)
    return tree(_with_definitions(stack[0].body))


def _close(stack: list[_Block], line: int) -> None:
    if len(stack) == 1:
        raise Unparsable("a closing brace too many", line)
    closed = stack.pop()
    stack[-1].body.append(closed.entry())


# --- statements ---------------------------------------------------------------------------------------------------------------------------

_COMMANDS = ("add", "create", "delete", "destroy", "flush", "insert", "list", "rename", "replace", "reset", "table", "undefine")


def _entries(kind: str, statement: Statement) -> Iterator[Entry]:
    """What a statement says in a block of this kind."""
    if kind == "":
        yield from _command(statement)
    elif kind == "chain":
        yield from _of_chain(statement)
    else:
        yield from _of_object(kind, statement)


def _command(statement: Statement) -> Iterator[Entry]:
    """Definitions are known by name; other commands (``flush ruleset``, ``add rule …``) are done in their order."""
    words = [word for _, word in statement.words]
    if words[0] in ("define", "redefine") and len(words) > 3 and words[2] == "=":
        yield Entry(words[0], tuple(_values(words[1], statement.words[3:])), statement.line)
    elif words[0] == "include":
        yield Entry("include", _text(statement.words[1:]), statement.line, listed=True)
    elif words[0] in _COMMANDS:
        yield Entry("command", _text(statement.words), statement.line, listed=True)
    else:
        raise Unparsable(f"{words[0]!r} is no command of nft", statement.line)


def _with_definitions(body: list[Entry]) -> Iterator[Entry]:
    """The definitions of a file under one key: ``define/WAN``."""
    for kind in ("define", "redefine"):
        found = [entry for entry in body if entry.key == kind]
        if found:
            named = [inner for entry in found if isinstance(entry.value, tuple) for inner in entry.value]
            yield Entry(kind, tuple(named), found[0].line)
    yield from (entry for entry in body if entry.key not in ("define", "redefine"))


def _of_chain(statement: Statement) -> Iterator[Entry]:
    text = _text(statement.words)
    if found := _BASE_CHAIN.fullmatch(text):
        yield from (Entry(key, value, statement.line) for key, value in found.groupdict().items() if value)
    elif statement.first in ("policy", "comment") and len(statement.words) == 2:
        yield Entry(statement.first, statement.words[1][1], statement.line)
    else:
        yield Entry("rule", text, statement.line, listed=True)


def _of_object(kind: str, statement: Statement) -> Iterator[Entry]:
    """``type ipv4_addr``, ``flags interval``, ``elements = { … }``; a named counter holds nothing but what it has counted."""
    rest = statement.words[1:]
    rest = rest[1:] if rest[:1] and rest[0][1] == "=" else rest
    if kind == "counter" and statement.first == "packets":
        return
    if kind == "map" and statement.first == "elements":
        yield from _pairs(statement, rest)
    else:
        yield from _values(statement.first, rest, statement.line)


def _pairs(statement: Statement, words: Sequence[Word]) -> Iterator[Entry]:
    """The elements of a map by their keys, if all have one that stands apart: ``elements/192.0.2.7``."""
    elements = list(_values(statement.first, words, statement.line))
    split = [_PAIR.fullmatch(str(element.value)) for element in elements]
    if all(split):
        pairs = [Entry(found["key"], found["value"], element.line) for found, element in zip(split, elements, strict=True) if found]
        yield Entry(statement.first, tuple(pairs), statement.line)
    else:
        yield from elements


_PAIR = re.compile(r"(?P<key>[^\s\"](?:[^\"\n]*?[^\s\"])??)(?: :|:) (?P<value>.+)")


def _values(key: str, words: Sequence[Word], line: int = 0) -> Iterator[Entry]:
    """One value, or the elements of a set in braces, which are a list however many there are."""
    line = line or words[0][0]
    if len(words) < 2 or words[0][1] != "{" or words[-1][1] != "}":
        yield Entry(key, _text(words), line)
        return
    elements = list(_elements(words[1:-1]))
    if not elements:
        yield Entry(key, [], line)
    for element in elements:
        yield Entry(key, _text(element), element[0][0], listed=True)


def _elements(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """What stands between commas that are not within braces of their own."""
    element: list[Word] = []
    braces = 0
    for number, word in words:
        braces += {"{": 1, "}": -1}.get(word, 0)
        if word == "," and not braces:
            yield from [element] if element else []
            element = []
        else:
            element.append((number, word))
    yield from [element] if element else []


def _text(words: Sequence[Word]) -> str:
    """The words with one space between them, without what counts by itself."""
    pieces: list[str] = []
    skipped = 0
    for at, (_, word) in enumerate(words):
        if skipped:
            skipped -= 1
        elif word == "," and pieces:
            pieces[-1] += "" if words[at + 1 : at + 2] and words[at + 1][1] == "}" else ","  # the last comma of a set says nothing
        elif passing := _passing(words, at):
            skipped = passing - 1
        else:
            pieces.append(word)
    return " ".join(pieces)


def _passing(words: Sequence[Word], at: int) -> int:
    """How many words from here are no setting: ``counter`` *packets 3 bytes 180*, *expires 59m*, *used 3 mbytes*."""
    word = words[at][1]
    if word == "packets" and at and words[at - 1][1] == "counter" and words[at + 2 : at + 3] and words[at + 2][1] == "bytes":
        return 4
    if word == "expires" and at:
        return 2
    return 3 if word == "used" and at > 2 and words[at - 3][1] in ("over", "until") else 0


_NAMED = ("table", *OBJECTS, *(f"ct {helper}" for helper in HELPERS))
POLICIES = (
    *(ListPolicy(("**", name), (NAME,), Order.SET) for name in _NAMED),
    *(ListPolicy(("**", name), order=Order.SET) for name in ("elements", "devices")),
    ListPolicy(("define", "*"), order=Order.SET),
)
FORMATS = (Format("nftables", read, POLICIES),)
