"""When a plan is to begin and to end: as given, reckoned from a duration, or the next occurrence of a maintenance window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from changelog_ledger.changes.calendar import refuse_past
from changelog_ledger.changes.templates import Draft, find_template
from changelog_ledger.errors import InvalidTime
from changelog_ledger.model.topology import Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.workspace import Workspace


def planned_period(workspace: Workspace, view: View, draft: Draft, on: Sequence[Target], in_window: str) -> tuple[datetime | None, datetime | None]:
    """Planned start and end of a draft.

    :param in_window: a maintenance window's id, or ``next``; empty for none.
    :raises InvalidTime: if they contradict each other, lie in the past, or no such window is long enough.
    """
    if in_window:
        if draft.start is not None or draft.end is not None:
            raise InvalidTime("the change has a start or an end, and is to be made in a maintenance window", "give --in-window, or --start and --for")
        from changelog_ledger.workflows.schedule import period_in_window

        return period_in_window(workspace, view, in_window, on, draft.duration or _usual_duration(workspace, draft))
    ends = period_end(draft.start, draft.end, draft.duration)
    refuse_past(draft.start, ends, workspace.now())
    return draft.start, ends


def period_end(start: datetime | None, end: datetime | None, duration: timedelta | None) -> datetime | None:
    """The planned end, given or reckoned.

    :raises InvalidTime: if both are given, or a duration without a start.
    """
    if duration is None:
        return end
    if end is not None:
        raise InvalidTime("the change has an end and a duration", "give --end or --for, not both")
    if start is None:
        raise InvalidTime("the change has a duration and no start", "give its start as well: --start TIME")
    return start + duration


def _usual_duration(workspace: Workspace, draft: Draft) -> timedelta | None:
    return find_template(draft.template, workspace.settings.templates).duration if draft.template else None
