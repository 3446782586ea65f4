"""The language of nft(8), cut into statements and blocks: what braces, commas, semicolons and line ends mean in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Unparsable

Word = tuple[int, str]
"""A word with its line."""

_TOKEN = re.compile(r"""(?P<blank>[ \t\r\f\v]+|\\\n|\#[^\n]*)|(?P<end>[\n;])|(?P<mark>[{},])|(?P<word>"[^"\n]*"|(?:[^\s;{},"\#\\]|\\(?!\n))+)""")
OBJECTS = ("chain", "set", "map", "flowtable", "counter", "quota", "limit", "secmark", "synproxy", "tunnel")
HELPERS = ("helper", "timeout", "expectation")
"""Objects of two words: ``ct helper ftp { … }``."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands up to a line's end or a semicolon.

    :ivar words: its words, white space left out, with the line of each. Braces and commas are words.
    :ivar opens: it is the head of a block.
    """

    words: tuple[Word, ...]
    opens: bool = False

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.words[0][0]

    @property
    def first(self) -> str:
        """Its first word."""
        return self.words[0][1]


def statements(text: str) -> Iterator[Statement | int]:
    """Statements, heads of blocks, and the line of every end of a block.

    :raises Unparsable: for an open quote or brace within a statement. Whether blocks are balanced is the caller's business.
    """
    words: list[Word] = []
    braces = blocks = 0
    for number, kind, word in _tokens(text):
        if kind == "end" and (braces or not words):
            words.extend([(number, word)] if word == ";" and braces else [])
        elif kind == "end":
            yield Statement(tuple(words))
            words = []
        elif word == "{" and not braces and _is_head(words, blocks):
            yield Statement(tuple(words), opens=True)
            words, blocks = [], blocks + 1
        elif word == "}" and not braces:
            if words:
                yield Statement(tuple(words))
            yield number
            words, blocks = [], blocks - 1
        else:
            braces += {"{": 1, "}": -1}.get(word, 0)
            words.append((number, word))
        if braces > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
    if braces:
        raise Unparsable("a brace that is never closed", words[0][0])
    if words:
        yield Statement(tuple(words))


_LONGEST_HEAD = 3


def _is_head(words: list[Word], blocks: int) -> bool:
    """Whether a brace after ``words`` opens a table or an object of one, and not a set within a statement."""
    plain = [word for _, word in words[: _LONGEST_HEAD + 1]]
    if blocks == 0:
        return plain[:1] == ["table"] and 2 <= len(plain) <= 3
    if blocks > 1:
        return False
    if plain[:1] == ["ct"]:
        return len(plain) == 3 and plain[1] in HELPERS
    return len(plain) == 2 and plain[0] in OBJECTS


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, kind and text of every word, mark and end of a statement."""
    number, position = 1, 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise Unparsable("a quote that is never closed", number)
        kind, word = found.lastgroup or "", found[0]
        if kind != "blank":
            yield number, kind, word
        number += word.count("\n") if kind != "word" else 0
        position = found.end()
