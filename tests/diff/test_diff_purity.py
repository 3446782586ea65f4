"""What import-linter cannot see: the pure stages open no file and ask no clock; and only one module knows deepdiff."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import changelog_ledger.diff
import changelog_ledger.formats

SOURCES = [path for stage in (changelog_ledger.diff, changelog_ledger.formats) for path in Path(str(stage.__file__)).parent.glob("*.py")]
FORBIDDEN_CALLS = {"open", "now", "today", "utcnow", "print", "input", "exec", "eval"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_pure_module_touches_nothing(source: Path) -> None:
    nodes = list(ast.walk(ast.parse(source.read_text())))
    called = {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in nodes if isinstance(node, ast.Call)}
    assert not called & FORBIDDEN_CALLS
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert "deepdiff" not in imported or source.name == "semantic.py"
