"""A journal, read entry after entry into observations, in as many parts as one likes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.journal.entries import Entry
from changelog_ledger.observations.journal.holding import Held, Memory
from changelog_ledger.observations.journal.machine import Machine
from changelog_ledger.observations.journal.people import People
from changelog_ledger.observations.journal.units import Units

_REPEATED_WITHIN = 512


class JournalReading:
    """Reads entries in their order.

    ``memory`` (JSON values; ``{}`` to begin with) holds what the next part has to know. Reading two parts one after the other with the same memory
    gives what reading the whole gives.
    """

    def __init__(self, host: str, memory: Memory, *, timers: Iterable[str] = ()) -> None:
        """Of a host; ``timers`` are units that are known to be activated by timers."""
        self._held = Held(memory)
        self._units = Units(host, memory, self._held)
        self._units.know_timers(tuple(timers))
        self._machine = Machine(host, memory, self._held)
        self._people = People(host, memory, self._held)
        self._latest: OrderedDict[bytes, None] = OrderedDict()

    def read(self, entry: Entry) -> Iterator[Seen]:
        """What an entry tells, after what waited for it. An entry that was there just before is passed over."""
        if self._is_repeated(entry):
            return
        yield from self.settled(entry.at)
        yield from self._machine.read(entry)
        yield from self._units.read(entry, turning=self._machine.turning)
        yield from self._people.read(entry)

    def settled(self, now: datetime) -> Iterator[Seen]:
        """What waited until ``now`` for something that did not come."""
        for key, seen in self._held.due(now):
            self._people.told(key, seen)
            yield seen

    def _is_repeated(self, entry: Entry) -> bool:
        text = f"{entry.at.isoformat()}\0{entry.boot}\0{entry.monotonic}\0{entry.pid}\0{entry.identifier}\0{entry.message_id}\0{entry.message}"
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        if digest in self._latest:
            return True
        self._latest[digest] = None
        if len(self._latest) > _REPEATED_WITHIN:
            self._latest.popitem(last=False)
        return False
