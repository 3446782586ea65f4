"""What is held back for a moment, because the next entries say what it was, and what every part of the reading remembers from one time to the next.

A memory holds JSON values only, so that reading a journal in two parts, the second a day later, finds what reading it at once would have found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import LATEST, format_instant, parse_instant

Memory = dict[str, Any]

MOMENT = timedelta(seconds=60)
"""How long a stop waits for the start that makes it a restart, and a start for the end that shows a short job."""

_MOST_KEPT = 2_000


def reference(host: str, what: str, *parts: str | int | None) -> str:
    """What an observation is known by: its kind, its host, and a digest of what the record itself says."""
    text = json.dumps([what, *("" if part is None else str(part) for part in parts)])
    return f"{what}:{host}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def remembered(table: Memory, key: str, value: Any) -> None:
    """Put a value into a table that grows no further than :data:`_MOST_KEPT`: the oldest go."""
    table.pop(key, None)
    table[key] = value
    while len(table) > _MOST_KEPT:
        table.pop(next(iter(table)))


class Held:
    """Observations that wait, by a key, each until it is due."""

    def __init__(self, memory: Memory) -> None:
        """Those of a memory, which is kept up to date."""
        self._table: Memory = memory.setdefault("held", {})
        self._first: datetime | None = None if not self._table else min(parse_instant(each["due"]) for each in self._table.values())

    def hold(self, key: str, seen: Seen, moment: timedelta = MOMENT) -> None:
        """Let ``seen`` wait under ``key``, in the place of what waits there."""
        due = min(seen.at + moment, LATEST - timedelta(seconds=1))  # which a memory can hold
        remembered(self._table, key, {"due": format_instant(due), "seen": document_of(seen)})
        self._first = due if self._first is None or due < self._first else self._first

    def taken(self, key: str) -> Seen | None:
        """What waits under ``key``, which waits no more."""
        held = self._table.pop(key, None)
        return seen_of(held["seen"]) if held else None

    def drop(self, prefix: str) -> None:
        """Forget whatever waits under keys that begin so."""
        for key in [key for key in self._table if key.startswith(prefix)]:
            del self._table[key]

    def due(self, now: datetime) -> Iterator[tuple[str, Seen]]:
        """What has waited long enough, the oldest first."""
        if self._first is None or now < self._first:
            return
        ready = sorted((each["due"], key) for key, each in self._table.items() if parse_instant(each["due"]) <= now)
        for _due, key in ready:
            yield key, seen_of(self._table.pop(key)["seen"])
        self._first = min((parse_instant(each["due"]) for each in self._table.values()), default=None)


def document_of(seen: Seen) -> Memory:
    """An observation as JSON values."""
    return {
        "ref": seen.ref,
        "what": seen.what,
        "at": format_instant(seen.at),
        "summary": seen.summary,
        "actor": seen.actor,
        "data": dict(seen.data),
        "source": seen.source,
    }


def seen_of(document: Mapping[str, Any]) -> Seen:
    """The observation of :func:`document_of`."""
    return Seen(
        document["ref"],
        document["what"],
        parse_instant(document["at"]),
        document["summary"],
        actor=document["actor"],
        data=document["data"],
        source=document["source"],
    )
