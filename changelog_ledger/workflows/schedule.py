"""``freeze`` and ``window``: periods in which changes are held up, and periods that are kept free for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.changes.calendar import concerns, new_freeze, new_window, next_occurrence
from changelog_ledger.errors import InvalidInput, InvalidTime, NotFound
from changelog_ledger.model.change import Freeze
from changelog_ledger.model.identifiers import short_id
from changelog_ledger.model.schedule import MaintenanceWindow, Occurrence, WindowState
from changelog_ledger.model.times import format_instant, shown_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.reports.times import length as shown_length
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.circumstances import touched_places
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace
from changelog_ledger.workflows.zones import zone_named, zones_named


def add_freeze(workspace: Workspace, title: str, start: datetime, end: datetime, on: Sequence[str | Target] = ()) -> Freeze:
    """Record a period in which changes on some targets (``all`` if none are named) need an override.

    :raises InvalidInput: as :func:`~changelog_ledger.changes.calendar.new_freeze`, or if the same is recorded already.
    :raises NotFound: if a target is not known.
    """
    with workspace.store.reading() as view:
        targets = [resolve_target(view, target) for target in on]
        others = view.schedule.freezes()
    freeze = new_freeze(
        id=_unused_id(workspace, "FRZ", {each.id for each in others}), title=title, start=start, end=end, on=targets, now=workspace.now()
    )
    if known := next((each for each in others if each.lifted_at is None and replace(each, id=freeze.id) == freeze), None):
        raise InvalidInput(f"{known.id} is this freeze already: {known.title!r}", "ledger freeze list shows those in force")
    body: dict[str, Any] = {"id": freeze.id, "title": freeze.title, "on": [str(target) for target in freeze.on]}
    body |= {"start": format_instant(freeze.start), "end": format_instant(freeze.end)}
    workspace.store.append([workspace.fact("freeze", body, at=freeze.start, ref=freeze.id)])
    return freeze


def list_freezes(workspace: Workspace, *, everything: bool = False) -> tuple[Freeze, ...]:
    """The freezes that are in force or to come, the first to start first; ``everything`` has those too that are past or lifted."""
    now = workspace.now()
    with workspace.store.reading() as view:
        return tuple(freeze for freeze in view.schedule.freezes() if everything or (freeze.end > now and freeze.lifted_at is None))


def lift_freeze(workspace: Workspace, identifier: str, because: str = "") -> Freeze:
    """End a freeze before its time.

    :raises InvalidInput: if it is lifted or over already.
    :raises NotFound: if there is no such freeze.
    """
    with workspace.store.reading() as view:
        freeze = view.schedule.freeze(identifier)
    now = workspace.now()
    if freeze.lifted_at is not None:
        raise InvalidInput(f"{freeze.id} was lifted at {shown_instant(freeze.lifted_at)} already", "ledger freeze list shows those in force")
    if freeze.end <= now:
        raise InvalidInput(f"{freeze.id} was over at {shown_instant(freeze.end)}", "ledger freeze list shows those in force")
    workspace.store.append([workspace.fact("freeze-lifted", {"freeze": freeze.id} | _because(because), at=now)])
    return replace(freeze, lifted_at=now)


def add_window(
    workspace: Workspace,
    title: str,
    start: datetime,
    length: timedelta,
    *,
    rule: str = "",
    zone_name: str = "",
    on: Sequence[str | Target] = (),
) -> WindowState:
    """Record a period in which some targets (``all`` if none are named) may be worked on.

    :param rule: how it recurs (RFC 5545), on the wall clock of the zone; UTC if none is named.
    :raises InvalidInput: as :func:`~changelog_ledger.changes.calendar.new_window`, or if there is no such zone.
    :raises NotFound: if a target is not known.
    """
    now, name = workspace.now(), zone_name or "UTC"
    with workspace.store.reading() as view:
        targets = [resolve_target(view, target) for target in on]
        taken = {window.id for window in view.schedule.windows()}
    identity = _unused_id(workspace, "MNT", taken)
    zone = zone_named(name)
    window = new_window(id=identity, title=title, start=start, length=length, zone_name=name, zone=zone, on=targets, rule=rule, now=now)
    body: dict[str, Any] = {"id": window.id, "title": window.title, "on": [str(target) for target in window.on]}
    body |= {"start": format_instant(window.start), "seconds": int(window.length.total_seconds()), "zone": window.zone, "rule": window.rule}
    workspace.store.append([workspace.fact("maintenance", body, at=window.start, ref=window.id)])
    return WindowState(window, next_occurrence([window], {name: zone}, now))


def list_windows(workspace: Workspace, *, everything: bool = False) -> tuple[WindowState, ...]:
    """The maintenance windows that will be open again (or are), the next to open first; ``everything`` has those too that will not."""
    now = workspace.now()
    with workspace.store.reading() as view:
        windows = view.schedule.windows()
    zones = zones_named(window.zone for window in windows)
    found = [WindowState(window, next_occurrence([window], zones, now)) for window in windows]
    found.sort(key=lambda state: (state.next is None, state.next.start if state.next else state.window.start, state.window.id))
    return tuple(state for state in found if everything or (state.next is not None and state.window.lifted_at is None))


def lift_window(workspace: Workspace, identifier: str, because: str = "") -> MaintenanceWindow:
    """Give a maintenance window up.

    :raises InvalidInput: if it was given up already.
    :raises NotFound: if there is no such window.
    """
    with workspace.store.reading() as view:
        window = view.schedule.window(identifier)
    if window.lifted_at is not None:
        raise InvalidInput(f"{window.id} was lifted at {shown_instant(window.lifted_at)} already", "ledger window list shows the others")
    now = workspace.now()
    workspace.store.append([workspace.fact("maintenance-lifted", {"maintenance": window.id} | _because(because), at=now)])
    return replace(window, lifted_at=now)


def period_in_window(workspace: Workspace, view: View, wanted: str, on: Collection[Target], length: timedelta | None) -> tuple[datetime, datetime]:
    """Planned start and end in the next occurrence of a maintenance window that has not begun and is long enough.

    :param wanted: the window's id, or ``next`` for whichever of the targets' windows is first.
    :param length: how long it takes; the whole occurrence if None.
    :raises NotFound: if there is no such window.
    :raises InvalidTime: if none is long enough, or comes again.
    """
    if wanted.strip().lower() == "next":
        places = touched_places(view, on)
        windows = [window for window in view.schedule.windows() if window.lifted_at is None and concerns(window.on, places)]
    else:
        windows = [view.schedule.window(wanted)]
    if not windows:
        raise NotFound(f"there is no maintenance window of {', '.join(map(str, on))}", "ledger window list shows them; or give --start and --for")
    zones = zones_named(window.zone for window in windows)
    found = next_occurrence(windows, zones, workspace.now(), at_least=length or timedelta(0), whole=True)
    if found is None:
        raise InvalidTime(_why_none(windows, length), "ledger window list shows when they are; or give --start and --for")
    return found.start, _end(found, length)


def _end(occurrence: Occurrence, length: timedelta | None) -> datetime:
    return occurrence.end if length is None else occurrence.start + length


def _why_none(windows: Sequence[MaintenanceWindow], length: timedelta | None) -> str:
    by_length = sorted(windows, key=lambda window: window.length, reverse=True)
    names = ", ".join(window.id for window in by_length[:3])
    longest = by_length[0].length
    if length is not None and length > longest:
        return f"the change takes {shown_length(length)}, and {names} last{'s' if len(windows) == 1 else ''} {shown_length(longest)} at most"
    return f"{names} do{'es' if len(windows) == 1 else ''} not come again"


def _because(text: str) -> dict[str, str]:
    return {"because": text.strip()} if text.strip() else {}


def _unused_id(workspace: Workspace, kind: str, taken: Collection[str]) -> str:
    while (identity := short_id(kind, workspace.entropy(8))) in taken:
        pass
    return identity
