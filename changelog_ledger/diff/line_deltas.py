"""Deltas by lines, for files that were not parsed to keys."""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.diff.hunks import Hunk, hunks
from changelog_ledger.diff.text import shown
from changelog_ledger.model.evidence import Delta, Op

MOST_LINES = 5_000
"""Differing lines beyond which a summary takes the place of the hunks."""


def line_deltas(path: str, before: Sequence[str], after: Sequence[str], note: str = "") -> tuple[Delta, ...]:
    """One delta a hunk, keyed ``line 12`` or ``lines 12-15`` (of the side after; of the side before for what was removed)."""
    found = hunks(before, after)
    if sum(hunk.size for hunk in found) > MOST_LINES:
        return (_summary(path, found, len(before), len(after), note),)
    return tuple(_delta(path, hunk, before, after, note) for hunk in found)


def _delta(path: str, hunk: Hunk, before: Sequence[str], after: Sequence[str], note: str) -> Delta:
    old, new = before[hunk.start : hunk.end], after[hunk.other_start : hunk.other_end]
    first, last = (hunk.other_start + 1, hunk.other_end) if new else (hunk.start + 1, hunk.end)
    key = f"line {first}" if first == last else f"lines {first}-{last}"
    op = Op.CHANGED if old and new else Op.ADDED if new else Op.REMOVED
    return Delta(path, key, op, _text(old), _text(new), first, note)


def _text(lines: Sequence[str]) -> str | None:
    text: str | None = shown("\n".join(lines)) if lines else None
    return text


def _summary(path: str, found: list[Hunk], before: int, after: int, note: str) -> Delta:
    removed = sum(hunk.end - hunk.start for hunk in found)
    added = sum(hunk.other_end - hunk.other_start for hunk in found)
    said = f"{removed:,} lines went and {added:,} came in {len(found):,} places: too many to list"
    return Delta(path, None, Op.OPAQUE, {"lines": before}, {"lines": after}, found[0].other_start + 1, "; ".join(filter(None, (note, said))))
