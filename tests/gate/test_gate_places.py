"""Whose configuration a path is. The table of :mod:`changelog_ledger.gate.places`, and what follows from it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.gate.places import place_of
from changelog_ledger.model import globs
from changelog_ledger.model.gate import Configuration, GatePolicy, Place
from changelog_ledger.model.topology import EVERYTHING, Target

HOST, SERVICE = Target.host, Target.service


def placed(path: str, pattern: str, on: Target | None = None, root: str = "/") -> Place | None:
    return place_of(GatePolicy((Configuration(pattern, on, root),)), path)


@pytest.mark.parametrize(
    ("pattern", "path", "place"),
    [
        ("hosts/{host}/**", "hosts/w1/etc/fstab", Place((HOST("w1"),), "etc/fstab", "/etc/fstab")),
        ("hosts/{host}/**", "hosts/w1", Place((HOST("w1"),), "w1")),
        ("hosts/{host}/", "hosts/w1/etc/fstab", Place((HOST("w1"),), "etc/fstab", "/etc/fstab")),
        ("hosts/{host}/etc", "hosts/w1/etc/ssh/sshd_config", Place((HOST("w1"),), "etc/ssh/sshd_config", "/etc/ssh/sshd_config")),
        ("hosts/{host}/etc", "hosts/w1/var/x", None),
        ("{host}.yaml", "w1.example.org.yaml", Place((HOST("w1.example.org"),), "w1.example.org.yaml")),
        ("services/{service}/*.yaml", "services/shop/a.yaml", Place((SERVICE("shop"),), "a.yaml")),
        ("services/{service}/*.yaml", "services/shop/b/a.yaml", None),
        ("{service}/{host}/**", "shop/w1/etc/fstab", Place((SERVICE("shop"), HOST("w1")), "etc/fstab", "/etc/fstab")),
        ("**/{host}/*.conf", "a/b/w1/x.conf", Place((HOST("w1"),), "x.conf", "/x.conf")),
        ("**/{host}/*.conf", "w1/x.conf", Place((HOST("w1"),), "x.conf", "/x.conf")),
        ("dc-*/{host}/**", "dc-2/w1/motd", Place((HOST("w1"),), "motd", "/motd")),
        ("*.tf", "main.tf", Place((), "main.tf")),
        ("*.tf", "modules/main.tf", None),
        ("**", "any/thing", Place((), "any/thing")),
    ],
)
def test_a_pattern_says_whose_a_path_is(pattern: str, path: str, place: Place | None) -> None:
    assert placed(path, pattern) == place


@pytest.mark.parametrize(
    ("pattern", "on", "root", "path", "place"),
    [
        ("haproxy/**", SERVICE("edge"), "/etc/haproxy", "haproxy/a.cfg", Place((SERVICE("edge"),), "a.cfg", "/etc/haproxy/a.cfg")),
        ("haproxy/**", SERVICE("edge"), "/", "haproxy/a.cfg", Place((SERVICE("edge"),), "a.cfg")),
        ("firewall/**", HOST("fw"), "/etc/", "firewall/x/y", Place((HOST("fw"),), "x/y", "/etc/x/y")),
        ("firewall", HOST("fw"), "/etc", "firewall/x", Place((HOST("fw"),), "x", "/etc/x")),
        ("firewall/", HOST("fw"), "/etc", "firewall/x", Place((HOST("fw"),), "x", "/etc/x")),
        ("fw/nftables.conf", HOST("fw"), "/etc", "fw/nftables.conf", Place((HOST("fw"),), "nftables.conf", "/etc/nftables.conf")),
        ("dns/*.zone", HOST("ns"), "/", "dns/a.zone", Place((HOST("ns"),), "a.zone", "/a.zone")),
        ("hosts/{host}/**", SERVICE("edge"), "/", "hosts/w1/motd", Place((HOST("w1"), SERVICE("edge")), "motd", "/motd")),
        ("common/**", EVERYTHING, "/", "common/etc/motd", Place((EVERYTHING,), "etc/motd")),
    ],
)
def test_a_table_names_the_target_and_the_folder_on_the_host(pattern: str, on: Target, root: str, path: str, place: Place) -> None:
    assert placed(path, pattern, on, root) == place


def test_the_first_pattern_that_matches_counts() -> None:
    policy = GatePolicy((Configuration("hosts/{host}/**"), Configuration("hosts/w1/**", SERVICE("edge"))))
    assert place_of(policy, "hosts/w1/motd") == Place((HOST("w1"),), "motd", "/motd")


def test_what_is_generated_is_no_configuration() -> None:
    policy = GatePolicy((Configuration("hosts/{host}/**"),), generated=("**/*.lock", "hosts/{host}/cache/**"))
    assert place_of(policy, "hosts/w1/a.lock") is None
    assert place_of(policy, "hosts/w1/cache/a") is None
    assert place_of(policy, "hosts/w1/a") is not None


def test_the_policy_is_configuration_whatever_it_says_of_itself() -> None:
    assert place_of(GatePolicy(generated=("**",)), ".changelog-ledger.toml") == Place((), ".changelog-ledger.toml")
    assert place_of(GatePolicy(), "pyproject.toml") is None
    assert place_of(GatePolicy(file="pyproject.toml"), "pyproject.toml") == Place((), "pyproject.toml")
    assert place_of(GatePolicy(), "docs/.changelog-ledger.toml") is None


@pytest.mark.parametrize("name", ["-x", "..x..", "a b", "*", "w1.lock", "all", "ALL", "\u202e", "a\nb", "\udcff", "$(id)", "é"])
def test_a_folder_that_can_name_no_host_is_nobodys_and_not_free(name: str) -> None:
    place = placed(f"hosts/{name}/etc/motd", "hosts/{host}/**")
    assert place is not None
    assert place.targets == ()


def test_names_are_taken_as_they_are_written() -> None:
    place = placed("hosts/WEB-01/motd", "hosts/{host}/**")
    assert place is not None
    assert place.targets == (HOST("WEB-01"),)


NAMES = st.text(alphabet="ab.*?[]{}-", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=6).map("/".join)


@given(PATHS, PATHS)
def test_a_literal_glob_matches_its_path_and_no_other_file(path: str, other: str) -> None:
    glob = globs.literal("/" + path)
    assert globs.matches(glob, path)
    assert not globs.matches(glob, other) or other == path or other.startswith(path + "/")  # where there is a file there is no folder


@given(
    st.sampled_from(["hosts/{host}/**", "{host}/*/**", "a/**", "**/{host}/*", "a", "{service}/**", "**"]),
    PATHS,
    st.sampled_from(["/", "/etc", "/etc/haproxy/", "/srv"]),
    st.sampled_from([None, HOST("w1"), SERVICE("edge")]),
)
def test_a_host_path_begins_with_its_root_and_ends_with_what_follows_the_name(pattern: str, path: str, root: str, on: Target | None) -> None:
    place = placed("hosts/" + path, pattern, on, root) or placed(path, pattern, on, root)
    if place is None:
        return
    assert ("hosts/" + path).endswith(place.inner)
    if place.host_path:
        assert place.host_path == root.rstrip("/") + "/" + place.inner


@given(st.sampled_from(["hosts/{host}/**", "**/{host}/*", "a/*", "{service}.yaml", "*/[ab]/**"]), PATHS)
def test_what_the_glob_matches_is_somebodys_or_nobodys_but_configuration(pattern: str, path: str) -> None:
    matches = globs.matches("/" + pattern.replace("{host}", "*").replace("{service}", "*"), path)
    assert (placed(path, pattern) is not None) == matches


@pytest.mark.parametrize("pattern", ["**/{host}/*.conf", "**/a/**/a/**/b", "*a*a*a*a*a*b", "**/*/*/{host}.x", "[a-" * 30 + "z"])
def test_no_pattern_takes_more_than_its_share_of_time(pattern: str) -> None:
    def seconds(length: int) -> float:
        path = "a/" * length + "a" * length
        best = []
        for _ in range(3):
            begun = time.process_time()
            for _ in range(5):
                placed(path, pattern)
            best.append(time.process_time() - begun)
        return min(best)

    placed("warm", pattern)
    assert seconds(16_000) < 4 * 8 * max(seconds(2_000), 1e-4)
