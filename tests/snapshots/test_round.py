"""How the two stages are joined: capture, plan, write, advance, remember, read back. A workflow adds redaction, the ledger's lock and the fact."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from changelog_ledger.model.snapshot import FileType, Skipped
from changelog_ledger.snapshots import sealing, stat_cache
from changelog_ledger.snapshots.note import SnapshotNote
from changelog_ledger.snapshots.plan import Seen, Taken, needs, tree_change
from changelog_ledger.snapshots.repository import BranchMove, SnapshotRepository
from changelog_ledger.snapshots.writer import CommitPlan, TreeChange
from changelog_ledger.sources.files import read_changed, survey

IDENTITY = sealing.new_identity()


def take_snapshot(
    repository: SnapshotRepository, root: Path, number: int, *, watch: tuple[str, ...] = ("/etc",), secret: bytes = b"", partly: bool = False
) -> tuple[str | None, TreeChange]:
    """The joining code that a workflow will look like; ``number`` makes the ids. ``secret`` is masked, for want of a redactor."""
    host, started_ns, cache_file = "web-01", time.time_ns(), root.parent / "cache" / "web-01"
    tip = repository.tip(host)
    cache = stat_cache.load(cache_file, commit=tip, key="watch and rules")
    previous = repository.manifest_of(tip)
    found = survey(watch, root=str(root), ignore=["*.swp"], known=cache.signatures)
    taken, signatures = [], []
    with repository.writer(f"{number:026d}") as writer:
        for file in read_changed(found, cache.signatures):
            entry, text = redacted(file.entry, file.content, secret)
            need = needs(previous.entry(entry.path), entry)
            blob = writer.blob(text or b"") if need.content else None
            sealed = writer.blob(sealing.seal(file.content or b"", [sealing.recipient_of(IDENTITY)])) if need.seal else None
            taken.append(Taken(entry, blob, sealed))
            signatures.append((entry.path, file.signature))
        seen = Seen(found.directories, cache.signatures, found.unreadable, found.tops if partly else None)
        change = tree_change(previous, taken, seen)
        if change:
            note = SnapshotNote(f"{number:026d}", host, datetime(2026, 11, 21, tzinfo=UTC), files=change.files, unread=change.unread)
            commit = writer.commit(CommitPlan(tip, note, change))
    if change:
        repository.advance([BranchMove(host, tip, commit)], writer.incoming)
        tip = commit
    # here: the fact, then the acknowledgement
    kept = stat_cache.remembered(found.directories, cache.signatures, signatures, unknown=found.unreadable, as_of_ns=started_ns, partly=partly)
    if tip and (change or kept is not cache.signatures):
        stat_cache.save(cache_file, stat_cache.StatCache(tip, "watch and rules", kept))
    return tip, change


def redacted(entry, content, secret):
    from dataclasses import replace

    if not secret or not content or secret not in content:
        return entry, content
    return replace(entry, sha256="", fingerprint=f"keyed-{hash(content)}", redacted=1), content.replace(secret, b"<secret:9f3e5a>")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root/etc/nginx").mkdir(parents=True)
    (tmp_path / "root/etc/hosts").write_text("127.0.0.1 localhost\n")
    (tmp_path / "root/etc/nginx/nginx.conf").write_text("listen 80;\n")
    (tmp_path / "root/etc/localtime").symlink_to("/usr/share/zoneinfo/UTC")
    (tmp_path / "root/etc/passwd").write_text(f"operator:x:{os.getuid()}:0::/:\n")
    return tmp_path / "root"


@pytest.fixture
def repository(tmp_path):
    with SnapshotRepository.create(tmp_path / "home" / "repository.git") as repository:
        yield repository


def settle(root: Path) -> None:
    """Make the files older than the clock's tick, so that the cache may trust them."""
    time.sleep(0.05)


