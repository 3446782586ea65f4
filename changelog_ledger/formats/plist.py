"""Property lists of macOS in XML, plist(5), and configuration profiles: ``ProgramArguments[1]``, ``EnvironmentVariables/PATH``."""

from __future__ import annotations

import re

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.written import text_as_written
from changelog_ledger.formats.xml_documents import elements
from changelog_ledger.model.document import ListPolicy

_NO_TEXT = re.compile(r"[+-]?\d[\d.eE+-]*|true|false|\d{4}-\d\d-\d\dT.*|")
_SCALARS = ("integer", "real", "date", "data")
_Value = str | list[Entry] | tuple[Entry, ...]


def read(text: str) -> Parsed:
    """Dicts by their keys, arrays as lists, scalars as written; a ``string`` that would read as something else is in quotes.

    :raises Unparsable: for XML that is no property list.
    """
    root = next((entry for entry in elements(text) if entry.key == "plist"), None)
    inner = [entry for entry in _children(root) if not entry.key.startswith("@")] if root else []
    if len(inner) != 1:
        raise Unparsable("not a property list")
    value = _value(inner[0])
    if not isinstance(value, tuple):
        raise Unparsable("a property list that is no dict", inner[0].line)
    return tree(value)


def _children(entry: Entry) -> tuple[Entry, ...]:
    return entry.value if isinstance(entry.value, tuple) else ()


def _value(entry: Entry) -> _Value:
    """What an element of the list stands for; an empty one has no children."""
    if entry.key == "dict":
        return _dict(entry)
    if entry.key == "array":
        return [Entry("", _value(item), item.line) for item in _children(entry)]
    if entry.key in ("true", "false"):
        return entry.key
    if not isinstance(entry.value, str) or entry.key not in ("string", *_SCALARS):
        raise Unparsable(f"{entry.key!r} in a property list", entry.line)
    if entry.key == "string":
        return text_as_written(entry.value, lambda text: _NO_TEXT.fullmatch(text) is not None)
    return "".join(entry.value.split()) if entry.key == "data" else entry.value


def _dict(entry: Entry) -> tuple[Entry, ...]:
    children = iter(_children(entry))
    entries: dict[str, Entry] = {}
    for key, value in zip(children, children, strict=False):
        if key.key != "key" or not isinstance(key.value, str) or key.value in entries:
            raise Unparsable("a dict that is not of keys and values", key.line)
        entries[key.value] = Entry(key.value, _value(value), value.line)
    if len(_children(entry)) % 2:
        raise Unparsable("a key without a value", entry.line)
    return tuple(entries.values())


FORMATS = (Format("plist", read, (ListPolicy(("**",), ("PayloadIdentifier", "Label", "Identifier", "Name", "name")),), "structured"),)
