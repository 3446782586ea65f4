"""Processes from a made ``/proc``: identity, containers, control groups, what may not be read, what ends while it is read."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.processes import OutdatedFile, Process
from changelog_ledger.sources.processes import table as table_module
from changelog_ledger.sources.processes.control_groups import Membership, membership
from changelog_ledger.sources.processes.lines import executable_mappings, hides_processes, real_user, seconds_of_boot, status_line
from changelog_ledger.sources.processes.outdated import outdated_files
from changelog_ledger.sources.processes.table import FoundProcesses, read_processes
from tests.fake_proc import FakeProc

BOOTED = datetime(2025, 6, 1, 22, 0, tzinfo=UTC)
CONTAINER = "4f2b0c8d9e7a" + "0" * 52


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path / "host", BOOTED)


def look(proc: FakeProc) -> FoundProcesses:
    return read_processes(str(proc.root))


def only(proc: FakeProc) -> Process:
    (process,) = look(proc).table.processes
    return process


def outdated(proc: FakeProc) -> list[tuple[str, bool, bool]]:
    return [(file.path, file.is_binary, file.is_gone) for file in only(proc).outdated]


def test_a_process_of_a_service(proc: FakeProc) -> None:
    proc.file("/etc/passwd", "root:x:0:0::/:/bin/sh\nweb:x:33:33::/:/bin/sh\n")
    proc.file("/usr/sbin/nginx")
    proc.process(812, "nginx", "/usr/sbin/nginx", proc.mapping("/usr/sbin/nginx"), started=90.5, uid=33, cgroup="0::/system.slice/nginx.service\n")
    found = only(proc)
    assert (found.pid, found.command, found.executable, found.user, found.unit) == (812, "nginx", "/usr/sbin/nginx", "web", "nginx.service")
    assert found.started_at == BOOTED + timedelta(seconds=90.5)
    assert (found.subject, found.outdated, found.readable) == ("unit:nginx.service", (), True)
    assert look(proc).table.boot_id == proc.boot_id.replace("-", "")
    assert look(proc).gaps == ()


def test_a_library_that_was_replaced_by_rename(proc: FakeProc) -> None:
    proc.file("/usr/lib/libssl.so.3")
    line = proc.mapping("/usr/lib/libssl.so.3") + b" (deleted)"
    proc.replace("/usr/lib/libssl.so.3")
    proc.process(7, "stunnel", "/usr/bin/stunnel", line, line)
    assert outdated(proc) == [("/usr/lib/libssl.so.3", False, False)]
    assert only(proc).outdated[0].changed_at is not None


def test_another_inode_on_the_same_device_is_another_file_even_where_the_kernel_says_nothing(proc: FakeProc) -> None:
    proc.file("/usr/lib/libssl.so.3")
    line = proc.mapping("/usr/lib/libssl.so.3")
    proc.replace("/usr/lib/libssl.so.3")
    proc.process(7, "stunnel", "/usr/bin/stunnel", line)
    assert outdated(proc) == [("/usr/lib/libssl.so.3", False, False)]


def test_another_inode_on_another_device_says_nothing(proc: FakeProc) -> None:
    proc.file("/usr/lib/libssl.so.3")
    proc.process(7, "stunnel", "/usr/bin/stunnel", proc.mapping("/usr/lib/libssl.so.3", inode=999_999_999, device="00:2f"))
    assert outdated(proc) == []


def test_a_file_that_is_really_called_deleted(proc: FakeProc) -> None:
    proc.file("/opt/x (deleted)")
    line = proc.mapping("/opt/x (deleted)")
    proc.process(7, "x", "/opt/x (deleted)", line)
    assert outdated(proc) == []
    proc.replace("/opt/x (deleted)")
    proc.process(7, "x", "/opt/x (deleted) (deleted)", line + b" (deleted)")
    assert outdated(proc) == [("/opt/x (deleted)", True, False)]


def test_a_name_with_a_newline_that_is_no_utf8(proc: FakeProc) -> None:
    folder = os.fsencode(proc.root) + b"/opt"
    os.makedirs(folder)
    Path(os.fsdecode(folder + b"/a\nb\xff.so")).write_text("x")
    status = os.stat(folder + b"/a\nb\xff.so")
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
    line = proc.mapping(b"/opt/a\\012b\xff.so", inode=status.st_ino, device=device)
    proc.process(7, b"a\nb) S 1 (\xff", "/usr/bin/x", line)
    assert outdated(proc) == []
    assert only(proc).command == "a\nb) S 1 (\\xff"
    os.unlink(folder + b"/a\nb\xff.so")
    proc.process(7, "x", "/usr/bin/x", line + b" (deleted)")
    assert outdated(proc) == [("/opt/a\nb\\xff.so", False, True)]


def test_the_binary_itself_under_the_name_it_has_while_it_is_unpacked(proc: FakeProc) -> None:
    proc.file("/usr/bin/agent")
    line = proc.mapping("/usr/bin/agent", inode=5).replace(b"/usr/bin/agent", b"/usr/bin/agent.dpkg-tmp (deleted)")
    proc.process(7, "agent", "/usr/bin/agent.dpkg-tmp (deleted)", line)
    assert outdated(proc) == [("/usr/bin/agent", True, False)]


@pytest.mark.parametrize(
    "path",
    [
        "/memfd:wayland", "/dev/shm/x", "/dev/zero", "/SYSV00000000", "/[aio]", "/drm mm object", "/tmp/jit.so", "/var/tmp/a", "/run/x.so",
        "/home/ana/.cache/mesa/a.so", "/home/ana/#4711", "/usr/lib/locale/locale-archive", "/usr/share/fonts/x.ttf", "/opt/orcexec.aB3dE",
    ],
)  # fmt: skip
def test_what_is_meant_to_go_away_is_not_told(proc: FakeProc, path: str) -> None:
    proc.process(7, "x", "/usr/bin/x", proc.mapping(path, inode=4) + b" (deleted)")
    assert outdated(proc) == []


def test_only_what_may_be_executed_counts(proc: FakeProc) -> None:
    proc.process(7, "x", "/usr/bin/x", proc.mapping("/var/lib/data.db", inode=4, permissions="rw-p") + b" (deleted)")
    assert outdated(proc) == []


def test_a_container_is_looked_at_from_its_own_root(proc: FakeProc) -> None:
    inside = "/proc/40/root"
    proc.file("/lib/libssl.so.3", "the host's")
    proc.file("/lib/libssl.so.3", "the container's", below=inside)
    line = proc.mapping("/lib/libssl.so.3", below=inside)
    proc.process(40, "app", "/app", line, cgroup=f"0::/system.slice/docker-{CONTAINER}.scope\n", namespace="mnt:[2]")
    assert outdated(proc) == []
    proc.replace("/lib/libssl.so.3", below=inside)
    assert outdated(proc) == [("/lib/libssl.so.3", False, False)]
    assert only(proc).subject == "exe:/app in docker:4f2b0c8d9e7a"


def test_a_service_with_a_mount_namespace_of_its_own_is_no_container(proc: FakeProc) -> None:
    proc.file("/usr/lib/libssl.so.3")
    line = proc.mapping("/usr/lib/libssl.so.3")
    proc.write("41/root", None, link=str(proc.root))
    proc.process(41, "app", "/app", line, cgroup="0::/system.slice/app.service\n", namespace="mnt:[3]")
    assert outdated(proc) == []
    proc.replace("/usr/lib/libssl.so.3")
    assert outdated(proc) == [("/usr/lib/libssl.so.3", False, False)]
    assert only(proc).subject == "unit:app.service"


def test_kernel_threads_zombies_and_ourselves_are_passed_over(proc: FakeProc) -> None:
    proc.process(2, "kthreadd", "/x", flags=0x208040)
    proc.process(9, "gone", "/x", state="Z")
    proc.process(os.getpid(), "ledger", "/x")
    assert look(proc).table.processes == ()


def test_a_process_that_ends_while_it_is_read(proc: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    proc.process(7, "x", "/usr/bin/x")
    proc.process(8, "y", "/usr/bin/y")
    real = table_module._read

    def read(path: str, most: int) -> bytes:
        if path.endswith("/7/maps"):
            raise ProcessLookupError(3, "No such process")
        return real(path, most)

    monkeypatch.setattr(table_module, "_read", read)
    assert [process.pid for process in look(proc).table.processes] == [8]
    assert look(proc).gaps == ()


def test_a_number_that_was_used_again_while_it_was_read(proc: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    proc.process(7, "x", "/usr/bin/x", started=60)
    real = table_module._read

    def read(path: str, most: int) -> bytes:
        if path.endswith("/7/maps"):
            proc.process(7, "other", "/usr/bin/other", started=61)
        return real(path, most)

    monkeypatch.setattr(table_module, "_read", read)
    assert look(proc).table.processes == ()


def test_what_may_not_be_read_is_one_gap_and_is_known_to_run(proc: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    for pid in (7, 8, 9):
        proc.process(pid, "x", "/usr/bin/x", cgroup="0::/system.slice/x.service\n")
    real = table_module._read

    def read(path: str, most: int) -> bytes:
        if path.endswith("/maps") and "/7/" not in path:
            raise PermissionError(13, "Permission denied")
        return real(path, most)

    monkeypatch.setattr(table_module, "_read", read)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = look(proc)
    assert [(process.pid, process.readable, process.unit) for process in found.table.processes] == [
        (7, True, "x.service"),
        (8, False, "x.service"),
        (9, False, "x.service"),
    ]
    assert [gap.why for gap in found.gaps] == ["2 processes of other users: run as root to see them"]


@pytest.mark.parametrize("may_trace", [True, False])
def test_what_even_root_may_not_read_is_named_and_no_gap_where_nobody_could(proc: FakeProc, monkeypatch: pytest.MonkeyPatch, may_trace: bool) -> None:
    proc.process(1, "sandbox-init", "/sbin/init")
    real = table_module._read

    def read(path: str, most: int) -> bytes:
        if path.endswith("/1/maps"):
            raise PermissionError(13, "Permission denied")
        return real(path, most)

    monkeypatch.setattr(table_module, "_read", read)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(table_module, "_may_trace", lambda: may_trace)
    found = look(proc)
    if may_trace:
        assert (found.gaps, found.notes) == ((), ("process 1 (sandbox-init): not even root may look into it",))
    else:
        assert [gap.why for gap in found.gaps] == ["process 1 (sandbox-init) may not be read: root lacks the capability SYS_PTRACE here"]
    assert found.table.processes[0].readable is False


def test_a_process_of_which_nothing_may_be_read_is_named_by_its_number(proc: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    for pid in range(1, 6):
        proc.process(pid, "x", "/x")

    def read(path: str, most: int) -> bytes:
        if "/proc/self/" not in path and path.endswith("/stat") and path.split("/")[-2].isdigit():
            raise PermissionError(1, "Operation not permitted")
        return b""

    monkeypatch.setattr(table_module, "_read", read)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(table_module, "_may_trace", lambda: True)
    assert look(proc).notes == ("processes 1, 2, 3 and 2 more: not even root may look into them",)


def test_where_processes_are_hidden_the_table_is_not_whole(proc: FakeProc) -> None:
    proc.write("mounts", "proc /proc proc rw,nosuid,hidepid=invisible 0 0\n")
    assert look(proc).table.is_whole is False
    assert "hidepid" in look(proc).gaps[0].why


def test_no_proc_is_a_gap(tmp_path: Path) -> None:
    found = read_processes(str(tmp_path))
    assert found.table.processes == ()
    assert [gap.source for gap in found.gaps] == ["/proc"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0::/system.slice/nginx.service\n", Membership("nginx.service")),
        ("0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n", Membership("postgresql@15-main.service")),
        ("0::/system.slice/containerd.service/inner/x.service\n", Membership("containerd.service")),
        ("12:cpu,cpuacct:/x\n1:name=systemd:/system.slice/sshd.service\n0::/\n", Membership("sshd.service")),
        ("1:name=systemd:/\n0::/system.slice/sshd.service\n", Membership("sshd.service")),
        ("0::/init.scope\n", Membership("init.scope")),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", Membership()),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service\n", Membership("syncthing.service", True)),
        ("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", Membership("user@1000.service")),
        (f"0::/system.slice/docker-{CONTAINER}.scope\n", Membership(container="docker:4f2b0c8d9e7a")),
        (f"4:memory:/docker/{CONTAINER}\n1:name=systemd:/docker/{CONTAINER}\n", Membership(container="docker:4f2b0c8d9e7a")),
        (f"0::/machine.slice/libpod-{CONTAINER}.scope/container\n", Membership(container="podman:4f2b0c8d9e7a")),
        (
            f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f.slice/cri-containerd-{CONTAINER}.scope\n",
            Membership(container="kubernetes:4f2b0c8d9e7a"),
        ),
        (f"11:pids:/kubepods/besteffort/pod0a1b/{CONTAINER}\n", Membership(container="kubernetes:4f2b0c8d9e7a")),
        ("0::/lxc.payload.mail/system.slice/postfix.service\n", Membership(container="lxc:mail")),
        ("0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n", Membership()),
        ("", Membership()),
    ],
)
def test_units_and_containers(text: str, expected: Membership) -> None:
    assert membership(text) == expected


@given(st.text() | st.from_regex(r"(\d{1,2}:[a-z=]*:(/[a-z@.0-9-]*)*\n)*"))
def test_any_cgroup_text_says_something(text: str) -> None:
    assert isinstance(membership(text), Membership)


@given(st.binary() | st.from_regex(rb"([0-9a-f]+-[0-9a-f]+ r-xp [0-9a-f]+ [0-9a-f]{2}:[0-9a-f]{2} \d+ +/[^\n]*\n)*"), st.binary())
def test_any_maps_can_be_read(content: bytes, executable: bytes) -> None:
    assert all(isinstance(file, OutdatedFile) for file in outdated_files(executable_mappings(content), executable, lambda _path: None))


@given(st.binary() | st.from_regex(rb"\d+ \([^)]*\) S( -?\d+){10,25}"))
def test_any_status_can_be_read(content: bytes) -> None:
    status_line(content)
    real_user(content)
    seconds_of_boot(content)
    hides_processes(content)
