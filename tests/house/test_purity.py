"""The pure stages and the model open no file, read no clock and print nothing. (What they may import, import-linter watches.)"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import changelog_ledger

PACKAGE = Path(changelog_ledger.__file__).parent
PURE = ("model", "redaction", "formats", "diff", "changes", "investigation", "reports")
CLOCKS = {"now", "utcnow", "today", "local_timezone"}
SYSTEM = {"open", "print", "input", "exec", "eval", "breakpoint"}


def impure_calls(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
                yield f"line {node.lineno}: {ast.unparse(node.func)}()"
            if isinstance(node.func, ast.Name) and node.func.id in SYSTEM:
                yield f"line {node.lineno}: {node.func.id}()"


@pytest.mark.parametrize("stage", PURE)
def test_a_pure_stage_calls_neither_clock_nor_system(stage: str) -> None:
    modules = sorted((PACKAGE / stage).rglob("*.py"))
    assert modules
    found = {f"{path.relative_to(PACKAGE)} {call}" for path in modules for call in impure_calls(path.read_text(encoding="utf-8"))}
    assert found == set()


def test_the_check_sees_what_it_should() -> None:
    source = "import datetime\ndatetime.datetime.now()\nopen('x')\nprint(1)\n"
    assert list(impure_calls(source)) == ["line 2: datetime.datetime.now()", "line 3: open()", "line 4: print()"]
