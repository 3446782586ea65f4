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

import pytest

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
