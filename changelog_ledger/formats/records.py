"""Files that are one list of records, each a small block of fields: pg_hba.conf, master.cf, sources.list, stanzas."""

from __future__ import annotations

from collections.abc import Iterable

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Parsed

_ALL = "records"


def records(blocks: Iterable[tuple[int, tuple[Entry, ...]]]) -> Parsed:
    """A list at the root: its items from the line and the entries of each, key paths such as ``[smtp/inet]/command``."""
    parsed = tree(Entry(_ALL, fields, line, listed=True) for line, fields in blocks)
    root = parsed.root[_ALL] if isinstance(parsed.root, dict) and _ALL in parsed.root else []
    return Parsed(root, {path[1:]: line for path, line in parsed.lines.items() if len(path) > 1})
