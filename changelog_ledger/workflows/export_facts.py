"""``export``: the ledger as JSON Lines that ``import`` takes.

Changes and incidents are written as they stand now, at the place where they were first recorded; snapshots with the files that differ from the
host's snapshot before, as they are stored: redacted. Snapshots that retention dropped are not there. What the format has no words for (modes, owners,
links) stays behind: a backup copies the repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from changelog_ledger.model.fact import Fact
from changelog_ledger.model.times import format_instant
from changelog_ledger.store.codec import change_to_json
from changelog_ledger.store.incident_codec import incident_to_json
from changelog_ledger.workflows.workspace import Workspace

_WITHOUT_LINE = ("change-step", "incident-step", "expiry")


def export_facts(workspace: Workspace) -> Iterator[str]:
    """One line a fact, without the line feed, in the order of the ledger."""
    written: dict[str, str] = {}
    for _, fact in workspace.store.facts():
        if fact.kind not in _WITHOUT_LINE and not _has_expired(workspace, fact):
            yield json.dumps(_line(workspace, fact, written), ensure_ascii=True)


def _has_expired(workspace: Workspace, fact: Fact) -> bool:
    if fact.kind != "snapshot":
        return False
    with workspace.store.reading() as view:
        return view.evidence.snapshot(fact.id) is None


def _line(workspace: Workspace, fact: Fact, written: dict[str, str]) -> dict[str, Any]:
    ref = fact.key.partition(":")[2]
    line: dict[str, Any] = {"kind": fact.kind}
    if fact.kind == "change":
        return line | _change_line(workspace, fact, ref)
    if fact.kind == "incident":
        return line | _incident_line(workspace, fact, ref)
    line |= {name: value for name, value in fact.data.items() if value not in ("", None)}
    line |= {"key": ref, "actor": fact.actor}
    if fact.kind not in ("freeze", "maintenance"):
        line["at"] = format_instant(fact.occurred_at)
    if fact.kind == "snapshot":
        return _snapshot_line(workspace, line, fact, written)
    return line


def _change_line(workspace: Workspace, fact: Fact, ref: str) -> dict[str, Any]:
    with workspace.store.reading() as view:
        change = view.changes.by_id([fact.data["id"]])[fact.data["id"]]
    line = change_to_json(change)
    return line if ref in (change.id, change.ref) else line | {"key": ref}


def _incident_line(workspace: Workspace, fact: Fact, ref: str) -> dict[str, Any]:
    with workspace.store.reading() as view:
        incident = view.incidents.by_id([fact.data["id"]])[fact.data["id"]]
    line = incident_to_json(incident)
    return line if ref in (incident.id, incident.ref) else line | {"key": ref}


def _snapshot_line(workspace: Workspace, line: dict[str, Any], fact: Fact, written: dict[str, str]) -> dict[str, Any]:
    """The files that differ from the host's snapshot that was written last, whatever its fact follows: that one may have expired.

    :param written: the commit of each host's last line; brought forward.
    """
    kept = {name: value for name, value in line.items() if name in ("kind", "key", "actor", "at", "host", "reason", "change", "phase", "expected")}
    repository = workspace.repository
    host, commit = fact.data["host"], fact.data["commit"]
    changed = repository.changed(written.get(host), commit).paths
    written[host] = commit
    blobs = repository.read_blobs([path.after for path in changed if path.after])
    files = {path.path: blobs[path.after].decode("utf-8", "surrogateescape") if path.after else None for path in changed}
    return kept | {"id": fact.id, "files": files}
