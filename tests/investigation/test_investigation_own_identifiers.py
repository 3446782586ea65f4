"""What counts as a host's own, and what stands near it and does not."""

from __future__ import annotations

import pytest

from changelog_ledger.investigation.folding import Folding
from changelog_ledger.investigation.own_identifiers import ADDRESS, NAME, Identifier, identifiers
from changelog_ledger.model.evidence import Delta, Op

NETPLAN = """\
network:
  ethernets:
    eth0:
      addresses:
      # - 10.0.0.4/24
      - 10.0.0.5/24

      - "10.0.0.6/24":
          label: "maas"
      routes:
      - to: 10.1.0.0/16
        via: 10.0.0.1
    eth1: {dhcp4: no, addresses: [10.0.1.5/24, "fd00::5/64"]}  # addresses: [10.0.0.3/24]
    eth2:
      addresses: # two
        - 10.0.2.5/24
        - 10.0.2.6/24
      nameservers:
        addresses: [10.0.0.2]
  tunnels:
    wg0:
      peers:
      - endpoint: 1.2.3.4:5
        allowed-ips: [10.9.0.0/24, 10.9.1.0/24]
      - allowed-ips:
        - 10.9.2.0/24
      - {allowed-ips: [10.9.3.1/32]}
      addresses: [
        10.0.3.5/24,
      ]
"""
NETWORKD = """\
[Match]
Name=eth0
[Network]
Address=10.0.0.5/24
Gateway=10.0.0.1
[Neighbor]
Address=10.0.0.7
LinkLayerAddress=52:54:00:00:00:01
[Address]
Label=x
Address=10.0.0.6/24
[DHCPServerStaticLease]
Address=10.0.0.8
"""


def addresses(path: str, text: str) -> list[str]:
    return [each.text for each in identifiers("web-01", {}, {path: text}) if each.kind == ADDRESS]


def test_netplan_addresses_are_an_interfaces_own() -> None:
    own = ["10.0.0.5", "10.0.0.6", "10.0.1.5", "fd00::5", "10.0.2.5", "10.0.2.6", "10.0.3.5"]
    assert addresses("/etc/netplan/01.yaml", NETPLAN) == own
    assert addresses("/etc/netplan/01.yaml", NETPLAN.replace("\n", "\r\n")) == own


def test_networkd_addresses_are_not_a_neighbours() -> None:
    assert addresses("/etc/systemd/network/a.network", NETWORKD) == ["10.0.0.5", "10.0.0.6"]


@pytest.mark.parametrize(("value", "own"), [("7", False), ("20480", False), ("x1", False), ("abc", False), ("SN-7", True), ("CZ12345", True)])
def test_attributes_that_could_be_anything_are_not_its_own(value: str, own: bool) -> None:
    assert (value in {each.text for each in identifiers("web-01", {"serial": value}, {})}) == own


def test_letters_that_only_case_folding_makes_equal_are_other_letters() -> None:
    fold = Folding([Identifier("web-is1", NAME, NAME)], [Identifier("web-is2", NAME, NAME)])
    assert fold.kinds_of(Delta("/etc/a.ini", "k", Op.CHANGED, "web-i\u017f1", "web-is2")) == ()
    assert fold.kinds_of(Delta("/etc/a.ini", "k", Op.CHANGED, "WEB-IS1", "web-is2")) == (NAME,)
