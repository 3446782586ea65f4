"""Histories of etckeeper and Oxidized become snapshots."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from changelog_ledger.errors import InvalidInput, InvalidTime, NotFound, OutOfOrder, RepositoryError

from .foreign import AUTHOR, Foreign, git
from .world import START, World, every_object, object_ids, refs

DAY = timedelta(days=1)
PASSWD = "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"


@pytest.fixture
def etc(tmp_path: Path) -> Foreign:
    """Four commits of an ``/etc`` under etckeeper; the newest a day ago."""
    made = Foreign.make(tmp_path / "machine/etc")
    made.write("passwd", PASSWD)
    made.write("group", "root:x:0:\nwww-data:x:33:\n")
    made.write("hosts", "127.0.0.1 localhost\n")
    made.write("nginx/nginx.conf", "worker_processes 4;\n")
    made.write("init.d/app", "#!/bin/sh\n", 0o755)
    (made.place / "link").symlink_to("nginx/nginx.conf")
    (made.place / "empty.d").mkdir()
    made.keep_books({"nginx": ("www-data", "www-data")})
    made.commit("Initial commit", START - 4 * DAY)
    made.write("nginx/nginx.conf", "worker_processes 8;\n")
    made.commit("Raise the worker limit\n\nAs agreed in RFC-17.", START - 3 * DAY)
    made.write("hosts", "127.0.0.1 localhost\n", 0o640)
    made.keep_books({"nginx": ("www-data", "www-data"), "hosts": ("nobody", "4711")})
    made.commit("Nobody else reads hosts", START - 2 * DAY)
    (made.place / "link").unlink()
    (made.place / "empty.d").rmdir()
    made.write("app/app.ini", "[db]\npassword = correct-horse-battery\n", 0o600)
    made.keep_books({"nginx": ("www-data", "www-data"), "hosts": ("nobody", "4711")})
    made.commit("The new app; password=hunter2hunter2", START - DAY)
    return made


class TestEtckeeper:
    def test_every_commit_becomes_a_snapshot(self, either: World, etc: Foreign) -> None:
        steps: list[int] = []
        result = either.ledger.adopt(etc.place, host="old-01", progress=steps.append)
        assert (result.commits, result.snapshots, result.hosts, result.added, result.bent) == (4, 4, ("old-01",), ("old-01",), 0)
        assert sum(steps) == 8
        snapshots = either.ledger.snapshots("old-01")
        assert [snapshot.at for snapshot in snapshots] == [START - days * DAY for days in (4, 3, 2, 1)]
        assert {snapshot.actor for snapshot in snapshots} == {AUTHOR}
        assert snapshots[1].reason == "Raise the worker limit\n\nAs agreed in RFC-17."
        assert [snapshot.files for snapshot in snapshots] == [6, 6, 6, 6]
        assert either.ledger.verify() == ()

    def test_what_changed_is_told_as_of_any_snapshot(self, world: World, etc: Foreign) -> None:
        world.ledger.adopt(etc.place, host="old-01")
        days = [world.ledger.diff("old-01", START - (day + 1) * DAY, START - day * DAY) for day in (3, 2, 1)]
        assert [(piece.path, piece.key, piece.before, piece.after) for piece in days[0]] == [("/etc/nginx/nginx.conf", "worker_processes", "4", "8")]
        (metadata,) = days[1]
        assert (metadata.path, metadata.op) == ("/etc/hosts", "metadata")
        assert metadata.after == {"mode": "0640", "owner": "nobody", "uid": -1, "group": "", "gid": 4711}
        assert {(piece.path, str(piece.op)) for piece in days[2]} == {
            ("/etc/app/app.ini", "added"), ("/etc/link", "removed"), ("/etc/empty.d", "removed")
        }  # fmt: skip

    def test_the_books_are_applied_and_not_stored(self, world: World, etc: Foreign) -> None:
        world.ledger.adopt(etc.place, host="old-01")
        entries = world.ledger._workspace.repository.manifest(world.ledger.snapshots("old-01")[0].commit).entries
        assert "/etc/.etckeeper" not in entries
        assert (entries["/etc/nginx"].type, entries["/etc/nginx"].owner, entries["/etc/nginx"].uid) == ("directory", "www-data", 33)
        assert (entries["/etc/empty.d"].type, entries["/etc/link"].link_to) == ("directory", "nginx/nginx.conf")
        assert (entries["/etc/init.d/app"].mode, entries["/etc/init.d/app"].owner) == (0o755, "root")
        assert "/etc" in entries
        last = world.ledger._workspace.repository.manifest(world.ledger.snapshots("old-01")[-1].commit).entries
        assert set(entries.keys() - last.keys()) == {"/etc/link", "/etc/empty.d"}
        assert last["/etc/app/app.ini"].mode == 0o600

    def test_no_secret_gets_into_git_or_facts(self, world: World, etc: Foreign) -> None:
        world.ledger.adopt(etc.place, host="old-01")
        assert b"correct-horse" not in every_object(world.ledger.home)
        assert b"hunter2" not in every_object(world.ledger.home)
        assert b"hunter2" not in (world.ledger.home / "ledger.db").read_bytes()
        assert world.ledger.snapshots("old-01")[-1].reason.startswith("The new app; password=<secret:")
        assert world.ledger.cat("old-01", "/etc/app/app.ini", reveal=True) == b"[db]\npassword = correct-horse-battery\n"

    def test_adopting_twice_adds_nothing_and_later_what_is_new(self, world: World, etc: Foreign) -> None:
        world.ledger.adopt(etc.place, host="old-01")
        before, facts = refs(world.ledger.home), world.ledger.status().facts
        assert world.ledger.adopt(etc.place, host="old-01").snapshots == 0
        assert (refs(world.ledger.home), world.ledger.status().facts) == (before, facts)
        etc.write("hosts", "127.0.0.1 localhost\n10.0.0.1 db\n", 0o640)
        etc.commit("db", START - timedelta(hours=1))
        result = world.ledger.adopt(etc.place, host="old-01")
        assert (result.snapshots, result.added) == (1, ())
        newest = world.ledger.snapshots("old-01")[-1]
        assert (newest.reason, newest.previous) == ("db", world.ledger.snapshots("old-01")[-2].commit)
        assert [piece.op for piece in world.ledger.diff("old-01")] == ["added"], "mode and owner stay as the books had them"
        assert world.ledger.verify() == ()

    def test_two_steps_come_to_the_same_as_one(self, world: World, etc: Foreign) -> None:
        half = etc.place.parent / "half.git"
        git(etc.place, "clone", "--quiet", "--bare", str(etc.place), str(half))
        git(half, "update-ref", "refs/heads/main", git(half, "rev-parse", "main~2"))
        world.ledger.adopt(half, host="a")
        git(half, "fetch", "--quiet", str(etc.place), "main:main")
        world.ledger.adopt(half, host="a")
        world.ledger.adopt(etc.place, host="b")
        repository = world.ledger._workspace.repository
        for one, other in zip(world.ledger.snapshots("a"), world.ledger.snapshots("b"), strict=True):
            assert repository.manifest(one.commit) == repository.manifest(other.commit)
            assert repository.files(one.commit) == repository.files(other.commit)

    def test_the_next_snapshot_goes_on(self, world: World, etc: Foreign) -> None:
        """The machine itself, looked at after its history was adopted: nothing has changed but what really did."""
        world.ledger.adopt(etc.place, host="web-01")
        etc.write("hosts", "127.0.0.1 localhost\n10.0.0.1 db\n", 0o640)
        taken = world.ledger.snapshot("web-01", root=etc.place.parent, paths=["/etc"])
        changed = {piece.path for piece in world.ledger.diff("web-01") if piece.op != "metadata"}
        assert changed == {"/etc/hosts"}
        assert world.ledger.adopt(etc.place, host="web-01").snapshots == 0
        etc.commit("too late", START - timedelta(hours=1))
        with pytest.raises(OutOfOrder, match="taken since this history was adopted"):
            world.ledger.adopt(etc.place, host="web-01")
        assert world.ledger.snapshots("web-01")[-1].id == taken.id

    def test_below_another_folder_than_before_is_refused(self, world: World, etc: Foreign) -> None:
        world.ledger.adopt(etc.place, host="old-01", prefix="/srv/etc")
        etc.commit("more", START - timedelta(hours=1))
        with pytest.raises(InvalidInput, match="below another folder than /etc"):
            world.ledger.adopt(etc.place, host="old-01")
        assert world.ledger.adopt(etc.place, host="old-01", prefix="/srv/etc").snapshots == 1

    def test_a_host_with_other_snapshots_is_refused(self, world: World, etc: Foreign) -> None:
        world.snapshot()
        before = object_ids(world.ledger.home)
        with pytest.raises(OutOfOrder, match="do not come from this history") as refused:
            world.ledger.adopt(etc.place, host="web-01")
        assert "--host web-01-history" in refused.value.hint
        assert object_ids(world.ledger.home) == before

    @pytest.mark.skipif(shutil.which("etckeeper") is None, reason="etckeeper is not installed")
    @pytest.mark.skipif(os.geteuid() != 0, reason="etckeeper names owners only where they are not its own user's")
    def test_a_real_etckeeper(self, world: World, tmp_path: Path) -> None:
        """What a snapshot finds after the adoption is what it had found before: contents, modes, owners, folders."""
        place = tmp_path / "real/etc"
        place.mkdir(parents=True)
        (place / "passwd").write_text(PASSWD)
        (place / "group").write_text("www-data:x:33:\n")
        (place / "it's here").write_text("x\n")
        (place / "deep/er").mkdir(parents=True)
        etckeeper(place, "init", "-d", str(place))
        etckeeper(place, "commit", "-d", str(place), "first look")
        (place / "deep/er/app.conf").write_text("a = 1\n")
        (place / "deep/er/app.conf").chmod(0o4750)
        os.chown(place / "deep/er/app.conf", 33, 33)
        etckeeper(place, "commit", "-d", str(place), "an app")
        world.clock.now = datetime.now(UTC) + DAY
        assert world.ledger.adopt(place, host="real").snapshots == 2
        world.ledger.snapshot("real", root=place.parent, paths=["/etc"])
        assert [piece.summary for piece in world.ledger.diff("real")] == []


def etckeeper(place: Path, *arguments: str) -> None:
    people = {f"GIT_{role}_{part}": "root@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    environment = {**os.environ, **people, "HOME": str(place.parent), "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["etckeeper", *arguments], check=True, capture_output=True, env=environment, timeout=60)


class TestOxidized:
    @pytest.fixture
    def devices(self, tmp_path: Path) -> Foreign:
        made = Foreign.make(tmp_path / "devices")
        made.write("core/core-1", "hostname core-1\nmtu 1500\n")
        made.commit("update core-1", START - 3 * DAY, "oxidized <ox@example>")
        made.write("edge/edge-1", "hostname edge-1\n")
        made.write("core/core-1", "hostname core-1\nmtu 9000\n")
        made.write(".gitignore", "*.tmp\n")
        made.commit("update core-1", START - 2 * DAY, "oxidized <ox@example>")
        git(made.place, "rm", "--quiet", "edge/edge-1")
        made.commit("edge-1 is gone", START - DAY, "oxidized <ox@example>")
        return made

    def test_every_file_is_a_host(self, either: World, devices: Foreign) -> None:
        result = either.ledger.adopt(devices.place, host_from_path="**/{host}")
        assert (result.hosts, result.snapshots, result.added) == (("core-1", "edge-1"), 4, ("core-1", "edge-1"))
        assert list(result.left_out) == [".gitignore"]
        assert [snapshot.at for snapshot in either.ledger.snapshots("core-1")] == [START - 3 * DAY, START - 2 * DAY]
        assert either.ledger.cat("core-1", "/running-config") == b"hostname core-1\nmtu 9000\n"
        assert [snapshot.files for snapshot in either.ledger.snapshots("edge-1")] == [1, 0]
        assert either.ledger.adopt(devices.place, host_from_path="**/{host}").snapshots == 0
        assert either.ledger.verify() == ()

    def test_what_is_new_is_added_to_each(self, world: World, devices: Foreign) -> None:
        world.ledger.adopt(devices.place, host_from_path="{group}/{host}")
        devices.write("core/core-1", "hostname core-1\nmtu 1400\n")
        devices.write("core/core-2", "hostname core-2\n")
        devices.commit("update", START - timedelta(hours=2))
        result = world.ledger.adopt(devices.place, host_from_path="{group}/{host}")
        assert (result.hosts, result.added) == (("core-1", "core-2"), ("core-2",))

    def test_two_files_that_would_be_the_same_host(self, world: World, devices: Foreign) -> None:
        """The first one stays, until it goes; a device that moves to another group is still the same."""
        devices.write("edge/core-1", "hostname impostor\n")
        devices.commit("two of them", START - timedelta(hours=9))
        git(devices.place, "mv", "core/core-1", "core-1")
        devices.commit("moved", START - timedelta(hours=8))
        result = world.ledger.adopt(devices.place, host_from_path="**/{host}")
        assert result.left_out["edge/core-1"] == "core/core-1 is the same file of core-1"
        assert world.ledger.cat("core-1", "/running-config") == b"hostname core-1\nmtu 9000\n"

    def test_a_bare_repository(self, world: World, devices: Foreign, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--bare", str(devices.place), "bare.git")
        assert world.ledger.adopt(tmp_path / "bare.git", host_from_path="**/{host}").snapshots == 4


class TestHistories:
    def test_clocks_that_were_wrong(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        for number, moment in enumerate([START - 5 * DAY, START - 4 * DAY, datetime(2036, 1, 1, tzinfo=UTC), START - 3 * DAY, START - 3 * DAY]):
            made.write("hosts", f"{number}\n")
            made.commit(f"edit {number}", moment)
        assert world.ledger.adopt(made.place, host="h").bent == 1
        snapshots = world.ledger.snapshots("h")
        moments = [snapshot.at for snapshot in snapshots]
        assert moments == sorted(set(moments))
        assert moments[2] - moments[1] == timedelta(microseconds=1)
        assert "2036-01-01" in snapshots[2].reason

    def test_a_history_of_the_future_is_refused(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        made.commit("x", START + 9 * DAY)
        with pytest.raises(InvalidTime, match="2025-06-11"):
            world.ledger.adopt(made.place, host="h")
        assert [host.name for host in world.ledger.hosts()] == ["web-01"]

    def test_merges_are_followed_by_their_first_parents(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        made.write("a", "1\n")
        made.commit("one", START - 5 * DAY)
        git(made.place, "checkout", "--quiet", "-b", "side")
        made.write("b", "1\n")
        made.commit("side", START - 4 * DAY)
        git(made.place, "checkout", "--quiet", "main")
        made.write("a", "2\n")
        made.commit("two", START - 3 * DAY)
        people = {f"GIT_{role}_{part}": "x" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
        dates = {f"GIT_{role}_DATE": f"@{int((START - 2 * DAY).timestamp())} +0000" for role in ("AUTHOR", "COMMITTER")}
        git(made.place, "merge", "--quiet", "--no-edit", "side", environment={**people, **dates})
        assert world.ledger.adopt(made.place, host="h").snapshots == 3
        assert [piece.path for piece in world.ledger.diff("h")] == ["/b"]
        assert world.ledger.adopt(made.place, host="s", branch="side").snapshots == 2

    def test_a_shallow_clone_says_so(self, world: World, etc: Foreign, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{etc.place}", "shallow")
        result = world.ledger.adopt(tmp_path / "shallow", host="h")
        assert (result.snapshots, result.is_cut) == (2, True)
        assert not world.ledger.adopt(etc.place, host="whole").is_cut

    def test_worktrees_and_detached_heads(self, world: World, etc: Foreign, tmp_path: Path) -> None:
        git(etc.place, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "main~1")
        assert (tmp_path / "tree/.git").is_file()
        assert world.ledger.adopt(tmp_path / "tree", host="h").snapshots == 3

    def test_what_is_no_history(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        with pytest.raises(NotFound, match="no commit") as empty:
            world.ledger.adopt(made.place, host="h")
        assert "no branch with a commit" in empty.value.hint
        made.commit("x", START - DAY)
        with pytest.raises(NotFound, match="no branch --upload-pack=x"):
            world.ledger.adopt(made.place, host="h", branch="--upload-pack=x")
        for place in (tmp_path / "nowhere", tmp_path):
            with pytest.raises(InvalidInput, match=r"nothing at|no git repository"):
                world.ledger.adopt(place, host="h")
        with pytest.raises(InvalidInput, match="whose files"):
            world.ledger.adopt(made.place)
        git(tmp_path, "init", "--quiet", "--object-format=sha256", "long")
        with pytest.raises(InvalidInput, match="sha256"):
            world.ledger.adopt(tmp_path / "long", host="h")

    def test_a_file_and_a_folder_take_each_others_place(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        made.write("a", "file\n")
        made.write("b/c/d", "deep\n")
        made.commit("one", START - 3 * DAY)
        (made.place / "a").unlink()
        shutil.rmtree(made.place / "b")
        made.write("a/x", "in a folder\n")
        made.write("b", "file\n")
        made.commit("two", START - 2 * DAY)
        made.commit("nothing at all", START - DAY)
        assert world.ledger.adopt(made.place, host="h", prefix="/srv/app").snapshots == 3
        assert world.ledger.files("h", "/") == ("/srv/app/a/x", "/srv/app/b")
        entries = world.ledger._workspace.repository.manifest(world.ledger.snapshots("h")[-1].commit).entries
        assert {path: str(entry.type) for path, entry in entries.items()} == {
            "/srv/app": "directory", "/srv/app/a": "directory", "/srv/app/a/x": "file", "/srv/app/b": "file"
        }  # fmt: skip
        assert world.ledger.verify() == ()

    def test_settings_hold_for_adopted_files_too(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        made.write("big", b"x" * (2 * 1024 * 1024))
        made.write("note.swp", "x")
        made.write("mtab", "x")
        made.commit("one", START - DAY)
        world.ledger.adopt(made.place, host="h", prefix="/etc")
        (snapshot,) = world.ledger.snapshots("h")
        entries = world.ledger._workspace.repository.manifest(snapshot.commit).entries
        assert entries.keys() == {"/etc", "/etc/big"}
        assert (str(entries["/etc/big"].skipped), entries["/etc/big"].size, len(entries["/etc/big"].sha256)) == ("oversized", 2 * 1024 * 1024, 64)
        assert b"x" * 4096 not in every_object(world.ledger.home)

    def test_submodules_are_recorded_as_what_they_are(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        for number in (1, 2):
            git(made.place, "update-index", "--add", "--cacheinfo", f"160000,{number:040x},theirs")
            tree = git(made.place, "write-tree")
            date = f"{int((START - (3 - number) * DAY).timestamp())} +0000"
            parent = f"parent {git(made.place, 'rev-parse', 'HEAD')}\n" if number > 1 else ""
            text = f"tree {tree}\n{parent}author a <a> {date}\ncommitter a <a> {date}\n\nmove {number}\n"
            commit = git(made.place, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode())
            git(made.place, "update-ref", "refs/heads/main", commit)
        world.ledger.adopt(made.place, host="h")
        (piece,) = world.ledger.diff("h")
        assert (piece.path, str(piece.op)) == ("/theirs", "opaque")
        assert f"{2:040x}" in piece.note


class TestHostile:
    def test_paths_that_lead_elsewhere_are_left_out(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        blob = made.blob(b"x\n")
        inner = git(made.place, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=b"100644 x\0" + bytes.fromhex(blob))
        made.craft({
            b"..": ("40000", inner), b"a/../../b": ("100644", blob), b"good": ("100644", blob), b".git": ("40000", inner), b".": ("100644", blob),
            b".ledger": ("40000", inner), b"/abs": ("100644", blob), b"pipe": ("10644", blob),
        })  # fmt: skip
        result = world.ledger.adopt(made.place, host="h", prefix="/srv")
        assert set(world.ledger.files("h")) == {"/srv/good", "/srv/.git/x", "/srv/.ledger/x"}
        assert set(result.left_out) == {"..", "a/../../b", ".", "/abs", "pipe"}
        assert world.ledger.verify() == ()

    def test_odd_commits_are_read(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        fake = b'x\n\nLedger-Snapshot: {"id":"0","host":"other","at":"2020-01-01T00:00:00Z","files":9}\n\x1b[31mred\xff\x00\n'
        header = b"author A\x00\xfc\nB <b> 99999999999999 +0000\ncommitter c <c> 1748000000 +0000\nencoding iso-8859-1\n"
        made.craft({b"a": ("100644", made.blob(b"1\n"))}, header, fake)
        world.ledger.adopt(made.place, host="h")
        (snapshot,) = world.ledger.snapshots("h")
        assert (snapshot.host, snapshot.actor) == ("h", "unknown")
        assert "Ledger-Snapshot" in snapshot.reason
        assert world.ledger.snapshots("h") == (snapshot,)
        assert world.ledger.verify() == ()
        assert world.ledger.search("Ledger-Snapshot")[0].id == snapshot.id

    @pytest.mark.parametrize("times", [b"", b"committer c <c> -5 +0000\n", b"committer c <c> 999999999999999 +0000\n", b"committer\n"])
    def test_a_commit_without_a_time_needs_neighbours(self, world: World, tmp_path: Path, times: bytes) -> None:
        made = Foreign.make(tmp_path / "r")
        made.craft({b"a": ("100644", made.blob(b"1\n"))}, b"author a <a> 1 +0000\n" + times)
        with pytest.raises(InvalidTime, match="no commit has a time"):
            world.ledger.adopt(made.place, host="h")

    def test_a_tree_that_is_none_and_objects_that_lack(self, world: World, tmp_path: Path) -> None:
        made = Foreign.make(tmp_path / "r")
        blob = made.blob(b"x\n")
        made.craft({b"a": ("40000", blob)})
        with pytest.raises(RepositoryError, match="lacks the tree"):
            world.ledger.adopt(made.place, host="h")
        made.craft({b"a": ("100644", "ab" * 20)})
        with pytest.raises(RepositoryError, match="lacks the blob"):
            world.ledger.adopt(made.place, host="h")
        broken = git(made.place, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=b"100644 a\0short")
        made.craft({b"a": ("40000", broken)})
        with pytest.raises(RepositoryError, match="damaged"):
            world.ledger.adopt(made.place, host="h")
        assert world.ledger.status().hosts == 1

    def test_a_bomb_of_trees_is_refused(self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ten names a level, twenty levels: a few kilobytes, 10^20 paths."""
        monkeypatch.setattr("changelog_ledger.snapshots.foreign.MOST_PATHS", 20_000)
        made = Foreign.make(tmp_path / "r")
        mode, below = "100644", made.blob(b"x\n")
        for _ in range(20):
            data = b"".join(mode.encode() + b" %d\0" % name + bytes.fromhex(below) for name in range(10))
            mode, below = "40000", git(made.place, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=data)
        made.craft({b"top": ("40000", below)})
        with pytest.raises(RepositoryError, match="too many paths"):
            world.ledger.adopt(made.place, host="h")

    def test_nothing_that_its_configuration_names_is_run(self, world: World, tmp_path: Path) -> None:
        """A partial clone fetches what it lacks, by a program of its own choice. Not here."""
        made = Foreign.make(tmp_path / "r")
        trap = f"touch {tmp_path}/sprung"
        made.craft({b"a": ("100644", "ab" * 20)})
        config = made.place / ".git/config"
        core = "".join(f'\t{name} = "{trap}"\n' for name in ("fsmonitor", "sshCommand", "pager", "gitProxy", "alternateRefsCommand"))
        remote = f'[remote "origin"]\n\turl = "ext::{trap}"\n\tpromisor = true\n\tuploadpack = "{trap}"\n'
        allowed = '[protocol "ext"]\n\tallow = always\n[protocol]\n\tallow = always\n'
        config.write_text(f"[core]\n\trepositoryformatversion = 1\n{core}[extensions]\n\tpartialClone = origin\n{remote}{allowed}")
        for hook in ("post-checkout", "pre-auto-gc", "reference-transaction"):
            place = made.place / ".git/hooks" / hook
            place.parent.mkdir(exist_ok=True)
            place.write_text(f"#!/bin/sh\n{trap}\n")
            place.chmod(0o755)
        with pytest.raises(RepositoryError):
            world.ledger.adopt(made.place, host="h")
        assert not (tmp_path / "sprung").exists()
        subprocess.run(["git", "-C", str(made.place), "cat-file", "--batch"], input=b"ab" * 20 + b"\n", capture_output=True, check=False, timeout=60)
        assert (tmp_path / "sprung").exists(), "the trap is none"

    def test_the_repository_is_only_read(self, world: World, etc: Foreign) -> None:
        def everything() -> dict[Path, tuple[int, int]]:
            return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in etc.place.rglob("*")}

        before = everything()
        world.ledger.adopt(etc.place, host="h")
        assert everything() == before

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_it_may_belong_to_somebody_else(self, world: World, etc: Foreign) -> None:
        for path in (etc.place, *etc.place.rglob("*")):
            os.lchown(path, 12345, 12345)
        assert world.ledger.adopt(etc.place, host="h").snapshots == 4


