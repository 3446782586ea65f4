"""What became of a history that was adopted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a run over a foreign history recorded.

    :ivar commits: how many commits the history has.
    :ivar snapshots: how many snapshots are new; ``recovered`` of an earlier run that died are among them.
    :ivar hosts: whose snapshots they are.
    :ivar added: the hosts among them that were not known.
    :ivar first: the time of the first new snapshot; ``last`` likewise.
    :ivar bent: how many snapshots bear another time than their commit claims, since that was out of order.
    :ivar is_cut: whether the repository is shallow, so that its history begins in the middle.
    :ivar left_out: paths that belong to no host or cannot be files, with the reason.
    """

    commits: int
    snapshots: int
    recovered: int = 0
    hosts: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    bent: int = 0
    is_cut: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
