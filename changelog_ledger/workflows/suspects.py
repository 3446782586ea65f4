"""A suspect by its number, as ``what-changed`` shows it for the time before an incident."""

from __future__ import annotations

import re
from dataclasses import replace

from changelog_ledger.errors import NotFound
from changelog_ledger.model.incident import Incident, Link
from changelog_ledger.model.report import Suspect, SuspectKind
from changelog_ledger.workflows.linked_traces import traces_of_change, traces_of_evidence
from changelog_ledger.workflows.what_changed import what_changed
from changelog_ledger.workflows.workspace import Workspace

_SUSPECT = re.compile(r"suspect:([1-9][0-9]{0,3})", re.IGNORECASE)


def suspect_number(text: str) -> int | None:
    """The number in ``suspect:1``, None for anything else."""
    found = _SUSPECT.fullmatch(text.strip())
    return int(found[1]) if found else None


def judged_suspect(workspace: Workspace, incident: Incident, number: int, link: Link) -> Link:
    """The link to a suspect of the first of the incident's targets, in the time from when that last worked to when the incident began.

    :param link: its kind, and who says it.
    :raises NotFound: if there are not so many.
    """
    target = incident.targets[0]
    report = what_changed(workspace, target, until=incident.began_at, symptom=incident.symptom, limit=number)
    suspect = next((each for each in report.suspects if each.rank == number), None)
    if suspect is None:
        raise NotFound(f"{target} has {report.suspects_total} suspects before {incident.id}", f"look at them: ledger what-changed {target}")
    return _link_to(workspace, suspect, link)


def _link_to(workspace: Workspace, suspect: Suspect, link: Link) -> Link:
    with workspace.store.reading() as view:
        if suspect.kind is SuspectKind.CHANGE:
            what, traces = suspect.change, traces_of_change(view, view.changes.find(suspect.change), workspace.now())
        else:
            what, traces = suspect.evidence[0], traces_of_evidence(view, suspect.evidence)
    return replace(link, what=what, title=suspect.title, happened_at=suspect.occurred_at, traces=traces)
