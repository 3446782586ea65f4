"""A security update installed itself at 03:12, the service kept running the old code, and nobody changed anything.

Six virtualization hosts work on Saturday. On Sunday night unattended-upgrades replaces Open vSwitch on all of them; the package should have restarted
the service, and does not. On Monday storage suffers. ``ledger ingest`` reads what the hosts recorded by themselves: the package manager's logs, and
the processes, which still map the library that is gone. In December the same upgrade comes again, as a change.

The logs are in their programs' own format below each host's root. What a host's ``/proc`` shows is what the kernel says of a real process that maps a
library while a new one takes its name, as dpkg puts it there; only paths, name and times are moved into the story::

    python examples/the_silent_update.py             prints the report, and how the upgrade looks as a change
    python examples/the_silent_update.py FOLDER      keeps the ledger in FOLDER/home as well, for more questions
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stage import Clock, Fleet

from changelog_ledger import Ledger, Report, render_text

HOSTS = [f"hv-{number:02}" for number in range(1, 7)]
LIBRARY = "/usr/lib/x86_64-linux-gnu/libopenvswitch-2.17.so.0.0.5"
UNIT = "ovs-vswitchd.service"
BOOT_ID = "5f0c4a2e-9a63-4f0e-8f57-3d1c0c6f8b21"
BOOTED = datetime(2025, 11, 1, 6, 0, tzinfo=UTC)

INTERFACES = "auto br0\niface br0 inet static\n    address 10.0.0.{number}/24\n    mtu 9000\n"
STATUS = "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"


@dataclass(frozen=True)
class Upgrade:
    """One run of the package manager, as its logs tell it."""

    day: str
    start: str
    end: str
    before: str
    after: str
    command: str
    requested_by: str = ""

    @property
    def history(self) -> str:
        """``/var/log/apt/history.log``."""
        packages = ", ".join(f"{name}:amd64 ({self.before}, {self.after})" for name in ("openvswitch-common", "openvswitch-switch"))
        asked = f"Requested-By: {self.requested_by}\n" if self.requested_by else ""
        return f"\nStart-Date: {self.day}  {self.start}\nCommandline: {self.command}\n{asked}Upgrade: {packages}\nEnd-Date: {self.day}  {self.end}\n"

    @property
    def dpkg(self) -> str:
        """``/var/log/dpkg.log``."""
        lines = ["startup archives unpack"]
        for name in ("openvswitch-common:amd64", "openvswitch-switch:amd64"):
            lines.append(f"upgrade {name} {self.before} {self.after}")
            lines += [f"status {word} {name} {self.before}" for word in ("half-configured", "unpacked", "half-installed")]
            lines.append(f"status unpacked {name} {self.after}")
        lines.append("startup packages configure")
        for name in ("openvswitch-common:amd64", "openvswitch-switch:amd64"):
            lines.append(f"configure {name} {self.after} <none>")
            lines += [f"status {word} {name} {self.after}" for word in ("unpacked", "half-configured", "installed")]
        return "".join(f"{self.day} {self.start} {line}\n" for line in lines)


BY_ITSELF = Upgrade("2025-11-23", "03:12:31", "03:12:58", "2.17.5-1", "2.17.9-1", "/usr/bin/unattended-upgrade")
BY_HAND = Upgrade("2025-12-07", "22:00:31", "22:00:49", "2.17.9-1", "2.17.11-1", "apt-get install openvswitch-switch", "anna (1000)")
UPDATER = """\
2025-11-23 03:12:04,117 INFO Starting unattended upgrades script
2025-11-23 03:12:04,118 INFO Allowed origins are: origin=Debian,codename=bookworm,label=Debian-Security
2025-11-23 03:12:30,402 INFO Packages that will be upgraded: openvswitch-common openvswitch-switch
2025-11-23 03:12:30,403 INFO Writing dpkg log to /var/log/unattended-upgrades/unattended-upgrades-dpkg.log
2025-11-23 03:12:59,310 INFO All upgrades installed
"""

# What a daemon does with a library: it is mapped as code, and stays mapped.
DAEMON = """\
import mmap, sys
with open(sys.argv[1], "rb") as library:
    code = mmap.mmap(library.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC)
