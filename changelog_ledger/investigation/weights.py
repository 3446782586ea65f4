"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.98,
        "automatic": 0.05,
        "blast-radius": 0.5,
        "breadth": 0.78,
        "changes-often": -0.6,
        "cleared": -3.0,
        "common": -0.75,
        "confirmed": 3.0,
        "cosmetic": -0.6,
        "declared-risk": 0.32,
        "distance": 0.46,
        "emergency": 0.0,
        "everywhere": 0.02,
        "failed": 0.0,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": 0.0,
        "harmless-kind": -0.15,
        "in-freeze": 0.3,
        "lacks-companion": 0.29,
        "latent": 0.76,
        "logged-after": 0.1,
        "major-version": 0.58,
        "maybe-afterwards": -0.22,
        "more-room": -1.16,
        "names-everything": -0.1,
        "never-changed": 0.17,
        "new-author": 0.09,
        "out-of-use": -0.75,
        "outside-window": 0.0,
        "peer-comparison": 0.8,
        "peers-differ": 0.56,
        "peers-same": -0.2,
        "reaches-healthy": -0.3,
        "restart-pending": 1.88,
        "risk-class": 0.13,
        "rolled-back": 0.0,
        "routine": -0.45,
        "said-to-work": -0.41,
        "several-hosts": 0.27,
        "stopped": 0.13,
        "symptom-place": 0.23,
        "symptom-subject": 1.41,
        "symptom-words": 0.0,
        "time-before-onset": 3.19,
        "transient": -0.43,
        "undeclared-paths": 0.35,
        "under-way": 0.22,
        "undoes-earlier": 0.0,
        "unfinished": 0.2,
        "unlogged": 0.77,
        "unlogged-event": 0.18,
        "unticked": 0.44,
        "unticked-relevant": 0.31,
    }
)

FIRST: Mapping[str, float] = MappingProxyType(
    {
        "against": -0.39,
        "constant": -2.35,
        "gap": 1.43,
        "near": -0.89,
        "rivals": -0.12,
        "share": 1.61,
        "symptom": 0.13,
        "total": 0.37,
    }
)
"""Signal → weight: the logistic of their sum is the chance that the first suspect is the cause."""

ANYTHING: Mapping[str, float] = MappingProxyType(
    {
        "against": 0.02,
        "constant": -2.04,
        "gap": 0.02,
        "near": -0.13,
        "rivals": 0.1,
        "share": 0.03,
        "symptom": 0.18,
        "total": 0.95,
    }
)
"""Signal → weight: the logistic of their sum is the chance that the cause is among the suspects at all."""

CLEAR = 0.8
LIKELY = 0.5
"""The chance of the first suspect from which on the verdict is called so."""

NOTHING = 0.78
"""The chance that the cause is among the suspects, below which nothing in the record explains the trouble."""
