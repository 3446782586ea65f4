"""What somebody explained by hand, found again when a file is read by another parser.

The id of a delta follows from its key, and a better parser gives better keys: ``line 12`` becomes ``filter/INPUT[3]``. So an explanation says
not only which evidence it means, but where that stood: snapshot, path, lines. That is what a rebuild goes by where the id is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from changelog_ledger.model.evidence import Op, RecordedDelta

_LINES = re.compile(r"lines? (\d+)(?:-(\d+))?")


def place_of(delta: RecordedDelta) -> dict[str, Any]:
    """Where a delta stood, as an explanation's fact says it."""
    first, last = _span(delta.delta.key, delta.delta.line)
    return {"snapshot": delta.snapshot, "path": delta.delta.path, "op": str(delta.delta.op), "lines": [first, last] if first else None}


def standing_there(place: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of those deltas that stand where the place says.

    :param rows: of the place's snapshot and path: ``id``, ``key``, ``op``, ``line``.
    """
    return [row["id"] for row in rows if _is_there(place, row)]


def _is_there(place: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    first, last = _span(row["key"], row["line"])
    if place["lines"] is None or not first:
        return place["lines"] is None and not first and place["op"] == row["op"]
    begin, end = place["lines"]
    return bool(first <= end and begin <= last) and not _on_other_sides(place["op"], row["op"])


def _on_other_sides(one: str, other: str) -> bool:
    """What was removed stands in the file before, what was added in the file after; a changed line may be read as either."""
    return {one, other} == {Op.REMOVED, Op.ADDED}


def _span(key: str | None, line: int | None) -> tuple[int, int]:
    """The lines that a delta speaks of; zeros where it speaks of the file as a whole."""
    found = _LINES.fullmatch(key or "")
    if found:
        return int(found[1]), int(found[2] or found[1])
    return (line, line) if line else (0, 0)
