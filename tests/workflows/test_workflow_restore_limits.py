"""What a snapshot does not know, what may not be shown, and what must not be half done."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.errors import InvalidInput, SnapshotError
from changelog_ledger.model.restore import RestorePlan
from changelog_ledger.model.temporaries import TEMPORARY_PREFIX
from changelog_ledger.reports import Style, render_restore, restore_document
from changelog_ledger.settings import FILE_NAME
from changelog_ledger.workflows import restore
from changelog_ledger.workflows.restore_wanted import outermost

from .restoring import HAS_ATTRIBUTES, IS_ROOT, facts_of, look, restored, running_world, yes
from .world import HOST, World, every_object, made_world

LINK = "https://bob:hunter2secretX@repo.example/x"
OTHER = "https://bob:brandNewSecret9@repo.example/x"
WIREGUARD = "cGFzc3dvcmRwYXNzd29yZHBhc3N3b3JkcGFzc3dvcmQ=\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        yield made


# ---- links that hold a secret


def linked(world: World, target: str = LINK) -> Path:
    link = world.machine.path("/etc/feed")
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    return link


@pytest.mark.parametrize("now", [None, OTHER, "elsewhere"])
def test_a_link_that_holds_a_secret_comes_back_as_it_was(world: World, now: str | None) -> None:
    link = linked(world)
    then = facts_of(world.machine.root)
    good = look(world)
    assert b"hunter2secretX" not in every_object(world.ledger.home)
    linked(world, now) if now else link.unlink()
    result = restored(world, at=good.id)
    assert os.readlink(link) == LINK
    assert facts_of(world.machine.root) == then
    assert (result.complete, result.proven) == (True, len(then))


def test_a_link_with_its_redacted_text_is_not_equal(world: World) -> None:
    """The manifest holds that text: who compares with it alone takes a ruined link for a good one."""
    link = linked(world)
    good = look(world)
    shown = world.ledger.cat(HOST, "/etc/feed").decode()
    assert "<secret:" in shown
    linked(world, shown)
    os.utime(link, ns=(0, 10**18), follow_symlinks=False)
    (step,) = restored(world, "/etc/feed", at=good.id, dry_run=True).plan.steps
    assert "content" in step.aspects
    assert restored(world, "/etc/feed", at=good.id).complete
    assert os.readlink(link) == LINK


def test_a_path_through_a_link_with_a_secret_is_understood(world: World) -> None:
    world.machine.write("/srv/password=hunter2secretX/conf", "then")
    world.machine.path("/etc/way").symlink_to("/srv/password=hunter2secretX")
    snapshot = world.ledger.snapshot(HOST, root=world.machine.root, paths=["/etc", "/srv"])
    world.machine.write("/srv/password=hunter2secretX/conf", "now")
    assert restored(world, "/etc/way/conf", at=snapshot.id).complete
    assert world.machine.path("/srv/password=hunter2secretX/conf").read_text() == "then"


def test_without_a_key_a_link_with_a_secret_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    link = linked(world)
    good = look(world)
    linked(world, OTHER)
    monkeypatch.setattr(type(world.ledger._workspace), "identities", ())
    result = restored(world, "/etc/feed", at=good.id)
    assert ["no key" in entry.why for entry in result.unrestored] == [True]
    assert os.readlink(link) == OTHER


@pytest.mark.parametrize("delete", [True, False])
def test_the_secret_of_a_link_is_not_shown(world: World, delete: bool) -> None:
    linked(world)
    good = look(world)
    linked(world, OTHER)
    world.machine.path("/etc/new").symlink_to(OTHER)
    result = restored(world, at=good.id, dry_run=True, delete=delete)
    shown = f"{result} {json.dumps(restore_document(result))} {render_restore(result, Style.plain(), good.at)}"
    assert "<secret:" in shown
    assert "brandNewSecret9" not in shown
    assert "hunter2secretX" not in shown
    done = restored(world, at=good.id, delete=delete)
    assert "brandNewSecret9" not in str(done)
    assert b"brandNewSecret9" not in every_object(world.ledger.home)
    assert b"brandNewSecret9" not in (world.ledger.home / "ledger.db").read_bytes()


def test_errors_do_not_repeat_the_text_of_a_link(world: World) -> None:
    world.machine.write("/etc/sub/x", "then")
    good = look(world)
    os.rename(world.machine.path("/etc/sub"), world.machine.root / "aside")
    world.machine.path("/etc/sub").symlink_to(LINK)
    with pytest.raises(InvalidInput, match="/etc/sub is a symbolic link now") as refused:
        restored(world, "/etc/sub/x", at=good.id)
    assert "hunter2secretX" not in str(refused.value)
    assert "hunter2secretX" not in refused.value.hint


# ---- what nobody saw


def imported(world: World, files: dict[str, str]) -> str:
    line = {"kind": "snapshot", "host": HOST, "at": world.clock().isoformat(), "files": files}
    world.ledger.import_facts([json.dumps(line)])
    return str(world.ledger.snapshots(HOST)[0].id)


def adopted(world: World, folder: Path, files: dict[str, str], **books: str) -> str:
    folder.mkdir()
    for name, text in {**files, **books}.items():
        (folder / name).write_text(text)
    date = "2025-06-01T00:00:00Z"
    environment = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for arguments in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=environment)
    world.ledger.adopt(folder, host=HOST, prefix="/etc")
    return str(world.ledger.snapshots(HOST)[0].id)


def known_by_content_only(world: World, source: str, folder: Path) -> str:
    text = "[db]\nhost = old\n"
    return imported(world, {"/etc/app.key": text}) if source == "import" else adopted(world, folder, {"app.key": text})


@pytest.mark.parametrize("source", ["import", "adopt"])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_what_nobody_saw_stays_as_it_is(world: World, tmp_path: Path, source: str, mode: int) -> None:
    then = known_by_content_only(world, source, tmp_path / "repo")
    file = world.machine.write("/etc/app.key", "[db]\nhost = new\n")
    if IS_ROOT:
        os.chown(file, 1000, 1001)
    if HAS_ATTRIBUTES:
        os.setxattr(file, "user.note", b"mine")
    file.chmod(mode)
    before = file.stat()
    result = restored(world, "/etc/app.key", at=then)
    after = file.stat()
    assert (result.complete, result.plan.assumed) == (True, ("/etc/app.key",))
    assert file.read_text() == "[db]\nhost = old\n"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.listxattr(file) == (["user.note"] if HAS_ATTRIBUTES else [])
    file.chmod(0o604)
    assert restored(world, "/etc/app.key", at=then, dry_run=True).plan.steps == ()
    assert "nobody saw all of mode, owner and attributes" in " ".join(render_restore(result, Style.plain(), world.clock()).split())


@pytest.mark.parametrize("source", ["import", "adopt"])
@pytest.mark.parametrize("instead", ["nothing", "folder"])
def test_a_new_file_whose_mode_nobody_saw_is_closed_to_others(world: World, tmp_path: Path, source: str, instead: str) -> None:
    then = known_by_content_only(world, source, tmp_path / "repo")
    file = world.machine.path("/etc/app.key")
    if instead == "folder":
        file.mkdir(mode=0o777)
    assert restored(world, "/etc/app.key", at=then).complete
    status = file.stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o600, os.geteuid())


def test_the_privileges_of_a_file_do_not_go_to_a_content_that_nobody_gave_them(world: World, tmp_path: Path) -> None:
    then = known_by_content_only(world, "import", tmp_path / "repo")
    file = world.machine.write("/etc/app.key", "new")
    file.chmod(0o4755)
    result = restored(world, "/etc/app.key", at=then)
    assert stat.S_IMODE(file.stat().st_mode) == 0o755
    assert ["no privileges" in entry.why for entry in result.unrestored] == [True]


def test_an_owner_without_a_number_is_not_compared(world: World, tmp_path: Path) -> None:
    books = "maybe chown 'nosuchuser' 'app.conf'\nmaybe chgrp 'nosuchgroup' 'app.conf'\nmaybe chmod 0644 'app.conf'\n"
    then = adopted(world, tmp_path / "repo", {"app.conf": "tls = old\n"}, **{".etckeeper": books})
    file = world.machine.write("/etc/app.conf", "tls = new\n")
    if IS_ROOT:
        os.chown(file, 1000, 1001)
    owner = (file.stat().st_uid, file.stat().st_gid)
    assert restored(world, "/etc/app.conf", at=then).complete
    assert (file.stat().st_uid, file.stat().st_gid) == owner
    assert restored(world, "/etc/app.conf", at=then).plan.steps == ()


@pytest.mark.skipif(not IS_ROOT, reason="needs root")
def test_a_number_that_no_file_can_have_is_not_taken_from_a_table(world: World) -> None:
    world.machine.write("/etc/passwd", "svc:x:1:1::/:/bin/sh\n")
    os.chown(world.machine.path("/etc/hosts"), 1, 0)
    good = look(world)
    world.machine.write("/etc/hosts", "now")
    world.machine.write("/etc/app.ini", "now")
    world.machine.write("/etc/passwd", f"svc:x:99999999999:1::/:/bin/sh\nsvc:x:{2**32 - 1}:1::/:/bin/sh\nmore:x:{'9' * 5000}:1::/:/bin/sh\n")
    assert restored(world, "/etc/hosts", "/etc/app.ini", at=good.id).complete
    assert world.machine.path("/etc/hosts").stat().st_uid == 1


# ---- what a killed restore leaves behind

KILLED = """
import os, signal, sys
from changelog_ledger import Ledger
import changelog_ledger.snapshots.restoring as restoring
restoring.take_place = lambda *_arguments: os.kill(os.getpid(), signal.SIGKILL)
with Ledger.open(sys.argv[1]) as ledger:
    ledger.restore("web-01", ["/etc/wireguard/private.key"], sys.argv[3], root=sys.argv[2], leave=lambda plan: True)
