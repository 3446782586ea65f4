"""What ``ledger show`` has to say of one id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from changelog_ledger.model.change import Change, Freeze
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.incident import Incident
from changelog_ledger.model.schedule import WindowState
from changelog_ledger.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """One difference or observation by itself, judged as it is now.

    :ivar data: of an observation, what its record says besides.
    """

    evidence: Evidence
    data: Mapping[str, Any] = field(default_factory=dict)


Shown = Change | ShownEvidence | Snapshot | Freeze | WindowState | Incident
"""What an id may be of."""
