"""Whose records an ingestion reads: this machine's as another host's only aloud, none from an empty place, and each host and root by itself."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import Busy, InvalidInput, InvalidTime, LedgerError, NotFound
from changelog_ledger.sources import systemctl
from changelog_ledger.workflows import ingest_journal
from changelog_ledger.workflows.host_records import host_below

from ..observations.journals import MadeJournal
from .world import HOST, World

KINDS = ("packages", "processes", "journal")
AUTH = "2025-06-01T03:10:02+00:00 web-01 sshd[4711]: Accepted password for alex from 10.0.0.5 port 1 ssh2\n"
APK = "P:musl\nV:1.2.5-r{}\nA:x86_64\n\n"


@pytest.fixture(autouse=True)
def no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """The running system of whoever runs the tests says nothing here."""
    monkeypatch.setattr(systemctl, "_BOOTED", "/nowhere")


@pytest.fixture(params=KINDS)
def verb(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def ingest(world: World, verb: str, **options: Any) -> Any:
    return getattr(world.ledger.ingest, verb)(**options)


# ---- whose


@pytest.mark.parametrize("root", ["/", "//", "/usr/.."])
def test_that_this_machines_records_are_another_hosts_is_said_aloud(world: World, root: str) -> None:
    said: list[str] = []
    workspace = replace(world.ledger._workspace, warn=said.append)
    world.ledger.add_host("hv-02")
    assert host_below(workspace, "hv-02", root) == "hv-02"
    (warning,) = said
    assert warning.startswith("the records below / are those of this machine, web-01; they are recorded as hv-02's, as asked")
    assert host_below(workspace, None, root) == HOST
    assert len(said) == 1


def test_a_link_to_the_root_is_the_root(world: World, tmp_path: Path) -> None:
    said: list[str] = []
    world.ledger.add_host("hv-02")
    (tmp_path / "link").symlink_to("/")
    host_below(replace(world.ledger._workspace, warn=said.append), "hv-02", str(tmp_path / "link"))
    assert len(said) == 1


def test_an_image_of_another_host_and_a_file_of_its_are(world: World, tmp_path: Path) -> None:
    world.ledger.add_host("hv-02")
    world.machine.write("/var/log/auth.log", AUTH)
    assert ingest(world, "journal", host="hv-02", root=world.machine.root).counts == {"login": 1}
    (tmp_path / "entries").write_bytes(b"\n".join(MadeJournal().stopped("nginx.service").lines))
    assert ingest(world, "journal", host="hv-02", file=tmp_path / "entries").counts == {"service-stopped": 1}


# ---- from where


def test_a_root_that_is_not_there_or_no_directory_is_refused(world: World, verb: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"there is no directory .*/none"):
        ingest(world, verb, root=tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInput, match="file cannot be read as a root: Not a directory"):
        ingest(world, verb, root=tmp_path / "file")
    with pytest.raises(LedgerError):
        ingest(world, verb, root="")


def test_an_empty_mount_point_is_a_gap(world: World, verb: str, tmp_path: Path) -> None:
    (tmp_path / "mnt" / "proc").mkdir(parents=True)
    [gap] = ingest(world, verb, root=tmp_path / "mnt").gaps
    assert gap.source == ("/proc" if verb == "processes" else str(tmp_path / "mnt"))
    assert (
        gap.why
        == {
            "packages": "holds no package manager's records",
            "processes": "shows no process: nothing is mounted there",
            "journal": "holds no journal, authentication log, wtmp or audit log",
        }[verb]
    )


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_of_entries_is_a_gap(world: World, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "entries").write_bytes(content)
    [gap] = ingest(world, "journal", file=tmp_path / "entries").gaps
    assert (gap.source, gap.why) == (str(tmp_path / "entries"), "it is empty")


def test_a_time_to_come_is_no_since(world: World, verb: str) -> None:
    with pytest.raises(InvalidTime, match="has not come yet"):
        ingest(world, verb, root=world.machine.root, since=world.clock() + timedelta(hours=1))
    assert ingest(world, verb, root=world.machine.root, since=world.clock()).recorded == 0


# ---- each host and root by itself


def test_an_image_of_the_same_host_is_not_the_host(world: World, tmp_path: Path) -> None:
    """An image of last month would be a downgrade, and the next look at the host an upgrade."""
    image = tmp_path / "image" / "lib/apk/db/installed"
    image.parent.mkdir(parents=True)
    image.write_text(APK.format(9))
    os.utime(image, (0, 0))  # what was written to a moment ago is not compared yet
    world.machine.write("/lib/apk/db/installed", APK.format(11))
    for root in (world.machine.root, tmp_path / "image") * 2:
        world.clock.tick(hours=2)
        assert ingest(world, "packages", root=root).recorded == 0


def test_another_name_of_the_same_root_is_the_same_root(world: World, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(world.machine.root)
    world.machine.write("/lib/apk/db/installed", APK.format(10))
    world.clock.tick(hours=2)
    ingest(world, "packages", root=world.machine.root)
    world.machine.write("/lib/apk/db/installed", APK.format(11))
    world.clock.tick(hours=2)
    assert ingest(world, "packages", root=tmp_path / "link").counts == {"package-upgraded": 1}


def test_the_running_system_of_one_root_is_not_that_of_another(world: World, tmp_path: Path) -> None:
    for number, root in enumerate((world.machine.root, tmp_path / "image")):
        for name, text in (("sys/kernel/random/boot_id", f"{number}d1c2b3a\n"), ("stat", f"btime {int(world.clock().timestamp()) - 60}\n")):
            (root / "proc" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "proc" / name).write_text(text)
    for root in (world.machine.root, tmp_path / "image") * 2:
        assert ingest(world, "journal", root=root).recorded == 0


# ---- a database that was restored


def restored(world: World, between: Callable[[Ledger], object]) -> Ledger:
    """The ledger after what happened ``between``, with the database of before; the caches are those of after."""
    home = world.ledger.home
    world.ledger.close()
    backup = (home / "ledger.db").read_bytes()
    with Ledger.open(home, clock=world.clock) as ledger:
        between(ledger)
    (home / "ledger.db").write_bytes(backup)
    world.ledger = Ledger.open(home, clock=world.clock)
    return world.ledger


def test_a_restored_database_gets_the_journal_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MadeJournal().says("sshd", "Accepted password for alex from 10.0.0.5 port 1 ssh2", 4711).tick(90)
    play(journal, monkeypatch)
    with restored(world, lambda ledger: ledger.ingest.journal(root=world.machine.root)) as ledger:
        assert ledger.ingest.journal(root=world.machine.root).counts == {"login": 1}
        assert ledger.ingest.journal(root=world.machine.root).known == 0


def test_a_restored_database_older_than_an_inventory_is_told(world: World) -> None:
    """What the inventory shows of the time after it is true all the same."""
    root = world.machine.root
    world.machine.write("/lib/apk/db/installed", APK.format(9))
    world.clock.tick(hours=2)
    ingest(world, "packages", root=root)

    def upgraded(ledger: Ledger) -> None:
        world.machine.write("/lib/apk/db/installed", APK.format(10))
        world.clock.tick(hours=2)
        assert ledger.ingest.packages(root=root).recorded == 1

    with restored(world, upgraded) as ledger:
        world.machine.write("/lib/apk/db/installed", APK.format(11))
        world.clock.tick(hours=2)
        result = ledger.ingest.packages(root=root)
        [gap] = result.gaps
        assert gap.source == "inventory of apk"
        assert "the database is older than it" in gap.why
        assert [each.summary.partition(" (")[0] for each in result.newest] == ["musl 1.2.5-r10 → 1.2.5-r11 upgraded"]
        world.clock.tick(hours=2)
        assert ledger.ingest.packages(root=root).gaps == ()


# ---- the future


def play(journal: MadeJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal in the place of the machine's: entries after the cursor."""

    def lines(_journal: object, query: Any) -> Any:
        cursors = [entry["__CURSOR"] for entry in journal.entries]
        return iter(journal.lines[cursors.index(query.cursor) + 1 if query.cursor else 0 :])

    monkeypatch.setattr(ingest_journal.Journal, "is_there", True)
    monkeypatch.setattr(ingest_journal.Journal, "lines", lines)


