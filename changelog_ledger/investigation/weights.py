"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "anomaly": 0.2,
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
        "emergency": 0.25,
        "everywhere": 0.1,
        "failed": 0.25,
        "former-incident": 0.6,
        "formerly-cleared": -0.4,
        "gave-effect": -0.6,
        "harmless-kind": -0.45,
        "in-freeze": 0.3,
        "lacks-companion": 0.3,
        "latent": 1.2,
        "logged-after": 0.1,
        "major-version": 0.45,
        "maybe-afterwards": -0.6,
        "more-room": -0.3,
        "names-everything": -0.1,
        "never-changed": 0.25,
        "new-author": 0.15,
        "out-of-use": -0.2,
        "outside-window": 0.2,
        "peer-comparison": 0.8,
        "peers-differ": 0.35,
        "peers-same": -0.15,
        "reaches-healthy": -0.3,
        "restart-pending": 0.3,
        "risk-class": 0.2,
        "rolled-back": 0.2,
        "routine": -0.7,
        "said-to-work": -0.2,
        "several-hosts": 0.3,
        "stopped": 0.35,
        "symptom-place": 0.2,
        "symptom-subject": 0.8,
        "symptom-words": 0.4,
        "time-before-onset": 1.6,
        "transient": -0.4,
        "undeclared-paths": 0.35,
        "under-way": 0.2,
        "undoes-earlier": 0.3,
        "unfinished": 0.2,
        "unlogged": 0.7,
        "unlogged-event": 0.15,
        "unticked": 0.3,
        "unticked-relevant": 0.25,
    }
)

FIRST: Mapping[str, float] = MappingProxyType({"constant": -2.0, "gap": 2.0, "share": 2.0, "symptom": 0.5, "total": 0.3})
"""Signal → weight: the logistic of their sum is the chance that the first suspect is the cause."""

ANYTHING: Mapping[str, float] = MappingProxyType({"constant": -2.0, "gap": 1.0, "share": 1.0, "symptom": 1.0, "total": 0.7})
"""Signal → weight: the logistic of their sum is the chance that the cause is among the suspects at all."""

CLEAR = 0.8
LIKELY = 0.5
"""The chance of the first suspect from which on the verdict is called so."""

NOTHING = 0.3
"""The chance that the cause is among the suspects, below which nothing in the record explains the trouble."""
