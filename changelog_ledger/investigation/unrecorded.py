"""The suspect that is in no record: how likely it is that the cause is none of what changed as far as is known.

In a choice among candidates it is the alternative outside of them (the outside option of discrete-choice models, McFadden 1974): it gets a sum of
weights like everybody, from what the question looks like rather than from evidence against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from changelog_ledger.investigation.complaint import understood
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.report import Scoring

SHARPNESS = 3.0
"""So many times a sum of weights is the logarithm of a strength: it fixes the scale on which weights are written."""

_SCALE = 5.0


def signals(material: Material, candidates: int) -> Mapping[str, float]:
    """What the calibration of it looks at.

    ``always`` 1; ``no-symptom`` whether nobody said in words of a field what fails; ``candidates`` the logarithm of how many there are, ``pace`` of
    how many a day; ``watched`` whether anything else was seen working or failing since.
    """
    window = material.window
    days = max(0.1, ((window.onset or window.until) - window.since).total_seconds() / 86400)
    others = [target for target in material.history.health if target != material.target]
    return {
        "always": 1.0,
        "no-symptom": 0.0 if understood(material.symptom).subjects else 1.0,
        "candidates": math.log1p(candidates) / _SCALE,
        "pace": math.log1p(candidates / days) / _SCALE,
        "watched": 1.0 if others else 0.0,
    }


def sum_of(signs: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The sum of weights of something that is not recorded, to three places."""
    return round(math.fsum(weights.get(name, 0.0) * value for name, value in signs.items()), 3)


def scoring_of(totals: Sequence[float], unrecorded: float) -> Scoring:
    """How sums become scores in a question: each its share by softmax, beside the others and something that is not recorded."""
    most = max((unrecorded, *totals))
    strength = math.fsum(math.exp(SHARPNESS * (total - most)) for total in (unrecorded, *totals))
    return Scoring(round(most + math.log(strength) / SHARPNESS, 3), SHARPNESS)
