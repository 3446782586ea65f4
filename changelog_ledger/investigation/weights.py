"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.52,
        "automatic": 0.12,
        "blast-radius": 1.12,
        "breadth": 0.98,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.52,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.43,
        "distance": 0.33,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -0.74,
        "harmless-kind": -0.38,
        "in-freeze": 0.3,
        "lacks-companion": 0.27,
        "latent": 1.42,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.65,
        "maybe-afterwards": -0.5,
        "more-room": -0.71,
        "names-everything": -0.1,
        "never-changed": 0.37,
        "new-author": 0.16,
        "only-anew": -0.51,
        "out-of-use": -0.77,
        "outside-window": 0.09,
        "part-of-many": 0.06,
        "peer-comparison": 2.0,
        "peers-differ": 0.47,
        "provider-trouble": 1.25,
        "reaches-healthy": -0.57,
        "restart-pending": 1.07,
        "risk-class": 0.34,
        "rolled-back": 0.18,
        "routine": -0.66,
        "said-to-work": -0.3,
        "several-hosts": 0.57,
        "shared-with-working": -2.0,
        "stopped": 0.32,
        "symptom-place": 0.31,
        "symptom-subject": 1.17,
        "time-before-onset": 3.02,
        "transient": -0.45,
        "undeclared-paths": 0.35,
        "under-way": 0.35,
        "unfinished": 0.2,
        "unlogged": 0.73,
        "unticked-relevant": 0.42,
        "usual-work": -0.5,
    }
)

UNRECORDED: Mapping[str, float] = MappingProxyType(
    {
        "always": 2.52,
        "candidates": 0.09,
        "no-symptom": -0.35,
        "pace": 0.45,
        "watched": 0.36,
    }
)
"""Signal → weight: what something that is not recorded sums up to."""

CLEAR = 0.8
LIKELY = 0.5
"""The chance of the first suspect from which on the verdict is called so."""

NOTHING = 0.41
"""The chance of something unrecorded from which on nothing in the record explains the trouble."""
