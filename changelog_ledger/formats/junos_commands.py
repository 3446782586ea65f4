"""Both styles in which Junos writes its configuration, brought to one: the words of ``set``, ``deactivate`` and ``protect`` commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import significant_lines
from changelog_ledger.formats.grammar import Unparsable

_MOST_WORDS = 40
"""On the way to a statement; Junos has fewer. Every member of a list repeats them."""
_TOKEN = re.compile(
    r"(?P<blank>\s+|\#[^\n]*|/\*.*?\*/)|(?P<mark>[;{}\[\]])|(?P<word>\"(?:[^\"\\]|\\.)*\"|(?!/\*)[^\s;{}\[\]\"]+)",
    re.DOTALL,
)
_MARKERS = {"inactive:": "deactivate", "protect:": "protect"}
"""What stands before a statement, and the command that does the same."""

Words = tuple[tuple[str, int], ...]
"""Words, each with its line."""


@dataclass(frozen=True, slots=True)
class Command:
    """A ``set``, ``deactivate`` or ``protect`` command."""

    verb: str
    words: Words


def commands(text: str) -> Iterator[Command]:
    """The commands that a configuration amounts to, in either style.

    :raises Unparsable: for unbalanced braces or quotes, a statement that is never ended, or another command than these.
    """
    first = next((line for _, line in significant_lines(text)), "")
    yield from _from_commands(text) if first.startswith(tuple(f"{verb} " for verb in _VERBS)) else _from_braces(text)


_VERBS = ("set", "deactivate", "protect")


def _from_commands(text: str) -> Iterator[Command]:
    words: list[tuple[str, int]] = []
    for number, kind, word in _tokens(text):
        if words and number != words[-1][1] + words[-1][0].count("\n"):
            yield from _commands(words)
            words = []
        if kind == "mark" and word in ";{}":
            raise Unparsable("a brace among commands", number)
        words.append((word, number))
    if words:
        yield from _commands(words)


def _commands(words: list[tuple[str, int]]) -> Iterator[Command]:
    """The commands of a line; a list in brackets is as many commands as it has members."""
    verb, number = words[0]
    if verb not in _VERBS or len(words) < 2:
        raise Unparsable("neither set nor deactivate", number)
    plain = [word for word, _ in words]
    if "[" not in plain and "]" not in plain:
        yield Command(verb, tuple(words[1:]))
        return
    start = plain.index("[") if "[" in plain else 0
    if start < 2 or start > _MOST_WORDS or plain.index("]") != len(plain) - 1:
        raise Unparsable("a list that is never closed", number)
    yield from (Command(verb, (*words[1:start], member)) for member in words[start + 1 : -1])


def _from_braces(text: str) -> Iterator[Command]:
    """Every statement with the words of the blocks around it."""
    reading = _Braces()
    for number, kind, word in _tokens(text):
        if reading.members is not None:
            yield from reading.listed(word, kind, number)
        elif kind == "word":
            reading.words.append((word, number))
        elif word == "[":
            reading.members = []
        elif word == "{":
            yield from reading.opened(number)
        elif word == ";":
            yield from reading.stated()
        else:
            yield from reading.closed(word, number)
    if reading.words or reading.around or reading.members is not None:
        raise Unparsable("a block or statement that is never ended", reading.words[0][1] if reading.words else None)


@dataclass(slots=True)
class _Braces:
    """What is open while braces are read.

    :ivar around: for each open block, the words by which it is reached from the top.
    :ivar used: for each, whether there is anything in it; one without anything stands for itself.
    :ivar words: those of the statement so far.
    :ivar members: those of a list in brackets so far, None outside of one.
    """

    around: list[Words] = field(default_factory=list)
    used: list[bool] = field(default_factory=list)
    words: list[tuple[str, int]] = field(default_factory=list)
    members: list[tuple[str, int]] | None = None

    def opened(self, number: int) -> Iterator[Command]:
        plain, markers = _without_markers(self.words)
        if not plain:
            raise Unparsable("a block without a name", number)
        block = (*self._inside(), *plain)
        if len(block) > _MOST_WORDS:
            raise Unparsable(f"nested deeper than {_MOST_WORDS}", number)
        self._use()
        self.around.append(block)
        self.used.append(False)
        self.words = []
        yield from (Command(marker, block) for marker in markers)

    def closed(self, mark: str, number: int) -> Iterator[Command]:
        if mark == "]" or self.words or not self.around:
            raise Unparsable("a statement without its semicolon" if self.words else f"{mark} too many", number)
        block = self.around.pop()
        if not self.used.pop():
            yield Command("set", block)

    def stated(self) -> Iterator[Command]:
        if self.words:
            yield from self._statement(self.words)
        self.words = []

    def listed(self, word: str, kind: str, number: int) -> Iterator[Command]:
        """A member of a list, or its end: as many statements as it has members."""
        members = self.members or []
        if word == "]" and self.words and len(self.words) <= _MOST_WORDS:
            yield from (command for member in members for command in self._statement([*self.words, member]))
            self.words, self.members = [], None
        elif kind == "mark":
            raise Unparsable("a list that is never closed, or belongs to nothing", number)
        else:
            self.members = members
            members.append((word, number))

    def _statement(self, words: list[tuple[str, int]]) -> Iterator[Command]:
        plain, markers = _without_markers(words)
        if not plain:
            raise Unparsable("a marker without a statement", words[0][1])
        self._use()
        yield Command("set", (*self._inside(), *plain))
        yield from (Command(marker, (*self._inside(), *plain)) for marker in markers)

    def _inside(self) -> Words:
        return self.around[-1] if self.around else ()

    def _use(self) -> None:
        self.used[-1:] = [True] if self.used else []


def _without_markers(words: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], list[str]]:
    count = next((index for index, (word, _) in enumerate(words) if word not in _MARKERS), len(words))
    return words[count:], [_MARKERS[word] for word, _ in words[:count]]


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, kind and text of every word and mark."""
    number, position = 1, 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise Unparsable("a quote or comment that is never closed", number)
        if found.lastgroup != "blank":
            yield number, found.lastgroup or "", found[0]
        number += found[0].count("\n")
        position = found.end()
