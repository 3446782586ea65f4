"""Retiring a host: not while a change may still go back to it."""

from __future__ import annotations

from datetime import datetime

from changelog_ledger.errors import TransitionRefused
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.rollback_target import RETAINED
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Host
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace


def retire_host(workspace: Workspace, name: str, *, because: str = "") -> Host:
    """Record that a host is gone. Its history stays.

    :param because: why, though a change may still go back to it; it is kept.
    :raises NotFound: if there is no such host.
    :raises TransitionRefused: if a change needs it and nothing says why it goes all the same.
    """
    reason = because.strip()
    with workspace.store.reading() as view:
        known_host(view, name)
        held = [(change, why) for change in view.changes.going_back_to(f"{RETAINED}{name}") if (why := _needed(workspace, change))]
    if needing := [] if reason else held:
        raise _refusal(name, needing)
    workspace.store.append([workspace.fact("host-retired", {"name": name} | ({"because": reason} if reason else {}))])
    with workspace.store.reading() as view:
        return known_host(view, name)


def _needed(workspace: Workspace, change: Change) -> str:
    """Why a change still needs the host that it goes back to; empty if it does not."""
    if change.status in (Status.CANCELLED, Status.ROLLED_BACK):
        return ""
    if change.is_open:
        until = f" (retained until {shown_instant(change.retain_until)})" if change.retain_until else ""
        return f"it is {change.status}{until}"
    if change.retain_until is not None:
        return f"retained until {shown_instant(change.retain_until)}" if _lies_ahead(workspace, change.retain_until) else ""
    return "not reviewed yet" if change.reviewed_at is None else ""


def _lies_ahead(workspace: Workspace, moment: datetime) -> bool:
    return moment > workspace.now()


def _refusal(name: str, needing: list[tuple[Change, str]]) -> TransitionRefused:
    first, why = needing[0]
    more = f"; and {len(needing) - 1} more: {', '.join(change.id for change, _ in needing[1:4])}" if len(needing) > 1 else ""
    review = "" if first.is_open or first.retain_until else f"review it: ledger change review {first.id}; or "
    return TransitionRefused(
        f"{name} is what {first.id} ({first.title[:60]}) goes back to, {why}{more}", f"{review}say why it goes all the same: --because TEXT"
    )
