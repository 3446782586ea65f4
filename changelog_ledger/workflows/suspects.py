"""A suspect by its number, as ``what-changed`` shows it for the time before an incident."""

from __future__ import annotations

import re
from dataclasses import replace

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.incident import Incident, Link
from changelog_ledger.model.report import Suspect, SuspectKind
from changelog_ledger.reports.phrases import count
from changelog_ledger.workflows.linked_traces import traces_of_change, traces_of_evidence
from changelog_ledger.workflows.what_changed import what_changed
from changelog_ledger.workflows.workspace import Workspace

_SUSPECT = re.compile(r"suspect:(.*)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_MOST_ASKED = 10_000
"""Suspects that are weighed to find one by its number."""


def suspect_number(text: str) -> int | None:
    """The number in ``suspect:1``, None for anything that does not begin like it.

    :raises InvalidInput: for ``suspect:`` and something that is no number from 1 on.
    """
    found = _SUSPECT.fullmatch(text.strip())
    if found is None:
        return None
    if not _NUMBER.fullmatch(found[1]):
        raise InvalidInput(f"{text.strip()!r} names no suspect", "they are counted from 1, as ledger what-changed shows them: suspect:1")
    return int(found[1])


def judged_suspect(workspace: Workspace, incident: Incident, number: int, link: Link) -> Link:
    """The link to a suspect before an incident.

    :param link: its kind, and who says it.
    :raises NotFound: if there are not so many.
    """
    return _link_to(workspace, suspect_before(workspace, incident, number), link)


def suspect_before(workspace: Workspace, incident: Incident, number: int) -> Suspect:
    """A suspect of the first of the incident's targets, in the time from when that last worked to when the incident began, as it is ranked now.

    :raises NotFound: if there are not so many.
    """
    target = incident.targets[0]
    report = what_changed(workspace, target, until=incident.began_at, symptom=incident.symptom, limit=min(number, _MOST_ASKED))
    suspect = next((each for each in report.suspects if each.rank == number), None)
    if suspect is None:
        raise NotFound(f"{target} has {count(report.suspects_total, 'suspect')} before {incident.id}", f"look at them: ledger what-changed {target}")
    return suspect


def _link_to(workspace: Workspace, suspect: Suspect, link: Link) -> Link:
    with workspace.store.reading() as view:
        if suspect.kind is SuspectKind.CHANGE:
            what, traces = suspect.change, traces_of_change(view, view.changes.find(suspect.change), workspace.now())
        else:
            what, traces = suspect.evidence[0], traces_of_evidence(view, suspect.evidence)
    return replace(link, what=what, title=suspect.title, happened_at=suspect.occurred_at, traces=traces)
