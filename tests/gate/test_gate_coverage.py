"""The rule: a change covers an edit when it names the target, one of its globs names the path, and it is its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.changes.lifecycle import allowed_verbs, step
from changelog_ledger.gate.coverage import covering, covers_at, missed, periods
from changelog_ledger.model import globs
from changelog_ledger.model.change import Change, ChangeType, Note, Status
from changelog_ledger.model.gate import Place

from .made import ALL, DB, NGINX, NOBODYS, NOW, ON_WEB, SHOP, WEB, change, hours, policy, within


def code(found: Change, path: str = NGINX, place: Place = ON_WEB, **more: Any) -> str:
    """Why it misses; ``covers`` if it does not."""
    at, rules = more.pop("at", (NOW,)), more.pop("rules", None)
    miss = missed(found, path, place, within(rules, *at, **more))
    return miss.code if miss else "covers"


def commands(found: Change, path: str = NGINX, place: Place = ON_WEB) -> list[str]:
    miss = missed(found, path, place, within())
    assert miss
    return [" ".join(command) for command in miss.commands]


class TestTarget:
    def test_the_target_itself_or_everything(self) -> None:
        assert [code(change("started", target)) for target in (WEB, ALL, DB, SHOP)] == ["covers", "covers", "target", "target"]

    def test_a_service_that_runs_on_the_host(self) -> None:
        assert code(change("started", SHOP), runs_on={SHOP: frozenset({"web-01"})}) == "covers"
        assert code(change("started", SHOP), runs_on={SHOP: frozenset({"web-02"})}) == "target"

    def test_a_host_says_nothing_of_the_files_of_a_service(self) -> None:
        place = Place((SHOP,), "values.yaml")
        runs_on = {SHOP: frozenset({"web-01"})}
        assert code(change("started", WEB), "services/shop/values.yaml", place, runs_on=runs_on) == "target"
        assert code(change("started", SHOP), "services/shop/values.yaml", place, runs_on=runs_on) == "covers"

    def test_one_of_several_targets_will_do(self) -> None:
        assert code(change("started", DB), place=replace(ON_WEB, targets=(WEB, DB))) == "covers"

    @pytest.mark.parametrize(
        ("on", "paths", "expected"),
        [(WEB, (), "target"), (WEB, ("*.tf",), "covers"), (WEB, ("/main.tf",), "covers"), (WEB, ("/etc/**",), "target"), (ALL, (), "covers")],
    )
    def test_what_is_nobodys_has_to_be_named_by_its_path(self, on: Any, paths: tuple[str, ...], expected: str) -> None:
        assert code(change("started", on, paths=paths), "main.tf", NOBODYS) == expected

    @pytest.mark.parametrize(
        ("on", "paths", "expected"),
        [
            (WEB, ("*.toml",), "target"),
            (WEB, ("/**",), "target"),
            (WEB, ("/.changelog-ledger.toml",), "covers"),
            (WEB, (".changelog-ledger.toml",), "covers"),
            (ALL, ("/**",), "path"),
            (ALL, (), "covers"),
        ],
    )
    def test_the_policy_has_to_be_meant(self, on: Any, paths: tuple[str, ...], expected: str) -> None:
        path = ".changelog-ledger.toml"
        assert code(change("started", on, paths=paths), path, Place((), path)) == expected

    def test_a_policy_in_pyproject_has_to_be_meant_too(self) -> None:
        rules = replace(policy(), file="pyproject.toml")
        place = Place((), "pyproject.toml")
        assert code(change("started", paths=("*.toml",)), "pyproject.toml", place, rules=rules) == "target"
        assert code(change("started", paths=("*.toml",)), "pyproject.toml", place) == "covers"


class TestPath:
    @pytest.mark.parametrize(
        ("glob", "expected"),
        [
            ("/etc/nginx/**", "covers"),  # as it is on the host
            ("/etc/nginx", "covers"),
            ("hosts/web-01/**", "covers"),  # as it is in the repository
            ("/hosts/*/etc/**", "covers"),
            ("nginx.conf", "covers"),  # without a leading slash it ends so
            ("*.conf", "covers"),
            ("/nginx.conf", "path"),
            ("/etc/haproxy/**", "path"),
            ("/etc/NGINX/**", "path"),
        ],
    )
    def test_a_glob_names_it_as_in_the_repository_or_as_on_the_host(self, glob: str, expected: str) -> None:
        assert code(change(paths=(glob,))) == expected

    def test_no_glob_names_everything_of_its_targets(self) -> None:
        assert code(change(paths=())) == "covers"

    def test_both_paths_of_a_renamed_file_count(self) -> None:
        paths = {"hosts/web-01/old": Place((WEB,), "old", "/old"), "hosts/web-01/new": Place((WEB,), "new", "/new")}
        one, both = change(id="CHG-ONE", paths=("/old",)), change(id="CHG-BOTH", paths=("/old", "/new"))
        covers, misses = covering([one, both], paths, within())
        assert covers == ("CHG-BOTH",)
        assert [(miss.change, miss.code, miss.commands) for miss in misses] == [
            ("CHG-ONE", "path", (("ledger", "change", "extend", "CHG-ONE", "--path", "/new"),))
        ]

    def test_a_renamed_file_may_move_to_another_host(self) -> None:
        paths = {"hosts/web-01/a": Place((WEB,), "a", "/a"), "hosts/db-01/a": Place((DB,), "a", "/a")}
        assert covering([change("started", WEB), change("started", WEB, DB, id="CHG-2")], paths, within())[0] == ("CHG-2",)


class TestTime:
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            ("planned", "not-started"),
            ("approved", "outside-window"),
            ("started", "covers"),
            ("succeeded", "over"),
            ("failed", "over"),
            ("rolled-back", "over"),
            ("cancelled", "over"),
        ],
    )
    def test_as_a_policy_has_it_that_says_nothing(self, status: str, expected: str) -> None:
        assert code(change(status)) == expected

    def test_what_is_approved_covers_within_its_window(self) -> None:
        approved = change("approved", planned_start=NOW - hours(0.5), planned_end=NOW + hours(1))
        assert code(approved) == "covers"
        assert code(approved, rules=policy('covered_by = ["started"]')) == "not-started"
        assert code(replace(approved, planned_end=NOW - hours(0.1))) == "outside-window"
        assert code(replace(approved, planned_start=NOW + hours(0.1), planned_end=None)) == "outside-window"
        assert code(replace(approved, planned_start=None)) == "outside-window"
        assert code(replace(approved, planned_start=None), rules=policy("within_window = []")) == "covers"

    def test_a_window_is_one_in_any_time_zone(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        window = {"planned_start": datetime(2026, 11, 22, 9, 30, tzinfo=berlin), "planned_end": datetime(2026, 11, 22, 10, 30, tzinfo=berlin)}
        assert code(change("approved", zone="Europe/Berlin", **window)) == "covers"
        assert code(change("approved", **window, approved_at=NOW + hours(-20)), at=(NOW - hours(1),)) == "outside-window"

    def test_who_starts_an_approved_change_need_not_wait(self) -> None:
        """Around the moment of a step, within what clocks differ by, either status will do."""
        begun = change(approved_at=NOW - hours(2), started_at=NOW, planned_start=NOW + hours(9), planned_end=NOW + hours(10))
        assert code(begun, at=(NOW + timedelta(seconds=1),)) == "covers"

    def test_commits_know_whole_seconds(self) -> None:
        assert code(change(started_at=NOW + timedelta(seconds=1.9))) == "covers"
        assert code(change(started_at=NOW + timedelta(seconds=2.1))) == "time"
        assert code(change("succeeded", finished_at=NOW)) == "covers"
        assert code(change("succeeded", finished_at=NOW - timedelta(seconds=0.1))) == "over", "rounding down makes no commit later than it was"

    def test_a_commit_is_judged_by_what_was_when_it_was_made(self) -> None:
        taken_back = change("rolled-back")
        assert code(taken_back, at=(NOW - hours(2),)) == "covers"
        assert code(taken_back, at=(NOW - hours(4),)) == "over"
        assert code(taken_back, at=(NOW - hours(4), NOW - hours(2))) == "covers"  # a rebase: when it was written counts too

    def test_an_emergency_that_is_approved_afterwards_has_been_under_way(self) -> None:
        late = change("started", type=ChangeType.EMERGENCY, approved_at=NOW - hours(0.1))
        assert periods(late) == ((Status.PLANNED, NOW - hours(24), NOW - hours(1)), (Status.STARTED, NOW - hours(1), None))

    def test_what_was_logged_afterwards_covers_when_it_was_made_and_was_never_planned(self) -> None:
        logged = change("succeeded", logged_after=True)
        assert periods(logged) == ((Status.STARTED, NOW - hours(3), NOW - hours(1)),)

    def test_a_start_that_was_recorded_late_covers_from_when_it_was(self) -> None:
        assert periods(change(recorded_at=NOW)) == ((Status.STARTED, NOW - hours(1), None),)

    @pytest.mark.parametrize(
        ("imported", "expected"),
        [
            (change("succeeded", recorded_at=NOW - hours(9), started_at=None, finished_at=None), "over"),
            (change("succeeded", recorded_at=None, started_at=None, finished_at=None), "over"),
            (change("succeeded", started_at=NOW - hours(9), finished_at=None), "over"),
            (change("cancelled", notes=(), approved_at=NOW - hours(9), planned_start=NOW - hours(1), planned_end=NOW + hours(1)), "over"),
            (change("started", started_at=None), "covers"),
            (change("started", started_at=None, recorded_at=None), "time"),
            (change("approved", approved_at=None, planned_start=NOW - hours(1), planned_end=NOW + hours(1)), "covers"),
        ],
    )
    def test_what_was_imported_without_its_times_is_what_it_says_it_is(self, imported: Change, expected: str) -> None:
        assert code(imported, rules=policy('covered_by = ["started", "approved", "planned"]')) == expected


class TestActor:
    def test_the_same_persons_change_where_the_policy_wants_it(self) -> None:
        same = policy('actor = "same"')
        assert code(change(actor="Anna"), rules=same, people=frozenset({"anna"})) == "covers"
        assert code(change(actor="bob"), rules=same, people=frozenset({"anna"})) == "actor"
        assert code(change(actor="bob"), people=frozenset({"anna"})) == "covers"
        assert code(change(actor=""), rules=same, people=frozenset()) == "actor"

    def test_who_started_it_makes_it_too_who_extended_it_does_not(self) -> None:
        same = policy('actor = "same"')
        notes = (Note(NOW, "carl", "", "started"), Note(NOW, "dora", "", "extended"), Note(NOW, "eve", "looks good", ""))
        people = [code(change(actor="bob", notes=notes), rules=same, people=frozenset({name})) for name in ("carl", "dora", "eve")]
        assert people == ["covers", "actor", "actor"]


class TestWhatWouldHelp:
    def test_a_change_that_waits_is_started(self) -> None:
        assert commands(change("planned")) == ["ledger change start CHG-7K3M9Q"]
        assert commands(change("approved")) == ["ledger change start CHG-7K3M9Q"]

    def test_a_change_for_something_else_is_extended(self) -> None:
        assert commands(change(paths=("/etc/hosts",))) == ["ledger change extend CHG-7K3M9Q --path /etc/nginx/nginx.conf"]
        assert commands(change("started", DB)) == ["ledger change extend CHG-7K3M9Q --on host:web-01"]
        both = change("planned", DB, paths=("/etc/hosts",))
        assert commands(both) == ["ledger change extend CHG-7K3M9Q --on host:web-01 --path /etc/nginx/nginx.conf", "ledger change start CHG-7K3M9Q"]

    def test_where_nothing_helps_nothing_is_said(self) -> None:
        assert commands(change("succeeded", paths=("/etc/hosts",))) == []
        assert commands(change(started_at=NOW + hours(1), paths=("/etc/hosts",))) == []
        assert commands(change(), "main.tf", NOBODYS) == []  # a --path would narrow what it covers

    def test_an_emergency_is_not_extended_nor_a_change_on_all(self) -> None:
        assert commands(change(type=ChangeType.EMERGENCY, paths=("/etc/hosts",))) == []
        assert commands(change("started", DB, type=ChangeType.EMERGENCY)) == []
        assert commands(change("started", ALL, paths=("/etc/hosts",))) == []

    def test_where_only_approval_counts_it_is_approved(self) -> None:
        only = within(policy('covered_by = ["approved"]\nwithin_window = []'))
        misses = [missed(change(status), NGINX, ON_WEB, only) for status in ("planned", "started")]
        assert [(miss.code, miss.commands) for miss in misses if miss] == [
            ("not-approved", (("ledger", "change", "approve", "CHG-7K3M9Q"),)),
            ("time", ()),
        ]

    def test_hostile_names_are_one_word(self) -> None:
        name = "a b';$(id)\n\x1b[2J[x]*"
        miss = missed(change(paths=("/etc/hosts",)), "hosts/web-01/" + name, Place((WEB,), name, "/" + name), within())
        assert miss
        assert miss.commands == (("ledger", "change", "extend", "CHG-7K3M9Q", "--path", globs.literal("/" + name)),)


def test_the_narrowest_covers_first() -> None:
    everything, broad, narrow = change("started", ALL, id="CHG-1"), change(id="CHG-2"), change(id="CHG-3", paths=("/etc/**",))
    later = change(id="CHG-4", paths=("/etc/**",), started_at=NOW - hours(0.5))
    assert covering([everything, broad, narrow, later], {NGINX: ON_WEB}, within())[0] == ("CHG-4", "CHG-3", "CHG-2", "CHG-1")


def test_what_comes_near_is_said_nearest_first_and_nothing_else() -> None:
    near = [
        change("started", DB, id="CHG-1"),  # somebody works elsewhere: that is no reason to drag it here
        change("started", DB, id="CHG-2", paths=("/etc/nginx/**",)),
        change(id="CHG-3", paths=("/etc/hosts",)),
        change("succeeded", id="CHG-4"),
        change("planned", id="CHG-5"),
    ]
    covers, misses = covering(near, {NGINX: ON_WEB}, within())
    assert covers == ()
    assert [miss.change for miss in misses] == ["CHG-5", "CHG-3", "CHG-2"]


def test_what_is_over_stands_behind_what_can_be_helped_and_only_if_it_was_about_the_edit() -> None:
    over = [change("succeeded", id=f"CHG-{number}") for number in range(3)]
    beside = [change("succeeded", id="CHG-PATH", paths=("/etc/hosts",)), change("succeeded", DB, id="CHG-DB", paths=("/etc/nginx/**",))]
    lacking = change(id="CHG-LACKS", paths=("/etc/hosts",))
    misses = covering([*over, *beside, lacking], {NGINX: ON_WEB}, within())[1]
    assert [miss.change for miss in misses] == ["CHG-LACKS", "CHG-0", "CHG-1"]
    assert covering(beside, {NGINX: ON_WEB}, within())[1] == ()


def test_at_most_three_come_near_and_none_twice() -> None:
    """Two grants of a change are two changes here."""
    assert len(covering([change("planned", id=f"CHG-{number}") for number in range(9)], {NGINX: ON_WEB}, within())[1]) == 3
    assert len(covering([change(paths=("/a",)), change(paths=("/a",))], {NGINX: ON_WEB}, within())[1]) == 1


# ---- laws

VERBS = st.lists(st.tuples(st.sampled_from(["approve", "start", "finish", "fail", "roll-back", "cancel", "review"]), st.integers(0, 90)), max_size=8)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change made by legal steps, the last of them not after now."""
    made = replace(
        change("planned"),
        type=draw(st.sampled_from(list(ChangeType))),
        paths=tuple(draw(st.lists(st.sampled_from(["/etc/**", "*.conf", "/etc/hosts", "hosts/web-01/**"]), max_size=2))),
        on=(draw(st.sampled_from([WEB, DB, ALL])),),
    )
    at = NOW - hours(20)
    for number, (verb, minutes) in enumerate(draw(VERBS)):
        at += timedelta(minutes=minutes)
        if verb in allowed_verbs(made):
            made = step(made, verb, at, f"person-{number}")
    return made


