"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.63,
        "automatic": 0.06,
        "blast-radius": 1.38,
        "breadth": 1.13,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.58,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.47,
        "distance": 0.28,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -0.92,
        "harmless-kind": -0.29,
        "in-freeze": 0.3,
        "lacks-companion": 0.25,
        "latent": 1.75,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.66,
        "maybe-afterwards": -0.54,
        "more-room": -1.08,
        "names-everything": -0.1,
        "never-changed": 0.43,
        "only-anew": -0.5,
        "out-of-use": -0.91,
        "peer-comparison": 2.0,
        "peers-differ": 0.36,
        "provider-trouble": 1.53,
        "reaches-healthy": -0.65,
        "restart-pending": 1.54,
        "risk-class": 0.24,
        "rolled-back": 0.12,
        "routine": -0.76,
        "said-to-work": -0.48,
        "several-hosts": 0.6,
        "shared-with-working": -2.0,
        "symptom-place": 0.29,
        "symptom-subject": 1.51,
        "time-before-onset": 3.35,
        "transient": -0.51,
        "undeclared-paths": 0.35,
        "under-way": 0.47,
        "unfinished": 0.2,
        "unlogged": 0.69,
        "unticked-relevant": 0.78,
        "usual-work": -0.86,
    }
)

UNRECORDED: Mapping[str, float] = MappingProxyType(
    {
        "always": 2.32,
        "candidates": 0.1,
        "no-symptom": -0.46,
        "pace": 0.81,
        "watched": 0.6,
    }
)
"""Signal → weight: what something that is not recorded sums up to."""

CLEAR = 0.8
LIKELY = 0.5
"""The chance of the first suspect from which on the verdict is called so."""

NOTHING = 0.39
"""The chance of something unrecorded from which on nothing in the record explains the trouble."""
