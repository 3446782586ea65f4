"""Peers: the key that sets the failing hosts apart comes first, and what every host has of its own says little."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.own_identifiers import Identifier
from changelog_ledger.investigation.own_mask import OwnMask
from changelog_ledger.investigation.own_twice import another_hosts, without_stolen
from changelog_ledger.investigation.peer_changes import is_about, shared
from changelog_ledger.investigation.peer_columns import Column, Masking, Variant, columns_of
from changelog_ledger.investigation.peers import Altered, Candidate, candidates, difference, posterior, rank
from changelog_ledger.model.evidence import Delta, Op, RecordedDelta
from changelog_ledger.model.peers import PeerDifference, Setting, SettingKind


def column(key: str, values: Mapping[str, str]) -> Column:
    return Column("/etc/app.ini", key, "value", values, {value: value for value in values.values()})


def compared(columns: Sequence[Column], failing: Sequence[str], working: Sequence[str]) -> list[PeerDifference]:
    found, _ = candidates(columns, failing, working)
    return sorted((difference(each, None, failing, working) for each in found), key=rank)


def test_the_formula_of_the_paper() -> None:
    assert posterior(peers=7, matching=0, cardinality=2, suspects=10) == pytest.approx(9 / 27)
    assert posterior(peers=7, matching=3, cardinality=2, suspects=10) == pytest.approx(9 / (7 + 20 + 54))


def test_the_words() -> None:
    values = {f"web-{number:02}": "4096" for number in range(1, 9)} | {"web-03": "512"}
    working = [host for host in values if host != "web-03"]
    (found,) = compared([column("workers", values)], ["web-03"], working)
    assert found.reasons == ("web-03 alone has 512; 7 of 7 working hosts have 4096",)
    assert [(side.value, len(side.hosts)) for side in (*found.failing, *found.working)] == [("512", 1), ("4096", 7)]


@pytest.mark.parametrize(
    ("healthy", "sick", "words"),
    [
        (None, "there", "a alone has this file; 1 of 1 working host does not have this file"),
        ("there", None, "a alone does not have this file; 1 of 1 working host has this file"),
    ],
)
def test_a_file_that_one_of_two_has(healthy: str | None, sick: str | None, words: str) -> None:
    values = {"a": sick or "", "b": healthy or ""}
    there = Column("/etc/x", None, "file", values, {"there": "the file is there", "": None})
    (found,) = compared([there], ["a"], ["b"])
    assert found.reasons[0] == words


def test_what_most_working_hosts_have_too_is_no_difference() -> None:
    values = {"a": "1", "b": "1", "c": "1", "d": "2"}
    assert candidates([column("x", values)], ["a"], ["b", "c", "d"]) == ((), 1)


@given(st.integers(3, 30), st.integers(1, 3), st.integers(0, 2**32))
def test_the_culprit_comes_before_keys_of_high_entropy_whatever_the_order_of_the_hosts(healthy: int, sick: int, seed: int) -> None:
    dice = random.Random(seed)
    failing, working = [f"bad-{number}" for number in range(sick)], [f"good-{number}" for number in range(healthy)]
    hosts = failing + working
    culprit = column("culprit", {host: "wrong" if host in failing else "right" for host in hosts})
    noise = [column(f"noise-{number}", {host: f"{host}-{number}" for host in hosts}) for number in range(5)]
    columns = [culprit, *noise]
    dice.shuffle(columns)
    found = compared(columns, failing, working)
    assert found[0].key == "culprit"
    assert all(each.score < found[0].score for each in found[1:])
    dice.shuffle(hosts)
    turned = [Column(each.path, each.key, each.about, {host: each.values[host] for host in hosts}, each.shown) for each in reversed(columns)]
    assert compared(turned, sorted(failing, reverse=True), sorted(working, reverse=True)) == found


def candidate() -> Candidate:
    (found,), _ = candidates([column("k", {"a": "1", "b": "2", "c": "2"})], ["a"], ["b", "c"])
    return found


def test_what_changed_there_and_only_there_weighs_more_than_what_did_not_change() -> None:
    known = (Altered(("a",)), Altered(("a",), habit=3.0), None, Altered())
    there, often, nothing_known, unchanged = (difference(candidate(), each, ["a"], ["b", "c"]).score for each in known)
    assert there > often > nothing_known > unchanged


def test_a_failing_host_with_the_healthy_value_speaks_against_the_key() -> None:
    values = {"a": "1", "b": "2", "c": "2", "d": "2", "e": "2"}
    (one_of_two,) = compared([column("k", values)], ["a", "b"], ["c", "d", "e"])
    (both,) = compared([column("k", values | {"b": "1"})], ["a", "b"], ["c", "d", "e"])
    assert both.score > one_of_two.score


# ---- columns


def value(key: str, text: str) -> Setting:
    return Setting(key, SettingKind.VALUE, text)


def test_lines_that_stand_in_for_each_other_are_one_column() -> None:
    variants = [
        Variant(("a",), (Setting("", SettingKind.LIST, ["nameserver 10.0.0.9", "search x"]),)),
        Variant(("b", "c"), (Setting("", SettingKind.LIST, ["nameserver 10.0.0.2", "search x"]),)),
    ]
    (found,) = columns_of("/etc/resolv.conf", variants).columns
    assert {host: found.shown[token] for host, token in found.values.items()} == dict.fromkeys("bc", "nameserver 10.0.0.2") | {
        "a": "nameserver 10.0.0.9"
    }


def test_an_order_is_a_difference_too() -> None:
    variants = [Variant((host,), (Setting("x", SettingKind.LIST, list(items)),)) for host, items in (("a", "12"), ("b", "21"))]
    (found,) = columns_of("/etc/x", variants).columns
    assert {host: found.shown[token] for host, token in found.values.items()} == {"a": "1\n2", "b": "2\n1"}


def test_who_has_no_block_has_no_say_about_what_is_in_it() -> None:
    block = Setting("server", SettingKind.BLOCK, {"port": "80"})
    port = Setting("server/port", SettingKind.VALUE, "80", above="server")
    found = columns_of("/etc/x", [Variant(("a",), ()), Variant(("b",), (block, port))]).columns
    assert [each.key for each in found] == ["server"]


def test_versions_that_no_key_tells_apart_are_said_to_differ() -> None:
    (found,) = columns_of("/etc/x", [Variant(("a",), (value("k", "1"),)), Variant(("b", "c"), (value("k", "1"),))]).columns
    assert found.about == "layout"


def test_each_hosts_own_address_is_one_value_and_a_strangers_is_another() -> None:
    masks = {host: OwnMask([Identifier(f"10.0.0.{number}", "address", "IPv4 address 1")]).masked for number, host in enumerate("abcd", 1)}
    own = [Variant((host,), (value("bind", f"10.0.0.{number}:80"),), masks[host]) for number, host in enumerate("abcd", 1)]
    found = columns_of("/etc/x", own)
    assert (found.columns, found.own) == ((), {("address",): 1})
    wrong = [*own[:3], Variant(("d",), (value("bind", "10.0.0.1:80"),), masks["d"])]
    (bind,) = columns_of("/etc/x", wrong).columns
    assert compared([bind], ["d"], list("abc"))[0].accused == ("d",)


def masking(address: str) -> Masking:
    return OwnMask([Identifier(address, "address", "IPv4 address 1")]).masked


def test_where_both_readings_leave_as_many_values_the_working_hosts_agree_in_the_better() -> None:
    variants = [
        Variant(("a",), (value("listen", "10.0.0.1"),), masking("10.0.0.1")),
        Variant(("b",), (value("listen", "10.0.0.2"),), masking("10.0.0.2")),
        Variant(("c",), (value("listen", "10.0.0.2"),), masking("10.0.0.3")),
    ]
    (found,) = columns_of("/etc/x", variants, working={"a", "b"}).columns
    assert {host: found.shown[token] for host, token in found.values.items()} == dict.fromkeys("ab", "<own IPv4 address>") | {"c": "10.0.0.2"}
    lines = [replace(each, settings=(Setting("", SettingKind.LIST, [each.settings[0].value]),)) for each in variants if each.settings]
    (found,) = columns_of("/etc/x", lines, working={"a", "b"}).columns
    assert {host: found.shown[token] for host, token in found.values.items()} == dict.fromkeys("ab", "<own IPv4 address>") | {"c": "10.0.0.2"}


def test_where_hosts_of_one_version_differ_no_hosts_value_speaks_for_the_others() -> None:
    own = Variant(("a", "b"), (value("listen", "10.0.0.1"),), masking("10.0.0.1"), texts=2)
    (found,) = columns_of("/etc/x", [own, Variant(("c",), (value("listen", "10.0.0.1"),), masking("10.0.0.3"))]).columns
    assert {host: found.shown[token] for host, token in found.values.items()} == dict.fromkeys("ab", "<own IPv4 address>") | {"c": "10.0.0.1"}


def test_a_change_is_about_a_key_that_holds_a_hosts_own() -> None:
    bind = Column("/etc/app.ini", "server[<own name>]/bind", "value", {}, {})
    keys = {"server[web-03]/bind": True, "server[web-03]": True, "server": True, "server[web-03]/root": False, "client": False}
    assert {key: is_about(recorded(1, key).delta, bind) for key in keys} == keys


class TestOwnTwice:
    def names(self, failing: str) -> dict[str, list[str]]:
        own = {
            "a": [Identifier("10.0.0.1", "address", "IPv4 address 1"), Identifier("172.17.0.1", "address", "IPv4 address 2")],
            "b": [Identifier("10.0.0.2", "address", "IPv4 address 1"), Identifier("172.17.0.1", "address", "IPv4 address 2")],
            "c": [Identifier("c", "name", "name"), Identifier(failing, "address", "IPv4 address 1"), Identifier("172.17.0.1", "address", "p")],
        }
        return {host: [each.text for each in left] for host, left in without_stolen(own, {"a", "b"}).items()}

    def test_what_one_working_host_has_is_its_own_and_what_all_have_is_nobodys_identity(self) -> None:
        assert self.names("10.0.0.2") == {"a": ["10.0.0.1", "172.17.0.1"], "b": ["10.0.0.2", "172.17.0.1"], "c": ["c", "172.17.0.1"]}
        assert self.names("10.0.0.3")["c"] == ["c", "10.0.0.3", "172.17.0.1"]

    def test_working_hosts_made_from_one_image_say_nothing(self) -> None:
        assert another_hosts("/etc/machine-id", "uuid", {"a": "x", "b": "x", "d": "y", "c": "x"}, {"a", "b", "d"}) is None
        assert another_hosts("/etc/machine-id", "uuid", {"a": "x", "b": "y", "c": "z"}, {"a", "b"}) is None
        assert another_hosts("/etc/machine-id", "uuid", {"a": "x", "c": "x"}, {"a"}) is None


@given(st.text(alphabet="ab10.:-", max_size=30))
def test_a_mask_finds_an_identifier_only_where_it_stands_alone(text: str) -> None:
    masked, kinds = OwnMask([Identifier("10.0.0.1", "address", "p")]).masked(text)
    assert bool(kinds) == (masked != text)
    assert OwnMask([Identifier("10.0.0.1", "address", "p")]).masked("10.0.0.10 110.0.0.1 10.0.0.1.1 10.0.0.1.")[0].count("\0p\0") == 1


# ---- what changed


def recorded(number: int, key: str | None, op: Op = Op.CHANGED, host: str = "a") -> RecordedDelta:
    at = datetime(2025, 6, 2, tzinfo=UTC)
    return RecordedDelta(f"EV-{number}", host, f"S{number}", at, at, Delta("/etc/app.ini", key, op, "1", "2"))


def test_what_leaves_both_sides_alike_is_named_and_in_doubt_it_is_not() -> None:
    apart = [column("db/pool", {"a": "1", "b": "2"})]
    deltas = [
        recorded(1, "db/pool"),
        recorded(2, "db/host"),
        recorded(3, "db/address"),
        recorded(4, "line 3"),
        recorded(5, None, Op.METADATA),
        recorded(6, "db/host", host="stranger"),
    ]
    assert shared(deltas, apart, {"a", "b"}, {"/etc/app.ini": {"db/address"}}) == ("EV-2",)
    assert shared(deltas, apart, {"a", "b"}, {"/etc/app.ini": {None}}) == ()
