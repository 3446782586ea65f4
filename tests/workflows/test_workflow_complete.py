"""Capture everything, or say so: what cannot be in a snapshot is in its manifest, and the snapshot is partial."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import threading
from datetime import timedelta
from itertools import count

import pytest

from changelog_ledger import Ledger
from changelog_ledger.model.snapshot import FileType, LeftOut, Skipped

from .world import HOST, ledger_command


def entries(world, snapshot):
    return world.ledger._workspace.repository.manifest(snapshot.commit).entries


def test_special_and_oversized_files_are_left_out_and_said(world):
    os.mkfifo(world.machine.path("/etc/queue"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(_short(world.machine.path("/etc/sock")))
        with world.machine.path("/etc/disk.img").open("wb") as sparse:
            sparse.truncate(1024**3)
        world.machine.write("/etc/big.txt", b"x" * (1024**2 + 1))
        snapshot = world.snapshot()
    assert snapshot.partial
    assert snapshot.unread == ()
    assert [(left.path, left.why) for left in snapshot.left_out] == [
        ("/etc/big.txt", Skipped.OVERSIZED),
        ("/etc/disk.img", Skipped.OVERSIZED),
        ("/etc/queue", Skipped.SPECIAL),
        ("/etc/sock", Skipped.SPECIAL),
    ]
    assert snapshot.left_out[2] == LeftOut("/etc/queue", Skipped.SPECIAL, "fifo")
    manifest = entries(world, snapshot)
    assert manifest["/etc/disk.img"].size == 1024**3
    assert manifest["/etc/big.txt"].sha256, "hashed, though its content is not kept"
    assert manifest["/etc/queue"].type is FileType.FIFO
    assert manifest["/etc/hosts"].skipped is None, "everything else is there"


def _short(path):
    """A socket's path may be 107 bytes long: by way of the folder's descriptor it is."""
    return f"/proc/self/fd/{os.open(path.parent, os.O_RDONLY)}/{path.name}"


def test_what_is_left_out_is_said_again_though_it_was_not_read_again(world):
    os.mkfifo(world.machine.path("/etc/queue"))
    first = world.snapshot()
    world.machine.write("/etc/nginx/other.conf", "x\n")
    second = world.snapshot()
    third = world.snapshot()
    assert third.unchanged
    assert first.left_out == second.left_out == third.left_out != ()
    assert world.ledger.snapshots(HOST)[-1].left_out == first.left_out
    world.machine.path("/etc/queue").unlink()
    fourth = world.snapshot()
    assert not fourth.partial
    assert fourth.left_out == ()


def test_the_answer_says_what_was_left_out(world):
    os.mkfifo(world.machine.path("/etc/queue"))
    world.snapshot()
    warnings = {warning.code: warning.text for warning in world.ledger.what_changed(f"host:{HOST}").warnings}
    assert "/etc/queue (fifo)" in warnings["left-out"]


def test_a_file_that_changes_while_it_is_read_is_said(world, monkeypatch):
    path = world.machine.write("/etc/busy", "0\n")
    numbers, stop = count(), threading.Event()

    def scribble():
        while not stop.is_set():
            path.write_text(f"{next(numbers)}\n" * 4000)

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        snapshots = [world.snapshot() for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    for snapshot in snapshots:
        content = world.ledger.cat(HOST, "/etc/busy", at=snapshot.at) if "/etc/busy" not in snapshot.unread else None
        assert content is None or len(set(content.split())) <= 1, "torn"
    assert world.snapshot().unread == (), "it stands still now"


def test_attributes_and_empty_folders_are_in_the_manifest(world):
    world.machine.path("/etc/empty").mkdir()
    os.setxattr(world.machine.path("/etc/hosts"), "user.zone", b"dmz")
    first = world.snapshot()
    assert entries(world, first)["/etc/empty"].type is FileType.DIRECTORY
    assert entries(world, first)["/etc/hosts"].attributes == (("user.zone", "ZG16"),)
    os.setxattr(world.machine.path("/etc/hosts"), "user.zone", b"lan")
    second = world.snapshot()
    assert not second.unchanged
    (difference,) = world.ledger.diff(HOST)
    assert (difference.path, difference.op) == ("/etc/hosts", "metadata")
    assert "user.zone dmz → lan" in difference.summary


def test_mode_000_is_said(world):
    """Root is refused nothing, so it gives up the capabilities that say so (capabilities(7))."""
    world.machine.write("/etc/private", "x\n").chmod(0)
    world.machine.path("/etc/closed").mkdir(mode=0)
    humbly = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = ledger_command(["--home", str(world.ledger.home), "snapshot", HOST, "--root", str(world.machine.root), "--json"])
    done = subprocess.run([*humbly, *command], capture_output=True, check=False)
    (snapshot,) = json.loads(done.stdout)["snapshots"]
    assert done.returncode == 3, done.stderr
    assert (snapshot["partial"], snapshot["unread"]) == (True, ["/etc/closed", "/etc/private"])
    assert b"could not read /etc/private" in done.stderr


def test_an_attribute_that_holds_a_secret_is_not_kept(world):
    os.setxattr(world.machine.path("/etc/hosts"), "user.token", b"ghp_" + b"a1B2" * 9)
    entry = entries(world, world.snapshot())["/etc/hosts"]
    assert entry.attributes == ()
    assert entry.assumed == ("attributes",), "a restore leaves them alone"
    assert "there is a secret in user.token" in entry.detail


def test_of_many_that_are_left_out_some_are_named(world):
    """What is left out is in every fact and every commit's message: thousands of names would make the ledger grow by the hour."""
    for number in range(120):
        os.mkfifo(world.machine.path(f"/etc/queue{number:03}"))
    first = world.snapshot()
    assert (len(first.left_out), first.left_out_count) == (50, 120)
    world.machine.path("/etc/queue000").unlink()
    second = world.snapshot()
    assert (len(second.left_out), second.left_out_count) == (50, 119)
    assert world.snapshot().left_out_count == 119
    warnings = {warning.code: warning.text for warning in world.ledger.what_changed(f"host:{HOST}").warnings}
    assert "and 114 more" in warnings["left-out"]


