"""Configurations of network devices: their trees, how they are told from other files, and what they are not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from changelog_ledger.diff import differences
from changelog_ledger.formats import detect, parse
from changelog_ledger.formats.network_devices import device_format
from changelog_ledger.model.document import Document, FileVersion, Node
from tests.formats.cases import all_cases

DEVICES = ("asa", "eos", "fortios", "ios", "junos", "nxos", "routeros", "vyos")


def document(text: str, name: str) -> Document:
    parsed = parse("device", text.encode(), name)
    assert parsed is not None
    return parsed


def tree(text: str, name: str) -> Node:
    parsed = document(text, name)
    assert parsed.format == name, parsed.reason
    return parsed.root


# --- Cisco and Arista ---------------------------------------------------------------------------------------------------------------------


def test_commands_become_keys_and_names_become_names() -> None:
    text = """version 15.2
hostname sw
interface Vlan10
 description  two  spaces stay
 ip address 10.0.10.2 255.255.255.0
 ip address 10.0.11.2 255.255.255.0 secondary
 no ip redirects
 switchport trunk allowed vlan 10,20
 switchport trunk allowed vlan add 30
router bgp 65000
 neighbor 10.0.0.2 remote-as 65001
 address-family ipv4
  neighbor 10.0.0.2 route-map IN in
  no neighbor 10.0.0.3 activate
