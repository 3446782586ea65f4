"""What a planned change may touch, and what speaks against it: fixed into the plan, as it is known now."""

from __future__ import annotations

from changelog_ledger.changes.rules import objections
from changelog_ledger.model.change import Assessment, Change, Remark
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.circumstances import step_in_its_circumstances
from changelog_ledger.workflows.workspace import Workspace


def assess(workspace: Workspace, view: View, change: Change) -> Assessment:
    """The assessment of a change that is being planned."""
    now = workspace.now()
    planned = step_in_its_circumstances(workspace, view, change, "plan", change.planned_start or now)
    return Assessment(made_at=now, reasons=tuple(Remark(objection.code, objection.text) for objection in objections(planned)))
