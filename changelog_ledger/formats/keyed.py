"""Directives whose first word says which one is meant (``add_header X-A 1``, ``timeout connect 5s``), gathered as blocks: ``timeout/connect``."""

from __future__ import annotations

from collections.abc import Container, Iterable

from changelog_ledger.formats.entries import Entry


def keyed(key: str, name: str, value: str, line: int) -> Entry:
    """One such directive: a block of one setting, for :func:`gathered`."""
    return Entry(key, (Entry(name, value, line),), line)


def gathered(entries: Iterable[Entry], keys: Container[str]) -> tuple[Entry, ...]:
    """The entries, those of each of ``keys`` as one block at the place of the first."""
    found: list[Entry] = []
    blocks: dict[str, tuple[int, list[Entry]]] = {}
    for entry in entries:
        if entry.key not in keys or not isinstance(entry.value, tuple):
            found.append(entry)
            continue
        if entry.key not in blocks:
            blocks[entry.key] = (len(found), [])
            found.append(entry)
        blocks[entry.key][1].extend(entry.value)
    for place, body in blocks.values():
        found[place] = Entry(found[place].key, tuple(body), found[place].line)
    return tuple(found)
