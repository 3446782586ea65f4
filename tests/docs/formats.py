"""``docs/reference/formats.md``, written from the corpus: ``python -m tests.docs.formats``. A test keeps it as the corpus is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from changelog_ledger.formats import known_formats
from changelog_ledger.reports.values import value_text
from tests.formats.cases import Case, all_cases

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "formats.md"
_MOST_PATHS = 3
_LONGEST = 36

_HEAD = """\
# Formats

What `ledger` reads by keys. Which format a file is in follows from its path, else from its content; [`[[formats]]`](configuration.md) in
`ledger.toml` overrides that, and `--as FORMAT` for the two files of `ledger diff --files`. Everything else that is text is compared by lines, and
so is a file that is not what its name says: the reason stands in the difference. Binary files are compared by size and hash. How to add one:
[Add a format](../how-to/add-a-format.md).

Written by `python -m tests.docs.formats` from `tests/cases`: places are examples of where such files lie, the last column is one of the
differences there.

| format | for example | a difference reads |
|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    cases: dict[str, list[Case]] = {}
    for case in all_cases():
        cases.setdefault(case.format, []).append(case)
    return _HEAD + "".join(_row(name, cases[name]) for name in known_formats())


def _row(name: str, cases: list[Case]) -> str:
    paths = list(dict.fromkeys(case.path for case in cases))[:_MOST_PATHS]
    return f"| `{name}` | {' '.join(f'`{path}`' for path in paths)} | {_difference(cases)} |\n"


def _difference(cases: list[Case]) -> str:
    deltas = [delta for case in cases for delta in case.expected if delta["op"] == "changed" and delta.get("key")]
    short = [delta for delta in deltas if _is_short(delta)] or deltas
    delta = min(short, key=lambda delta: (not _is_short(delta), len(delta["key"]) > 2 * _LONGEST, -len(delta["key"])))
    said = f"{delta['key']}: {value_text(delta['before'])} → {value_text(delta['after'])}"
    return f"`{said}`".replace("|", "\\|")


def _is_short(delta: dict[str, Any]) -> bool:
    return all(len(value_text(delta[side])) <= _LONGEST for side in ("before", "after"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
