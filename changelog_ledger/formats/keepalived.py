"""keepalived.conf(5): ``vrrp_instance[VI_1]/priority``, ``vrrp_instance[VI_1]/virtual_ipaddress[0]``,
``virtual_server[10.0.0.1 80]/real_server[10.0.1.1 80]/weight``

Braces as in nginx, but a line ends a setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_LISTS = frozenset(
    {
        *("group", "notification_email", "static_ipaddress", "static_routes", "static_rules", "track_file", "track_interface", "track_process"),
        *("track_script", "unicast_peer", "virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_routes", "virtual_rules"),
    }
)
"""Blocks whose lines are items."""
_WORD = re.compile(r'(?P<comment>[#!])|"[^"\n]*"|[{}]|(?:[^\s{}"#!]|(?<=\S)[#!])+|"')


@dataclass(slots=True)
class _Block:
    words: Sequence[str]
    line: int
    body: list[Entry] = field(default_factory=list)


def read_keepalived(text: str) -> Parsed:
    """Blocks and settings, comments with ``#`` and ``!``.

    :raises Unparsable: for unbalanced braces.
    """
    stack = [_Block([], 0)]
    words: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        for word in _words(line):
            if words and (word == "}" or (start != number and word != "{")):
                _end_setting(stack[-1], words, start)
                words = []
            if word in "{}":
                _take_brace(stack, word, words, start if words else number)
                words = []
            else:
                start = start if words else number
                words.append(word)
    _end_setting(stack[-1], words, start)
    if len(stack) > 1:
        raise Unparsable("a block that is never closed", stack[-1].line)
    return tree(stack[0].body)


def _words(line: str) -> Iterator[str]:
    for found in _WORD.finditer(line):
        if found["comment"]:
            return
        yield found[0]


def _take_brace(stack: list[_Block], brace: str, words: list[str], line: int) -> None:
    """A brace may stand in the line after the name of its block."""
    if brace == "{":
        _open(stack, words, line)
    else:
        _close(stack, line)


def _end_setting(block: _Block, words: Sequence[str], line: int) -> None:
    if words and block.words and block.words[0] in _LISTS:
        block.body.append(Entry(block.words[0], " ".join(words), line, listed=True))
    elif words:
        block.body.append(Entry(words[0], " ".join(words[1:]), line))


def _open(stack: list[_Block], words: Sequence[str], line: int) -> None:
    if not words:
        raise Unparsable("a block without a name", line)
    if len(stack) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
    stack.append(_Block(words, line))


def _close(stack: list[_Block], line: int) -> None:
    if len(stack) == 1:
        raise Unparsable("a closing brace too many", line)
    block = stack.pop()
    stack[-1].body.extend(_entries(block))


def _entries(block: _Block) -> Sequence[Entry]:
    key, name = block.words[0], " ".join(block.words[1:])
    if key in _LISTS and not name and all(entry.key == key for entry in block.body):
        return block.body or [Entry(key, [], block.line)]
    if name:
        return [Entry(key, (Entry(NAME, name, block.line), *block.body), block.line, listed=True)]
    return [Entry(key, tuple(block.body), block.line)]


_UNORDERED = tuple(ListPolicy(("**", key), (NAME,), Order.SET) for key in ("vrrp_instance", "vrrp_script", "vrrp_sync_group", "virtual_server"))
FORMATS = (Format("keepalived", read_keepalived, (*_UNORDERED, ListPolicy(("**",), (NAME,)))),)
