"""What counts as one event that two records tell: never two entries of the same record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.workflows.record_seen import record_seen
from changelog_ledger.workflows.told_already import not_told, told_by

from .world import HOST, START, World

AT = START - timedelta(hours=1)
LOGIN = {"user": "alex", "tty": "pts/0"}
BOOT = "0d1c2b3a-4f5e-4687-9a8b-7c6d5e4f3a2b"
LONG = "/usr/bin/find " + "a" * 300


def tell(world: World, record: str, what: str, data: dict[str, Any], seconds: float = 0) -> bool:
    """Have a record tell something in an ingestion of its own. Whether it was recorded."""
    at = AT + timedelta(seconds=seconds)
    seen = Seen(f"{record}:{seconds}:{sorted(data.items())}", what, at, what, data=data)
    workspace = world.ledger._workspace
    return record_seen(workspace, HOST, list(not_told(workspace, HOST, told_by(record, [seen])))).recorded == 1


def test_another_record_tells_the_same_login(world: World) -> None:
    assert tell(world, "journal", "login", LOGIN)
    assert not tell(world, "wtmp", "login", LOGIN, 3)


@pytest.mark.parametrize(
    ("what", "data"), [("login", LOGIN), ("sudo", {"user": "alex", "command": "ls"}), ("reboot", {}), ("service-started", {"unit": "x"})]
)
def test_two_entries_of_one_record_are_two_events(world: World, what: str, data: dict[str, Any]) -> None:
    assert tell(world, "wtmp", what, data)
    assert tell(world, "wtmp", what, data, 1)


@pytest.mark.parametrize(
    ("log", "audit", "is_new"),
    [
        ("/usr/bin/systemctl restart nginx", "systemctl restart nginx", False),
        ("/usr/bin/systemctl restart nginx", "systemctl restart mysql", True),
        ("/usr/bin/mysql --password=correct-horse-battery shop", "mysql --password=correct-horse-battery shop", False),
        (LONG, LONG + " -name b", False),
        ("/usr/bin/ls", "ls -l", True),
    ],
)
def test_a_command_is_the_same_command(world: World, log: str, audit: str, is_new: bool) -> None:
    assert tell(world, "syslog", "sudo", {"user": "alex", "command": log})
    assert tell(world, "audit", "sudo", {"user": "alex", "command": audit}, 1) is is_new


def test_a_reboot_is_the_same_boot_as_far_as_both_know_it(world: World) -> None:
    assert tell(world, "journal", "reboot", {"boot_id": BOOT.replace("-", "")})
    assert not tell(world, "wtmp", "reboot", {}, 20)
    assert not tell(world, "system", "reboot", {"boot_id": BOOT}, 30)
    assert tell(world, "system", "reboot", {"boot_id": BOOT.replace("0d", "1d")}, 90)
