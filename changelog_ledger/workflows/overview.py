"""``status``: the state of a home in one value."""

from __future__ import annotations

from datetime import timedelta

from changelog_ledger.changes.rules import approvals_missing, awaits_review
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.overview import Overview
from changelog_ledger.model.policy import Policy
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.topology import EVERYTHING
from changelog_ledger.store.store import database_size
from changelog_ledger.workflows.recent import drift
from changelog_ledger.workflows.review_incident import open_actions
from changelog_ledger.workflows.what_changed import freshness
from changelog_ledger.workflows.workspace import FINGERPRINT_KEY, KEY_FOLDER, SEALING_KEY, Workspace

DRIFT_SHOWN = 5
DRIFT_SINCE = timedelta(days=7)
CHANGES_SINCE = timedelta(days=90)
MOST_CHANGES = 5000
"""How many changes are looked at for reviews and open items."""


def overview(workspace: Workspace) -> Overview:
    """Open changes, drift, stale hosts, keys, sizes."""
    now = workspace.now()
    unlogged = drift(workspace, EVERYTHING, since=now - DRIFT_SINCE)
    with workspace.store.reading() as view:
        hosts = [host for host in view.topology.hosts() if host.retired_at is None]
        services = view.topology.services()
        open_changes = view.changes.listed(open_only=True, on=None, since=None, limit=None)
        lately = view.changes.listed(open_only=False, on=None, since=now - CHANGES_SINCE, limit=MOST_CHANGES + 1)
        spans = view.evidence.snapshot_span([host.name for host in hosts])
        looked_at = [host for host, span in spans.items() if span[1] < now - workspace.settings.stale_after]
        stale = freshness(view, sorted(looked_at), now, spans)
        facts = view.facts.count()
        restarts_pending = view.evidence.pending_restarts([host.name for host in hosts])
        open_incidents = view.incidents.open()
        actions = open_actions(view)
    room = workspace.repository.room()
    policy = workspace.settings.policy
    unreviewed = tuple(change for change in lately[:MOST_CHANGES] if awaits_review(change, policy))
    return Overview(
        made_at=now,
        home=str(workspace.home),
        database=workspace.store.database.dialect,
        database_bytes=database_size(workspace.store),
        repository_bytes=room.bytes,
        packs=room.packs,
        facts=facts,
        hosts=len(hosts),
        services=len(services),
        open_changes=tuple(sorted(open_changes, key=lambda change: (change.status is not Status.STARTED, change.begins or now))),
        overdue=tuple(change for change in open_changes if change.is_overdue(now)),
        stuck=tuple(change for change in open_changes if change.is_stuck(now)),
        awaiting_approval=tuple(change for change in open_changes if _lacks_approval(change, policy)),
        returning=tuple(change for change in open_changes if change.awaits_return(now)),
        unreviewed=unreviewed,
        overdue_reviews=tuple(change for change in unreviewed if change.finished_at and change.finished_at < now - policy.review_within),
        unticked=tuple(change for change in lately if change.status in (Status.SUCCEEDED, Status.FAILED) and change.open_items),
        unlogged=len(unlogged),
        newest_unlogged=tuple(reversed(unlogged))[:DRIFT_SHOWN],
        stale=stale,
        never_snapshotted=tuple(host.name for host in hosts if host.name not in spans),
        keys=_keys(workspace),
        spooled=len(workspace.spool.waiting()),
        restarts_pending=restarts_pending,
        open_actions=actions,
        open_incidents=tuple(sorted(open_incidents, key=lambda incident: (incident.priority, incident.began_at))),
        warnings=_not_all(len(lately)),
    )


def _lacks_approval(change: Change, policy: Policy) -> bool:
    return approvals_missing(change, policy) > 0


def _not_all(looked_at: int) -> tuple[Caveat, ...]:
    """Said where there are more changes than were looked at: the oldest may wait for a review, too."""
    if looked_at <= MOST_CHANGES:
        return ()
    text = f"only the newest {MOST_CHANGES:,} changes of the last {CHANGES_SINCE.days} days were looked at for reviews and open items"
    return (Caveat("not-all-changes", text),)


def _keys(workspace: Workspace) -> tuple[str, ...]:
    """The keys by file, with a warning where others may read them."""
    found = []
    for name in (FINGERPRINT_KEY, SEALING_KEY):
        path = workspace.home / KEY_FOLDER / name
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        state = "missing" if mode is None else "ok" if mode & 0o077 == 0 else f"others may read it (mode {mode:04o}): chmod 600 {path}"
        found.append(f"{name}: {state}")
    return tuple(found)
