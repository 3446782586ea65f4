"""nsswitch.conf(5): ``hosts[1]``. The sources of a database are asked in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from changelog_ledger.formats.entries import Entry, significant_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, bracketed_words


def read(text: str) -> Parsed:
    """Each database with its sources. An action belongs to the source before it: ``mdns4_minimal [NOTFOUND=return]`` is one item.

    :raises Unparsable: at a line without a colon.
    """
    return tree(_database(number, line.split("#")[0]) for number, line in significant_lines(text))


def _database(number: int, line: str) -> Entry:
    name, colon, sources = line.partition(":")
    if not colon or not name.strip():
        raise Unparsable("a line without a database", number)
    return Entry(name.strip(), list(_with_actions(word.text for word in bracketed_words(LogicalLine(sources, ((0, number),))))), number)


def _with_actions(words: Iterable[str]) -> Iterator[str]:
    source: list[str] = []
    for word in words:
        if source and not word.startswith("["):
            yield " ".join(source)
            source = []
        source.append(word)
    if source:
        yield " ".join(source)


FORMATS = (Format("nsswitch", read),)
