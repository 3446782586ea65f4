"""wtmp, and what ``last`` makes of the same bytes."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from shutil import which

import pytest

from changelog_ledger.model.ingestion import Gap
from changelog_ledger.observations.journal.login_table import LoginReading, LoginTable
from changelog_ledger.sources.login_table import stored_logins, table_pieces

from ..observations.login_tables import working_day


@pytest.mark.skipif(which("last") is None, reason="no last here")
def test_last_sees_the_same(tmp_path: Path) -> None:
    place = tmp_path / "wtmp"
    place.write_bytes(working_day())
    shown = subprocess.run(
        ["last", "-x", "-w", "--time-format", "iso", "-f", str(place)], capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C"}
    ).stdout
    if "T" not in shown:
        pytest.skip("a last without --time-format")
    table, reading = LoginTable(), LoginReading("web-01")
    seen = [each for record in table.records(working_day()) for each in reading.read(record, "wtmp")]
    ours = {(each.actor or {"reboot": "reboot", "shutdown": "shutdown"}[each.what], each.at) for each in seen if each.what != "logout"}
    theirs = set()
    for line in shown.splitlines():
        words = line.split()
        if words and words[0] in ("alex", "ana", "reboot", "shutdown"):
            theirs.add((words[0], datetime.fromisoformat(next(word for word in words if word[:4] == "2025"))))
    assert ours == theirs


def test_no_logs_no_pieces(tmp_path: Path) -> None:
    gaps: list[Gap] = []
    assert list(table_pieces(str(tmp_path), gaps)) == []
    assert list(stored_logins(str(tmp_path), gaps)) == []
    assert gaps == []


def test_a_database_that_is_none_is_a_gap(tmp_path: Path) -> None:
    place = tmp_path / "var/lib/wtmpdb/wtmp.db"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"no database" * 100)
    gaps: list[Gap] = []
    assert list(stored_logins(str(tmp_path), gaps)) == []
    assert [gap.source for gap in gaps] == ["/var/lib/wtmpdb/wtmp.db"]
