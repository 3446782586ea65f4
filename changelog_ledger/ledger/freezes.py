"""``ledger.freeze``: periods in which changes need an override."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from changelog_ledger.ledger.arguments import Time, several
from changelog_ledger.workflows.moments import resolve_time
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.model.change import Freeze
    from changelog_ledger.model.topology import Target


class Freezes:
    """The verbs of ``ledger freeze``."""

    def __init__(self, workspace: Workspace) -> None:
        """Use ``Ledger.freeze``."""
        self._workspace = workspace

    def add(self, title: str, start: Time, end: Time, on: Sequence[str | Target] = ()) -> Freeze:
        """Record a freeze. It holds for its targets (everything if none are named), the hosts of its services and the services of its hosts.

        :raises InvalidTime: if it ends before it starts, or is over already.
        """
        from changelog_ledger.workflows import schedule

        begins, ends = resolve_time(self._workspace, start), resolve_time(self._workspace, end)
        return schedule.add_freeze(self._workspace, title, begins, ends, several(on))

    def list(self, *, everything: bool = False) -> tuple[Freeze, ...]:
        """The freezes in force and to come, the first to start first; ``everything`` has past and lifted ones as well."""
        from changelog_ledger.workflows import schedule

        return schedule.list_freezes(self._workspace, everything=everything)

    def lift(self, freeze: str, *, because: str = "") -> Freeze:
        """End a freeze before its time.

        :param freeze: its id, or an unambiguous beginning of it.
        """
        from changelog_ledger.workflows import schedule

        return schedule.lift_freeze(self._workspace, freeze, because)
