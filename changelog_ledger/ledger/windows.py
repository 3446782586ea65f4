"""``ledger.window``: periods that are kept free for maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from changelog_ledger.ledger.arguments import Duration, Time, length_of, several
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.model.schedule import MaintenanceWindow, WindowState
    from changelog_ledger.model.topology import Target


class Windows:
    """The verbs of ``ledger window``."""

    def __init__(self, workspace: Workspace) -> None:
        """Use ``Ledger.window``."""
        self._workspace = workspace

    def add(
        self,
        title: str,
        start: Time,
        duration: Duration,
        *,
        repeat: str = "",
        zone: str = "",
        on: Sequence[str | Target] = (),
    ) -> WindowState:
        """Record a maintenance window; ``.window.id`` names it, ``.next`` is when it is open next.

        :param start: when it is open first; without an offset it is what the clock in ``zone`` shows.
        :param repeat: how it recurs, as RFC 5545 has it: ``FREQ=WEEKLY;BYDAY=SU``. It starts where that first comes true.
        :param zone: the IANA name of the zone whose wall clock it keeps to; UTC if empty.
        :param on: whom it is for; everything if nobody is named.
        :raises InvalidInput: for a rule that is none or never comes true, and for an unknown zone.
        """
        from changelog_ledger.workflows import schedule, zones

        begins = zones.planned_time(self._workspace, start, zone)
        assert begins is not None
        return schedule.add_window(self._workspace, title, begins, length_of(duration), rule=repeat, zone_name=zone, on=several(on))

    def list(self, *, everything: bool = False) -> tuple[WindowState, ...]:
        """The maintenance windows that will be open again, the next to open first; ``everything`` has the others as well."""
        from changelog_ledger.workflows import schedule

        return schedule.list_windows(self._workspace, everything=everything)

    def lift(self, window: str, *, because: str = "") -> MaintenanceWindow:
        """Give a maintenance window up.

        :param window: its id, or an unambiguous beginning of it.
        """
        from changelog_ledger.workflows import schedule

        return schedule.lift_window(self._workspace, window, because)
