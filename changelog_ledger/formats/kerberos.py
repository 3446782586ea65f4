"""krb5.conf(5) and kdc.conf(5): ``realms/EXAMPLE.COM/kdc[1]``, ``libdefaults/default_realm``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable

_SECTION = re.compile(r"\[(?P<name>[^\[\]]+)\]\*?")
_RELATION = re.compile(r"(?P<key>[^={}]*[^={}\s])\s*=\s*(?P<value>.*)")
_DIRECTIVE = re.compile(r"(?P<key>include|includedir|module)\s+(?P<value>\S.*)")


@dataclass(slots=True)
class _Group:
    """A section, or relations in braces, being read."""

    name: str
    line: int
    body: list[Entry] = field(default_factory=list)

    def entry(self) -> Entry:
        return Entry(self.name, tuple(self.body), self.line)


def read(text: str) -> Parsed:
    """Sections of relations, groups of relations in braces; a relation that is written again has a list, ``include`` stands at the root.

    A section that is written again goes on where it was left.

    :raises Unparsable: for unbalanced braces, a relation outside a section, and what is neither.
    """
    included: list[Entry] = []
    sections: dict[str, _Group] = {}
    stack: list[_Group] = []
    for number, line in significant_lines(text, ("#", ";")):
        if found := _SECTION.fullmatch(line):
            if len(stack) > 1:
                raise Unparsable("a group that is never closed", stack[-1].line)
            stack = [sections.setdefault(found["name"], _Group(found["name"], number))]
        elif directive := _DIRECTIVE.fullmatch(line):
            included.append(Entry(directive["key"], directive["value"], number))
        else:
            _take(stack, number, line)
    if len(stack) > 1:
        raise Unparsable("a group that is never closed", stack[-1].line)
    return tree([*included, *(section.entry() for section in sections.values())])


def _take(stack: list[_Group], number: int, line: str) -> None:
    """A relation, or the beginning or end of a group."""
    if line in ("}", "}*"):
        if len(stack) < 2:
            raise Unparsable("a closing brace too many", number)
        group = stack.pop()
        stack[-1].body.append(group.entry())
        return
    found = _RELATION.fullmatch(line)
    if not found or not stack:
        raise Unparsable("not a relation in a section", number)
    if found["value"] != "{":
        stack[-1].body.append(Entry(found["key"], found["value"], number))
    elif len(stack) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
    else:
        stack.append(_Group(found["key"], number))


FORMATS = (Format("krb5", read),)
