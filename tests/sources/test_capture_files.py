from __future__ import annotations

import base64
import errno
import hashlib
import os
import socket
import struct
import time

import pytest

from changelog_ledger.errors import InvalidInput, SnapshotError
from changelog_ledger.model.snapshot import FileType, Skipped
from changelog_ledger.sources import files
from changelog_ledger.sources.files import capture_one, read_changed, survey


def capture(root, *watch, known=None, ignore=(), **limits):
    found = survey(watch or ["/etc"], root=str(root), ignore=ignore)
    return {file.entry.path: file for file in read_changed(found, known or {}, **limits)}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "etc").mkdir()
    return tmp_path


def test_file_link_and_directory(root):
    (root / "etc/hosts").write_bytes(b"127.0.0.1 localhost\n")
    (root / "etc/hosts").chmod(0o4750)
    (root / "etc/dangling").symlink_to("nowhere")
    taken = capture(root)
    assert list(taken) == ["/etc", "/etc/dangling", "/etc/hosts"]
    hosts = taken["/etc/hosts"]
    assert hosts.content == b"127.0.0.1 localhost\n"
    assert hosts.entry.sha256 == hashlib.sha256(hosts.content).hexdigest()
    assert hosts.entry.size == 20
    assert hosts.entry.mode == 0o4750
    assert taken["/etc/dangling"].entry.link_to == "nowhere"
    assert taken["/etc/dangling"].content == b"nowhere"
    assert taken["/etc"].entry.type is FileType.DIRECTORY
    assert taken["/etc"].entry.size == 0


def test_unchanged_files_are_not_read(root, monkeypatch):
    for number in range(50):
        (root / f"etc/f{number}").write_text(str(number))
    known = survey(["/etc"], root=str(root)).directories
    (root / "etc/f7").write_text("changed")
    opened = []
    real_open = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest, **more: opened.append(str(path)) or real_open(path, *rest, **more))
    assert list(capture(root, known=known)) == ["/etc/f7"]
    assert [path for path in opened if path.startswith("f")] == ["f7"]


def test_a_file_put_back_with_its_times_is_seen(root):
    file = root / "etc/hosts"
    file.write_text("aaaa")
    known = survey(["/etc"], root=str(root)).directories
    status = file.stat()
    time.sleep(0.03)
    file.write_text("bbbb")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert capture(root, known=known)["/etc/hosts"].content == b"bbbb"


def test_names_are_any_bytes(root):
    names = [b"a\nb", b"\xff\xfe", b"-rf", b" ", b'"quoted"', b"caf\xc3\xa9", b"x" * 255]
    for name in names:
        with open(os.fsencode(root / "etc") + b"/" + name, "wb") as file:
            file.write(name)
    taken = capture(root)
    assert {os.fsencode(path).removeprefix(b"/etc/"): file.content for path, file in taken.items() if path != "/etc"} == {
        name: name for name in names
    }
    assert [os.fsencode(path) for path in taken] == sorted(os.fsencode(path) for path in taken)


def test_special_files_are_never_opened(root):
    os.mkfifo(root / "etc/fifo")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(root / "etc/socket"))
    taken = capture(root)
    listener.close()
    assert taken["/etc/fifo"].entry.type is FileType.FIFO
    assert taken["/etc/socket"].entry.type is FileType.SOCKET
    assert {taken["/etc/fifo"].entry.skipped, taken["/etc/socket"].entry.skipped} == {Skipped.SPECIAL}


def test_a_fifo_put_in_place_of_a_file_does_not_hang(root):
    (root / "etc/file").write_text("x")
    found = survey(["/etc"], root=str(root))
    (root / "etc/file").unlink()
    os.mkfifo(root / "etc/file")
    entry = {file.entry.path: file.entry for file in read_changed(found, {})}["/etc/file"]
    assert entry.skipped is Skipped.CHANGING


def test_a_link_put_in_place_of_a_file_is_not_followed(root):
    (root / "secret").write_text("secret")
    (root / "etc/file").write_text("x")
    found = survey(["/etc"], root=str(root))
    (root / "etc/file").unlink()
    (root / "etc/file").symlink_to(root / "secret")
    file = {file.entry.path: file for file in read_changed(found, {})}["/etc/file"]
    assert file.content is None
    assert file.entry.skipped is Skipped.CHANGING


