"""Sections of ``key = value``: setup.cfg, supervisord, sssd, fail2ban, desktop entries, .repo files, WireGuard …: ``section/key``.

Written here because configparser loses repeated keys. Programs that read such files by rules of their own have formats of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

_SECTION = re.compile(r"(?P<open>\[+)(?P<name>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)(?P<close>\]+)\s*(?:[#;].*)?")
_KEY_VALUE = re.compile(r"(?P<key>[^=:]*[^=:\s])\s*[=:]\s*(?P<value>.*)")
_DIRECTIVE = re.compile(r"(?P<key>[!.%@]include\w*)\s+(?P<value>[^=].*)")
_COMMENTS = ("#", ";")


@dataclass(slots=True)
class _Setting:
    """A key with the lines of its value."""

    key: str
    line: int
    indent: int
    pieces: list[Entry]

    def entry(self) -> Entry:
        """A value that goes on in further lines is a list of these; none for the first if there is nothing in it."""
        if len(self.pieces) == 1:
            return Entry(self.key, self.pieces[0].value, self.line)
        return Entry(self.key, self.pieces if self.pieces[0].value else self.pieces[1:], self.line)


@dataclass(slots=True)
class _Section:
    """A section, and those within it: ``[[…]]`` of ConfigObj."""

    name: str
    line: int
    depth: int = 0
    body: list[_Setting] = field(default_factory=list)
    within: list[_Section] = field(default_factory=list)

    def entry(self) -> Entry:
        return Entry(self.name, tuple(_entries(self)), self.line)


def read(text: str) -> Parsed:
    """Keys before the first section stand at the root, beside the sections; a key or section that is written again has a list.

    A line that is indented deeper than its key's goes on with the value. A key without ``=`` has an empty value. ``#`` or ``;`` begins a
    comment at the start of a line only: whether it does within one differs from program to program, so there it stays in the value.
    ``[[name]]`` is a section within the one before it, as ConfigObj reads it.

    :raises Unparsable: if a line is neither section, key nor continuation, or a key and a section share a name.
    """
    root = _Section("", 0)
    open_sections = [root]
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith(_COMMENTS):
            _take(open_sections, number, stripped, len(line) - len(line.lstrip()))
    return tree(_entries(root))


def _take(open_sections: list[_Section], number: int, line: str, indent: int) -> None:
    body = open_sections[-1].body
    if body and indent > body[-1].indent:
        body[-1].pieces.append(Entry("", line, number))
    elif line.startswith("["):
        _open(open_sections, _section(number, line))
    else:
        body.append(_setting(number, line, indent))


def _open(open_sections: list[_Section], section: _Section) -> None:
    """Close the sections that are as deep or deeper, and open ``section`` in what is left."""
    if section.depth > len(open_sections):
        raise Unparsable("a section that is within none", section.line)
    if section.depth > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", section.line)
    del open_sections[section.depth :]
    open_sections[-1].within.append(section)
    open_sections.append(section)


def _section(number: int, line: str) -> _Section:
    found = _SECTION.fullmatch(line)
    if not found or len(found["open"]) != len(found["close"]):
        raise Unparsable("a section that is never closed", number)
    return _Section(found["name"].strip(), number, len(found["open"]))


def _setting(number: int, line: str, indent: int) -> _Setting:
    found = _DIRECTIVE.fullmatch(line) or _KEY_VALUE.fullmatch(line)
    if not found and any(mark in line for mark in "=:"):
        raise Unparsable("a value without a key", number)
    key, value = (found["key"], found["value"]) if found else (line, "")
    return _Setting(key, number, indent, [Entry("", value, number)])


def _entries(section: _Section) -> Iterable[Entry]:
    taken = {setting.key for setting in section.body}
    for inner in section.within:
        if inner.name in taken:
            raise Unparsable(f"{inner.name!r} is both a key and a section", inner.line)
    return [*(setting.entry() for setting in section.body), *(inner.entry() for inner in section.within)]


FORMATS = (Format("ini", read, (ListPolicy(("*",), ("PublicKey", "name", "Name", "Address")),)),)
