"""Freezes, maintenance windows, conflicts and the calendar through ``Ledger``."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject

from changelog_ledger import Ledger, reports
from changelog_ledger.errors import Ambiguous, InvalidFact, InvalidInput, InvalidTime, NotFound, PolicyRefused
from changelog_ledger.model.change import Status
from tests.workflows.world import HOST, START, World, made_world

DAY = timedelta(days=1)


def topology(ledger: Ledger) -> None:
    """``shop`` runs on web-01 and depends on ``db`` on db-01."""
    ledger.add_service("db", runs_on=["db-01"])
    ledger.add_service("shop", runs_on=[HOST], depends_on=["service:db"])


def codes(change: Any) -> list[str]:
    return [remark.code for remark in change.assessment.reasons]


def settings(world: World, text: str) -> Ledger:
    """The same home with more in its settings."""
    file = world.ledger.home / "ledger.toml"
    file.write_text(file.read_text() + text)
    return Ledger.open(world.ledger.home, actor="alex", clock=world.clock)


class TestFreezes:
    def test_a_start_is_refused_and_may_be_overridden(self, either: World) -> None:
        ledger = either.ledger
        topology(ledger)
        freeze = ledger.freeze.add("Quarter end", START - DAY, START + DAY, ["service:shop"])
        assert freeze.id.startswith("FRZ-")
        planned = ledger.plan("Limits", [HOST], start=START, duration="1h", rollback_to="latest")
        assert "freeze" in codes(planned)
        with pytest.raises(PolicyRefused) as refused:
            ledger.start(planned.id)
        assert refused.value.codes == ("freeze",)
        assert "Quarter end" in refused.value.message
        started = ledger.start(planned.id, override="the shop is down")
        assert [remark.code for remark in started.notes[-1].remarks] == ["freeze"]
        assert "the shop is down" in started.notes[-1].remarks[0].text

    def test_a_backdated_start_does_not_get_past_one(self, either: World) -> None:
        ledger = either.ledger
        ledger.freeze.add("Quarter end", START, START + DAY)
        planned = ledger.plan("Limits", [HOST], rollback_to="latest")
        either.clock.tick(minutes=10)
        with pytest.raises(PolicyRefused) as refused:
            ledger.start(planned.id, at=START - timedelta(hours=1))
        assert refused.value.codes == ("freeze",)
        started = ledger.start(planned.id, at=START - timedelta(hours=1), override="it was made before")
        assert [remark.code for remark in started.notes[-1].remarks] == ["freeze", "recorded-late"]
        assert started.notes[-1].remarks[1].text == f"recorded 1 h 10 min afterwards, and before the plan was recorded at {START:%Y-%m-%dT%H:%M:%SZ}"

    def test_every_step_that_is_recorded_late_says_so(self, world: World) -> None:
        planned = world.ledger.plan("Limits", [HOST], rollback_to="latest", impact="medium")
        world.clock.tick(hours=2)
        for step, late in (("approve", 90), ("start", 60), ("finish", 30), ("review", 4)):
            taken = getattr(world.ledger, step)(planned.id, at=world.clock() - timedelta(minutes=late), **({} if step != "finish" else {"note": "x"}))
            codes_said = [remark.code for remark in taken.notes[-1].remarks]
            assert ("recorded-late" in codes_said) == (late > 5), step

    def test_an_emergency_starts_with_a_remark(self, world: World) -> None:
        world.ledger.freeze.add("Quarter end", START - DAY, START + DAY)
        planned = world.ledger.plan("Shop is down", [HOST], type="emergency")
        assert "freeze" in [remark.code for remark in world.ledger.start(planned.id).notes[-1].remarks]

    @pytest.mark.parametrize(
        ("frozen", "changed", "holds"),
        [
            ("all", f"host:{HOST}", True),
            ("service:shop", f"host:{HOST}", True),
            ("service:shop", "host:db-01", False),
            (f"host:{HOST}", "service:shop", True),
            ("host:db-01", "service:shop", False),
            ("service:shop", "all", True),
        ],
    )
    def test_whom_it_holds_for(self, world: World, frozen: str, changed: str, holds: bool) -> None:
        topology(world.ledger)
        world.ledger.freeze.add("x", START - DAY, START + DAY, [frozen])
        assert ("freeze" in codes(world.ledger.plan("y", [changed], start=START, duration="1h"))) is holds

    def test_all_that_hold_are_named(self, world: World) -> None:
        for title in ("Quarter end", "Audit"):
            world.ledger.freeze.add(title, START - DAY, START + DAY)
        planned = world.ledger.plan("y", [HOST], rollback_to="latest")
        with pytest.raises(PolicyRefused, match=r"'Quarter end'.*'Audit'|'Audit'.*'Quarter end'"):
            world.ledger.start(planned.id)

    def test_a_lifted_one_holds_no_longer(self, either: World) -> None:
        ledger = either.ledger
        freeze = ledger.freeze.add("Quarter end", START - DAY, START + DAY)
        either.clock.tick(minutes=5)
        lifted = ledger.freeze.lift(freeze.id[:7].lower(), because="closed early")
        assert lifted.lifted_at == either.clock()
        assert ledger.freeze.list() == ()
        assert [each.id for each in ledger.freeze.list(everything=True)] == [freeze.id]
        assert codes(ledger.plan("y", [HOST], start=either.clock() + timedelta(hours=1), duration="1h", rollback_to="latest")) == []
        with pytest.raises(InvalidInput, match="lifted at"):
            ledger.freeze.lift(freeze.id)

    def test_bad_ones_record_nothing(self, world: World) -> None:
        before = world.ledger.status().facts
        for start, end in ((START, START), (START + DAY, START), (START - 2 * DAY, START - DAY)):
            with pytest.raises(InvalidTime):
                world.ledger.freeze.add("x", start, end)
        with pytest.raises(NotFound):
            world.ledger.freeze.add("x", START, START + DAY, ["host:nowhere"])
        with pytest.raises(NotFound):
            world.ledger.freeze.lift("FRZ-000000")
        assert world.ledger.status().facts == before

    def test_an_id_that_fits_several_is_refused(self, world: World) -> None:
        ids = [world.ledger.freeze.add(f"x{number}", START, START + DAY).id for number in range(40)]
        first = next(identity[:5] for identity in ids if sum(other.startswith(identity[:5]) for other in ids) > 1)
        with pytest.raises(Ambiguous):
            world.ledger.freeze.lift(first)

    def test_the_same_freeze_is_not_recorded_twice(self, world: World) -> None:
        first = world.ledger.freeze.add("x", START, START + DAY, [HOST])
        with pytest.raises(InvalidInput, match=f"{first.id} is this freeze already"):
            world.ledger.freeze.add("x", START, START + DAY, [HOST])
        world.ledger.freeze.add("x", START, START + DAY)
        world.ledger.freeze.lift(first.id)
        assert world.ledger.freeze.add("x", START, START + DAY, [HOST]).id != first.id


class TestExport:
    def test_freezes_and_windows_survive_with_what_became_of_them(self, either: World, tmp_path: Path) -> None:
        ledger = either.ledger
        kept = ledger.freeze.add("Kept", START, START + DAY, [HOST])
        lifted = ledger.freeze.add("Lifted", START, START + 2 * DAY)
        ledger.freeze.lift(lifted.id, because="no need")
        sunday = ledger.window.add("Sunday", "2025-06-08T02:00", "2h", zone="Europe/Berlin", repeat="FREQ=WEEKLY;BYDAY=SU", on=[HOST])
        gone = ledger.window.add("Gone", START + DAY, "2h")
        ledger.window.lift(gone.window.id, because="contract ended")
        lines = list(ledger.export_facts())
        with Ledger.init(tmp_path / "other", host=HOST, clock=either.clock) as other:
            other.import_facts(lines)
            assert other.freeze.list(everything=True) == ledger.freeze.list(everything=True)
            assert other.window.list(everything=True) == ledger.window.list(everything=True)
            assert [freeze.id for freeze in other.freeze.list()] == [kept.id]
            assert [state.window for state in other.window.list()] == [sunday.window]
            assert set(lines) <= set(other.export_facts())

    def test_a_freeze_that_was_imported_without_an_id_keeps_the_one_it_was_given(self, world: World, tmp_path: Path) -> None:
        line = '{"kind": "freeze", "ref": "Q2", "title": "Q2", "start": "2025-06-01T00:00:00Z", "end": "2025-07-01T00:00:00Z"}'
        world.ledger.import_facts([line])
        (freeze,) = world.ledger.freeze.list()
        world.ledger.freeze.lift(freeze.id)
        with Ledger.init(tmp_path / "other", host=HOST, clock=world.clock) as other:
            other.import_facts(list(world.ledger.export_facts()))
            assert other.freeze.list(everything=True) == world.ledger.freeze.list(everything=True)

    @pytest.mark.parametrize(
        "bad", ['"rule": "FREQ=SECONDLY"', '"zone": "Europe/Berln"', '"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"', '"seconds": 99999999']
    )
    def test_windows_that_cannot_be_are_refused_by_line(self, world: World, bad: str) -> None:
        line = (
            '{"kind": "maintenance", "title": "x", "start": "2025-06-08T00:00:00Z", ' + ("" if "seconds" in bad else '"seconds": 3600, ') + bad + "}"
        )
        with pytest.raises(InvalidFact, match="line 1: "):
            world.ledger.import_facts([line])
        assert world.ledger.window.list(everything=True) == ()


class TestWindows:
    def test_the_next_time_it_is_open(self, world: World) -> None:
        added = world.ledger.window.add("Sunday", "2025-06-03T02:00", "2h", zone="Europe/Berlin", repeat="FREQ=WEEKLY;BYDAY=SU")
        assert added.next is not None
        assert added.window.start == added.next.start == datetime(2025, 6, 8, 0, 0, tzinfo=UTC)
        world.clock.tick(days=10)
        (state,) = world.ledger.window.list()
        assert state.next is not None
        assert state.next.start == datetime(2025, 6, 15, 0, 0, tzinfo=UTC)

    def test_a_change_is_planned_into_the_next_one_that_is_long_enough(self, either: World) -> None:
        ledger = either.ledger
        topology(ledger)
        ledger.window.add("short", START + timedelta(hours=1), "30m")
        ledger.window.add("elsewhere", START + timedelta(hours=2), "4h", on=["host:db-01"])
        wanted = ledger.window.add("night", START + timedelta(hours=9), "2h", repeat="FREQ=DAILY", on=["service:shop"])
        planned = ledger.plan("y", [HOST], in_window="next", duration="1h")
        assert (planned.planned_start, planned.planned_end) == (START + timedelta(hours=9), START + timedelta(hours=10))
        whole = ledger.plan("y", [HOST], in_window=wanted.window.id)
        assert (whole.planned_start, whole.planned_end) == (START + timedelta(hours=9), START + timedelta(hours=11))

    def test_none_is_long_enough(self, world: World) -> None:
        world.ledger.window.add("short", START + timedelta(hours=1), "30m")
        with pytest.raises(InvalidTime, match=r"takes 1 h, and MNT-\w+ lasts 30 min at most"):
            world.ledger.plan("y", [HOST], in_window="next", duration="1h")
        with pytest.raises(InvalidTime, match="has a start or an end"):
            world.ledger.plan("y", [HOST], in_window="next", start=START)
        with pytest.raises(NotFound):
            world.ledger.plan("y", [HOST], in_window="MNT-000000")

    def test_there_is_none(self, world: World) -> None:
        with pytest.raises(NotFound, match="no maintenance window"):
            world.ledger.plan("y", [HOST], in_window="next")

    def test_a_policy_may_insist_on_them(self, world: World) -> None:
        world.ledger.window.add("night", START + timedelta(hours=9), "2h", repeat="FREQ=DAILY", on=[f"host:{HOST}"])
        planned = world.ledger.plan("y", [HOST], rollback_to="latest")
        free = world.ledger.add_host("free-01")
        elsewhere = world.ledger.plan("z", [free.name], rollback_to="latest")
        with settings(world, '\n[changes]\noutside_maintenance = "refuse"\n') as ledger:
            with pytest.raises(PolicyRefused) as refused:
                ledger.start(planned.id)
            assert refused.value.codes == ("outside-maintenance",)
            assert ledger.start(elsewhere.id).status is Status.STARTED
            assert "outside-maintenance" in codes(ledger.plan("y", [HOST], start=START + timedelta(hours=8), duration="2h"))
            assert "outside-maintenance" not in codes(ledger.plan("y", [HOST], in_window="next"))
            world.clock.tick(hours=9, minutes=30)
            assert ledger.start(planned.id).status is Status.STARTED

    def test_an_unknown_zone_names_those_like_it(self, world: World) -> None:
        with pytest.raises(InvalidInput, match="no time zone 'Europe/Berln'") as refused:
            world.ledger.window.add("x", "2025-06-08T02:00", "2h", zone="Europe/Berln")
        assert "Europe/Berlin" in refused.value.hint
        for hostile in ("../../etc/passwd", "/etc/passwd", "Europe", "\0", "x" * 5000):
            with pytest.raises(InvalidInput, match="no time zone"):
                world.ledger.window.add("x", "2025-06-08T02:00", "2h", zone=hostile)


class TestPlans:
    def test_a_time_without_an_offset_is_what_the_clock_there_shows(self, world: World) -> None:
        for start in ("2025-12-07T02:00", "2025-12-07 02:00", datetime(2025, 12, 7, 2, 0)):
            planned = world.ledger.plan("x", [HOST], start=start, duration="2h", zone="Europe/Berlin")
            assert planned.planned_start == datetime(2025, 12, 7, 1, 0, tzinfo=UTC)
            assert world.ledger.find_change(planned.id).zone == "Europe/Berlin"
        with pytest.raises(InvalidTime, match="no offset"):
            world.ledger.plan("x", [HOST], start="2025-12-07T02:00")

    def test_an_offset_that_is_given_counts(self, world: World) -> None:
        planned = world.ledger.plan("x", [HOST], start="2025-10-26T02:30+01:00", zone="Europe/Berlin")
        assert planned.planned_start == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
        with pytest.raises(InvalidTime, match="happens twice"):
            world.ledger.plan("x", [HOST], start="2025-10-26T02:30", zone="Europe/Berlin")

    def test_a_window_in_the_past_is_refused(self, world: World) -> None:
        with pytest.raises(InvalidTime, match="lies in the past"):
            world.ledger.plan("x", [HOST], start=START - DAY, duration="1h")


class TestConflicts:
    def test_found_at_planning_and_at_the_start(self, either: World) -> None:
        ledger = either.ledger
        topology(ledger)
        first = ledger.plan("Database", ["service:db"], start=START, duration="2h", rollback_to="latest")
        second = ledger.plan("Shop", ["service:shop"], start=START + timedelta(hours=1), duration="2h", rollback_to="latest")
        assert codes(second) == ["conflict"]
        assert first.id in second.assessment.reasons[0].text
        assert ledger.start(first.id).notes[-1].remarks == ()  # the other one is not under way
        either.clock.tick(hours=1)
        remarks = ledger.start(second.id).notes[-1].remarks
        assert [remark.code for remark in remarks] == ["conflict"]
        assert first.id in remarks[0].text
        (found,) = ledger.conflicts().listed
        assert {found.change.id, found.other.id} == {first.id, second.id}
        assert str(found.kind) == "dependency"
        assert [each.change.id for each in ledger.conflicts(first.id).listed] == [first.id]
        ledger.finish(first.id)
        assert ledger.conflicts().listed == ()

    def test_the_same_paths_are_said(self, world: World) -> None:
        world.ledger.plan("a", [HOST], start=START, duration="2h", paths=["/etc/nginx/**"])
        world.ledger.plan("b", [HOST], start=START, duration="2h", paths=["/etc/nginx/nginx.conf"])
        assert [str(found.kind) for found in world.ledger.conflicts().listed] == ["path"]

    def test_services_that_notice_a_change_are_not_where_it_is_made(self, world: World) -> None:
        topology(world.ledger)
        world.ledger.plan("a", ["host:db-01"], start=START, duration="2h", affects=["shop"])
        world.ledger.add_host("other")
        world.ledger.plan("b", ["other"], start=START, duration="2h", affects=["shop"])
        assert world.ledger.conflicts().listed == ()

    def test_when_everything_overlaps_what_is_listed_is_bounded(self, world: World) -> None:
        lines = [
            f'{{"kind": "change", "ref": "R{number}", "title": "x", "on": ["all"], "planned_start": "2025-06-03T00:00:00Z", '
            f'"planned_end": "2025-06-04T00:00:00Z"}}'
            for number in range(300)
        ]
        world.ledger.import_facts(lines)
        found = world.ledger.conflicts(limit=50)
        assert len(found.listed) == 50
        assert (found.more, found.at_least) == (1_000, True)  # of 44,850
        one = world.ledger.conflicts(found.listed[0].change.id, limit=50)
        assert (len(one.listed), one.more, one.at_least) == (50, 249, False)

    def test_the_table_that_is_searched_follows_the_facts(self, either: World) -> None:
        ledger = either.ledger
        first = ledger.plan("a", [HOST], start=START, duration="2h", rollback_to="latest")
        ledger.plan("b", [HOST], start=START, duration="2h")
        ledger.start(first.id)
        before = ledger.conflicts().listed
        ledger.rebuild()
        assert ledger.conflicts().listed == before
        assert not ledger.verify()

    def test_two_who_plan_at_once_are_both_recorded(self, world: World) -> None:
        def plan(title: str) -> None:
            with Ledger.open(world.ledger.home, actor=title, clock=world.clock) as ledger:
                ledger.plan(title, [HOST], start=START, duration="1h")

        threads = [threading.Thread(target=plan, args=(f"p{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(world.ledger.conflicts().listed) == 15


HOSTILE = "bad\r\nEND:VCALENDAR\r\nBEGIN:VEVENT\x00\x1b[31m ; , \\ \u2028 ünïcode " + "long " * 40


class TestCalendar:
    def made(self, world: World) -> Ledger:
        ledger = world.ledger
        topology(ledger)
        ledger.freeze.add("Quarter end", START + DAY, START + 3 * DAY, ["service:db"])
        ledger.window.add("Sunday", "2025-06-08T02:30", "2h", zone="Europe/Berlin", repeat="FREQ=WEEKLY;BYDAY=SU")
        ledger.plan("Shop", ["service:shop"], start=START + DAY, duration="2h")
        cancelled = ledger.plan(HOSTILE, [HOST], start=START + 2 * DAY, duration="2h", description=HOSTILE)
        ledger.cancel(cancelled.id)
        ledger.plan("Some day", [HOST])
        ledger.plan("Late", [HOST], start=START, duration="1h")
        world.clock.tick(hours=2)
        return ledger

    def test_what_is_to_happen(self, either: World) -> None:
        calendar = self.made(either).calendar()
        assert [change.title for change in calendar.stuck] == ["Late"]
        assert [change.title[:4] for change in calendar.changes] == ["Shop", "bad "]
        assert [freeze.title for freeze in calendar.freezes] == ["Quarter end"]
        assert len(calendar.occurrences) == 4

    def test_only_what_is_about_a_target(self, world: World) -> None:
        calendar = self.made(world).calendar(on="service:db")
        assert calendar.changes == ()
        assert [freeze.title for freeze in calendar.freezes] == ["Quarter end"]

    def test_an_endless_or_backward_period_is_refused(self, world: World) -> None:
        for until in (START - DAY, START + 9999 * DAY):
            with pytest.raises(InvalidTime):
                world.ledger.calendar(until=until)

    def test_another_library_finds_the_feed_sound(self, world: World) -> None:
        feed = reports.render_ics(self.made(world).calendar(since=START))
        parsed = vobject.readOne(feed)
        parsed.validate(raiseException=True)
        events = parsed.vevent_list
        assert len({event.uid.value for event in events}) == len(events) == 5
        assert {event.status.value for event in events} == {"TENTATIVE", "CONFIRMED", "CANCELLED"}
        assert len(list(vobject.readComponents(feed))) == 1, "a title has ended the calendar"
        assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
        assert not set(feed.replace("\r\n", "")) & {chr(code) for code in range(32) if code != 9}

    def test_another_library_sees_the_window_open_when_we_do(self, world: World) -> None:
        """Across both changes of the clock, the skipped and the doubled hour included."""
        ledger = world.ledger
        added = ledger.window.add("Sunday", "2025-06-08T02:30", "2h", zone="Europe/Berlin", repeat="FREQ=WEEKLY;BYDAY=SU")
        calendar = ledger.calendar(until=START + 400 * DAY)
        event = vobject.readOne(reports.render_ics(calendar)).vevent
        theirs = [start.astimezone(UTC) for start in event.getrruleset(addRDate=True).between(START, START + 400 * DAY)]
        skipped = datetime(2026, 3, 29, 2, 30).replace(tzinfo=theirs[0].tzinfo)
        ours = [occurrence.start for occurrence in calendar.occurrences if occurrence.window.id == added.window.id]
        assert [start for start in ours if start.date() != skipped.date()] == [start for start in theirs if start.date() != skipped.date()]
        assert datetime(2025, 10, 26, 0, 30, tzinfo=UTC) in ours

    def test_the_same_facts_give_the_same_bytes_and_a_step_gives_another_sequence(self, world: World) -> None:
        ledger = world.ledger
        planned = ledger.plan("x", [HOST], start=START + DAY, duration="1h")
        first = reports.render_ics(ledger.calendar(since=START))
        world.clock.tick(minutes=1)
        assert reports.render_ics(ledger.calendar(since=START)) == first
        ledger.cancel(planned.id)
        before, after = (icalendar.Calendar.from_ical(text).walk("VEVENT")[0] for text in (first, reports.render_ics(ledger.calendar(since=START))))
        assert before["UID"] == after["UID"]
        assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
        assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
        assert after["STATUS"] == "CANCELLED"

    def test_an_empty_one_is_a_calendar_too(self, world: World) -> None:
        assert reports.render_ics(world.ledger.calendar()).startswith("BEGIN:VCALENDAR")


def test_a_home_far_away_in_time_is_no_trouble(tmp_path: Path) -> None:
    with made_world(tmp_path) as world:
        world.clock.now = datetime(2199, 12, 1, tzinfo=UTC)
        world.ledger.window.add("x", datetime(2199, 12, 2, tzinfo=UTC), "2h", repeat="FREQ=DAILY")
        assert world.ledger.calendar().occurrences
        assert world.ledger.window.list()[0].next is not None
