"""What the commands of Cisco IOS, NX-OS, ASA and Arista EOS are made of: how many words are the key, what is a name, what opens a section.

Command references: Cisco IOS Master Command List, NX-OS and ASA command references, Arista EOS user manual. What is not in these tables has
its first two words as its key, and what follows as a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What follows the words of a command."""

    VALUE = auto()
    TEXT = auto()
    """A value in which anything may stand, also ``no``."""
    MEMBERS = auto()
    """A set of members with commas, which goes on in lines with ``add``."""
    TOP_SECTION = auto()
    """The name of a section; below another command the same words are a value (``route-map RM in``)."""
    SECTION = auto()
    """The name of a section, at any depth."""
    NAMED = auto()
    """A name of ``names`` words, and then a command about what is so called."""
    ROUTE = auto()
    """A prefix (after ``names`` words), and the next hop."""
    RULES = auto()
    """A name of ``names`` words, and then a rule of the list that is so called."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command's words, which are its key, and what follows them."""

    words: tuple[str, ...]
    kind: Kind
    names: int = 0

    @property
    def key(self) -> str:
        """The words in one text."""
        return " ".join(self.words)


_VALUES = """
aaa accounting commands|aaa accounting exec|aaa accounting system|aaa accounting network|aaa accounting identity|aaa authentication dot1x
aaa authentication enable|aaa authentication login|aaa authentication ppp|aaa authentication ssh console|aaa authentication http console
aaa authorization commands|aaa authorization config-commands|aaa authorization console|aaa authorization exec|aaa authorization network
aaa new-model|aaa session-id
access-group|bandwidth|bfd interval|bgp log-neighbor-changes|bgp router-id|boot system|boot nxos|boot-end-marker|boot-start-marker
cdp enable|cdp run|channel-group|clock summer-time|clock timezone|default-information originate|default-router|dns-server|domain-name
domain lookup|duplex|enable password|enable secret|encapsulation dot1q|errdisable recovery cause|errdisable recovery interval|exec-timeout
hold-queue|hostname|ip access-group|ip address|ip address secondary|ip address virtual|ip arp inspection vlan|ip arp inspection trust|ip cef
ip default-gateway|ip dhcp excluded-address|ip dhcp snooping|ip dhcp snooping trust|ip dhcp snooping vlan|ip dhcp snooping limit rate
ip dhcp relay address|ip domain lookup|ip domain name|ip domain-lookup|ip domain-name|ip ftp source-interface|ip helper-address
ip http access-class|ip http authentication|ip http secure-server|ip http server|ip igmp snooping|ip igmp version|ip mtu|ip multicast-routing
ip name-server|ip nat inside|ip nat inside source list|ip nat inside source static|ip nat outside|ip nat pool|ip ospf area|ip ospf authentication
ip ospf cost|ip ospf network|ip ospf priority|ip ospf dead-interval|ip ospf hello-interval|ip ospf message-digest-key|ip pim sparse-mode
ip policy route-map|ip proxy-arp|ip radius source-interface|ip redirects|ip routing|ip router ospf|ip sla schedule|ip source-route
ip ssh authentication-retries|ip ssh time-out|ip ssh timeout|ip ssh version|ip subnet-zero|ip tacacs source-interface|ip tcp adjust-mss
ip tftp source-interface|ip unnumbered|ip unreachables|ip verify source|ip verify unicast source reachable-via|ip virtual-reassembly
ip virtual-router mac-address|ip vrf forwarding|ipv6 access-list log-update|ipv6 address|ipv6 cef|ipv6 enable|ipv6 nd ra suppress
ipv6 ospf area|ipv6 traffic-filter|ipv6 unicast-routing|lacp rate|lease|lldp receive|lldp run|lldp transmit|load-interval
logging buffered|logging buffer-size|logging console|logging facility|logging host|logging level|logging logfile|logging monitor
logging origin-id|logging source-interface|logging synchronous|logging trap|login authentication|login local|login on-failure|login on-success
match interface|match ip address|match ip address prefix-list|match community|match tag|mode|mtu|nameif|negotiation|ntp access-group
ntp authenticate|ntp authentication-key|ntp clock-period|ntp master|ntp peer|ntp server|ntp source|ntp source-interface|ntp trusted-key
ntp update-calendar|object-group-search|passive-interface|passive-interface default|peer group|port-channel load-balance|port-channel min-links
power inline|privilege level|remote-as|remote-span|router-id|rd|route-target export|route-target import|security passwords min-length
security-level|server name|service dhcp|service pad|service password-encryption|service sequence-numbers|service tcp-keepalives-in
service tcp-keepalives-out|service timestamps debug|service timestamps log|service unsupported-transceiver|service-policy input
service-policy output|set as-path prepend|set community|set ip next-hop|set local-preference|set metric|set tag|shutdown
snmp-server chassis-id|snmp-server community|snmp-server enable traps|snmp-server group|snmp-server host|snmp-server ifindex persist
snmp-server source-interface|snmp-server trap-source|snmp-server user|snmp-server view|spanning-tree bpdufilter|spanning-tree bpduguard
spanning-tree cost|spanning-tree extend system-id|spanning-tree guard|spanning-tree link-type|spanning-tree loopguard default
spanning-tree mode|spanning-tree mst configuration|spanning-tree pathcost method|spanning-tree port type|spanning-tree portfast
spanning-tree portfast bpduguard default|spanning-tree portfast default|speed|ssh timeout|ssh version|ssh key-exchange|standby version
storm-control broadcast level|storm-control multicast level|storm-control unicast level|storm-control action|summary-address
switch provision|switchport access vlan|switchport host|switchport mode|switchport nonegotiate|switchport port-security
switchport port-security aging time|switchport port-security mac-address|switchport port-security mac-address sticky
switchport port-security maximum|switchport port-security violation|switchport trunk encapsulation|switchport trunk native vlan
switchport voice vlan|system default switchport|system jumbomtu|tacacs-server directed-request|tacacs-server host|tacacs-server key
radius-server host|radius-server key|telnet timeout|timers basic|timers bgp|timers spf|timeout conn|timeout xlate|transport input|transport output
transport preferred|tunnel destination|tunnel mode|tunnel protection ipsec profile|tunnel source|udld enable|udld port|version|vlan internal
vlan dot1q|vn-segment|vpc|vpc peer-link|vrf forwarding|vrf member|vtp domain|vtp mode|vtp version|vxlan source-interface|vxlan udp-port
"""
_TEXTS = "description|name|snmp-server contact|snmp-server location|ip access-list logging|alias exec|alias configure|prompt|comment|label|title"
_MEMBERS = "switchport trunk allowed vlan|switchport trunk pruning vlan"
_TOP_SECTIONS = """
aaa group server radius|aaa group server tacacs+|aaa group server ldap|archive|bridge-domain|class-map|class-map type inspect|control-plane
crypto ikev1 policy|crypto ikev2 keyring|crypto ikev2 policy|crypto ikev2 profile|crypto ikev2 proposal|crypto ipsec ikev2 ipsec-proposal
crypto ipsec profile|crypto ipsec transform-set|crypto isakmp policy|crypto isakmp profile|crypto keyring|crypto ca certificate chain
crypto ca trustpoint|crypto pki certificate chain|crypto pki trustpoint|event manager applet|fabricpath domain|flow exporter|flow monitor
flow record|group-policy|hardware profile|interface|ip access-list|ip access-list extended|ip access-list standard|ip dhcp pool|ip sla
ip vrf|ipv6 access-list|key chain|l2vpn|line|mac access-list|mac access-list extended|management|mlag configuration|object network
object service|object-group|object-group ip address|object-group ip port|object-group network|object-group service|policy-map|pseudowire-class
radius server|role name|route-map|router|router bgp|router eigrp|router isis|router ospf|router ospfv3|router rip|tacacs server|template|track
tunnel-group|vlan|vlan configuration|vpc domain|vrf context|vrf definition|vrf instance|zone|zone security|zone-pair security
"""
_SECTIONS = "address-family|class|class type inspect|evpn|template peer|template peer-policy|template peer-session|vni"
_NAMED = """
action 1|area 1|crypto map 2|glbp 1|hsrp 1|neighbor 1|spanning-tree mst 1|spanning-tree vlan 1|standby 1|switch 1|username 1|vrrp 1|member vni 1
"""
_RULES = """
access-list 1|ip as-path access-list 1|ip community-list 2|ip extcommunity-list 2|ip prefix-list 1|ipv6 prefix-list 1
"""
_ROUTES = "ip route 0|ipv6 route 0|route 1"


