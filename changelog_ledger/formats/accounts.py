"""Colon-separated account files: passwd(5), group(5), shadow(5), gshadow(5), subuid(5). Keyed by name: ``root/shell``, ``adm/members[bob]``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_FIELDS = {
    "passwd": ("password", "uid", "gid", "gecos", "home", "shell"),
    "group": ("password", "gid", "members"),
    "shadow": ("password", "last_change", "minimum", "maximum", "warning", "inactivity", "expires", "reserved"),
    "gshadow": ("password", "administrators", "members"),
    "subid": ("start", "count"),
}
_SETS = ("members", "administrators")
_MALFORMED = "(malformed)"
_COLON = re.compile(r"(?<!<secret):")
"""What separates fields; not the colon of a redacted password (``<secret:0123456789ab>``)."""
_POLICIES = tuple(ListPolicy(("**", name), order=Order.SET) for name in _SETS)


def read(fields: tuple[str, ...], text: str) -> Parsed:
    """One account a line: its name, then ``fields``; members are sets of names. Entries for NIS (``+::::::``) are read like others.

    A line with another number of fields is passed over by getpwent(3) too; such lines are a list under ``(malformed)``, so that one slip does
    not cost the other accounts their keys.

    :raises Unparsable: if no line has the right number of fields.
    """
    entries = [_account(fields, number, line) for number, line in significant_lines(text)]
    if entries and all(entry.key == _MALFORMED for entry in entries):
        raise Unparsable(f"{len(_COLON.split(str(entries[0].value)))} fields instead of {len(fields) + 1}", entries[0].line)
    return tree(entries)


def _account(fields: tuple[str, ...], number: int, line: str) -> Entry:
    name, *values = _COLON.split(line)
    if len(values) != len(fields) or not name:
        return Entry(_MALFORMED, line, number, listed=True)
    return Entry(name, tuple(_field(field, value, number) for field, value in zip(fields, values, strict=True)), number)


def _field(field: str, value: str, number: int) -> Entry:
    return Entry(field, [member for member in value.split(",") if member] if field in _SETS else value, number)


def _reader(fields: tuple[str, ...]) -> Callable[[str], Parsed]:
    return partial(read, fields)


FORMATS = tuple(Format(name, _reader(fields), _POLICIES) for name, fields in _FIELDS.items())
