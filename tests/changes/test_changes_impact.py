"""What impact and risk the surroundings of a change suggest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes.impact import FREEZE_NEAR, Surroundings, dependents_of, freeze_is_near, suggest
from changelog_ledger.model.change import GROUNDS, Change, Dependent, Freeze, Level, Status
from changelog_ledger.model.topology import EVERYTHING, Target

NOW = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)
DB = Target.host("db-01")
PLAIN = Change("CHG-000001", "Raise the limit", Status.PLANNED, (DB,), rollback_to="latest", paths=("/etc/app.ini",))


def services(number: int, distance: int = 1) -> tuple[Dependent, ...]:
    return tuple(Dependent(Target.service(f"s{each:02}"), distance) for each in range(number))


def freeze(start: datetime, **fields: Any) -> Freeze:
    return Freeze("FRZ-1", "quarter end", start, start + timedelta(days=3), (EVERYTHING,), **fields)


def test_a_small_change_on_one_host_suggests_nothing() -> None:
    found = suggest(PLAIN, Surroundings(hosts=1, finished=20))
    assert (found.impact, found.risk, found.grounds, found.remarks) == (None, None, (), ())


@pytest.mark.parametrize(
    ("number", "distance", "level"),
    [
        (1, 0, Level.LOW),
        (2, 1, Level.LOW),
        (3, 1, Level.MEDIUM),
        (9, 1, Level.MEDIUM),
        (10, 1, Level.HIGH),
        (19, 2, Level.MEDIUM),
        (20, 2, Level.HIGH),
    ],
)
def test_dependents_count_once_near_and_half_farther_away(number: int, distance: int, level: Level) -> None:
    assert suggest(PLAIN, Surroundings(dependents=services(number, distance))).impact is level


def test_a_service_that_it_affects_counts_unless_it_is_a_dependent_already() -> None:
    affecting = replace(PLAIN, affects=tuple(dependent.target for dependent in services(3)))
    assert suggest(affecting, Surroundings()).impact is Level.MEDIUM
    assert suggest(affecting, Surroundings(dependents=services(3))).impact is Level.MEDIUM
    assert (
        suggest(affecting, Surroundings(dependents=services(3))).grounds[0].text
        == "3 services depend on host:db-01: service:s00, service:s01, service:s02"
    )


def test_everything_is_high() -> None:
    found = suggest(replace(PLAIN, on=(EVERYTHING,)), Surroundings(hosts=120, services=34))
    assert found.impact is Level.HIGH
    assert [ground.text for ground in found.grounds] == ["it is made on everything: 120 hosts and 34 services are known"]


@pytest.mark.parametrize(("minutes", "level"), [(0, None), (1, Level.MEDIUM), (59, Level.MEDIUM), (60, Level.HIGH)])
def test_downtime(minutes: int, level: Level | None) -> None:
    assert suggest(replace(PLAIN, downtime=timedelta(minutes=minutes)), Surroundings()).impact is level


@pytest.mark.parametrize(("hosts", "level"), [(9, None), (10, Level.MEDIUM), (49, Level.MEDIUM), (50, Level.HIGH)])
def test_the_number_of_hosts(hosts: int, level: Level | None) -> None:
    assert suggest(PLAIN, Surroundings(hosts=hosts)).impact is level


def test_no_paths_on_many_hosts_are_a_risk() -> None:
    assert suggest(replace(PLAIN, paths=()), Surroundings(hosts=9)).risk is None
    found = suggest(replace(PLAIN, paths=()), Surroundings(hosts=12))
    assert found.risk is Level.MEDIUM
    assert found.grounds[-1].text == "it names no paths, so any file may be touched, on 12 hosts"
    assert suggest(replace(PLAIN, paths=tuple(f"/etc/{each}" for each in range(20))), Surroundings(hosts=12)).risk is Level.MEDIUM


@pytest.mark.parametrize(
    ("finished", "failed", "level"),
    [(20, 0, None), (20, 1, Level.LOW), (20, 2, Level.MEDIUM), (6, 2, Level.HIGH), (20, 7, Level.HIGH), (1, 1, Level.MEDIUM)],
)
def test_the_history_of_the_targets(finished: int, failed: int, level: Level | None) -> None:
    assert suggest(PLAIN, Surroundings(finished=finished, failed=failed)).risk is level


def test_no_way_back_is_as_risky_as_the_change_is_felt() -> None:
    without = replace(PLAIN, rollback_to="")
    assert suggest(without, Surroundings()).risk is None
    assert suggest(without, Surroundings(dependents=services(3))).risk is Level.MEDIUM
    assert suggest(replace(without, impact=Level.HIGH), Surroundings()).risk is Level.HIGH
    assert suggest(replace(without, backout="put 4 back", impact=Level.HIGH), Surroundings()).risk is None
    lasting = suggest(replace(without, irreversible="the old format is gone", impact=Level.NONE), Surroundings())
    assert (lasting.risk, lasting.grounds[0].text) == (Level.LOW, "it cannot be taken back: the old format is gone")


def test_a_freeze_that_begins_soon_after_it_is_a_risk() -> None:
    assert freeze_is_near(freeze(NOW), NOW)
    assert freeze_is_near(freeze(NOW + FREEZE_NEAR), NOW)
    assert not freeze_is_near(freeze(NOW + FREEZE_NEAR + timedelta(seconds=1)), NOW)
    assert not freeze_is_near(freeze(NOW - timedelta(seconds=1)), NOW)
    assert not freeze_is_near(freeze(NOW, lifted_at=NOW), NOW)
    found = suggest(PLAIN, Surroundings(freezes=(freeze(NOW),)))
    assert found.risk is Level.MEDIUM
    assert "'quarter end'" in found.grounds[0].text


def test_what_was_said_too_low_is_remarked_and_never_overridden() -> None:
    fourteen = Surroundings(dependents=services(14))
    low = suggest(replace(PLAIN, impact=Level.LOW), fourteen)
    assert [remark.code for remark in low.remarks] == ["impact-understated"]
    assert low.remarks[0].text == (
        "low impact was said; high is suggested: 14 services depend on host:db-01: service:s00, service:s01, service:s02 and 11 more"
    )
    assert suggest(replace(PLAIN, impact=Level.HIGH), fourteen).remarks == ()
    assert [remark.code for remark in suggest(PLAIN, fourteen).remarks] == ["impact-unsaid"]
    assert suggest(PLAIN, Surroundings(dependents=services(4))).remarks == ()
    risky = suggest(replace(PLAIN, risk=Level.LOW), Surroundings(finished=4, failed=4))
    assert [remark.code for remark in risky.remarks] == ["risk-understated"]


def test_dependents_are_found_by_the_shortest_way_and_cycles_end() -> None:
    shop, mail, till = Target.service("shop"), Target.service("mail"), Target.service("till")
    needed_by = {DB: ("mail", "till"), shop: ("mail",), mail: ("till",), till: ("mail", "shop")}
    found = dependents_of([DB], ["shop"], needed_by)
    assert found == (Dependent(shop, 0), Dependent(mail, 1), Dependent(till, 1))
    assert dependents_of([till], [], needed_by) == (Dependent(mail, 1), Dependent(shop, 1))


NAMES = st.sampled_from([f"s{number}" for number in range(12)])
EDGES = st.dictionaries(NAMES, st.lists(NAMES, max_size=4), max_size=12)


@given(EDGES, st.lists(NAMES, max_size=3), NAMES)
def test_distances_are_those_of_the_shortest_ways(edges: dict[str, list[str]], running: list[str], named: str) -> None:
    targets = {DB, Target.service(named)}
    needed_by = {Target.service(name): tuple(above) for name, above in edges.items()}
    found = {each.target: each.distance for each in dependents_of(targets, running, needed_by)}
    expected = {Target.service(name): 0 for name in running if name != named}
    ways = dict.fromkeys(targets, 0) | expected
    for _ in range(15):  # relaxed until nothing moves: Bellman and Ford's way to say the same
        for target, above in needed_by.items():
            for name in above:
                if target in ways:
                    ways[Target.service(name)] = min(ways.get(Target.service(name), 99), ways[target] + 1)
    assert found == {target: distance for target, distance in ways.items() if target not in targets}


@given(
    st.sampled_from([None, *Level]),
    st.integers(0, 30),
    st.integers(0, 80),
    st.integers(0, 20),
    st.booleans(),
    st.sampled_from([None, Level.LOW, Level.HIGH]),
)
def test_every_suggestion_has_its_ground_and_more_dependents_never_lower_it(
    impact: Level | None, number: int, hosts: int, failed: int, back: bool, risk: Level | None
) -> None:
    change = replace(PLAIN, impact=impact, risk=risk, rollback_to="latest" if back else "")
    around = Surroundings(dependents=services(number), hosts=hosts, finished=20, failed=failed)
    found, more = suggest(change, around), suggest(change, replace(around, dependents=services(number + 5)))
    assert (found.impact or found.risk) is None or found.grounds
    assert {ground.code for ground in found.grounds} <= GROUNDS
    assert not {remark.code for remark in found.remarks} & GROUNDS
    assert more.impact is not None
    assert found.impact is None or more.impact.rank >= found.impact.rank
    assert found == suggest(change, around)
