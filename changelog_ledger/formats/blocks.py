"""Files of ``directive arguments;`` and ``block arguments { … }``: nginx, and what looks like it (named.conf, apt.conf, dhcpd.conf).

``http/server[shop.example]/listen``, ``http/upstream[backend]/server[0]``, ``server[shop.example]/location[/api]/proxy_pass``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import KNOWN_AS, NAME, Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

_WORD = r"""(?P<word>(?:\\.|\$\{[^}\n]*\}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s;{}\\"'])(?:\\.|\$\{[^}\n]*\}|[^\s;{}\\])*)"""
_NGINX_TOKEN = re.compile(r"(?P<blank>\s+|#[^\n]*)|(?P<mark>[;{}])|" + _WORD, re.DOTALL)
_GENERIC_TOKEN = re.compile(r"(?P<blank>\s+|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<mark>[;{}])|" + _WORD, re.DOTALL)


@dataclass(slots=True)
class _Open:
    """A block that is being read."""

    words: list[str]
    line: int
    body: list[Entry] = field(default_factory=list)


def read_nginx(text: str) -> Parsed:
    """The configuration of nginx, as its own parser reads it: words, ``;``, ``{``, ``}``, quotes, ``#`` comments.

    :raises Unparsable: for unbalanced braces or a directive that is never ended.
    """
    return tree(_entries(text, _NGINX_TOKEN))


def read_generic(text: str) -> Parsed:
    """The same with ``//`` and ``/* … */`` comments."""
    return tree(_entries(text, _GENERIC_TOKEN))


def _entries(text: str, token: re.Pattern[str]) -> list[Entry]:
    stack = [_Open([], 0)]
    words: list[str] = []
    start = 0
    for number, kind, word in _tokens(text, token):
        if kind == "word":
            start = start if words else number
            words.append(word)
        elif word == ";":
            _end_directive(stack[-1].body, words, start)
            words = []
        elif word == "{":
            _open_block(stack, words, start or number)
            words = []
        else:
            _close_block(stack, words, number)
    if words or len(stack) > 1:
        raise Unparsable("a block or directive that is never ended", start if words else stack[-1].line)
    return stack[0].body


def _tokens(text: str, token: re.Pattern[str]) -> Iterator[tuple[int, str, str]]:
    """Line, kind and text of every word and mark."""
    number, position = 1, 0
    while position < len(text):
        found = token.match(text, position)
        if not found:
            raise Unparsable("a quote that is never closed", number)
        if found.lastgroup != "blank":
            yield number, found.lastgroup or "", found[0]
        number += found[0].count("\n")
        position = found.end()


def _end_directive(body: list[Entry], words: list[str], line: int) -> None:
    """A lone ``;`` (named.conf ends its blocks with ``};``) says nothing."""
    if words:
        body.append(Entry(words[0], " ".join(words[1:]), line))


def _open_block(stack: list[_Open], words: list[str], line: int) -> None:
    if not words:
        raise Unparsable("a block without a name", line)
    if len(stack) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
    stack.append(_Open(words, line))


def _close_block(stack: list[_Open], words: list[str], line: int) -> None:
    if words:
        raise Unparsable("a directive without its semicolon", line)
    if len(stack) == 1:
        raise Unparsable("a closing brace too many", line)
    block = stack.pop()
    stack[-1].body.append(_block(block))


def _block(block: _Open) -> Entry:
    """Blocks that can stand more than once are lists, whose items are known by their name."""
    key, name = block.words[0], " ".join(block.words[1:])
    if name:
        return Entry(key, (Entry(NAME, name, block.line), *block.body), block.line, listed=True)
    if key == "server":
        return Entry(key, (Entry(KNOWN_AS, _server_name(block.body), block.line), *block.body), block.line, listed=True)
    return Entry(key, tuple(block.body), block.line)


def _server_name(body: list[Entry]) -> str:
    """What a server block is called: its first ``server_name``, else what it listens on."""
    said = {entry.key: str(entry.value).split() for entry in reversed(body) if isinstance(entry.value, str)}
    words = said.get("server_name") or said.get("listen") or [""]
    return words[0].strip("\"'")


_POLICIES = (ListPolicy(("**",), (NAME, KNOWN_AS)),)
FORMATS = (Format("nginx", read_nginx, _POLICIES), Format("blocks", read_generic, _POLICIES))
