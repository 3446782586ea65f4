"""Sections of ``key = value``: php.ini, my.cnf, .gitconfig, desktop entries, WireGuard … Written here because configparser loses repeated keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

_SECTION = re.compile(r"\[(?P<name>[^\]]*)\]\s*(?:[#;].*)?")
_KEY_VALUE = re.compile(r"(?P<key>[^=:]*[^=:\s])\s*[=:]\s*(?P<value>.*)")
_COMMENTS = ("#", ";")


@dataclass(slots=True)
class _Setting:
    """A key with the lines of its value."""

    key: str
    line: int
    indent: int
    pieces: list[str]

    def entry(self) -> Entry:
        return Entry(self.key, "\n".join(self.pieces), self.line)


@dataclass(slots=True)
class _Section:
    name: str
    line: int
    body: list[_Setting] = field(default_factory=list)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(setting.entry() for setting in self.body)


def read(text: str) -> Parsed:
    """Keys before the first section stand at the root, beside the sections; a key or section that is written again has a list.

    A line that is indented deeper than its key's goes on with the value. A key without ``=`` has an empty value. ``#`` or ``;`` begins a
    comment at the start of a line only: whether it does within one differs from program to program, so there it stays in the value.

    :raises Unparsable: if a line is neither section, key nor continuation, or a key and a section share a name.
    """
    sections = [_Section("", 0)]
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith(_COMMENTS):
            _take(sections, number, stripped, len(line) - len(line.lstrip()))
    return tree(_entries(sections))


def _take(sections: list[_Section], number: int, line: str, indent: int) -> None:
    body = sections[-1].body
    if body and indent > body[-1].indent:
        body[-1].pieces.append(line)
    elif line.startswith("["):
        sections.append(_Section(_section_name(number, line), number))
    else:
        body.append(_setting(number, line, indent))


def _section_name(number: int, line: str) -> str:
    found = _SECTION.fullmatch(line)
    if not found:
        raise Unparsable("a section that is never closed", number)
    return found["name"].strip()


def _setting(number: int, line: str, indent: int) -> _Setting:
    found = _KEY_VALUE.fullmatch(line)
    if not found and any(mark in line for mark in "=:"):
        raise Unparsable("a value without a key", number)
    return _Setting(found["key"], number, indent, [found["value"]]) if found else _Setting(line, number, indent, [""])


def _entries(sections: list[_Section]) -> list[Entry]:
    rootless, *named = sections
    taken = {setting.key for setting in rootless.body}
    for section in named:
        if section.name in taken:
            raise Unparsable(f"{section.name!r} is both a key and a section", section.line)
    return [*rootless.entries(), *(Entry(section.name, section.entries(), section.line) for section in named)]


FORMATS = (Format("ini", read, (ListPolicy(("*",), ("PublicKey", "name", "Name", "Address")),)),)
