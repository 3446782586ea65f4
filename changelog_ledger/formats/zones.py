"""Zone files of DNS (RFC 1035 section 5, RFC 2308 for $TTL): ``www/A``, ``@/MX[10 mail]``, ``@/SOA/serial``

Owners and data as written; an owner that is left out is that of the record before. Below a second ``$ORIGIN`` the owners bear it.
A record that says its own TTL has it behind its data: ``192.0.2.7 (TTL 300)``. The order of records says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_TOKEN = re.compile(r"""(?P<blank>[ \t\r\f\v]+|;[^\n]*)|(?P<end>\n)|(?P<mark>[()])|(?P<word>(?:\\.|"(?:\\.|[^"\\])*"|[^\s;()"\\])+)""", re.DOTALL)
_TTL = re.compile(r"\d+(?:[smhdw]\d+)*[smhdw]?", re.IGNORECASE)
_CLASSES = ("IN", "CH", "HS", "CS")
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SOA = ("primary", "contact", "serial", "refresh", "retry", "expire", "minimum")
_DIRECTIVE = re.compile(r"\$[A-Z]+")

_Words = list[tuple[int, str]]
"""Line and text of each word."""


@dataclass(slots=True)
class _Zone:
    """What holds for the records that follow."""

    owner: str = ""
    origin: str = ""
    has_records: bool = False
    directives: list[Entry] = field(default_factory=list)
    records: dict[str, list[Entry]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def read_zone(text: str) -> Parsed:
    """The records by owner and type.

    :raises Unparsable: for a record without an owner, a type or data, a parenthesis or quote that is never closed, a directive that is not known.
    """
    zone = _Zone()
    for has_owner, words in _statements(text):
        if _DIRECTIVE.fullmatch(words[0][1]):
            _take_directive(zone, words)
        else:
            _take_record(zone, has_owner, words)
    owners = (Entry(owner, tuple(records), zone.lines[owner]) for owner, records in zone.records.items())
    return tree([*zone.directives, *owners])


def _statements(text: str) -> Iterator[tuple[bool, _Words]]:
    """Whether it begins with an owner (at the beginning of its line), and its words; parentheses join lines."""
    words: _Words = []
    number, position, depth, has_owner, at_begin = 1, 0, 0, False, True
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise Unparsable("a quote that is never closed", number)
        kind, token, position = found.lastgroup, found[0], found.end()
        if kind == "word":
            has_owner = has_owner if words else at_begin
            words.append((number, token))
        elif kind == "mark":
            depth += 1 if token == "(" else -1
        if depth < 0 or depth > 1:
            raise Unparsable("parentheses that do not match", number)
        number += token.count("\n")
        at_begin = kind == "end"
        if kind == "end" and not depth and words:
            yield has_owner, words
            words = []
    if depth:
        raise Unparsable("a parenthesis that is never closed", number)
    if words:
        yield has_owner, words


def _take_directive(zone: _Zone, words: _Words) -> None:
    line, name = words[0]
    value = " ".join(word for _, word in words[1:])
    if name == "$ORIGIN" and (zone.has_records or zone.origin):
        zone.origin = value if value.endswith(".") or not zone.origin else f"{value}.{zone.origin}"
        return
    if name not in ("$TTL", "$ORIGIN", "$INCLUDE", "$GENERATE") or not value:
        raise Unparsable(f"no directive of a zone: {name}", line)
    zone.directives.append(Entry(name, value, line))


def _take_record(zone: _Zone, has_owner: bool, words: _Words) -> None:
    line = words[0][0]
    if has_owner:
        zone.owner = _full(words.pop(0)[1], zone.origin)
    if not zone.owner:
        raise Unparsable("a record without an owner", line)
    ttl, record_class = _ttl_and_class(words)
    if len(words) < 2 or not _TYPE.fullmatch(words[0][1]):
        raise Unparsable("a record without a type or data", line)
    kind = f"{record_class} {words[0][1]}".strip()
    zone.has_records = True
    zone.lines.setdefault(zone.owner, line)
    zone.records.setdefault(zone.owner, []).append(_record(kind, words[0][0], words[1:], ttl))


def _full(owner: str, origin: str) -> str:
    """The owner as written, below a later ``$ORIGIN`` with that."""
    if not origin or owner.endswith("."):
        return owner
    return origin if owner == "@" else f"{owner}.{origin}"


def _ttl_and_class(words: _Words) -> tuple[str, str]:
    """Both may be left out, and stand in either order. The class of the internet is not worth a word."""
    ttl = record_class = ""
    while words:
        word = words[0][1]
        if not ttl and _TTL.fullmatch(word):
            ttl = word
        elif not record_class and word.upper() in _CLASSES:
            record_class = word.upper()
        else:
            break
        words.pop(0)
    return ttl, "" if record_class == "IN" else record_class


def _record(kind: str, line: int, data: _Words, ttl: str) -> Entry:
    if kind.upper() == "SOA" and len(data) == len(_SOA):
        fields = [Entry(name, word, number) for name, (number, word) in zip(_SOA, data, strict=True)]
        return Entry("SOA", (*fields, *([Entry("TTL", ttl, line)] if ttl else [])), line)
    text = " ".join(word for _, word in data)
    return Entry(kind, f"{text} (TTL {ttl})" if ttl else text, line)


FORMATS = (Format("zone", read_zone, (ListPolicy(("*", "*"), order=Order.MULTISET),)),)