def test_what_nobody_saw_is_no_difference(world):
    """An import says nothing of mode and owner: the first real look at the file does not show them as changed."""
    at = (world.clock.now - timedelta(minutes=5)).isoformat()
    line = {"kind": "snapshot", "host": "fresh", "at": at, "files": {"/etc/hosts": world.machine.path("/etc/hosts").read_text()}}
    world.ledger.import_facts([json.dumps({"kind": "host", "name": "fresh", "at": at}), json.dumps(line)])
    world.machine.path("/etc/hosts").chmod(0o600)
    world.clock.tick(minutes=1)
    world.ledger.snapshot("fresh", root=world.machine.root, paths=["/etc/hosts"])
    assert [piece for piece in world.ledger.diff("fresh") if piece.path == "/etc/hosts"] == []
    world.machine.path("/etc/hosts").chmod(0o640)
    world.clock.tick(minutes=1)
    world.ledger.snapshot("fresh", root=world.machine.root, paths=["/etc/hosts"])
    assert [piece.note for piece in world.ledger.diff("fresh")] == ["mode 0600 → 0640"]


@pytest.mark.slow
def test_fifty_thousand_files(world):
    folder = world.machine.path("/etc/many")
    for number in range(500):
        (folder / f"d{number:03}").mkdir(parents=True)
        for file in range(100):
            (folder / f"d{number:03}/f{file}").write_text(f"{number} {file}\n")
    first = world.snapshot()
    assert first.files == 50_003
    (folder / "d250/f50").write_text("changed\n")
    second = world.snapshot()
    assert [piece.path for piece in world.ledger.diff(HOST)] == ["/etc/many/d250/f50"]
    assert second.files == 50_003
    git = ["git", f"--git-dir={world.ledger.home / 'snapshots.git'}"]
    assert subprocess.run([*git, "fsck", "--connectivity-only"], check=False, capture_output=True).returncode == 0


def test_the_home_is_not_a_part_of_what_is_watched(world, tmp_path):
    """Otherwise each snapshot would hold the ones before it, keys and database included."""
    root = tmp_path / "other"
    (root / "etc").mkdir(parents=True)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    with Ledger.init(root / "etc/led[g]er", host="inner", clock=world.clock) as ledger:
        for _ in range(3):
            world.clock.tick(minutes=1)
            last = ledger.snapshot(root=root)
        assert last.unchanged
        assert ledger.files("inner") == ("/etc/hosts",)


def test_a_wider_look_is_neither_an_addition_nor_a_removal_afterwards(world):
    world.machine.write("/srv/a.conf", "1\n")
    world.machine.write("/srv/no.txt", "2\n")
    world.snapshot(paths=["/srv/*.conf"])
    world.snapshot(paths=["/srv/*"])
    third = world.snapshot(paths=["/srv/*.conf"])
    assert third.unchanged, "the glob says nothing of no.txt"
    world.machine.path("/srv/a.conf").unlink()
    world.snapshot(paths=["/srv/*.conf"])
    assert [(piece.path, piece.op) for piece in world.ledger.diff(HOST)] == [("/srv/a.conf", "removed")]


def test_a_home_on_read_only_media_can_be_read_and_verified(world, monkeypatch):
    world.snapshot()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: not mode & os.W_OK and access(path, mode, **more))
    monkeypatch.setattr(type(world.ledger._workspace.locks), "_file", lambda *_arguments: pytest.fail("a lock cannot be made there"))
    assert world.ledger.verify() == ()
    assert world.ledger.cat(HOST, "/etc/hosts") == b"127.0.0.1 localhost\n"


def test_an_interrupt_is_for_the_ledger_and_not_for_its_git(world):
    world.snapshot()
    process = world.ledger._workspace.repository._plumbing.start("cat-file", "--batch")
    try:
        assert os.getsid(process._process.pid) != os.getsid(0)
    finally:
        process.kill()


def test_what_a_failed_snapshot_left_is_removed_at_once(world, monkeypatch):
    """On a full disk a half written pack would keep everybody from recording anything."""
    from changelog_ledger.snapshots.writer import Writer

    world.snapshot()
    packs = world.ledger.home / "snapshots.git/objects/pack"
    world.machine.write("/etc/new", "x\n")

    def full(self, plan):
        self.blob(b"begun")
        (packs / "tmp_pack_abc").write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(Writer, "commit", full)
        world.snapshot()
    assert [file.name for file in packs.iterdir() if file.name.startswith("tmp_")] == []
    assert not world.snapshot().unchanged
