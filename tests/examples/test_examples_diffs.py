"""The pairs of ``examples/diffs``: what ``ledger diff --files`` says of each, byte for byte. They are to read so that who knows the format nods."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from changelog_ledger.cli.main import run

DIFFS = Path(__file__).parents[2] / "examples" / "diffs"
PAIRS = sorted(path.parent.name for path in DIFFS.glob("*/before"))


def _only_file(folder: Path) -> Path:
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    return file


def test_there_are_thirty() -> None:
    assert len(PAIRS) >= 30


@pytest.mark.parametrize("name", PAIRS)
def test_the_difference_reads_as_written_down(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DIFFS / name)
    monkeypatch.setenv("COLUMNS", "80")
    before, after = (_only_file(DIFFS / name / side).relative_to(DIFFS / name) for side in ("before", "after"))
    shown = str(after.relative_to("after"))
    assert run(["diff", "--files", str(before), str(after), "--path", f"/{shown}"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    golden = Path("diff.txt")
    if os.environ.get("LEDGER_REWRITE_GOLDEN"):
        golden.write_text(said.out)
    assert said.out == golden.read_text()
