"""What taking a snapshot asks of the store. Two answer: the whole :class:`~changelog_ledger.store.store.Store`, and a lean one that loads faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.snapshot import Snapshot


class SnapshotBooks(Protocol):
    """Where snapshots are recorded."""

    def has_host(self, name: str) -> bool:
        """Whether the host is known."""

    def last_snapshot(self, host: str) -> Snapshot | None:
        """The host's newest snapshot, or None."""

    def append(self, facts: Sequence[Fact], *, deltas: Mapping[str, Sequence[Delta]]) -> tuple[Fact, ...]:
        """Record facts of snapshots, all or none, with their deltas; those whose key is known already are passed over.

        :param deltas: by the snapshot's id.
        :returns: the facts that are new.
        :raises Busy: if the lock was not to be had.
        """
