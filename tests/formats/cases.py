"""The corpus of ``tests/cases/FORMAT/CASE/{before,after,expected.json}``: two versions of a file, and what a person is to read of them.

``expected.json``: ``{"path": "/etc/hosts", "deltas": [{"key": …, "op": …, "before": …, "after": …, "line": …, "note": …}]}``; what is None is
left out. With ``LEDGER_REWRITE_GOLDEN=1`` the deltas are written anew (and then have to be read: they are the claim).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from changelog_ledger.diff import differences
from changelog_ledger.formats import parse
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.evidence import Delta

CASES = Path(__file__).parents[1] / "cases"


@dataclass(frozen=True)
class Case:
    """One folder of the corpus."""

    folder: Path

    @property
    def format(self) -> str:
        return self.folder.parent.name

    @property
    def path(self) -> str:
        return str(json.loads((self.folder / "expected.json").read_text())["path"])

    @property
    def before(self) -> bytes:
        return (self.folder / "before").read_bytes()

    @property
    def after(self) -> bytes:
        return (self.folder / "after").read_bytes()

    @property
    def expected(self) -> list[dict[str, Any]]:
        deltas: list[dict[str, Any]] = json.loads((self.folder / "expected.json").read_text())["deltas"]
        return deltas

    def found(self) -> list[dict[str, Any]]:
        """What the comparison finds now."""
        return described(differences(self.path, version(self.path, self.before), version(self.path, self.after)))

    def rewrite(self) -> None:
        """Write what is found as what is expected."""
        text = json.dumps({"path": self.path, "deltas": self.found()}, indent=2, ensure_ascii=False)
        (self.folder / "expected.json").write_text(text + "\n")


def version(path: str, data: bytes) -> FileVersion:
    return FileVersion(data, parse(path, data))


def described(deltas: Sequence[Delta]) -> list[dict[str, Any]]:
    return [_described(delta) for delta in deltas]


def _described(delta: Delta) -> dict[str, Any]:
    fields = {"key": delta.key, "op": str(delta.op), "before": delta.before, "after": delta.after, "line": delta.line, "note": delta.note or None}
    return {name: value for name, value in fields.items() if value is not None}


def all_cases() -> list[Case]:
    return [Case(expected.parent) for expected in sorted(CASES.glob("*/*/expected.json"))]
