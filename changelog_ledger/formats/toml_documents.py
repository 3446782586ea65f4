"""TOML 1.0, by the standard library's parser, which knows no lines: those are found by a look at the text."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.named import NAMED_LISTS
from changelog_ledger.formats.written import Bare, text_as_written
from changelog_ledger.model.document import KeyPath, Node

_NUMBER = r"[-+]?(?:\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?|0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+|inf|nan)"
_DATE = r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d.*)?|\d\d:\d\d:\d\d.*"
_OTHER = re.compile(f"{_NUMBER}|{_DATE}|true|false")
_BRACKET = re.compile(r""""{3}.*?(?:"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?|\#[^\n]*|[\[\]{}]""", re.DOTALL)
_PART = r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"\s*(?P<open>\[\[?)\s*(?P<key>{_KEY})\s*\]\]?\s*(?:#.*)?")
_SETTING = re.compile(rf"\s*(?P<key>{_KEY})\s*=(?P<value>.*)")
_PARTS = re.compile(_PART)
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:"[^"\n]*"|'[^'\n]*'|[\w-]++)[ \t]*\.[ \t]*){%d}""" % MAXIMUM_DEPTH)  # noqa: UP031 - braces all over


def read(text: str) -> Parsed:
    """Tables, with numbers and dates as the parser understood them (floats exactly as written, ``0x10`` is ``16``).

    :raises Unparsable: for anything that is no TOML, or nested too deeply.
    """
    _check_depth(text)
    try:
        value = tomllib.loads(text, parse_float=Bare)
    except tomllib.TOMLDecodeError as wrong:
        raise Unparsable("not valid TOML", _line_in(str(wrong))) from None
    except ValueError as wrong:  # a number of more digits than Python takes
        raise Unparsable(f"not valid TOML: {wrong}") from None
    return Parsed(_node(value, 0), _lines(text))


def _line_in(message: str) -> int | None:
    found = re.search(r"\(at line (\d+)", message)
    return int(found[1]) if found else None


def _check_depth(text: str) -> None:
    """The parser is recursive, and takes memory that grows with the square of a dotted key: what is too deep must never reach it."""
    if found := _DEEP_KEY.search(text):
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", text.count("\n", 0, found.start()) + 1)
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", text.count("\n", 0, found.start()) + 1)


def _node(value: Any, depth: int) -> Node:
    if depth > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}")
    if isinstance(value, dict):
        return {key: _node(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_node(item, depth + 1) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not isinstance(value, Bare):
        return text_as_written(value, lambda text: bool(_OTHER.fullmatch(text)))
    return str(value) if isinstance(value, int | str) else value.isoformat()


def _lines(text: str) -> dict[KeyPath, int]:
    """The line of each table and key. Lines within multi-line strings can be taken for keys, which adds paths that do not exist: harmless."""
    lines: dict[KeyPath, int] = {(): 1}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if found := _TABLE.fullmatch(line):
            table = _table(found, counts)
            lines.setdefault(table, number)
        elif found := _SETTING.fullmatch(line):
            lines.setdefault((*table, *_parts(found["key"])), number)
    return lines


def _table(found: re.Match[str], counts: dict[KeyPath, int]) -> KeyPath:
    """Where a table header leads, with the index of the newest item for every array of tables on the way."""
    path: KeyPath = ()
    parts = _parts(found["key"])
    for position, part in enumerate(parts):
        path = (*path, part)
        if position == len(parts) - 1 and found["open"] == "[[":
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") if part[0] in "\"'" else part for part in _PARTS.findall(key))


FORMATS = (Format("toml", read, NAMED_LISTS, "dotted"),)
