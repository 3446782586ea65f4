"""JSON5 (https://spec.json5.org) and JSON with comments: comments, trailing commas, single quotes, names and numbers of ECMAScript 5.1.

``#`` comments are taken too (Kea, hand-written files). One pass without recursion: libraries give values, but neither lines nor numbers as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.assignments import with_assignments
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.kubernetes import with_objects_by_name
from changelog_ledger.formats.named import NAMED_LISTS
from changelog_ledger.formats.written import MASKED, encodable, text_as_written
from changelog_ledger.model.document import KeyPath, Node

_TOKEN = re.compile(
    r"""(?P<blank>[\s\ufeff]++|//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)"""
    r"""|(?P<mark>[\[\]{},:])|(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')"""
    rf"""|(?P<word>{MASKED}|[^\s\[\]{{}},:"'/\#]++)""",
    re.DOTALL,
)
_NUMBER = r"[-+]?(?:0[xX][\da-fA-F]+|(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|Infinity|NaN)"
_OTHER = re.compile(f"{_NUMBER}|true|false|null", re.ASCII)
_BARE = re.compile(f"{_OTHER.pattern}|{MASKED}", re.ASCII)
_NAME = re.compile(r"(?:[^\W\d]|[$_]|\\u[\da-fA-F]{4})(?:[\w$\u200c\u200d]|\\u[\da-fA-F]{4})*+")
_ESCAPE = re.compile(r"\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r?\n|[\u2028\u2029])|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_WRONG_ESCAPES = frozenset("ux123456789")


@dataclass(slots=True)
class _Open:
    """An object or array that is being read.

    :ivar key: the key whose value comes next or came last, None while a key is expected.
    :ivar expects: what may come next: ``key``, ``:``, ``value`` or ``,``; a closing bracket may come wherever ``key``, ``,`` or an item may.
    """

    node: dict[str, Node] | list[Node]
    expects: str
    key: str | None = None

    @property
    def end(self) -> str:
        return "}" if isinstance(self.node, dict) else "]"


@dataclass(slots=True)
class _Reading:
    """What has been read. ``stack[0]`` is an array that takes the one value of the text."""

    stack: list[_Open] = field(default_factory=lambda: [_Open([], "value")])
    path: list[str | int] = field(default_factory=list)
    lines: dict[KeyPath, int] = field(default_factory=dict)


def read(text: str) -> Parsed:
    """The one value of the text; strings decoded, everything else as written.

    :raises Unparsable: for anything that is no JSON5, for duplicate keys and for nesting beyond the limit.
    """
    reading = _Reading()
    for number, kind, token in _tokens(text):
        if kind == "mark":
            _take_mark(reading, token, number)
        else:
            _take_word(reading, token, number)
    [root] = _finished(reading)
    return with_assignments(with_objects_by_name(Parsed(root, reading.lines)))


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    number, position = 1, 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise Unparsable("not valid JSON5", number)
        if found.lastgroup != "blank":
            yield number, found.lastgroup or "", found[0]
        number += found[0].count("\n")
        position = found.end()


def _finished(reading: _Reading) -> list[Node]:
    top = reading.stack[0].node
    if len(reading.stack) > 1 or not isinstance(top, list) or not top:
        raise Unparsable("not valid JSON5: it ends too early")
    return top


def _take_mark(reading: _Reading, mark: str, number: int) -> None:
    top = reading.stack[-1]
    if mark in "[{":
        _open(reading, mark, number)
    elif mark in "]}":
        _close(reading, mark, number)
    elif mark == ":" and top.expects == ":":
        top.expects = "value"
    elif mark == "," and top.expects == "," and len(reading.stack) > 1:
        _next(reading, top)
    else:
        raise Unparsable("not valid JSON5", number)


def _next(reading: _Reading, top: _Open) -> None:
    if isinstance(top.node, list):
        top.expects = "value"
        reading.path[-1] = len(top.node)
    else:
        top.expects, top.key = "key", None


def _open(reading: _Reading, mark: str, number: int) -> None:
    if reading.stack[-1].expects != "value":
        raise Unparsable("not valid JSON5", number)
    if len(reading.stack) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
    reading.lines.setdefault(tuple(reading.path), number)
    reading.stack.append(_Open({}, "key") if mark == "{" else _Open([], "value"))
    reading.path.append("" if mark == "{" else 0)


def _close(reading: _Reading, mark: str, number: int) -> None:
    closed = reading.stack[-1]
    may_end = closed.expects in ("key", ",") or isinstance(closed.node, list)
    if len(reading.stack) == 1 or mark != closed.end or not may_end:
        raise Unparsable("not valid JSON5", number)
    reading.stack.pop()
    reading.path.pop()
    _put(reading.stack[-1], closed.node)


def _take_word(reading: _Reading, token: str, number: int) -> None:
    top = reading.stack[-1]
    if top.expects == "key" and isinstance(top.node, dict):
        top.key, top.expects = _key(token, number), ":"
        if top.key in top.node:
            raise Unparsable(f"duplicate key {top.key!r}", number)
        reading.path[-1] = top.key
        reading.lines[tuple(reading.path)] = number
    elif top.expects == "value":
        reading.lines.setdefault(tuple(reading.path), number)
        _put(top, _scalar(token, number))
    else:
        raise Unparsable("not valid JSON5", number)


def _put(top: _Open, node: Node) -> None:
    top.expects = ","
    if isinstance(top.node, list):
        top.node.append(node)
    else:
        top.node[top.key or ""] = node


def _key(token: str, number: int) -> str:
    if token[0] in "\"'":
        return encodable(_unescaped(token[1:-1], number))
    if not _NAME.fullmatch(token):
        raise Unparsable("not valid JSON5", number)
    return encodable(_unescaped(token, number))


def _scalar(token: str, number: int) -> str:
    if token[0] in "\"'":
        return text_as_written(_unescaped(token[1:-1], number), lambda text: bool(_OTHER.fullmatch(text)))
    if not _BARE.fullmatch(token):
        raise Unparsable("not valid JSON5", number)
    return token


def _unescaped(text: str, number: int) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: _character(found, number), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")  # joins the halves of \ud83d\ude00


def _character(escape: re.Match[str], number: int) -> str:
    code, byte, line_end, other = escape.groups()
    if line_end:
        return ""
    if other in _WRONG_ESCAPES:
        raise Unparsable("not valid JSON5: an unknown escape", number)
    return chr(int(code or byte, 16)) if code or byte else _ESCAPED.get(other, other)


FORMATS = (Format("json5", read, NAMED_LISTS, "dotted"),)
