"""What taking a snapshot and the gate ask of the store.

Two answer: the whole :class:`~changelog_ledger.store.store.Store`, and a lean one that loads faster.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from changelog_ledger.model.change import Change
    from changelog_ledger.model.evidence import Delta
    from changelog_ledger.model.fact import Fact
    from changelog_ledger.model.gate import Expected
    from changelog_ledger.model.snapshot import Snapshot
    from changelog_ledger.model.topology import Target

NO_DELTAS: Mapping[str, Sequence[Delta]] = MappingProxyType({})


class SnapshotBooks(Protocol):
    """Where snapshots are recorded, and what the gate lets in; and where it looks for the changes that cover an edit."""

    def has_host(self, name: str) -> bool:
        """Whether the host is known."""

    def last_snapshot(self, host: str) -> Snapshot | None:
        """The host's newest snapshot, or None."""

    def open_changes(self, statuses: Collection[str], targets: Collection[Target]) -> tuple[Change, ...]:
        """The changes in one of these statuses that speak for one of the targets, by id: they name it, ``all``, or a service that runs on the host.

        :param targets: none means every change in these statuses.
        """

    def changes_named(self, ids: Collection[str]) -> tuple[Change, ...]:
        """Those of the changes with these ids that there are, by id. An id is whole (``CHG-7K3M9Q``); case does not matter."""

    def runs_on(self, hosts: Collection[str]) -> dict[Target, frozenset[str]]:
        """The services that run on one of the hosts, each with those of the hosts that it runs on."""

    def expected_at(self, host: str, until: datetime) -> tuple[Expected, ...]:
        """The edits that are to be expected on a host, said up to ``until``: its own, those of services on it and of ``all``; the newest first."""

    def append(self, facts: Sequence[Fact], *, deltas: Mapping[str, Sequence[Delta]] = NO_DELTAS) -> tuple[Fact, ...]:
        """Record facts of snapshots and of expected edits, all or none, with their deltas; those whose key is known already are passed over.

        :param deltas: by the snapshot's id.
        :returns: the facts that are new.
        :raises Busy: if the lock was not to be had.
        """
