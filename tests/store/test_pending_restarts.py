"""What is pending: the database leaves out what is over, however much of that there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.fact import Fact
from changelog_ledger.store import rows, verification
from changelog_ledger.store.store import Store

Make = Callable[..., Fact]


def pending(fact: Make, ref: str, *, on: str = "host:web-01", minutes: int = 0, boot: str = "b1", what: str = "restart-pending", **data: Any) -> Fact:
    told = {"ref": ref, "boot_id": boot, **data}
    return fact("observation", minutes=minutes, key=f"observation:{ref}", what=what, on=on, summary="x still runs old code", data=told)


def end(fact: Make, closes: Any, *, what: str = "service-restarted", minutes: int = 30, on: str = "host:web-01", **data: Any) -> Fact:
    return fact("observation", minutes=minutes, what=what, on=on, summary="x was restarted", data={"closes": closes, **data})


def asked(store: Store, hosts: Sequence[str] | None = None) -> list[str]:
    with store.reading() as view:
        return [str(seen.data["ref"]) for seen in view.evidence.pending_restarts(hosts)]


def test_what_is_pending_oldest_first_of_the_hosts_that_are_asked_for(store: Store, fact: Make) -> None:
    store.append([pending(fact, "R2", minutes=2), pending(fact, "R1", minutes=1, what="reboot-pending"), pending(fact, "R3", on="host:web-02")])
    assert asked(store) == ["R3", "R1", "R2"]
    assert asked(store, ["web-01"]) == ["R1", "R2"]
    assert asked(store, ["web-01", "web-02", "none"]) == ["R3", "R1", "R2"]
    assert asked(store, []) == []


@pytest.mark.parametrize("closes", ["R1", ["R1"], ["R9", "R1", "R1"]])
def test_its_end_may_name_it_alone_or_among_others(store: Store, fact: Make, closes: Any) -> None:
    store.append([pending(fact, "R1"), pending(fact, "R2")])
    store.append([end(fact, closes)])
    assert asked(store) == ["R2"]


def test_its_end_may_be_recorded_first(store: Store, fact: Make) -> None:
    store.append([end(fact, "R1")])
    store.append([pending(fact, "R1")])
    assert asked(store) == []


def test_a_later_one_supersedes_it(store: Store, fact: Make) -> None:
    store.append([pending(fact, "R1"), pending(fact, "R2", minutes=1, supersedes="R1")])
    assert asked(store) == ["R2"]


def test_another_boot_ends_it_and_its_own_does_not(store: Store, fact: Make) -> None:
    def booted(boot: str, minutes: int, on: str = "host:web-01") -> Fact:
        return fact("observation", minutes=minutes, what="reboot", on=on, summary="rebooted", data={"boot_id": boot})

    store.append([pending(fact, "R1", minutes=10), booted("b1", 20), booted("b0", 5), booted("b2", 20, "host:web-02")])
    assert asked(store) == ["R1"]
    store.append([booted("b2", 40)])
    assert asked(store) == []


@pytest.mark.parametrize("data", [{}, {"ref": 7, "boot_id": ["x"], "supersedes": {}}, {"ref": ""}, {"ref": "n\0" + "x" * 5000, "boot_id": "\0"}])
def test_data_may_say_anything(store: Store, fact: Make, data: dict[str, Any]) -> None:
    store.append([fact("observation", what="restart-pending", on="host:web-01", summary="x", data=data), end(fact, [None, "", 7])])
    with store.reading() as view:
        (seen,) = view.evidence.pending_restarts()
    assert seen.data == data
    if len(str(data.get("ref", ""))) > 1000:
        store.append([end(fact, data["ref"])])
        assert asked(store) == []


def test_a_rebuild_gives_the_same(store: Store, fact: Make) -> None:
    store.append([pending(fact, "R1"), end(fact, ["R1", "R2"]), pending(fact, "R3", supersedes="R4"), pending(fact, "R4")])
    assert verification.wrong_projections(store, lambda *_of: (), lambda _done: None) == ()
    store.rebuild(lambda *_of: (), lambda _done: None)
    assert asked(store) == ["R3"]
    assert verification.wrong_projections(store, lambda *_of: (), lambda _done: None) == ()


def test_only_what_is_pending_is_read(store: Store, fact: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many restarts were pending once, and on whatever hosts."""
    facts = [pending(fact, f"R{number}", on=f"host:web-{number % 5:02}", minutes=number) for number in range(500)]
    store.append([*facts, *(end(fact, f"R{number}") for number in range(500) if number not in (11, 12))])
    read: list[str] = []
    real = rows.observation_of

    def counted(row: rows.Row) -> Observation:
        read.append(row["id"])
        return real(row)

    monkeypatch.setattr(rows, "observation_of", counted)
    assert asked(store, ["web-01", "web-03"]) == ["R11"]
    assert len(read) == 1


def test_each_condition_has_an_index(statements: tuple[Store, list[tuple[str, Any]]]) -> None:
    """Without that of the reboots every pending restart would look at all that was seen on its host since."""
    store, seen = statements
    with store.reading() as view:
        view.evidence.pending_restarts(["web-01"])
        view.evidence.pending_restarts()
    with store.database.engine.connect() as connection:
        plans = ["\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asks}", values)) for asks, values in seen[-2:]]
    for plan in plans:
        assert "observation USING INDEX ix_observation_pending" in plan
        assert "SEARCH ending USING COVERING INDEX" in plan
        assert "SEARCH reboot USING INDEX ix_observation_reboot" in plan
