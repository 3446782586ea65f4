"""Snapshot, wreck, restore: everything is as it was, byte for byte, and nothing was lost on the way."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidInput, NotFound, SnapshotError
from changelog_ledger.model.restore import Action, RestorePlan
from changelog_ledger.settings import FILE_NAME

from .restoring import facts_of, look, restored, running_world, yes
from .world import HOST, World, git, made_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        yield made


# ---- what is recorded


def test_the_present_state_is_kept_and_can_be_had_again(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    world.machine.write("/etc/app.ini", "password = quite-another-secret\n")
    world.machine.write("/etc/new", "unsaved work")
    worked_on = facts_of(world.machine.root, times=False)
    result = restored(world, at=good.id, delete=True)
    assert result.complete
    assert {step.action for step in result.plan.steps} == {Action.REPLACE, Action.REMOVE, Action.METADATA}
    back = restored(world, at=result.before.id, delete=True)
    assert back.complete
    assert facts_of(world.machine.root, times=False) == worked_on


def test_a_restore_is_a_change_that_explains_what_it_did(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    drifted = look(world)
    result = restored(world, "/etc/nginx", at=good.id)
    change = world.ledger.find_change(result.change)
    assert (change.outcome, str(change.type), change.paths) == ("succeeded", "emergency", ("/etc/nginx",))
    assert good.id in change.reason
    (piece,) = [piece for piece in world.ledger.diff(HOST, drifted.id, result.after.id) if piece.path]
    assert (piece.explained_by, str(piece.confidence)) == (change.id, "explicit")
    assert change.id in str(world.ledger.recent(HOST, since="1h"))
    assert world.ledger.verify() == ()


def test_drift_beside_it_stays_unlogged(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    world.machine.edit("/etc/hosts", "localhost", "localhost web-01")
    restored(world, "/etc/nginx", at=good.id)
    assert "/etc/hosts" in {piece.path for piece in world.ledger.drift(HOST, since="1h")}


def test_a_given_change_has_it_attributed(world: World) -> None:
    good = look(world)
    change = world.ledger.plan("Tune", [HOST], paths=["/etc/nginx/**"])
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    result = restored(world, "/etc/nginx", at=good.id, change=change.id[:7])
    assert result.change == change.id == result.after.change
    assert len(world.ledger.changes()) == 1


def test_nothing_to_do_records_nothing(world: World) -> None:
    good = look(world)
    before = world.ledger.status().facts
    result = restored(world, at=good.id)
    assert (result.complete, result.proven, result.before) == (True, 5, None)
    assert world.ledger.status().facts == before


def test_a_dry_run_and_a_refusal_alter_nothing(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
    world.machine.write("/etc/new", "x")
    facts, files = world.ledger.status().facts, facts_of(world.machine.root)
    plan = restored(world, at=good.id, dry_run=True, delete=True).plan
    assert [(delta.path, delta.key, delta.before, delta.after) for delta in plan.deltas if delta.key] == [
        ("/etc/nginx/nginx.conf", "worker_processes", "8", "4")
    ]
    assert [step.path for step in plan.steps if not step.only_time] == ["/etc/new", "/etc/nginx/nginx.conf"]
    with pytest.raises(InvalidInput, match="nobody said yes"):
        world.ledger.restore(HOST, ["/etc"], good.id, root=world.machine.root)
    assert restored(world, at=good.id, leave=lambda _plan: False).dry_run
    assert (world.ledger.status().facts, facts_of(world.machine.root)) == (facts, files)


def test_secrets_come_back_and_are_not_shown(world: World) -> None:
    good = look(world)
    then = world.machine.path("/etc/app.ini").read_bytes()
    world.machine.edit("/etc/app.ini", "correct-horse-battery-staple", "hunter2-hunter2")
    result = restored(world, at=good.id)
    assert world.machine.path("/etc/app.ini").read_bytes() == then
    assert "correct-horse" not in str(result)
    assert "hunter2-hunter2" not in str(result)
    assert "<secret:" in str(result.plan.deltas)
    assert b"hunter2-hunter2" not in git(world.ledger.home, "cat-file", "--batch-all-objects", "--batch")


def test_without_a_key_the_secret_stays_as_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good = look(world)
    world.machine.edit("/etc/app.ini", "battery", "changed")
    world.machine.edit("/etc/hosts", "localhost", "changed")
    wrecked = world.machine.path("/etc/app.ini").read_bytes()
    monkeypatch.setattr(type(world.ledger._workspace), "identities", ())
    result = restored(world, at=good.id)
    assert [entry.path for entry in result.unrestored] == ["/etc/app.ini"]
    assert "no key" in result.unrestored[0].why
    assert "LEDGER_IDENTITY" in result.unrestored[0].hint
    assert world.machine.path("/etc/app.ini").read_bytes() == wrecked
    assert world.machine.path("/etc/hosts").read_text() == "127.0.0.1 localhost\n"


# ---- what is left alone


def test_privileges_come_back_only_when_asked_for(world: World) -> None:
    tool = world.machine.write("/etc/tool", "#!/bin/sh\n")
    tool.chmod(0o4755)
    good = look(world)
    world.machine.write("/etc/tool", "wrecked")
    result = restored(world, at=good.id)
    assert stat.S_IMODE(tool.stat().st_mode) == 0o755
    assert tool.read_text() == "#!/bin/sh\n"
    assert [(entry.path, entry.why) for entry in result.unrestored] == [("/etc/tool", "it gets no privileges: mode 0755 instead of 4755")]
    assert restored(world, at=good.id, privileged=True).complete
    assert stat.S_IMODE(tool.stat().st_mode) == 0o4755


def test_what_did_not_exist_then_stays_without_delete(world: World) -> None:
    good = look(world)
    world.machine.write("/etc/nginx/conf.d/new.conf", "x")
    result = restored(world, at=good.id)
    assert result.plan.extra == ("/etc/nginx/conf.d", "/etc/nginx/conf.d/new.conf")
    assert result.complete
    assert world.machine.path("/etc/nginx/conf.d/new.conf").exists()
    assert restored(world, at=good.id, delete=True).complete
    assert not world.machine.path("/etc/nginx/conf.d").exists()


def test_what_is_ignored_is_never_removed(world: World) -> None:
    good = look(world)
    world.machine.write("/etc/new/work.swp", "x")
    world.machine.write("/etc/new/gone", "x")
    result = restored(world, at=good.id, delete=True)
    assert not world.machine.path("/etc/new/gone").exists()
    assert world.machine.path("/etc/new/work.swp").exists()
    assert [(entry.path, entry.why) for entry in result.unrestored] == [("/etc/new", "Directory not empty")]


def test_what_was_not_watched_is_unknown_and_not_absent(world: World) -> None:
    world.machine.write("/etc/other/file", "x")
    narrow = world.ledger.snapshot(HOST, root=world.machine.root, paths=["/etc/nginx/nginx.conf", "/etc/hosts"])
    with pytest.raises(NotFound, match="does not know /etc/other"):
        restored(world, "/etc/other", at=narrow.id, delete=True)
    world.machine.write("/etc/hosts", "changed")
    result = restored(world, "/etc", at=narrow.id, delete=True)
    assert result.complete
    assert world.machine.path("/etc/other/file").exists()
    assert world.machine.path("/etc/app.ini").exists()


def test_what_was_there_already_is_not_taken_for_new(world: World, tmp_path: Path) -> None:
    """Ignored then, and no longer: the snapshot's silence says nothing. The file's ctime does."""
    world.machine.write("/etc/old.swp", "x")
    good = look(world)
    file = world.ledger.home / FILE_NAME
    file.write_text(re.sub(r"^ignore = \[.*?^\]", "ignore = []", file.read_text(), flags=re.MULTILINE | re.DOTALL))
    world.ledger.close()
    sleep(0.2)
    with Ledger.open(world.ledger.home, actor="alex") as ledger:  # by the system's clock: now is after the file was made
        later = ledger.snapshot(HOST, root=world.machine.root, paths=["/etc/hosts"])
        assert later.at > good.at
        result = ledger.restore(HOST, ["/etc"], later.id, root=world.machine.root, delete=True, leave=yes)
    assert world.machine.path("/etc/old.swp").exists()
    assert [(entry.path, entry.why) for entry in result.unrestored] == [
        ("/etc/old.swp", "it was there already when the snapshot was taken, which did not see it")
    ]


def test_an_absent_path_is_removed_only_with_delete(world: World) -> None:
    good = look(world)
    world.machine.write("/etc/new", "x")
    with pytest.raises(NotFound, match="did not exist"):
        restored(world, "/etc/new", at=good.id)
    assert restored(world, "/etc/new", at=good.id, delete=True).complete
    assert not world.machine.path("/etc/new").exists()


def test_what_no_snapshot_can_keep_is_not_overwritten(world: World) -> None:
    good = look(world)
    world.machine.write("/etc/hosts", b"x" * 3_000_000)
    world.machine.write("/etc/new", b"x" * 3_000_000)
    result = restored(world, at=good.id, delete=True)
    assert [entry.path for entry in result.unrestored] == ["/etc/hosts", "/etc/new"]
    assert all("no snapshot can keep what is there now" in entry.why for entry in result.unrestored)
    assert world.machine.path("/etc/hosts").stat().st_size == world.machine.path("/etc/new").stat().st_size == 3_000_000


def test_an_oversized_file_gets_its_metadata_and_not_its_content(world: World) -> None:
    big = world.machine.write("/etc/big", b"x" * 3_000_000)
    good = look(world)
    big.chmod(0o600)
    assert restored(world, "/etc/big", at=good.id).complete
    assert stat.S_IMODE(big.stat().st_mode) == 0o644
    world.machine.write("/etc/big", b"y")
    result = restored(world, "/etc/big", at=good.id)
    assert "does not hold its content" in result.unrestored[0].why
    assert big.read_bytes() == b"y"


def test_a_folder_full_of_new_things_is_not_replaced_by_a_file(world: World) -> None:
    good = look(world)
    world.machine.path("/etc/hosts").unlink()
    world.machine.write("/etc/hosts/inside", "x")
    result = restored(world, at=good.id)
    assert [entry.path for entry in result.unrestored] == ["/etc/hosts"]
    assert "--delete" in result.unrestored[0].hint
    assert world.machine.path("/etc/hosts/inside").exists()
    assert restored(world, at=good.id, delete=True).complete


def test_the_ledgers_own_home_is_never_touched(tmp_path: Path) -> None:
    """It lies where it is restored, and came after the snapshot: --delete must not delete the record of everything."""
    place = tmp_path / "watched"
    (place / "sub").mkdir(parents=True)
    (place / "sub/file").write_text("then")
    with Ledger.init(tmp_path / "home", host=HOST, watch=[str(place)]) as ledger:
        good = ledger.snapshot(HOST)
    (tmp_path / "home").rename(place / "sub/.ledger")
    (place / "sub/file").write_text("now")
    (place / "sub/new").write_text("now")
    with Ledger.open(place / "sub/.ledger") as ledger:
        result = ledger.restore(HOST, [str(place)], good.id, delete=True, leave=yes)
        assert {entry.why for entry in result.unrestored if "/.ledger" in entry.path} == {"it is the ledger's own home"}
        assert ledger.verify() == ()
    assert (place / "sub/file").read_text() == "then"
    assert not (place / "sub/new").exists()


def test_the_live_root(tmp_path: Path) -> None:
    """Nothing stands for / here: the system's own names, links and owners."""
    place = tmp_path / "watched"
    place.mkdir()
    (place / "file").write_text("then")
    with Ledger.init(tmp_path / "home", host=HOST, watch=[str(place)]) as ledger:
        good = ledger.snapshot()
        (place / "file").write_text("now")
        (place / "more").write_text("now")
        result = ledger.restore(HOST, [str(place / "file"), str(place)], good.id, to="/.", leave=yes)
        assert (result.complete, result.plan.is_copy, result.plan.extra) == (True, False, (str(place / "more"),))
        assert ledger.snapshots(HOST)[-1].reason == f"after the restore from {good.id}"
    assert (place / "file").read_text() == "then"


