"""The steps of a restore on real files: whole or not at all, nowhere else, and nothing lost that came in between."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from changelog_ledger.errors import SnapshotError
from changelog_ledger.model.restore import Action, RestoreStep, Unrestored
from changelog_ledger.model.snapshot import FileEntry, FileType
from changelog_ledger.model.temporaries import TEMPORARY_PREFIX
from changelog_ledger.snapshots.restoring import Restorer
from changelog_ledger.snapshots.restoring_calls import Refused, directory_below
from changelog_ledger.snapshots.restoring_owners import AS_IT_IS, TargetOwners
from changelog_ledger.sources.files import capture_one

TIME = 1_700_000_000_123_456_789
IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="needs root")


def entry(path: str, content: bytes = b"", **more: object) -> FileEntry:
    given = {"mode": 0o640, "uid": os.getuid(), "gid": os.getgid(), "owner": "", "group": "", "mtime_ns": TIME, "size": len(content)}
    return FileEntry(path, more.pop("type", FileType.FILE), **(given | {"sha256": sha256(content).hexdigest()} | more))  # type: ignore[arg-type]


def step(root: Path, then: FileEntry | None, path: str = "", action: Action | None = None) -> RestoreStep:
    """A step against what is there now."""
    path = then.path if then else path
    seen = capture_one(path, root=str(root))
    now, signature = (seen.entry, seen.signature) if seen else (None, None)
    return RestoreStep(action or (Action.CREATE if now is None else Action.REPLACE if then else Action.REMOVE), path, then, now, (), signature)


def restorer(root: Path, content: Callable[[FileEntry], bytes] | bytes, progress: Callable[[int], None] = lambda _done: None) -> Restorer:
    give = content if callable(content) else lambda _entry: content
    numbers = count()
    return Restorer(str(root), give, TargetOwners(str(root)), lambda length: next(numbers).to_bytes(length), progress)


def leftovers(root: Path) -> list[str]:
    return [name for _, directories, files in os.walk(root) for name in (*directories, *files) if name.startswith(TEMPORARY_PREFIX)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    (place / "etc").mkdir(parents=True)
    (place / "etc/hosts").write_bytes(b"now")
    return place


class TestAFile:
    def test_it_gets_content_mode_owner_and_time(self, root: Path) -> None:
        owner = (4321, 1234) if IS_ROOT else (os.getuid(), os.getgid())
        then = entry("/etc/hosts", b"then", uid=owner[0], gid=owner[1])
        assert restorer(root, b"then").carry_out([step(root, then)], ()) == ()
        status = (root / "etc/hosts").stat()
        assert (root / "etc/hosts").read_bytes() == b"then"
        assert (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns) == (0o640, *owner, TIME)
        assert leftovers(root) == []

    @pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6711, 0o1644, 0o000])
    def test_special_modes_survive_the_change_of_owner(self, root: Path, mode: int) -> None:
        """chown(2) takes setuid away, so the mode has to come after it."""
        uid = 4321 if IS_ROOT else os.getuid()
        assert restorer(root, b"x").carry_out([step(root, entry("/etc/new", b"x", mode=mode, uid=uid))], ()) == ()
        assert stat.S_IMODE((root / "etc/new").stat().st_mode) == mode

    @pytest.mark.skipif(IS_ROOT, reason="root may give files away")
    def test_without_root_the_owner_is_said_to_be_another_and_nothing_becomes_setuid(self, root: Path) -> None:
        problems = restorer(root, b"x").carry_out([step(root, entry("/etc/new", b"x", mode=0o4755, uid=0, gid=0))], ())
        assert [problem.path for problem in problems] == ["/etc/new", "/etc/new"]
        assert "owner 0:0 could not be set: Operation not permitted" in problems[0].why
        assert stat.S_IMODE((root / "etc/new").stat().st_mode) == 0o755
        assert (root / "etc/new").read_bytes() == b"x"

    def test_a_hard_link_keeps_the_old_content(self, root: Path) -> None:
        os.link(root / "etc/hosts", root / "etc/other")
        restorer(root, b"then").carry_out([step(root, entry("/etc/hosts", b"then"))], ())
        assert (root / "etc/other").read_bytes() == b"now"

    def test_metadata_of_a_file_with_other_names_is_not_set_in_place(self, root: Path) -> None:
        """Who links a system file into a restored folder must not have its mode changed: the name gets a file of its own."""
        os.link(root / "etc/hosts", root / "elsewhere")
        before = (root / "elsewhere").stat().st_mode
        assert restorer(root, b"now").carry_out([step(root, entry("/etc/hosts", b"now", mode=0o666), action=Action.METADATA)], ()) == ()
        assert (root / "elsewhere").stat().st_mode == before
        assert stat.S_IMODE((root / "etc/hosts").stat().st_mode) == 0o666

    def test_metadata_alone_leaves_the_file_itself(self, root: Path) -> None:
        inode = (root / "etc/hosts").stat().st_ino
        assert restorer(root, b"never read").carry_out([step(root, entry("/etc/hosts", b"now", mode=0o600), action=Action.METADATA)], ()) == ()
        status = (root / "etc/hosts").stat()
        assert (status.st_ino, stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (inode, 0o600, TIME)

    def test_what_changed_since_the_plan_is_not_overwritten(self, root: Path) -> None:
        planned = step(root, entry("/etc/hosts", b"then"))
        (root / "etc/hosts").write_bytes(b"edited in between")
        (problem,) = restorer(root, b"then").carry_out([planned], ())
        assert "changed while the restore was under way" in problem.why
        assert (root / "etc/hosts").read_bytes() == b"edited in between"
        assert leftovers(root) == []

    def test_what_appeared_since_the_plan_is_not_overwritten(self, root: Path) -> None:
        planned = step(root, entry("/etc/new", b"then"))
        (root / "etc/new").write_bytes(b"somebody's")
        assert len(restorer(root, b"then").carry_out([planned], ())) == 1
        assert (root / "etc/new").read_bytes() == b"somebody's"

    def test_content_that_cannot_be_had_leaves_the_file(self, root: Path) -> None:
        def sealed(_entry: FileEntry) -> bytes:
            raise SnapshotError("no key opens it", "bring one")

        steps = [step(root, entry("/etc/hosts", b"then"))]
        assert restorer(root, sealed).carry_out(steps, ()) == (Unrestored("/etc/hosts", "no key opens it", "bring one"),)
        assert (root / "etc/hosts").read_bytes() == b"now"

    def test_leftovers_of_a_killed_restore_are_removed(self, root: Path) -> None:
        (root / "etc" / f"{TEMPORARY_PREFIX}0123456789abcdef").write_bytes(b"half")
        (root / "etc" / f"{TEMPORARY_PREFIX}is-mine").write_bytes(b"somebody's own")
        restorer(root, b"then").carry_out([step(root, entry("/etc/hosts", b"then"))], ())
        assert leftovers(root) == [f"{TEMPORARY_PREFIX}is-mine"]


class TestOtherTypes:
    def test_a_link_is_made_without_following_it(self, root: Path) -> None:
        then = entry("/etc/link", type=FileType.SYMLINK, link_to="../../outside\n", sha256="", mode=0o777)
        assert restorer(root, b"").carry_out([step(root, then)], ()) == ()
        assert os.readlink(root / "etc/link") == "../../outside\n"
        assert os.lstat(root / "etc/link").st_mtime_ns == TIME

    def test_a_fifo_is_made(self, root: Path) -> None:
        assert restorer(root, b"").carry_out([step(root, entry("/etc/pipe", type=FileType.FIFO, mode=0o622))], ()) == ()
        status = os.lstat(root / "etc/pipe")
        assert stat.S_ISFIFO(status.st_mode)
        assert stat.S_IMODE(status.st_mode) == 0o622

    def test_a_socket_is_not(self, root: Path) -> None:
        (problem,) = restorer(root, b"").carry_out([step(root, entry("/etc/socket", type=FileType.SOCKET))], ())
        assert "socket cannot be made" in problem.why

    def test_directories_get_mode_and_time_after_their_content(self, root: Path) -> None:
        folders = [entry("/srv", type=FileType.DIRECTORY, mode=0o2750), entry("/srv/deep", type=FileType.DIRECTORY, mode=0o555)]
        steps = [step(root, folder) for folder in folders] + [step(root, entry("/srv/deep/file", b"x"))]
        assert restorer(root, b"x").carry_out(steps, folders) == ()
        for folder in folders:
            status = (root / folder.path.strip("/")).stat()
            assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (folder.mode, TIME)
        (root / "srv/deep").chmod(0o755)

    def test_a_folder_that_was_there_gets_its_time_back_when_something_in_it_was_written(self, root: Path) -> None:
        folder = entry("/etc", type=FileType.DIRECTORY, mode=0o755)
        restorer(root, b"then").carry_out([step(root, entry("/etc/hosts", b"then"))], [folder])
        assert (root / "etc").stat().st_mtime_ns == TIME

    def test_types_swap(self, root: Path) -> None:
        (root / "etc/was-file").mkdir()
        (root / "etc/was-folder").write_bytes(b"")
        (root / "etc/was-link").mkdir()
        folder = entry("/etc/was-folder", type=FileType.DIRECTORY, mode=0o700)
        link = entry("/etc/was-link", type=FileType.SYMLINK, link_to="x")
        steps = [step(root, each) for each in (entry("/etc/was-file", b"x"), folder, entry("/etc/was-folder/in", b"x"), link)]
        assert restorer(root, b"x").carry_out(steps, [folder]) == ()
        assert (root / "etc/was-file").read_bytes() == (root / "etc/was-folder/in").read_bytes() == b"x"
        assert os.readlink(root / "etc/was-link") == "x"

    def test_a_directory_that_is_not_empty_stays(self, root: Path) -> None:
        (root / "etc/was-file").mkdir()
        (root / "etc/was-file/kept").write_bytes(b"kept")
        (problem,) = restorer(root, b"x").carry_out([step(root, entry("/etc/was-file", b"x"))], ())
        assert "holds more than snapshots see" in problem.why
        assert (root / "etc/was-file/kept").read_bytes() == b"kept"

    def test_nothing_of_a_directory_goes_if_it_cannot_go_as_a_whole(self, root: Path) -> None:
        (root / "etc/was-file/deep").mkdir(parents=True)
        for name in ("goes", "deep/ignored", "deep/goes"):
            (root / "etc/was-file" / name).write_bytes(b"kept")
        removed = ("/etc/was-file/goes", "/etc/was-file/deep", "/etc/was-file/deep/goes")
        steps = [step(root, entry("/etc/was-file", b"x")), *(step(root, None, path) for path in removed), step(root, entry("/etc/hosts", b"x"))]
        problems = restorer(root, b"x").carry_out(steps, ())
        assert {problem.path for problem in problems} == {"/etc/was-file", *removed}
        assert sorted(os.listdir(root / "etc/was-file")) == ["deep", "goes"]
        assert sorted(os.listdir(root / "etc/was-file/deep")) == ["goes", "ignored"]
        assert (root / "etc/hosts").read_bytes() == b"x"

    def test_a_leftover_does_not_keep_a_directory(self, root: Path) -> None:
        (root / "etc/was-file").mkdir()
        (root / f"etc/was-file/{TEMPORARY_PREFIX}0123456789abcdef").write_bytes(b"half")
        assert restorer(root, b"x").carry_out([step(root, entry("/etc/was-file", b"x"))], ()) == ()
        assert (root / "etc/was-file").read_bytes() == b"x"

    def test_a_link_whose_text_is_masked_gets_the_original(self, root: Path) -> None:
        then = entry("/etc/link", type=FileType.SYMLINK, link_to="https://<secret:0123>@x", redacted=1, sha256="", mode=0o777)
        assert restorer(root, b"https://hunter2@x/caf\xe9").carry_out([step(root, then)], ()) == ()
        assert os.readlink(os.fsencode(root / "etc/link")) == b"https://hunter2@x/caf\xe9"

    def test_removal(self, root: Path) -> None:
        (root / "etc/new").mkdir()
        (root / "etc/new/file").write_bytes(b"")
        (root / "etc/new/link").symlink_to(root / "etc/hosts")
        steps = [step(root, None, path) for path in ("/etc/new", "/etc/new/file", "/etc/new/link")]
        assert restorer(root, b"").carry_out(steps, ()) == ()
        assert sorted(path.name for path in (root / "etc").iterdir()) == ["hosts"]


def _supports_attributes(place: Path) -> bool:
    try:
        os.setxattr(place, "user.test", b"x")
        os.removexattr(place, "user.test")
    except OSError:
        return False
    return True


class TestAttributes:
    ACL = bytes.fromhex("0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000000ffffffff")
    """acl(5) as the kernel has it: user::rw-, user:1000:rw-, group::r--, mask::rw-, other::---."""

    def test_they_come_back_and_others_go(self, root: Path) -> None:
        if not _supports_attributes(root):
            pytest.skip("the file system has no extended attributes")
        file = root / "etc/hosts"
        os.setxattr(file, "user.origin", b"\0then\xff")
        os.setxattr(file, "system.posix_acl_access", self.ACL)
        seen = capture_one("/etc/hosts", root=str(root))
        assert seen
        then = seen.entry
        assert len(then.attributes) == 2
        for rewritten in (False, True):
            os.setxattr(file, "user.origin", b"now")
            os.setxattr(file, "user.more", b"now")
            os.removexattr(file, "system.posix_acl_access")
            action = Action.REPLACE if rewritten else Action.METADATA
            assert restorer(root, b"now").carry_out([step(root, then, action=action)], ()) == ()
            found = capture_one("/etc/hosts", root=str(root))
            assert found
            assert (found.entry.attributes, found.entry.mode) == (then.attributes, then.mode)

    def test_a_folders_default_acl_does_not_reach_a_restored_file(self, root: Path) -> None:
        if not _supports_attributes(root):
            pytest.skip("the file system has no extended attributes")
        os.setxattr(root / "etc", "system.posix_acl_default", self.ACL)
        assert restorer(root, b"x").carry_out([step(root, entry("/etc/new", b"x", mode=0o600))], ()) == ()
        assert os.listxattr(root / "etc/new") == []
        assert stat.S_IMODE((root / "etc/new").stat().st_mode) == 0o600


class TestOwners:
    def test_names_come_before_numbers(self, root: Path) -> None:
        (root / "etc/passwd").write_text("web:x:77:78::/:/bin/sh\nweb:x:99:99::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n")
        (root / "etc/group").write_text("www:x:55:\n")
        owners = TargetOwners(str(root))
        assert owners.of(entry("/x", uid=1, gid=2, owner="web", group="www")) == (77, 55)
        assert owners.of(entry("/x", uid=1, gid=2, owner="gone", group="")) == (1, 2)

    def test_a_link_in_place_of_the_table_is_not_read(self, root: Path) -> None:
        (root / "etc/passwd").symlink_to("/etc/passwd")
        assert TargetOwners(str(root)).of(entry("/x", uid=7, owner="root"))[0] == 7

    def test_what_nobody_saw_and_what_has_no_number_is_left(self, root: Path) -> None:
        owners = TargetOwners(str(root))
        assert owners.of(entry("/x", uid=0, gid=0, owner="root", group="root", assumed=("owner",))) == (AS_IT_IS, AS_IT_IS)
        assert owners.of(entry("/x", uid=-1, gid=5, owner="nobody-here", group="")) == (AS_IT_IS, 5)
        then = entry("/etc/hosts", b"then", uid=AS_IT_IS, gid=AS_IT_IS)
        assert restorer(root, b"then").carry_out([step(root, then)], ()) == ()
        assert (root / "etc/hosts").stat().st_uid == os.geteuid()

    @pytest.mark.parametrize("number", ["99999999999", str(2**32 - 1), "9" * 5_000, "-1", "\u0661", ""])
    def test_a_number_that_no_file_can_have_is_none(self, root: Path, number: str) -> None:
        (root / "etc/passwd").write_text(f"web:x:{number}:0::/:/bin/sh\n")
        (root / "etc/group").write_text(f"web:x:{number}:\n")
        assert TargetOwners(str(root)).of(entry("/x", uid=7, gid=8, owner="web", group="web")) == (7, 8)

    def test_a_number_of_the_manifest_that_no_file_can_have_costs_one_file(self, root: Path) -> None:
        steps = [step(root, entry("/etc/hosts", b"then", uid=2**40)), step(root, entry("/etc/new", b"then"))]
        (problem,) = restorer(root, b"then").carry_out(steps, ())
        assert problem.path == "/etc/hosts"
        assert problem.why
        assert (root / "etc/hosts").read_bytes() == b"now"
        assert (root / "etc/new").read_bytes() == b"then"
        assert leftovers(root) == []

    def test_the_system_is_asked_for_its_own_root(self) -> None:
        assert TargetOwners("/").of(entry("/x", uid=7, gid=7, owner="root", group="root")) == (0, 0)


class TestLinksOnTheWay:
    def test_a_link_above_is_refused(self, root: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (root / "srv").symlink_to(outside)
        (root / "opt").symlink_to("etc")  # inside of the root: nor is that one followed
        steps = [RestoreStep(Action.CREATE, path, entry(path, b"x"), None) for path in ("/srv/a", "/srv/deep/b", "/opt/c")]
        problems = restorer(root, b"x").carry_out(steps, ())
        assert [problem.path for problem in problems] == ["/opt/c", "/srv/a", "/srv/deep/b"]
        assert "/srv is a symbolic link now" in problems[1].why
        assert "outside" not in str(problems)
        assert list(outside.iterdir()) == []
        assert sorted(os.listdir(root / "etc")) == ["hosts"]

    def test_a_folder_that_is_swapped_for_a_link_while_we_write(self, root: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "hosts").write_bytes(b"canary")

        def swap(_entry: FileEntry) -> bytes:
            if not (root / "moved").exists():
                (root / "etc").rename(root / "moved")
                (root / "etc").symlink_to(outside)
            return b"then"

        steps = [step(root, entry("/etc/hosts", b"then")), step(root, entry("/etc/new", b"then"))]
        folder = entry("/etc", type=FileType.DIRECTORY, mode=0o777)
        (problem,) = restorer(root, swap).carry_out(steps, [folder])
        assert problem.path == "/etc"
        assert {path.name: path.read_bytes() for path in outside.iterdir()} == {"hosts": b"canary"}
        assert stat.S_IMODE(outside.stat().st_mode) != 0o777
        assert (root / "moved/hosts").read_bytes() == b"then"

    def test_a_removal_does_not_reach_outside(self, root: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "hosts").write_bytes(b"canary")
        steps = [step(root, None, "/etc/hosts"), step(root, None, "/etc")]
        (root / "etc").rename(root / "moved")
        (root / "etc").symlink_to(outside)
        assert len(restorer(root, b"").carry_out(steps, ())) == 2
        assert (outside / "hosts").read_bytes() == b"canary"

    def test_somebody_who_swaps_all_the_time(self, root: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (root / "etc/d").mkdir()
        done = threading.Event()

        swaps = count()

        def swap() -> None:
            while not done.is_set():
                with suppress(OSError):  # a restore may make the folder anew in the meantime
                    (root / "etc/d").rename(root / f"aside-{next(swaps)}")
                    (root / "etc/d").symlink_to(outside)
                with suppress(OSError):
                    (root / "etc/d").unlink()

        enemy = threading.Thread(target=swap)
        enemy.start()
        try:
            for number in range(300):
                path = f"/etc/d/{number}"
                restorer(root, b"x").carry_out([RestoreStep(Action.CREATE, path, entry(path, b"x"), None)], ())
        finally:
            done.set()
            enemy.join()
        assert next(swaps) > 10
        assert list(outside.iterdir()) == []


class TestTroubleOfTheSystem:
    def test_a_limit_on_file_size_costs_one_file(self, root: Path) -> None:
        steps = [step(root, entry("/etc/hosts", b"x" * 100_000)), step(root, entry("/etc/small", b"small"))]
        contents = {"/etc/hosts": b"x" * 100_000, "/etc/small": b"small"}
        with _file_size_limit(50_000):
            (problem,) = restorer(root, lambda wanted: contents[wanted.path]).carry_out(steps, ())
        assert (problem.path, problem.why) == ("/etc/hosts", "File too large")
        assert (root / "etc/hosts").read_bytes() == b"now"
        assert (root / "etc/small").read_bytes() == b"small"
        assert leftovers(root) == []

    @as_root
    def test_a_full_file_system_costs_only_what_does_not_fit(self, root: Path) -> None:
        with _tiny_file_system(root / "mnt"):
            (root / "mnt/big").write_bytes(b"now")
            contents = {"/mnt/big": b"x" * 1_000_000, "/mnt/small": b"small"}
            steps = [step(root, entry(path, content)) for path, content in contents.items()]
            (problem,) = restorer(root, lambda wanted: contents[wanted.path]).carry_out(steps, ())
            assert (problem.path, problem.why) == ("/mnt/big", "No space left on device")
            assert problem.hint
            assert (root / "mnt/big").read_bytes() == b"now"
            assert (root / "mnt/small").read_bytes() == b"small"
            assert leftovers(root) == []

    @pytest.mark.skipif(IS_ROOT, reason="root may write anywhere")
    def test_a_folder_that_may_not_be_written(self, root: Path) -> None:
        (root / "etc").chmod(0o555)
        try:
            (problem,) = restorer(root, b"x").carry_out([step(root, entry("/etc/hosts", b"x"))], ())
        finally:
            (root / "etc").chmod(0o755)
        assert (problem.why, problem.hint) == ("Permission denied", "run it as root")

    def test_an_interruption_leaves_no_half_file(self, root: Path) -> None:
        def interrupted(_entry: FileEntry) -> bytes:
            raise KeyboardInterrupt

        steps = [step(root, replace(entry("/etc/hosts", b"then")))]
        with pytest.raises(KeyboardInterrupt):
            restorer(root, interrupted).carry_out(steps, ())
        assert (root / "etc/hosts").read_bytes() == b"now"
        assert leftovers(root) == []


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    """setrlimit(2); Python ignores SIGXFSZ, so write(2) fails with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def _tiny_file_system(place: Path) -> Iterator[None]:
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("path", ["/..", "/a/../../x", "/a/./b", "//a", "/a/", ""])
def test_no_path_leads_out_of_the_root(tmp_path: Path, path: str) -> None:
    (tmp_path / "root/a").mkdir(parents=True)
    with pytest.raises(Refused, match="no path of a file below the root"), directory_below(str(tmp_path / "root"), path, make=True):
        pass
    assert [place.name for place in tmp_path.iterdir()] == ["root"]
    with directory_below(str(tmp_path / "root"), "/"), directory_below(str(tmp_path / "root"), "/a/..b", make=True):
        pass
