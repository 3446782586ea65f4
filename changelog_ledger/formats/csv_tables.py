"""CSV and TSV (RFC 4180) with a header: ``[web-01]/address``, a row known by its first column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import KNOWN_AS
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import KeyPath, ListPolicy, Node

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_VALUE = re.compile(r"[\d.,:/+\-\s%]+|true|false|null", re.IGNORECASE)
"""What is no name of a column: a first line that holds it is no header."""


def read(text: str) -> Parsed:
    """Rows in their order, each a dict by the names of columns. What separates columns is what separates those of the header.

    :raises Unparsable: for rows that have not as many columns as the header, a first line that is no header, and quotes never closed.
    """
    rows = _rows(text)
    number, header = next(rows, (1, []))
    if not header or len(set(header)) < len(header) or any(not name or _VALUE.fullmatch(name) for name in header):
        raise Unparsable("a table without a header", number)
    root: list[Node] = []
    lines: dict[KeyPath, int] = {}
    for number, row in rows:
        if len(row) != len(header):
            raise Unparsable(f"{len(row)} columns instead of {len(header)}", number)
        lines.update({(len(root), column): number for column in header})
        lines[(len(root),)] = number
        root.append({KNOWN_AS: row[0], **dict(zip(header, row, strict=True))})
    if not root:
        raise Unparsable("a table without rows", number)
    return Parsed(root, lines)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row begins, and its cells without the blanks around them; empty lines are left out."""
    reader = csv.reader((f"{line}\n" for line in text.split("\n")), delimiter=_delimiter(text), strict=True)
    before = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield before + 1, [cell.strip() for cell in row]
            before = reader.line_num
    except csv.Error as wrong:
        raise Unparsable(f"not a table: {wrong}", before + 1) from None


def _delimiter(text: str) -> str:
    header = _QUOTED.sub("", text.lstrip("\n").partition("\n")[0])
    return max(_DELIMITERS, key=header.count)


FORMATS = (Format("csv", read, (ListPolicy((), (KNOWN_AS,)),)),)