def test_first_snapshot_holds_bytes_and_metadata(repository, root):
    commit, change = take_snapshot(repository, root, 1)
    assert repository.tip("web-01") == commit
    assert repository.read(commit, "/etc/nginx/nginx.conf") == b"listen 80;\n"
    assert repository.read(commit, "/etc/localtime") == b"/usr/share/zoneinfo/UTC"
    manifest = repository.manifest(commit)
    assert set(manifest.entries) == {"/etc", "/etc/hosts", "/etc/localtime", "/etc/nginx", "/etc/nginx/nginx.conf", "/etc/passwd"}
    assert manifest.entries["/etc"].type is FileType.DIRECTORY
    assert manifest.entries["/etc/hosts"].owner == "operator"  # the image's own name for the number
    assert change.files == 4
    assert [noted.note.id for noted in repository.notes_since("web-01", None)] == [f"{1:026d}"]
    assert repository.leftovers() == ()


def test_nothing_changed_makes_no_commit(repository, root):
    settle(root)
    first, _ = take_snapshot(repository, root, 1)
    second, change = take_snapshot(repository, root, 2)
    assert first == second
    assert not change
    os.utime(root / "etc/hosts")  # only touched
    (root / "etc/nginx/.nginx.conf.swp").write_text("ignored, but the directory's time changes")
    third, change = take_snapshot(repository, root, 3)
    assert third == first
    assert not change


def test_a_change_is_seen_with_and_without_the_cache(repository, root):
    first, _ = take_snapshot(repository, root, 1)
    (root / "etc/hosts").write_text("127.0.0.1 elsewhere\n")
    (root / "etc/localtime").unlink()
    second, change = take_snapshot(repository, root, 2)
    assert set(change.written) == {"/etc/hosts"}
    assert set(change.removed) == {"/etc/localtime"}
    changes = repository.changed(first, second)
    assert [path for path, _, _ in changes.paths] == ["/etc/hosts", "/etc/localtime"]
    assert changes.directories == ("/etc",)
    (root.parent / "cache/web-01").unlink()
    assert take_snapshot(repository, root, 3)[0] == second
    (root / "etc/nginx/nginx.conf").unlink()
    (root / "etc/nginx").rmdir()
    (root.parent / "cache/web-01").write_bytes(b"damaged")
    third, change = take_snapshot(repository, root, 4)
    assert change.removed == ("/etc/nginx/nginx.conf",)
    assert "/etc/nginx" not in repository.manifest(third).entries


def test_mode_alone_is_a_change_of_the_manifest(repository, root):
    first, _ = take_snapshot(repository, root, 1)
    (root / "etc/hosts").chmod(0o600)
    second, _ = take_snapshot(repository, root, 2)
    changes = repository.changed(first, second)
    assert changes.paths == ()
    assert changes.directories == ("/etc",)
    (root / "etc/hosts").chmod(0o700)
    third, _ = take_snapshot(repository, root, 3)
    (path,) = repository.changed(second, third).paths
    assert path.before == path.after  # git's own mode: 100644 to 100755


def test_directory_becomes_file_and_file_becomes_directory(repository, root):
    take_snapshot(repository, root, 1)
    (root / "etc/nginx/nginx.conf").unlink()
    (root / "etc/nginx").rmdir()
    (root / "etc/nginx").write_text("a file now")
    (root / "etc/hosts").unlink()
    (root / "etc/hosts").mkdir()
    (root / "etc/hosts/web").write_text("a directory now")
    commit, _ = take_snapshot(repository, root, 2)
    assert set(repository.files(commit)) == {"/etc/nginx", "/etc/hosts/web", "/etc/localtime", "/etc/passwd"}
    assert repository.read(commit, "/etc/nginx") == b"a file now"
    assert {"/etc/nginx", "/etc/hosts", "/etc/hosts/web"} < set(repository.manifest(commit).entries)
    assert "/etc/nginx/nginx.conf" not in repository.manifest(commit).entries


def test_redacted_files_are_sealed_once(repository, root):
    (root / "etc/secret.conf").write_bytes(b"password = hunter2\n")
    commit, change = take_snapshot(repository, root, 1, secret=b"hunter2")
    assert repository.read(commit, "/etc/secret.conf") == b"password = <secret:9f3e5a>\n"
    assert sealing.unseal(repository.sealed(commit, "/etc/secret.conf"), [IDENTITY]) == b"password = hunter2\n"
    assert repository.manifest(commit).entries["/etc/secret.conf"].sha256 == ""
    os.utime(root / "etc/secret.conf")
    assert take_snapshot(repository, root, 2, secret=b"hunter2")[0] == commit
    (root / "etc/secret.conf").chmod(0o640)
    _, change = take_snapshot(repository, root, 3, secret=b"hunter2")
    assert change.sealed == {}
    assert change.written == {}
    (root / "etc/secret.conf").write_bytes(b"password = none\n")
    third, change = take_snapshot(repository, root, 4, secret=b"hunter2")
    assert change.sealed == {"/etc/secret.conf": None}
    assert repository.sealed(third, "/etc/secret.conf") is None