ip route vrf A 10.0.0.0 255.0.0.0 10.1.1.1
route-map IN permit 10
"""
    assert tree(text, "ios") == {
        "version": "15.2",
        "hostname": "sw",
        "interface": [
            {
                "(name)": "Vlan10",
                "description": "two  spaces stay",
                "ip address": "10.0.10.2 255.255.255.0",
                "ip address secondary": "10.0.11.2 255.255.255.0",
                "ip redirects": "no ip redirects",
                "switchport trunk allowed vlan": ["10", "20", "30"],
            }
        ],
        "router bgp": [
            {
                "(name)": "65000",
                "neighbor": [{"(name)": "10.0.0.2", "remote-as": "65001"}],
                "address-family": [
                    {
                        "(name)": "ipv4",
                        "neighbor": [
                            {"(name)": "10.0.0.2", "route-map in": "IN"},
                            {"(name)": "10.0.0.3", "activate": "no neighbor 10.0.0.3 activate"},
                        ],
                    }
                ],
            }
        ],
        "ip route": [{"(name)": "vrf A 10.0.0.0 255.0.0.0", "next-hop": "10.1.1.1"}],
        "route-map": [{"(name)": "IN 10", "action": "permit"}],
    }


def test_the_same_neighbor_has_the_same_keys_in_ios_and_nxos() -> None:
    ios = "router bgp 65000\n neighbor 10.0.0.2 remote-as 65001\n neighbor 10.0.0.2 description core\n"
    nxos = "router bgp 65000\n  neighbor 10.0.0.2\n    remote-as 65001\n    description core\n"
    assert tree(ios, "ios") == tree(nxos, "nxos")


def test_banners_and_certificates_are_one_text() -> None:
    chain = "crypto pki certificate chain A\n certificate self-signed 01\n  30820229 A0030201\n  0D010105\n  \tquit\nhostname x\n"
    banner = "banner motd ^C\nFirst.\n\n! third\n^C\n"
    assert tree(chain + banner, "ios") == {
        "crypto pki certificate chain": [{"(name)": "A", "certificate self-signed 01": "30820229 A0030201\n0D010105"}],
        "hostname": "x",
        "banner motd": "First.\n\n! third",
    }
    assert tree("banner login #no entry#\nhostname x\n", "nxos") == {"banner login": "no entry", "hostname": "x"}
    assert tree("banner motd\nFirst.\nhostname no\nEOF\nhostname x\n", "eos") == {"banner motd": "First.\nhostname no", "hostname": "x"}
    assert tree("banner motd First.\nbanner motd Second.\n", "asa") == {"banner motd": ["First.", "Second."]}
    startup = "crypto pki certificate chain A\n certificate self-signed 01 nvram:A.cer\nhostname x\n"
    assert tree(startup, "ios") == {
        "crypto pki certificate chain": [{"(name)": "A", "certificate self-signed": "01 nvram:A.cer"}],
        "hostname": "x",
    }


def test_rules_with_a_number_are_known_by_it_and_others_by_their_place() -> None:
    numbered = "ip access-list MGMT\n 10 permit ip any any\n 20 deny ip any any\n"
    assert tree(numbered, "nxos") == {"ip access-list": [{"(name)": "MGMT", "10": "permit ip any any", "20": "deny ip any any"}]}
    plain = "access-list 10 permit 10.0.0.1\naccess-list 10 deny any\n"
    assert tree(plain, "ios") == {"access-list": [{"(name)": "10", "entry": ["permit 10.0.0.1", "deny any"]}]}
    listed = "ip prefix-list A seq 5 permit 0.0.0.0/0\n"
    section = "ip prefix-list A\n   seq 5 permit 0.0.0.0/0\n"
    assert tree(listed, "eos") == tree(section, "eos") == {"ip prefix-list": [{"(name)": "A", "seq 5": "permit 0.0.0.0/0"}]}


def test_a_key_that_has_values_and_sections_loses_neither() -> None:
    assert tree("foo bar\nfoo baz\n one\n", "ios") == {"foo": [{"(name)": "baz", "one": "one"}, {"(name)": "bar"}]}


# --- Junos --------------------------------------------------------------------------------------------------------------------------------

BRACES = """## Last commit: 2024-03-04 09:12:44 CET by anna
version 20.4R3.8;
system { host-name edge1; services { ssh; netconf { ssh; } } }
interfaces {
    ge-0/0/0 {
        description "uplink; to {core}";
        unit 0 { family inet { address 192.0.2.2/30; } }
    }
    inactive: ge-0/0/1 { mtu 9192; }
}
policy-options {
    policy-statement IN {
        term all {
            from { protocol [ bgp static ]; }
            then { community add A; accept; }
        }
    }
}
"""
COMMANDS = """set version 20.4R3.8
set system host-name edge1
set system services ssh
set system services netconf ssh
set interfaces ge-0/0/0 description "uplink; to {core}"
set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.2/30
set interfaces ge-0/0/1 mtu 9192
deactivate interfaces ge-0/0/1
set policy-options policy-statement IN term all from protocol bgp
set policy-options policy-statement IN term all from protocol static
set policy-options policy-statement IN term all then community add A
set policy-options policy-statement IN term all then accept
"""


def test_both_styles_of_junos_are_one_tree() -> None:
    assert tree(BRACES, "junos") == tree(COMMANDS, "junos")
    assert tree(COMMANDS, "junos") == {
        "version": "20.4R3.8",
        "system": {"host-name": "edge1", "services": {"ssh": {}, "netconf": {"ssh": {}}}},
        "interfaces": [
            {
                "(name)": "ge-0/0/0",
                "description": '"uplink; to {core}"',
                "unit": [{"(name)": "0", "family": [{"(name)": "inet", "address": "192.0.2.2/30"}]}],
            },
            {"(name)": "ge-0/0/1", "mtu": "9192", "inactive": "inactive"},
        ],
        "policy-options": {
            "policy-statement": [
                {
                    "(name)": "IN",
                    "term": [{"(name)": "all", "from": {"protocol": ["bgp", "static"]}, "then": {"community": "add A", "action": "accept"}}],
                }
            ]
        },
    }


def test_a_device_that_changed_its_style_shows_what_else_changed() -> None:
    after = COMMANDS.replace("192.0.2.2/30", "192.0.2.6/30")
    found = differences("rancid/edge1", version(BRACES), version(after))
    keyed = [(delta.key, delta.before, delta.after) for delta in found if delta.key]
    assert keyed == [('interfaces[ge-0/0/0]/unit["0"]/family[inet]/address', "192.0.2.2/30", "192.0.2.6/30")]


def version(text: str) -> FileVersion:
    return FileVersion(text.encode(), parse("rancid/edge1", text.encode()))


# --- VyOS, FortiOS, RouterOS --------------------------------------------------------------------------------------------------------------


def test_both_styles_of_vyos_are_one_tree() -> None:
    braces = 'interfaces {\n    ethernet eth0 {\n        address 10.0.0.1/24\n        description "to core"\n        disable\n    }\n}\n// end\n'
    commands = "set interfaces ethernet eth0 address '10.0.0.1/24'\nset interfaces ethernet eth0 description 'to core'\n"
    commands += "set interfaces ethernet eth0 disable\n"
    expected = {"interfaces": {"ethernet": [{"(name)": "eth0", "address": "10.0.0.1/24", "description": "to core", "disable": {}}]}}
    assert tree(braces, "vyos") == tree(commands, "vyos") == expected


def test_fortios_tables_are_lists_and_objects_are_dicts() -> None:
    text = """config system global
    set hostname "fw"
end
config firewall policy
    edit 7
        set srcaddr "a" "b c"
        set comments "one
two"
        unset status
    next
end
"""
    assert tree(text, "fortios") == {
        "system global": {"hostname": "fw"},
        "firewall policy": [{"(name)": "7", "srcaddr": ["a", '"b c"'], "comments": '"one\ntwo"', "status": "unset status"}],
    }


def test_routeros_items_are_called_by_what_they_say() -> None:
    text = r"""/interface ethernet
set [ find default-name=ether1 ] name=WAN
/ip address
add address=10.0.0.1/24 comment="a \"b\"" interface=\
    WAN
