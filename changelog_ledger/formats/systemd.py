"""Units, drop-ins and settings of systemd, after systemd.syntax(7): ``Service/ExecStart``, ``Unit/After[network.target]``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, comma_items, logical_lines, members, words
from changelog_ledger.model.document import ListPolicy, Order

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
_WORD_SETS = (
    *("After", "Before", "Wants", "Requires", "Requisite", "BindsTo", "PartOf", "Upholds", "Conflicts", "OnFailure", "OnSuccess"),
    *("PropagatesReloadTo", "ReloadPropagatedFrom", "PropagatesStopTo", "StopPropagatedFrom", "JoinsNamespaceOf"),
    *("RequiresMountsFor", "WantsMountsFor", "Documentation", "WantedBy", "RequiredBy", "UpheldBy", "Alias", "Also"),
    *("SupplementaryGroups", "PassEnvironment", "UnsetEnvironment", "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths"),
    *("ExecPaths", "NoExecPaths", "RuntimeDirectory", "StateDirectory", "CacheDirectory", "LogsDirectory", "ConfigurationDirectory"),
    *("IPAddressAllow", "IPAddressDeny"),
)
"""Lists of words that go on when the setting is written again (systemd.unit(5), systemd.exec(5)); their order means nothing."""
_ORDERED_WORDS = ("DNS", "FallbackDNS", "Domains", "NTP", "FallbackNTP")
_COMMA_SETS = ("AllowedIPs",)
_ASSIGNMENTS = ("Environment",)
_RESET = "(reset)"
_VARIABLE = re.compile(r"""(?P<quote>["']?)(?P<name>[A-Za-z_]\w*)=(?P<value>.*)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Setting:
    key: str
    value: LogicalLine
    line: int


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    line: int
    body: list[_Setting] = field(default_factory=list)

    def entry(self) -> Entry:
        settings = _in_force(self.body)
        variables = [setting for setting in settings if setting.key in _ASSIGNMENTS]
        others = (entry for setting in settings if setting.key not in _ASSIGNMENTS for entry in _entries(setting))
        return Entry(self.name, (*others, *_variables(variables)), self.line, listed=self.name in _REPEATABLE)


def read(text: str) -> Parsed:
    """Sections with their settings; a setting that is written again has a list, and an empty assignment forgets those before it.

    The empty assignment itself stays, because in a drop-in it resets the unit's own values. Dependencies and other lists of words are sets
    of words in however many lines they stand; ``Environment`` is keyed by variable.

    :raises Unparsable: for a line outside a section, or one that is no assignment.
    """
    sections: list[_Section] = []
    known: dict[str, _Section] = {}
    current: _Section | None = None
    for line in logical_lines(text, _COMMENTS):
        if found := _SECTION.fullmatch(line.text):
            current = None if found["name"] in _REPEATABLE else known.get(found["name"])
            if current is None:
                current = known[found["name"]] = _Section(found["name"], line.line)
                sections.append(current)
        elif current is None:
            raise Unparsable("a setting outside a section", line.line)
        else:
            current.body.append(_setting(line))
    return tree(section.entry() for section in sections)


def _setting(line: LogicalLine) -> _Setting:
    key, equals, _ = line.text.partition("=")
    if not equals or not key.strip():
        raise Unparsable("not an assignment", line.line)
    return _Setting(key.strip(), line.part(len(key) + 1, len(line.text)), line.line)


def _in_force(body: list[_Setting]) -> list[_Setting]:
    """The settings without those that a later empty assignment of the same key forgets."""
    resets = {setting.key: index for index, setting in enumerate(body) if not setting.value.text}
    return [setting for index, setting in enumerate(body) if index >= resets.get(setting.key, 0)]


def _entries(setting: _Setting) -> list[Entry]:
    if setting.key in (*_WORD_SETS, *_ORDERED_WORDS):
        return members(setting.key, words(setting.value) or [Piece("", setting.line)], setting.line)
    if setting.key in _COMMA_SETS:
        return members(setting.key, comma_items(setting.value) or [Piece("", setting.line)], setting.line)
    return [Entry(setting.key, setting.value.text, setting.line)]


def _variables(settings: list[_Setting]) -> Iterable[Entry]:
    """``Environment=A=1 "B=2 3"`` by variable."""
    body = [_variable(word) for setting in settings for word in words(setting.value) or [Piece("", setting.line)]]
    return [Entry(settings[0].key, tuple(body), settings[0].line)] if settings else []


def _variable(word: Piece) -> Entry:
    found = _VARIABLE.fullmatch(word.text)
    if not found:
        return Entry(word.text or _RESET, "", word.line)
    return Entry(found["name"], found["value"].removesuffix(found["quote"]) if found["quote"] else found["value"], word.line)


_SECTIONS = ListPolicy(("*",), ("PublicKey", "Address", "Destination", "Gateway", "MACAddress"))
_SETS = tuple(ListPolicy(("**", key), order=Order.SET) for key in (*_WORD_SETS, *_COMMA_SETS))
FORMATS = (Format("systemd", read, (_SECTIONS, *_SETS)),)
