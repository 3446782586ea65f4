"""Tables that Postfix looks things up in, postmap(1), regexp_table(5) and cidr_table(5); and aliases(5).

``partner.example.net``; ``[/^Subject:.*casino/i]/action``; ``postmaster[root]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import KNOWN_AS, Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.postfix import Line, Logical, joined, logical_lines
from changelog_ledger.formats.records import records
from changelog_ledger.model.document import ListPolicy, Order

_PATTERN = re.compile(
    r"(?P<pattern>(?:if|endif)\b.*|!?(?:(?P<delimiter>[^\w\s\\!])(?:\\.|(?!(?P=delimiter))[^\\])*+(?P=delimiter)[A-Za-z]*|(?=\S*[.:])[0-9a-fA-F:.\[\]]+(?:/\d+)?))"
    r"(?:\s+(?P<action>.*))?"
)


def read_map(text: str) -> Parsed:
    """The source of an indexed table: a key, white space, and what is found there. The order of lines means nothing.

    :raises Unparsable: for a key without a value.
    """
    return tree(_mapping(pieces) for pieces in logical_lines(text))


def _mapping(pieces: Logical) -> Entry:
    number, first = pieces[0]
    key, *value = first.split(None, 1)
    if key.startswith('"') or not (value or pieces[1:]):
        raise Unparsable("not a key and what is found there", number)
    return Entry(key, joined([*((number, piece) for piece in value), *pieces[1:]]), number)


def read_checks(text: str) -> Parsed:
    """Tables that are searched from their top: regexp_table(5), pcre_table(5), cidr_table(5). Known by pattern, with an ``action``.

    :raises Unparsable: for a line that is no pattern.
    """
    return records((pieces[0][0], _check(pieces)) for pieces in logical_lines(text))


def _check(pieces: Logical) -> tuple[Entry, ...]:
    number = pieces[0][0]
    found = _PATTERN.fullmatch(joined(pieces))
    if not found:
        raise Unparsable("not a pattern and an action", number)
    return Entry(KNOWN_AS, found["pattern"], number), Entry("pattern", found["pattern"], number), Entry("action", found["action"] or "", number)


_ALIAS = re.compile(r'(?P<name>"[^"]*"\s*|[^\s:"#][^:"]*):\s*(?P<members>.*)')
_MEMBER = re.compile(r'(?:"(?:\\.|[^"\\])*+"|[^",]|(?P<open>"))+')


def read_aliases(text: str) -> Parsed:
    """``name: member, member …``; members are a set of addresses, files, ``|commands`` and ``:include:`` lists.

    :raises Unparsable: for a line without a colon.
    """
    known: set[str] = set()
    return tree(entry for pieces in logical_lines(text) for entry in _alias(pieces, known))


def _alias(pieces: Logical, known: set[str]) -> Iterator[Entry]:
    """A name that stands there again does not add to the first: ``: carol`` among its members says that."""
    number, first = pieces[0]
    found = _ALIAS.fullmatch(first)
    if not found:
        raise Unparsable("not a name and its members", number)
    name = found["name"].rstrip()
    members = [member for line, piece in [(number, found["members"]), *pieces[1:]] for member in _members(line, piece)]
    if name in known:
        members = [(number, ": " + ", ".join(member for _, member in members))]
    known.add(name)
    if not members:
        yield Entry(name, [], number)
    yield from (Entry(name, member, line, listed=True) for line, member in members)


def _members(line: int, piece: str) -> Iterator[Line]:
    for found in _MEMBER.finditer(piece):
        if found["open"]:
            raise Unparsable("a quote that is never closed", line)
        if found[0].strip():
            yield line, found[0].strip()


FORMATS = (
    Format("postfix-map", read_map),
    Format("postfix-checks", read_checks, (ListPolicy((), (KNOWN_AS,), Order.ORDERED),)),
    Format("aliases", read_aliases, (ListPolicy(("*",), order=Order.SET),)),
)
