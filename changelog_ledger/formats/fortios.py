"""Configurations of FortiOS: ``config … edit … set … next … end``.

``system interface[port1]/ip``, ``firewall policy["12"]/dstaddr``, ``vdom[root]/firewall address[web]/subnet``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.formats.entries import NAME
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.sections import Section
from changelog_ledger.model.document import ListPolicy, Order

_WORD = re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?:[^\s\"\\]|\\.|\\)+", re.DOTALL)
_QUOTES = re.compile(r"\\.|\"")
_SAFE = re.compile(r"[^\s\"]+")
_MEMBERS = frozenset(("allowaccess", "member", "srcaddr", "dstaddr", "srcintf", "dstintf", "service", "groups", "users", "poolname"))
"""Settings of several words that are a set; several quoted words are one in any setting."""


@dataclass(frozen=True, slots=True)
class _Config:
    """A ``config`` that is open: a table, whose rows are edited, or an object with settings."""

    around: Section
    key: str
    line: int


@dataclass(frozen=True, slots=True)
class _Edit:
    """A row of a table that is open."""

    section: Section
    line: int


def read(text: str) -> Parsed:
    """A configuration or a part of one.

    :raises Unparsable: for blocks that are not closed in their order, a quote that is never closed, or a word that is none of the language.
    """
    root = Section()
    stack: list[_Config | _Edit] = [_Edit(root, 0)]
    for number, words in _commands(text):
        verb, arguments, top = words[0], words[1:], stack[-1]
        if verb == "config" and arguments:
            around = top.section if isinstance(top, _Edit) else top.around.section(top.key, "", top.line)
            stack.append(_Config(around, " ".join(map(_unquoted, arguments)), number))
        elif verb == "edit" and arguments and isinstance(top, _Config):
            stack.append(_Edit(top.around.section(top.key, _unquoted(" ".join(arguments)), number), number))
        elif verb == "next" and isinstance(top, _Edit) and len(stack) > 1:
            stack.pop()
        elif verb == "end" and len(stack) > 1:
            del stack[-1 if isinstance(top, _Config) else -2 :]  # the device takes `end` without `next`, too
        elif verb in ("set", "unset", "append") and arguments and len(stack) > 1:
            section = top.section if isinstance(top, _Edit) else top.around.section(top.key, "", top.line)
            _add(section, verb, arguments, number)
        else:
            raise Unparsable("not a command of FortiOS, or one out of place", number)
        if len(stack) > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
    if len(stack) > 1:
        raise Unparsable("a block that is never ended", stack[-1].line)
    return root.parsed()


def _add(section: Section, verb: str, arguments: list[str], line: int) -> None:
    key, values = _unquoted(arguments[0]), arguments[1:]
    if verb != "set" or (key == "password" and values[:1] == ["ENC"]):
        # encrypted values differ in every backup and are noise, but a password's is as often an administrator's hash: the command tells them apart
        section.add(key, " ".join([verb, *arguments]), line)
    elif len(values) > 1 and (key in _MEMBERS or all(value[0] == '"' for value in values)):
        for value in values:
            section.add(key, _unquoted(value), line)
    else:
        section.add(key, _unquoted(values[0]) if len(values) == 1 else " ".join(values), line)


def _commands(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and words of every command. A quoted word may go over lines (certificates, pages); ``#`` at the start of a line begins a comment."""
    pieces: list[str] = []
    start = 0
    is_open = False
    for number, row in enumerate(text.split("\n"), 1):
        if not is_open and (not row.strip() or row.lstrip().startswith("#")):
            continue
        start = start if is_open else number
        pieces.append(row)
        is_open = is_open is not (sum(mark == '"' for mark in _QUOTES.findall(row)) % 2 == 1)
        if not is_open:
            yield start, _WORD.findall("\n".join(pieces))
            pieces = []
    if is_open:
        raise Unparsable("a quote that is never closed", start)


def _unquoted(word: str) -> str:
    """Quotes that nothing hangs on are left out; what has white space in it, or nothing, keeps them."""
    return word[1:-1] if len(word) > 2 and word[0] == word[-1] == '"' and _SAFE.fullmatch(word[1:-1]) else word


_IN_THEIR_ORDER = ("firewall policy", "firewall policy6", "firewall local-in-policy", "firewall shaping-policy", "firewall proxy-policy", "rule")
_POLICIES = (*(ListPolicy(("**", key), (NAME,)) for key in _IN_THEIR_ORDER), ListPolicy(("**",), (NAME,), Order.SET))
"""Policies are tried from the first to the last, whatever their numbers are."""

FORMATS = (Format("fortios", read, _POLICIES),)
