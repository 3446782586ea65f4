"""JSON of incidents: one, or a list."""

from __future__ import annotations

from collections.abc import Sequence

from changelog_ledger.model.change import Note
from changelog_ledger.model.incident import Action, Incident, Link, Told
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Mark
from changelog_ledger.reports.json_values import Document, schema, target_values, time_value


def incident_document(incident: Incident, came_back: Mark | None = None) -> Document:
    """``incident show --json``.

    :param came_back: the mark that saw a target bad again after it was resolved.
    """
    return {"schema": schema("incident"), "incident": incident_value(incident) | {"came_back": came_back and _mark(came_back)}}


def incidents_document(incidents: Sequence[Incident]) -> Document:
    """``incident list --json``."""
    return {"schema": schema("incidents"), "incidents": [incident_value(incident) for incident in incidents]}


def incident_value(incident: Incident) -> Document:
    """An incident as a part of a document."""
    return {
        "id": incident.id,
        "ref": incident.ref or None,
        "title": incident.title,
        "state": incident.state.value,
        "on": target_values(incident.targets),
        "symptom": incident.symptom or None,
        "impact": incident.impact.value,
        "urgency": incident.urgency.value,
        "severity": incident.severity.value,
        "priority": incident.priority,
        "began_at": format_instant(incident.began_at),
        "detected_at": format_instant(incident.detected_at),
        "recorded_at": format_instant(incident.recorded_at),
        "acknowledged_at": time_value(incident.acknowledged_at),
        "mitigated_at": time_value(incident.mitigated_at),
        "resolved_at": time_value(incident.resolved_at),
        "reviewed_at": time_value(incident.reviewed_at),
        "kinds": [kind.value for kind in incident.kinds],
        "actor": incident.actor or None,
        "commander": incident.commander or None,
        "path": incident.path and incident.path.value,
        "fix": incident.fix or None,
        "summary": incident.summary or None,
        "trigger": incident.trigger or None,
        "causes": list(incident.causes),
        "worked": list(incident.worked),
        "links": [_link(link) for link in incident.links],
        "notes": [_note(note) for note in incident.notes],
        "told": [_told(told) for told in incident.told],
        "actions": [action_value(action) for action in incident.actions],
    }


def action_value(action: Action) -> Document:
    """An action as a part of a document."""
    return {
        "number": action.number,
        "text": action.text,
        "owner": action.owner or None,
        "due": action.due and action.due.isoformat(),
        "done_at": time_value(action.done_at),
        "done_by": action.done_by or None,
    }


def _link(link: Link) -> Document:
    return {
        "kind": link.kind.value,
        "what": link.what,
        "title": link.title or None,
        "because": link.because or None,
        "at": format_instant(link.at),
        "actor": link.actor or None,
        "happened_at": time_value(link.happened_at),
        "traces": [
            {name: getattr(trace, name) or None for name in ("host", "path", "key", "shape", "subject")} for trace in link.traces
        ],
    }  # fmt: skip


def _note(note: Note) -> Document:
    return {"at": format_instant(note.at), "actor": note.actor or None, "text": note.text, "step": note.step or None}


def _told(told: Told) -> Document:
    return {"at": format_instant(told.at), "actor": told.actor or None, "text": told.text, "template": told.template or None}


def _mark(mark: Mark) -> Document:
    return {"target": str(mark.target), "at": format_instant(mark.at), "symptom": mark.symptom or None, "source": mark.source or None}
