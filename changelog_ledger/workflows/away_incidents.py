"""Incidents that are opened, and notes on them, while the database is away: the facts for the spool. Targets stay as they were typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from changelog_ledger.changes.incidents import Particulars, new_incident
from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.change import Note
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import short_id
from changelog_ledger.model.topology import Health, Target
from changelog_ledger.store.codec import note_to_json
from changelog_ledger.store.incident_codec import incident_to_json
from changelog_ledger.workflows.away import guessed_target, typed_id, typed_target
from changelog_ledger.workflows.incident_marks import mark_fact
from changelog_ledger.workflows.mark_health import not_future
from changelog_ledger.workflows.workspace import Workspace


def incident_of(
    workspace: Workspace,
    title: str,
    on: Sequence[str | Target],
    *,
    began: datetime | None = None,
    detected: datetime | None = None,
    said: Particulars | None = None,
    ref: str = "",
) -> list[Fact]:
    """The fact of an incident with an id drawn here, and those of the marks that its targets are bad, for nobody can say whether they have them.

    :raises InvalidInput: as :func:`~changelog_ledger.workflows.record_incident.open_incident`, as far as it can be told without the database.
    """
    noticed = not_future(workspace, detected)
    incident = new_incident(
        id=short_id("INC", workspace.entropy(8)),
        title=title,
        on=[guessed_target(target) for target in on],
        actor=workspace.actor,
        recorded_at=workspace.now(),
        began_at=not_future(workspace, began) if began else noticed,
        detected_at=noticed,
        said=said or Particulars(),
        ref=ref.strip(),
    )
    typed = list(dict.fromkeys(typed_target(target) for target in on))
    body = incident_to_json(incident) | {"on": typed}
    opened = workspace.fact("incident", body, at=incident.began_at, ref=incident.ref or incident.id)
    return [opened, *(mark_fact(workspace, incident, target, Health.BAD, incident.began_at) for target in typed)]


def incident_note_of(workspace: Workspace, incident: str, text: str) -> Fact:
    """A remark on an incident that cannot be looked up.

    :raises InvalidInput: if it says nothing.
    """
    if not text.strip():
        raise InvalidInput("the note says nothing", "write what is to be remembered: ledger incident update ID --note TEXT")
    note = Note(workspace.now(), workspace.actor, text.strip())
    return workspace.fact("incident-step", {"incident": typed_id(incident), "verb": "note", "notes": [note_to_json(note)]}, at=note.at)