print("mapped", flush=True)
sys.stdin.read()
"""


class Story:
    """What happened to the hosts, told to a ledger day by day."""

    def __init__(self, ledger: Ledger, fleet: Fleet, clock: Clock) -> None:
        self._ledger, self._fleet, self._clock = ledger, fleet, clock

    def saturday(self) -> None:
        """It works: hosts, the service, a first look at every host, a good mark."""
        for number, host in enumerate(HOSTS, 1):
            self._ledger.add_host(host)
            self._fleet.write(host, "/etc/timezone", "Etc/UTC\n")
            self._fleet.write(host, "/etc/network/interfaces", INTERFACES.format(number=number))
            self._write_packages(host, BY_ITSELF.before)
        self._ledger.add_service("storage", runs_on=HOSTS)
        self._look_at_all("2025-11-22T20:00Z")
        self._ledger.good("service:storage", at="2025-11-22T20:01Z", source="smoke test")

    def sunday(self) -> None:
        """At noon somebody changes one host, and logs it. Nobody knows what happened at 03:12."""
        for host in HOSTS:
            self._append_logs(host, BY_ITSELF)
            self._fleet.write(host, "/var/log/unattended-upgrades/unattended-upgrades.log", UPDATER)
            self._write_packages(host, BY_ITSELF.after)
            with running_daemon(self._fleet.root(host), LIBRARY) as process:
                replace_as_dpkg_does(self._fleet.root(host), LIBRARY)
                show_process(self._fleet.root(host), process)
        self._clock.wind_to("2025-11-23T12:00Z")
        with self._ledger.change("Smaller frames on hv-05", on=["host:hv-05"], host="hv-05", root=self._fleet.root("hv-05")):
            self._fleet.edit("hv-05", "/etc/network/interfaces", "mtu 9000", "mtu 1500")
        self._look_at_all("2025-11-23T18:00Z")
        self._ingest_all()

    def monday(self) -> None:
        """Storage suffers."""
        self._look_at_all("2025-11-24T08:00Z")
        self._ingest_all()
        self._clock.wind_to("2025-11-24T08:30Z")
        self._ledger.bad("service:storage", at="2025-11-24T08:12Z", symptom="storage is slow: virtual disks time out")

    def december(self) -> str:
        """The next upgrade, as a change. Its id."""
        self._clock.wind_to("2025-12-07T22:00Z")
        root = self._fleet.root("hv-03")
        with self._ledger.change("Upgrade Open vSwitch on hv-03", on=["host:hv-03"], host="hv-03", root=root) as change:
            self._append_logs("hv-03", BY_HAND)
            self._write_packages("hv-03", BY_HAND.after)
            self._clock.wind_to("2025-12-07T22:01Z")
        self._clock.wind_to("2025-12-07T22:05Z")
        self._ledger.ingest.packages(root=root, host="hv-03")
        identity: str = change.id
        return identity

    def _look_at_all(self, time: str) -> None:
        """A snapshot of every host, as the timer of ``ledger host-hooks`` takes it."""
        self._clock.wind_to(time)
        for host in HOSTS:
            self._ledger.snapshot(host, root=self._fleet.root(host))

    def _ingest_all(self) -> None:
        """What the hosts recorded by themselves, as the same timer reads it."""
        for host in HOSTS:
            self._ledger.ingest.packages(root=self._fleet.root(host), host=host)
            self._ledger.ingest.processes(root=self._fleet.root(host), host=host)

    def _append_logs(self, host: str, upgrade: Upgrade) -> None:
        for path, text in (("/var/log/apt/history.log", upgrade.history), ("/var/log/dpkg.log", upgrade.dpkg)):
            log = self._fleet.root(host) / path.lstrip("/")
            self._fleet.write(host, path, (log.read_text(encoding="utf-8") if log.exists() else "") + text)

    def _write_packages(self, host: str, version: str) -> None:
        """dpkg's own database: what is installed, and whose the library is."""
        installed = "".join(STATUS.format(name=name, version=version) for name in ("openvswitch-common", "openvswitch-switch"))
        self._fleet.write(host, "/var/lib/dpkg/status", installed)
        self._fleet.write(host, "/var/lib/dpkg/info/openvswitch-switch.list", f"/.\n{LIBRARY}\n")


