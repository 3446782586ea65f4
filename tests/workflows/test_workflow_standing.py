"""What ``status`` says of changes: under way, stuck, overdue, waiting for somebody, and until when one can go back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from changelog_ledger.reports import overview_document, render_change, render_changes, render_status
from changelog_ledger.reports.style import PLAIN
from changelog_ledger.workflows import overview

from .world import HOST, START, World

RETURNS = re.compile(r"can go back|too late")


def ids(changes: Any) -> list[str]:
    return [change.id for change in changes]


def shown(world: World, change: Any) -> str:
    return render_change(world.ledger.find_change(change.id), PLAIN, world.clock())


def in_window(world: World, **details: Any) -> Any:
    """The bank's window: Monday 10:00 to 12:00, and going back takes half an hour."""
    return world.ledger.plan("Close the books", [HOST], start=START + timedelta(hours=1), duration="2h", **({"backout_time": "30m"} | details))


def test_until_when_one_can_go_back_is_plain(either: World) -> None:
    change = in_window(either)
    assert "can go back until 11:30 (2 h 30 min left)" in shown(either, change), "planned today"
    either.clock.tick(hours=1)
    either.ledger.start(change.id)
    either.clock.tick(minutes=70)
    assert "can go back until 11:30 (20 min left)" in shown(either, change)
    status = either.ledger.status()
    assert f"RETURN   {change.id} Close the books: can go back until 11:30 (20 min left)" in render_status(status)
    assert overview_document(status)["returns"] == [{"change": change.id, "last_return": "2025-06-02T11:30:00Z", "seconds_left": 1200}]
    either.clock.tick(minutes=30)
    assert "too late to go back within the window since 11:30" in shown(either, change)
    assert "too late to go back within the window since 11:30" in " ".join(render_status(either.ledger.status()).split())
    assert overview_document(either.ledger.status())["returns"][0]["seconds_left"] == -600
    either.ledger.finish(change.id)
    assert not RETURNS.search(shown(either, change) + render_status(either.ledger.status()))


def test_the_last_moment_is_still_in_time(world: World) -> None:
    change = in_window(world)
    world.clock.tick(hours=1)
    world.ledger.start(change.id)
    world.clock.tick(minutes=90)
    assert "can go back until 11:30 (0 s left)" in shown(world, change)
    world.clock.tick(seconds=1)
    assert "too late" in shown(world, change)


def test_nothing_is_said_where_it_cannot_be_told_or_is_far_away(world: World) -> None:
    unknown = in_window(world, backout_time=None)
    far = world.ledger.plan("Next week", [HOST], start=START + timedelta(days=7), duration="2h", backout_time="30m")
    assert not RETURNS.search(shown(world, unknown) + shown(world, far))
    assert world.ledger.status().returning == ()


def test_a_way_back_that_is_longer_than_the_window_is_said(world: World) -> None:
    assert "going back takes 3 h, which is longer than its window" in shown(world, in_window(world, backout_time="3h"))


def test_what_is_under_way_too_long_is_stuck_and_can_be_closed(world: World) -> None:
    crashed = in_window(world)
    endless = world.ledger.plan("No end", [HOST])
    waiting = in_window(world)
    world.clock.tick(hours=1)
    for change in (crashed, endless):
        world.ledger.start(change.id)
    world.clock.tick(hours=2)
    assert world.ledger.status().stuck == ()
    world.clock.tick(minutes=1)
    assert ids(world.ledger.status().stuck) == [crashed.id]
    assert set(ids(world.ledger.status().overdue)) == {crashed.id, waiting.id}
    text = " ".join(render_status(world.ledger.status()).split())
    assert f"STUCK {crashed.id} Close the books, for 1 min, started 2 h 1 min ago; close it: ledger change fail {crashed.id}" in text
    assert text.count("OVERDUE") == 1
    world.clock.tick(hours=22)
    assert set(ids(world.ledger.status().stuck)) == {crashed.id, endless.id}
    assert f"Close it: ledger change fail {endless.id} --note TEXT" in " ".join(shown(world, endless).split())
    for change in (crashed, endless):
        world.ledger.fail(change.id, note="its script died")
    assert world.ledger.status().stuck == ()
    assert "Close it" not in shown(world, endless)


def test_what_started_after_its_window_gets_a_day(world: World) -> None:
    change = in_window(world)
    world.clock.tick(hours=5)
    world.ledger.start(change.id)
    world.clock.tick(hours=23)
    assert world.ledger.status().stuck == ()
    world.clock.tick(hours=2)
    assert ids(world.ledger.status().stuck) == [change.id]


def test_who_waits_for_whom(world: World) -> None:
    big = world.ledger.plan("Big", [HOST], impact="high", rollback_to="latest", items=["DNS"])
    small = world.ledger.plan("Small", [HOST], impact="low")
    urgent = world.ledger.plan("Urgent", [HOST], type="emergency")
    for change in (small, urgent):
        world.ledger.start(change.id)
        world.ledger.finish(change.id)
    status = world.ledger.status()
    assert (ids(status.awaiting_approval), ids(status.unreviewed)) == ([big.id], [urgent.id])
    assert status.overdue_reviews == status.unticked == ()
    world.ledger.approve(big.id)
    world.ledger.start(big.id)
    world.ledger.finish(big.id, note="DNS tomorrow")
    world.clock.tick(days=4)
    status = world.ledger.status()
    assert (ids(status.awaiting_approval), ids(status.overdue_reviews), ids(status.unticked)) == ([], [urgent.id], [big.id])
    text = " ".join(render_status(status).split())
    assert f"REVIEW {urgent.id} Urgent waits for its review for too long (finished 4 days ago)" in text
    assert f"CHECK {big.id} Big ended with 1 item open: DNS" in text
    world.ledger.review(urgent.id)
    world.ledger.check(big.id, "dns")
    status = world.ledger.status()
    assert status.unreviewed == status.overdue_reviews == status.unticked == ()


def test_open_changes_are_all_there_and_a_list_says_what_it_leaves_out(world: World, monkeypatch: Any) -> None:
    for number in range(7):
        world.ledger.plan(f"Change {number}", [HOST])
    found = world.ledger.changes(limit=3)
    assert (len(found), world.ledger.count_changes(), world.ledger.count_changes(open_only=True, on=HOST)) == (3, 7, 7)
    assert "3 changes, and 4 more: --limit 7" in render_changes(found, PLAIN, world.clock(), 7)
    assert "more" not in render_changes(found, PLAIN, world.clock(), 3)
    assert world.ledger.status().warnings == ()
    monkeypatch.setattr(overview, "MOST_CHANGES", 5)
    status = world.ledger.status()
    assert (len(status.open_changes), [warning.code for warning in status.warnings]) == (7, ["not-all-changes"])
