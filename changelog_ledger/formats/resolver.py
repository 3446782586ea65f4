"""resolv.conf(5): ``nameserver[0]``, ``search[1]``, ``options/timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable

_ORDERED_WORDS = ("search", "sortlist")


def read(text: str) -> Parsed:
    """The keywords of the resolver. Name servers and search domains are tried in their order; options are keyed by name.

    :raises Unparsable: if a line has a keyword and nothing else, apart from ``search`` and ``domain``.
    """
    entries = [entry for number, line in significant_lines(text, ("#", ";")) for entry in _entries(number, line.split())]
    options = [entry.value for entry in entries if entry.key == "options"]
    merged = tuple(option for value in options if isinstance(value, tuple) for option in value)
    first = next((entry.line for entry in entries if entry.key == "options"), 0)
    others = [entry for entry in entries if entry.key != "options"]
    return tree([*others, *([Entry("options", merged, first)] if options else [])])


def _entries(number: int, words: list[str]) -> Iterator[Entry]:
    keyword, *values = words
    if not values and keyword not in ("search", "domain", "options"):
        raise Unparsable("a keyword without a value", number)
    if keyword == "options":
        yield Entry(keyword, tuple(_option(number, option) for option in values), number)
    elif keyword in _ORDERED_WORDS:
        yield Entry(keyword, values, number)
    else:
        value = " ".join(_without_comment(values))
        yield Entry(keyword, value, number, listed=keyword == "nameserver")


def _option(number: int, option: str) -> Entry:
    name, _, value = option.partition(":")
    return Entry(name, value, number)


def _without_comment(values: list[str]) -> list[str]:
    """glibc reads one word after ``nameserver`` and ``domain``; what follows is a comment to it."""
    comment = next((index for index, value in enumerate(values) if value[0] in "#;"), len(values))
    return values[:comment]


FORMATS = (Format("resolv", read, words={"ndots": "dots in a name that is tried as it is first", "rotate": "ask the name servers in turn"}),)
