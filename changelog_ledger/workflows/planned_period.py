"""When a plan is to begin and to end: as given, reckoned from a duration, or the next occurrence of a maintenance window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from changelog_ledger.changes.calendar import refuse_empty, refuse_past
from changelog_ledger.changes.draft import Draft
from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.topology import Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.workspace import Workspace


def planned_period(workspace: Workspace, view: View, draft: Draft, on: Sequence[Target]) -> tuple[datetime | None, datetime | None]:
    """Planned start and end of a draft whose template has been filled in.

    :param on: its targets, looked up.
    :raises InvalidTime: if they contradict each other, lie in the past, or no such window is long enough.
    """
    if draft.in_window:
        if draft.start is not None or draft.end is not None:
            raise InvalidTime("the change has a start or an end, and is to be made in a maintenance window", "give --in-window, or --start and --for")
        from changelog_ledger.workflows.schedule import period_in_window

        begins, ends = period_in_window(workspace, view, draft.in_window, on, draft.duration)
        refuse_empty(begins, ends)
        return begins, ends
    return stated_period(draft, workspace.now())


def stated_period(draft: Draft, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Planned start and end of a draft that is to be made in no maintenance window.

    :raises InvalidTime: if they contradict each other, take no time, or lie in the past.
    """
    ends = _planned_end(draft)
    refuse_empty(draft.start, ends)
    refuse_past(draft.start, ends, now)
    return draft.start, ends


def _planned_end(draft: Draft) -> datetime | None:
    """The planned end, given or reckoned.

    :raises InvalidTime: if both are given, or a duration without a start.
    """
    if draft.duration is None:
        return draft.end
    if draft.end is not None:
        raise InvalidTime("the change has an end and a duration", "give --end or --for, not both")
    if draft.start is None:
        raise InvalidTime("the change has a duration and no start", "give its start as well: --start TIME")
    return draft.start + draft.duration
