"""``ledger ingest journal``."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ..observations.journals import MadeJournal
from ..workflows.world import START, process
from .conftest import Desk


def journal() -> MadeJournal:
    made = MadeJournal(START).stopped("nginx.service").started("nginx.service").tick(5)
    return made.says("sshd", "Accepted password for al\x1b[31mex from 10.0.0.5 port 1 ssh2").tick(300).booted()


def test_a_file_of_entries(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "entries.json"
    place.write_text(journal().text)
    said = desk("ingest", "journal", "--file", str(place)).out
    assert said.startswith("3 observations recorded.")
    assert "nginx.service restarted" in said
    assert "\x1b[31m" not in said
    assert desk("ingest", "journal", "--file", str(place)).out.startswith("Nothing new; 3 known already.")


def test_standard_input_and_what_is_broken_in_it(desk: Desk) -> None:
    with process(desk.home, "ingest", "journal", "--file", "-", "--json", stdin=subprocess.PIPE) as started:
        out, err = started.communicate(journal().text + "torn", timeout=60)
    assert started.returncode == 3
    assert '"service-restarted"' in out
    assert "standard input: 1 line is no journal entry" in err


def test_the_records_of_an_image(desk: Desk) -> None:
    desk.machine.write("/var/log/auth.log", "2025-06-01T03:10:02+00:00 web-01 sshd[1]: Accepted password for alex from 10.0.0.5 port 1 ssh2\n")
    found = desk("ingest", "journal", "--root", str(desk.machine.root), "--json").json
    assert found["counts"] == {"login": 1}
    assert found["newest"][0]["data"]["from"] == "10.0.0.5"


def test_a_file_that_is_not_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.refused("ingest", "journal", "--file", str(tmp_path / "none"))


def test_a_file_that_an_ssh_that_failed_left_empty(desk: Desk) -> None:
    with process(desk.home, "ingest", "journal", "--file", "-", stdin=subprocess.PIPE) as started:
        out, err = started.communicate("", timeout=60)
    assert (started.returncode, out) == (3, "Nothing new.\n")
    assert "standard input: it is empty" in err


def test_roots_that_cannot_be_are_refused(desk: Desk, tmp_path: Path) -> None:
    for verb in ("packages", "processes", "journal"):
        assert "there is no directory" in desk.refused("ingest", verb, "--root", str(tmp_path / "none"))
        assert "has not come yet" in desk.refused("ingest", verb, "--since", "2099-01-01T00:00Z")
    desk("host", "add", "hv-02")
    assert "they are recorded as hv-02's, as asked" in desk("ingest", "packages", "--host", "hv-02", code=None).err
    (tmp_path / "empty").mkdir()
    assert "holds no package manager's records" in desk("ingest", "packages", "--root", str(tmp_path / "empty"), code=3).err
