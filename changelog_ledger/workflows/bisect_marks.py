"""What marks say of the ends of a search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from changelog_ledger.model.bisection import Verdict
from changelog_ledger.model.report import Basis
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Health, Mark, Target
from changelog_ledger.workflows.bisect_state import Question
from changelog_ledger.workflows.workspace import Workspace


def known_ends(workspace: Workspace, question: Question, last: str, count: int) -> dict[int, Verdict]:
    """What is known of the ends of a host's history, by position.

    The good end is what the last good mark names. A snapshot is bad if it was taken when the host was marked bad already: what was marked after a
    snapshot may have come after it, and of that a search knows nothing. It is said where that is so.

    :param last: id of the snapshot at the bad end.
    :param count: how many states there are.
    """
    known = {0: Verdict.GOOD} if question.since in ("", Basis.LAST_GOOD) else {}
    if question.until not in ("", Basis.NOW, Basis.ONSET):
        return known
    with workspace.store.reading() as view:
        marks = view.marks.latest([Target.host(question.host)], workspace.now())
        end = view.evidence.snapshot(last)
    bad_since = _bad_since(marks)
    if end is None or bad_since is None:
        return known
    if bad_since <= end.at:
        return known | {count - 1: Verdict.BAD}
    if question.until != Basis.ONSET:
        workspace.warn(
            f"the last snapshot of {question.host}, of {shown_instant(end.at)}, is older than the bad mark of {shown_instant(bad_since)}: "
            f"what was altered in between is not searched; ledger snapshot {question.host} takes one of now"
        )
    return known


def _bad_since(marks: Sequence[Mark]) -> datetime | None:
    """The first bad mark with no good one after it."""
    since = None
    for mark in reversed(marks):
        if mark.state is not Health.BAD:
            break
        since = mark.at
    return since