"""


def test_what_a_killed_restore_leaves_behind_never_reaches_git(tmp_path: Path) -> None:
    """Whatever the home ignores: a home may be older than the program."""
    with made_world(tmp_path) as made:
        key = made.machine.write("/etc/wireguard/private.key", WIREGUARD)
        home, root = made.ledger.home, made.machine.root
    file = home / FILE_NAME
    file.write_text(re.sub(r"^ignore = \[.*?^\]", "ignore = []", file.read_text(), flags=re.MULTILINE | re.DOTALL))
    with Ledger.open(home) as ledger:
        good = ledger.snapshot(root=root)
    key.write_text("other\n")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(home), str(root), good.id], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = [path for path in key.parent.iterdir() if path.name.startswith(TEMPORARY_PREFIX)]
    assert [path.read_text() for path in left] == [WIREGUARD]
    with Ledger.open(home) as ledger:
        ledger.snapshot(root=root)
        ledger.snapshot(root=root, paths=["/etc/wireguard/*", f"/etc/wireguard/{left[0].name}", "/etc/hosts"])
        assert b"cGFzc3dv" not in every_object(home)
        assert ledger.restore(HOST, ["/etc/wireguard"], good.id, root=root, delete=True, leave=yes).complete
    assert [path.name for path in key.parent.iterdir()] == ["private.key"]


def test_what_another_home_is_writing_is_not_swept(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    theirs = world.machine.path(f"/etc/{TEMPORARY_PREFIX}0123456789abcdef")
    theirs.write_text("half")
    descriptor = os.open(theirs.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        assert restored(world, at=good.id).complete
        assert theirs.exists()
    finally:
        os.close(descriptor)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    assert restored(world, at=good.id).complete
    assert not theirs.exists()


# ---- a clock that was set back, and a snapshot that fails afterwards


def test_a_clock_that_was_set_back_keeps_nobody_from_restoring(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    last = look(world)
    world.clock.tick(hours=-5)
    result = restored(world, at=good.id)
    assert result.complete
    assert last.at < result.before.at < result.after.at
    assert world.ledger.find_change(result.change).outcome == "succeeded"
    assert world.ledger.verify() == ()
    assert restored(world, at=result.before.id).complete


@pytest.mark.parametrize("error", [SnapshotError("the repository is full", ""), OSError(28, "No space left on device")])
def test_that_no_snapshot_could_be_taken_afterwards_is_part_of_the_result(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    good = look(world)
    world.machine.edit("/etc/hosts", "localhost", "changed")
    take = restore.take_snapshot

    def failing(*arguments: Any, **options: Any) -> Any:
        if options["change"]:
            raise error
        return take(*arguments, **options)

    monkeypatch.setattr(restore, "take_snapshot", failing)
    result = restored(world, at=good.id)
    words = "the repository is full" if isinstance(error, SnapshotError) else "No space left on device"
    assert (result.complete, result.after, result.unseen) == (True, None, words)
    change = world.ledger.find_change(result.change)
    assert change.outcome == "succeeded"
    assert words in change.notes[-1].text
    assert restore_document(result)["unseen"] == words
    assert words in " ".join(render_restore(result, Style.plain(), world.clock()).split())


# ---- not half done


@pytest.mark.parametrize("inside", ["a.swp", "deep/a.swp"])
def test_a_folder_that_holds_something_ignored_stays_whole(world: World, inside: str) -> None:
    world.machine.write("/etc/conf", "file\n")
    good = look(world)
    world.machine.path("/etc/conf").unlink()
    world.machine.write(f"/etc/conf/{inside}", "x")
    world.machine.write("/etc/conf/b", "y")
    world.machine.write("/etc/hosts", "now")
    files = facts_of(world.machine.path("/etc/conf"))
    result = restored(world, at=good.id, delete=True)
    assert facts_of(world.machine.path("/etc/conf")) == files
    assert {"/etc/conf", "/etc/conf/b"} <= {entry.path for entry in result.unrestored}
    assert world.machine.path("/etc/hosts").read_text() == "127.0.0.1 localhost\n"


def test_a_secret_attribute_that_no_snapshot_keeps_is_not_removed(world: World) -> None:
    if not HAS_ATTRIBUTES:
        pytest.skip("the file system has no extended attributes")
    good = look(world)
    file, token = world.machine.path("/etc/hosts"), b"ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    os.setxattr(file, "user.token", token)
    new = world.machine.write("/etc/new", "x")
    os.setxattr(new, "user.token", token)
    result = restored(world, at=good.id, delete=True)
    assert [entry.path for entry in result.unrestored] == ["/etc/hosts", "/etc/new"]
    assert os.getxattr(file, "user.token") == os.getxattr(new, "user.token") == token
    assert token.decode() not in str(result.plan.deltas)


# ---- nobody waits, and nothing grows without bound


def test_nobody_waits_for_an_answer_with_the_lock_in_hand(world: World) -> None:
    good = look(world)
    world.machine.edit("/etc/hosts", "localhost", "changed")

    def leave(_plan: RestorePlan) -> bool:
        world.machine.edit("/etc/nginx/nginx.conf", "4", "8")
        with Ledger.open(world.ledger.home, actor="sam", clock=world.clock) as other:
            assert other.restore(HOST, ["/etc/nginx"], good.id, root=world.machine.root, leave=yes).complete
        world.machine.write("/etc/new", "made meanwhile")
        return True

    result = restored(world, at=good.id, leave=leave, delete=True)
    assert result.complete
    assert world.machine.path("/etc/new").exists()  # nobody agreed to that


def test_what_is_removed_is_not_kept_in_memory(world: World) -> None:
    good = look(world)
    for number in range(60):
        world.machine.write(f"/etc/big/{number}.bin", os.urandom(500_000))
    tracemalloc.start()
    try:
        plan = restored(world, at=good.id, dry_run=True, delete=True).plan
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(plan.steps) >= 61
    assert peak < 15_000_000


def test_many_paths_cost_in_proportion() -> None:
    paths = [f"/etc/{number // 100}/{number}" for number in range(40_000)]
    begun = monotonic()
    assert outermost([*paths, "/etc/7"]) == (*(path for path in paths if not path.startswith("/etc/7/")), "/etc/7")
    assert monotonic() - begun < 5  # every path against every other: more than a minute


def test_a_thousand_paths_that_were_asked_for_one_by_one(world: World) -> None:
    paths = [f"/etc/d/{number}" for number in range(1_000)]
    for path in paths:
        world.machine.write(path, "x")
    good = look(world)
    for path in paths:
        world.machine.write(path, "y")
    assert len([step for step in restored(world, *paths, at=good.id, dry_run=True).plan.steps if not step.only_time]) == 1_000