def login(journal: MadeJournal, user: str, pid: int) -> None:
    journal.says("sshd", f"Accepted password for {user} from 10.0.0.5 port 1 ssh2", pid)


def test_entries_of_the_future_are_recorded_when_their_time_has_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MadeJournal(world.clock() - timedelta(hours=1))
    play(journal, monkeypatch)
    login(journal, "alex", 1)
    journal.set_clock(3 * 3600)
    login(journal, "ana", 2)
    journal.set_clock(-2.5 * 3600)
    login(journal, "kim", 3)
    first = ingest(world, "journal", root=world.machine.root)
    assert first.counts["login"] == 2
    assert [gap.why for gap in first.gaps if gap.source == "journal"] == [f"{why_early(first)} dated in the future, not recorded"]
    assert ingest(world, "journal", root=world.machine.root).recorded == 0
    world.clock.tick(hours=3)
    later = ingest(world, "journal", root=world.machine.root)
    assert [each.data["user"] for each in later.newest if each.what == "login"] == ["ana"]
    assert later.gaps == ()
    assert ingest(world, "journal", root=world.machine.root).known == 0


def why_early(result: Any) -> str:
    """How many: the jump of the clock may be dated in the future, too."""
    [gap] = [gap for gap in result.gaps if gap.source == "journal"]
    return gap.why.partition(" dated")[0]


