"""Files of ``directive arguments;`` and ``block arguments { … }``: the grammar that nginx, named, dhcpd and apt share, and what looks like it.

What a format makes of its directives and blocks is its :class:`Dialect`: see ``nginx``, ``bind`` and ``dhcpd``. Without one
(apt.conf(5), syslog-ng.conf(5)): ``APT::Periodic/Enable``, ``destination[d_auth]/file``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

WORD = r"""(?P<word>(?:\\.|\$\{[^}\n]*\}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s;{}\\"'])(?:\\.|\$\{[^}\n]*\}|[^\s;{}\\])*)"""
HASH_COMMENTS = re.compile(r"(?P<blank>\s+|#[^\n]*)|(?P<mark>[;{}])|" + WORD, re.DOTALL)
# ``#clear`` and ``#include`` of apt.conf(5) are directives
_ANY_COMMENTS = re.compile(r"(?P<blank>\s+|#(?!clear\b|include\b)[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<mark>[;{}])|" + WORD, re.DOTALL)


@dataclass(slots=True)
class Block:
    """A block that is being read.

    :ivar words: what stands before its brace: ``location``, ``/api``.
    :ivar is_list: its statements are texts, whatever is in them.
    """

    words: Sequence[str]
    line: int
    is_list: bool = False
    body: list[Entry] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What stands between its first word and the brace."""
        return " ".join(self.words[1:])


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a format makes of directives and blocks.

    :ivar directive: its words, its line and the words of the block that it stands in, as an entry.
    :ivar block: a block that was closed, as entries.
    :ivar lists: blocks (by their first word) whose statements are texts: address match lists.
    :ivar braced: directives that may hold braces, up to their semicolon.
    :ivar raw: blocks that are in another language, if there are such: the end of their first word, and what finds their closing brace.
    """

    token: re.Pattern[str]
    directive: Callable[[Sequence[str], int, Sequence[str]], Entry]
    block: Callable[[Block], Iterable[Entry]]
    lists: frozenset[str] = frozenset()
    braced: frozenset[str] = frozenset()
    raw: tuple[str, Callable[[str, int], int]] | None = None


def read_blocks(text: str, dialect: Dialect) -> list[Entry]:
    """The entries at the top of a file.

    :raises Unparsable: for unbalanced braces, or a directive or quote that is never ended.
    """
    reading = _Reading(dialect)
    for number, kind, word in _tokens(text, dialect):
        reading.take(number, kind, word)
    return reading.finished()


@dataclass(slots=True)
class _Reading:
    """The blocks that are open, and the words of the directive that is being read."""

    dialect: Dialect
    stack: list[Block] = field(default_factory=lambda: [Block([], 0)])
    words: list[str] = field(default_factory=list)
    start: int = 0
    braces: int = 0

    def take(self, number: int, kind: str, word: str) -> None:
        if kind == "mark" and self._is_within_directive(word):
            self._keep(word)
        elif kind == "word":
            self.start = self.start if self.words else number
            self.words.append(word)
        elif kind == "raw":
            self.stack[-1].body.append(Entry(" ".join(self.words), word, self.start))
            self.words = []
        elif word == ";":
            self._end_directive()
        elif word == "{":
            self._open_block(self.start if self.words else number)
        else:
            self._close_block(number)

    def finished(self) -> list[Entry]:
        if self.words or len(self.stack) > 1:
            raise Unparsable("a block or directive that is never ended", self.start if self.words else self.stack[-1].line)
        return self.stack[0].body

    def _is_within_directive(self, mark: str) -> bool:
        """Whether a mark belongs to the text of a directive."""
        if self.braces:
            return True
        return mark == "{" and (self.stack[-1].is_list or (bool(self.words) and self.words[0] in self.dialect.braced))

    def _keep(self, mark: str) -> None:
        self.braces += (mark == "{") - (mark == "}")
        if mark == ";" and self.words:
            self.words[-1] += mark
        else:
            self.words.append(mark)

    def _end_directive(self) -> None:
        """A lone ``;`` (named.conf ends its blocks with ``};``) says nothing."""
        block, words = self.stack[-1], self.words
        if words and block.is_list:
            block.body.append(Entry("", " ".join(words), self.start))
        elif words:
            block.body.append(self.dialect.directive(words, self.start, block.words))
        self.words = []

    def _open_block(self, line: int) -> None:
        if not self.words:
            raise Unparsable("a block without a name", line)
        if len(self.stack) > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
        self.stack.append(Block(self.words, line, self.words[0] in self.dialect.lists))
        self.words = []

    def _close_block(self, line: int) -> None:
        if self.words:
            raise Unparsable("a directive without its semicolon", line)
        if len(self.stack) == 1:
            raise Unparsable("a closing brace too many", line)
        block = self.stack.pop()
        self.stack[-1].body.extend(self.dialect.block(block))


def _tokens(text: str, dialect: Dialect) -> Iterator[tuple[int, str, str]]:
    """Line, kind and text of every word and mark; a block in another language is one token, braces and all."""
    number, position, first = 1, 0, ""
    while position < len(text):
        found = dialect.token.match(text, position)
        if not found:
            raise Unparsable("a quote that is never closed", number)
        if found["blank"] and found[0].startswith("/*") and not found[0].endswith("*/"):
            raise Unparsable("a comment that is never closed", number)
        start, position, kind, word = position, found.end(), found.lastgroup or "", found[0]
        if word == "{" and dialect.raw and first.endswith(dialect.raw[0]):
            position, kind = dialect.raw[1](text, position), "raw"
            word = text[start + 1 : position - 1].strip()
        if kind != "blank":
            yield number, kind, word
            first = (first or word) if kind == "word" else ""
        number += text.count("\n", start, position)


def plain_directive(words: Sequence[str], line: int, within: Sequence[str]) -> Entry:
    """The first word as key, the others as its value."""
    del within
    return Entry(words[0], " ".join(words[1:]), line)


def plain_block(block: Block) -> tuple[Entry, ...]:
    """Blocks with a name can stand more than once: they are lists, whose items are known by it.

    A block of nothing but texts in quotes (``DPkg::Post-Invoke { "…"; };``) is a list of them.
    """
    key, name, body = block.words[0], block.name, block.body
    if name:
        return (Entry(key, (Entry(NAME, name, block.line), *body), block.line, listed=True),)
    if body and all(entry.key.startswith('"') and entry.value == "" for entry in body):
        return tuple(Entry(key, entry.key, entry.line, listed=True) for entry in body)
    return (Entry(key, tuple(body), block.line),)


def _call_or_directive(words: Sequence[str], line: int, within: Sequence[str]) -> Entry:
    """``file("/var/log/x" perm(0640))`` as syslog-ng writes options and drivers: the name before the parenthesis is the key."""
    text = " ".join(words)
    found = _CALL.match(text)
    if not found or not text.endswith(")"):
        return plain_directive(words, line, within)
    return Entry(found["name"], text[found.end() : -1].strip(), line)


_CALL = re.compile(r"(?P<name>[A-Za-z][\w-]*) ?\(")
_PLAIN = Dialect(_ANY_COMMENTS, _call_or_directive, plain_block)


def read_generic(text: str) -> Parsed:
    """Words, ``;``, ``{``, ``}``, quotes, and comments with ``#``, ``//`` and ``/* … */``."""
    return tree(read_blocks(text, _PLAIN))


FORMATS = (Format("blocks", read_generic, (ListPolicy(("**",), (NAME,)),)),)
