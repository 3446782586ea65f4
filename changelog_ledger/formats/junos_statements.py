"""What the statements of Junos are made of, as far as it is needed to read a ``set`` command: its words do not say where a name or a value is.

Junos OS CLI reference, configuration statements. What is not in these tables is a key with a value, in either style of writing.
"""

from __future__ import annotations

_CONTAINERS = """
access aggregated-devices aggregated-ether-options alarm archival archive applications authentication auto-snapshot bgp bfd bfd-liveness-detection
bridge-domains chassis class-of-service classifiers commit configuration ddos-protection dhcp dhcp-local-server dhcpv6 dot1x drop-profiles dscp
ether-options ethernet ethernet-switching-options event-options evpn extended-vlan-list firewall flow forwarding-classes forwarding-options
forwarding-table from gigether-options graceful-restart graceful-switchover host-inbound-traffic http https idp igmp igmp-snooping ike input
internet-options ipsec isis l2-learning l2vpn l3vpn lacp ldp license lldp lldp-med login loss-priority management match mpls mstp multicast
multipath nat netconf nonstop-routing ntp options ospf ospf3 outbound-ssh output outbound pim policy-options policies ports power
protocols radius-options redundancy rest rewrite-rules root-authentication route-distinguisher-id router-advertisement routing-options rpm rstp rsvp
sampling scheduler-maps schedulers screen security services sflow snmp source-quench ssh static stp switch-options syslog system tcp-mss
telnet then traceoptions traffic-engineering transport unicast utm virtual-chassis vlan vpls vrrp vstp v3 web-management xnm-ssl zones
storm-control-profiles protocol-translation proxy-arp permit tunnel aggregate generate ssl-tls finger ftp label-switched-path-template
"""
CONTAINERS = frozenset(_CONTAINERS.split())
"""Statements that hold statements. One without any stands for itself (``ssh;``)."""

NAMED = frozenset(
    """
    interfaces vlans routing-instances logical-systems groups unit family area interface neighbor group policy-statement term filter prefix-list
    prefix-action user host radius-server tacplus-server security-zone functional-zone rule-set rule pool proposal gateway vpn ids-option route rib
    trap-group client-list view policer three-color-policer vrrp-group member fpc pic redundancy-group instance address-set application
    application-set label-switched-path scheduler scheduler-map as-path-group condition route-filter-list vlan-group file class community policy
    address-book event-script probe test collector interface-range profile from-zone usm vacm
    """.split()
)
"""Statements that are followed by a name, if they stand where :data:`ONLY_BELOW` says."""

ONLY_BELOW = {
    "address-book": ("security",),
    "application": ("applications",),
    "class": ("login",),
    "community": ("snmp", "policy-options"),
    "file": ("syslog",),
    "group": ("bgp", "dhcp-local-server", "dhcpv6", "forwarding-options", "ospf", "isis"),
    "host": ("syslog",),
    "member": ("virtual-chassis",),
    "neighbor": ("bgp", "group", "ldp", "ospf"),
    "policy": ("from-zone", "global", "ike", "ipsec", "event-options", "utm"),
    "prefix-list": ("policy-options",),
    "application-set": ("applications",),
    "address-set": ("address-book", "security-zone"),
    "scheduler-map": ("scheduler-maps",),
    "profile": ("access",),
    "interface-range": (),
}
"""Names of which others are meant elsewhere (``user anna { class super-user; }``)."""

VALUES_ONLY = frozenset(("from", "then", "match"))
"""What stands below these is a key and its value, whatever it is called (``then community add CUSTOMER``)."""

BARE = {"prefix-list": "prefix", "address": "prefix", "vlan-group": "member"}
"""Sections that hold bare prefixes, and the key under which these are kept."""

VALUE_OR_SECTION = frozenset(("address",))
"""A value where nothing follows, else the name of a section (``address 10.0.0.2/24 { vrrp-group 1 { … } }``)."""

IN_THEIR_ORDER = ("import", "export", "name-server", "authentication-order", "apply-groups", "proposals", "input-list", "output-list")
"""Lists of values that are tried in turn."""

NAMED_IN_THEIR_ORDER = ("term", "policy", "rule", "radius-server", "tacplus-server")
"""Sections of which the first that matches wins, or that are tried in turn."""
