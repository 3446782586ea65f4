"""What ingestion finds: things that other programs recorded, before they are facts, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from changelog_ledger.model.topology import Target


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that a record of another program tells.

    :ivar ref: what it is known by, so that reading the same record twice adds nothing: it follows from the record, never from when or where it was
        read (a log that was rotated or compressed says the same). Unique among all that is ingested: ``KIND:HOST:DIGEST`` or so.
    :ivar what: as an observation's: ``package-upgraded``, ``restart-pending``, ``reboot``, ``login`` …
    :ivar at: when it happened; the end of the range where it is known only to lie in one.
    :ivar not_before: the beginning of that range; None where ``at`` is a time that was recorded.
    :ivar summary: one line, the answer first.
    :ivar target: where; None for the host whose records are read.
    :ivar actor: who or what did it, as far as the record says so; empty if it does not.
    :ivar data: what else the record says; JSON values (see the reference on ingestion).
    :ivar source: the record that says so, as people know it (``/var/log/dpkg.log.2.gz``).
    """

    ref: str
    what: str
    at: datetime
    summary: str
    target: Target | None = None
    not_before: datetime | None = None
    actor: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, or not wholly: what was readable is recorded, and this is told.

    :ivar source: the record (a path, ``pid 812``, ``journalctl``).
    :ivar why: in words: ``truncated after line 8,123; what comes before was read``.
    """

    source: str
    why: str


class PackageAction(StrEnum):
    """What became of a package."""

    INSTALLED = "installed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    REINSTALLED = "reinstalled"
    REMOVED = "removed"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class PackageChange:
    """One package of a transaction.

    :ivar before: the version that was there; empty if none was, or the record does not say.
    :ivar after: the version that is there now; empty if none is.
    :ivar automatic: it came or went because another one needed that, not because it was asked for.
    """

    name: str
    action: PackageAction
    before: str = ""
    after: str = ""
    architecture: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """How an ingestion went.

    :ivar recorded: how many observations are new.
    :ivar known: how many were recorded before.
    :ivar counts: what is new, in numbers by ``what``.
    :ivar newest: the newest of what is new, oldest first, at most :data:`MOST_SHOWN`.
    :ivar gaps: what could not be read.
    :ivar notes: what is worth a word and lost nothing (``no journal here``).
    :ivar dry_run: nothing was recorded: it is what would be.
    """

    recorded: int
    known: int
    counts: Mapping[str, int] = field(default_factory=dict)
    newest: tuple[Seen, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    dry_run: bool = False


MOST_SHOWN = 20