# ---- a process that keeps the old code


@contextmanager
def running_daemon(root: Path, library: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real process that maps a library below ``root``; it ends with the ``with``."""
    place = root / library.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"\x7fELF, version 2.17.5 " * 500)
    with subprocess.Popen([sys.executable, "-c", DAEMON, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it is mapped
        yield process
        process.communicate()


def replace_as_dpkg_does(root: Path, library: str) -> None:
    """A new file takes the old one's name: whoever has the old one mapped keeps it."""
    place = root / library.lstrip("/")
    new = place.with_name(f"{place.name}.dpkg-new")
    new.write_bytes(b"\x7fELF, version 2.17.9 " * 500)
    new.rename(place)


def show_process(root: Path, process: subprocess.Popen[bytes]) -> None:
    """Write down below ``root`` what the kernel says of the process, with the paths, the name and the times that it would have on that host."""
    real, shown = Path("/proc", str(process.pid)), root / "proc" / "1403"
    shown.mkdir(parents=True, exist_ok=True)
    maps = (real / "maps").read_text(encoding="utf-8")
    (shown / "maps").write_text("".join(f"{line}\n" for line in maps.replace(f"{root.resolve()}/", "/").splitlines() if LIBRARY in line))
    behind = (real / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    behind[19] = str(3 * 86400 * os.sysconf("SC_CLK_TCK"))  # starttime, in ticks after the boot: proc(5)
    (shown / "stat").write_text(f"1403 (ovs-vswitchd) {' '.join(behind)}\n")
    (shown / "status").write_text((real / "status").read_text(encoding="utf-8"))
    (shown / "cgroup").write_text(f"0::/system.slice/{UNIT}\n")
    (shown / "exe").unlink(missing_ok=True)
    (shown / "exe").symlink_to("/usr/sbin/ovs-vswitchd")
    random_folder = root / "proc/sys/kernel/random"
    random_folder.mkdir(parents=True, exist_ok=True)
    (random_folder / "boot_id").write_text(f"{BOOT_ID}\n")
    (root / "proc/stat").write_text(f"btime {int(BOOTED.timestamp())}\n")


def investigate(folder: Path) -> tuple[Report, Report, str]:
    """Tell the story to a new ledger in ``folder``: Monday's report of hv-03, December's, and the id of December's change."""
    clock = Clock("2025-11-22T19:00Z")
    entropy = random.Random(3).randbytes  # the same ids every time; a real home takes its randomness from the system
    watch = ["/etc"]
    with Ledger.init(folder / "home", host="hv-01", watch=watch, actor="anna", clock=clock, entropy=entropy) as ledger:
        story = Story(ledger, Fleet(folder / "hosts", clock), clock)
        story.saturday()
        story.sunday()
        story.monday()
        silent = ledger.what_changed("host:hv-03")
        change = story.december()
        return silent, ledger.what_changed("host:hv-03", since="2025-12-07T21:00Z"), change


def main(arguments: list[str]) -> None:
    """Print the answers."""
    if arguments:
        silent, logged, _ = investigate(Path(arguments[0]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            silent, logged, _ = investigate(Path(folder))
    print(render_text(silent), end="")
    print("\nIn December the upgrade is a change:\n")
    print(render_text(logged), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