def test_oversized(root):
    (root / "etc/big").write_bytes(b"x" * 5000)
    with open(root / "etc/sparse", "wb") as file:
        file.truncate(1 << 30)
    started = time.monotonic()
    taken = capture(root, size_limit=1000)
    assert time.monotonic() - started < 1
    big, sparse = taken["/etc/big"], taken["/etc/sparse"]
    assert (big.content, big.entry.skipped, big.entry.size) == (None, Skipped.OVERSIZED, 5000)
    assert big.entry.sha256 == hashlib.sha256(b"x" * 5000).hexdigest()
    assert (sparse.entry.skipped, sparse.entry.size, sparse.entry.sha256) == (Skipped.OVERSIZED, 1 << 30, "")
    assert "not hashed" in sparse.entry.detail
    os.utime(root / "etc/sparse", ns=(1, 10**18))
    assert capture(root)["/etc/sparse"].entry.detail != sparse.entry.detail  # all that can show that it may differ


def test_a_file_that_keeps_changing(root, monkeypatch):
    path = root / "etc/log"
    path.write_text("0")
    real_read, writes = os.read, []

    def read_and_disturb(descriptor, count):
        data = real_read(descriptor, count)
        writes.append(1)
        path.write_text("x" * len(writes))
        return data

    monkeypatch.setattr(os, "read", read_and_disturb)
    file = capture(root)["/etc/log"]
    assert file.entry.skipped is Skipped.CHANGING
    assert file.content is None
    assert file.signature is None


def test_a_torn_reading_is_repeated(root, monkeypatch):
    path = root / "etc/log"
    path.write_text("old")
    real_read, done = os.read, []

    def read_and_disturb_once(descriptor, count):
        data = real_read(descriptor, count)
        if not done:
            done.append(1)
            path.write_text("newer")
        return data

    monkeypatch.setattr(os, "read", read_and_disturb_once)
    assert capture(root)["/etc/log"].content == b"newer"


def test_a_file_that_vanishes_is_absent(root):
    (root / "etc/gone").write_text("x")
    found = survey(["/etc"], root=str(root))
    (root / "etc/gone").unlink()
    assert [file.entry.path for file in read_changed(found, {})] == ["/etc"]


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_errors_are_entries_with_the_systems_words(root, monkeypatch, number):
    (root / "etc/bad").write_text("x")
    (root / "etc/good").write_text("y")
    real_open = os.open

    def failing(path, *rest, **more):
        if path == "bad":
            raise OSError(number, os.strerror(number))
        return real_open(path, *rest, **more)

    monkeypatch.setattr(os, "open", failing)
    taken = capture(root)
    assert taken["/etc/bad"].entry.skipped is Skipped.UNREADABLE
    assert taken["/etc/bad"].entry.detail == os.strerror(number)
    assert taken["/etc/good"].content == b"y"


def test_mode_000(root):
    (root / "etc/file").write_text("x")
    (root / "etc/file").chmod(0)
    if os.access(root / "etc/file", os.R_OK):
        pytest.skip("this user may read everything")
    (root / "etc/folder").mkdir(mode=0)
    found = survey(["/etc"], root=str(root))
    taken = {file.entry.path: file.entry for file in read_changed(found, found.directories)}
    (root / "etc/folder").chmod(0o700)
    assert taken["/etc/folder"].skipped is Skipped.UNREADABLE
    assert found.unreadable == {"/etc/folder": "Permission denied"}
    assert capture(root)["/etc/file"].entry.skipped is Skipped.UNREADABLE


