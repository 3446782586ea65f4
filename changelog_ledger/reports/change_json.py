"""JSON of changes: one, or a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from changelog_ledger.model.change import Assessment, Change, Item, Note, Remark
from changelog_ledger.model.incident import Incident
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.json_values import Document, schema, seconds_value, target_values, time_value


def change_document(change: Change, incidents: Sequence[Incident] = ()) -> Document:
    """``change show --json``.

    :param incidents: those that it has to do with.
    """
    linked = [{"id": each.id, "title": each.title, "kind": link.kind.value} for each in incidents for link in each.links if link.what == change.id]
    return {"schema": schema("change"), "change": change_value(change) | {"incidents": linked}}


def changes_document(changes: Sequence[Change], total: int | None = None) -> Document:
    """``change list --json``; ``total`` says how many there are, where not all of them are in it."""
    return {"schema": schema("changes"), "changes": [change_value(change) for change in changes], "total": len(changes) if total is None else total}


def change_value(change: Change) -> Document:
    """A change as a part of a document."""
    return {
        "id": change.id,
        "ref": change.ref or None,
        "title": change.title,
        "status": change.status.value,
        "type": change.type.value,
        "on": target_values(change.on),
        "paths": list(change.paths),
        "planned_start": time_value(change.planned_start),
        "planned_end": time_value(change.planned_end),
        "recorded_at": time_value(change.recorded_at),
        "approved_at": time_value(change.approved_at),
        "started_at": time_value(change.started_at),
        "finished_at": time_value(change.finished_at),
        "reviewed_at": time_value(change.reviewed_at),
        "outcome": change.outcome or None,
        "impact": change.impact and change.impact.value,
        "risk": change.risk and change.risk.value,
        "category": list(change.category),
        "affects": target_values(change.affects),
        "items": [_item(item) for item in change.items],
        "rollback_to": change.rollback_to or None,
        "backout": change.backout or None,
        "backout_seconds": seconds_value(change.backout_time),
        "last_return": time_value(change.last_return),
        "retain_until": time_value(change.retain_until),
        "irreversible": change.irreversible or None,
        "downtime_seconds": seconds_value(change.downtime),
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


def return_value(change: Change, now: datetime) -> Document:
    """Until when one can go back with a change."""
    left = None if change.last_return is None else change.last_return - now
    return {"change": change.id, "last_return": time_value(change.last_return), "seconds_left": seconds_value(left)}


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


def _note(note: Note) -> Document:
    said = {"at": format_instant(note.at), "actor": note.actor or None, "text": note.text, "step": note.step or None}
    return said | {"remarks": _remarks(note.remarks)}
