"""strongSwan: ipsec.conf(5) with its sections by indentation, and swanctl.conf(5) or strongswan.conf(5) with their braces.

``conn[site-a]/right``, ``setup/charondebug``; ``connections/site-a/remote_addrs``, ``connections/site-a/children/net/esp_proposals``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_HEAD = re.compile(r"(?P<kind>config|conn|ca)\s+(?P<name>\S+)")
_PARAMETER = re.compile(r"(?P<key>[^\s=#]+)\s*=\s*(?P<value>.*)")
_COMMENT = re.compile(r"\s#.*$")


@dataclass(slots=True)
class _Section:
    """A section that is being read."""

    kind: str
    name: str
    line: int
    body: list[Entry] = field(default_factory=list)

    def entry(self) -> Entry:
        """``config setup`` is one of its kind; others are known by name."""
        if self.kind == "config":
            return Entry(self.name, tuple(self.body), self.line)
        return Entry(self.kind, (Entry(NAME, self.name, self.line), *self.body), self.line, listed=True)


def read_ipsec(text: str) -> Parsed:
    """``config setup``, ``conn NAME`` and ``ca NAME`` at the beginning of a line, their parameters indented; ``include FILE``.

    :raises Unparsable: for what is none of these.
    """
    return tree(_sections(text))


def _sections(text: str) -> Iterator[Entry]:
    section: _Section | None = None
    for number, line in enumerate(text.split("\n"), 1):
        stripped = _COMMENT.sub("", line).strip()
        if not stripped or stripped.startswith("#"):
            continue
        if line[0].isspace() and section is not None:
            section.body.append(_parameter(number, stripped))
            continue
        yield from [section.entry()] if section else []
        section = None
        if found := _HEAD.fullmatch(stripped):
            section = _Section(found["kind"], found["name"], number)
        else:
            yield _directive(number, stripped)
    yield from [section.entry()] if section else []


def _parameter(number: int, line: str) -> Entry:
    found = _PARAMETER.fullmatch(line)
    if not found:
        raise Unparsable("not a parameter of a section", number)
    return Entry(found["key"], found["value"], number)


def _directive(number: int, line: str) -> Entry:
    """``include FILE``, and ``version 2`` of the old days."""
    word, _, rest = line.partition(" ")
    if word not in ("include", "version") or not rest:
        raise Unparsable("not a section", number)
    return Entry(word, rest.strip(), number, listed=word == "include")


# --- swanctl.conf, strongswan.conf --------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*)|(?P<end>\n)|(?P<mark>[{}=])|(?P<quoted>"(?:\\.|[^"\\])*+")|(?P<word>[^\s{}=\#"][^\n{}=\#"]*+)""", re.DOTALL
)
_VALUE = re.compile(r"""[ \t]*(?P<value>(?:"(?:\\.|[^"\\])*+"|[^"\n#}])*+)""", re.DOTALL)


@dataclass(slots=True)
class _Block:
    key: str
    line: int
    body: list[Entry] = field(default_factory=list)


def read_settings(text: str) -> Parsed:
    """``name { … }`` and ``key = value`` up to the end of the line; a ``#`` outside quotes begins a comment; ``include FILE``.

    :raises Unparsable: for unbalanced braces, an open quote, and a word that is neither key nor name.
    """
    reading = _Reading(text)
    while reading.position < len(text):
        reading.step()
    if len(reading.stack) > 1:
        raise Unparsable("a section that is never closed", reading.stack[-1].line)
    if reading.word:
        raise Unparsable("neither a section nor a key", reading.number)
    return tree(reading.stack[0].body)


class _Reading:
    """Where the reading of a text has come to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.number = 1
        self.word = ""
        self.stack = [_Block("", 0)]

    def step(self) -> None:
        """Read one token, and a value with its ``=``."""
        found = _TOKEN.match(self.text, self.position)
        if not found:
            raise Unparsable("a quote that is never closed", self.number)
        kind, token = found.lastgroup or "", found[0]
        self.position = found.end()
        if kind == "end":
            self._end_line()
        elif kind == "mark":
            {"{": self._open, "}": self._close, "=": self._assign}[token]()
        elif kind in ("word", "quoted"):
            if self.word:
                raise Unparsable("neither a section nor a key", self.number)
            self.word = token.strip()
        self.number += token.count("\n")

    def _end_line(self) -> None:
        """A section's brace may stand in the next line."""
        if self.word.startswith("include "):
            self.stack[-1].body.append(Entry("include", self.word.removeprefix("include ").strip(), self.number, listed=True))
            self.word = ""

    def _open(self) -> None:
        if not self.word:
            raise Unparsable("a section without a name", self.number)
        if len(self.stack) > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", self.number)
        self.stack.append(_Block(self.word, self.number))
        self.word = ""

    def _close(self) -> None:
        if self.word or len(self.stack) == 1:
            raise Unparsable("a closing brace too many", self.number)
        block = self.stack.pop()
        self.stack[-1].body.append(Entry(block.key, tuple(block.body), block.line))

    def _assign(self) -> None:
        found = _VALUE.match(self.text, self.position)
        if not self.word or not found:
            raise Unparsable("a value without a key", self.number)
        self.stack[-1].body.append(Entry(self.word, found["value"].rstrip(), self.number))
        self.word = ""
        self.position = found.end()
        self.number += found[0].count("\n")


_POLICIES = (ListPolicy(("conn",), (NAME,), Order.SET), ListPolicy(("ca",), (NAME,), Order.SET))
FORMATS = (Format("ipsec", read_ipsec, _POLICIES), Format("swanctl", read_settings))
