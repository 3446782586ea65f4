"""An incident's state becomes rows: itself, what it is on, what it links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from changelog_ledger.store.incident_codec import incident_from_json
from changelog_ledger.store.plain import indexed_text
from changelog_ledger.store.writing import Row


def incident_rows(state: Mapping[str, Any]) -> tuple[Row, list[Row], list[Row]]:
    """The row of an incident, and those of its targets and its links."""
    incident = incident_from_json(state)
    times = {"began_at": incident.began_at, "resolved_at": incident.resolved_at}
    row = {"id": incident.id, "ref": indexed_text(incident.ref), "state": dict(state)} | times
    targets = [{"target_kind": str(target.kind), "target_name": target.name, "incident": incident.id} for target in dict.fromkeys(incident.targets)]
    links = [{"incident": incident.id, "what": indexed_text(link.what), "kind": str(link.kind), "at": link.at} for link in incident.links]
    return row, targets, list({link["what"]: link for link in links}.values())
