"""Taking back a change: its files come back, and it is recorded as rolled back only when all of it is."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger.errors import InvalidInput, TransitionRefused

from .restoring import facts_of, look, running_world, yes
from .world import HOST, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        yield made


# ---- taking back a change


def changed(world: World, **details: Any) -> Any:
    """A change that touched nginx.conf and added a file, with a snapshot on each side."""
    with world.ledger.change("Tune", [HOST], root=world.machine.root, **({"rollback_to": "latest"} | details)) as change:
        world.machine.write("/etc/nginx/nginx.conf", "worker_processes 8;\n")
        world.machine.write("/etc/nginx/added.conf", "x")
    return change


def rolled_back(world: World, change: Any, **options: Any) -> Any:
    return world.ledger.roll_back(change.id, root=world.machine.root, **({"leave": yes} | options))


@pytest.mark.parametrize("paths", [["/etc/nginx/**"], ["/etc/nginx/*.conf"], ["nginx/*.conf"], []])
def test_a_roll_back_restores_and_records(world: World, paths: list[str]) -> None:
    look(world)
    change = changed(world, paths=paths)
    world.machine.edit("/etc/hosts", "localhost", "changed since by somebody else")
    done = rolled_back(world, change, delete=True, note="502s")
    assert (str(done.change.status), done.recorded, done.advice) == ("rolled-back", True, ())
    assert "worker_processes 4" in world.machine.path("/etc/nginx/nginx.conf").read_text()
    assert not world.machine.path("/etc/nginx/added.conf").exists()
    assert "somebody else" in world.machine.path("/etc/hosts").read_text()
    assert done.restored.change == done.restored.after.change == change.id
    assert done.change.notes[-1].text.startswith("502s; restored ")
    assert len(world.ledger.changes()) == 1
    assert {piece.explained_by for piece in world.ledger.diff(HOST) if piece.path.startswith("/etc/nginx/")} == {change.id}


def test_a_roll_back_to_a_named_snapshot(world: World) -> None:
    first = look(world)
    world.machine.edit("/etc/nginx/nginx.conf", "4", "6")
    change = changed(world, paths=["/etc/nginx/**"], rollback_to=first.id)
    first_try = rolled_back(world, change)
    assert "worker_processes 4" in world.machine.path("/etc/nginx/nginx.conf").read_text()
    assert first_try.restored.plan.extra, "the change made files too"
    assert not first_try.recorded, "and they are still there"
    assert "still there, though not then" in world.ledger.find_change(change.id).notes[-1].text
    assert rolled_back(world, change, delete=True).recorded


def test_a_roll_back_needs_a_yes(world: World) -> None:
    change = changed(world, paths=["/etc/nginx/**"])
    facts, files = world.ledger.status().facts, facts_of(world.machine.root)
    with pytest.raises(InvalidInput, match="nobody said yes"):
        world.ledger.roll_back(change.id, root=world.machine.root)
    dry = rolled_back(world, change, dry_run=True)
    assert (dry.recorded, dry.restored.dry_run) == (False, True)
    assert (world.ledger.status().facts, facts_of(world.machine.root)) == (facts, files)
    assert str(world.ledger.find_change(change.id).status) == "succeeded"


def test_an_incomplete_roll_back_is_not_recorded_as_one(world: World) -> None:
    world.machine.write("/etc/nginx/big", b"x" * 3_000_000)
    look(world)
    change = changed(world, paths=["/etc/nginx/**"])
    world.machine.write("/etc/nginx/big", b"y")
    done = rolled_back(world, change)
    assert not done.recorded
    assert str(done.change.status) == "succeeded"
    assert "roll-back incomplete" in done.change.notes[-1].text
    assert str(world.ledger.roll_back(change.id, record_only=True).change.status) == "rolled-back"


def test_with_nothing_to_go_back_to_it_is_recorded(world: World) -> None:
    change = changed(world, rollback_to="")
    done = world.ledger.roll_back(change.id)
    assert (done.restored, done.recorded, str(done.change.status), done.advice) == (None, True, "rolled-back", ())


@pytest.mark.parametrize(
    ("target", "backout", "said"),
    [
        ("", "put 4 back by hand", ["backout plan: put 4 back by hand"]),
        ("host:web-01-old", "", ["it goes back to host:web-01-old: bring that back into service"]),
        (
            "packages:nginx=1.22",
            "",
            ["on Debian or Ubuntu: apt-get install --allow-downgrades nginx=1.22", "on Fedora or RHEL: dnf downgrade nginx-1.22"],
        ),
    ],
)
def test_what_people_do_is_said_and_recorded_by_their_word(world: World, target: str, backout: str, said: list[str]) -> None:
    world.ledger.add_host("web-01-old")
    change = changed(world, rollback_to=target, backout=backout)
    facts = world.ledger.status().facts
    done = world.ledger.roll_back(change.id)
    assert (done.restored, done.recorded, str(done.change.status)) == (None, False, "succeeded")
    assert list(done.advice) == [*said, f"when that is done: ledger change roll-back {change.id} --record-only"]
    assert world.ledger.status().facts == facts
    assert world.ledger.roll_back(change.id, record_only=True).recorded


def test_for_another_machine_the_command_is_said(world: World) -> None:
    world.ledger.add_host("db-01")
    world.ledger.snapshot("db-01", root=world.machine.root)
    change = world.ledger.plan("Tune", ["db-01"], paths=["/etc/my.cnf", "/etc/mysql/**"], rollback_to="latest")
    world.ledger.start(change.id)
    done = world.ledger.roll_back(change.id)
    assert (done.restored, done.recorded, str(done.change.status)) == (None, False, "started")
    assert done.advice[0] == f"on db-01: ledger change roll-back {change.id} --host db-01"
    assert done.advice[1] == f"when it is back everywhere: ledger change roll-back {change.id} --record-only"
    assert world.ledger.roll_back(change.id, at=world.clock()).recorded


def test_a_time_in_the_past_only_records(world: World) -> None:
    change = changed(world)
    at = world.clock()
    assert world.ledger.roll_back(change.id, at=at, record_only=True).recorded
    assert world.machine.path("/etc/nginx/added.conf").exists()


def test_the_lifecycle_is_asked_before_anything_is_written(world: World) -> None:
    look(world)
    change = world.ledger.plan("Tune", [HOST], paths=["/etc/nginx/**"], rollback_to="latest")
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    with pytest.raises(TransitionRefused):
        rolled_back(world, change)
    assert "worker_processes 8" in world.machine.path("/etc/nginx/nginx.conf").read_text()


def test_a_folder_that_is_not_asked_for_itself_comes_back_as_it_was(world: World) -> None:
    world.machine.path("/etc/nginx").chmod(0o750)
    look(world)
    with world.ledger.change("Remove", [HOST], root=world.machine.root, paths=["/etc/nginx/*.conf"], rollback_to="latest") as change:
        shutil.rmtree(world.machine.path("/etc/nginx"))
    assert rolled_back(world, change).recorded
    assert stat.S_IMODE(world.machine.path("/etc/nginx").stat().st_mode) == 0o750


# ---- what contradicts itself is refused, and a dry run records nothing


@pytest.mark.parametrize("more", [{"dry_run": True}, {"host": HOST}, {"root": "/mnt"}, {"delete": True}, {"privileged": True}])
def test_to_record_only_and_how_to_restore_is_refused(world: World, more: dict[str, Any]) -> None:
    change = changed(world)
    facts = world.ledger.status().facts
    with pytest.raises(InvalidInput, match="recorded only"):
        world.ledger.roll_back(change.id, record_only=True, **more)
    assert world.ledger.status().facts == facts


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_time_does_not_turn_restoring_into_recording(world: World, dry_run: bool) -> None:
    change = changed(world)
    at = world.clock()
    facts, files = world.ledger.status().facts, facts_of(world.machine.root)
    with pytest.raises(InvalidInput, match="--at says that it was taken back then"):
        rolled_back(world, change, at=at, dry_run=dry_run)
    assert (world.ledger.status().facts, facts_of(world.machine.root)) == (facts, files)


def test_a_dry_run_with_a_time_records_nothing(world: World) -> None:
    change = changed(world, rollback_to="")
    at = world.clock()
    assert not world.ledger.roll_back(change.id, at=at, dry_run=True).recorded
    assert str(world.ledger.find_change(change.id).status) == "succeeded"
    done = world.ledger.roll_back(change.id, at=at)
    assert done.recorded
    assert done.change.notes[-1].at == at


# ---- what was not there, and other hosts


def test_a_folder_that_the_change_made_is_no_reason_to_refuse(world: World) -> None:
    look(world)
    with world.ledger.change("New", [HOST], root=world.machine.root, paths=["/etc/nginx/**", "/etc/newapp/**"], rollback_to="latest") as change:
        world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
        world.machine.write("/etc/newapp/x", "1\n")
    plan = rolled_back(world, change, dry_run=True).restored.plan
    assert plan.extra == ("/etc/newapp", "/etc/newapp/x")
    done = rolled_back(world, change, delete=True)
    assert done.recorded
    assert "worker_processes 4" in world.machine.path("/etc/nginx/nginx.conf").read_text()
    assert not world.machine.path("/etc/newapp").exists()


def test_without_delete_it_stays_and_is_said(world: World) -> None:
    look(world)
    with world.ledger.change("New", [HOST], root=world.machine.root, paths=["/etc/newapp/**"], rollback_to="latest") as change:
        world.machine.write("/etc/newapp/x", "1\n")
    done = rolled_back(world, change)
    assert done.restored.plan.extra == ("/etc/newapp", "/etc/newapp/x")
    assert world.machine.path("/etc/newapp/x").exists()


def test_a_declared_folder_that_nobody_watched_keeps_it_from_being_recorded(world: World) -> None:
    world.machine.write("/srv/x", "1\n")
    world.ledger.snapshot(HOST, root=world.machine.root, paths=["/etc/nginx"])
    change = world.ledger.plan("Tune", [HOST], paths=["/etc/nginx/**", "/srv/app/**"], rollback_to="latest")
    world.ledger.start(change.id)
    world.machine.write("/srv/app/y", "1\n")
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    done = rolled_back(world, change)
    assert [(entry.path, entry.why) for entry in done.restored.unrestored] == [("/srv/app", "the snapshot does not know it: it was not watched then")]
    assert not done.recorded
    assert "worker_processes 4" in world.machine.path("/etc/nginx/nginx.conf").read_text()


@pytest.mark.parametrize("paths", [["nginx/*.conf"], ["/etc/nginx/**"], []])
def test_on_two_hosts_it_is_recorded_when_both_are_back(world: World, paths: list[str]) -> None:
    world.ledger.add_host("web-02")
    look(world)
    world.ledger.snapshot("web-02", root=world.machine.root)
    with world.ledger.change("Tune", [HOST, "web-02"], root=world.machine.root, paths=paths, rollback_to="latest") as change:
        world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    done = rolled_back(world, change)
    assert (done.restored.complete, done.recorded, str(done.change.status)) == (True, False, "succeeded")
    assert done.advice == (
        f"on web-02: ledger change roll-back {change.id} --host web-02",
        f"when it is back everywhere: ledger change roll-back {change.id} --record-only",
    )
    assert "not yet on web-02" in done.change.notes[-1].text
    for advice in done.advice[:1]:  # it can be run
        host = advice.rpartition("--host ")[2]
        world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
        if paths:
            assert rolled_back(world, change, host=host).restored.complete
    assert world.ledger.roll_back(change.id, record_only=True).recorded


def test_a_clock_that_was_set_back_keeps_nobody_from_it(world: World) -> None:
    look(world)
    change = changed(world, paths=["/etc/nginx/**"])
    world.clock.tick(hours=-5)
    done = rolled_back(world, change, delete=True)
    assert done.recorded
    assert done.change.notes[-1].at == done.restored.after.at
    assert world.ledger.verify() == ()
