"""An open change is given more targets, more paths or more time.

The way: the change as it stands → what of it is new → what the rules say to that → one fact, recorded only if the change still stands so. Where
somebody else was quicker all of it is asked anew, so nobody's addition gets lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from changelog_ledger.changes.extension import Extension, end_after, extended, extension_of
from changelog_ledger.changes.rules import permitted
from changelog_ledger.errors import InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.change import Change
from changelog_ledger.model.topology import Target
from changelog_ledger.store.queries import View
from changelog_ledger.store.store import Expectation
from changelog_ledger.workflows.circumstances import extension_in_its_circumstances
from changelog_ledger.workflows.record_change import find_change, step_fact
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace
from changelog_ledger.workflows.zones import planned_time

_ATTEMPTS = 50
"""So often somebody else may be quicker. Each time somebody's step is recorded, so it ends."""


def extend_change(
    workspace: Workspace,
    identifier: str,
    on: Sequence[str | Target] = (),
    paths: Sequence[str] = (),
    *,
    end: str | datetime | None = None,
    duration: timedelta | None = None,
    because: str = "",
    override: str = "",
) -> Change:
    """Add targets and path globs to an open change, or give it a later planned end; the change as it is then.

    What is there already adds nothing; where nothing is new, nothing is recorded. What was added and why is in the note. It counts for the whole
    change, from its start. Its assessment stays as it was made at planning.

    :param end: a TIME; without an offset what the clock in the change's zone shows, if it was planned in one.
    :param duration: instead of ``end``: how long it goes on at least, from now, or from its planned start where that is still to come.
    :param override: why, although it is more than what was approved, or a freeze or another change is in the way.
    :raises InvalidInput: if nothing is given, or a glob is for a change that covers every path already.
    :raises InvalidTime: if the end has passed, is earlier than the planned one, or is not after its start.
    :raises TransitionRefused: if the change is over, or (:class:`PolicyRefused`) the rules of the home do not allow it.
    :raises NotFound: if there is no such change or target.
    """
    if not (on or paths) and end is None and duration is None:
        raise InvalidInput(
            "nothing is said to extend the change by", "say what it is to cover: --on TARGET, --path GLOB, --end TIME or --for DURATION"
        )
    if end is not None and duration is not None:
        raise InvalidTime("the change is to have an end and a duration", "give --end or --for, not both")
    until = None if end is None else planned_time(workspace, end, find_change(workspace, identifier).zone)
    for _ in range(_ATTEMPTS):
        with workspace.store.reading() as view:
            change = view.changes.find(identifier)
            targets = [resolve_target(view, target) for target in on]
            ends = until if duration is None else end_after(change, duration, workspace.now())
            added = extension_of(change, targets, paths, ends, workspace.now())
            wider = _permitted(workspace, view, change, added, because, override)
        if added.is_empty or _recorded(workspace, change, wider):
            return find_change(workspace, change.id)
    raise TransitionRefused(f"{change.id} is altered by others all the time", f"look at it: ledger change show {change.id}; then try again")


def _permitted(workspace: Workspace, view: View, change: Change, added: Extension, because: str, override: str) -> Change:
    """The extended change, if the rules let it pass; as it is where nothing is new."""
    if added.is_empty:
        return change
    remarks = permitted(*extension_in_its_circumstances(workspace, view, change, added, override=override))
    return extended(change, added, workspace.now(), workspace.actor, because, remarks)


def _recorded(workspace: Workspace, before: Change, after: Change) -> bool:
    """Whether it was recorded; not if somebody else took a step meanwhile."""
    try:
        workspace.store.append([step_fact(workspace, before, after, "extend")], expecting=Expectation.of(before))
    except TransitionRefused:
        return False
    return True