/system identity
set name=gw
"""
    found = document(text, "routeros")
    assert found.root == {
        "system identity": {"name": "gw"},
        "interface ethernet": [{"(known as)": "ether1", "set": "[ find default-name=ether1 ]", "name": "WAN"}],
        "ip address": [{"(known as)": "10.0.0.1/24", "address": "10.0.0.1/24", "comment": r"a \"b\"", "interface": "WAN"}],
    }
    assert found.lines[("ip address", 0, "interface")] == 5


# --- what is none of these ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("ios", "banner motd ^C\nnever ended\n", "a banner that is never ended (line 1)"),
        ("ios", "crypto pki certificate chain A\n certificate 01\n  3082\n", "a certificate that is never ended (line 2)"),
        ("eos", "banner motd\nnever ended\n", "a banner that is never ended (line 1)"),
        ("ios", "\n".join(" " * depth + "a" for depth in range(200)), "nested deeper than 100 (line 101)"),
        ("junos", "system {\n host-name a;\n", "a block or statement that is never ended"),
        ("junos", "system { host-name a }\n", "a statement without its semicolon (line 1)"),
        ("junos", "system { host-name a; } }\n", "} too many (line 1)"),
        ("junos", "import [ a b ;\n", "a list that is never closed, or belongs to nothing (line 1)"),
        ("junos", 'description "a;\n', "a quote or comment that is never closed (line 1)"),
        ("junos", "set system host-name a\nrequest system reboot\n", "neither set nor deactivate (line 2)"),
        ("junos", "a {\n" * 100_000, "nested deeper than 40 (line 41)"),
        ("vyos", "system {\n", "a block that is never closed (line 1)"),
        ("vyos", "}\n", "a closing brace too many (line 1)"),
        ("vyos", "set a 'b\n", "a quote that is never closed (line 1)"),
        ("fortios", "config a\nedit 1\nset b c\n", "a block that is never ended (line 2)"),
        ("fortios", "config a\nfoo\n", "not a command of FortiOS, or one out of place (line 2)"),
        ("fortios", 'config a\nset b "c\n', "a quote that is never closed (line 2)"),
        ("routeros", "add a=b\n", "not a command of an export (line 1)"),
        ("routeros", '/a\nadd a="b\n', "a quote or bracket that is never closed (line 2)"),
    ],
)
def test_what_cannot_be_read_is_read_by_lines(name: str, text: str, why: str) -> None:
    found = document(text, name)
    assert (found.format, found.reason) == ("lines", f"read by lines: {why}")


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000,
        '"' * 99_999,
        "a " * 100_000,
        "a [" + " b" * 100_000,
        "/*\n" * 50_000,
        "banner motd ^C\n" * 10_000,
        "config a\nedit b\n" * 10_000,
        "/a\nadd a=b\\\n" * 20_000,
        "/a\nadd (" + '"' * 50_000,
        "\\\n" * 50_000,
        "set a " + "'" * 50_001,
        "(name) x\n (name) y\n",
        "\ud800",
    ],
    ids=range(13),
)
def test_hostile_input_takes_no_time(name: str, text: str) -> None:
    started = time.process_time()
    parse("device", text.encode("utf-8", "surrogatepass"), name)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("case", [case for case in all_cases() if case.format in DEVICES], ids=lambda case: f"{case.format}-{case.folder.name}")
def test_a_device_is_known_by_its_content(case: object) -> None:
    data = case.before  # type: ignore[attr-defined]
    assert detect("oxidized/some-device", data) == case.format  # type: ignore[attr-defined]
    cut = data[: len(data) // 3]
    parse("oxidized/some-device", cut)


def test_no_other_file_is_taken_for_a_device() -> None:
    for case in all_cases():
        if case.format not in DEVICES:
            for data in (case.before, case.after):
                assert device_format(data.decode("utf-8", "replace")) is None, case.folder
    for page in Path(__file__).parents[2].rglob("*.md"):
        assert device_format(page.read_text(errors="replace")) is None, page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "! a comment\n",
        "hostname sw-01\n",
        "version 15.2\n",
        "system {\n}\n",
        "# by RouterOS\n",
        "An example:\n\nversion 15.2\nhostname sw-01\n",
        "An example:\n\nconfig system global\nend\n",
        "!! IOS XR Configuration 6.5.3\nhostname xr\nversion 15.2\n",
    ],
)
def test_one_sign_alone_is_not_enough(text: str) -> None:
    assert device_format(text) is None


def test_two_configurations_of_ten_thousand_lines_are_compared_within_a_second() -> None:
    before = switch(10)
    after = before.replace("description port 77\n", "description moved\n").replace("permit tcp any host 10.1.9.1 ", "permit tcp any host 10.1.9.2 ")
    assert before.count("\n") > 10_000
    started = time.process_time()
    found = differences("oxidized/sw", version(before), version(after))
    assert time.process_time() - started < 1.5  # three times what it takes, for a machine that is busy
    assert [delta.key for delta in found] == ["interface[GigabitEthernet1/0/29]/description", "ip access-list extended[BIG]/entry[265]"]


def switch(vlans: int) -> str:
    lines = ["version 15.2", "hostname sw"]
    for port in range(1_200):
        lines += [
            f"interface GigabitEthernet{port // 48}/0/{port % 48}",
            f" description port {port}",
            f" switchport access vlan {10 + port % vlans}",
            " switchport mode access",
            " switchport trunk allowed vlan 1,2,3,10-20",
            " spanning-tree portfast",
            "!",
        ]
    lines.append("ip access-list extended BIG")
    lines += [f" permit tcp any host 10.{rule // 256}.{rule % 256}.1 eq 443" for rule in range(1_700)]
    return "\n".join(lines) + "\n"
