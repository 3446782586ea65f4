"""What the hooks' calls do: whose their snapshots are, how far back they read, and that a log which is still open is waited for."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from changelog_ledger.errors import EXIT_PARTIAL, Busy, HomeError, InvalidInput
from changelog_ledger.ledger.host_hooks import HostHooksTopic
from changelog_ledger.model.ingestion import Ingested
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.sources.apt_history import wait_until_closed
from changelog_ledger.workflows import run_host_hooks
from changelog_ledger.workflows.ingest_journal import ingest_journal

from .world import HOST, World

OPEN = "\nStart-Date: 2025-06-02  09:00:01\nCommandline: apt-get upgrade\nUpgrade: nginx:amd64 (1.22.0, 1.22.1)\n"
CLOSED = f"{OPEN}End-Date: 2025-06-02  09:00:09\n"


def called(world: World, occasion: str) -> Snapshot:
    """A call a minute later; the snapshot that it took."""
    world.clock.tick(minutes=1)
    steps = list(world.ledger.host_hooks.run(occasion, root=world.machine.root))
    assert (steps[0].name, steps[0].code) == ("snapshot", 0), steps
    return world.ledger.snapshots(HOST)[-1]


class TestWhoseTheSnapshotsAre:
    def test_nobodys_outside_a_change(self, world: World) -> None:
        assert [called(world, occasion).change for occasion in ("before", "after", "timer")] == ["", "", ""]
        assert [snapshot.reason for snapshot in world.ledger.snapshots(HOST)] == ["before a package run", "after a package run", "by the clock"]

    def test_the_changes_that_looks_at_this_host(self, world: World) -> None:
        with world.ledger.change("Upgrade nginx", on=[f"host:{HOST}"], host=HOST, root=world.machine.root) as change:
            world.machine.edit("/etc/nginx/nginx.conf", "listen 80", "listen 8080")
            assert called(world, "before").change == change.id
            world.machine.edit("/etc/nginx/nginx.conf", "listen 8080", "listen 8081")
            assert called(world, "after").change == change.id
            world.clock.tick(minutes=1)
        assert set(world.explained().values()) == {(change.id, "explicit")}

    def test_nobodys_when_the_change_is_over_of_another_host_or_of_another_ledger(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        with world.ledger.change("Upgrade nginx", on=[f"host:{HOST}"], host=HOST, root=world.machine.root) as done:
            world.clock.tick(minutes=1)
        monkeypatch.setenv("LEDGER_CHANGE", done.id)
        assert called(world, "after").change == ""
        world.ledger.add_host("db-01")
        elsewhere = world.ledger.plan("Elsewhere", on=["host:db-01"])
        world.ledger.start(elsewhere.id)
        for name in (elsewhere.id, "CHG-ZZZZZZ", "not an id"):
            monkeypatch.setenv("LEDGER_CHANGE", name)
            assert called(world, "before").change == ""


class TestHowFarBack:
    """What could not be read is read when it can be, however many calls came between."""

    def test_a_log_that_could_not_be_read_for_a_month(self, world: World) -> None:
        (world.machine.root / "var/log/apt/history.log").mkdir(parents=True)  # nobody can read a folder as a log
        notes = world.ledger.home / "host-hooks"
        notes.mkdir()
        outcomes = []
        for _ in range(30):
            world.clock.tick(days=1)
            outcomes.append(_step(world, "packages"))
            for name in ("timer.last", "timer.worked"):  # though some call noted that it worked
                (notes / name).write_text(f"3 {world.clock():%Y-%m-%dT%H:%M:%SZ}\n")
        assert {code for _, code in outcomes} == {EXIT_PARTIAL}, outcomes[-1]
        (world.machine.root / "var/log/apt/history.log").rmdir()
        _write(world.machine.root, CLOSED)
        assert _step(world, "packages")[0].startswith("1 new, 0 known")

    def test_the_journal_from_some_time_before_the_first_call(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[datetime] = []

        def spied(*arguments: object, since: datetime, **options: object) -> Ingested:
            asked.append(since)
            return ingest_journal(*arguments, since=since, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(run_host_hooks, "ingest_journal", spied)
        before = world.clock()
        for _ in range(3):
            _step(world, "journal")
            world.clock.tick(days=20)
        assert set(asked) == {before - timedelta(days=30)}
        (world.ledger.home / "host-hooks/journal.since").write_text("")
        _step(world, "journal")
        assert asked[-1] == world.clock() - timedelta(days=30), "a disk that was full leaves an empty mark"


class TestSomebodyElseIsAtIt:
    def test_that_is_no_failure_and_keeps_nothing_from_being_done(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def busy(*_arguments: object, **_options: object) -> Ingested:
            raise Busy("another process has held it for more than 5 seconds; could not ingest packages")

        monkeypatch.setattr(run_host_hooks, "ingest_packages", busy)
        steps = {step.name: step for step in world.ledger.host_hooks.run("timer", root=world.machine.root)}
        assert steps["packages"].outcome.startswith("left to somebody else: another process")
        assert steps["packages"].code == EXIT_PARTIAL
        assert list(steps) == ["snapshot", "packages", "processes", "journal"]


def _step(world: World, name: str) -> tuple[str, int]:
    (step,) = [step for step in world.ledger.host_hooks.run("timer", root=world.machine.root) if step.name == name]
    return step.outcome, step.code


class TestWaitingForApt:
    @pytest.mark.parametrize("history", [CLOSED, CLOSED * 3, "", "nothing of apt's\n"])
    def test_a_closed_log_is_not_waited_for(self, tmp_path: Path, history: str) -> None:
        _write(tmp_path, history)
        assert wait_until_closed(str(tmp_path), 0)

    def test_nor_is_one_that_is_not_there(self, tmp_path: Path) -> None:
        assert wait_until_closed(str(tmp_path), 0)

    def test_an_open_one_only_for_a_time(self, tmp_path: Path) -> None:
        _write(tmp_path, CLOSED + OPEN)
        begun = time.monotonic()
        assert not wait_until_closed(str(tmp_path), 0.3)
        assert time.monotonic() - begun < 10

    def test_until_it_is_closed(self, tmp_path: Path) -> None:
        _write(tmp_path, CLOSED + OPEN)
        closing = threading.Timer(0.3, _write, (tmp_path, CLOSED + CLOSED))
        closing.start()
        assert wait_until_closed(str(tmp_path), 30)
        closing.join()


def test_a_bug_in_one_step_keeps_no_other_from_being_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(run_host_hooks, "ingest_packages", broken)
    steps = []
    with pytest.raises(ZeroDivisionError):  # so that a log of it is written, as of every bug
        for step in world.ledger.host_hooks.run("timer", root=world.machine.root):
            steps.append(step)  # noqa: PERF402 - what came before the error is what counts
    assert [(step.name, step.code == 70) for step in steps] == [("snapshot", False), ("packages", True), ("processes", False), ("journal", False)]


def test_what_cannot_be_called(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no occasion"):
        list(HostHooksTopic(tmp_path).run("sometimes"))
    with pytest.raises(HomeError):
        list(HostHooksTopic(tmp_path / "nowhere").run("timer"))


def _write(root: Path, history: str) -> None:
    log = root / "var/log/apt/history.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(history)
