from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from changelog_ledger.errors import HomeError, InvalidInput, InvalidTarget, NotFound, RepositoryError
from changelog_ledger.model.snapshot import FileEntry, FileType, Phase
from changelog_ledger.snapshots.note import SnapshotNote, commit_message, parse_message
from changelog_ledger.snapshots.plan import Taken, edit_change
from changelog_ledger.snapshots.repository import BranchMove, BranchMoved, SnapshotRepository
from changelog_ledger.snapshots.sweeping import LeftoverKind
from changelog_ledger.snapshots.writer import CommitPlan, TreeChange, TreeFile

AT = datetime(2026, 11, 21, 13, 3, tzinfo=UTC)
HOSTILE = [
    "/etc/-rf",
    "/etc/--help",
    "/etc/a\nb",
    '/etc/"q"',
    "/etc/x@{u}",
    "/etc/.git/config",
    "/etc/%2Egit",
    "/.ledger/x",
    "/etc/\udcff",
    "/etc/a b\\n",
    "/=m/=m",
]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "home" / "repository.git"


@pytest.fixture
def repository(place):
    with SnapshotRepository.create(place) as repository:
        yield repository


def note(number=1, host="web-01", **more):
    return SnapshotNote(f"{number:026d}", host, AT, **more)


def entry(path, content=b"", **more):
    import hashlib

    return FileEntry(path, FileType.FILE, 0o644, 0, 0, "root", "root", len(content), hashlib.sha256(content).hexdigest(), **more)


def record(repository, number, files, *, removed=(), host="web-01"):
    """Set some files on top of the host's tip, as an import does."""
    tip = repository.tip(host)
    with repository.writer(f"{number}") as writer:
        taken = [Taken(entry(path, content), writer.blob(content)) for path, content in files.items()]
        change = edit_change(repository.manifest_of(tip), taken, removed)
        commit = writer.commit(CommitPlan(tip, note(number, host, files=change.files), change))
    repository.advance([BranchMove(host, tip, commit)], writer.incoming)
    return commit


def fsck(place):
    return subprocess.run(["git", "--git-dir", place, "fsck", "--strict", "--full"], capture_output=True, text=True, check=False)


def test_create_open_and_what_is_not_ours(place, tmp_path, repository):
    assert SnapshotRepository.create(place).path == place
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "config").stat().st_mode & 0o077 == 0
    with pytest.raises(HomeError):
        SnapshotRepository.open(tmp_path / "absent")
    (tmp_path / "other").mkdir()
    with pytest.raises(RepositoryError):
        SnapshotRepository.open(tmp_path / "other")
    (tmp_path / "other/file").touch()
    with pytest.raises(HomeError, match="not empty"):
        SnapshotRepository.create(tmp_path / "other")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_foreign_repository_is_refused(place, repository):
    os.chown(place, 12345, 12345)
    with pytest.raises(RepositoryError, match="belongs to user 12345") as caught:
        SnapshotRepository.open(place)
    assert "owner" in caught.value.hint


def test_hostile_names_and_contents(repository, place):
    files = {path: f"content of {path!r}\n".encode() for path in HOSTILE}
    commit = record(repository, 1, files)
    blob = next(iter(repository.files(commit).values()))
    tricky = f"/etc/x-g{blob[:7]}"  # git's revision parser would take it for that object
    commit = record(repository, 2, {tricky: b"mine"})
    assert repository.read(commit, tricky) == b"mine"
    for path, content in files.items():
        assert repository.read(commit, path) == content
    assert set(repository.files(commit)) == {*files, tricky}
    assert set(repository.manifest(commit).entries) == {*files, tricky}
    assert {path.path for path in repository.changed(None, commit).paths} == {*files, tricky}
    assert set(repository.files(commit, "/etc/.git")) == {"/etc/.git/config"}
    commit = record(repository, 3, {}, removed=[*HOSTILE, "/etc/absent"])
    assert set(repository.files(commit)) == {tricky}
    assert fsck(place).returncode == 0