def test_what_a_log_told_before_its_future_entries_is_remembered(world: World) -> None:
    """A session that began before them has the same name when it ends after them."""
    soon = (world.clock() + timedelta(hours=2)).isoformat()
    ahead = f"{soon} web-01 sshd[9]: Accepted password for ana from 10.0.0.6 port 1 ssh2\n"
    closed = "2025-06-01T03:40:01+00:00 web-01 sshd[4711]: pam_unix(sshd:session): session closed for user alex\n"
    log = world.machine.write("/var/log/auth.log", AUTH)
    ingest(world, "journal", root=world.machine.root)
    log.write_text(AUTH + ahead)
    assert ingest(world, "journal", root=world.machine.root).recorded == 0
    log.write_text(AUTH + ahead + closed)
    [logout] = ingest(world, "journal", root=world.machine.root).newest
    assert logout.data["login_at"] == "2025-06-01T03:10:02Z"


# ---- one at a time


def test_one_ingestion_of_a_kind_and_host_at_a_time(world: World, verb: str) -> None:
    """The other one waits, and says so if it takes too long; other kinds and hosts do not wait."""
    workspace = world.ledger._workspace.with_patience(0.2)
    workspace.store  # noqa: B018 - opened
    hurried = {"packages": "ingest_packages", "processes": "ingest_processes", "journal": "ingest_journal"}[verb]
    run = getattr(__import__(f"changelog_ledger.workflows.{hurried}", fromlist=[hurried]), hurried)
    with world.ledger._workspace.locks.ingestion(verb, HOST):
        with pytest.raises(Busy, match=f"could not ingest {verb} of {HOST}"):
            run(workspace, root=str(world.machine.root))
        for other in set(KINDS) - {verb}:
            ingest(world, other, root=world.machine.root)
    run(workspace, root=str(world.machine.root))
    workspace.store.close()


def test_whoever_waits_goes_on_from_what_the_one_before_kept(world: World) -> None:
    root = world.machine.root
    world.machine.write("/lib/apk/db/installed", APK.format(10))
    world.clock.tick(hours=2)
    done: list[Any] = []

    def other() -> None:
        with Ledger.open(world.ledger.home, clock=world.clock) as ledger:
            done.append(ledger.ingest.packages(root=root))

    with world.ledger._workspace.locks.ingestion("packages", HOST):
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.5)
        assert done == []
        assert list((world.ledger.home / "cache").rglob("apk.json")) == []
    waiting.join(30)
    assert "first inventory of apk: from now on it shows what no log tells" in done[0].notes
    [place] = (world.ledger.home / "cache").rglob("apk.json")
    assert datetime.fromisoformat(json.loads(place.read_text())["at"]) == world.clock()
