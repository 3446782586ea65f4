"""Package logs from outside, read as they are; nothing of their content is kept here.

``CASES=DIR`` names a folder with logs as machines wrote them; without it these tests are skipped. Every file is read alone, as its manager's log::

    DIR/apt/*           /var/log/apt/history.log
    DIR/dpkg/*          /var/log/dpkg.log
    DIR/dnf/*           /var/log/dnf.rpm.log; *.sqlite: the history database of DNF 4
    DIR/dnf5/*.sqlite   the history database of DNF 5
    DIR/yum/*           /var/log/yum.log; *.sqlite: yum's history
    DIR/zypper/*        /var/log/zypp/history
    DIR/pacman/*        /var/log/pacman.log
    DIR/apk/*           /var/log/apk.log

Names that end in ``.gz``, ``.xz``, ``.bz2`` or ``.zst`` are read as rotations. Every file has to be read without an error and to tell a transaction.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from .world import World

CASES = Path(os.environ.get("CASES", ""))
PLACES = {
    "apt": "/var/log/apt/history.log",
    "dpkg": "/var/log/dpkg.log",
    "dnf": "/var/log/dnf.rpm.log",
    "yum": "/var/log/yum.log",
    "zypper": "/var/log/zypp/history",
    "pacman": "/var/log/pacman.log",
    "apk": "/var/log/apk.log",
}
DATABASES = {
    "dnf": "/var/lib/dnf/history.sqlite",
    "dnf5": "/usr/lib/sysimage/libdnf5/transaction_history.sqlite",
    "yum": "/var/lib/yum/history/history-2020-01-01.sqlite",
}


def samples() -> list[tuple[str, Path]]:
    if "CASES" not in os.environ:
        return []
    return [(manager, file) for manager in {**PLACES, **DATABASES} for file in sorted((CASES / manager).glob("*")) if file.is_file()]


def place(manager: str, file: Path) -> str:
    if file.suffix == ".sqlite":
        return DATABASES[manager]
    return PLACES[manager] + (f".1{file.suffix}" if file.suffix in (".gz", ".xz", ".bz2", ".zst") else "")


@pytest.mark.skipif(not samples(), reason="CASES names no folder with package logs")
@pytest.mark.parametrize(("manager", "file"), samples())
def test_a_log_from_outside_tells_transactions(world: World, manager: str, file: Path) -> None:
    target = world.machine.path(place(manager, file))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    world.clock.now = datetime(2100, 1, 1, tzinfo=UTC)  # nothing in them is dated later
    result = world.ledger.ingest.packages(root=world.machine.root)
    assert result.recorded > 0, f"{file} tells no transaction: {result.gaps}"
    again = world.ledger.ingest.packages(root=world.machine.root)
    assert again.recorded == 0
