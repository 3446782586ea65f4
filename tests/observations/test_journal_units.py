"""What becomes of units."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.observations.journal import message_ids as ids

from .journals import MadeJournal, kinds


def test_a_stop_and_a_start_within_a_minute_are_a_restart() -> None:
    [seen] = MadeJournal().stopped("nginx.service").tick(20).started("nginx.service").read()
    assert seen.what == "service-restarted"
    assert seen.summary == "nginx.service restarted"
    assert seen.data["subject"] == "unit:nginx.service"


def test_a_stop_and_a_start_two_minutes_later_are_two_things() -> None:
    assert kinds(MadeJournal().stopped("nginx.service").tick(120).started("nginx.service").read()) == ["service-stopped", "service-started"]


def test_a_stop_of_one_and_a_start_of_another_are_no_restart() -> None:
    assert sorted(kinds(MadeJournal().stopped("a.service").started("b.service").read())) == ["service-started", "service-stopped"]


def test_a_failure_says_how_it_ended() -> None:
    [seen] = MadeJournal().failed("app.service", "203").read()
    assert (seen.what, seen.data["result"], seen.data["exit_code"], seen.data["exit_status"]) == ("service-failed", "exit-code", "exited", "203")
    assert seen.summary == "app.service failed: exit-code (exited 203)"


def test_a_restart_by_systemd_says_so_and_counts() -> None:
    journal = MadeJournal().failed("app.service")
    journal.unit(ids.RESTART_SCHEDULED, "app.service", "app.service: Scheduled restart job, restart counter is at 3.", N_RESTARTS="3")
    journal.unit(ids.STOPPED, "app.service", "Stopped app.service - A unit.", JOB_TYPE="restart", JOB_RESULT="done")
    failed, restarted = journal.started("app.service").read()
    assert failed.what == "service-failed"
    assert (restarted.what, restarted.data["restarts"], restarted.data["automatic"]) == ("service-restarted", 3, True)
    assert restarted.summary == "app.service restarted by systemd after it ended, for the 3rd time"


def test_a_unit_that_crashes_all_day_is_told_a_few_times() -> None:
    journal = MadeJournal()
    for times in range(1, 1001):
        journal.failed("app.service").unit(ids.RESTART_SCHEDULED, "app.service", "app.service: Scheduled restart job.", N_RESTARTS=str(times))
        journal.tick(5).started("app.service").tick(5)
    found = journal.read()
    told = [each.data.get("failures", 1) for each in found if each.what == "service-failed"]
    assert told[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 256]  # from 03:12 to four o'clock
    assert told[9:] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 1, 2, 4, 8, 16, 32, 64, 128, 256][: len(told) - 9]
    assert kinds(found).count("service-restarted") == len(told)


def crashing(times: int) -> MadeJournal:
    journal = MadeJournal()
    for number in range(1, times + 1):
        journal.failed("app.service").unit(ids.RESTART_SCHEDULED, "app.service", "app.service: Scheduled restart job.", N_RESTARTS=str(number))
        journal.tick(60).started("app.service").tick(60)
    return journal


@given(st.integers(0, 199), st.integers(0, 199))
def test_a_part_of_a_journal_tells_no_failure_that_the_whole_does_not(first: int, last: int) -> None:
    whole = crashing(50)
    refs = {each.ref for each in whole.read()}
    part = MadeJournal(entries=whole.entries[first:last])
    assert {each.ref for each in part.read() if each.what in ("service-failed", "service-restarted")} <= refs


def test_a_failure_two_hours_later_is_another_one() -> None:
    journal = MadeJournal()
    for _ in range(3):
        journal.failed("app.service").tick(7_200)
    assert [each.data.get("failures") for each in journal.read()] == [None, None, None]


def test_a_failed_start_is_told_once() -> None:
    journal = MadeJournal().failed("app.service")
    journal.unit(ids.START_FAILED, "app.service", "Failed to start app.service - A unit.", JOB_TYPE="start", JOB_RESULT="failed")
    assert kinds(journal.read()) == ["service-failed"]


def test_a_start_that_failed_for_want_of_another_unit_is_told() -> None:
    journal = MadeJournal().unit(ids.START_FAILED, "app.service", "Dependency failed for app.service - A unit.", JOB_RESULT="dependency")
    assert journal.read()[0].summary == "app.service failed: start dependency"


def test_a_reload_is_told_and_one_that_failed_is_a_failure() -> None:
    journal = MadeJournal().unit(ids.RELOADED, "nginx.service", "Reloaded nginx.service - A unit.", JOB_TYPE="reload", JOB_RESULT="done")
    journal.unit(ids.RELOADED, "nginx.service", "Reload failed for nginx.service - A unit.", JOB_TYPE="reload", JOB_RESULT="failed")
    assert kinds(journal.read()) == ["service-reloaded", "service-failed"]


def test_jobs_are_left_out_and_their_failures_are_not() -> None:
    journal = MadeJournal().started("logrotate.timer").started("logrotate.service", "Finished")
    journal.tick(5).started("exporter.timer").started("exporter.service")
    journal.tick(5).started("hostnamed.service").tick(30).unit(ids.SUCCEEDED, "hostnamed.service", "hostnamed.service: Deactivated successfully.")
    assert journal.tick(300).read() == []
    assert kinds(journal.failed("exporter.service").read()) == ["service-failed"]


def test_a_oneshot_service_of_an_older_systemd_is_a_job() -> None:
    journal = MadeJournal().unit(ids.SUCCEEDED, "fetch.service", "fetch.service: Succeeded.").started("fetch.service")
    assert journal.tick(300).read() == []


def test_a_daemon_that_ended_well_and_is_started_again_by_systemd_is_told() -> None:
    journal = MadeJournal().unit(ids.SUCCEEDED, "app.service", "app.service: Deactivated successfully.")
    journal.unit(ids.RESTART_SCHEDULED, "app.service", "app.service: Scheduled restart job, restart counter is at 1.", N_RESTARTS="1")
    assert kinds(journal.started("app.service").read()) == ["service-restarted"]


def test_a_start_that_failed_in_the_words_of_an_older_systemd() -> None:
    [seen] = MadeJournal().unit(ids.START_FAILED, "app.service", "Failed to start App.", RESULT="timeout").read()
    assert seen.summary == "app.service failed: start timeout"


def test_a_service_that_runs_on_is_told() -> None:
    journal = MadeJournal().started("app.service").tick(300).unit(ids.SUCCEEDED, "app.service", "app.service: Deactivated successfully.")
    assert kinds(journal.read()) == ["service-started"]


def test_sessions_of_people_are_no_units_of_interest() -> None:
    journal = MadeJournal().started("session-4.scope").started("user@1000.service").started("user-1000.slice").started("run-u12.service")
    assert journal.read() == []


def test_a_mount_that_failed_is_told_and_one_that_came_is_not() -> None:
    journal = MadeJournal().started("srv-data.mount").unit(ids.FAILED, "srv-data.mount", "srv-data.mount: Failed with result 'exit-code'.")
    assert kinds(journal.read()) == ["service-failed"]


def test_what_stops_with_the_machine_and_starts_with_it_is_left_out() -> None:
    journal = MadeJournal().says("sshd", "Server listening on 0.0.0.0 port 22.")
    journal.stopped("early.service")
    journal.says("systemd-logind", "System is rebooting.", MESSAGE_ID=ids.SHUTDOWN).stopped("nginx.service").booted().started("nginx.service")
    journal.failed("broken.service")
    journal.unit(ids.STARTUP_FINISHED, "", "Startup finished in 3.1s (kernel) + 9s (userspace) = 12.1s.").tick(5).started("late.service")
    assert kinds(journal.read()) == ["shutdown", "reboot", "service-failed", "service-started"]


def test_the_ids_are_those_of_the_catalog() -> None:
    """As systemd's catalog/systemd.catalog.in has them."""
    assert ids.STARTED.startswith("39f53479")
    assert len({*ids.OF_UNITS, *ids.OF_THE_MACHINE}) == 18
    assert all(len(each) == 32 for each in (*ids.OF_UNITS, *ids.OF_THE_MACHINE))
