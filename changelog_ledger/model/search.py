"""What a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.model.topology import Target


@dataclass(frozen=True, slots=True)
class Hit:
    """A fact or a delta that holds all words of a search.

    :ivar id: of the change, evidence, snapshot or mark: what ``show`` takes.
    :ivar kind: of the fact (``change``, ``observation``, ``snapshot`` …); ``delta`` for a difference that a snapshot found.
    :ivar title: what it is, one line: a change's title, an observation's summary, the first line of a snapshot's reason.
    :ivar text: the part in which the words were found, as it was recorded; the title again where it holds them all.
    """

    id: str
    kind: str
    at: datetime
    targets: tuple[Target, ...]
    title: str
    text: str
    actor: str = ""
