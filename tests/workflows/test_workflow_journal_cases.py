"""Journals and logs of real machines, read from outside; nothing of them is kept here.

``CASES=DIR`` names a folder with ``journal/*.json`` (``journalctl -o json``), ``auth/*.log``, ``audit/*.log`` and ``wtmp/*``. Whatever is in them,
nothing may raise, and reading them again may add nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .test_workflow_ingest_journal import put
from .world import World

CASES = Path(os.environ.get("CASES", ""))
pytestmark = pytest.mark.skipif("CASES" not in os.environ, reason="CASES names no folder with journals")


def cases(pattern: str) -> list[Path]:
    return sorted(CASES.glob(pattern)) if "CASES" in os.environ else []


@pytest.mark.parametrize("place", cases("journal/*.json"), ids=lambda place: place.name)
def test_a_journal(world: World, place: Path) -> None:
    world.ledger.ingest.journal(file=place)
    assert world.ledger.ingest.journal(file=place).recorded == 0


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (place, path)
        for pattern, path in (("auth/*.log", "/var/log/auth.log"), ("audit/*.log", "/var/log/audit/audit.log"), ("wtmp/*", "/var/log/wtmp"))
        for place in cases(pattern)
    ],
    ids=str,
)
def test_a_log(world: World, place: Path, path: str) -> None:
    put(world, path, place.read_bytes())
    world.ledger.ingest.journal(root=world.machine.root)
    assert world.ledger.ingest.journal(root=world.machine.root).recorded == 0
