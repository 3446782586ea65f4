"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.52,
        "automatic": 0.13,
        "blast-radius": 1.12,
        "breadth": 1.0,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.53,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.44,
        "distance": 0.32,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -1.04,
        "harmless-kind": -0.39,
        "in-freeze": 0.3,
        "lacks-companion": 0.27,
        "latent": 1.45,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.66,
        "maybe-afterwards": -0.49,
        "more-room": -0.71,
        "names-everything": -0.1,
        "never-changed": 0.38,
        "new-author": 0.15,
        "out-of-use": -0.76,
        "outside-window": 0.1,
        "part-of-many": 0.04,
        "peer-comparison": 2.0,
        "peers-differ": 0.47,
        "provider-trouble": 1.26,
        "reaches-healthy": -0.56,
        "restart-pending": 1.08,
        "risk-class": 0.33,
        "rolled-back": 0.18,
        "routine": -0.66,
        "said-to-work": -0.29,
        "several-hosts": 0.55,
        "shared-with-working": -2.0,
        "stopped": 0.29,
        "symptom-place": 0.29,
        "symptom-subject": 1.17,
        "time-before-onset": 2.98,
        "transient": -0.45,
        "undeclared-paths": 0.35,
        "under-way": 0.36,
        "unfinished": 0.2,
        "unlogged": 0.74,
        "unticked-relevant": 0.42,
        "usual-work": -0.48,
    }
)

UNRECORDED: Mapping[str, float] = MappingProxyType(
    {
        "always": 2.51,
        "candidates": 0.09,
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
