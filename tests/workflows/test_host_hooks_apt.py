"""A real apt with the hooks: they see what it does, and whatever is wrong with the ledger, the package run does not fail.

apt works on a root of its own with a dpkg database of its own; nothing of this machine is altered.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.ledger.host_hooks import HostHooksTopic

from .world import PYTHON

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("apt-get") or not shutil.which("dpkg-deb"), reason="needs root, apt-get and dpkg-deb"),
]

SAMPLE = "changelog-ledger-sample"
SETTINGS = """\
Dir "{root}";
Dir::State::status "{root}/var/lib/dpkg/status";
Dir::Bin::methods "/usr/lib/apt/methods";
Dir::Bin::dpkg "/usr/bin/dpkg";
Dir::Bin::dpkg-deb "/usr/bin/dpkg-deb";
DPkg::Options {{ "--root={root}"; "--log={root}/var/log/dpkg.log"; }};
DPkg::Pre-Install-Pkgs "";
APT::Sandbox::User "root";
"""
FOLDERS = (
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/sources.list.d",
    "var/lib/dpkg/info",
    "var/lib/dpkg/updates",
    "var/lib/dpkg/triggers",
    "var/lib/apt/lists/partial",
    "var/cache/apt/archives/partial",
    "var/log/apt",
    "proc",
)


@dataclass
class Host:
    """A root with an apt of its own, a ledger, and hooks that call it."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def command(self) -> Path:
        return self.folder / "ledger"

    @property
    def notes(self) -> Path:
        return self.home / "host-hooks"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LEDGER_")}
        return {**kept, "APT_CONFIG": str(self.folder / "apt.conf"), "XDG_STATE_HOME": str(self.folder / "state"), "LC_ALL": "C"}

    def furnish(self) -> None:
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        (self.folder / "apt.conf").write_text(SETTINGS.format(root=self.root))
        self.stub(f'exec {PYTHON} -m changelog_ledger "$@" --root {self.root}')
        Ledger.init(self.home, host="web-01", actor="root").close()
        HostHooksTopic(self.home).install(root=self.root, command=self.command, only=["apt"])
        hooks = self.root / "etc/apt/apt.conf.d/80changelog-ledger"  # without a chroot, /etc is this machine's
        hooks.write_text(hooks.read_text().replace("/etc/changelog-ledger", f"{self.root}/etc/changelog-ledger"))

    def stub(self, body: str) -> None:
        """What the hooks call."""
        self.command.write_text(f"#!/bin/sh\n{body}\n")
        self.command.chmod(0o755)

    def hurry(self) -> None:
        """A limit of one second."""
        script = self.root / "etc/changelog-ledger/host-hook"
        script.write_text(re.sub(r"(call \w+) \d+", r"\1 1", script.read_text()).replace("-k 5", "-k 1"))

    def package(self, version: str) -> Path:
        """A package with one file of configuration."""
        content, package = self.folder / f"content-{version}", self.folder / f"{version}.deb"
        (content / "DEBIAN").mkdir(parents=True)
        (content / "etc").mkdir()
        (content / "etc/sample.conf").write_text(f"[sample]\nversion = {version}\n")
        (content / "DEBIAN/conffiles").write_text("/etc/sample.conf\n")
        (content / "DEBIAN/control").write_text(
            f"Package: {SAMPLE}\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a sample\n"
        )
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", content, package], check=True, capture_output=True, timeout=60)
        return package

    def install(self, version: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = ["apt-get", "--yes", "--quiet", "install", str(self.package(version))]
        return subprocess.run(command, env={**self.environment, **variables}, capture_output=True, text=True, check=False, timeout=240)

    def settled(self) -> str:
        """What the detached call noted at its end."""
        for _ in range(600):
            noted = (self.notes / "packages.last").read_text() if (self.notes / "packages.last").exists() else ""
            if noted and not noted.startswith("began"):
                return noted
            time.sleep(0.1)
        pytest.fail("the call for packages did not come to its end")

    def version(self) -> str:
        """The version that dpkg has installed."""
        found = re.search(r"^Version: (.*)$", (self.root / "var/lib/dpkg/status").read_text(), re.MULTILINE)
        return found[1] if found else ""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    made = Host(tmp_path)
    made.furnish()
    return made


def test_a_snapshot_on_each_side_and_the_transaction(host: Host) -> None:
    done = host.install("1.0")
    assert done.returncode == 0, done.stderr
    noted = host.settled().split()[0]
    log = (host.notes / "log").read_text()
    assert noted in ("0", "3"), log  # the root shows no process: its processes cannot be read
    assert "packages packages: 1 new, 0 known\n" in log
    (host.root / "etc/by-hand.conf").write_text("unlogged = yes\n")
    (host.notes / "packages.last").unlink()
    assert host.install("1.1").returncode == 0
    host.settled()
    with Ledger.open(host.home) as ledger:
        snapshots = ledger.snapshots("web-01")
        assert [snapshot.reason for snapshot in snapshots] == ["before a package run", "after a package run"] * 2
        drift, upgrade = ([delta.path for delta in ledger.diff("web-01", older.id, newer.id)] for older, newer in (snapshots[1:3], snapshots[2:4]))
        assert set(drift) == {"/etc/by-hand.conf"}, "drift from before the package run is not the package's"
        assert set(upgrade) == {"/etc/sample.conf"}
        seen = [entry for entry in ledger.recent("host:web-01", since="1h") if SAMPLE in entry.text]
        assert any("1.0 → 1.1" in entry.text for entry in seen), seen
    calls = {call.occasion: call.code for call in HostHooksTopic(host.home).status(root="/", command=host.command).calls}
    assert calls == {"before": 0, "after": 0, "packages": int(noted)}


def _missing_command(host: Host) -> None:
    host.command.unlink()


def _missing_home(host: Host) -> None:
    shutil.rmtree(host.home)


def _not_even_a_folder(host: Host) -> None:
    shutil.rmtree(host.home)
    host.home.write_text("a file")


def _nothing_can_be_written(host: Host) -> None:
    """/proc takes no file from anybody, root or not."""
    shutil.rmtree(host.notes, ignore_errors=True)
    host.notes.symlink_to("/proc/self/fdinfo")


def _full_disk(host: Host) -> None:
    host.notes.mkdir(exist_ok=True)
    for name in ("log", "before.last", "after.last", "before.worked", "after.worked"):
        (host.notes / name).unlink(missing_ok=True)
        (host.notes / name).symlink_to("/dev/full")


def _hanging(host: Host) -> None:
    host.stub("trap '' TERM\nsleep 300")
    host.hurry()


def _crashing(host: Host) -> None:
    host.stub("kill -SEGV $$")


def _broken_interpreter(host: Host) -> None:
    host.command.write_text("#!/nowhere/python\n")


def _no_shell_script(host: Host) -> None:
    shutil.rmtree(host.root / "etc/changelog-ledger")


TROUBLES = (
    _missing_command,
    _missing_home,
    _not_even_a_folder,
    _nothing_can_be_written,
    _full_disk,
    _hanging,
    _crashing,
    _broken_interpreter,
    _no_shell_script,
)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__.strip("_"))
def test_the_package_run_never_fails_because_of_the_ledger(host: Host, trouble: object) -> None:
    host.stub("exit 0")
    trouble(host)  # type: ignore[operator]
    begun = time.monotonic()
    done = host.install("1.0")
    assert done.returncode == 0, done.stderr
    assert host.version() == "1.0"
    assert time.monotonic() - begun < 60