def test_reading(repository):
    first = record(repository, 1, {"/etc/a": b"1", "/etc/b": b"2"})
    second = record(repository, 2, {"/etc/a": b"\x00\xff" * 100_000})
    (path,) = repository.changed(first, second).paths
    assert path.path == "/etc/a"
    assert repository.read_blobs([path.after, path.before, path.after]) == {path.before: b"1", path.after: b"\x00\xff" * 100_000}
    assert [path for path in ("/etc/b", "/etc/c", "/x") if repository.manifest_of(second).entry(path)] == ["/etc/b"]
    assert repository.exists(first)
    assert not repository.exists("0" * 40)
    assert not repository.exists(path.after)
    assert repository.sealed(first, "/etc/a") is None
    with pytest.raises(NotFound):
        repository.read(first, "/etc/c")
    with pytest.raises(NotFound):
        repository.read(first, "/etc")
    for bad in ("HEAD", "--help", "", first[:12], first.upper()):
        with pytest.raises(RepositoryError):
            repository.read(bad, "/etc/a")
    with pytest.raises(RepositoryError):
        repository.read_blobs(["1" * 40])
    assert repository.read(first, "/etc/a") == b"1"
    assert repository.room().packs == 2
    assert repository.room().bytes > 1000


def test_hosts_and_commits_in_one_writer(repository, place):
    hosts = [f"host-{number}" for number in range(12)]
    tips: dict[str, str | None] = dict.fromkeys(hosts)
    with repository.writer("bulk") as writer:
        for number in range(36):
            host = hosts[number % 12]
            change = TreeChange(written={f"/etc/{number}": TreeFile("100644", writer.blob(str(number).encode()))})
            tips[host] = writer.commit(CommitPlan(tips[host], note(number, host), change))
    assert [leftover.kind for leftover in repository.leftovers()] == [LeftoverKind.INCOMING]
    assert repository.tips() == {}
    repository.advance([BranchMove(host, None, tip) for host, tip in tips.items()], writer.incoming)
    assert repository.tips() == tips
    assert set(repository.files(tips["host-3"])) == {"/etc/3", "/etc/15", "/etc/27"}
    assert len(repository.notes_since("host-3", None)) == 3
    assert repository.leftovers() == ()
    repository.pack_refs()
    assert repository.tip("host-3") == tips["host-3"]
    assert repository.tips() == tips
    assert repository.missing({"host-3": [tips["host-3"], tips["host-4"]], "host-5": [tips["host-5"]], "new": ["1" * 40]}) == {
        "host-3": (tips["host-4"],),
        "new": ("1" * 40,),
    }
    assert fsck(place).returncode == 0


def test_an_empty_writer_does_nothing(repository):
    with repository.writer("x") as writer:
        pass
    assert writer.incoming is None
    assert repository.room().packs == 0


def test_a_failed_writer_leaves_no_trace_in_refs(repository):
    with pytest.raises(ZeroDivisionError), repository.writer("x") as writer:
        writer.commit(CommitPlan(None, note(), TreeChange(written={"/etc/a": TreeFile("100644", writer.blob(b"1"))})))
        raise ZeroDivisionError
    repository.sweep(repository.leftovers())
    assert repository.leftovers() == ()
    for plan in (
        CommitPlan("1" * 40, note(), TreeChange()),
        CommitPlan("HEAD", note(), TreeChange()),
        CommitPlan(None, note(), TreeChange(written={"/x": TreeFile("100644", "inline")})),
        CommitPlan(None, note(), TreeChange(written={"/x": TreeFile("160000", "1" * 40)})),
        CommitPlan(None, note(), TreeChange(written={"/x": TreeFile("100644", ":77")})),
    ):
        with pytest.raises(RepositoryError), repository.writer("y") as writer:
            writer.blob(b"")
            writer.commit(plan)
    with pytest.raises(InvalidInput), repository.writer("z") as writer:
        writer.commit(CommitPlan(None, note(), TreeChange(removed=["/etc/../x"])))
    with pytest.raises(InvalidTarget), repository.writer("z") as writer:
        writer.commit(CommitPlan(None, note(host="../x"), TreeChange()))
    with pytest.raises(RepositoryError):
        repository.writer("../x")
    assert repository.tips() == {}


def test_notes(repository):
    full = note(7, reason="because\nof", change="CHG-1", phase=Phase.AFTER, actor="Änna <a@b>\n", files=3, unread=("/etc/\udcff",))
    assert parse_message(commit_message(full)) == full
    assert parse_message(b"an adopted commit\n") is None
    with pytest.raises(RepositoryError):
        parse_message(b"x\n\nLedger-Snapshot: {}\n")
    with repository.writer("a") as writer:
        one = writer.commit(CommitPlan(None, full, TreeChange()))
        two = writer.commit(CommitPlan(one, note(8), TreeChange()))
    repository.advance([BranchMove("web-01", None, two)], writer.incoming)
    assert [(noted.commit, noted.parent, noted.note) for noted in repository.notes_since("web-01", None)] == [(one, None, full), (two, one, note(8))]
    assert [noted.commit for noted in repository.notes_since("web-01", one)] == [two]
    assert repository.notes_since("web-01", two) == repository.notes_since("other", None) == ()
    assert full.snapshot(one, None).unread == ("/etc/\udcff",)


