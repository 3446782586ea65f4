"""The recent-changes log: every step of every change, and what may be asked of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest

from changelog_ledger import reports
from changelog_ledger.errors import InvalidInput
from changelog_ledger.ledger import Ledger

from .world import HOST, START, World

HOUR = timedelta(hours=1)


def as_actor(world: World, name: str) -> Ledger:
    """The same home, and somebody else at the keyboard."""
    other = Ledger.open(world.ledger.home, actor=name, clock=world.clock)
    world.spare.append(other)
    return other


def steps(world: World, **asked: Any) -> list[tuple[str, str]]:
    return [(entry.status, entry.actor) for entry in world.ledger.recent(HOST, kind="change", **asked)]


@pytest.fixture
def week(either: World) -> World:
    """A firewall change that failed, by ada; a DNS change that went well, by alex; an edit and a reboot that nobody logged."""
    either.snapshot()
    ada = as_actor(either, "ada")
    firewall = ada.plan("Open port 8443", [HOST], paths=["/etc/hosts"], category=["firewall"], backout="close it")
    either.clock.tick(hours=1)
    ada.start(firewall.id)
    either.machine.write("/etc/hosts", "127.0.0.1 localhost\n10.0.0.1 gate\n10.0.0.2 a\n10.0.0.3 b\n10.0.0.4 c\n")
    either.snapshot(change=firewall.id)
    either.clock.tick(hours=1)
    ada.fail(firewall.id, note="no answer")
    name_server = either.ledger.plan("Other name server", [HOST], paths=["/etc/app.ini"], category=["dns"], backout="the old one")
    either.clock.tick(hours=1)
    either.ledger.start(name_server.id)
    either.machine.edit("/etc/app.ini", "db-01", "db-02")
    either.snapshot(change=name_server.id)
    either.ledger.finish(name_server.id)
    either.clock.tick(hours=1)
    either.machine.edit("/etc/nginx/nginx.conf", "listen 80", "listen 81")
    either.snapshot()
    either.ledger.observe("rebooted", HOST, kind="reboot")
    either.ledger.bad(HOST, symptom="502")
    yield either
    for other in either.spare:
        other.close()


def test_every_step_is_there_with_who_took_it(world: World) -> None:
    planned = world.ledger.plan("Core switch", [HOST], impact="high", backout="back", start=START + 3 * HOUR, end=START + 4 * HOUR)
    with Ledger.open(world.ledger.home, actor="bob", clock=world.clock) as bob:
        world.clock.tick(hours=1)
        bob.approve(planned.id)
        assert steps(world) == [("approved", "bob")], "its window has not even begun"
        world.clock.tick(hours=1)
        world.ledger.start(planned.id, override="the partner waits")
        world.clock.tick(minutes=10)
        world.ledger.finish(planned.id, note="all of it was looked at")
        world.clock.tick(days=1)
        bob.review(planned.id)
    assert steps(world) == [("approved", "bob"), ("started", "alex"), ("succeeded", "alex"), ("reviewed", "bob")]
    started = world.ledger.recent(HOST, kind="change")[1]
    assert "outside-window" in started.remarks
    assert {entry.outcome for entry in world.ledger.recent(HOST, kind="change")} == {"succeeded"}


def test_a_change_that_is_cancelled_before_its_time_is_there(world: World) -> None:
    planned = world.ledger.plan("Later", [HOST], start=START + 90 * HOUR, end=START + 91 * HOUR)
    world.clock.tick(hours=1)
    world.ledger.cancel(planned.id, note="no need")
    assert steps(world) == [("cancelled", "alex")]
    assert steps(world, outcome="cancelled") == [("cancelled", "alex")]
    assert steps(world, until=START + HOUR / 2) == []


def test_a_review_weeks_later_is_there(world: World) -> None:
    planned = world.ledger.plan("Fast", [HOST], type="emergency")
    world.ledger.start(planned.id)
    world.ledger.finish(planned.id)
    world.clock.tick(days=20)
    world.ledger.review(planned.id)
    assert steps(world) == [("reviewed", "alex")]


def test_a_change_that_is_due_says_so_until_it_starts(world: World) -> None:
    world.ledger.plan("Late", [HOST], start=START + HOUR, end=START + 2 * HOUR)
    world.clock.tick(hours=3)
    assert steps(world) == [("planned, to start", "alex")]


def words(world: World, **asked: Any) -> list[str]:
    return [f"{entry.kind} {entry.status}".strip() for entry in world.ledger.recent(HOST, **asked)]


def test_all_of_it(week: World) -> None:
    assert words(week) == [
        "change started", "drift", "drift", "drift", "drift", "change failed",
        "change started", "drift", "change succeeded", "drift", "mark bad", "observation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"category": "firewall"}, ["change started", *4 * ["drift"], "change failed"]),
        ({"category": " DNS "}, ["change started", "drift", "change succeeded"]),
        ({"outcome": "failed"}, ["change started", *4 * ["drift"], "change failed"]),
        ({"actor": "ada"}, ["change started", *4 * ["drift"], "change failed"]),
        ({"actor": "ada", "kind": "change"}, ["change started", "change failed"]),
        ({"unlogged": True}, ["drift", "observation"]),
        ({"kind": "mark"}, ["mark bad"]),
        ({"kind": "observation"}, ["observation"]),
        ({"category": "storage"}, []),
        ({"outcome": "succeeded", "kind": "drift"}, ["drift"]),
        ({"since": START + 2.5 * HOUR, "kind": "change"}, ["change started", "change succeeded"]),
    ],
    ids=str,
)
def test_filters(week: World, asked: dict[str, Any], found: list[str]) -> None:
    assert words(week, **asked) == found


def test_marks_of_everything_are_in_it_whoever_is_asked_for(either: World) -> None:
    either.ledger.bad("all", symptom="the network is down")
    either.clock.tick(minutes=5)
    either.ledger.good("all")
    for target in (None, "all", f"host:{HOST}"):
        found = either.ledger.recent(target, kind="mark")
        assert [entry.status for entry in found] == ["bad", "good"]


def test_freezes_begin_and_end_in_it(either: World) -> None:
    either.ledger.add_host("db-01")
    day = {"start": START + HOUR, "end": START + 3 * HOUR}
    either.ledger.freeze.add("Quarter end", **day)
    lifted = either.ledger.freeze.add("Election", **day, on=[HOST])
    either.ledger.freeze.add("Elsewhere", **day, on=["db-01"])
    either.clock.tick(hours=2)
    either.ledger.freeze.lift(lifted.id)
    either.clock.tick(hours=2)
    found = [(entry.text, entry.status, entry.at) for entry in either.ledger.recent(HOST, kind="freeze")]
    assert sorted(found) == [
        ("Election", "begun", START + HOUR),
        ("Election", "lifted", START + 2 * HOUR),
        ("Quarter end", "begun", START + HOUR),
        ("Quarter end", "over", START + 3 * HOUR),
    ]
    assert "freeze over" in reports.render_recent(either.ledger.recent(HOST))


@pytest.mark.parametrize("asked", [{"kind": "changes"}, {"outcome": "good"}, {"outcome": "Failed"}])
def test_what_nothing_can_fit_is_refused(world: World, asked: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.ledger.recent(HOST, **asked)
    assert "one of" in refused.value.hint


def test_a_difference_says_which_file_and_which_snapshot(week: World) -> None:
    snapshots = {snapshot.at for snapshot in week.ledger.snapshots(HOST)}
    drift = week.ledger.recent(HOST, kind="drift")
    assert {entry.path for entry in drift} == {"/etc/hosts", "/etc/app.ini", "/etc/nginx/nginx.conf"}
    assert {entry.found_at for entry in drift} < snapshots


def test_what_one_change_did_to_a_file_folds_into_a_line(week: World) -> None:
    folded = reports.fold_recent(week.ledger.recent(HOST))
    assert [entry.text for entry in folded if entry.folded > 1] == ["4 differences in /etc/hosts"]
    assert sum(entry.folded for entry in folded) == len(week.ledger.recent(HOST))


def test_a_feed_of_it_can_be_read(week: World) -> None:
    feed = feedparser.parse(reports.render_recent_atom(week.ledger.recent(HOST), HOST, week.clock()))
    assert not feed.bozo
    assert len({entry.id for entry in feed.entries}) == 12


def test_imported_changes_have_steps_too(world: World) -> None:
    day = datetime(2025, 6, 2, 6, tzinfo=UTC)
    line = (
        f'{{"kind": "change", "ref": "RFC-1", "title": "Imported", "on": ["host:{HOST}"], "actor": "eve", "started_at": "{day.isoformat()}", '
        f'"finished_at": "{(day + HOUR).isoformat()}", "outcome": "rolled-back"}}'
    )
    world.ledger.import_facts([line])
    assert steps(world) == [("started", "eve"), ("rolled-back", "eve")]


def test_an_edit_that_is_older_than_the_time_and_was_found_in_it_is_there(world: World) -> None:
    """Law 1: what a snapshot within the time found is never left out, whenever it was made."""
    world.snapshot()
    world.machine.write("/etc/motd", "hello\n", at=world.clock.tick(minutes=1))
    world.clock.tick(hours=1)
    since = world.clock()
    world.snapshot()
    (entry,) = world.ledger.recent(HOST, since=since)
    assert entry.at < since
    assert entry.found_at is not None
    assert entry.found_at > since


def test_a_freeze_of_a_service_concerns_its_hosts(world: World) -> None:
    world.ledger.add_service("shop", runs_on=[HOST])
    world.ledger.freeze.add("Sale", start=START + HOUR, end=START + 2 * HOUR, on=["service:shop"])
    world.clock.tick(minutes=90)
    assert [entry.text for entry in world.ledger.recent(HOST)] == ["Sale"]
