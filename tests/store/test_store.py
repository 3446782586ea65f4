"""Facts go in, views come out: on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from changelog_ledger.errors import Ambiguous, InvalidInput, NotFound, TransitionRefused
from changelog_ledger.model.change import Status
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.topology import EVERYTHING, Health, Target
from changelog_ledger.store import schema, verification
from changelog_ledger.store.explained_places import place_of
from changelog_ledger.store.store import Expectation, Store
from changelog_ledger.store.versions import SCHEMA_HEAD
from tests.store.conftest import START

Make = Callable[..., Fact]

PORT = Delta("/etc/nginx/nginx.conf", "http/server[shop]/listen", Op.CHANGED, "80", "8080", 12)


def change(fact: Make, number: int, *, minutes: int = 0, **fields: object) -> Fact:
    identity = f"CHG-7K3M9{number}"
    body = {"id": identity, "title": "Raise limit", "status": "planned", "type": "normal", "on": ["host:web-01"], **fields}
    return fact("change", minutes=minutes, key=f"change:{identity}", **body)


def snapshot(fact: Make, minutes: int, *, previous_minutes: int | None = None, **fields: object) -> Fact:
    body: dict[str, object] = {"host": "web-01", "commit": f"{minutes:040x}", "files": 3, **fields}
    if previous_minutes is not None:
        body |= {"previous": f"{previous_minutes:040x}", "previous_at": (START + timedelta(minutes=previous_minutes)).isoformat()}
    return fact("snapshot", minutes=minutes, **body)


def test_the_scripts_end_at_the_revision_that_open_expects() -> None:
    assert schema.scripts_head() == SCHEMA_HEAD


def test_a_fact_comes_back_as_it_was_recorded(store: Store, fact: Make) -> None:
    recorded = fact("mark", target="host:web-01", state="bad", symptom="café \x00 \udcff ⚠")
    assert store.append([recorded]) == (recorded,)
    with store.reading() as view:
        assert list(view.facts.in_order()) == [recorded]
        (mark,) = view.marks.latest([Target.host("web-01")])
    assert (mark.state, mark.at, mark.actor) == (Health.BAD, recorded.occurred_at, "alex")
    assert mark.symptom == "café \\x00 \\xff ⚠"


def test_recording_the_same_key_twice_adds_nothing(store: Store, fact: Make) -> None:
    first = fact("mark", key="mark:a", target="host:web-01", state="good")
    assert len(store.append([first, fact("mark", key="mark:a", target="host:web-01", state="bad")])) == 1
    assert store.append([fact("mark", key="mark:a", target="host:web-01", state="bad")]) == ()
    with store.reading() as view:
        assert view.facts.count() == 1


def test_nothing_is_recorded_when_one_fact_is_refused(store: Store, fact: Make) -> None:
    with pytest.raises(KeyError):
        store.append([fact("mark", target="host:web-01", state="good"), fact("unheard-of")])
    with store.reading() as view:
        assert view.facts.count() == 0
        assert view.marks.latest([Target.host("web-01")]) == ()


def test_topology_replaces_what_was_said_before(store: Store, fact: Make) -> None:
    store.append(
        [
            fact("host", name="web-01", tags=["edge"], attrs={"rack": "4"}),
            fact("service", name="shop", runs_on=["web-01", "web-02"], depends_on=["service:db"]),
        ]
    )
    store.append([fact("host", name="web-01", tags=[], attrs={}), fact("service", name="shop", runs_on=["web-03"], depends_on=["host:fw-01"])])
    store.append([fact("host-retired", minutes=3, name="web-01")])
    with store.reading() as view:
        host, shop = view.topology.host("web-01"), view.topology.service("shop")
        assert host is not None
        assert (host.tags, host.attributes, host.retired_at) == ((), {}, START + timedelta(minutes=3))
        assert shop is not None
        assert (shop.runs_on, shop.depends_on) == (("web-03",), (Target.host("fw-01"),))
        assert view.topology.services_on("web-01") == ()


def test_dependencies_are_followed_through_cycles(store: Store, fact: Make) -> None:
    edges = {"shop": ["service:db", "host:fw-01"], "db": ["service:storage"], "storage": ["service:shop"], "mail": ["service:db"]}
    store.append([fact("service", name=name, runs_on=[], depends_on=targets) for name, targets in edges.items()])
    with store.reading() as view:
        below = view.topology.dependencies_below(["shop"])
        both = view.topology.dependencies_below(["shop", "mail"])
    assert set(below) == {"shop", "db", "storage"}
    assert set(both) == {"shop", "db", "storage", "mail"}
    assert below["shop"] == (Target.host("fw-01"), Target.service("db"))


def test_a_change_is_found_by_any_unambiguous_beginning(store: Store, fact: Make) -> None:
    store.append([change(fact, 1, ref="RFC-17"), change(fact, 2)])
    with store.reading() as view:
        assert view.changes.find("chg-7k3m91").id == "CHG-7K3M91"
        assert view.changes.find("7k3m92").id == "CHG-7K3M92"
        assert view.changes.find("RFC-17").id == "CHG-7K3M91"
        with pytest.raises(Ambiguous, match="CHG-7K3M91, CHG-7K3M92"):
            view.changes.find("CHG-7K3")
        with pytest.raises(NotFound):
            view.changes.find("CHG-ZZZ")
        with pytest.raises(InvalidInput):
            view.changes.find("!")


def test_steps_move_a_change_and_its_time(store: Store, fact: Make) -> None:
    started = (START + timedelta(minutes=10)).isoformat()
    store.append([change(fact, 1)])
    store.append(
        [
            fact(
                "change-step",
                change="CHG-7K3M91",
                set={"status": "started", "started_at": started},
                note={"at": started, "actor": "kim", "text": "go", "step": "started"},
            )
        ],
        expecting=Expectation("CHG-7K3M91", "planned", 0),
    )
    with pytest.raises(TransitionRefused, match="somebody else was quicker"):
        store.append([fact("change-step", change="CHG-7K3M91", set={"status": "cancelled"})], expecting=Expectation("CHG-7K3M91", "planned", 0))
    with store.reading() as view:
        found = view.changes.find("CHG-7K3M91")
        assert (found.status, found.started_at, found.notes[0].text) == (Status.STARTED, START + timedelta(minutes=10), "go")
        host = [Target.host("web-01")]
        assert view.changes.touching(host, START + timedelta(minutes=50), START + timedelta(minutes=60)) == (found,), "still under way"
        assert view.changes.touching(host, START, START + timedelta(minutes=9)) == ()
        assert view.changes.touching([EVERYTHING], START, START + timedelta(days=1)) == ()


def test_deltas_belong_to_the_time_between_two_snapshots(store: Store, fact: Make) -> None:
    first, second = snapshot(fact, 10), snapshot(fact, 20, previous_minutes=10, change="CHG-7K3M91", phase="after")
    store.append([first])
    store.append([second], deltas={second.id: [PORT]})
    with store.reading() as view:
        (found,) = view.evidence.deltas(["web-01"], START + timedelta(minutes=15), START + timedelta(minutes=16))
        assert (found.not_before, found.not_after) == (START + timedelta(minutes=10), START + timedelta(minutes=20))
        assert (found.delta, found.change, found.explained_by) == (PORT, "CHG-7K3M91", "")
        assert view.evidence.deltas(["web-01"], START + timedelta(minutes=20), START + timedelta(minutes=90)) == ()
        assert view.evidence.deltas(["web-01"], START, START + timedelta(minutes=10)) == ()
        assert [piece.id for piece in view.evidence.snapshots("web-01")] == [first.id, second.id]
        last = view.evidence.last_snapshot("web-01", START + timedelta(minutes=19))
        assert last is not None
        assert last.id == first.id
    store.append([fact("explanation", evidence=[found.id], change="CHG-7K3M92")])
    with store.reading() as view:
        assert view.evidence.deltas(["web-01"], START, START + timedelta(days=1))[0].explained_by == "CHG-7K3M92"
        assert view.evidence.evidence_ids(found.id[:7]) == (found.id,)


def test_rebuilding_gives_the_same_rows(store: Store, fact: Make) -> None:
    first, second = snapshot(fact, 10), snapshot(fact, 20, previous_minutes=10)
    odd = Delta("/etc/caf\udce9", "a\0b", Op.ADDED, None, {"x": ["\ud800", None, 1]}, note="n")
    deltas = {second.id: [PORT, odd]}
    store.append([fact("host", name="web-01", tags=[], attrs={}), change(fact, 1), first, second], deltas=deltas)
    store.append(
        [
            fact("change-step", change="CHG-7K3M91", set={"status": "cancelled"}),
            fact("observation", what="reboot", on="host:web-01", summary="rebooted"),
        ]
    )

    def nothing(_done: int) -> None:
        pass

    def deltas_of(identity: str, _previous: str | None, _commit: str) -> Sequence[Delta]:
        return deltas.get(identity, ())

    assert verification.wrong_projections(store, deltas_of, nothing) == ()
    assert store.rebuild(deltas_of, nothing) == 6
    assert verification.wrong_projections(store, deltas_of, nothing) == ()
    (finding,) = verification.wrong_projections(store, lambda *_of: (), nothing)
    assert finding.text.startswith("2 rows of delta do not follow")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE fact SET actor = 'somebody' WHERE seq = 2", "fact 2 .* was altered"),
        ("DELETE FROM fact WHERE seq = 2", "fact 2 of stream test is missing"),
        ("DELETE FROM fact WHERE seq = 3", "ends at fact 2, its head says 3"),
        ("UPDATE fact SET occurred_at = occurred_at + 1 WHERE seq = 1", "fact 1 .* was altered"),
    ],
)
def test_what_is_done_behind_the_back_is_found(store: Store, fact: Make, statement: str, said: str) -> None:
    store.append([fact("mark", target="host:web-01", state="good") for _ in range(3)])
    assert verification.broken_chains(store, lambda _done: None) == ()
    with store.database.writing() as connection:
        connection.exec_driver_sql(statement)
    (finding,) = verification.broken_chains(store, lambda _done: None)
    assert finding.code == "chain"
    assert re.search(said, finding.text), finding.text


def test_an_explanation_finds_its_evidence_when_the_file_is_read_otherwise(store: Store, fact: Make) -> None:
    """A better parser gives better keys, and evidence its id by its key."""
    by_lines = [Delta("/etc/fw", "lines 12-14", Op.CHANGED, "a", "b", 12), Delta("/etc/fw", "line 30", Op.ADDED, None, "c", 30)]
    whole = Delta("/etc/fw", None, Op.METADATA, {"mode": "0644"}, {"mode": "0600"})
    by_keys = [replace(whole), *(Delta("/etc/fw", f"INPUT[{line}]", Op.CHANGED, "a", "b", line) for line in (11, 12, 14, 15, 30))]
    first, second = snapshot(fact, 10), snapshot(fact, 20, previous_minutes=10)
    deltas: dict[str, list[Delta]] = {second.id: [*by_lines, whole]}
    store.append([first, second], deltas=deltas)
    with store.reading() as view:
        hunk, _, mode = view.evidence.deltas(["web-01"], START, START + timedelta(days=1))
    places = {piece.id: place_of(piece) for piece in (hunk, mode)}
    store.append([fact("explanation", evidence=list(places), change="CHG-7K3M91", places=places)])
    deltas[second.id] = by_keys
    store.rebuild(lambda identity, _previous, _commit: deltas.get(identity, ()))
    with store.reading() as view:
        found = view.evidence.deltas(["web-01"], START, START + timedelta(days=1))
    assert {piece.delta.key: piece.explained_by for piece in found} == {
        None: "CHG-7K3M91",
        "INPUT[11]": "",
        "INPUT[12]": "CHG-7K3M91",
        "INPUT[14]": "CHG-7K3M91",
        "INPUT[15]": "",
        "INPUT[30]": "",
    }
