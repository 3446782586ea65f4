"""When a target last worked, and when it was first seen bad, of a few marks of each target as of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changelog_ledger.errors import NotFound
from changelog_ledger.investigation import choose_window
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.report import Basis, Window
from changelog_ledger.model.topology import EVERYTHING, Health, Mark, Target
from changelog_ledger.store.store import Store
from tests.store.conftest import START

Make = Callable[..., Fact]

SHOP, WEB = Target.service("shop"), Target.host("web-01")
TARGETS = [SHOP, WEB, Target.host("shop"), EVERYTHING, Target.host("never-marked")]
LONG_AGO, FAR_AHEAD = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def marked(fact: Make, target: Target, minutes: int, state: str = "good") -> Fact:
    return fact("mark", minutes=minutes, target=str(target), state=state)


def told(marks: Sequence[Mark]) -> list[tuple[str, str, float]]:
    return [(str(mark.target), str(mark.state), (mark.at - START).total_seconds() / 60) for mark in marks]


def test_the_last_good_mark_is_not_lost_among_those_of_many_neighbours(store: Store, fact: Make) -> None:
    hosts = [Target.host(f"web-{number:02}") for number in range(20)]
    checked = [marked(fact, host, 10 + minute) for minute in range(100) for host in hosts]
    store.append([marked(fact, SHOP, 1), *checked, marked(fact, SHOP, 200, "bad")])
    with store.reading() as view:
        found = view.marks.latest([SHOP, *hosts])
    assert [mark for mark in told(found) if mark[0] == "service:shop"] == [("service:shop", "good", 1), ("service:shop", "bad", 200)]
    assert len(found) == 2 + 10 * 20


def test_the_latest_trouble_is_found_though_it_works_for_long_since(store: Store, fact: Make) -> None:
    store.append([marked(fact, SHOP, 1), marked(fact, SHOP, 2, "bad"), marked(fact, SHOP, 3), marked(fact, SHOP, 4), marked(fact, SHOP, 5, "bad")])
    store.append([marked(fact, SHOP, 6, "bad"), *(marked(fact, SHOP, minute) for minute in range(10, 200))])
    with store.reading() as view:
        found = told(view.marks.latest([SHOP]))
    assert found[:3] == [("service:shop", "good", 4), ("service:shop", "bad", 5), ("service:shop", "bad", 6)]
    assert found[3:] == [("service:shop", "good", minute) for minute in range(190, 200)]


def test_each_question_about_marks(store: Store, fact: Make) -> None:
    store.append([marked(fact, SHOP, 1), marked(fact, SHOP, 5, "bad"), marked(fact, WEB, 3), marked(fact, WEB, 7), marked(fact, EVERYTHING, 4)])
    minute = [START + timedelta(minutes=minutes) for minutes in range(10)]
    with store.reading() as view:
        assert told(view.marks.newest(TARGETS, minute[4])) == [("service:shop", "bad", 5), ("host:web-01", "good", 7)]
        assert told(view.marks.between(TARGETS, minute[3], minute[5])) == [("all", "good", 4), ("service:shop", "bad", 5)]
        assert told(view.marks.first_good(TARGETS, minute[3])) == [("host:web-01", "good", 3), ("all", "good", 4)]
        assert told(view.marks.bad_after(TARGETS, minute[4])) == [("service:shop", "bad", 5)]
        assert view.marks.bad_after(TARGETS, minute[5]) == ()
        assert view.marks.latest([Target.host("never-marked")]) == ()
        assert view.marks.latest([]) == ()


MARKS = st.lists(
    st.tuples(st.sampled_from(TARGETS[:4]), st.integers(0, 60), st.sampled_from(["good", "bad"])), max_size=60, unique_by=lambda m: m[:2]
)


@given(MARKS, st.integers(0, 60), st.sampled_from([None, Basis.ONSET]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_window_from_the_latest_marks_is_the_one_from_all(
    tmp_path_factory: pytest.TempPathFactory, fact: Make, marks: list[tuple[Target, int, str]], until: int, basis: Basis | None
) -> None:
    store = Store.create(f"sqlite:///{tmp_path_factory.mktemp('marks')}/ledger.db", "test")
    store.append([marked(fact, *mark) for mark in marks])
    now = START + timedelta(minutes=until)
    with store.reading() as view:
        for target in TARGETS:
            every, latest = view.marks.between([target], LONG_AGO, FAR_AHEAD), view.marks.latest([target], now)
            assert set(latest) <= set(every)
            assert window(latest, now, basis) == window(every, now, basis)
            together = [mark for mark in view.marks.latest(TARGETS, now) if mark.target == target]
            assert tuple(together) == latest
    store.close()


def window(marks: Sequence[Mark], now: datetime, basis: Basis | None) -> Window | str:
    try:
        return choose_window(marks, now=now, until_basis=basis)
    except NotFound as refused:
        return str(refused)


def test_what_was_corrected_does_not_count(store: Store, fact: Make) -> None:
    store.append([marked(fact, SHOP, 1), marked(fact, SHOP, 5), marked(fact, SHOP, 5, "bad"), marked(fact, SHOP, 8, "bad")])
    with store.reading() as view:
        found = choose_window(view.marks.latest([SHOP]), now=START + timedelta(minutes=9))
    assert found.last_good is not None
    assert (found.last_good.state, found.since, found.onset) == (Health.GOOD, START + timedelta(minutes=1), START + timedelta(minutes=5))
