"""What an ingestion of a host's journal remembers for the next one. It is only a cache: without it everything is read again, and adds nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.times import format_instant, parse_instant
from changelog_ledger.workflows.host_cache import HostCache

_VERSION = 1
JOURNAL_FOLDER = "journal"
_NAME = "memory"


@dataclass
class JournalMemory:
    """Of one host.

    :ivar cursor: the last entry of the journal that was read.
    :ivar since: from when on the journal was read; None if from its beginning.
    :ivar reading: what reading on needs (:class:`~changelog_ledger.observations.journal.reading.JournalReading`).
    :ivar texts: the same of every log that was read in the journal's place, by path, with the ``clock`` of its last line.
    :ivar looked_at: when the boot and the services' states were looked at.
    :ivar states: the services' states then.
    """

    cursor: str = ""
    since: str | None = None
    reading: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    boot: str = ""
    looked_at: str = ""
    states: dict[str, dict[str, str]] = field(default_factory=dict)

    def covers(self, since: datetime | None) -> bool:
        """Whether all that is wanted lies after the cursor, or was read before."""
        if not self.cursor:
            return False
        return self.since is None or (since is not None and parse_instant(self.since) <= since)

    def started_anew(self, since: datetime | None) -> None:
        """The journal is read from ``since`` on."""
        self.cursor, self.reading, self.since = "", {}, format_instant(since) if since else None


def load_memory(cache: HostCache) -> JournalMemory:
    """What was remembered; an empty memory where there is none, or it was damaged.

    Where the database is older than the memory (restored from a backup) everything is read again; what the running system showed last time still
    holds, for nothing else can show what became of it since.
    """
    try:
        kept = cache.read(JOURNAL_FOLDER, _NAME)
        if kept.document.pop("version") != _VERSION:
            return JournalMemory()
        memory = JournalMemory(**kept.document)
        for time in (memory.since, memory.looked_at):
            if time:
                parse_instant(time)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, InvalidTime):
        return JournalMemory()
    return memory if kept.is_current else JournalMemory(boot=memory.boot, looked_at=memory.looked_at, states=memory.states)


def save_memory(cache: HostCache, memory: JournalMemory) -> None:
    """Remember. What was read has to be durable by now."""
    cache.keep(JOURNAL_FOLDER, {_NAME: {"version": _VERSION, **asdict(memory)}})
