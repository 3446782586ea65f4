"""interfaces(5) of ifupdown: ``iface[eth0 inet]/address``, ``auto[eth0]``."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.formats.entries import NAME, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, logical_lines, members
from changelog_ledger.model.document import ListPolicy, Order

_NAME_LISTS = ("auto", "no-auto-down", "no-scripts")
_SOURCES = ("source", "source-directory")
_ORDERED_WORDS = ("dns-nameservers", "dns-nameserver", "dns-search")
_WORD_SETS = ("bridge_ports", "bridge-ports", "bridge-vids", "bond-slaves", "slaves", "ovs_ports")
_FAMILIES = ("inet", "inet6", "ipx", "can")


def read(text: str) -> Parsed:
    """Stanzas by interface and family; ``auto`` and ``allow-…`` are sets of interfaces. Commands (``up``, ``post-up``) keep their order.

    :raises Unparsable: for an option outside a stanza, or a stanza without an interface.
    """
    return tree(_stanzas(text))


def _stanzas(text: str) -> Iterator[Entry]:
    head: Entry | None = None
    body: list[Entry] = []
    for line in logical_lines(text):
        keyword, _, _ = line.text.partition(" ")
        keyword = keyword.split()[0]
        value = line.part(len(keyword), len(line.text))
        if keyword in ("iface", "mapping"):
            yield from _closed(head, body)
            head, body = _head(keyword, value), []
        elif keyword in (*_NAME_LISTS, *_SOURCES, "rename") or keyword.startswith("allow-"):
            yield from _closed(head, body)
            head, body = None, []
            yield from _top(keyword, value)
        elif head is None:
            raise Unparsable("an option outside a stanza", line.line)
        else:
            body += _option(keyword, value)
    yield from _closed(head, body)


def _head(keyword: str, value: LogicalLine) -> Entry:
    """The stanza's name and, for an interface, its method: ``eth0 inet`` and ``static``."""
    words = value.text.split()
    if not words:
        raise Unparsable("a stanza without an interface", value.line)
    named = 2 if keyword == "iface" and words[1:2] and words[1] in _FAMILIES else len(words) if keyword == "mapping" else 1
    method = [Entry("method", " ".join(words[named:]), value.line)] if words[named:] else []
    return Entry(keyword, (Entry(NAME, " ".join(words[:named]), value.line), *method), value.line)


def _closed(head: Entry | None, body: list[Entry]) -> list[Entry]:
    if head is None or not isinstance(head.value, tuple):
        return []
    return [Entry(head.key, (*head.value, *body), head.line, listed=True)]


def _top(keyword: str, value: LogicalLine) -> list[Entry]:
    if keyword in (*_SOURCES, "rename"):
        return [Entry(keyword, value.text, value.line, listed=True)]
    return members(keyword, _words(value), value.line)


def _option(keyword: str, value: LogicalLine) -> list[Entry]:
    if keyword in (*_ORDERED_WORDS, *_WORD_SETS):
        return members(keyword, _words(value), value.line)
    return [Entry(keyword, value.text, value.line)]


def _words(value: LogicalLine) -> list[Piece]:
    return [Piece(word, value.line) for word in value.text.split()]


_STANZAS = tuple(ListPolicy((kind,), (NAME,), Order.SET) for kind in ("iface", "mapping"))
_ORDERED = tuple(ListPolicy((kind,)) for kind in (*_SOURCES, "rename"))
_SETS = (*(ListPolicy(("iface", "*", key), order=Order.SET) for key in _WORD_SETS), ListPolicy(("*",), order=Order.SET))
FORMATS = (Format("ifupdown", read, (*_STANZAS, *_ORDERED, *_SETS)),)
