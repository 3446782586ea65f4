"""JSON (RFC 8259). Numbers stay as written, a duplicate key makes the file unreadable as JSON rather than hiding one of its values."""

from __future__ import annotations

import json
import re
from typing import Any

from changelog_ledger.formats.assignments import with_assignments
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.kubernetes import with_objects_by_name
from changelog_ledger.formats.named import NAMED_LISTS
from changelog_ledger.formats.written import MASKED, Bare, encodable, text_as_written
from changelog_ledger.model.document import KeyPath, Node

_OTHER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]|\n|[^\s\[\]{},":]++', re.DOTALL)
# A string that is never closed goes to the end here: were it no token, each of its escaped quotes would be tried in turn.


_TEXT_OR_MASKED = re.compile(rf'"(?:[^"\\]|\\.)*+"?|{MASKED}', re.DOTALL)


class _DuplicateKey(ValueError):
    pass


def read(text: str) -> Parsed:
    """The one value of the text.

    :raises Unparsable: for anything that is no JSON (comments too), for duplicate keys and for nesting beyond the limit.
    """
    text = _with_masked_quoted(text)
    lines = _lines_and_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_int=Bare, parse_float=Bare, parse_constant=Bare)
    except _DuplicateKey as duplicate:
        raise Unparsable(str(duplicate)) from None
    except json.JSONDecodeError as wrong:
        raise Unparsable("not valid JSON", wrong.lineno) from None
    return with_assignments(with_objects_by_name(Parsed(_node(value), lines)))


def _with_masked_quoted(text: str) -> str:
    return _TEXT_OR_MASKED.sub(lambda found: f'"{found[0]}"' if found[0][0] == "<" else found[0], text) if "<secret:" in text else text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for written, item in pairs:
        key = encodable(written)
        if key in value:
            raise _DuplicateKey(f"duplicate key {key!r}")
        value[key] = item
    return value


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return {key: _node(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_node(item) for item in value]
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, str):
        return text_as_written(value, lambda text: bool(_OTHER.fullmatch(text)))
    return {True: "true", False: "false", None: "null"}[value]


def _lines_and_depth(text: str) -> dict[KeyPath, int]:
    """The line of every key path, by brackets, commas and line feeds alone; what they mean is the parser's business.

    :raises Unparsable: beyond the depth limit, which the recursive parser of the standard library must never see.
    """
    lines: dict[KeyPath, int] = {(): 1}
    path: list[str | int] = []
    number = 1
    wants_key = False
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token == "\n":
            number += 1
        elif token in "[{":
            _note(lines, path, number)
            path.append(0 if token == "[" else "")
            wants_key = token == "{"
            if len(path) > MAXIMUM_DEPTH:
                raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
        elif token in "]}":
            del path[-1:]
            wants_key = False
        elif token == ",":
            wants_key = _next_item(path)
        elif wants_key and token.startswith('"'):
            path[-1] = _key(token)
            wants_key = False
        else:
            _note(lines, path, number)
    return lines


def _note(lines: dict[KeyPath, int], path: list[str | int], number: int) -> None:
    lines.setdefault(tuple(path), number)


def _next_item(path: list[str | int]) -> bool:
    """Step over a comma; whether a key comes next."""
    if not path or isinstance(path[-1], str):
        return bool(path)
    path[-1] += 1
    return False


def _key(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return encodable(str(json.loads(token)))
    except json.JSONDecodeError:
        return token


FORMATS = (Format("json", read, NAMED_LISTS, "dotted"),)
