"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.62,
        "automatic": 0.33,
        "blast-radius": 0.5,
        "breadth": 1.11,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.28,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.41,
        "distance": 0.3,
        "emergency": 0.0,
        "everywhere": 0.0,
        "failed": 0.0,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -0.49,
        "harmless-kind": -0.52,
        "in-freeze": 0.3,
        "lacks-companion": 0.2,
        "latent": 2.39,
        "logged-after": 0.1,
        "looks-like-repair": -1.5,
        "major-version": 0.98,
        "maybe-afterwards": -0.36,
        "more-room": -0.65,
        "names-everything": -0.1,
        "never-changed": 0.33,
        "new-author": 0.03,
        "out-of-use": -0.76,
        "outside-window": 0.0,
        "part-of-many": 0.03,
        "peer-comparison": 2.0,
        "peers-differ": 0.38,
        "peers-same": 0.0,
        "provider-trouble": 1.45,
        "reaches-healthy": -0.3,
        "restart-pending": 1.23,
        "risk-class": 0.36,
        "rolled-back": 0.11,
        "routine": -0.82,
        "said-to-work": -0.31,
        "several-hosts": 0.51,
        "shared-with-working": -2.0,
        "stopped": 0.38,
        "symptom-place": 0.22,
        "symptom-subject": 1.45,
        "symptom-words": 0.0,
        "time-before-onset": 2.78,
        "transient": -0.27,
        "undeclared-paths": 0.35,
        "under-way": 0.09,
        "undoes-earlier": 0.07,
        "unfinished": 0.2,
        "unlogged": 0.85,
        "unlogged-event": 0.08,
        "unticked": 0.35,
        "unticked-relevant": 0.22,
    }
)

FIRST: Mapping[str, float] = MappingProxyType(
    {
        "against": -0.25,
        "constant": -3.32,
        "gap": 1.05,
        "near": 0.29,
        "rivals": -0.14,
        "share": 1.13,
        "symptom": -0.37,
        "total": 0.7,
    }
)
"""Signal → weight: the logistic of their sum is the chance that the first suspect is the cause."""

ANYTHING: Mapping[str, float] = MappingProxyType(
    {
        "against": -0.47,
        "constant": -0.86,
        "gap": -0.63,
        "near": 0.98,
        "rivals": -0.84,
        "share": 0.62,
        "symptom": -0.05,
        "total": 1.39,
    }
)
"""Signal → weight: the logistic of their sum is the chance that the cause is among the suspects at all."""

CLEAR = 0.8
LIKELY = 0.5
"""The chance of the first suspect from which on the verdict is called so."""

NOTHING = 0.62
"""The chance that the cause is among the suspects, below which nothing in the record explains the trouble."""

MIDDLE = 2.84
STEEPNESS = 2.18
"""Of the score: the sum that culprits and innocents have equally often, and how fast it tips beyond."""
