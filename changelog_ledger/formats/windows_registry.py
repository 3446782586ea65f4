r"""Windows registry files: ``HKEY_LOCAL_MACHINE\SOFTWARE\Shop/Port``; ``…/@`` is a key's default value.

After https://support.microsoft.com/help/310516 (How to add, modify, or delete registry subkeys and values by using a .reg file).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_HEADERS = ("Windows Registry Editor Version 5.00", "REGEDIT4")
_KEY = re.compile(r"\[(?P<name>-?[^\r\n]+)\]")
_VALUE = re.compile(r'(?P<name>@|"(?:\\.|[^"\\])*")\s*=\s*(?P<data>.*)', re.DOTALL)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*(?P<closed>"?)', re.DOTALL)
_ESCAPE = re.compile(r'\\([\\"])')


def read(text: str) -> Parsed:
    r"""Keys with their values, data as written. A key that is deleted is ``-HKEY_…``, a value that is deleted has the data ``-``.

    Lists of bytes that go over several lines (``\`` at the end) are put together. A key that is written again goes on.

    :raises Unparsable: without the header, and for a line that is neither key nor value.
    """
    lines = _logical_lines(text)
    first, header = next(lines, (1, ""))
    if header not in _HEADERS:
        raise Unparsable("not the header of a registry file", first)
    keys: dict[str, tuple[int, list[Entry]]] = {}
    values: list[Entry] | None = None
    for number, line in lines:
        if found := _KEY.fullmatch(line):
            values = keys.setdefault(found["name"], (number, []))[1]
        elif values is None:
            raise Unparsable("a value outside a key", number)
        else:
            values.append(_value(number, line))
    return tree([Entry("version", header, first), *(Entry(name, tuple(body), line) for name, (line, body) in keys.items())])


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of every key and value, without blank lines and comments."""
    pieces: list[str] = []
    start = 0
    in_text = False
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line if in_text else line.strip()
        if not pieces and (not stripped or stripped.startswith(";")):
            continue
        start = start if pieces else number
        pieces.append(stripped)
        in_text = _is_open(stripped, in_text)
        if in_text:
            pieces.append("\n")
        elif stripped.endswith("\\"):
            pieces[-1] = stripped[:-1]
        else:
            yield start, "".join(pieces)
            pieces = []
    if pieces:
        raise Unparsable("a value that is never ended", start)


def _is_open(line: str, in_text: bool) -> bool:
    """Whether a text that began in ``line``, or goes on in it, is still open at its end."""
    if line.startswith(("[", ";")) and not in_text:
        return False
    quotes = _QUOTED.finditer('"' + line if in_text else line)
    return any(not found["closed"] for found in quotes)


def _value(number: int, line: str) -> Entry:
    found = _VALUE.fullmatch(line)
    if not found:
        raise Unparsable("neither a key nor a value", number)
    name = found["name"]
    return Entry(name if name == "@" else _ESCAPE.sub(r"\1", name[1:-1]), found["data"], number)


FORMATS = (Format("reg", read),)
