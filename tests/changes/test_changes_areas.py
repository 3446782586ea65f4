"""Which area a path belongs to."""

import pytest

from changelog_ledger.changes.areas import AREAS, SYNONYMS, area_called, area_of


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/etc/nftables.conf", "firewall"),
        ("/etc/sysconfig/iptables", "firewall"),
        ("/etc/pf.conf", "firewall"),
        ("/etc/firewalld/zones/public.xml", "firewall"),
        ("/etc/bind/db.example", "dns"),
        ("/var/named/example.zone", "dns"),
        ("/etc/ssl/private/shop.key", "certificate"),
        ("/etc/haproxy/certs/shop.pem", "certificate"),
        ("/etc/pki/tls/certs/shop.crt", "certificate"),
        ("/etc/zabbix/zabbix_agentd.conf", "monitoring"),
        ("/etc/borgmatic/config.yaml", "backups"),
        ("/etc/sudoers.d/alex", "users"),
        ("/home/alex/.ssh/authorized_keys", "users"),
        ("/etc/netplan/01-lan.yaml", "addresses"),
        ("/etc/sysconfig/network-scripts/ifcfg-eth0", "addresses"),
        ("/etc/hostname.em0", "addresses"),
        ("/etc/hosts", "addresses"),
        ("/etc/hosts.allow", "firewall"),
        ("/etc/nginx/nginx.conf", None),
        ("/etc/pf.config", None),
        ("/srv/etc/pf.conf", None),
    ],
)
def test_a_path_belongs_to_the_area_of_its_place(path: str, area: str | None) -> None:
    assert area_of(path) == area


def test_an_area_is_known_by_its_name_and_by_other_words() -> None:
    assert area_called(" Firewall ") == "firewall"
    assert area_called("TLS") == "certificate"
    assert area_called("servers") is None


def test_every_other_word_leads_to_an_area() -> None:
    assert set(SYNONYMS.values()) <= set(AREAS)
    assert not set(SYNONYMS) & set(AREAS)
