"""Tables of systemd: tmpfiles.d(5) and sysusers.d(5). ``[/run/shop]/mode``, ``[shop]/home``."""

from __future__ import annotations

import re

from changelog_ledger.formats.entries import significant_lines
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, words
from changelog_ledger.model.document import KeyPath, ListPolicy, Node, Order

_TMPFILES_TYPE = re.compile(r"[A-Za-z][-+!=~^?$]*")
_SYSUSERS_TYPE = re.compile(r"u!?|[gmr]")
_TMPFILES = ("type", "path", "mode", "user", "group", "age", "argument")
_SYSUSERS = ("type", "name", "id", "gecos", "home", "shell")


def read_tmpfiles(text: str) -> Parsed:
    """A list by path. The argument takes what is left of a line; values as written, with their quotes.

    :raises Unparsable: if a line has fewer than two columns, or its first is no type.
    """
    return _table(text, _TMPFILES, _TMPFILES_TYPE)


def read_sysusers(text: str) -> Parsed:
    """A list by name. In a line that makes a user a member (``m``) the column ``id`` says of which group.

    :raises Unparsable: if a line has fewer than two columns, or its first is no type.
    """
    return _table(text, _SYSUSERS, _SYSUSERS_TYPE)


def _table(text: str, fields: tuple[str, ...], kinds: re.Pattern[str]) -> Parsed:
    rows: list[Node] = []
    lines: dict[KeyPath, int] = {}
    for number, line in significant_lines(text):
        row = _row(fields, kinds, number, line)
        lines[(len(rows),)] = number
        lines.update({(len(rows), field): number for field in row})
        rows.append(row)
    return Parsed(rows, lines)


def _row(fields: tuple[str, ...], kinds: re.Pattern[str], number: int, line: str) -> dict[str, Node]:
    values = [word.text for word in words(LogicalLine(line, ((0, number),)))]
    if len(values) < 2 or not kinds.fullmatch(values[0]):
        raise Unparsable("not a type and what it is for", number)
    last = len(fields) - 1
    return dict(zip(fields, [*values[:last], *([" ".join(values[last:])] if values[last:] else [])], strict=False))


FORMATS = (
    Format("tmpfiles", read_tmpfiles, (ListPolicy((), ("path",)),), words={"age": "after which time files are removed"}),
    Format("sysusers", read_sysusers, (ListPolicy((), ("name",), Order.SET),)),
)
