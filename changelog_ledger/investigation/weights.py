"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "automatic": 0.07,
        "blast-radius": 1.4,
        "breadth": 1.14,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.57,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.4,
        "distance": 0.39,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -1.2,
        "harmless-kind": -0.32,
        "in-freeze": 0.3,
        "lacks-companion": 0.25,
        "latent": 1.82,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.64,
        "maybe-afterwards": -0.47,
        "more-room": -1.02,
        "names-everything": -0.1,
        "never-changed": 0.27,
        "out-of-use": -0.78,
        "peer-comparison": 2.0,
        "peers-differ": 0.34,
        "provider-trouble": 1.57,
        "reaches-healthy": -0.42,
        "restart-pending": 1.56,
        "routine": -0.82,
        "said-to-work": -0.49,
        "several-hosts": 0.59,
        "shared-with-working": -2.0,
        "symptom-subject": 1.54,
        "time-before-onset": 3.27,
        "transient": -0.55,
        "undeclared-paths": 0.35,
        "under-way": 0.64,
        "unfinished": 0.2,
        "unlogged": 0.83,
        "unticked-relevant": 0.93,
        "usual-work": -0.87,
    }
)

UNRECORDED: Mapping[str, float] = MappingProxyType(
    {
        "always": 1.99,
        "candidates": 0.17,
        "no-symptom": -0.22,
        "pace": 0.91,
        "watched": 0.71,
    }
)
"""Signal → weight: what something that is not recorded sums up to."""

CLEAR = 0.8
LIKELY = 0.5
"""The chance of the first suspect from which on the verdict is called so."""

NOTHING = 0.38
"""The chance of something unrecorded from which on nothing in the record explains the trouble."""
