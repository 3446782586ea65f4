"""What a reason finds in a candidate: how much of it there is, and the sentence that says so. What it weighs is another matter."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One reason's answer about one candidate; tens of thousands are made for a question.

    :ivar code: which reason; its weight stands in :mod:`~changelog_ledger.investigation.weights`.
    :ivar value: how much of it there is, 0 to 1; never below 0, for the weight says whether it speaks for or against.
    :ivar text: a sentence for people.
    """

    code: str
    value: float
    text: str
