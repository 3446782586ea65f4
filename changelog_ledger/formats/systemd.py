"""Units, drop-ins and settings of systemd, after systemd.syntax(7): ``Service/ExecStart``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, joined_lines, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.model.document import ListPolicy

_COMMENTS = ("#", ";")
_SECTION = re.compile(r"\[(?P<name>[^\[\]]+)\]")
_REPEATABLE = frozenset(
    (
        *("Address", "Route", "Neighbor", "NextHop", "RoutingPolicyRule"),
        *("Peer", "WireGuardPeer", "IPv6AddressLabel", "IPv6Prefix", "IPv6RoutePrefix"),
        *("BridgeFDB", "BridgeMDB", "BridgeVLAN", "VXLAN-Peer", "DHCPServerStaticLease"),
        *("L2TPSession", "MACsecReceiveChannel", "MACsecTransmitAssociation", "MACsecReceiveAssociation", "SR-IOV"),
        *("Partition",),
    )
)
"""Sections that are a new thing each time they are written (systemd.network(5), systemd.netdev(5)); all others go on where they were left."""


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    line: int
    body: list[Entry] = field(default_factory=list)

    def entry(self) -> Entry:
        return Entry(self.name, tuple(_in_force(self.body)), self.line, listed=self.name in _REPEATABLE)


def read(text: str) -> Parsed:
    """Sections with their settings; a setting that is written again has a list, and an empty assignment forgets those before it.

    The empty assignment itself stays, because in a drop-in it resets the unit's own values.

    :raises Unparsable: for a line outside a section, or one that is no assignment.
    """
    sections: list[_Section] = []
    known: dict[str, _Section] = {}
    current: _Section | None = None
    for number, line in joined_lines(text, _COMMENTS):
        if found := _SECTION.fullmatch(line):
            current = None if found["name"] in _REPEATABLE else known.get(found["name"])
            if current is None:
                current = known[found["name"]] = _Section(found["name"], number)
                sections.append(current)
        elif current is None:
            raise Unparsable("a setting outside a section", number)
        else:
            current.body.append(_assignment(number, line))
    return tree(section.entry() for section in sections)


def _assignment(number: int, line: str) -> Entry:
    key, equals, value = line.partition("=")
    if not equals or not key.strip():
        raise Unparsable("not an assignment", number)
    return Entry(key.strip(), value.strip(), number)


def _in_force(body: list[Entry]) -> list[Entry]:
    """The settings without those that a later empty assignment of the same key forgets."""
    resets = {entry.key: index for index, entry in enumerate(body) if not entry.value}
    return [entry for index, entry in enumerate(body) if index >= resets.get(entry.key, 0)]


FORMATS = (Format("systemd", read, (ListPolicy(("*",), ("PublicKey", "Address", "Destination", "MACAddress")),)),)
