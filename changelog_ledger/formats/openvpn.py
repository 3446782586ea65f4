"""OpenVPN's configuration, openvpn(8): ``port``, ``push[2]``, ``route[10.9.0.0 255.255.255.0]``, ``connection[0]/remote``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_WORD = re.compile(r"""\s+|(?P<comment>[#;].*)|(?P<word>(?:"(?:\\.|[^"\\])*+"|'[^']*'|\\.|[^\s"'\\])+)|(?P<open>["'\\])""")
_OPENING = re.compile(r"<(?P<name>[A-Za-z][\w-]*)>")
_ROUTES = ("route", "route-ipv6", "iroute", "iroute-ipv6")
_SEVERAL = (*_ROUTES, "push", "push-remove", "remote", "plugin", "setenv", "dhcp-option", "pull-filter", "config", "ifconfig-push-constraint")
"""Options that may be given more than once, and then add to each other."""


@dataclass(slots=True)
class _Connection:
    """A ``<connection>`` that is being read."""

    line: int
    options: list[Entry] = field(default_factory=list)

    def entry(self) -> Entry:
        """Connections are tried in their order."""
        return Entry("connection", tuple(self.options), self.line, listed=True)


def read(text: str) -> Parsed:
    """Options and their arguments with their quotes; a file between ``<name>`` and ``</name>`` is one value.

    ``#`` and ``;`` before an argument begin a comment.

    :raises Unparsable: for an inline file or a ``<connection>`` that is never closed, and for an open quote.
    """
    return tree(_entries(iter(enumerate(text.split("\n"), 1))))


def _entries(lines: Iterator[tuple[int, str]]) -> Iterator[Entry]:
    connection: _Connection | None = None
    for number, line in lines:
        stripped = line.strip()
        opening = _OPENING.fullmatch(stripped)
        if opening and opening["name"] == "connection" and connection is None:
            connection = _Connection(number)
        elif stripped == "</connection>" and connection is not None:
            yield connection.entry()
            connection = None
        else:
            found = [_inline_file(opening["name"], number, lines)] if opening else list(_option(number, stripped, connection is None))
            if connection is None:
                yield from found
            else:
                connection.options.extend(found)
    if connection is not None:
        raise Unparsable("a connection that is never closed", connection.line)


def _inline_file(name: str, start: int, lines: Iterator[tuple[int, str]]) -> Entry:
    end = f"</{name}>"
    content: list[str] = []
    for _, line in lines:
        if line.strip() == end:
            return Entry(name, "\n".join(content), start)
        content.append(line)
    raise Unparsable(f"<{name}> is never closed", start)


def _option(number: int, line: str, may_be_several: bool) -> Iterator[Entry]:
    words = []
    for found in _WORD.finditer(line):
        if found["open"]:
            raise Unparsable("a quote that is never closed", number)
        if found["comment"]:
            break
        if found["word"]:
            words.append(found["word"])
    if words:
        name = words[0].removeprefix("--")
        yield Entry(name, " ".join(words[1:]), number, listed=may_be_several and name in _SEVERAL)


_POLICIES = tuple(ListPolicy((name,), order=Order.SET) for name in _ROUTES)
FORMATS = (Format("openvpn", read, _POLICIES),)