@given(changes())
def test_the_periods_of_a_change_are_disjoint_in_order_and_end_with_what_it_is(made: Change) -> None:
    found = periods(made)
    assert [status for status, _, _ in found] == sorted({status for status, _, _ in found}, key=list(Status).index)
    for (_, start, end), (_, following, _) in pairwise(found):
        assert end is not None
        assert start <= end <= following
    present = [status for status, start, end in found if start <= NOW and end is None]
    assert present == ([made.status] if made.is_open else [])


@given(changes(), st.sampled_from([ON_WEB, Place((DB,), "x", "/x")]), st.sets(st.sampled_from(["planned", "approved", "started"]), min_size=1))
def test_what_is_not_missed_covers_and_nothing_else_does(made: Change, place: Place, statuses: set[str]) -> None:
    asked = within(policy(f"covered_by = {sorted(statuses)}\nwithin_window = []"))
    covers, misses = covering([made], {NGINX: place}, asked)
    miss = missed(made, NGINX, place, asked)
    assert (miss is None) == (covers == (made.id,))
    assert not (covers and misses)
    assert misses in ((), (miss,))


@given(changes(), st.text(max_size=20))
def test_a_change_without_paths_covers_any_path_of_its_targets_in_its_time(made: Change, name: str) -> None:
    unlimited = replace(made, paths=(), on=(WEB,))
    asked = within(policy("within_window = []"))
    covers = covering([unlimited], {"hosts/web-01/" + name: Place((WEB,), name, "/" + name)}, asked)[0]
    assert bool(covers) == covers_at(unlimited, NOW, asked.policy) == (made.status in (Status.STARTED, Status.APPROVED))
