"""From when on somebody wants what other programs recorded."""

from __future__ import annotations

from datetime import datetime

from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.times import shown_instant
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.workspace import Workspace


def has_been(workspace: Workspace, since: datetime) -> datetime:
    """The same time, which must have come: from a time to come on nothing is recorded yet, so a slip of the pen would look like a quiet host.

    :raises InvalidTime: otherwise.
    """
    if since > workspace.now() + CLOCK_TOLERANCE:
        raise InvalidTime(f"since {shown_instant(since)} nothing is recorded: that has not come yet", "give a time that has passed: --since 2d")
    return since