def test_the_loser_of_a_race_is_told(repository):
    first = record(repository, 1, {"/etc/a": b"1"})
    with repository.writer("late") as writer:
        commit = writer.commit(CommitPlan(first, note(2), TreeChange()))
        other = writer.commit(CommitPlan(None, note(2, "other"), TreeChange()))
    winner = record(repository, 3, {"/etc/a": b"2"})
    for old in (first, None):
        with pytest.raises(BranchMoved):
            repository.advance([BranchMove("other", None, other), BranchMove("web-01", old, commit)], writer.incoming)
    assert repository.tips() == {"web-01": winner}
    (leftover,) = repository.leftovers()
    repository.sweep([leftover])
    assert repository.leftovers() == ()


WORKER = textwrap.dedent("""
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from changelog_ledger.snapshots.note import SnapshotNote
    from changelog_ledger.snapshots.repository import BranchMove, BranchMoved, SnapshotRepository
    from changelog_ledger.snapshots.writer import CommitPlan, TreeChange, TreeFile

    repository = SnapshotRepository.open(Path(sys.argv[1]))
    for number in range(int(sys.argv[3])):
        for attempt in range(1000):
            tip = repository.tip("web-01")
            with repository.writer(f"w{sys.argv[2]}n{number}a{attempt}") as writer:
                change = TreeChange(written={f"/etc/{sys.argv[2]}-{number}": TreeFile("100644", writer.blob(b"x"))})
                note = SnapshotNote(f"{sys.argv[2]}-{number}", "web-01", datetime(2026, 1, 1, tzinfo=UTC))
                commit = writer.commit(CommitPlan(tip, note, change))
            try:
                repository.advance([BranchMove("web-01", tip, commit)], writer.incoming)
            except BranchMoved:
                continue
            print(commit, flush=True)
            break
        else:
            sys.exit(3)
""")


def test_several_processes_lose_nothing(repository, place):
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(place), str(worker), "6"], stdout=subprocess.PIPE, text=True) for worker in range(4)
    ]
    reported = [line for worker in workers for line in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(reported) == 24
    assert {noted.commit for noted in repository.notes_since("web-01", None)} == set(reported)
    assert repository.missing({"web-01": reported}) == {}
    assert len(repository.files(repository.tip("web-01"))) == 24


def cut_off(worker: subprocess.Popen[str]) -> None:
    """Kill a process and the git below it, as a power cut would: that git has a session of its own, and would otherwise end in its own time."""
    os.kill(worker.pid, signal.SIGSTOP)  # so that no other child comes
    children = [int(child) for child in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]
    ends = [os.pidfd_open(child) for child in children]
    for child in [*children, worker.pid]:
        os.kill(child, signal.SIGKILL)
    worker.communicate()
    for end in ends:
        assert select.select([end], [], [], 10)[0], "git does not end"
        os.close(end)


def test_a_killed_writer_leaves_a_sound_repository(repository, place):
    first = record(repository, 1, {"/etc/a": b"1"})
    for delay in (0.25, 0.3, 0.4, 0.5):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(place), f"{delay}".replace(".", ""), "500"], stdout=subprocess.PIPE, start_new_session=True
        )
        time.sleep(delay)
        cut_off(worker)
    with SnapshotRepository.open(place) as again:
        again.sweep(again.leftovers())
        assert again.leftovers() == ()
        assert again.notes_since("web-01", None)[0].commit == first
        record(again, 2, {"/etc/b": b"2"})
    assert "missing" not in fsck(place).stdout + fsck(place).stderr


def test_a_lock_left_behind_is_named_and_swept(repository, place):
    first = record(repository, 1, {"/etc/a": b"1"})
    lock = place / "refs/heads/host/web-01.lock"
    lock.touch()
    (place / "refs/incoming").mkdir(exist_ok=True)
    (place / "refs/incoming/EMPTY").touch()  # as after a power cut
    found = {leftover.name: leftover for leftover in repository.leftovers()}
    assert found["refs/heads/host/web-01.lock"].kind is LeftoverKind.LOCK
    assert found["refs/incoming/EMPTY"].kind is LeftoverKind.TEMPORARY
    repository.sweep(found.values())
    assert repository.leftovers() == ()
    assert record(repository, 2, {"/etc/a": b"2"}) != first


