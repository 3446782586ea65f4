"""What the pages about the recent-changes log and about announcements show can be run as it stands there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog_ledger import Ledger
from changelog_ledger.cli.main import run

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
NAMES = ["recent-changes.md", "tell-the-users.md"]
SHOWN = "CHG-7K3M9Q"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the bank's change, and the template of the page."""
    home = tmp_path / "home"
    with Ledger.init(home, host="web-01", actor="anna") as ledger:
        ledger.add_service("shop", runs_on=["web-01"])
        ledger.plan("Core banking: database upgrade", ["web-01"], affects=["shop"], backout="back", ticket="OPS-1142")
        ledger.good("shop", source="smoke test")
    (home / "templates").mkdir()
    template = next(block for block in blocks("tell-the-users.md", "") if block.startswith("Dear partners"))
    (home / "templates" / "announce-partners.txt").write_text(template, encoding="utf-8")
    return home


@pytest.fixture
def identity(home: Path) -> Iterator[str]:
    with Ledger.open(home) as ledger:
        yield ledger.changes()[0].id


@pytest.mark.parametrize("page", NAMES)
def test_the_commands_run(page: str, home: Path, identity: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line for block in blocks(page, "sh") for line in block.splitlines()]
    assert len(commands) >= 4
    for command in commands:
        words = shlex.split(command.replace(SHOWN, identity))
        assert words[0] == "ledger"
        assert run(["--home", str(home), *words[1:]]) == 0, capsys.readouterr().err
        assert capsys.readouterr().out


@pytest.mark.parametrize("page", NAMES)
def test_the_python_runs(page: str, home: Path, identity: str) -> None:
    found = blocks(page, "python")
    assert len(found) >= 2
    with Ledger.open(home) as ledger:
        for block in found:
            exec(compile(block.replace(SHOWN, identity), page, "exec"), {"ledger": ledger})


def test_the_message_that_is_shown_is_the_one_that_is_written() -> None:
    golden = Path(__file__).parents[1] / "reports" / "golden" / "announce-before.txt"
    assert golden.read_text(encoding="utf-8") in blocks("tell-the-users.md", "")


def test_the_rule_of_empty_lines_is_as_the_page_says(home: Path, identity: str) -> None:
    with Ledger.open(home) as ledger:
        said = ledger.announce(identity, template="partners")
    assert said == "Dear partners,\n\non  we work on shop.\nReference: OPS-1142\nThe old prices ($5) stay.\n"