def test_an_unlistable_directory_is_told(root, monkeypatch):
    (root / "etc/private").mkdir()
    (root / "etc/private/key").write_text("x")
    known = survey(["/etc"], root=str(root)).directories
    real_open = os.open

    def failing(path, *rest, **more):
        if str(path).endswith("/private"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real_open(path, *rest, **more)

    monkeypatch.setattr(os, "open", failing)
    found = survey(["/etc"], root=str(root), known=known)
    assert found.unreadable == {"/etc/private": "Permission denied"}
    (entry,) = [file.entry for file in read_changed(found, known)]
    assert (entry.path, entry.type, entry.skipped) == ("/etc/private", FileType.DIRECTORY, Skipped.UNREADABLE)


def test_what_is_missing_is_told(root):
    found = survey(["/etc", "/opt/absent", "/etc/*.conf", "/etc/hosts/below"], root=str(root))
    assert found.missing == ("/opt/absent", "/etc/*.conf", "/etc/hosts/below")


def test_globs_and_ignore(root):
    for name in ("a.conf", "b.conf", "c.txt", ".hidden.conf", "a.conf.swp"):
        (root / "etc" / name).write_text(name)
    (root / "etc/cache/deep").mkdir(parents=True)
    (root / "etc/cache/deep/x").write_text("x")
    assert list(capture(root, "/etc/*.conf")) == ["/etc/.hidden.conf", "/etc/a.conf", "/etc/b.conf"]
    assert "/etc/cache/deep/x" in capture(root)
    assert not any("cache" in path or path.endswith(".swp") for path in capture(root, ignore=["**/cache", "*.swp"]))
    assert "/etc/cache/deep" not in capture(root, ignore=["/etc/*/deep"])


def test_links_on_the_way_stay_within_the_root(root):
    (root / "usr/lib/systemd").mkdir(parents=True)
    (root / "usr/lib/systemd/unit").write_text("u")
    (root / "lib").symlink_to("/usr/lib")  # absolute, as seen from inside
    (root / "loop").symlink_to("loop")
    taken = capture(root, "/lib/systemd")
    assert list(taken) == ["/lib", "/usr/lib/systemd", "/usr/lib/systemd/unit"]
    assert survey(["/loop/x"], root=str(root)).unreadable == {"/loop/x": os.strerror(errno.ELOOP)}
    (root / "out").symlink_to("../../../../../../..")
    assert survey(["/out/etc/passwd"], root=str(root)).missing == ("/out/etc/passwd",)


def test_bad_arguments(root):
    for path in ("etc", "/etc/../x", "/a\0b", ""):
        with pytest.raises(InvalidInput):
            survey([path], root=str(root))
    with pytest.raises(SnapshotError):
        survey(["/etc"], root=str(root / "absent"))


def test_pseudo_file_systems_are_not_entered():
    found = survey(["/"], ignore=["/[!p]*"])
    assert "proc" in found.directories["/"]
    assert "/proc" not in found.directories


def test_files_of_proc_when_asked_for():
    if not os.path.exists("/proc/sys/kernel/ostype"):
        pytest.skip("no procfs")
    file = capture("/", "/proc/sys/kernel/ostype")["/proc/sys/kernel/ostype"]
    assert file.content == b"Linux\n"
    assert file.entry.size == 6


def test_capture_one(root):
    (root / "etc/hosts").write_text("x")
    assert capture_one("/etc/hosts", root=str(root)).content == b"x"
    assert capture_one("/etc/absent", root=str(root)) is None
    assert capture_one("/etc/hosts/below", root=str(root)) is None


def test_deep_trees(root):
    path = root / "etc"
    for _ in range(300):
        path = path / "d"
    path.mkdir(parents=True)
    assert len(capture(root)) == 301


def test_twenty_thousand_unchanged_files_are_quick(root):
    for number in range(20_000):
        folder = root / f"etc/{number % 200}"
        if number < 200:
            folder.mkdir()
        (folder / str(number)).touch()
    known = survey(["/etc"], root=str(root)).directories
    spans = []
    for _ in range(3):
        started = time.perf_counter()
        found = survey(["/etc"], root=str(root), known=known, ignore=["*.swp"])
        assert list(read_changed(found, known)) == []
        spans.append(time.perf_counter() - started)
    assert min(spans) < 0.3  # 0.07 on an idle machine
    assert files.DEFAULT_SIZE_LIMIT == 1 << 20


def test_a_directory_swapped_for_a_link_leads_nowhere(root):
    (root / "etc/sub").mkdir()
    (root / "etc/sub/hosts").write_text("mine")
    (root / "outside").mkdir()
    (root / "outside/hosts").write_text("not mine")
    found = survey(["/etc"], root=str(root))
    (root / "etc/sub").rename(root / "etc/gone")
    (root / "etc/sub").symlink_to(root / "outside")
    taken = {file.entry.path: file for file in read_changed(found, {})}
    assert taken["/etc/sub/hosts"].content is None
    assert taken["/etc/sub/hosts"].entry.skipped is Skipped.UNREADABLE
    assert capture_one("/etc/sub/hosts", root=str(root)) is None


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_extended_attributes(root, kind):
    place = root / "etc/x"
    place.write_text("x") if kind == "file" else place.mkdir()
    attributes = {"user.zone": b"\x00\xff", "user.app": b"shop", "user.empty": b""}
    for name, value in attributes.items():
        os.setxattr(place, name, value)
    entry = capture(root)["/etc/x"].entry
    assert list(entry.attributes) == [(name, base64.b64encode(attributes[name]).decode()) for name in sorted(attributes)]
    assert capture_one("/etc/x", root=str(root)).entry == entry


def test_an_access_control_list_is_an_attribute(root):
    (root / "etc/x").write_text("x")
    # acl(5) in the kernel's form: version 2, then tag, permissions, id: user::rw-, user:1000:r--, group::r--, mask::r--, other::---
    rows = [(0x01, 6, 2**32 - 1), (0x02, 4, 1000), (0x04, 4, 2**32 - 1), (0x10, 4, 2**32 - 1), (0x20, 0, 2**32 - 1)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows)
    os.setxattr(root / "etc/x", "system.posix_acl_access", acl)
    entry = capture(root)["/etc/x"].entry
    assert dict(entry.attributes)["system.posix_acl_access"] == base64.b64encode(acl).decode()


def test_a_new_attribute_makes_a_file_look_changed(root):
    (root / "etc/x").write_text("x")
    known = survey(["/etc"], root=str(root)).directories
    time.sleep(0.02)
    os.setxattr(root / "etc/x", "user.zone", b"dmz")
    assert list(capture(root, known=known)) == ["/etc/x"]


def test_attributes_that_may_not_be_read_are_told(root, monkeypatch):
    (root / "etc/sub").mkdir()

    def refused(*_arguments, **_options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "listxattr", refused)
    entry = capture(root)["/etc/sub"].entry
    assert (entry.skipped, entry.detail) == (Skipped.UNREADABLE, "extended attributes: Permission denied")


@pytest.mark.parametrize("target", ["../real", "../../real", "/real"])
def test_a_watched_path_may_lead_through_links(root, target):
    (root / "real").mkdir()
    (root / "real/f").write_text("1")
    (root / "etc/nginx").symlink_to(target)
    assert capture(root, "/etc/nginx/f")["/real/f"].content == b"1"
    assert capture(root, "/etc/nginx/*")["/real/f"].content == b"1"


@pytest.mark.parametrize("pattern", ["/etc/conf", "/etc/conf/"])
def test_a_watched_link_is_watched_with_what_it_leads_to(root, pattern):
    (root / "real/sub").mkdir(parents=True)
    (root / "real/sub/f").write_text("1")
    (root / "etc/conf").symlink_to("../real")
    (root / "etc/other").symlink_to("../real")
    taken = capture(root, pattern)
    assert list(taken) == ["/real", "/etc/conf", "/real/sub", "/real/sub/f"]
    assert list(capture(root, "/etc/*")) == ["/etc/conf", "/etc/other"], "found by a glob, a link is just an entry"


def test_a_watched_link_that_leads_nowhere(root):
    (root / "etc/loop").symlink_to("loop")
    (root / "etc/gone").symlink_to("/nowhere")
    assert list(capture(root, "/etc/loop", "/etc/gone")) == ["/etc/gone", "/etc/loop"]
    (root / "etc/mounts").symlink_to("/proc/self/mounts")
    assert list(capture("/", str(root / "etc/mounts"))) == [str(root / "etc/mounts")], "nothing of a pseudo file system"


@pytest.mark.parametrize("ignore", [(), ("*.swp",)])
def test_what_a_restore_is_writing_is_left_out(root, ignore):
    (root / "etc/.ledger-restore-0123456789abcdef").write_text("half")
    (root / "etc/.ledger-restore-0123456789abcde").write_text("somebody's own")
    known = survey(["/etc"], root=str(root), ignore=ignore).directories
    for watch in (["/etc"], ["/etc/*"], ["/etc/.ledger-restore-0123456789abcdef", "/etc"]):
        found = survey(watch, root=str(root), ignore=ignore, known=known)
        assert [name for name in found.directories["/etc"] if name.startswith(".ledger")] == [".ledger-restore-0123456789abcde"]


def test_the_names_of_a_root_whose_table_has_numbers_that_no_file_can_have(root):
    (root / "etc/passwd").write_text(f"web:x:{'9' * 5_000}:0::/:/bin/sh\nme:x:{os.getuid()}:0::/:/bin/sh\n")
    (root / "etc/hosts").write_text("x")
    assert capture(root)["/etc/hosts"].entry.owner == "me"
