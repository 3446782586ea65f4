"""doveconf(1): ``protocol[imap]/mail_plugins``, ``service[imap-login]/inet_listener[imaps]/port``, ``passdb[pam]/driver``, ``plugin/sieve``

``key = value`` and ``section name { … }``, one a line (https://doc.dovecot.org, "Config file syntax").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import NAME, Entry, joined_lines, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.keyvalue import without_comment
from changelog_ledger.model.document import ListPolicy

_SETTING = re.compile(r"(?P<key>[^\s={}]+)\s*=(?P<value>.*)")
_OPENING = re.compile(r"(?P<key>[A-Za-z_]\w*)(?P<name>\s[^{}]*)?\{")
_INCLUDE = re.compile(r"(?P<key>!include(?:_try)?)\s+(?P<value>.+)")
_UNNAMED = ("passdb", "userdb")
"""Sections without a name of which there may be several: they are tried one after the other, and known by their driver."""


@dataclass(slots=True)
class _Section:
    key: str
    name: str
    line: int
    body: list[Entry] = field(default_factory=list)


def read_dovecot(text: str) -> Parsed:
    """Settings and sections; a line that ends in a backslash goes on in the next.

    :raises Unparsable: for a line that is neither, and for unbalanced braces.
    """
    stack = [_Section("", "", 0)]
    for number, joined in joined_lines(text):
        line = without_comment(joined)
        if line == "}":
            _close(stack, number)
        elif opening := _OPENING.fullmatch(line):
            _open(stack, opening["key"], (opening["name"] or "").strip(), number)
        elif setting := _SETTING.fullmatch(line) or _INCLUDE.fullmatch(line):
            stack[-1].body.append(Entry(setting["key"], setting["value"].strip(), number))
        else:
            raise Unparsable("neither a setting nor a section", number)
    if len(stack) > 1:
        raise Unparsable("a section that is never closed", stack[-1].line)
    return tree(stack[0].body)


def _open(stack: list[_Section], key: str, name: str, line: int) -> None:
    if len(stack) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
    stack.append(_Section(key, name.strip('"'), line))


def _close(stack: list[_Section], line: int) -> None:
    if len(stack) == 1:
        raise Unparsable("a closing brace too many", line)
    section = stack.pop()
    stack[-1].body.append(_entry(section))


def _entry(section: _Section) -> Entry:
    if section.name:
        return Entry(section.key, (Entry(NAME, section.name, section.line), *section.body), section.line, listed=True)
    return Entry(section.key, tuple(section.body), section.line, listed=section.key in _UNNAMED)


_POLICIES = (*(ListPolicy(("**", key), (NAME, "driver")) for key in _UNNAMED), ListPolicy(("**",), (NAME,)))
FORMATS = (Format("dovecot", read_dovecot, _POLICIES),)