def test_a_link_on_the_way_is_refused(world: World, tmp_path: Path) -> None:
    good = look(world)
    outside = tmp_path / "outside"
    world.machine.path("/etc/nginx").rename(outside)
    world.machine.path("/etc/nginx").symlink_to(outside)
    (outside / "nginx.conf").write_text("canary")
    with pytest.raises(InvalidInput, match="/etc/nginx is a symbolic link now"):
        restored(world, "/etc/nginx/nginx.conf", at=good.id)
    assert (outside / "nginx.conf").read_text() == "canary"
    assert restored(world, "/etc/nginx", at=good.id).complete
    assert (outside / "nginx.conf").read_text() == "canary"
    assert not world.machine.path("/etc/nginx").is_symlink()


def test_a_path_through_a_link_of_then_is_understood(world: World) -> None:
    world.machine.path("/lib").symlink_to("usr/lib")
    world.machine.write("/usr/lib/x/unit", "then")
    snapshot = world.ledger.snapshot(HOST, root=world.machine.root, paths=["/lib/x"])
    world.machine.write("/usr/lib/x/unit", "now")
    result = restored(world, "/lib/x/unit", at=snapshot.id)
    assert result.plan.paths == ("/usr/lib/x/unit",)
    assert world.machine.path("/usr/lib/x/unit").read_text() == "then"


