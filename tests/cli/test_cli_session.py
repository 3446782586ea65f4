"""How wide and colourful the answers are: as what will show them."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from changelog_ledger.cli import session
from changelog_ledger.cli.main import run

from ..workflows.world import HOST
from .conftest import Desk

ASKING = "from changelog_ledger.cli.session import Session; print(Session(None).style())"


@pytest.fixture
def narrow() -> Iterator[int]:
    """A terminal of 40 columns."""
    theirs, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    yield ours
    os.close(ours)
    os.close(theirs)


def style(**streams: int) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    return subprocess.run(
        [sys.executable, "-c", ASKING], env=environment, timeout=60, check=True, **{"stdout": subprocess.PIPE, **streams}
    ).stdout.decode()


def test_before_a_pager_it_is_as_wide_as_the_terminal_that_stderr_still_is(narrow: int) -> None:
    said = style(stderr=narrow)
    assert "width=40" in said
    assert "colour=False" in said


def test_where_there_is_no_terminal_it_is_80_columns_wide() -> None:
    assert "width=80" in style(stderr=subprocess.DEVNULL)


def test_a_file_may_be_read_anywhere(narrow: int, tmp_path: object) -> None:
    with open(f"{tmp_path}/said", "w+b") as file:
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        subprocess.run([sys.executable, "-c", ASKING], env=environment, timeout=60, check=True, stdout=file, stderr=narrow)
        file.seek(0)
        assert b"width=80" in file.read()


def test_errors_hints_and_warnings_show_the_clock_of_who_reads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pendulum.tz.local_timezone", lambda: ZoneInfo("Europe/Berlin"))
    desk.snapshot("10:00")
    freeze = desk("freeze", "add", "Quarter end", "--start", "2098-12-06T02:00Z", "--end", "2098-12-06T05:00Z").out.strip()

    def said(*arguments: str) -> str:
        run(["--home", str(desk.home), *arguments])
        return desk.capsys.readouterr().err

    error = said("cat", HOST, "/etc/hosts", "--at", "2025-01-02T10:00Z")
    assert "had no snapshot yet at Thu 2 Jan 2025 11:00:00 +01:00\n" in error
    assert " of 2025-06-02T12:00:00+02:00: give that time" in error
    assert "yet at Thu 2 Jan 2025 10:00:00 +00:00\n" in said("--utc", "cat", HOST, "/etc/hosts", "--at", "2025-01-02T10:00Z")
    warning = said("change", "plan", "Raise limit", "--on", HOST, "--start", "2098-12-06T03:00Z", "--for", "1h")
    assert f"warning: {freeze} 'Quarter end' freezes changes from Sat 6 Dec 2098 03:00:00 +01:00 until Sat 6 Dec 2098 06:00:00 +01:00" in warning


def test_finding_the_zone_is_left_where_a_sentence_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "readers_zone", lambda **_: pytest.fail("nobody needs it"))
    assert session.in_readers_words("it has nothing to go back to") == "it has nothing to go back to"
