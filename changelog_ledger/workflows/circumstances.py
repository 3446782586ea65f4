"""What there is around a step of a change: freezes, other changes at the same place, maintenance windows."""

from __future__ import annotations

from datetime import datetime

from changelog_ledger.changes.rules import Step
from changelog_ledger.model.change import Change
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.workspace import Workspace


def step_in_its_circumstances(
    workspace: Workspace, view: View, change: Change, verb: str, at: datetime, *, note: str = "", override: str = ""
) -> Step:
    """A step that somebody wants to take, with all that the rules look at.

    :param at: when it is to be so; of a plan, its own window counts.
    """
    return Step(verb=verb, change=change, at=at, actor=workspace.actor, policy=workspace.settings.policy, override=override, note=note)
