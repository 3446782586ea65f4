"""haproxy.cfg: ``backend[app]/server[web1]/address``, ``frontend[www]/acl/is_api``, ``defaults/timeout/client``, ``frontend[www]/use_backend[0]``

Sections begin with a keyword and hold the lines up to the next (https://docs.haproxy.org/, "Configuration file format"). Rules
(``http-request``, ``use_backend`` …) are read from the top; options, timeouts and access lists are known by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from changelog_ledger.formats.entries import NAME, Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.keyed import gathered, keyed
from changelog_ledger.model.document import ListPolicy, Order

_SECTIONS = frozenset(
    {
        *("global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "cache", "program", "http-errors"),
        *("ring", "log-forward", "log-profile", "fcgi-app", "crt-store", "traces", "acme"),
    }
)
_KEYED = frozenset({"acl", "option", "timeout", "errorfile", "stats", "nameserver", "mailer", "user", "group"})
"""Lines known by their second word."""
_SERVERS = ("server", "server-template", "peer")
_WORD = re.compile(r'(?:\\.|"(?:\\.|[^"\\])*"|\'[^\']*\'|[^\s#"\'\\])+|\S')
_ON, _OFF = "enabled", "disabled"


def read_haproxy(text: str) -> Parsed:
    """Sections of lines of words.

    :raises Unparsable: for a line before the first section, and for conditional blocks (``.if``), whose lines hold or do not.
    """
    sections: list[tuple[Sequence[str], int, list[Entry]]] = []
    for number, line in significant_lines(text):
        words = _words(line)
        if not words:
            continue
        if words[0] in _SECTIONS:
            sections.append((words, number, []))
        elif not sections or words[0].startswith("."):
            raise Unparsable("conditional blocks" if words[0].startswith(".") else "a line before the first section", number)
        else:
            sections[-1][2].append(_entry(words, number))
    return tree(_section(*section) for section in sections)


def _words(line: str) -> list[str]:
    """The words up to a comment."""
    words = []
    for found in _WORD.finditer(line):
        if found[0] == "#":
            break
        words.append(found[0])
    return words


def _section(words: Sequence[str], line: int, body: Sequence[Entry]) -> Entry:
    """``global`` may stand twice: both hold, and it is a list of two."""
    settings = gathered(body, _KEYED)
    if len(words) == 1:
        return Entry(words[0], settings, line)
    return Entry(words[0], (Entry(NAME, " ".join(words[1:]), line), *settings), line, listed=True)


def _entry(words: Sequence[str], line: int) -> Entry:
    key, rest = words[0], words[1:]
    if key == "no" and rest[:1] == ["option"] and len(rest) > 1:
        return keyed("option", rest[1], " ".join([_OFF, *rest[2:]]), line)
    if key == "option" and len(rest) == 1:
        return keyed("option", rest[0], _ON, line)
    if key in _SERVERS and len(rest) > 1:
        return Entry(key, tuple(_server(rest, line)), line, listed=True)
    if key in _KEYED and rest:
        return keyed(key, rest[0], " ".join(rest[1:]), line)
    return Entry(key, " ".join(rest), line)


def _server(words: Sequence[str], line: int) -> Iterator[Entry]:
    """Options stay one text: which of them take an argument is known to HAProxy only."""
    yield Entry(NAME, words[0], line)
    yield Entry("address", words[1], line)
    if words[2:]:
        yield Entry("options", " ".join(words[2:]), line)


_UNORDERED = tuple(ListPolicy((key,), (NAME,), Order.SET) for key in ("frontend", "backend", "listen", "userlist", "resolvers", "peers", "mailers"))
FORMATS = (Format("haproxy", read_haproxy, (*_UNORDERED, ListPolicy(("**",), (NAME,)))),)
