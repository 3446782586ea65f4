"""``ingest packages`` beside a real dpkg that works in a scratch root: the machine is left as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .world import World

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("dpkg") or not shutil.which("dpkg-deb"), reason="takes dpkg, and root, who alone may install"
)

_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def built(folder: Path, version: str, postinst: str = "") -> Path:
    """A package of one file."""
    tree = folder / f"tree-{version}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr/share/ledger-probe").mkdir(parents=True)
    (tree / "usr/share/ledger-probe/version").write_text(f"{version}\n")
    control = f"Package: ledger-probe\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a probe\n"
    (tree / "DEBIAN/control").write_text(control)
    if postinst:
        (tree / "DEBIAN/prerm").write_text(postinst)
        (tree / "DEBIAN/prerm").chmod(0o755)
    package = folder / f"probe-{version}.deb"
    _run("dpkg-deb", "--root-owner-group", "--build", str(tree), str(package))
    return package


_BEFORE = """\
Package: base-files
Status: install ok installed
Maintainer: Nobody <nobody@example.org>
Architecture: all
Version: 12
Description: was there before

"""


class Dpkg:
    """dpkg with a root, a database and a log of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        database = root / "var/lib/dpkg"
        for folder in ("info", "updates", "triggers", "parts"):
            (database / folder).mkdir(parents=True)
        (database / "status").write_text(_BEFORE)  # a database without any package would be a damaged one
        (database / "available").write_text("")
        (root / "var/log").mkdir(parents=True, exist_ok=True)

    def __call__(self, *arguments: str, code: int = 0) -> None:
        places = (f"--root={self.root}", f"--admindir={self.root}/var/lib/dpkg", f"--log={self.root}/var/log/dpkg.log")
        _run("dpkg", *places, "--force-not-root", "--force-script-chrootless", *arguments, code=code)


def _run(*command: str, code: int = 0) -> None:
    ended = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert ended.returncode == code, ended.stderr


@pytest.fixture
def dpkg(tmp_path: Path, world: World) -> Dpkg:
    (world.machine.root / "etc/localtime").symlink_to("/usr/share/zoneinfo/UTC")
    return Dpkg(world.machine.root)


def ingested(world: World):
    world.clock.now = datetime.now(UTC) + timedelta(minutes=1)
    return world.ledger.ingest.packages(root=world.machine.root)


def test_installed_upgraded_downgraded_removed_purged(world, dpkg, tmp_path):
    old, new = built(tmp_path, "1.0-1"), built(tmp_path, "1.1-1")
    dpkg("--install", str(old))
    first = ingested(world)
    assert [each.summary for each in first.newest] == ["ledger-probe 1.0-1 installed"]
    assert first.newest[0].data["outcome"] == "succeeded"
    dpkg("--install", str(new))
    dpkg("--install", str(new))
    dpkg("--install", str(old))
    dpkg("--remove", "ledger-probe")
    dpkg("--install", str(new))
    dpkg("--purge", "ledger-probe")
    later = ingested(world)
    assert [each.summary for each in later.newest] == [
        "ledger-probe 1.0-1 → 1.1-1 upgraded",
        "ledger-probe 1.1-1 reinstalled",
        "ledger-probe 1.1-1 → 1.0-1 downgraded",
        "ledger-probe 1.0-1 removed",
        "ledger-probe 1.1-1 installed",
        "ledger-probe 1.1-1 purged",
    ]
    assert {each.data["outcome"] for each in later.newest} == {"succeeded"}
    assert all(datetime.now(UTC) - each.at < timedelta(minutes=10) for each in later.newest)
    assert ingested(world).recorded == 0
    assert (first.gaps, later.gaps) == ((), ())


def test_a_removal_that_fails(world, dpkg, tmp_path):
    dpkg("--install", str(built(tmp_path, "1.0-1", "#!/bin/sh\nexit 1\n")))
    dpkg("--remove", "ledger-probe", code=1)
    one = ingested(world).newest[-1]
    assert (one.what, one.data["outcome"]) == ("package-removed", "failed")
    assert one.summary == "failed: ledger-probe 1.0-1 removed"
    assert one.data["error"].startswith("ledger-probe is ")
