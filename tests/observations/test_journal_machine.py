"""Boots, shutdowns, clocks, and what was killed for want of memory."""

from __future__ import annotations

from changelog_ledger.observations.journal import message_ids as ids

from .journals import FIRST_BOOT, NEXT_BOOT, MadeJournal, kinds


def running() -> MadeJournal:
    return MadeJournal().says("sshd", "Server listening on 0.0.0.0 port 22.").tick(60)


def test_a_reboot_after_a_shutdown() -> None:
    shutdown, reboot = running().says("systemd-logind", "System is rebooting.", MESSAGE_ID=ids.SHUTDOWN).booted().read()
    assert shutdown.what == "shutdown"
    assert reboot.data == {"boot_id": NEXT_BOOT, "kernel": "6.1.0-40-amd64", "previous_boot_id": FIRST_BOOT, "unclean": False}
    assert reboot.summary == "rebooted, kernel 6.1.0-40-amd64"


def test_a_crash() -> None:
    [reboot] = running().booted().read()
    assert reboot.data["unclean"] is True
    assert reboot.summary.startswith("rebooted without having been shut down")


def test_a_journal_that_begins_with_a_boot_does_not_say_how_the_last_one_ended() -> None:
    [reboot] = MadeJournal().booted().read()
    assert "unclean" not in reboot.data


def test_a_journal_that_begins_in_the_middle_tells_no_reboot() -> None:
    assert running().read() == []


def test_entries_of_an_old_boot_between_those_of_a_new_one_are_no_reboot() -> None:
    journal = running().booted()
    old = MadeJournal(journal.now, 99_000_000_000, FIRST_BOOT).says("sshd", "late")
    journal.entries += old.entries
    assert kinds(journal.tick(5).says("sshd", "again").read()) == ["reboot"]


def test_a_clock_that_jumps_is_seen_by_the_other_clock() -> None:
    [seen] = running().set_clock(-3600).says("sshd", "Connection closed").read()
    assert (seen.what, seen.data) == ("clock-jump", {"seconds": -3600.0})
    assert seen.summary == "the clock went back by 3600 s"


def test_a_clock_that_is_slewed_for_a_day_does_not_jump() -> None:
    assert running().tick(86_400).set_clock(43).says("sshd", "Connection closed").read() == []


def test_a_machine_that_slept_has_no_jump_but_the_next_one_counts() -> None:
    journal = running().says("systemd-sleep", "Entering sleep state 'suspend'...", MESSAGE_ID=ids.SLEEP_BEGAN).set_clock(28_800)
    journal.says("systemd-sleep", "System returned from sleep state.", MESSAGE_ID=ids.SLEEP_ENDED)
    assert journal.read() == []
    assert kinds(journal.tick(5).set_clock(100).says("sshd", "x").read()) == ["clock-jump"]


def test_a_step_that_chrony_tells_of_and_the_clocks_show_is_one_jump() -> None:
    journal = running().says("chronyd", "System clock wrong by 120.000000 seconds").set_clock(120)
    assert kinds(journal.says("chronyd", "System clock was stepped by 120.000000 seconds").read()) == ["clock-jump"]


def test_a_small_step_is_told_by_chrony_alone() -> None:
    [seen] = running().says("chronyd", "System clock was stepped by -2.500000 seconds").read()
    assert seen.data == {"seconds": -2.5}


def test_a_step_of_milliseconds_is_no_news() -> None:
    assert running().says("chronyd", "System clock was stepped by 0.012000 seconds").read() == []


def test_a_program_that_only_says_so_steps_no_clock() -> None:
    assert running().says("app", "System clock was stepped by 99.0 seconds").read() == []


def test_a_kill_for_want_of_memory_names_process_and_unit() -> None:
    journal = running().kernel("Out of memory: Killed process 4711 (mysqld) total-vm:9000kB, anon-rss:8000kB, UID:107 pgtables:1kB oom_score_adj:0")
    words = "mysql.service: A process of this unit has been killed by the OOM killer."
    [seen] = journal.unit(ids.OUT_OF_MEMORY, "mysql.service", words).read()
    assert (seen.what, seen.data) == ("oom-kill", {"unit": "mysql.service", "process": "mysqld", "pid": 4711})


def test_a_kill_in_a_memory_group_takes_the_unit_from_the_group() -> None:
    group = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,task_memcg=/system.slice/app.service,task=app,pid=99,uid=0"
    [seen] = running().kernel(group).kernel("Memory cgroup out of memory: Killed process 99 (app) total-vm:1kB").tick(60).read()
    assert seen.data["unit"] == "app.service"
