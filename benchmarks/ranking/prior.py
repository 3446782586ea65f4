"""What the reasons were thought to weigh before anything was fitted: the fit is drawn towards it where cases say little, and keeps its signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

PRIOR: Mapping[str, float] = MappingProxyType(
    {
        "automatic": 0.15,
        "blast-radius": 0.5,
        "breadth": 0.3,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.5,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.3,
        "distance": 0.45,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -0.6,
        "harmless-kind": -0.45,
        "in-freeze": 0.3,
        "lacks-companion": 0.3,
        "latent": 1.2,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.45,
        "maybe-afterwards": -0.6,
        "more-room": -0.3,
        "names-everything": -0.1,
        "never-changed": 0.25,
        "out-of-use": -0.2,
        "peer-comparison": 2.0,
        "peers-differ": 0.6,
        "provider-trouble": 0.8,
        "reaches-healthy": -0.3,
        "restart-pending": 0.3,
        "routine": -0.7,
        "said-to-work": -0.2,
        "several-hosts": 0.3,
        "shared-with-working": -2.0,
        "symptom-subject": 1.2,
        "time-before-onset": 2.0,
        "transient": -0.4,
        "undeclared-paths": 0.35,
        "under-way": 0.2,
        "unfinished": 0.2,
        "unlogged": 1.0,
        "unticked-relevant": 0.25,
        "usual-work": -0.3,
    }
)

OF_UNRECORDED: Mapping[str, float] = MappingProxyType({"always": 3.0, "candidates": 0.0, "no-symptom": 0.0, "pace": 0.0, "watched": 0.0})
"""The same for the signals of what is not recorded; where it is 0, the fit may give them either sign."""

UNKNOWN = 0.2
"""What a reason that is not listed is thought to weigh."""


def prior_of(codes: Sequence[str]) -> NDArray[np.float64]:
    """What each reason was thought to weigh."""
    return np.array([PRIOR.get(code, OF_UNRECORDED.get(code, UNKNOWN)) for code in codes])
