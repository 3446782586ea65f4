"""What is asked around a planned change: the same answers on both databases, by index, however much depends on a target."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from changelog_ledger.changes.impact import dependents_of
from changelog_ledger.model.change import Change, Remark, Status
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.topology import Target
from changelog_ledger.store.codec import change_to_json
from changelog_ledger.store.store import Store
from tests.store.conftest import START

Make = Callable[..., Fact]
UNTIL = START + timedelta(days=9)


def service(fact: Make, name: str, *depends_on: str, runs_on: tuple[str, ...] = (), **attrs: str) -> Fact:
    return fact("service", name=name, runs_on=list(runs_on), depends_on=list(depends_on), attrs=attrs)


def host(fact: Make, name: str, **attrs: str) -> Fact:
    return fact("host", name=name, tags=[], attrs=attrs)


def change(fact: Make, number: int, status: Status, *on: Target, **fields: Any) -> Fact:
    begun = START + timedelta(minutes=number)
    made = Change(f"CHG-{number:06}", f"change {number}", status, on, recorded_at=begun, started_at=begun, **fields)
    return fact("change", minutes=number, **change_to_json(made))


def test_what_depends_on_a_target_is_found_through_cycles(store: Store, fact: Make) -> None:
    store.append(
        [
            *(host(fact, name) for name in ("db-01", "web-01")),
            service(fact, "db", "service:audit", runs_on=("db-01",)),
            service(fact, "shop", "service:db"),
            service(fact, "till", "service:shop", "host:db-01"),
            service(fact, "audit", "service:till"),
            service(fact, "wiki", runs_on=("web-01",)),
        ]
    )
    with store.reading() as view:
        needed_by = view.surroundings.needed_by(["db-01"], [])
        running = view.topology.services_on_any(["db-01"])
        of_a_service = view.surroundings.needed_by([], ["shop"])
    found = dependents_of([Target.host("db-01")], running, needed_by)
    assert [(each.target.name, each.distance) for each in found] == [("db", 0), ("shop", 1), ("till", 1), ("audit", 2)]
    assert of_a_service[Target.service("shop")] == ("till",)
    assert set(of_a_service) == {Target.service(name) for name in ("shop", "till", "audit", "db")}


def test_an_owner_is_the_service_s_own_or_that_of_all_its_hosts(store: Store, fact: Make) -> None:
    store.append(
        [
            host(fact, "a", owner="team-a"),
            host(fact, "b", owner="team-b"),
            service(fact, "own", runs_on=("a",), owner="team-x"),
            service(fact, "hosts", runs_on=("a",)),
            service(fact, "shared", runs_on=("a", "b")),
            service(fact, "nobody"),
        ]
    )
    with store.reading() as view:
        assert view.surroundings.owners(["own", "hosts", "shared", "nobody"]) == {"own": "team-x", "hosts": "team-a", "shared": "", "nobody": ""}


def test_finished_changes_come_newest_first_without_their_assessments(store: Store, fact: Make) -> None:
    from changelog_ledger.model.change import Assessment

    web, db = Target.host("web-01"), Target.host("db-01")
    long = Assessment(START, reasons=(Remark("dependents", "many"),))
    store.append(
        [
            change(fact, 1, Status.SUCCEEDED, web, assessment=long),
            change(fact, 2, Status.FAILED, web, db),
            change(fact, 3, Status.STARTED, web),
            change(fact, 4, Status.SUCCEEDED, db),
            change(fact, 5, Status.ROLLED_BACK, web),
        ]
    )
    with store.reading() as view:
        here = view.surroundings.finished_on([web, db], UNTIL, 3)
        assert [each.id[-1] for each in here] == ["5", "4", "2"]
        assert [each.id[-1] for each in view.surroundings.finished_on([web], START + timedelta(minutes=2), 9)] == ["2", "1"]
        assert [each.assessment for each in view.surroundings.finished_on([web], UNTIL, 9)] == [None, None, None]
        assert [each.id[-1] for each in view.surroundings.finished_anywhere(UNTIL, 4)] == ["5", "4", "2"]


def test_no_question_around_a_plan_scans_a_table(statements: tuple[Store, list[tuple[str, object]]]) -> None:
    store, seen = statements
    with store.reading() as view:
        view.surroundings.needed_by(["web-01", "web-02"], ["shop"])
        view.surroundings.owners(["shop", "mail"])
        view.surroundings.finished_on([Target.host("web-01"), Target.service("shop")], UNTIL, 150)
        view.surroundings.finished_anywhere(UNTIL, 150)
        view.surroundings.touched(["CHG-7K3M9Q", "CHG-7K3M9R"])
    asked = list(seen)
    assert len(asked) == 9
    with store.database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [
                step for step in plan if step.startswith("SCAN ") and not any(word in step for word in ("reached", "anon_", "(subquery", "CONSTANT"))
            ]
            assert scans == [], (statement, plan)
            assert not ("ORDER BY" in statement and any("TEMP B-TREE FOR ORDER" in step for step in plan)), (statement, plan)


def test_two_thousand_dependents_in_one_cycle_are_found_at_once(store: Store, fact: Make) -> None:
    number = 2000
    names = [f"s{each:04}" for each in range(number)]
    around = {name: (names[(each + 1) % number], names[(each + 7) % number]) for each, name in enumerate(names)}
    store.append([host(fact, "db-01"), *(service(fact, name, *(f"service:{on}" for on in ons)) for name, ons in around.items())])
    store.append([service(fact, "root", "host:db-01"), service(fact, names[0], "service:root", f"service:{names[1]}")])
    begun = time.perf_counter()
    with store.reading() as view:
        needed_by = view.surroundings.needed_by(["db-01"], [])
    found = dependents_of([Target.host("db-01")], (), needed_by)
    assert len(found) == number + 1
    assert time.perf_counter() - begun < 5  # followed way by way it would take hours