def test_what_went_wrong_is_noted(host: Host) -> None:
    _hanging(host)
    assert host.install("1.0").returncode == 0
    assert (host.notes / "before.last").read_text().split()[0] in ("124", "137")
    host.settled()
    host.stub("echo 'out of order' >&2; exit 70")
    assert host.install("1.1").returncode == 0
    calls = {call.occasion: call for call in HostHooksTopic(host.home).status(command=host.command).calls}
    assert (calls["before"].code, calls["before"].worked_at) == (70, None)  # type: ignore[index]
    assert "out of order" in (host.notes / "log").read_text()


def test_a_read_only_home_and_no_environment(host: Host) -> None:
    """The database cannot be written: neither can the notes; HOME is not set."""
    database = host.home / "ledger.db"
    database.unlink()
    database.symlink_to("/proc/version")
    command = ["env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", f"APT_CONFIG={host.folder}/apt.conf", "apt-get", "--yes", "install"]
    done = subprocess.run([*command, host.package("1.0")], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert host.version() == "1.0"
    assert host.settled().split()[0] != "0"


def test_a_locked_database_is_not_waited_for(host: Host) -> None:
    import sqlite3

    with sqlite3.connect(host.home / "ledger.db", isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        done = host.install("1.0")
        took = time.monotonic() - begun
    holder.close()
    assert done.returncode == 0, done.stderr
    assert took < 50
    host.settled()


def test_within_ledger_run_what_is_found_belongs_to_the_change(host: Host) -> None:
    package = host.package("1.0")
    environment = {**host.environment, "LEDGER_HOME": str(host.home), "LEDGER_ACTOR": "alex"}
    with Ledger.open(host.home, actor="alex") as ledger:
        change = ledger.plan("Install the sample", on=["host:web-01"])
        other = ledger.plan("Something elsewhere, later", on=["host:web-01"])
    command = [PYTHON, "-m", "changelog_ledger", "run", change.id, "--root", str(host.root), "--", "apt-get", "--yes", "install", str(package)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    host.settled()
    with Ledger.open(host.home) as ledger:
        assert ledger.find_change(change.id).status == "succeeded"
        taken = ledger.snapshots("web-01")
        assert {snapshot.change for snapshot in taken} == {change.id}, [(each.reason, each.change) for each in taken]
        found = [piece for piece in ledger.what_changed("host:web-01", since=taken[0].id).evidence if piece.path == "/etc/sample.conf"]
        assert found
        assert {(piece.explained_by, str(piece.confidence)) for piece in found} == {(change.id, "explicit")}
        assert other.id not in {piece.explained_by for piece in found}
