"""``ingest journal`` through the library: each thing once, however many records tell of it and however often they are read."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.topology import Target
from changelog_ledger.observations.journal import message_ids as ids
from changelog_ledger.sources import journal as journal_source
from changelog_ledger.sources import systemctl
from changelog_ledger.workflows import ingest_journal as workflow

from ..observations.journals import MadeJournal
from ..observations.login_tables import BOOT, DEAD, RUN_LEVEL, USER, day, record, working_day
from .world import HOST, World

AUTH = """\
2025-06-01T03:10:02.000000+00:00 web-01 sshd[4711]: Accepted publickey for alex from 10.0.0.5 port 50022 ssh2: ED25519 SHA256:3kPp0nCFmN1b
2025-06-01T03:11:00.000000+00:00 web-01 sudo:     alex : TTY=pts/0 ; PWD=/home/alex ; USER=root ; COMMAND=/usr/bin/mysql -pcorrect-horse shop
2025-06-01T03:40:01.000000+00:00 web-01 sshd[4711]: pam_unix(sshd:session): session closed for user alex
"""
BOOT_ID = "0d1c2b3a-4f5e-4687-9a8b-7c6d5e4f3a2b"


@pytest.fixture(autouse=True)
def no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """The running system of whoever runs the tests says nothing here."""
    monkeypatch.setattr(systemctl, "_BOOTED", "/nowhere")


def observed(world: World) -> tuple[Observation, ...]:
    since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    with world.ledger._workspace.store.reading() as view:
        return view.evidence.observations([Target.host(HOST)], since, until)


def kinds(world: World) -> list[str]:
    return [each.what for each in observed(world)]


def ingested(world: World, **options: Any) -> Any:
    return world.ledger.ingest.journal(root=world.machine.root, **options)


def put(world: World, path: str, content: bytes) -> Path:
    place = world.machine.root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_a_host_without_any_record(world: World) -> None:
    result = ingested(world)
    assert result.recorded == 0
    assert [(gap.source, gap.why) for gap in result.gaps] == [(str(world.machine.root), "holds no journal, authentication log, wtmp or audit log")]
    assert "no journal, authentication log or syslog here" in result.notes


def test_a_host_without_a_journal_and_with_others_is_no_gap(world: World) -> None:
    put(world, "/var/log/wtmp", working_day())
    assert ingested(world).gaps == ()


def test_logins_and_commands_of_a_log_are_recorded_once(world: World) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    assert ingested(world).recorded == 3
    assert ingested(world).recorded == 0
    shutil.rmtree(world.ledger.home / "cache")
    again = ingested(world)
    assert (again.recorded, again.known) == (0, 3)
    assert kinds(world) == ["login", "sudo", "logout"]


def test_a_secret_of_a_command_line_is_masked(world: World) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    ingested(world)
    sudo = observed(world)[1]
    assert sudo.data["command"].startswith("/usr/bin/mysql -p")
    assert "correct-horse" not in json.dumps(dict(sudo.data)) + sudo.summary


def test_a_rotated_and_compressed_log_says_the_same(world: World) -> None:
    log = put(world, "/var/log/auth.log", AUTH.encode())
    ingested(world)
    put(world, "/var/log/auth.log.2.gz", gzip.compress(log.read_bytes()))
    log.write_bytes(AUTH.replace("2025-06-01", "2025-06-02").encode())
    assert ingested(world).recorded == 3


def test_what_goes_on_in_the_next_part_of_a_log_is_one_story(world: World) -> None:
    first, second, third = AUTH.splitlines(keepends=True)
    log = put(world, "/var/log/auth.log", (first + second).encode())
    ingested(world)
    log.write_bytes((first + second + third).encode())
    assert ingested(world).recorded == 1
    login, _sudo, logout = observed(world)
    assert logout.data["session"] == login.data["session"]


def test_a_login_of_the_log_is_not_told_again_by_wtmp(world: World) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    put(world, "/var/log/wtmp", working_day())
    ingested(world)
    assert kinds(world) == ["reboot", "login", "sudo", "logout", "shutdown", "reboot", "login", "reboot"]
    assert ingested(world).recorded == 0


def test_wtmp_with_its_rotations(world: World) -> None:
    put(world, "/var/log/wtmp.2.gz", gzip.compress(record(BOOT, day("00:10:00"), "reboot") + record(USER, day("00:20:00"), "ana", "tty1")))
    put(world, "/var/log/wtmp.1", record(DEAD, day("00:30:00"), "", "tty1"))
    put(world, "/var/log/wtmp", record(RUN_LEVEL, day("00:40:00"), "shutdown") + b"torn")
    result = ingested(world)
    assert kinds(world) == ["reboot", "login", "logout", "shutdown"]
    assert [(gap.source, gap.why) for gap in result.gaps] == [("/var/log/wtmp", "its last 4 bytes are no whole record")]


def test_a_damaged_wtmp_is_a_gap(world: World) -> None:
    put(world, "/var/log/wtmp", b"no table at all, but a text that somebody put here. " * 40)
    put(world, "/var/log/wtmp.1.gz", gzip.compress(working_day())[:60])
    assert [gap.source for gap in ingested(world).gaps] == ["/var/log/wtmp.1.gz", "/var/log/wtmp"]


def test_wtmp_of_a_program_that_is_told_what_is_in_auth_log_by_another_user(world: World) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    put(world, "/var/log/wtmp", record(USER, day("03:10:03"), "ana", "pts/0", "10.0.0.5", "10.0.0.5", 1))
    ingested(world)
    assert [each.data["user"] for each in observed(world) if each.what == "login"] == ["alex", "ana"]


def test_wtmpdb(world: World) -> None:
    import sqlite3

    place = put(world, "/var/lib/wtmpdb/wtmp.db", b"")
    with sqlite3.connect(place) as database:
        columns = "ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT"
        database.execute(f"CREATE TABLE wtmp({columns}) STRICT")
        began = int(day("03:10:00").timestamp()) * 1_000_000
        database.execute("INSERT INTO wtmp VALUES (1, 3, 'alex', ?, ?, 'pts/0', '10.0.0.5', 'sshd')", (began, began + 60_000_000))
        database.execute("INSERT INTO wtmp VALUES (2, 1, 'reboot', ?, NULL, '~', '6.12.0', NULL)", (began - 3_600_000_000,))
    database.close()
    assert ingested(world).gaps == ()
    assert kinds(world) == ["reboot", "login", "logout"]


def test_auditd_adds_what_the_log_does_not_tell(world: World) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    put(world, "/etc/passwd", b"alex:x:1000:1000::/home/alex:/bin/bash\n")
    stamp = int(day("03:12:00").timestamp())
    login = int(day("03:10:02").timestamp())
    text = (
        f"type=USER_LOGIN msg=audit({login}.500:6): pid=9 uid=0 auid=1000 ses=5 msg='op=login id=1000 addr=10.0.0.5 res=success'\n"
        f'type=SYSCALL msg=audit({stamp}.123:7): arch=c000003e syscall=82 success=yes auid=1000 uid=0 exe="/usr/bin/vim" key="etc"\n'
        f'type=PATH msg=audit({stamp}.123:7): item=0 name="/etc/nginx/nginx.conf" nametype=CREATE\n'
    )
    put(world, "/var/log/audit/audit.log", text.encode())
    ingested(world)
    assert kinds(world) == ["login", "sudo", "file-write", "logout"]
    assert ingested(world).recorded == 0


# --- a file of entries


def made() -> MadeJournal:
    journal = MadeJournal(datetime(2025, 6, 1, 3, 12, tzinfo=UTC)).stopped("nginx.service").started("nginx.service").tick(90)
    journal.says("sshd", "Accepted password for alex from 10.0.0.5 port 1 ssh2", 4711).tick(300).failed("app.service").tick(90)
    return journal.booted()


def written(place: Path, lines: Iterable[bytes]) -> Path:
    place.write_bytes(b"\n".join(lines) + b"\n")
    return place


def test_a_file_of_entries_and_another_that_overlaps(world: World, tmp_path: Path) -> None:
    lines = made().lines
    first = world.ledger.ingest.journal(file=written(tmp_path / "a.json", lines[:-1]))
    assert first.recorded == 3
    whole = world.ledger.ingest.journal(file=written(tmp_path / "b.json", lines))
    assert (whole.recorded, whole.known) == (1, 3)
    assert kinds(world) == ["service-restarted", "login", "service-failed", "reboot"]


def test_what_is_broken_in_a_file_is_told_and_the_rest_is_recorded(world: World, tmp_path: Path) -> None:
    lines = made().lines
    place = tmp_path / "a.json"
    place.write_bytes(b"-- Reboot --\n" + b"\n".join(lines[:-1]) + b"\n" + lines[-1][:50])
    result = world.ledger.ingest.journal(file=place)
    assert result.recorded == 3
    assert [gap.why for gap in result.gaps] == ["2 lines are no journal entry"]


def test_a_file_that_is_not_there(world: World, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        world.ledger.ingest.journal(file=tmp_path / "none.json")


def test_what_lies_before_since_is_left_out(world: World, tmp_path: Path) -> None:
    place = written(tmp_path / "a.json", made().lines)
    assert world.ledger.ingest.journal(file=place, since=datetime(2025, 6, 1, 3, 15, tzinfo=UTC)).counts == {"service-failed": 1, "reboot": 1}


# --- the journal itself, by a program in journalctl's place


@pytest.fixture
def journalctl(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeJournal:
    """What is in the journal when it is asked; after a cursor it gives what comes after it."""
    put(world, "/var/log/journal/0123456789abcdef/system.journal", b"x")
    journal = MadeJournal(datetime(2025, 6, 1, 3, 12, tzinfo=UTC))
    program = tmp_path / "journalctl"

    def written(*_arguments: object, **_options: object) -> str:
        (tmp_path / "entries").write_text(journal.text)
        program.write_text(
            f"#!/bin/sh\nfor word; do case $word in --after-cursor=*) cursor=${{word#*=}};; esac; done\n"
            f'[ -z "$cursor" ] && exec cat {tmp_path}/entries\nexec sed "0,/${{cursor%%;m=*}};/d" {tmp_path}/entries\n'
        )
        program.chmod(0o755)
        return str(program)

    monkeypatch.setattr(journal_source, "which", written)
    return journal


def test_the_journal_is_read_on_from_its_cursor(world: World, journalctl: MadeJournal) -> None:
    journalctl.says("sshd", "Accepted password for alex from 10.0.0.5 port 1 ssh2", 4711).tick(90)
    assert ingested(world).counts == {"login": 1}
    journalctl.says("sshd", "pam_unix(sshd:session): session closed for user alex", 4711)
    result = ingested(world)
    assert (result.counts, result.known) == ({"logout": 1}, 0)
    login, logout = observed(world)
    assert logout.data["session"] == login.data["session"]


def test_a_stop_of_this_very_moment_waits_for_its_start(world: World, journalctl: MadeJournal) -> None:
    journalctl.now = world.clock.now - timedelta(seconds=10)
    journalctl.stopped("nginx.service")
    assert ingested(world).recorded == 0
    journalctl.started("nginx.service")
    assert ingested(world).counts == {"service-restarted": 1}


def test_a_stop_that_nothing_follows_is_told_the_next_time(world: World, journalctl: MadeJournal) -> None:
    journalctl.now = world.clock.now - timedelta(seconds=10)
    journalctl.stopped("nginx.service")
    ingested(world)
    world.clock.tick(minutes=5)
    assert ingested(world).counts == {"service-stopped": 1}


def test_an_earlier_since_reads_what_was_left_out(world: World, journalctl: MadeJournal) -> None:
    journalctl.says("sshd", "Accepted password for alex from 10.0.0.5 port 1 ssh2", 4711).tick(3_600)
    journalctl.says("sshd", "Accepted password for ana from 10.0.0.6 port 1 ssh2", 4712)
    assert ingested(world, since=datetime(2025, 6, 1, 4, 0, tzinfo=UTC)).counts == {"login": 1}
    assert ingested(world).counts == {"login": 1}
    assert ingested(world).recorded == 0


def test_where_there_is_a_journal_the_logs_are_not_read(world: World, journalctl: MadeJournal) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    journalctl.says("sshd", "Accepted password for ana from 10.0.0.6 port 1 ssh2", 4712)
    assert ingested(world).counts == {"login": 1}


# --- the running system


def boot(world: World, identity: str, at: datetime) -> None:
    put(world, "/proc/sys/kernel/random/boot_id", f"{identity}\n".encode())
    put(world, "/proc/stat", f"cpu  1 2 3\nbtime {int(at.timestamp())}\n".encode())


def test_another_boot_than_last_time_is_a_reboot_within_a_range(world: World) -> None:
    looked_at = world.clock.now
    boot(world, BOOT_ID, looked_at - timedelta(days=3))
    assert ingested(world).recorded == 0
    at = world.clock.tick(hours=2)
    boot(world, BOOT_ID.replace("0d", "1d"), at)
    world.clock.tick(minutes=5)
    assert ingested(world).counts == {"reboot": 1}
    assert ingested(world).recorded == 0
    [reboot] = observed(world)
    assert (reboot.at, reboot.data["not_before"]) == (at, "2025-06-02T09:00:00Z")


def test_a_reboot_that_wtmp_tells_is_not_told_again(world: World) -> None:
    boot(world, BOOT_ID, world.clock.now - timedelta(days=3))
    ingested(world)
    at = world.clock.tick(hours=2)
    boot(world, BOOT_ID.replace("0d", "1d"), at)
    put(world, "/var/log/wtmp", record(BOOT, at + timedelta(seconds=12), "reboot"))
    world.clock.tick(minutes=5)
    assert ingested(world).counts == {"reboot": 1}


def test_services_are_compared_with_last_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def show(identity: str) -> None:
        text = f"Id=app.service\nType=notify\nActiveState=active\nSubState=running\nInvocationID={identity}\nNRestarts=0\n"
        monkeypatch.setattr(workflow, "service_states", lambda _properties: (text, ""))
        monkeypatch.setattr(workflow, "_is_image", lambda _root: False)

    show("aaaa")
    assert ingested(world).recorded == 0
    show("bbbb")
    world.clock.tick(hours=1)
    assert ingested(world).counts == {"service-restarted": 1}
    assert ingested(world).recorded == 0


def test_a_damaged_memory_is_no_memory(world: World) -> None:
    put(world, "/var/log/auth.log", AUTH.encode())
    ingested(world)
    for text in (b"", b"[]", b'{"version": 1, "cursor": 5, "unknown": 1}', b'{"version": 1, "looked_at": "yesterday"}'):
        [memory] = (world.ledger.home / "cache" / "journal" / HOST).rglob("memory.json")
        memory.write_bytes(text)
        assert ingested(world).recorded == 0


def test_parts_of_a_journal_that_overlap_add_nothing(world: World, tmp_path: Path) -> None:
    journal = MadeJournal().stopped("nginx.service").tick(5).started("nginx.service").tick(90)
    for number in range(12):
        journal.failed("app.service").unit(ids.RESTART_SCHEDULED, "app.service", "app.service: Scheduled restart job.", N_RESTARTS=str(number))
        journal.tick(30).started("app.service").tick(90)
    lines = [json.dumps(each).encode() for each in journal.entries]
    assert world.ledger.ingest.journal(file=written(tmp_path / "whole.json", lines)).counts["service-restarted"] > 1
    for first in range(len(lines)):
        part = world.ledger.ingest.journal(file=written(tmp_path / "part.json", lines[first:]))
        cut_in_two = {"service-started"} if b"Started app" in lines[first] else set()  # from the failure that it follows
        assert set(part.counts) <= cut_in_two
    assert world.ledger.ingest.journal(file=written(tmp_path / "part.json", lines[:3])).recorded == 0


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+14:00", "Feb 30 03:00:00", "20 mars 03:00:00"])
def test_a_line_whose_time_cannot_be_is_a_gap_and_the_rest_is_recorded(world: World, stamp: str) -> None:
    world.machine.write("/var/log/auth.log", f"\ufeff{AUTH}{stamp} web-01 sshd[7]: Accepted publickey for ana from 10.0.0.5 port 1 ssh2\n")
    result = world.ledger.ingest.journal(root=world.machine.root)
    assert dict(result.counts) == {"login": 1, "logout": 1, "sudo": 1}
    assert [gap.source for gap in result.gaps] == ["/var/log/auth.log"]


def test_a_log_in_utf_16_is_told(world: World) -> None:
    world.machine.path("/var/log/auth.log").parent.mkdir(parents=True, exist_ok=True)
    world.machine.path("/var/log/auth.log").write_bytes(AUTH.encode("utf-16"))
    result = world.ledger.ingest.journal(root=world.machine.root)
    assert dict(result.counts) == {"login": 1, "logout": 1, "sudo": 1}
    assert "NUL bytes" in result.gaps[0].why
