"""Incidents from the spool: what was typed is looked up, and what is written there is checked, before it is recorded."""

from __future__ import annotations

from dataclasses import replace

from changelog_ledger.changes.incidents import checked_times
from changelog_ledger.errors import InvalidFact
from changelog_ledger.model.change import Note
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.store.incident_codec import incident_from_json, incident_to_json
from changelog_ledger.store.queries import View
from changelog_ledger.store.spool_bodies import check_spooled
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace


def own_key(fact: Fact) -> str:
    """What a change or an incident is known by where its reference is taken."""
    return f"{fact.kind}:{fact.data['id']}"


def merged_incident(_workspace: Workspace, view: View, fact: Fact) -> Fact:
    """An incident that was opened while the ledger was away, as it is recorded.

    :raises NotFound: if a target is not known.
    :raises InvalidFact: if it is not made as incidents are, or its id is taken.
    """
    on = [str(resolve_target(view, text)) for text in fact.data["on"]]
    known = replace(fact, body=canonical(fact.data | {"on": on}))
    check_spooled(known)
    incident = checked_times(incident_from_json(known.data))
    if view.incidents.existing([incident.id]):
        raise InvalidFact(f"the id {incident.id} is taken by another incident")
    if view.facts.known_keys([fact.key]):  # it has been opened, so it is recorded; it goes by its own id
        why = f"the reference {incident.ref} is taken by another incident; said while the ledger was away"
        incident = replace(incident, ref="", notes=(*incident.notes, Note(fact.recorded_at, fact.actor, why)))
        known = replace(known, key=own_key(fact))
    return replace(known, body=canonical(incident_to_json(incident)))


def merged_incident_note(_workspace: Workspace, view: View, fact: Fact) -> Fact:
    """A remark on an incident. Raises :class:`NotFound` if that is not known."""
    check_spooled(fact)
    return replace(fact, body=canonical(fact.data | {"incident": view.incidents.named(fact.data["incident"]).id}))
