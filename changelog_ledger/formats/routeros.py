"""What ``/export`` of MikroTik RouterOS writes: menus, and in them ``add`` and ``set`` with ``name=value``.

``ip address[192.168.88.1/24]/interface``, ``ip firewall filter[2]/action``, ``system identity/name``
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.formats.entries import KNOWN_AS, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_WORD = re.compile(r"\s*((?:[\w.!-]+=)?(?:\"(?:[^\"\\]|\\.)*\"|\[[^\]]*\]|\((?:[^()\"]|\"[^\"]*\")*\)|\{[^}]*\}|(?![\"\[({])\S+)?)", re.DOTALL)
_PAIR = re.compile(r"(?P<key>[\w.!-]+)=(?P<value>.*)", re.DOTALL)
_LABELS = ("name", "address", "dst-address", "interface", "mac-address", "user", "numbers", "host", "path")
"""What an item of a menu is called by: the first of these that it has."""
_RULES = (
    *(f"{family} firewall {table}" for family in ("ip", "ipv6") for table in ("filter", "nat", "mangle", "raw")),
    *("interface bridge filter", "interface bridge nat", "queue simple", "routing filter rule", "routing filter", "routing rule", "ip ipsec policy"),
)
"""Menus whose items are tried from the first to the last."""


@dataclass(frozen=True, slots=True)
class _Command:
    """A command with the lines on which its words, or the values in them, begin."""

    words: tuple[tuple[str, int], ...]


def read(text: str) -> Parsed:
    """An export.

    :raises Unparsable: for a command outside a menu, another one than ``add`` and ``set``, or a quote that is never closed.
    """
    menus: dict[str, list[Entry]] = {}
    items: dict[str, list[Entry]] = {}
    menu = ""
    for command in _commands(text):
        words = list(command.words)
        if words[0][0].startswith("/"):
            path = [word for word, _ in words[: next((i for i, (word, _) in enumerate(words) if word in ("add", "set")), len(words))]]
            menu, words = " ".join(" ".join(path).replace("/", " ").split()), words[len(path) :]
        if not words:
            continue
        (verb, line), arguments = words[0], words[1:]
        if not menu or verb not in ("add", "set"):
            raise Unparsable("not a command of an export", line)
        entries, selector = _entries(arguments)
        if verb == "set" and selector is None:
            menus.setdefault(menu, []).extend(entries)
        else:
            chosen = [] if selector is None else [Entry("set", selector[0], selector[1])]
            items.setdefault(menu, []).append(_item(menu, [*chosen, *entries], line))
    return tree([*_settings(menus, items), *(item for listed in items.values() for item in listed)])


def _settings(menus: dict[str, list[Entry]], items: dict[str, list[Entry]]) -> Iterator[Entry]:
    for menu, entries in menus.items():
        line = entries[0].line if entries else 1
        yield Entry(f"{menu} (settings)" if menu in items else menu, tuple(entries), line)


def _item(menu: str, entries: list[Entry], line: int) -> Entry:
    if menu in _RULES:
        return Entry(menu, tuple(entries), line, listed=True)
    return Entry(menu, (Entry(KNOWN_AS, _label(entries), line), *entries), line, listed=True)


def _label(entries: list[Entry]) -> str:
    said = {entry.key: str(entry.value) for entry in entries}
    if "set" in said:
        found = re.fullmatch(r"\[ ?find (?:default-)?name=(\S+?) ?\]", said["set"])
        return found[1].strip('"') if found else said["set"]
    if "list" in said and "address" in said:
        return f"{said['list']} {said['address']}"
    return next((said[label] for label in _LABELS if label in said), next(iter(said.values()), ""))


def _entries(words: list[tuple[str, int]]) -> tuple[list[Entry], tuple[str, int] | None]:
    """Names with values; and what a ``set`` is for, if it is not for the menu itself."""
    entries: list[Entry] = []
    selector: tuple[str, int] | None = None
    for word, line in words:
        pair = _PAIR.fullmatch(word)
        if pair:
            entries.append(Entry(pair["key"], _unquoted(pair["value"]), line))
        elif selector is None and not entries and not word.startswith("!"):
            selector = (_unquoted(word), line)
        else:
            entries.append(Entry(word, word, line))
    return entries, selector


def _unquoted(value: str) -> str:
    """An export quotes where it has to; what is within is the value, escapes as written."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


# --- commands -----------------------------------------------------------------------------------------------------------------------------


def _commands(text: str) -> Iterator[_Command]:
    for starts, numbers, row in _joined(text):
        words: list[tuple[str, int]] = []
        place, end = 0, len(row.rstrip())
        while place < end:
            found = _WORD.match(row, place)
            if not found or not found[1]:
                raise Unparsable("a quote or bracket that is never closed", numbers[0])
            pair = _PAIR.fullmatch(found[1])
            value = found.start(1) + (pair.start("value") if pair and pair["value"] else 0)
            words.append((found[1], numbers[bisect_right(starts, value) - 1]))
            place = found.end()
        if words:
            yield _Command(tuple(words))


def _joined(text: str) -> Iterator[tuple[list[int], list[int], str]]:
    """Where the pieces of a command begin in it, on which lines, and the command; a backslash at the end of a line goes on in the next."""
    pieces: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    length = 0
    for number, line in enumerate(text.split("\n"), 1):
        piece = line.lstrip()
        if not pieces and (not piece or piece.startswith("#")):
            continue
        goes_on = (len(piece) - len(piece.rstrip("\\"))) % 2 == 1
        starts.append(length)
        numbers.append(number)
        pieces.append(piece[:-1] if goes_on else piece.rstrip())
        length += len(pieces[-1])
        if not goes_on:
            yield starts, numbers, "".join(pieces)
            pieces, starts, numbers, length = [], [], [], 0
    if pieces:
        yield starts, numbers, "".join(pieces)


_POLICIES = (
    *(ListPolicy((menu,), ("comment",)) for menu in _RULES),
    ListPolicy(("**",), (KNOWN_AS,), Order.SET),
)
FORMATS = (Format("routeros", read, _POLICIES),)