@pytest.mark.parametrize("damage", ["object", "tip"])
def test_damage_is_an_error_with_a_hint(repository, place, damage):
    first = record(repository, 1, {"/etc/a": b"1"})
    record(repository, 2, {"/etc/a": b"2"})
    repository.close()
    if damage == "tip":
        (place / "refs/heads/host/web-01").write_text("")
        with pytest.raises(RepositoryError) as caught:
            repository.tip("web-01")
    else:
        for pack in (place / "objects/pack").glob("*.pack"):
            pack.chmod(0o600)
            pack.write_bytes(pack.read_bytes()[:-30] + b"\0" * 30)
        with pytest.raises(RepositoryError) as caught:
            repository.read(first, "/etc/a")
            repository.manifest(first)
    assert caught.value.hint


def test_missing_goes_as_far_as_the_history_does(repository, place):
    commits = [record(repository, number, {"/etc/a": str(number).encode()}) for number in range(4)]
    repository.close()
    oldest = min((place / "objects/pack").glob("*.pack"), key=lambda pack: pack.stat().st_mtime_ns)
    oldest.with_suffix(".idx").unlink()
    oldest.unlink()
    assert repository.missing({"web-01": commits}) == {"web-01": (commits[0],)}
    assert repository.missing({"web-01": commits[1:]}) == {}


def test_the_environment_does_not_matter(repository, place, tmp_path, monkeypatch):
    poison = {
        "GIT_DIR": str(tmp_path / "wrong"),
        "GIT_INDEX_FILE": "/nonexistent",
        "GIT_OBJECT_DIRECTORY": str(tmp_path / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nonexistent",
        "GIT_WORK_TREE": str(tmp_path),
        "GIT_NAMESPACE": "elsewhere",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsync",
        "GIT_CONFIG_VALUE_0": "none",
        "GIT_CONFIG_PARAMETERS": "'bad",
        "GIT_QUARANTINE_PATH": "/nonexistent",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_CONFIG_GLOBAL": str(tmp_path / "config"),
        "GIT_COMMON_DIR": "/nonexistent",
        "GIT_DEFAULT_HASH": "sha256",
        "LANG": "de_DE.UTF-8",
    }
    (tmp_path / "config").write_text("[core\nbroken")
    for name, value in poison.items():
        monkeypatch.setenv(name, value)
    commit = record(repository, 1, {"/etc/a": b"1"})
    assert repository.tip("web-01") == commit
    assert repository.tips() == {"web-01": commit}
    other = SnapshotRepository.create(tmp_path / "second.git")
    assert record(other, 1, {"/etc/a": b"1"}) == commit
    other.close()
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "wrong").exists()


def test_hooks_and_replace_refs_do_not_run(repository, place):
    (place / "hooks").mkdir(exist_ok=True)
    hook = place / "hooks/reference-transaction"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    first = record(repository, 1, {"/etc/a": b"1"})
    second = record(repository, 2, {"/etc/a": b"2"})
    (place / "refs/replace").mkdir()
    (place / f"refs/replace/{second}").write_text(first + "\n")
    assert repository.read(second, "/etc/a") == b"2"


def test_an_import_cannot_make_a_file_a_directory(repository):
    record(repository, 1, {"/etc/a": b"1", "/etc/d/x": b"2"})
    for files in ({"/etc/a/b": b""}, {"/etc/d": b""}, {"/new": b"", "/new/below": b""}):
        with pytest.raises(InvalidInput):
            record(repository, 2, files)
    commit = record(repository, 3, {"/etc/a/b": b"3", "/etc/d": b"4"}, removed=["/etc/a", "/etc/d/x"])
    assert set(repository.files(commit)) == {"/etc/a/b", "/etc/d"}
    assert set(repository.manifest(commit).entries) == {"/etc/a/b", "/etc/d"}


def test_only_one_directory_is_rewritten(repository):
    record(repository, 1, {f"/etc/{folder}/f": b"1" for folder in range(9)})
    previous = repository.manifest_of(repository.tip("web-01"))
    change = edit_change(previous, [Taken(entry("/etc/3/f", b"2"), "1" * 40)], [])
    assert set(change.manifests) == {"/etc/3"}
    assert not edit_change(previous, [Taken(entry("/etc/3/f", b"1", mtime_ns=5))], [])
    assert edit_change(previous, [], ["/etc/4/f"]).manifests == {"/etc/4": None}
