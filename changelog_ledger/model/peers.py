"""Hosts that fail beside hosts that work: what differs on the failing side, likeliest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from changelog_ledger.model.document import Node


class SettingKind(StrEnum):
    """What a part of a file is: a value, a block or named item, a list of items without names, or the order of a list."""

    VALUE = "value"
    BLOCK = "block"
    LIST = "list"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Setting:
    """One part of a file, named so that the same part has the same key on every host: no key holds a place in a list or a line number.

    :ivar key: as deltas write it; empty for the file's own lines.
    :ivar above: the key of the block or list that it lies in; empty where that is the file.
    """

    key: str
    kind: SettingKind
    value: Node
    above: str = ""


@dataclass(frozen=True, slots=True)
class PeerValue:
    """A value, and which hosts of a side have it.

    :ivar value: in short, with ``<own IPv4 address>`` and the like for what of it is each host's own; None where the key (or file) is not there.
    """

    value: str | None
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeerDifference:
    """A key whose value on the failing side is not what the working hosts have.

    :ivar key: as deltas write it, with ``<own name>`` for what of it is each host's own; None for the file as a whole, its lines, or its metadata
        (``about`` says which).
    :ivar about: ``value``, ``list`` (items of a list, or lines), ``order``, ``file`` (whether it is there), ``layout`` (comments, white space),
        ``metadata``.
    :ivar failing: the values of the failing hosts, the one most of them have first; ``working`` those of the others.
    :ivar accused: the failing hosts whose value sets them apart.
    :ivar score: 0 to 1: how surely it belongs to the trouble, as if it stood against a few others; see :mod:`investigation.peers`.
    :ivar reasons: in words, the most telling first.
    :ivar since: since when a failing host has its value, as far as snapshots tell; None if for as long as they go back.
    :ivar evidence: ids of the report's evidence that brought it about; ``explained_by`` the changes that explain these.
    """

    path: str
    key: str | None
    about: str
    failing: tuple[PeerValue, ...]
    working: tuple[PeerValue, ...]
    accused: tuple[str, ...]
    score: float
    reasons: tuple[str, ...]
    since: datetime | None = None
    evidence: tuple[str, ...] = ()
    explained_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeerFold:
    """What is counted of one file and not shown.

    :ivar why: what it is about (``name``, ``address`` …), the name of a rule of noise, or why it could not be compared.
    :ivar count: how many keys; of what could not be compared, how many hosts have no say about it.
    """

    why: tuple[str, ...]
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class PeerLeftOut:
    """A host that was to be compared and was not."""

    host: str
    why: str


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """What the failing hosts have that the working ones have not.

    :ivar basis: why these hosts: ``given``, ``same service``, ``same tag`` (the working ones were looked for), ``marks`` (both were).
    :ivar differences: the likeliest first; ``total`` counts those that are not listed as well.
    :ivar common: keys that differ among the hosts without setting the failing ones apart.
    :ivar folded: what is each host's own; ``noise`` what changes by itself.
    :ivar limits: what is compared by those hosts only whose snapshot kept its content (``oversized``, ``unreadable``, ``changing``), and what is
        compared as a whole (a list of thousands of items).
    :ivar shared: ids of recorded differences that leave both sides alike.
    """

    failing: tuple[str, ...]
    working: tuple[str, ...]
    basis: str
    differences: tuple[PeerDifference, ...]
    total: int = 0
    common: int = 0
    folded: tuple[PeerFold, ...] = ()
    noise: tuple[PeerFold, ...] = ()
    limits: tuple[PeerFold, ...] = ()
    left_out: tuple[PeerLeftOut, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def strengths(self) -> dict[str, float]:
        """Id of a piece of evidence, or of a part of one → how much it sets the failing hosts apart, 0 to 1; none of which that is not known."""
        found = dict.fromkeys(self.shared, 0.0)
        for difference in self.differences:
            for evidence in difference.evidence:
                found[evidence] = max(difference.score, found.get(evidence, 0.0))
        return found
