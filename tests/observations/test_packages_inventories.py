"""What is installed, in every manager's own format, and what the difference of two inventories tells."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.packages import InstalledPackage, Inventory, InventoryPiece, RawInventory
from changelog_ledger.observations.packages.installed import inventory_of
from changelog_ledger.observations.packages.inventories import carried_on, compared, observed, untold
from changelog_ledger.observations.packages.version_order import is_newer

from .log_lines import at

DPKG = """\
Package: openssl
Status: install ok installed
Priority: optional
Architecture: amd64
Version: 3.0.16-1~deb12u1
Description: Secure Sockets Layer toolkit
 Version: 9 is no field, for it is indented
Conffiles:
 /etc/ssl/openssl.cnf 1a2b

Package: nano
Status: deinstall ok config-files
Architecture: amd64
Version: 7.2-1

Package: libc6
Status: hold ok half-configured
Architecture: i386
Version: 2.36-9
"""
APK = "C:Q1abc=\nP:musl\nV:1.2.5-r10\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\nP:busybox\nV:1.37.0-r12\nA:x86_64\n"
PACMAN = "%NAME%\nopenssl\n\n%VERSION%\n3.5.0-1\n\n%ARCH%\nx86_64\n\n%DEPENDS%\nglibc\n"
PYTHON = "Metadata-Version: 2.1\nName: Ruamel.YAML_clib\nVersion: 0.2.12\n\nName: not this one\n"
RPM = "openssl-libs\t1:3.0.7-27.el9\tx86_64\nbash\t0:5.1.8-9.el9\tx86_64\ngpg-pubkey\t0:8483c65d-5ccc5b19\t(none)\n"


@pytest.mark.parametrize(
    ("manager", "piece", "packages"),
    [
        (
            "dpkg",
            InventoryPiece("status", DPKG),
            [InstalledPackage("libc6", "2.36-9", "i386"), InstalledPackage("openssl", "3.0.16-1~deb12u1", "amd64")],
        ),
        (
            "apk",
            InventoryPiece("installed", APK),
            [InstalledPackage("busybox", "1.37.0-r12", "x86_64"), InstalledPackage("musl", "1.2.5-r10", "x86_64")],
        ),
        ("pacman", InventoryPiece("openssl-3.5.0-1", PACMAN), [InstalledPackage("openssl", "3.5.0-1", "x86_64")]),
        ("pip", InventoryPiece("x.dist-info", PYTHON, "/usr/lib/p"), [InstalledPackage("ruamel-yaml-clib", "0.2.12", "", "/usr/lib/p")]),
        (
            "npm",
            InventoryPiece("@a/b", json.dumps({"name": "@a/b", "version": "1.0.0-rc.1"}), "/l"),
            [InstalledPackage("@a/b", "1.0.0-rc.1", "", "/l")],
        ),
        ("snap", InventoryPiece("core22_1981.snap", ""), [InstalledPackage("core22", "1981")]),
        (
            "flatpak",
            InventoryPiece("app/org.gimp.GIMP/x86_64/stable", "0123456789abcdef"),
            [InstalledPackage("org.gimp.GIMP//stable", "0123456789ab", "x86_64")],
        ),
        (
            "rpm",
            InventoryPiece("rpm", RPM),
            [InstalledPackage("bash", "5.1.8-9.el9", "x86_64"), InstalledPackage("openssl-libs", "1:3.0.7-27.el9", "x86_64")],
        ),
    ],
)
def test_what_is_installed(manager, piece, packages):
    assert inventory_of(RawInventory(manager, (piece,))) == Inventory(manager, tuple(packages))


MANAGERS = st.sampled_from(["dpkg", "apk", "pacman", "pip", "npm", "snap", "flatpak", "rpm"])


@given(MANAGERS, st.text(max_size=40), st.one_of(st.text(max_size=200), st.sampled_from([DPKG, APK, "[" * 5000, "null", '{"name": 3}'])))
def test_bad_input_is_no_package_and_no_error(manager, name, text):
    for package in inventory_of(RawInventory(manager, (InventoryPiece(name, text),))).packages:
        assert package.name
        assert package.version


# ---- the difference


def inventory(*packages: str, manager: str = "pip", whole: bool = True) -> Inventory:
    return Inventory(manager, tuple(sorted(InstalledPackage(*package.split(" ")) for package in packages)), whole)


def test_the_difference_of_two_inventories():
    changes = compared(inventory("a 1.0", "b 2.0", "c 1", "d 3"), inventory("a 1.1", "b 1.9", "d 3", "e 1"))
    assert changes == (
        PackageChange("a", PackageAction.UPGRADED, "1.0", "1.1"),
        PackageChange("b", PackageAction.DOWNGRADED, "2.0", "1.9"),
        PackageChange("c", PackageAction.REMOVED, "1", ""),
        PackageChange("e", PackageAction.INSTALLED, "", "1"),
    )


def test_kernels_side_by_side():
    before = inventory("kernel 5.1 x86_64", "kernel 5.2 x86_64", manager="rpm")
    assert compared(before, inventory("kernel 5.2 x86_64", "kernel 5.3 x86_64", manager="rpm"))[0].after == "5.3"
    (added,) = compared(before, inventory("kernel 5.1 x86_64", "kernel 5.2 x86_64", "kernel 5.3 x86_64", manager="rpm"))
    assert added.action is PackageAction.INSTALLED


def test_what_could_not_be_read_was_neither_removed_nor_installed():
    part = inventory("a 2", whole=False)
    assert [each.name for each in compared(inventory("a 1", "b 1"), part)] == ["a"]
    assert [each.name for each in compared(part, inventory("a 3", "b 1"))] == ["a"]
    kept = carried_on(inventory("a 1", "b 1"), part)
    assert kept == inventory("a 2", "b 1")


def test_what_a_log_told_is_not_told_again():
    changes = compared(inventory("a 1", "b 1", "c 1", "d 1"), inventory("a 2", "b 3", "d 1", "e 1"))
    told = [
        PackageChange("a", PackageAction.UPGRADED, "1", "2"),
        PackageChange("b", PackageAction.UPGRADED, "1", "2"),  # but 3 is there: something else put it there
        PackageChange("c", PackageAction.PURGED, "1", ""),
    ]
    assert [each.name for each in untold(changes, told)] == ["b", "e"]


def test_the_observation_says_that_its_time_is_a_range():
    change = PackageChange("requests", PackageAction.UPGRADED, "2.31.0", "2.32.0")
    seen = observed("pip", (change,), "web-01", at("2025-06-02T00:00:00+00:00"), at("2025-06-03T00:00:00+00:00"))
    assert seen.what == "package-upgraded"
    assert seen.summary == "requests 2.31.0 → 2.32.0 upgraded (pip; some time between two inventories)"
    assert (seen.not_before, seen.at) == (at("2025-06-02T00:00:00+00:00"), at("2025-06-03T00:00:00+00:00"))
    assert seen.data["found_by"] == "inventory"
    later = observed("pip", (change,), "web-01", seen.not_before, seen.at + timedelta(hours=1))
    assert later.ref == seen.ref  # a crash before the inventory was kept gives no second observation


names = st.sampled_from("abcd")
inventories = st.builds(
    lambda packages: Inventory("pip", tuple(sorted({InstalledPackage(name, version) for name, version in packages}))),
    st.lists(st.tuples(names, st.sampled_from(["1", "2", "3"])), max_size=8),
)


@given(inventories)
def test_law_nothing_changed_between_equal_inventories(one):
    assert compared(one, one) == ()


@given(inventories, inventories)
def test_law_every_difference_is_told_and_a_told_one_is_not(before, after):
    changes = compared(before, after)
    came = {(each.name, each.after) for each in changes if each.after}
    went = {(each.name, each.before) for each in changes if each.before}
    assert came == {(each.name, each.version) for each in after.packages if each not in before.packages}
    assert went == {(each.name, each.version) for each in before.packages if each not in after.packages}
    if len({each.name for each in changes}) == len(changes):
        assert untold(changes, changes) == ()


# ---- versions


@pytest.mark.parametrize(
    ("older", "newer", "manager"),
    [
        ("1.0~rc1-1", "1.0-1", "dpkg"),
        ("1.9", "1.10", "dpkg"),
        ("9:1.0", "10:0.1", "dpkg"),
        ("1:0.9", "2:0.1", "rpm"),
        ("2.0", "1:0.1", "dpkg"),
        ("1.0-1", "1.0-1+deb12u1", "dpkg"),
        ("1.0", "1.0^git1", "rpm"),
        ("1.0^git1", "1.0.1", "rpm"),
        ("1.0rc1", "1.0", "pip"),
        ("1.0.dev3", "1.0a1", "pip"),
        ("1.0", "1.0.post1", "pip"),
        ("1.0.0-beta.2", "1.0.0", "npm"),
        ("1.2_alpha", "1.2", "apk"),
        ("1.2.3-r9", "1.2.3-r10", "apk"),
        ("99", "100", "snap"),
        ("1" * 5000, "2" * 5000, "dpkg"),
    ],
)
def test_which_version_is_newer(older, newer, manager):
    assert is_newer(newer, older, manager)
    assert not is_newer(older, newer, manager)
    assert not is_newer(newer, newer, manager)


@given(st.text(alphabet="0129.-+~^:abz_é", max_size=12), st.text(alphabet="0129.-+~^:abz_é", max_size=12), MANAGERS)
def test_law_of_two_versions_at_most_one_is_newer(one, other, manager):
    assert not (is_newer(one, other, manager) and is_newer(other, one, manager))
