"""JSON for programs: the documents of the interface, field by field. More fields may be added, none renamed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.model.change import Assessment, Change, Item, Note, Remark
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.keys import KeyOverview
from changelog_ledger.model.overview import Overview, TimelineEntry
from changelog_ledger.model.report import HostFreshness, Report, Suppressed, Suspect
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.snapshot import LeftOut, Snapshot
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Host, Service, Target, TargetKind
from changelog_ledger.reports.escape import json_safe
from changelog_ledger.reports.noise import suppressed_document

Document = dict[str, Any]


def dump(document: Mapping[str, Any]) -> str:
    """A document as text: the same value always gives the same text, nothing in it harms a terminal, and it encodes as UTF-8."""
    return json_safe(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def schema(name: str) -> str:
    """``changelog-ledger/NAME/1``."""
    return f"changelog-ledger/{name}/1"


def report_document(report: Report) -> Document:
    """``what-changed --json``."""
    return {
        "schema": schema("what-changed"),
        "target": {"kind": report.target.kind.value, "name": report.target.name},
        "made_at": format_instant(report.made_at),
        "symptom": report.symptom or None,
        "window": _window(report),
        "scope": [{"target": str(reach.target), "distance": reach.distance, "path": _targets(reach.path)} for reach in report.scope],
        "suspects": [_suspect(suspect) for suspect in report.suspects],
        "suspects_total": report.suspects_total,
        "evidence": [_evidence(piece) for piece in report.evidence],
        "unlogged": [piece.id for piece in report.unlogged],
        "suppressed": suppressed_document(report.suppressed),
        "changes": [_change(change) for change in report.changes],
        "ruled_out": [{"change": ruled.change, "why": ruled.why, "title": ruled.title, "ref": ruled.ref or None} for ruled in report.ruled_out],
        "warnings": _warnings(report.warnings),
        "freshness": [_freshness(look) for look in report.freshness],
    }


def evidence_document(name: str, pieces: Sequence[Evidence], suppressed: Sequence[Suppressed] = ()) -> Document:
    """What ``diff``, ``drift`` and ``compare`` print; ``name`` is one of these. ``suppressed`` was left out of the pieces as noise."""
    return {"schema": schema(name), "evidence": [_evidence(piece) for piece in pieces], "suppressed": suppressed_document(suppressed)}


def snapshots_document(snapshots: Sequence[Snapshot]) -> Document:
    """``snapshots --json``, oldest first."""
    ordered = sorted(snapshots, key=lambda snapshot: (snapshot.at, snapshot.id))
    return {"schema": schema("snapshots"), "snapshots": [_snapshot(snapshot) for snapshot in ordered]}


def change_document(change: Change) -> Document:
    """``change show --json``."""
    return {"schema": schema("change"), "change": _change(change)}


def changes_document(changes: Sequence[Change], total: int | None = None) -> Document:
    """``change list --json``; ``total`` says how many there are, where not all of them are in it."""
    return {"schema": schema("changes"), "changes": [_change(change) for change in changes], "total": len(changes) if total is None else total}


def timeline_document(entries: Sequence[TimelineEntry], suppressed: Sequence[Suppressed] = ()) -> Document:
    """``recent --json``."""
    return {"schema": schema("recent"), "entries": [_entry(entry) for entry in entries], "suppressed": suppressed_document(suppressed)}


def hosts_document(hosts: Sequence[Host], freshness: Sequence[HostFreshness] = ()) -> Document:
    """``host list --json``."""
    looks = {look.host: look for look in freshness}
    return {"schema": schema("hosts"), "hosts": [_host(host, looks.get(host.name)) for host in hosts]}


def host_document(host: Host, look: HostFreshness | None = None) -> Document:
    """``host show --json``."""
    return {"schema": schema("host"), "host": _host(host, look)}


def services_document(services: Sequence[Service]) -> Document:
    """``service list --json``."""
    return {"schema": schema("services"), "services": [_service(service) for service in services]}


def service_document(service: Service) -> Document:
    """``service show --json``."""
    return {"schema": schema("service"), "service": _service(service)}


def overview_document(overview: Overview) -> Document:
    """``status --json``."""
    return {
        "schema": schema("status"),
        "made_at": format_instant(overview.made_at),
        "home": overview.home,
        "database": {"kind": overview.database, "bytes": overview.database_bytes},
        "repository": {"bytes": overview.repository_bytes, "packs": overview.packs},
        "facts": overview.facts,
        "hosts": overview.hosts,
        "services": overview.services,
        "open_changes": [_change(change) for change in overview.open_changes],
        "overdue": [change.id for change in overview.overdue],
        "stuck": [change.id for change in overview.stuck],
        "awaiting_approval": [change.id for change in overview.awaiting_approval],
        "returns": [_return(change, overview.made_at) for change in overview.returning if change.last_return],
        "unreviewed": [change.id for change in overview.unreviewed],
        "overdue_reviews": [change.id for change in overview.overdue_reviews],
        "unticked": [{"change": change.id, "items": [item.text for item in change.open_items]} for change in overview.unticked],
        "unlogged": overview.unlogged,
        "newest_unlogged": [_evidence(piece) for piece in overview.newest_unlogged],
        "stale": [_freshness(look) for look in overview.stale],
        "never_snapshotted": list(overview.never_snapshotted),
        "keys": list(overview.keys),
        "spooled": overview.spooled,
        "warnings": _warnings(overview.warnings),
    }


def _time(moment: datetime | None) -> str | None:
    return format_instant(moment) if moment else None


def _targets(targets: Sequence[Target]) -> list[str]:
    return [str(target) for target in targets]


def _warnings(warnings: Sequence[Caveat]) -> list[Document]:
    return [{"code": warning.code, "text": warning.text} for warning in warnings]


def _window(report: Report) -> Document:
    window, mark = report.window, report.window.last_good
    return {
        "since": format_instant(window.since),
        "since_basis": window.since_basis.value,
        "until": format_instant(window.until),
        "until_basis": window.until_basis.value,
        "onset": _time(window.onset),
        "last_good": mark and {"at": format_instant(mark.at), "target": str(mark.target), "actor": mark.actor or None, "source": mark.source or None},
    }


def _suspect(suspect: Suspect) -> Document:
    return {
        "rank": suspect.rank,
        "score": suspect.score,
        "kind": suspect.kind.value,
        "change": suspect.change or None,
        "ref": suspect.ref or None,
        "title": suspect.title,
        "occurred_at": format_instant(suspect.occurred_at),
        "targets": _targets(suspect.targets),
        "reasons": [{"code": reason.code, "weight": reason.weight, "text": reason.text} for reason in suspect.reasons],
        "evidence": list(suspect.evidence),
    }


def _evidence(piece: Evidence) -> Document:
    return {
        "id": piece.id,
        "kind": piece.kind,
        "host": piece.target.name if piece.target.kind is TargetKind.HOST else None,
        "target": str(piece.target),
        "path": piece.path,
        "key": piece.key,
        "line": piece.line,
        "op": piece.op.value,
        "before": piece.before,
        "after": piece.after,
        "not_before": format_instant(piece.not_before),
        "not_after": format_instant(piece.not_after),
        "seen_at": format_instant(piece.seen_at),
        "explained_by": piece.explained_by or None,
        "confidence": piece.confidence.value,
        "because": piece.because or None,
        "transient": piece.transient,
        "summary": piece.summary,
        "note": piece.note or None,
        "ref": piece.ref or None,
        "actor": piece.actor or None,
        "parts": list(piece.parts),
        "noise": piece.noise or None,
    }


def _change(change: Change) -> Document:
    return {
        "id": change.id,
        "ref": change.ref or None,
        "title": change.title,
        "status": change.status.value,
        "type": change.type.value,
        "on": _targets(change.on),
        "paths": list(change.paths),
        "planned_start": _time(change.planned_start),
        "planned_end": _time(change.planned_end),
        "recorded_at": _time(change.recorded_at),
        "approved_at": _time(change.approved_at),
        "started_at": _time(change.started_at),
        "finished_at": _time(change.finished_at),
        "reviewed_at": _time(change.reviewed_at),
        "outcome": change.outcome or None,
        "impact": change.impact and change.impact.value,
        "risk": change.risk and change.risk.value,
        "category": list(change.category),
        "affects": _targets(change.affects),
        "items": [_item(item) for item in change.items],
        "rollback_to": change.rollback_to or None,
        "backout": change.backout or None,
        "backout_seconds": _seconds(change.backout_time),
        "last_return": _time(change.last_return),
        "retain_until": _time(change.retain_until),
        "irreversible": change.irreversible or None,
        "downtime_seconds": _seconds(change.downtime),
        "contact": change.contact or None,
        "zone": change.zone or None,
        "template": change.template or None,
        "parent": change.parent or None,
        "approvers": list(change.approvers),
        "actor": change.actor or None,
        "ticket": change.ticket or None,
        "reason": change.reason or None,
        "description": change.description or None,
        "logged_after": change.logged_after,
        "notes": [_note(note) for note in change.notes],
        "assessment": change.assessment and _assessment(change.assessment),
    }


def _return(change: Change, now: datetime) -> Document:
    left = None if change.last_return is None else change.last_return - now
    return {"change": change.id, "last_return": _time(change.last_return), "seconds_left": _seconds(left)}


def _item(item: Item) -> Document:
    proof = {"command": item.command or None, "paths": list(item.paths)}
    return {"text": item.text, "state": item.state.value, "because": item.because or None, **proof}


def _assessment(assessment: Assessment) -> Document:
    return {
        "made_at": format_instant(assessment.made_at),
        "impact": assessment.impact and assessment.impact.value,
        "risk": assessment.risk and assessment.risk.value,
        "dependents": [{"target": str(found.target), "distance": found.distance, "owner": found.owner or None} for found in assessment.dependents],
        "reasons": _remarks(assessment.reasons),
        "proposals": [
            {"text": each.text, "support": each.support, "of": each.of, "confidence": round(each.confidence, 3), "paths": list(each.paths)}
            | {"given": each.given or None}
            for each in assessment.proposals
        ],
    }


def _remarks(remarks: Sequence[Remark]) -> list[Document]:
    return [{"code": remark.code, "text": remark.text} for remark in remarks]


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _note(note: Note) -> Document:
    said = {"at": format_instant(note.at), "actor": note.actor or None, "text": note.text, "step": note.step or None}
    return said | {"remarks": _remarks(note.remarks)}


def keys_document(keys: KeyOverview) -> Document:
    """``key show``."""
    return {
        "schema": schema("key"),
        "recipients": list(keys.recipients),
        "own": keys.own or None,
        "older": list(keys.older),
        "fingerprints": keys.fingerprints,
    }


def _snapshot(snapshot: Snapshot) -> Document:
    return {
        "id": snapshot.id,
        "commit": snapshot.commit,
        "host": snapshot.host,
        "at": format_instant(snapshot.at),
        "reason": snapshot.reason or None,
        "change": snapshot.change or None,
        "phase": snapshot.phase and snapshot.phase.value,
        "files": snapshot.files,
        "partial": snapshot.partial,
        "unread": list(snapshot.unread),
        "left_out": _left_out(snapshot.left_out),
        "left_out_count": snapshot.left_out_count,
        "unchanged": snapshot.unchanged,
        "previous": snapshot.previous,
        "previous_at": _time(snapshot.previous_at),
        "actor": snapshot.actor or None,
    }


def _left_out(paths: Sequence[LeftOut]) -> list[Document]:
    return [{"path": left.path, "why": str(left.why), "detail": left.detail} for left in paths]


def _entry(entry: TimelineEntry) -> Document:
    return {
        "at": format_instant(entry.at),
        "kind": entry.kind,
        "text": entry.text,
        "id": entry.id or None,
        "targets": _targets(entry.targets),
        "status": entry.status or None,
        "detail": entry.detail or None,
        "actor": entry.actor or None,
        "explained_by": entry.explained_by or None,
        "unlogged": entry.unlogged,
        "category": list(entry.category),
        "outcome": entry.outcome or None,
        "remarks": list(entry.remarks),
        "path": entry.path or None,
        "found_at": _time(entry.found_at),
        "folded": entry.folded,
    }


def _freshness(look: HostFreshness) -> Document:
    return {
        "host": look.host,
        "last_at": _time(look.last_at),
        "first_at": _time(look.first_at),
        "unread": list(look.unread),
        "left_out": _left_out(look.left_out),
        "left_out_count": look.left_out_count,
        "snapshots": look.snapshots,
    }


def _host(host: Host, look: HostFreshness | None) -> Document:
    return {
        "name": host.name,
        "tags": list(host.tags),
        "attributes": dict(host.attributes),
        "retired_at": _time(host.retired_at),
        "last_snapshot_at": _time(look.last_at) if look else None,
        "snapshots": look.snapshots if look else None,
    }


def _service(service: Service) -> Document:
    needs = {"runs_on": list(service.runs_on), "depends_on": _targets(service.depends_on)}
    return {"name": service.name, **needs, "attributes": dict(service.attributes)}