KILLED = """
import sys
from changelog_ledger import Ledger
with Ledger.open(sys.argv[1]) as ledger:
    print("begun", flush=True)
    ledger.adopt(sys.argv[2], host="h", progress=lambda done: print(done, flush=True))
print("ended", flush=True)
"""


class TestCrash:
    def test_death_between_git_and_the_ledger_is_made_good(self, world: World, etc: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
        def dies(*_arguments: object, **_options: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr("changelog_ledger.workflows.adopt.snapshot_deltas", dies)
            world.ledger.adopt(etc.place, host="h")
        assert {finding.code for finding in world.ledger.verify()} == {"orphan"}
        result = world.ledger.adopt(etc.place, host="h")
        assert (result.snapshots, result.recovered) == (4, 4)
        assert [snapshot.at for snapshot in world.ledger.snapshots("h")] == [START - days * DAY for days in (4, 3, 2, 1)]
        assert world.ledger.adopt(etc.place, host="h").snapshots == 0
        assert world.ledger.verify() == ()

    @pytest.mark.parametrize("seed", range(4))
    def test_kill_at_any_moment_and_again(self, world: World, tmp_path: Path, seed: int) -> None:
        """kill -9, at a step chosen by lot; the next run completes it, and adds nothing twice."""
        made = Foreign.make(tmp_path / "r")
        for number in range(40):
            made.write(f"file-{number % 7}", f"value = {number}\n")
            made.commit(f"edit {number}", START - timedelta(hours=50 - number))
        step = random.Random(seed).randrange(2, 79)
        command = [sys.executable, "-c", KILLED, str(world.ledger.home), str(made.place)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as victim:
            assert victim.stdout is not None
            for _ in range(step):
                assert victim.stdout.readline()
            time.sleep(random.Random(seed).uniform(0, 0.01))
            os.killpg(victim.pid, signal.SIGKILL)
        assert {finding.code for finding in world.ledger.verify()} <= {"orphan"}
        world.clock.now = datetime.now(UTC)
        world.ledger.adopt(made.place, host="h")
        assert [snapshot.reason for snapshot in world.ledger.snapshots("h")] == [f"edit {number}" for number in range(40)]
        assert world.ledger.adopt(made.place, host="h").snapshots == 0
        world.ledger.repair()
        assert world.ledger.verify() == ()
