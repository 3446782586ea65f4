"""What a rebuild must know beforehand: which snapshots expired later. Their commits are gone, so their facts are passed over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from changelog_ledger.model.fact import Fact
from changelog_ledger.model.times import parse_instant


class Predecessor(NamedTuple):
    """The snapshot that one follows: its commit and time; both None for the first of a host."""

    commit: str | None
    at: datetime | None


_NOBODY = Predecessor(None, None)


class Foresight:
    """Goes along with the facts, in order, and tells what each snapshot follows now.

    :param expired: ids of the snapshots whose expiry is known already; an expiry that turns up later is applied when it comes.
    """

    def __init__(self, expired: Collection[str] = ()) -> None:
        self._expired = expired
        self._last: dict[str, Predecessor] = {}
        self._gaps: set[str] = set()

    def predecessor(self, fact: Fact) -> Predecessor | None:
        """What the snapshot of ``fact`` follows: what its fact says, else the last one before it that is kept. None if it has itself expired."""
        body = fact.data
        host = body["host"]
        if fact.id in self._expired:
            self._gaps.add(host)
            return None
        if host in self._gaps:
            self._gaps.remove(host)
            found = self._last.get(host, _NOBODY)
        else:
            found = Predecessor(body.get("previous"), parse_instant(body["previous_at"]) if body.get("previous_at") else None)
        if self._expired:
            self._last[host] = Predecessor(body["commit"], fact.occurred_at)
        return found
