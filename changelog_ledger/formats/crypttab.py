"""crypttab(5): encrypted devices, keyed by the name that they get: ``cryptswap/options``."""

from __future__ import annotations

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy, Order

_FIELDS = ("device", "key", "options")


def read(text: str) -> Parsed:
    """One device a line: name, device, and if they are given key file and options, which are a set.

    :raises Unparsable: if a line has fewer than two fields, or more than four.
    """
    return tree(_device(number, line.split()) for number, line in significant_lines(text))


def _device(number: int, words: list[str]) -> Entry:
    name, *values = words
    if not 1 <= len(values) <= len(_FIELDS):
        raise Unparsable(f"{len(words)} fields instead of two to four", number)
    fields = zip(_FIELDS, values, strict=False)
    return Entry(name, tuple(Entry(field, value.split(",") if field == "options" else value, number) for field, value in fields), number)


FORMATS = (
    Format(
        "crypttab",
        read,
        policies=(ListPolicy(("*", "options"), order=Order.SET),),
        words={"key": "key file, or none for a passphrase"},
    ),
)
