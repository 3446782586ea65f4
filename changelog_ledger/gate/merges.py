"""What of a merge is its own: more than git makes of both sides without asking anybody.

A revert is a merge too: of what is there and of what was before the reverted commit, on the base of that commit (git-revert(1) works so).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from changelog_ledger.model.gate import Side


class Outcome(Enum):
    """What a merge made of one path: what follows from its sides, more than that, or something that only the contents can tell."""

    FOLLOWS = "follows"
    OWN = "own"
    BY_CONTENT = "by-content"


def outcome(result: Side | None, sides: Sequence[Side | None], base: Side | None) -> Outcome:
    """The three-way rule by ids (git-merge(1)): where one side altered the path and the other did not, the altered one is taken.

    :param sides: what each parent has; ``base`` what they come from.
    """
    altered = [side for number, side in enumerate(sides) if side != base and side not in sides[:number]]
    if not altered:
        return Outcome.FOLLOWS if result == base else Outcome.OWN
    if len(altered) == 1:
        return Outcome.FOLLOWS if result == altered[0] else Outcome.OWN
    if result is None or base is None or any(side is None for side in sides):
        return Outcome.OWN
    return Outcome.BY_CONTENT  # also where it is as one side has it: that one may hold all that the other altered
