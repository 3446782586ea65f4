"""Formats whose entries stand alone: what is wrong with one costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from changelog_ledger.model.delivery import Entry, Outcome, Unread
from changelog_ledger.observations.deliveries.untrusted import Unreadable

Unfold = Callable[[Any], Sequence[Any] | None]
"""The items that a document holds; None where it is an item itself."""

Read = Callable[[Any], Iterator[Outcome]]
"""What one item comes to. May raise :class:`Unreadable`."""


def one_by_one(entries: Iterable[Entry], unfold: Unfold, read: Read) -> Iterator[Outcome]:
    """What the entries come to; an array is a list of documents."""
    for entry in entries:
        where = f"entry {entry.number}"
        if entry.problem:
            yield Unread(where, entry.problem)
            continue
        documents = entry.value if isinstance(entry.value, list) else [entry.value]
        several = isinstance(entry.value, list)
        for place, document in enumerate(documents, 1):
            found = unfold(document)
            for inner, item in enumerate([document] if found is None else found, 1):
                numbers = ", ".join(f"item {count}" for count, is_one in ((place, several), (inner, found is not None)) if is_one)
                yield from _guarded(f"{where}, {numbers}" if numbers else where, item, read)


def _guarded(where: str, item: Any, read: Read) -> Iterator[Outcome]:
    try:
        yield from list(read(item))
    except Unreadable as error:
        yield Unread(where, str(error))


def alone(_document: Any) -> None:
    """Every document is an item."""
