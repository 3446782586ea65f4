"""Documents from outside, read where they lie; nothing of them is kept here.

``CASES=DIR`` names a folder with one folder for each format, named as its command: ``DIR/terraform/*.json``, ``DIR/kubernetes-events/*``,
``DIR/alertmanager/*`` … Each file is to be read to its end, without an error, into lines that import takes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from changelog_ledger.observations.deliveries.registry import MAPPERS
from changelog_ledger.sources.json_entries import read_entries
from changelog_ledger.store.interchange import read_line

from .samples import delivered

CASES = Path(os.environ.get("CASES", ""))
FILES = sorted(file for name in MAPPERS for file in (CASES / name).rglob("*") if file.is_file()) if "CASES" in os.environ else []


@pytest.fixture(autouse=True)
def no_files() -> None:
    """Here files are read."""


@pytest.mark.skipif(not FILES, reason="CASES names no folder with deliveries")
@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CASES)))
def test_a_document_from_outside(file: Path) -> None:
    name = file.relative_to(CASES).parts[0]
    outcomes = list(MAPPERS[name](read_entries(str(file))))
    assert outcomes
    for each in delivered(outcomes):
        target = {"mark": {"target": "all"}, "change": {"on": ["all"]}}.get(each.line["kind"], {"on": "all"})
        read_line(json.dumps({**each.line, **target}), 1)
