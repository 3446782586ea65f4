"""Which change is to be made: one that was planned before, or one that is planned at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from changelog_ledger.changes.draft import Draft
from changelog_ledger.model.change import Change
from changelog_ledger.model.fact import Fact
from changelog_ledger.workflows.away import plan_of, unknown_change
from changelog_ledger.workflows.record_change import drafted_change, find_change, plan_change
from changelog_ledger.workflows.workspace import Workspace


class Wanted(Protocol):
    """The change that is to be made."""

    def recorded(self, workspace: Workspace) -> Change:
        """As the ledger has it (now)."""

    def drafted(self, workspace: Workspace) -> Change:
        """As the ledger has it, or would have it; nothing is recorded."""

    def unrecorded(self, workspace: Workspace) -> tuple[Change, tuple[Fact, ...]]:
        """Without the ledger, and the facts that it has to learn first."""


@dataclass(frozen=True, slots=True)
class Known:
    """A change that was planned before, and perhaps approved."""

    identifier: str

    def recorded(self, workspace: Workspace) -> Change:
        """As the ledger has it. Raises :class:`NotFound`."""
        return find_change(workspace, self.identifier)

    drafted = recorded

    def unrecorded(self, workspace: Workspace) -> tuple[Change, tuple[Fact, ...]]:
        """Only its name."""
        return unknown_change(self.identifier, workspace.now()), ()


@dataclass(frozen=True, slots=True)
class New:
    """A change that is planned at the same moment.

    :ivar parent: the change that it is a part of, or empty.
    """

    draft: Draft
    parent: str = ""

    def recorded(self, workspace: Workspace) -> Change:
        """Planned now."""
        return plan_change(workspace, self.draft, parent=self.parent)

    def drafted(self, workspace: Workspace) -> Change:
        """As it would be planned."""
        return drafted_change(workspace, self.draft, parent=self.parent)

    def unrecorded(self, workspace: Workspace) -> tuple[Change, tuple[Fact, ...]]:
        """Planned with an id drawn here."""
        change, fact = plan_of(workspace, self.draft, parent=self.parent)
        return change, (fact,)