@pytest.mark.parametrize("path", ["etc", "/etc/../root", "/", "", "/etc/\0"])
def test_odd_paths_are_refused(world: World, path: str) -> None:
    good = look(world)
    with pytest.raises(InvalidInput, match="cannot restore"):
        restored(world, path, at=good.id)


@pytest.mark.parametrize("name", ["a[1].conf", "with\nnewline", "caf\udce9", "*", "x" * 250])
def test_a_single_hostile_path_can_be_asked_for(world: World, name: str) -> None:
    world.machine.write(f"/etc/d/{name}", "then")
    world.machine.write("/etc/d/beside", "then")
    good = look(world)
    world.machine.write(f"/etc/d/{name}", "now")
    world.machine.write("/etc/d/beside", "now")
    assert restored(world, f"/etc/d/{name}", at=good.id).complete
    assert world.machine.path(f"/etc/d/{name}").read_text() == "then"
    assert world.machine.path("/etc/d/beside").read_text() == "now"


# ---- which snapshot, and where to


def test_last_good_a_time_and_a_change_name_a_snapshot(world: World) -> None:
    look(world)
    world.ledger.good(HOST)
    change = world.ledger.plan("Tune", [HOST])
    world.ledger.start(change.id)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    look(world)
    for at in ("last-good", change.id, "1s"):
        plan = restored(world, at=at, dry_run=True).plan
        assert bool([step for step in plan.steps if not step.only_time]) is (at != "1s")


