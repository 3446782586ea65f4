"""``ingest processes``: real processes whose code is replaced under them, and made ones for the rest."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.ingestion import Ingested, Seen
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.ingest_processes import ingest_processes
from changelog_ledger.workflows.record_seen import record_seen
from tests.fake_proc import FakeProc

from .world import HOST, START, World

SLEEP = shutil.which("sleep")
real_processes = pytest.mark.skipif(sys.platform != "linux" or SLEEP is None or not Path("/proc/self/maps").exists(), reason="needs Linux")


# ---- real processes


def a_library() -> Path:
    """A small shared library of the system."""
    ctypes.CDLL("libm.so.6")
    found = re.search(r"\s(/\S*/libm[.-][^/\s]*)$", Path("/proc/self/maps").read_text(), re.MULTILINE)
    assert found is not None
    return Path(found[1])


def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


@dataclass
class Bench:
    """A program and a library of our own, its processes, and a ledger with the real clock."""

    folder: Path
    ledger: Ledger
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "sleeper"

    @property
    def library(self) -> Path:
        return self.folder / "lib" / "libbench.so.1"

    def start(self, command: Sequence[str] = (), **environment: str) -> subprocess.Popen[bytes]:
        """A process that has mapped the library."""
        preload = {} if command else {"LD_PRELOAD": str(self.library)}
        child = subprocess.Popen(command or [str(self.program), "600"], env={**os.environ, **preload, **environment})
        self.running.append(child)
        until(lambda: str(self.library) in Path(f"/proc/{child.pid}/maps").read_text())
        return child

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        child.kill()
        child.wait(timeout=30)

    def replace(self, path: Path) -> None:
        """As package managers do."""
        new = path.with_name(path.name + ".new")
        shutil.copy(path, new)
        new.replace(path)

    def look(self) -> Ingested:
        # The folder of a test lies below /tmp, of which nothing would be told.
        return ingest_processes(self.ledger._workspace, passing=("/memfd:", "/dev/", "/SYSV", "/["))

    def pending(self, child: subprocess.Popen[bytes]) -> list[Observation]:
        """What is pending of this process."""
        found = self.ledger.status().restarts_pending
        return [seen for seen in found if any(each["pid"] == child.pid for each in seen.data.get("processes", ()))]

    def recorded(self) -> list[Observation]:
        with self.ledger._workspace.store.reading() as view:
            seen = view.evidence.observations([Target.host(HOST)], START - timedelta(days=9000), self.ledger.now() + timedelta(days=1))
        own = str(self.folder)
        return [each for each in seen if own in str(each.data)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger.init(tmp_path / "home", host=HOST, actor="alex") as ledger:
        made = Bench(tmp_path / "opt", ledger)
        made.program.parent.mkdir(parents=True)
        made.library.parent.mkdir()
        shutil.copy(str(SLEEP), made.program)
        shutil.copy(a_library(), made.library)
        try:
            yield made
        finally:
            for child in made.running:
                made.stop(child)


@real_processes
def test_a_library_that_was_replaced_then_the_process_restarted(bench: Bench) -> None:
    child = bench.start()
    bench.look()
    assert bench.pending(child) == []
    time.sleep(1.1)  # the times of the kernel are known to the second
    bench.replace(bench.library)
    bench.look()
    (pending,) = bench.pending(child)
    assert pending.what == "restart-pending"
    assert pending.data["files"] == [str(bench.library)]
    assert pending.data["reason"] == "replaced-library"
    assert "sleeper" in pending.summary
    assert "still runs code that was replaced: libbench.so.1" in pending.summary
    assert abs(pending.at.timestamp() - bench.library.stat().st_ctime) <= 1
    facts = bench.ledger.status().facts
    again = bench.look()
    assert bench.pending(child) == [pending]
    assert bench.ledger.status().facts == facts + again.recorded
    assert str(bench.folder) not in str(again.newest)

    bench.stop(child)
    bench.start()
    bench.look()
    assert bench.pending(child) == []
    closed = next(seen for seen in bench.recorded() + _closings(bench) if seen.data.get("closes") == pending.data["ref"])
    assert closed.what == "service-restarted"
    assert closed.at >= pending.at  # both times are known to the second
    facts = bench.ledger.status().facts
    assert bench.ledger.status().facts == facts + bench.look().recorded


def _closings(bench: Bench) -> list[Observation]:
    with bench.ledger._workspace.store.reading() as view:
        seen = view.evidence.observations([Target.host(HOST)], START - timedelta(days=9000), bench.ledger.now() + timedelta(days=1))
    return [each for each in seen if "closes" in each.data]


@real_processes
def test_a_library_that_was_deleted_then_the_process_ended(bench: Bench) -> None:
    child = bench.start()
    bench.library.unlink()
    bench.look()
    (pending,) = bench.pending(child)
    assert pending.data["reason"] == "deleted-library"
    assert "not_before" in pending.data  # nothing tells when
    bench.stop(child)
    bench.look()
    assert bench.pending(child) == []
    (closed,) = [seen for seen in _closings(bench) if seen.data["closes"] == pending.data["ref"]]
    assert closed.what == "service-stopped"


@real_processes
def test_a_library_that_was_overwritten_in_place_is_the_same_file(bench: Bench) -> None:
    child = bench.start()
    content = bench.library.read_bytes()
    with bench.library.open("r+b") as file:
        file.write(content)
    bench.look()
    assert bench.pending(child) == []


@real_processes
def test_the_program_itself_was_replaced_and_later_a_library_too(bench: Bench) -> None:
    child = bench.start()
    bench.replace(bench.program)
    bench.look()
    (first,) = bench.pending(child)
    assert (first.data["reason"], first.data["files"]) == ("replaced-binary", [str(bench.program)])
    assert first.data["processes"][0]["executable"] == str(bench.program)
    bench.replace(bench.library)
    bench.look()
    (second,) = bench.pending(child)
    assert second.data["supersedes"] == first.data["ref"]
    assert second.data["files"] == [str(bench.program), str(bench.library)]
    assert "now also libbench.so.1" in second.summary
    bench.look()
    assert bench.pending(child) == [second]


@real_processes
def test_a_library_that_python_has_loaded(bench: Bench) -> None:
    script = "import ctypes, sys, time; ctypes.CDLL(sys.argv[1]); time.sleep(600)"
    child = bench.start([sys.executable, "-c", script, str(bench.library)])
    bench.replace(bench.library)
    bench.look()
    (pending,) = bench.pending(child)
    assert pending.data["files"] == [str(bench.library)]


@real_processes
def test_what_was_deleted_and_linked_again_is_the_same_file(bench: Bench) -> None:
    child = bench.start()
    kept = bench.library.with_name("kept")
    os.link(bench.library, kept)
    bench.library.unlink()
    os.link(kept, bench.library)
    bench.look()
    assert bench.pending(child) == []


# ---- made processes


LIBRARY = "/usr/lib/x86_64-linux-gnu/libssl.so.3"
BOOTED = START - timedelta(days=3)
SERVICE = "0::/system.slice/openvswitch-switch.service\n"


@dataclass
class Made:
    """A world whose machine has made processes."""

    world: World
    proc: FakeProc

    def look(self, **options: Any) -> list[tuple[str, str]]:
        """What is newly recorded."""
        result = self.world.ledger.ingest.processes(root=self.world.machine.root, **options)
        return [(seen.what, seen.summary) for seen in result.newest]

    def pending(self) -> list[Observation]:
        return list(self.world.ledger.status().restarts_pending)

    def switch(self, pid: int = 40, *, started: float = 60.0, current: bool = False) -> None:
        """The service of the story; it maps the library of before, or the one that is there now."""
        line = self.proc.mapping(LIBRARY) if current else OLD + b" (deleted)"
        self.proc.process(pid, "ovs-vswitchd", "/usr/sbin/ovs-vswitchd", line, started=started, cgroup=SERVICE)

    def reboot(self, boot_id: str) -> None:
        self.proc.end(40)
        self.proc.boot(self.world.clock.tick(hours=1), boot_id)
        self.world.clock.tick(minutes=5)


OLD = b"7f0000000000-7f0000001000 r-xp 00000000 fd:00 4711    " + LIBRARY.encode()


@pytest.fixture
def made(either: World) -> Made:
    proc = FakeProc(either.machine.root, BOOTED)
    file = proc.file(LIBRARY)
    info = proc.file("/var/lib/dpkg/info/libssl3:amd64.list", f"/.\n{LIBRARY}\n")
    assert file.exists()
    assert info.exists()
    return Made(either, proc)


def upgraded(world: World, at: Any, name: str = "libssl3") -> None:
    """A transaction as ``ingest packages`` records it."""
    package = {"name": name, "action": "upgraded", "before": "3.0.15", "after": "3.0.16"}
    seen = Seen(f"package:{name}:{at}", "package-upgraded", at, f"{name} upgraded", data={"manager": "apt", "packages": [package]})
    record_seen(world.ledger._workspace, HOST, [seen])


def test_the_silent_update(made: Made) -> None:
    night = START - timedelta(hours=6)
    upgraded(made.world, BOOTED - timedelta(days=1))
    upgraded(made.world, night)
    upgraded(made.world, night + timedelta(hours=1))
    made.switch()
    assert made.look() == [("restart-pending", "ovs-vswitchd (openvswitch-switch.service) still runs code that was replaced: libssl.so.3 of libssl3")]
    (pending,) = made.pending()
    assert pending.at == night
    assert pending.data["subject"] == "unit:openvswitch-switch.service"
    assert pending.data["packages"] == ["libssl3"]
    assert made.look() == []
    assert made.pending() == [pending]

    made.world.clock.tick(hours=1)
    made.switch(41, started=(made.world.clock.now - BOOTED).total_seconds() - 60, current=True)
    made.proc.end(40)
    assert made.look() == [("service-restarted", "ovs-vswitchd (openvswitch-switch.service) was restarted and runs current code")]
    assert made.pending() == []
    assert made.look() == []


def test_a_worker_that_ends_changes_nothing_while_others_run(made: Made) -> None:
    made.switch(40)
    made.switch(41, started=70)
    assert "and 1 more process still runs" in made.look()[0][1]
    made.proc.end(40)
    assert made.look() == []
    made.proc.end(41)
    assert made.look() == [("service-stopped", "ovs-vswitchd (openvswitch-switch.service) no longer runs; its restart was pending")]


def test_restarted_and_replaced_again_between_two_looks(made: Made) -> None:
    made.switch()
    made.look()
    made.world.clock.tick(hours=1)
    made.proc.end(40)
    made.switch(41, started=(made.world.clock.now - BOOTED).total_seconds() - 60)
    assert [what for what, _ in made.look()] == ["service-restarted", "restart-pending"]
    assert len(made.pending()) == 1
    assert made.look() == []


def test_a_program_that_executed_itself_anew_and_was_replaced_again(made: Made) -> None:
    made.switch()
    made.look()
    made.switch(current=True)
    assert [what for what, _ in made.look()] == ["service-reloaded"]
    assert made.pending() == []
    line = made.proc.mapping(LIBRARY) + b" (deleted)"
    made.proc.replace(LIBRARY)
    made.proc.process(40, "ovs-vswitchd", "/usr/sbin/ovs-vswitchd", line, cgroup=SERVICE)
    assert [what for what, _ in made.look()] == ["restart-pending"]


def test_a_reboot_ends_all_that_was_pending(made: Made) -> None:
    made.switch()
    made.look()
    made.reboot("0" * 32)
    assert [what for what, _ in made.look()] == ["reboot"]
    assert made.pending() == []
    assert made.look() == []


def test_what_changed_tells_of_a_reboot_that_ended_what_was_pending(made: Made) -> None:
    upgraded(made.world, START - timedelta(hours=6))
    made.switch()
    made.switch(50)
    made.proc.process(60, "nginx", "/usr/sbin/nginx", OLD + b" (deleted)", cgroup="0::/system.slice/nginx.service\n")
    made.look()
    assert len(made.pending()) == 2
    for pid in (50, 60):
        made.proc.end(pid)
    made.reboot("0" * 32)
    made.look()
    report = made.world.ledger.what_changed(f"host:{HOST}", since=START - timedelta(days=1))
    with made.world.ledger._workspace.store.reading() as view:
        (reboot,) = view.evidence.observations([Target.host(HOST)], START, made.world.clock.now, what=["reboot"])
    assert reboot.summary == "rebooted; 2 restarts were pending"
    assert len(reboot.data["closes"]) == 2
    assert reboot.id in {piece.id for piece in report.evidence}
    assert "libssl3 upgraded (web-01); restart no longer pending on web-01" in [suspect.title for suspect in report.suspects]


def test_a_reboot_that_the_journal_told_of_ends_it_too(made: Made) -> None:
    made.switch()
    made.look()
    made.reboot("0" * 32)
    at = made.proc.booted
    record_seen(made.world.ledger._workspace, HOST, [Seen("reboot:x", "reboot", at, "rebooted", data={"boot_id": "0" * 32})])
    assert made.pending() == []
    assert made.look() == []


def test_the_reboot_that_began_this_boot_ends_nothing_whatever_its_clock_said(made: Made) -> None:
    made.switch()
    made.look()
    data = {"boot_id": made.proc.boot_id.replace("-", "")}
    record_seen(made.world.ledger._workspace, HOST, [Seen("reboot:y", "reboot", made.world.clock.tick(hours=1), "rebooted", data=data)])
    assert len(made.pending()) == 1


def test_an_older_process_that_was_not_seen_before_goes_on_with_it(made: Made) -> None:
    made.switch(40)
    made.look()
    (pending,) = made.pending()
    made.proc.end(40)
    made.switch(39, started=50)
    assert made.look() == []
    assert made.pending() == [pending]


def test_what_cannot_be_seen_ends_nothing(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    made.switch()
    made.look()
    from changelog_ledger.sources.processes import table

    real = table._read

    def read(path: str, most: int) -> bytes:
        if path.endswith("/maps"):
            raise PermissionError(13, "Permission denied")
        return real(path, most)

    with monkeypatch.context() as patched:
        patched.setattr(table, "_read", read)
        assert made.look() == []
    assert len(made.pending()) == 1
    made.proc.write("mounts", "proc /proc proc rw,hidepid=2 0 0\n")
    made.proc.end(40)
    assert made.look() == []
    assert len(made.pending()) == 1


def test_a_newer_kernel_is_installed_than_runs(made: Made) -> None:
    made.proc.write("sys/kernel/osrelease", "6.1.0-9-amd64\n")
    for release in ("6.1.0-9-amd64", "6.1.0-28-amd64", "6.9.0-1-cloud-amd64", "6.1.0-27-amd64"):
        made.proc.file(f"/boot/vmlinuz-{release}")
    made.proc.file("/var/lib/dpkg/info/linux-image-6.1.0-28-amd64.list", "/boot/vmlinuz-6.1.0-28-amd64\n")
    at = START - timedelta(hours=3)
    upgraded(made.world, at, "linux-image-6.1.0-28-amd64")
    assert made.look() == [("reboot-pending", "kernel 6.1.0-28-amd64 is installed, 6.1.0-9-amd64 still runs: a reboot is pending")]
    (pending,) = made.pending()
    assert pending.at == at
    assert {name: pending.data[name] for name in ("running", "installed", "packages")} == {
        "running": "6.1.0-9-amd64",
        "installed": "6.1.0-28-amd64",
        "packages": ["linux-image-6.1.0-28-amd64"],
    }
    assert made.look() == []
    made.proc.process(40, "x", "/usr/bin/x")
    made.reboot("0" * 32)
    made.proc.write("sys/kernel/osrelease", "6.1.0-28-amd64\n")
    assert made.look() == [("reboot", "rebooted, kernel 6.1.0-28-amd64; it was pending")]
    assert made.pending() == []


def test_a_package_asked_for_a_reboot_and_took_that_back(made: Made) -> None:
    made.proc.write("sys/kernel/osrelease", "6.1.0-9-amd64\n")
    made.proc.file("/run/reboot-required", "*** System restart required ***\n")
    packages = made.proc.file("/run/reboot-required.pkgs", "libc6\ndbus\nlibc6\n")
    assert made.look() == [("reboot-pending", "a reboot is pending, asked for by dbus, libc6")]
    assert made.look() == []
    packages.unlink()
    made.proc.root.joinpath("run/reboot-required").unlink()
    assert made.look() == [("reboot-not-pending", "no reboot is pending any more, without one")]
    assert made.pending() == []


def test_status_tells_what_is_pending(made: Made) -> None:
    from changelog_ledger import reports

    made.switch()
    made.look()
    overview = made.world.ledger.status()
    text = reports.render_status(overview)
    assert "restart pending: 1 (web-01 openvswitch-switch.service since" in " ".join(text.split())
    (told,) = reports.overview_document(overview)["restarts_pending"]
    assert (told["what"], told["target"], told["subject"]) == ("restart-pending", "host:web-01", "unit:openvswitch-switch.service")


def test_what_is_pending_is_found_by_an_index(world: World) -> None:
    with world.ledger._workspace.store.database.engine.connect() as connection:
        from changelog_ledger.store.tables import IS_PENDING

        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN SELECT * FROM observation WHERE {IS_PENDING}")]
    assert "ix_observation_pending" in plan[0]
