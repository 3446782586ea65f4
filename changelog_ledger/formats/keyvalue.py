"""``Key value`` lines: login.defs(5), host.conf(5), redis.conf, postgresql.conf …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_KEY_VALUE = re.compile(r"(?P<key>[^\s=\"'#]+)(?:\s*=\s*|\s+|$)(?P<value>.*)")
_TOKEN = re.compile(r"""\s+#.*|"(?:\\.|[^"\\])*"|'(?:''|\\.|[^'\\])*'|\s+|[^\s"']+|["']""")
_LONGEST_VALUE = 10_000
"""Longer ones are left as they are: a line of nothing but escaped quotes would take a time that grows with its square."""


def read(text: str) -> Parsed:
    """Keys and values, separated by white space or ``=``. A ``#`` after white space, outside quotes, begins a comment."""
    return tree(settings(text))


def settings(text: str) -> Iterator[Entry]:
    """The keys and values in their order.

    :raises Unparsable: at a line that begins with no key.
    """
    for number, line in significant_lines(text):
        found = _KEY_VALUE.fullmatch(line)
        if not found:
            raise Unparsable("not a key and a value", number)
        yield Entry(found["key"], without_comment(found["value"]), number)


def without_comment(value: str) -> str:
    """``value`` up to a comment, with single spaces between its words; what is quoted stays as it is."""
    if len(value) > _LONGEST_VALUE:
        return value.strip()
    pieces = []
    for found in _TOKEN.finditer(" " + value):
        token = found[0]
        if token.lstrip().startswith("#") and token[0].isspace():
            break
        pieces.append(" " if token.isspace() else token)
    return "".join(pieces).strip()


FORMATS = (Format("keyvalue", read),)