def _commands(kind: Kind, table: str) -> list[Command]:
    return [Command(tuple(words.split()), kind) for words in table.replace("\n", "|").split("|") if words]


def _with_names(kind: Kind, table: str) -> list[Command]:
    return [Command(command.words[:-1], kind, int(command.words[-1])) for command in _commands(kind, table)]


def _by_first_word(commands: Sequence[Command]) -> Mapping[str, tuple[Command, ...]]:
    """The commands that begin with a word, those of most words first."""
    longest_first = sorted(commands, key=lambda command: -len(command.words))
    return {first: tuple(one for one in longest_first if one.words[0] == first) for first in {one.words[0] for one in commands}}


COMMANDS = _by_first_word(
    [
        *_commands(Kind.VALUE, _VALUES),
        *_commands(Kind.TEXT, _TEXTS),
        *_commands(Kind.MEMBERS, _MEMBERS),
        *_commands(Kind.TOP_SECTION, _TOP_SECTIONS),
        *_commands(Kind.SECTION, _SECTIONS),
        *_with_names(Kind.NAMED, _NAMED),
        *_with_names(Kind.RULES, _RULES),
        *_with_names(Kind.ROUTE, _ROUTES),
    ]
)

DIRECTED = frozenset(
    ("access-class", "distribute-list", "filter-list", "ip access-group", "ipv6 traffic-filter", "prefix-list", "route-map", "match-address")
)
"""Commands of which there is one for each direction; ``in`` and ``out``, their last word, belong to the key."""

NAMED_BY_WORDS = frozenset(("neighbor", "username"))
"""Other names end in a number (``standby 10 priority 110``); without one the words mean something else (``standby version 2``)."""

USER_OPTIONS = frozenset(
    ("privilege", "role", "secret", "password", "nopassword", "view", "sshkey", "ssh-key", "autocommand", "common-criteria-policy")
)
"""What may follow ``username NAME``."""
