"""The rule of ages, days, weeks and months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.retention import FOREVER, Retention, followers
from changelog_ledger.snapshots.retention import Moment, kept

NOW = datetime(2026, 11, 21, 13, 3, tzinfo=UTC)
DAY = timedelta(days=1)

lengths = st.one_of(st.just(FOREVER), st.integers(0, 800).map(lambda days: timedelta(days=days)))
policies = st.builds(Retention, lengths, st.none() | lengths, st.none() | lengths, st.none() | lengths)
ages = st.lists(st.integers(0, 900 * 24 * 60), min_size=1, max_size=60, unique=True)


def moments(minutes: list[int]) -> list[Moment]:
    return [Moment(f"S{age}", NOW - timedelta(minutes=age)) for age in sorted(minutes, reverse=True)]


def every(hours: int, days: int) -> list[Moment]:
    return moments([60 * hours * number for number in range(days * 24 // hours)])


def left(snapshots: list[Moment], policy: Retention, now: datetime = NOW) -> list[Moment]:
    keep = kept(snapshots, policy, now)
    return [moment for moment in snapshots if moment.id in keep]


def test_everything_while_young_then_one_a_day_a_week_a_month() -> None:
    policy = Retention(14 * DAY, 90 * DAY, 364 * DAY, FOREVER)
    keep = left(every(6, 730), policy)
    young = [moment for moment in keep if NOW - moment.at <= 14 * DAY]
    assert len(young) == 4 * 14 + 1
    by_day = [moment.at.date() for moment in keep if 14 * DAY < NOW - moment.at <= 90 * DAY]
    assert len(by_day) == len(set(by_day)) == 76
    by_week = [moment.at for moment in keep if 90 * DAY < NOW - moment.at <= 364 * DAY]
    weeks = {moment.isocalendar()[:2] for moment in by_week}
    months = {(moment.year, moment.month) for moment in by_week}
    assert len(by_week) <= len(weeks) + len(months), "the last of each week, and the last of each month besides"
    old = [(moment.at.year, moment.at.month) for moment in keep if NOW - moment.at > 364 * DAY]
    assert len(old) == len(set(old)) == 12
    assert all((moment.at + timedelta(hours=6)).month != moment.at.month for moment in keep if NOW - moment.at > 364 * DAY)


def test_by_age_alone() -> None:
    assert [NOW - moment.at for moment in left(every(24, 40), Retention(3 * DAY))] == [3 * DAY, 2 * DAY, DAY, timedelta(0)]


def test_the_last_one_stays_however_old_it_is() -> None:
    snapshots = moments([60 * 24 * 400, 60 * 24 * 300])
    assert left(snapshots, Retention(DAY)) == snapshots[-1:]
    assert kept([], Retention(DAY), NOW) == frozenset()


def test_days_are_those_of_utc() -> None:
    evening = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    both = [Moment("A", evening), Moment("B", evening + timedelta(hours=1)), Moment("C", NOW)]
    assert kept(both, Retention(DAY, daily=FOREVER), NOW) == {"A", "B", "C"}


@given(ages, policies, st.data())
def test_what_is_needed_and_what_is_young_stays(minutes: list[int], policy: Retention, data: st.DataObject) -> None:
    snapshots = moments(minutes)
    needed = data.draw(st.sets(st.sampled_from([moment.id for moment in snapshots])))
    keep = kept(snapshots, policy, NOW, {*needed, "of another host"})
    assert needed <= keep <= {moment.id for moment in snapshots}
    assert {moment.id for moment in snapshots if NOW - moment.at <= policy.keep_all} <= keep
    assert snapshots[-1].id in keep


@given(ages, policies)
def test_applying_it_twice_changes_nothing(minutes: list[int], policy: Retention) -> None:
    once = left(moments(minutes), policy)
    assert left(once, policy) == once


@given(ages, policies, st.integers(0, 400))
def test_how_often_it_is_applied_does_not_matter(minutes: list[int], policy: Retention, days: int) -> None:
    snapshots, later = moments(minutes), NOW + timedelta(days=days)
    assert left(left(snapshots, policy), policy, later) == left(snapshots, policy, later)


@given(ages, policies, st.integers(0, 400))
def test_what_has_gone_does_not_come_back(minutes: list[int], policy: Retention, days: int) -> None:
    snapshots = moments(minutes)
    assert kept(snapshots, policy, NOW + timedelta(days=days)) <= kept(snapshots, policy, NOW)


@given(ages, policies)
def test_a_longer_rule_keeps_more(minutes: list[int], policy: Retention) -> None:
    snapshots = moments(minutes)
    for rule in ("keep_all", "daily", "weekly", "monthly"):
        assert kept(snapshots, policy, NOW) <= kept(snapshots, replace(policy, **{rule: FOREVER}), NOW)


@given(ages)
def test_no_month_is_left_without(minutes: list[int]) -> None:
    snapshots = moments(minutes)
    months = {(moment.at.year, moment.at.month) for moment in snapshots}
    assert {(moment.at.year, moment.at.month) for moment in left(snapshots, Retention(DAY, monthly=FOREVER))} == months


@given(st.lists(st.booleans(), max_size=30))
def test_followers_are_those_behind_a_gap(present: list[bool]) -> None:
    names = [str(number) for number in range(len(present))]
    gone = {name for name, here in zip(names, present, strict=True) if not here}
    left_over = [name for name in names if name not in gone]
    found = dict(followers(names, gone))
    for place, name in enumerate(left_over):
        before = left_over[place - 1] if place else None
        moved = int(name) > 0 and str(int(name) - 1) in gone
        assert (name in found) == moved
        if moved:
            assert found[name] == before