def test_another_hosts_files_are_not_written_onto_this_machine(world: World) -> None:
    world.ledger.add_host("db-01")
    snapshot = world.ledger.snapshot("db-01", root=world.machine.root)
    with pytest.raises(InvalidInput, match="would be written onto this machine, which is web-01"):
        world.ledger.restore("db-01", ["/etc"], snapshot.id, leave=yes)
    look(world)
    with pytest.raises(InvalidInput, match="is one of db-01, not of web-01"):
        restored(world, at=snapshot.id)


def test_a_copy_records_nothing_and_asks_before_it_overwrites(world: World, tmp_path: Path) -> None:
    good = look(world)
    copy = tmp_path / "copy"
    with pytest.raises(SnapshotError, match="there is no directory"):
        world.ledger.restore(HOST, ["/etc"], good.id, to=copy)
    copy.mkdir()
    facts = world.ledger.status().facts
    assert world.ledger.restore(HOST, ["/etc/nginx"], good.id, to=copy).complete
    assert (copy / "etc/nginx/nginx.conf").read_bytes() == world.machine.path("/etc/nginx/nginx.conf").read_bytes()
    assert not (copy / "etc/hosts").exists()
    (copy / "etc/nginx/nginx.conf").write_text("my notes")
    with pytest.raises(InvalidInput, match="nobody said yes"):
        world.ledger.restore(HOST, ["/etc"], good.id, to=copy)
    assert (copy / "etc/nginx/nginx.conf").read_text() == "my notes"
    assert world.ledger.restore(HOST, ["/etc"], good.id, to=copy, leave=yes).complete
    assert world.ledger.status().facts == facts


