"""Inventories of Ansible in INI (ansible.builtin.ini): ``web/web-01.example/ansible_host``, ``web:vars/http_port``, ``prod:children/web``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, words

_SECTION = re.compile(r"\[(?P<name>[^\[\]]+)\]\s*(?:#.*)?")
_ASSIGNMENT = re.compile(r"(?P<key>[^\s=]+)\s*=\s*(?P<value>.*)")
_COMMENTS = ("#", ";")
_UNGROUPED = "ungrouped"
"""The group of hosts that stand before the first; Ansible calls it so."""


def read(text: str) -> Parsed:
    """Groups with their hosts, hosts with their variables; ``group:vars`` with variables, ``group:children`` with groups.

    A group that is written again goes on where it was left.

    :raises Unparsable: for a section that is never closed, and words behind a host that are no variables.
    """
    groups: dict[str, tuple[int, list[Entry]]] = {}
    group = _UNGROUPED
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith(_COMMENTS):
            continue
        if line.startswith("["):
            group = _group(number, line)
            groups.setdefault(group, (number, []))
        else:
            entry = _variable(number, line) if group.endswith(":vars") else _host(number, line)
            groups.setdefault(group, (number, []))[1].append(entry)
    return tree(Entry(name, tuple(body), number) for name, (number, body) in groups.items())


def _group(number: int, line: str) -> str:
    found = _SECTION.fullmatch(line)
    if not found:
        raise Unparsable("a section that is never closed", number)
    return found["name"]


def _host(number: int, line: str) -> Entry:
    """A host, a range of hosts or a group, and variables behind it."""
    host, *variables = _without_comment(words(LogicalLine(line, ((0, number),))))
    if "=" in host.text:
        raise Unparsable("a variable outside a group's variables", number)
    return Entry(host.text, tuple(_variable(number, variable.text) for variable in variables), number)


def _without_comment(pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if piece.text.startswith("#"):
            return
        yield piece


def _variable(number: int, text: str) -> Entry:
    found = _ASSIGNMENT.fullmatch(text)
    if not found:
        raise Unparsable("not a variable", number)
    return Entry(found["key"], found["value"], number)


FORMATS = (Format("ansible-inventory", read),)
