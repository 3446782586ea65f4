"""Failing hosts beside working ones in a fleet of five hundred: the ledger's answer against ``git diff --name-only`` of each failing branch."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.timing import Bar, Row, duration
from changelog_ledger import Ledger

HOSTS, QUICK_HOSTS, FILES, FAILING = 500, 50, 200, 5
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_ASK = """import sys, time
from changelog_ledger import Ledger
begun = time.perf_counter()
with Ledger.open(sys.argv[1]) as ledger:
    report = ledger.what_changed("service:fleet", failing=sys.argv[2].split(","))
    assert report.peers.differences[0].path == "/etc/app-007/main.conf", report.peers.differences[:3]
print(time.perf_counter() - begun)
"""


def peers(folder: Path, quick: bool) -> Iterator[Row]:
    """As a process of its own that has asked nothing yet, and again in one that has."""
    number = QUICK_HOSTS if quick else HOSTS
    home = folder / "peers"
    names = [f"host-{place:03}" for place in range(number)]
    failing = random.Random(number).sample(names, FAILING)
    with Ledger.init(home, host="here") as ledger:
        ledger.import_facts(_lines(names, failing))
    cold = [float(subprocess.run([sys.executable, "-c", _ASK, home, ",".join(failing)], check=True, capture_output=True).stdout) for _ in range(3)]
    with Ledger.open(home) as ledger:
        ledger.what_changed("service:fleet", failing=failing)
        begun = time.perf_counter()
        ledger.what_changed("service:fleet", failing=failing)
        warm = time.perf_counter() - begun
    peer = _git(home, names, failing)
    name = f"peers, {number} hosts x {FILES} files, {FAILING} failing"
    remark = f"warm {duration(warm)}; git's names only, one pair a failing host"
    yield Row(name, "library, cold", sorted(cold)[1], "git diff --name-only", peer, Bar.seconds(2.0), remark)


def _git(home: Path, names: list[str], failing: list[str]) -> float:
    healthy = next(name for name in names if name not in failing)
    begun = time.perf_counter()
    for host in failing:
        command = ["git", f"--git-dir={home / 'snapshots.git'}", "diff", "--name-only", f"host/{healthy}", f"host/{host}"]
        subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _lines(names: list[str], failing: list[str]) -> Iterator[str]:
    yield from (json.dumps({"kind": "host", "name": name}) for name in names)
    yield json.dumps({"kind": "service", "name": "fleet", "runs_on": names})
    dice = random.Random(1)
    for place, name in enumerate(names):
        at = (BEGIN + timedelta(seconds=place)).isoformat()
        yield json.dumps({"kind": "snapshot", "host": name, "at": at, "files": _files(place, name, dice)})
    for place, name in enumerate(failing):
        at = (BEGIN + timedelta(days=1, seconds=place)).isoformat()
        files = {"/etc/app-007/main.conf": _app(7).replace("limit = 4096", "limit = 512")}
        yield json.dumps({"kind": "snapshot", "host": name, "at": at, "files": files})


def _files(place: int, name: str, dice: random.Random) -> dict[str, str]:
    """Two hundred files, of which ten are each host's own or differ by chance."""
    files = {f"/etc/app-{number:03}/main.conf": _app(number) for number in range(FILES - 10)}
    address = f"10.1.{place // 250}.{place % 250 + 1}"
    files |= {
        "/etc/hostname": f"{name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {name}\n",
        "/etc/machine-id": f"{dice.getrandbits(128):032x}\n",
    }
    files |= {"/etc/netplan/01.yaml": f"network:\n  ethernets:\n    eth0:\n      addresses: [{address}/24]\n"}
    files |= {"/etc/motd": f"Welcome to {name}\n", "/etc/listen.conf": f"[web]\nlisten = {address}:80\n"}
    files |= {f"/etc/varied-{number}.conf": f"[a]\nslot = {dice.randrange(10**number)}\nfixed = 1\n" for number in (1, 2, 3, 9)}
    return files


def _app(number: int) -> str:
    return f"[app]\nname = app-{number}\nlimit = 4096\n" + "".join(f"option-{place} = {place * number}\n" for place in range(20))
