"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.52,
        "automatic": 0.08,
        "blast-radius": 1.12,
        "breadth": 0.97,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.52,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.41,
        "distance": 0.34,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -0.76,
        "harmless-kind": -0.39,
        "in-freeze": 0.3,
        "lacks-companion": 0.27,
        "latent": 1.43,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.66,
        "maybe-afterwards": -0.5,
        "more-room": -0.71,
        "names-everything": -0.1,
        "never-changed": 0.36,
        "only-anew": -0.49,
        "out-of-use": -0.78,
        "outside-window": 0.08,
        "part-of-many": 0.08,
        "peer-comparison": 2.0,
        "peers-differ": 0.46,
        "provider-trouble": 1.24,
        "reaches-healthy": -0.57,
        "restart-pending": 1.08,
        "risk-class": 0.33,
        "rolled-back": 0.18,
        "routine": -0.67,
        "said-to-work": -0.28,
        "several-hosts": 0.58,
        "shared-with-working": -2.0,
        "symptom-place": 0.33,
        "symptom-subject": 1.15,
        "time-before-onset": 3.01,
        "transient": -0.45,
        "undeclared-paths": 0.35,
        "under-way": 0.33,
        "unfinished": 0.2,
        "unlogged": 0.72,
        "unticked-relevant": 0.44,
        "usual-work": -0.51,
    }
)

UNRECORDED: Mapping[str, float] = MappingProxyType(
    {
        "always": 2.51,
        "candidates": 0.08,
        "no-symptom": -0.34,
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
