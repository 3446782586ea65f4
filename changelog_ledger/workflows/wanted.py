"""Which change is to be made: one that was planned before, or one that is planned at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from changelog_ledger.changes.planning import Details
from changelog_ledger.model.change import Change
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.topology import Target
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
    """A change that is planned at the same moment."""

    title: str
    on: Sequence[str | Target]
    start: datetime | None = None
    end: datetime | None = None
    duration: timedelta | None = None
    details: Details = field(default_factory=Details)
    template: str = ""
    parent: str = ""

    def recorded(self, workspace: Workspace) -> Change:
        """Planned now."""
        return plan_change(workspace, self.title, self.on, **self._said)

    def drafted(self, workspace: Workspace) -> Change:
        """As it would be planned."""
        return drafted_change(workspace, self.title, self.on, **self._said)

    def unrecorded(self, workspace: Workspace) -> tuple[Change, tuple[Fact, ...]]:
        """Planned with an id drawn here."""
        change, fact = plan_of(workspace, self.title, self.on, **self._said)
        return change, (fact,)

    @property
    def _said(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("start", "end", "duration", "details", "template", "parent")}
