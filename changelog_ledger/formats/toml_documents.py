"""TOML 1.0, by the standard library's parser; it knows neither lines nor how numbers are written: those are found by a look at the text."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from changelog_ledger.formats.assignments import with_assignments
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.named import NAMED_LISTS
from changelog_ledger.formats.toml_text import Written, with_masked_quoted, written
from changelog_ledger.formats.written import text_as_written
from changelog_ledger.model.document import KeyPath, Node

_NUMBER = r"[-+]?(?:\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?|0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+|inf|nan)"
_DATE = r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d.*)?|\d\d:\d\d:\d\d.*"
_OTHER = re.compile(f"{_NUMBER}|{_DATE}|true|false")
_BRACKET = re.compile(r""""{3}.*?(?:"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?|\#[^\n]*|[\[\]{}]""", re.DOTALL)
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:"[^"\n]*"|'[^'\n]*'|[\w-]++)[ \t]*\.[ \t]*){%d}""" % MAXIMUM_DEPTH)  # noqa: UP031 - braces all over


def read(text: str) -> Parsed:
    """Tables, with numbers and dates as written (``0x10``, ``1_000``); texts without their quotes.

    :raises Unparsable: for anything that is no TOML, or nested too deeply.
    """
    _check_depth(text)
    text = with_masked_quoted(text)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Unparsable("not valid TOML", _line_in(str(wrong))) from None
    except ValueError as wrong:  # a number of more digits than Python takes
        raise Unparsable(f"not valid TOML: {wrong}") from None
    places = written(text)
    return with_assignments(Parsed(_node(value, (), places), places.lines))


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


def _node(value: Any, path: KeyPath, places: Written) -> Node:
    if len(path) > MAXIMUM_DEPTH:
        raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", places.lines.get(path))
    if isinstance(value, dict):
        return {key: _node(item, (*path, key), places) for key, item in value.items()}
    if isinstance(value, list):
        return [_node(item, (*path, index), places) for index, item in enumerate(value)]
    if isinstance(value, str):
        return text_as_written(value, lambda text: bool(_OTHER.fullmatch(text)))
    if path not in places.scalars:
        raise Unparsable("a value that cannot be found in the text")
    return places.scalars[path]


FORMATS = (Format("toml", read, NAMED_LISTS, "dotted"),)
