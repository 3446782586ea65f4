"""Colon-separated account files: passwd(5), group(5), shadow(5), gshadow(5), subuid(5). Keyed by name: ``root/shell``."""

from __future__ import annotations

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
_POLICIES = tuple(ListPolicy(("**", name), order=Order.SET) for name in _SETS)


def read(fields: tuple[str, ...], text: str) -> Parsed:
    """One account a line: its name, then ``fields``; members are sets of names.

    :raises Unparsable: if a line has another number of fields. Entries for NIS (``+::::::``) are read like others.
    """
    return tree(_account(fields, number, line) for number, line in significant_lines(text))


def _account(fields: tuple[str, ...], number: int, line: str) -> Entry:
    name, *values = line.split(":")
    if len(values) != len(fields):
        raise Unparsable(f"{len(values) + 1} fields instead of {len(fields) + 1}", number)
    return Entry(name, tuple(_field(field, value, number) for field, value in zip(fields, values, strict=True)), number)


def _field(field: str, value: str, number: int) -> Entry:
    return Entry(field, [member for member in value.split(",") if member] if field in _SETS else value, number)


def _reader(fields: tuple[str, ...]) -> Callable[[str], Parsed]:
    return partial(read, fields)


FORMATS = tuple(Format(name, _reader(fields), _POLICIES) for name, fields in _FIELDS.items())
