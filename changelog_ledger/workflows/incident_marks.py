"""The marks that go along with an incident: what it is on was bad from its beginning on, and good again at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from changelog_ledger.model.fact import Fact
from changelog_ledger.model.incident import Incident
from changelog_ledger.model.topology import Health, Mark, Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.workspace import Workspace


def onset_of(view: View, targets: Sequence[Target], until: datetime) -> datetime:
    """When one of the targets was first seen bad, of those that are bad at ``until``; that itself if none is."""
    starts = [start for target in targets if (start := _bad_since(view.marks.latest([target], until)))]
    return min(starts, default=until)


def bad_marks(workspace: Workspace, view: View, incident: Incident, *, since: datetime | None = None) -> Iterator[Fact]:
    """The marks that make every target bad from when the incident began (or ``since``) to when it was detected; none where marks say so.

    A check may have said "good" between the two: it did not see the trouble.
    """
    moments = (incident.began_at, incident.detected_at) if since is None else (since,)
    for target in incident.targets:
        made: datetime | None = None
        for moment in moments:
            last = _last(view.marks.latest([target], moment))
            is_bad = last is not None and last.state is Health.BAD
            is_ours = made is not None and (last is None or last.at <= made)
            if not is_bad and not is_ours:
                made = moment
                yield mark_fact(workspace, incident, target, Health.BAD, moment)


def good_marks(workspace: Workspace, view: View, incident: Incident) -> Iterator[Fact]:
    """The marks that make every target good from when the incident was resolved; none for what another open incident is on."""
    assert incident.resolved_at is not None
    others = [each for each in view.incidents.on(incident.targets) if each.id != incident.id and not each.state.is_over]
    for target in incident.targets:
        still = [each.id for each in others if target in each.targets]
        if still:
            workspace.warn(f"{target} is not marked good: {', '.join(still)} is still open on it")
        else:
            yield mark_fact(workspace, incident, target, Health.GOOD, incident.resolved_at)


def mark_fact(workspace: Workspace, incident: Incident, target: Target | str, state: Health, at: datetime) -> Fact:
    """A mark by an incident."""
    body = {"target": str(target), "state": str(state), "source": f"incident {incident.id}"}
    return workspace.fact("mark", body | ({"symptom": incident.symptom} if incident.symptom and state is Health.BAD else {}), at=at)


def came_back(workspace: Workspace, incident: Incident) -> Mark | None:
    """The first mark that saw one of its targets bad again after it was resolved; None where there is none, and for an open incident.

    One that another incident has made speaks of that.
    """
    if incident.resolved_at is None:
        return None
    with workspace.store.reading() as view:
        bad = view.marks.bad_after(incident.targets, incident.resolved_at)
    return next((mark for mark in bad if not mark.source.startswith("incident ")), None)


def _last(marks: Sequence[Mark]) -> Mark | None:
    return marks[-1] if marks else None


def _bad_since(marks: Sequence[Mark]) -> datetime | None:
    """When the trouble that a target is in began, from its marks, oldest first."""
    since = None
    for mark in marks:
        since = None if mark.state is Health.GOOD else since or mark.at
    return since