def test_unreadable_is_not_removed(repository, root):
    take_snapshot(repository, root, 1)
    (root / "etc/nginx").chmod(0)
    (root / "etc/hosts").chmod(0)
    if os.access(root / "etc/hosts", os.R_OK):
        pytest.skip("this user may read everything; see test_unknown_directories_keep_their_entries")
    commit, change = take_snapshot(repository, root, 2)
    (root / "etc/nginx").chmod(0o755)
    assert change.unread == ("/etc/hosts", "/etc/nginx")
    assert repository.read(commit, "/etc/hosts") == b"127.0.0.1 localhost\n"
    assert repository.manifest(commit).entries["/etc/hosts"].skipped is Skipped.UNREADABLE
    assert "/etc/nginx/nginx.conf" in repository.manifest(commit).entries


def test_unknown_directories_keep_their_entries(repository, root, monkeypatch):
    """As above, for root: the system refuses by an injected error."""
    settle(root)
    take_snapshot(repository, root, 1)
    real_open = os.open

    def refusing(path, *arguments, **keywords):
        if str(path).endswith(("etc/nginx", "hosts")):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *arguments, **keywords)

    (root / "etc/hosts").write_text("changed, but nobody may read it")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing)
        second, change = take_snapshot(repository, root, 2)
    assert change.unread == ("/etc/hosts", "/etc/nginx")
    assert not change.removed
    entries = repository.manifest(second).entries
    assert entries["/etc/nginx/nginx.conf"].skipped is None
    assert entries["/etc/nginx"].detail == "Permission denied"
    assert entries["/etc/hosts"].sha256 != ""
    assert repository.read(second, "/etc/hosts") == b"127.0.0.1 localhost\n"
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing)
        assert take_snapshot(repository, root, 3)[0] == second  # still unreadable: no news, but told
    (root / "etc/nginx/nginx.conf").unlink()
    (root / "etc/nginx").rmdir()
    third, change = take_snapshot(repository, root, 4)
    assert change.removed == ("/etc/nginx/nginx.conf",)
    assert set(change.written) == {"/etc/hosts"}
    assert not repository.manifest(third).unread


def test_part_of_a_host(repository, root):
    settle(root)
    take_snapshot(repository, root, 1)
    (root / "etc/hosts").write_text("changed")
    (root / "etc/nginx/nginx.conf").unlink()
    commit, change = take_snapshot(repository, root, 2, watch=("/etc/nginx",), partly=True)
    assert change.removed == ("/etc/nginx/nginx.conf",)
    assert repository.read(commit, "/etc/hosts") == b"127.0.0.1 localhost\n"
    third, change = take_snapshot(repository, root, 3)
    assert set(change.written) == {"/etc/hosts"}
    assert repository.read(third, "/etc/hosts") == b"changed"
    (root / "etc/hosts").unlink()
    _, change = take_snapshot(repository, root, 4, watch=("/etc/hosts",), partly=True)
    assert change.removed == ("/etc/hosts",)


def test_racy_files_are_read_again(repository, root):
    """Same size, same inode, and both times put back: only the change time tells, and within a tick not even that."""
    file = root / "etc/hosts"
    file.write_text("aaaa")
    take_snapshot(repository, root, 1)
    cache = stat_cache.load(root.parent / "cache/web-01", commit=repository.tip("web-01"), key="watch and rules")
    assert cache.signatures["/etc"]["hosts"] == stat_cache.UNTRUSTED  # just written
    file.write_text("bbbb")
    commit, _ = take_snapshot(repository, root, 2)
    assert repository.read(commit, "/etc/hosts") == b"bbbb"
