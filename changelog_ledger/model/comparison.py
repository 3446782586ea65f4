"""Two hosts side by side."""

from __future__ import annotations

from dataclasses import dataclass

from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.report import Suppressed
from changelog_ledger.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Folded:
    """Differences of one file that are to be expected between two hosts, because each has what is its own there: counted, not shown.

    :ivar kinds: what they are about: ``name``, ``address``, ``hardware address``, ``uuid``, ``host key``, ``user number``, ``serial`` …
    """

    kinds: tuple[str, ...]
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two hosts.

    :ivar left: the snapshot that ``before`` of the evidence is of; ``right`` that of ``after``.
    :ivar evidence: in the order of the paths. ``removed`` is what only the left one has, ``added`` what only the right one has. Times are those
        of the two snapshots; nothing explains it.
    :ivar folded: what was left out as each host's own.
    :ivar suppressed: what was left out as noise.
    """

    left: Snapshot
    right: Snapshot
    evidence: tuple[Evidence, ...]
    folded: tuple[Folded, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