def test_a_restore_that_fails_in_part_says_so_and_goes_on(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")

    def meanwhile(_plan: RestorePlan) -> bool:
        world.machine.edit("/etc/hosts", "changed", "edited by somebody at this moment")
        return True

    result = restored(world, at=good.id, leave=meanwhile)
    assert [entry.path for entry in result.failed] == ["/etc/hosts"]
    assert "at this moment" in world.machine.path("/etc/hosts").read_text()
    assert "worker_processes 4" in world.machine.path("/etc/nginx/nginx.conf").read_text()
    assert world.ledger.find_change(result.change).outcome == "failed"


def test_an_interruption_is_recorded_as_a_failure(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    world.machine.edit("/etc/nginx/nginx.conf", "4", "8")

    def interrupt(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restored(world, at=good.id, progress=interrupt)
    (change,) = world.ledger.changes()
    assert change.outcome == "failed"
    assert restored(world, at=good.id).complete


# ---- a process that dies

KILLED = """
import sys
from changelog_ledger import Ledger
with Ledger.open(sys.argv[1]) as ledger:
    ledger.restore("web-01", ["/etc"], sys.argv[3], root=sys.argv[2], leave=lambda plan: True, progress=lambda done: print(done, flush=True))
"""


@pytest.mark.parametrize("after", [1, 20, 60])
def test_a_killed_restore_leaves_every_file_old_or_new(tmp_path: Path, after: int) -> None:
    old, new = {}, {}
    with made_world(tmp_path) as made:
        for number in range(80):
            old[number] = f"{number} then\n".encode() * 2_000
            new[number] = f"{number} now\n".encode() * 2_000
            made.machine.write(f"/etc/d/{number}", old[number])
        home, root = made.ledger.home, made.machine.root
    with Ledger.open(home) as ledger:
        good = ledger.snapshot(HOST, root=root)
    for number, content in new.items():
        (root / f"etc/d/{number}").write_bytes(content)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(home), str(root), good.id], stdout=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(after):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    contents = {number: (root / f"etc/d/{number}").read_bytes() for number in old}
    assert all(contents[number] in (old[number], new[number]) for number in old)
    assert 0 < sum(contents[number] == old[number] for number in old) < len(old)
    with Ledger.open(home) as ledger:
        kept = ledger.snapshots(HOST)[-1]
        assert kept.reason == f"before the restore from {good.id}"
        assert ledger.cat(HOST, "/etc/d/79", at=kept.at) == new[79]
        result = ledger.restore(HOST, ["/etc"], good.id, root=root, leave=yes)
        assert result.complete
        assert ledger.verify() == ()
    assert {number: (root / f"etc/d/{number}").read_bytes() for number in old} == old
    assert len(list((root / "etc/d").iterdir())) == len(old)
