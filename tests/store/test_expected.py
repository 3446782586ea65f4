"""Edits that the gate let in, and the changes that it asks for: on SQLite, on PostgreSQL, and by the lean way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from changelog_ledger.model.change import OPEN, Status
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store import verification
from changelog_ledger.store.books import SnapshotBooks
from changelog_ledger.store.expected import edits_from_json, edits_to_json, expected_body, ref_of
from changelog_ledger.store.lean import LeanStore
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.store import Store
from tests.store.conftest import START

Make = Callable[..., Fact]

WEB, OTHER, EDGE, SHOP = Target.host("web-01"), Target.host("web-02"), Target.service("edge"), Target.service("shop")
HAPROXY = "etc/haproxy/haproxy.cfg"


def edit(target: Target = WEB, digest: str = "ab" * 32, change: str = "CHG-7K3M91", path: str = HAPROXY) -> Expected:
    return Expected(change, target, path, digest)


def expected(fact: Make, *edits: Expected, minutes: int = 0) -> Fact:
    return fact("expected", minutes=minutes, key=f"expected:{ref_of(edits)}", edits=edits_to_json(edits))


def change(fact: Make, number: int, status: Status = Status.STARTED, **fields: object) -> Fact:
    identity = f"CHG-7K3M9{number}"
    times = {"planned_start": START.isoformat()}
    body = {"id": identity, "title": "Raise limit", "status": str(status), "type": "normal", "on": ["host:web-01"], **times, **fields}
    return fact("change", key=f"change:{identity}", **body)


@pytest.fixture(params=["whole", "lean"])
def books(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> SnapshotBooks:
    """Both ways into the same database, where there are two."""
    if request.param == "whole":
        return store
    if not str(store.database.path or ""):
        pytest.skip("there is no lean way into PostgreSQL")
    lean = LeanStore.open(f"sqlite:///{tmp_path}/ledger.db", "test", lock_timeout=20, allow_network=True)
    assert lean is not None
    return lean


def test_the_same_edits_are_one_fact_whatever_their_order() -> None:
    one, other = edit(), edit(EDGE)
    assert ref_of([one, other]) == ref_of([other, one, other])
    assert ref_of([one]) != ref_of([edit(digest="")]) != ref_of([edit(digest="", change="CHG-7K3M92")])
    assert set(edits_from_json(edits_to_json([one, other]))) == {one, other}


def test_the_same_edits_elsewhere_in_the_history_are_another_fact() -> None:
    places = [{}, {"commit": "1" * 40}, {"parent": "1" * 40}, {"parent": "2" * 40}]
    assert len({ref_of([edit()], **place) for place in places}) == 4
    assert expected_body([edit()]) == {"edits": edits_to_json([edit()])}
    assert expected_body([edit()], parent="1" * 40)["parent"] == "1" * 40


@pytest.mark.parametrize("odd", ["a\0b", "a\udcffb", "a\ud800b"])
def test_names_that_no_database_takes_are_asked_for_as_they_are_kept(store: Store, books: SnapshotBooks, fact: Make, odd: str) -> None:
    kept = plain_text(odd)
    store.append([fact("service", name="edge", runs_on=[odd], depends_on=[])])
    of_service = edit(EDGE)
    books.append([expected(fact, of_service)])
    assert kept != odd
    assert books.expected_at(odd, START) == books.expected_at(kept, START) == (of_service,)
    assert books.runs_on([odd, "nowhere"]) == books.runs_on([odd, kept]) == {EDGE: frozenset({kept})}
    assert books.changes_named([odd, kept]) == ()


def test_what_is_expected_on_a_host_is_its_own_that_of_its_services_and_of_all(store: Store, books: SnapshotBooks, fact: Make) -> None:
    store.append([fact("service", name="edge", runs_on=["web-01"], depends_on=[]), fact("service", name="shop", runs_on=["web-02"], depends_on=[])])
    own, of_service, of_all = edit(), edit(EDGE), edit(EVERYTHING, digest="")
    facts = [expected(fact, own), expected(fact, of_service, minutes=2), expected(fact, of_all, minutes=1)]
    assert books.append([*facts, expected(fact, edit(SHOP), edit(OTHER))]) != ()
    assert books.append(facts) == ()
    assert books.expected_at("web-01", START + timedelta(minutes=2)) == (of_service, of_all, own)
    assert books.expected_at("web-01", START) == (own,)
    assert books.expected_at("web-03", START + timedelta(hours=1)) == (of_all,)


def test_a_delta_says_what_its_snapshot_had_expected_and_a_rebuild_says_so_again(store: Store, books: SnapshotBooks, fact: Make) -> None:
    found = {"/etc/haproxy/haproxy.cfg": "CHG-7K3M91"}
    snapshot = fact("snapshot", minutes=5, host="web-01", commit="1" * 40, files=3, previous="0" * 40, previous_at=START.isoformat(), expected=found)
    deltas = [
        Delta("/etc/haproxy/haproxy.cfg", "global/maxconn", Op.CHANGED, "1", "2"),
        Delta("/etc/haproxy/haproxy.cfg", None, Op.METADATA, {"owner": "root"}, {"owner": "alex"}),
        Delta("/etc/hosts", None, Op.REMOVED),
    ]
    store.append([fact("host", name="web-01", tags=[], attrs={})])
    books.append([expected(fact, edit()), snapshot], deltas={snapshot.id: deltas})

    def said() -> list[str]:
        with store.reading() as view:
            assert view.evidence.snapshots_with_expected() == {snapshot.id}
            return [each.expected_by for each in view.evidence.deltas(["web-01"], START - timedelta(1), START + timedelta(1))]

    assert said() == ["CHG-7K3M91", "", ""]  # the gate has seen the bytes, and no owner
    assert verification.wrong_projections(store, lambda *_: deltas, lambda _done: None) == ()
    assert verification.broken_chains(store, lambda _done: None) == ()
    store.rebuild(lambda *_: deltas)
    assert said() == ["CHG-7K3M91", "", ""]
    assert books.expected_at("web-01", START) == (edit(),)


@pytest.mark.parametrize(
    ("statuses", "targets", "found"),
    [
        ((Status.STARTED,), (), "123567"),
        (OPEN, (), "1234567"),
        ((), (WEB,), ""),
        (OPEN, (WEB,), "1347"),  # itself, everything, and the service that runs on it; not what only affects it
        ((Status.STARTED,), (WEB,), "137"),
        (OPEN, (OTHER,), "23"),
        (OPEN, (EDGE,), "37"),
        (OPEN, (SHOP,), "36"),
        (OPEN, (EVERYTHING,), "3"),
        (OPEN, (OTHER, SHOP), "236"),
        (OPEN, (*(Target.host(f"db-{number}") for number in range(900)), WEB), "1347"),
    ],
)
def test_the_changes_that_speak_for_targets(
    store: Store, books: SnapshotBooks, fact: Make, statuses: Collection[str], targets: Sequence[Target], found: str
) -> None:
    store.append(
        [
            fact("service", name="edge", runs_on=["web-01"], depends_on=[]),
            change(fact, 1),
            change(fact, 2, on=["host:web-02"]),
            change(fact, 3, on=["all"]),
            change(fact, 4, Status.PLANNED),
            change(fact, 5, on=["host:db-x"], affects=["host:web-01", "service:edge"]),
            change(fact, 6, on=["service:shop"]),
            change(fact, 7, on=["service:edge"]),
            change(fact, 8, Status.SUCCEEDED),
        ]
    )
    assert [found.id[-1] for found in books.open_changes(statuses, targets)] == list(found)


def test_changes_are_found_by_their_whole_id(store: Store, books: SnapshotBooks, fact: Make) -> None:
    store.append([change(fact, 1), change(fact, 2, Status.CANCELLED)])
    with store.reading() as view:
        known = view.changes.by_id(["CHG-7K3M91", "CHG-7K3M92"])
    assert books.changes_named([" chg-7k3m92", "CHG-7K3M91", "CHG-7K3M9", "CHG-NOBODY", "\0"]) == (known["CHG-7K3M91"], known["CHG-7K3M92"])


def test_which_services_run_on_hosts(store: Store, books: SnapshotBooks, fact: Make) -> None:
    store.append(
        [
            fact("service", name="edge", runs_on=["web-01", "web-02"], depends_on=[]),
            fact("service", name="shop", runs_on=["web-02", "db-01"], depends_on=[]),
            fact("service", name="mail", runs_on=["db-01"], depends_on=[]),
        ]
    )
    assert books.runs_on(["web-01", "web-02", "nowhere"]) == {EDGE: frozenset({"web-01", "web-02"}), SHOP: frozenset({"web-02"})}
    assert books.runs_on([]) == {}
