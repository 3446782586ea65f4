"""Where two lists of lines differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from changelog_ledger.diff.alignment import aligned


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``start:end`` before became lines ``other_start:other_end`` after (indices from 0); either may be empty."""

    start: int
    end: int
    other_start: int
    other_end: int

    @property
    def size(self) -> int:
        """How many lines it touches on both sides."""
        return self.end - self.start + self.other_end - self.other_start


def hunks(before: Sequence[str], after: Sequence[str]) -> list[Hunk]:
    """The stretches that differ, in their order."""
    found = []
    start, other_start = 0, 0
    for end, other_end in [*aligned(before, after), (len(before), len(after))]:
        if end > start or other_end > other_start:
            found.append(Hunk(start, end, other_start, other_end))
        start, other_start = end + 1, other_end + 1
    return found
