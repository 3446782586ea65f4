"""Tables in text (CSV): a column whose head says secret holds secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction import harmless, rules
from changelog_ledger.redaction.names import Says, says
from changelog_ledger.redaction.values import Found

_SEPARATORS = (b"\t", b",", b";", b"|")
_CELLS = {
    separator: re.compile(rb"[ \t]*+\"((?:[^\"\n]|\"\")*+)\"[^" + re.escape(separator) + rb"\r\n]*+|([^" + re.escape(separator) + rb"\r\n]*+)")
    for separator in _SEPARATORS
}
_MARK = b"\xef\xbb\xbf"
_NAME = re.compile(rb"[A-Za-z][\w .-]{0,63}")


def is_table(path: str) -> bool:
    """Whether a file is one, by its name."""
    return path.lower().endswith((".csv", ".tsv"))


def table_secrets(content: bytes) -> Iterator[Found]:
    """The cells of such columns. Quoted cells may hold separators, but no line ends."""
    start = len(_MARK) if content.startswith(_MARK) else 0
    end = _line_end(content, start)
    head = content[start:end]
    separator = max(_SEPARATORS, key=head.count)
    if separator not in head:
        separator = b","
    wanted = frozenset(number for number, (low, high, _) in enumerate(_cells(content, start, end, separator)) if _says_secret(content[low:high]))
    while wanted and end < len(content):
        start, end = end + 1, _line_end(content, end + 1)
        for number, (low, high, spelling) in enumerate(_cells(content, start, end, separator)):
            if number in wanted and _may_be_secret(content[low:high].strip()):
                yield low, high, spelling


def _says_secret(name: bytes) -> bool:
    name = name.strip()
    return _NAME.fullmatch(name) is not None and says(name) is Says.SECRET


def _may_be_secret(value: bytes) -> bool:
    if not value or rules.PLACEHOLDER.fullmatch(value):
        return False
    return len(value) > harmless.LONGEST or not (harmless.REFERENCE.fullmatch(value) or harmless.NO_VALUE.fullmatch(value))


def _line_end(content: bytes, place: int) -> int:
    end = content.find(b"\n", place)
    return end if end >= 0 else len(content)


def _cells(content: bytes, start: int, end: int, separator: bytes) -> Iterator[Found]:
    """What each cell of a line holds, without its quotes."""
    pattern, place = _CELLS[separator], start
    while place <= end and (cell := pattern.match(content, place, end)):
        yield *cell.span(cell.lastindex or 0), Spelling.BARE
        if content[cell.end() : cell.end() + 1] != separator or cell.end() >= end:
            return
        place = cell.end() + 1
