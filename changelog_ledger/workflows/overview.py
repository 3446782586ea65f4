"""``status``: the state of a home in one value."""

from __future__ import annotations

from datetime import timedelta

from changelog_ledger.model.change import Change, ChangeType
from changelog_ledger.model.overview import Overview
from changelog_ledger.model.topology import EVERYTHING
from changelog_ledger.store.store import database_size
from changelog_ledger.workflows.recent import drift
from changelog_ledger.workflows.what_changed import freshness
from changelog_ledger.workflows.workspace import FINGERPRINT_KEY, KEY_FOLDER, SEALING_KEY, Workspace

DRIFT_SHOWN = 5
DRIFT_SINCE = timedelta(days=7)


def overview(workspace: Workspace) -> Overview:
    """Open changes, drift, stale hosts, keys, sizes."""
    now = workspace.now()
    unlogged = drift(workspace, EVERYTHING, since=now - DRIFT_SINCE)
    with workspace.store.reading() as view:
        hosts = [host for host in view.topology.hosts() if host.retired_at is None]
        services = view.topology.services()
        open_changes = view.changes.listed(open_only=True, on=None, since=None, limit=1000)
        lately = view.changes.listed(open_only=False, on=None, since=now - timedelta(days=90), limit=1000)
        spans = view.evidence.snapshot_span([host.name for host in hosts])
        looked_at = [host for host, span in spans.items() if span[1] < now - workspace.settings.stale_after]
        stale = freshness(view, sorted(looked_at), now, spans)
        facts = view.facts.count()
    room = workspace.repository.room()
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
        open_changes=tuple(sorted(open_changes, key=lambda change: change.begins or now)),
        overdue=tuple(change for change in open_changes if change.planned_end and change.planned_end < now),
        unreviewed=tuple(change for change in lately if _waits_for_review(change)),
        unlogged=len(unlogged),
        newest_unlogged=tuple(reversed(unlogged))[:DRIFT_SHOWN],
        stale=stale,
        never_snapshotted=tuple(host.name for host in hosts if host.name not in spans),
        keys=_keys(workspace),
    )


def _waits_for_review(change: Change) -> bool:
    return change.type is ChangeType.EMERGENCY and not change.is_open and change.reviewed_at is None


def _keys(workspace: Workspace) -> tuple[str, ...]:
    """The keys by file, with a warning where others may read them."""
    found = []
    for name in (FINGERPRINT_KEY, SEALING_KEY):
        path = workspace.home / KEY_FOLDER / name
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        state = "missing" if mode is None else "ok" if mode & 0o077 == 0 else f"others may read it (mode {mode:04o}): chmod 600 {path}"
        found.append(f"{name}: {state}")
    return tuple(found)
