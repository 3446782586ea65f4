"""Configurations of VyOS and EdgeOS: ``config.boot`` with its braces, or ``set`` commands (``show configuration commands``).

``interfaces/ethernet[eth0]/address``, ``firewall/name[WAN-IN]/rule["10"]/action``: the path that ``set`` takes. In commands a value is quoted and
a name is not; which nodes have names (tag nodes) is known of the common ones. Of others every word of a path is a step, in either style.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import NAME
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.sections import Section
from changelog_ledger.model.document import ListPolicy, Order

_WORD = re.compile(r"\s*('[^']*'|\"(?:[^\"\\]|\\.)*\"|[^\s'\"]+)")

_TAG_NODES = frozenset(
    """
    ethernet bonding bridge loopback dummy vif vif-s vif-c wireguard openvpn tunnel vti vxlan geneve macsec pppoe switch wireless peer
    name ipv6-name modify rule zone from address-group network-group port-group interface-group mac-group ipv6-address-group ipv6-network-group
    domain-group route route6 interface-route next-hop next-hop-interface table blackhole neighbor peer-group network area access-list prefix-list
    prefix-list6 as-path-list community-list route-map local-route server user public-keys plaintext-key host facility shared-network-name subnet
    range static-mapping listen-address listen-on community trap-target site-to-site esp-group ike-group proposal task domain-name-server
    static-host-mapping host-name-alias vrrp-group group sync-group virtual-address traffic-policy shaper class certificate ca key-pair
    """.split()
)
"""Nodes that are followed by a name, whichever node they are in."""


def read(text: str) -> Parsed:
    """A configuration in either style.

    :raises Unparsable: for unbalanced braces or quotes, or another command than ``set``.
    """
    rows = list(_rows(text))
    root = Section()
    if rows and rows[0][1].startswith("set "):
        _read_commands(root, rows)
    else:
        _read_braces(root, rows)
    return root.parsed()


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are no comments (``/* … */`` on lines of their own, ``//`` and ``#``)."""
    in_comment = False
    for number, line in enumerate(text.split("\n"), 1):
        row = line.strip()
        if in_comment or row.startswith("/*"):
            in_comment = not row.endswith("*/")
        elif row and not row.startswith(("//", "#")):
            yield number, row
    if in_comment:
        raise Unparsable("a comment that is never ended")


def _read_commands(root: Section, rows: list[tuple[int, str]]) -> None:
    for number, row in rows:
        verb, *words = _words(row, number)
        if verb != "set" or not words:
            raise Unparsable("not a set command", number)
        if words[-1][0] in "'\"" and len(words) > 1:
            _descended(root, words[:-2], number).add(_unquoted(words[-2]), _unquoted(words[-1]), number)
        else:
            _descended(root, words, number)


def _read_braces(root: Section, rows: list[tuple[int, str]]) -> None:
    """One node a line: ``NAME {``, ``NAME VALUE``, ``NAME`` or ``}``."""
    stack = [root]
    for number, row in rows:
        if row == "}":
            stack.pop()
            if not stack:
                raise Unparsable("a closing brace too many", number)
        elif row.endswith("{"):
            stack.append(_descended(stack[-1], _words(row[:-1], number), number))
            if len(stack) > MAXIMUM_DEPTH:
                raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", number)
        else:
            name, *value = row.split(None, 1)
            if value:
                stack[-1].add(_unquoted(name), _unquoted(value[0]), number)
            else:
                _descended(stack[-1], [name], number)
    if len(stack) > 1:
        raise Unparsable("a block that is never closed", stack[-1].line)


def _words(row: str, number: int) -> list[str]:
    words: list[str] = []
    place = 0
    while row[place:].strip():
        found = _WORD.match(row, place)
        if not found:
            raise Unparsable("a quote that is never closed", number)
        words.append(found[1])
        place = found.end()
        if len(words) > MAXIMUM_DEPTH:
            raise Unparsable("a path of too many words", number)
    if not words:
        raise Unparsable("a block without a name", number)
    return words


def _descended(section: Section, words: list[str], number: int) -> Section:
    place = 0
    while place < len(words):
        length = 2 if words[place] in _TAG_NODES and place + 1 < len(words) else 1
        key, *names = map(_unquoted, words[place : place + length])
        section = section.section(key, "".join(names), number)
        place += length
    return section


def _unquoted(word: str) -> str:
    """Both styles quote what they must, each in its own way; the value is what is within."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word


_IN_THEIR_ORDER = ("name-server", "domain-search")
_POLICIES = (*(ListPolicy(("**", key)) for key in _IN_THEIR_ORDER), ListPolicy(("**",), (NAME,), Order.SET))
FORMATS = (Format("vyos", read, _POLICIES),)
