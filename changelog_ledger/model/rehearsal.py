"""What making a change would come to."""

from __future__ import annotations

from dataclasses import dataclass

from changelog_ledger.model.change import Change, Remark


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen if a change were made now.

    :ivar host: whose files would be snapshotted, or None.
    :ivar remarks: what the rules have to say.
    """

    change: Change
    host: str | None
    remarks: tuple[Remark, ...]
