"""Who meets whom: by examples, and against every pair tried one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes.conflicts import Ground, booking, conflict, globs_may_meet, meetings, meetings_of
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.globs import matches
from changelog_ledger.model.schedule import Booking, ConflictKind
from changelog_ledger.model.topology import EVERYTHING, Target

DAY = datetime(2026, 3, 2, tzinfo=UTC)
WEB, DB_HOST, SHOP, DB = Target.host("web-01"), Target.host("db-01"), Target.service("shop"), Target.service("db")
GROUND = Ground(
    {
        WEB: frozenset({WEB}),
        DB_HOST: frozenset({DB_HOST}),
        SHOP: frozenset({SHOP, WEB}),
        DB: frozenset({DB, DB_HOST}),
        EVERYTHING: frozenset({EVERYTHING}),
    },
    {SHOP: frozenset({DB, DB_HOST}), WEB: frozenset({DB, DB_HOST})},
)


def hour(number: float) -> datetime:
    return DAY + timedelta(hours=number)


def held(name: str, begins: float, ends: float | None, *on: Target, parent: str = "") -> Booking:
    return Booking(name, hour(begins), None if ends is None else hour(ends), on, parent=parent)


def pairs(*bookings: Booking) -> list[tuple[str, str, str]]:
    return [(met.first.change, met.second.change, str(met.kind)) for met in meetings(bookings, GROUND)]


class TestMeetings:
    def test_the_same_target_at_the_same_time(self) -> None:
        assert pairs(held("a", 1, 3, WEB), held("b", 2, 4, WEB)) == [("a", "b", "target")]

    def test_what_ends_at_three_is_not_in_the_way_of_what_begins_then(self) -> None:
        assert pairs(held("a", 1, 3, WEB), held("b", 3, 4, WEB)) == []

    def test_a_service_stands_for_its_hosts(self) -> None:
        assert pairs(held("a", 1, 3, SHOP), held("b", 2, 4, WEB)) == [("a", "b", "target")]

    def test_everything_is_everywhere(self) -> None:
        assert pairs(held("a", 1, 3, EVERYTHING), held("b", 2, 4, WEB), held("c", 2, 4, Target.host("x"))) == [
            ("a", "b", "target"),
            ("a", "c", "target"),
        ]

    @pytest.mark.parametrize("below", [DB, DB_HOST])
    @pytest.mark.parametrize("above", [SHOP, WEB])
    def test_on_a_dependency_of_the_others_target(self, above: Target, below: Target) -> None:
        assert pairs(held("a", 1, 3, above), held("b", 2, 4, below)) == [("a", "b", "dependency")]
        assert pairs(held("b", 1, 3, below), held("a", 2, 4, above)) == [("b", "a", "dependency")]

    def test_others_do_not_meet(self) -> None:
        assert pairs(held("a", 1, 3, Target.host("x")), held("b", 1, 3, Target.host("y"))) == []

    def test_a_change_and_its_parts_never_do(self) -> None:
        assert pairs(held("a", 1, 9, WEB), held("b", 2, 3, WEB, parent="a"), held("c", 2, 3, WEB, parent="a")) == [("b", "c", "target")]

    def test_without_an_end_it_is_there_for_good(self) -> None:
        assert pairs(held("a", 1, None, WEB), held("b", 9999, None, WEB)) == [("a", "b", "target")]


class TestBooking:
    def of(self, status: Status, now: float, **times: datetime) -> tuple[datetime, datetime | None] | None:
        found = booking(Change("CHG-1", "x", status, (WEB,), **times), hour(now))  # type: ignore[arg-type]
        return None if found is None else (found.begins, found.ends)

    def test_without_a_schedule_only_what_has_started_holds_anything(self) -> None:
        assert self.of(Status.PLANNED, 0) is None
        assert self.of(Status.STARTED, 5, started_at=hour(1)) == (hour(1), None)

    def test_under_way_past_its_end_it_is_there_until_somebody_says_otherwise(self) -> None:
        times = {"started_at": hour(1), "planned_end": hour(3)}
        assert self.of(Status.STARTED, 2, **times) == (hour(1), hour(3))
        assert self.of(Status.STARTED, 4, **times) == (hour(1), None)

    def test_a_plan_without_an_end_counts_at_its_start(self) -> None:
        assert self.of(Status.PLANNED, 0, planned_start=hour(1)) == (hour(1), hour(1) + timedelta(microseconds=1))

    @pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK, Status.CANCELLED])
    def test_what_is_closed_holds_nothing(self, status: Status) -> None:
        assert self.of(status, 0, planned_start=hour(1), started_at=hour(1)) is None


targets = st.sampled_from([WEB, DB_HOST, SHOP, DB, EVERYTHING, Target.host("other")])
spans = st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(1, 8)))


@st.composite
def many(draw: st.DrawFn) -> list[Booking]:
    number = draw(st.integers(0, 12))
    made = []
    for index in range(number):
        begins, length = draw(spans)
        on = tuple(dict.fromkeys(draw(st.lists(targets, min_size=1, max_size=3))))
        parent = draw(st.sampled_from(["", *(str(other) for other in range(index))]))
        made.append(held(str(index), begins, None if length is None else begins + length, *on, parent=parent))
    return made


@given(many())
def test_the_sweep_finds_what_trying_every_pair_finds(bookings: list[Booking]) -> None:
    swept = {(frozenset((met.first.change, met.second.change)), met.kind, met.places) for met in meetings(bookings, GROUND)}
    tried = {
        (frozenset((met.first.change, met.second.change)), met.kind, met.places)
        for number, asked in enumerate(bookings)
        for met in meetings_of(asked, bookings[:number], GROUND)
    }
    assert swept == tried
    assert len(swept) == len(list(meetings(bookings, GROUND)))


def slow_overlap(one: Booking, other: Booking) -> bool:
    """Whether some whole or half hour lies in both."""
    moments = [hour(number / 2) for number in range(80)]
    return any(all(each.begins <= moment and (each.ends is None or moment < each.ends) for each in (one, other)) for moment in moments)


@given(many())
def test_only_what_is_there_at_the_same_moment_meets(bookings: list[Booking]) -> None:
    for met in meetings(bookings, GROUND):
        assert slow_overlap(met.first, met.second)
        assert met.since >= max(met.first.begins, met.second.begins)
    everywhere = [entry for entry in bookings if EVERYTHING in entry.on and not entry.parent]
    found = {frozenset((met.first.change, met.second.change)) for met in meetings(everywhere, GROUND)}
    expected = {
        frozenset((one.change, other.change)) for number, one in enumerate(everywhere) for other in everywhere[:number] if slow_overlap(one, other)
    }
    assert found == expected


class TestPaths:
    def kind(self, *paths: tuple[str, ...]) -> ConflictKind:
        first, second = (Change(name, name, Status.PLANNED, (WEB,), paths=each) for name, each in zip("ab", paths, strict=True))
        (met,) = meetings([held("a", 1, 3, WEB), held("b", 2, 4, WEB)], GROUND)
        return conflict(met, {"a": first, "b": second}).kind

    def test_both_may_touch_the_same_path(self) -> None:
        assert self.kind(("/etc/nginx/**",), ("/etc/nginx/*.conf",)) is ConflictKind.PATH

    def test_on_the_same_host_at_other_paths(self) -> None:
        assert self.kind(("/etc/nginx/**",), ("/etc/postfix/**",)) is ConflictKind.TARGET

    def test_nobody_said_which_paths(self) -> None:
        assert self.kind((), ("/etc/postfix/**",)) is ConflictKind.TARGET

    @pytest.mark.parametrize(
        ("glob", "other"),
        [
            ("/etc/nginx/**", "/etc/postfix/**"),
            ("/etc/*.conf", "/etc/*.ini"),
            ("/etc/hosts", "/etc/hostname"),
            ("/etc/a/*.conf", "/etc/*.conf"),
            ("*.conf", "/etc/*.ini"),
        ],
    )
    def test_some_globs_cannot_meet(self, glob: str, other: str) -> None:
        assert not globs_may_meet(glob, other)
        assert not globs_may_meet(other, glob)

    names = st.lists(st.sampled_from(["a", "b", "ab", "*", "a*", "*b", "?", "[ab]", "[!a]", "**", "a*b", "x]"]), min_size=1, max_size=4)
    globs = st.builds(
        lambda rooted, parts, ends: ("/" if rooted else "") + "/".join(parts) + ("/" if ends else ""), st.booleans(), names, st.booleans()
    )
    paths = st.lists(st.sampled_from(["a", "b", "ab", "aab", "x]", "c"]), min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))

    @given(globs, globs, paths)
    def test_it_never_says_no_where_a_path_fits_both(self, glob: str, other: str, path: str) -> None:
        if matches(glob, path) and matches(other, path):
            assert globs_may_meet(glob, other)
