"""Look back at an incident: what is said of it, and what is to be done so that it does not come back."""

from __future__ import annotations

from changelog_ledger.changes.incident_review import Hindsight, PlannedAction, action_done, reviewed, with_action
from changelog_ledger.model.incident import Incident, OpenAction
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.record_incident import record_step
from changelog_ledger.workflows.workspace import Workspace


def review_incident(workspace: Workspace, identifier: str, said: Hindsight, *, done: bool = False) -> Incident:
    """Record what is said in a review; nothing, where nothing is said.

    :param done: whether the review is finished.
    :raises NotFound: if there is no such incident.
    :raises TransitionRefused: if it is to be finished before the incident is resolved.
    """
    now, actor = workspace.now(), workspace.actor
    return record_step(workspace, identifier, "review", lambda incident: reviewed(incident, said, at=now, actor=actor, done=done))


def add_action(workspace: Workspace, identifier: str, action: PlannedAction) -> Incident:
    """Record something to be done; it is the last of the incident's actions.

    :raises NotFound: if there is no such incident.
    """
    return record_step(workspace, identifier, "action", lambda incident: with_action(incident, action))


def finish_action(workspace: Workspace, identifier: str, number: int) -> Incident:
    """Record that an action is done.

    :raises NotFound: if there is no such incident or action.
    """
    now, actor = workspace.now(), workspace.actor
    return record_step(workspace, identifier, "action-done", lambda incident: action_done(incident, number, at=now, actor=actor))


def open_actions(view: View) -> tuple[OpenAction, ...]:
    """What is still to be done about all incidents, the earliest due first: the overdue come before the others."""
    found = [OpenAction(incident.id, incident.title, action) for incident in view.incidents.all() for action in incident.open_actions]
    return tuple(sorted(found, key=OpenAction.order))
