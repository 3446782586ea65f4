"""Finishing a change: what its snapshots have seen is ticked first, then the rules look at what is left open."""

from __future__ import annotations

from datetime import datetime

from changelog_ledger.model.change import Change
from changelog_ledger.workflows.prove_items import prove_by_deltas
from changelog_ledger.workflows.record_change import find_change, move_change
from changelog_ledger.workflows.workspace import Workspace


def finish_change(workspace: Workspace, identifier: str, *, at: datetime | None = None, note: str = "") -> Change:
    """Record that a started change succeeded.

    :raises TransitionRefused: as :func:`~changelog_ledger.workflows.record_change.move_change`.
    """
    change = prove_by_deltas(workspace, find_change(workspace, identifier))
    return move_change(workspace, change.id, "finish", at=at, note=note)
