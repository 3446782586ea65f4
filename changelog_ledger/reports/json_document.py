"""JSON for programs: the documents of the interface, field by field. More fields may be added, none renamed."""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.model.evidence import Evidence, Observation, PossibleActor
from changelog_ledger.model.keys import KeyOverview
from changelog_ledger.model.overview import Overview, TimelineEntry
from changelog_ledger.model.report import HostFreshness, Report, Suppressed, Suspect, Verdict
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.snapshot import LeftOut, Snapshot
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Host, Service, TargetKind
from changelog_ledger.reports.change_json import change_value, return_value
from changelog_ledger.reports.incident_json import incident_value
from changelog_ledger.reports.incident_status import open_action_value
from changelog_ledger.reports.json_values import Document, schema, target_values, time_value
from changelog_ledger.reports.noise import suppressed_document
from changelog_ledger.reports.peers_text import peers_value


def report_document(report: Report) -> Document:
    """``what-changed --json``."""
    return {
        "schema": schema("what-changed"),
        "target": {"kind": report.target.kind.value, "name": report.target.name},
        "made_at": format_instant(report.made_at),
        "symptom": report.symptom or None,
        "verdict": _verdict(report.verdict),
        "window": _window(report),
        "scope": [{"target": str(reach.target), "distance": reach.distance, "path": target_values(reach.path)} for reach in report.scope],
        "suspects": [_suspect(suspect) for suspect in report.suspects],
        "suspects_total": report.suspects_total,
        "scoring": {"full": report.scoring.full, "steepness": report.scoring.steepness},
        "evidence": [evidence_value(piece) for piece in report.evidence],
        "unlogged": [piece.id for piece in report.unlogged],
        "suppressed": suppressed_document(report.suppressed),
        "changes": [change_value(change) for change in report.changes],
        "ruled_out": [{"change": ruled.change, "why": ruled.why, "title": ruled.title, "ref": ruled.ref or None} for ruled in report.ruled_out],
        "warnings": _warnings(report.warnings),
        "freshness": [_freshness(look) for look in report.freshness],
        "present": [_actor(actor) for actor in report.present],
        "peers": peers_value(report.peers),
    }


def evidence_document(name: str, pieces: Sequence[Evidence], suppressed: Sequence[Suppressed] = ()) -> Document:
    """What ``diff``, ``drift`` and ``compare`` print; ``name`` is one of these. ``suppressed`` was left out of the pieces as noise."""
    return {"schema": schema(name), "evidence": [evidence_value(piece) for piece in pieces], "suppressed": suppressed_document(suppressed)}


def snapshots_document(snapshots: Sequence[Snapshot]) -> Document:
    """``snapshots --json``, oldest first."""
    ordered = sorted(snapshots, key=lambda snapshot: (snapshot.at, snapshot.id))
    return {"schema": schema("snapshots"), "snapshots": [_snapshot(snapshot) for snapshot in ordered]}


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
        "open_changes": [change_value(change) for change in overview.open_changes],
        "overdue": [change.id for change in overview.overdue],
        "stuck": [change.id for change in overview.stuck],
        "awaiting_approval": [change.id for change in overview.awaiting_approval],
        "returns": [return_value(change, overview.made_at) for change in overview.returning if change.last_return],
        "unreviewed": [change.id for change in overview.unreviewed],
        "overdue_reviews": [change.id for change in overview.overdue_reviews],
        "unticked": [{"change": change.id, "items": [item.text for item in change.open_items]} for change in overview.unticked],
        "unlogged": overview.unlogged,
        "newest_unlogged": [evidence_value(piece) for piece in overview.newest_unlogged],
        "stale": [_freshness(look) for look in overview.stale],
        "never_snapshotted": list(overview.never_snapshotted),
        "keys": list(overview.keys),
        "spooled": overview.spooled,
        "restarts_pending": [_pending(seen) for seen in overview.restarts_pending],
        "open_incidents": [incident_value(incident) for incident in overview.open_incidents],
        "open_actions": [open_action_value(action) for action in overview.open_actions],
        "warnings": _warnings(overview.warnings),
    }


def _pending(seen: Observation) -> Document:
    return {
        "id": seen.id,
        "what": seen.what,
        "target": str(seen.target),
        "at": format_instant(seen.at),
        "not_before": seen.data.get("not_before"),
        "summary": seen.summary,
        "subject": seen.data.get("subject"),
    }


def _warnings(warnings: Sequence[Caveat]) -> list[Document]:
    return [{"code": warning.code, "text": warning.text} for warning in warnings]


def _verdict(verdict: Verdict) -> Document:
    return {
        "confidence": verdict.confidence.value,
        "nothing": verdict.nothing,
        "chance": verdict.chance,
        "unrecorded": verdict.unrecorded,
        "why": verdict.why or None,
        "unseen": list(verdict.unseen),
    }


def _window(report: Report) -> Document:
    window, mark = report.window, report.window.last_good
    return {
        "since": format_instant(window.since),
        "since_basis": window.since_basis.value,
        "until": format_instant(window.until),
        "until_basis": window.until_basis.value,
        "onset": time_value(window.onset),
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
        "targets": target_values(suspect.targets),
        "reasons": [{"code": reason.code, "weight": reason.weight, "value": reason.value, "text": reason.text} for reason in suspect.reasons],
        "evidence": list(suspect.evidence),
        "elsewhere": list(suspect.elsewhere),
        "trigger": suspect.trigger or None,
    }


def evidence_value(piece: Evidence) -> Document:
    """A piece of evidence as a part of a document."""
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
        "possible_actors": [_actor(actor) for actor in piece.possible_actors],
    }


def keys_document(keys: KeyOverview) -> Document:
    """``key show``."""
    return {
        "schema": schema("key"),
        "recipients": list(keys.recipients),
        "own": keys.own or None,
        "older": list(keys.older),
        "fingerprints": keys.fingerprints,
        "grants": keys.grants or None,
    }


def _actor(actor: PossibleActor) -> Document:
    return {"actor": actor.actor, "at": format_instant(actor.at), "summary": actor.summary, "evidence": actor.ref}


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
        "previous_at": time_value(snapshot.previous_at),
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
        "targets": target_values(entry.targets),
        "status": entry.status or None,
        "detail": entry.detail or None,
        "actor": entry.actor or None,
        "explained_by": entry.explained_by or None,
        "unlogged": entry.unlogged,
        "category": list(entry.category),
        "outcome": entry.outcome or None,
        "remarks": list(entry.remarks),
        "path": entry.path or None,
        "found_at": time_value(entry.found_at),
        "folded": entry.folded,
    }


def _freshness(look: HostFreshness) -> Document:
    return {
        "host": look.host,
        "last_at": time_value(look.last_at),
        "first_at": time_value(look.first_at),
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
        "retired_at": time_value(host.retired_at),
        "last_snapshot_at": time_value(look.last_at) if look else None,
        "snapshots": look.snapshots if look else None,
    }


def _service(service: Service) -> Document:
    needs = {"runs_on": list(service.runs_on), "depends_on": target_values(service.depends_on)}
    return {"name": service.name, **needs, "attributes": dict(service.attributes)}
