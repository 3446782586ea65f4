"""What a link of an incident leads to: a change, a piece of evidence, another incident; else an address or words, as they were given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from changelog_ledger.errors import NotFound
from changelog_ledger.investigation import net_evidence
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.incident import Incident, Link, Trace
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.linked_traces import trace_of_delta, trace_of_observation, traces_of_change
from changelog_ledger.workflows.recent import evidence_id_of
from changelog_ledger.workflows.workspace import Workspace

_OURS = re.compile(r"(CHG|EV|INC)-[0-9A-Z]+", re.IGNORECASE)
"""What looks like an id of ours: one that nobody knows is a slip of the finger, not words."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What an import brings along with its incidents, and the ledger does not know yet.

    :ivar changes: by id and by reference.
    :ivar observations: by reference, under the ids that they will have.
    :ivar touched: where its snapshots found what belongs to a change, by the name that they call it.
    """

    changes: Mapping[str, Change] = field(default_factory=dict)
    observations: Mapping[str, Observation] = field(default_factory=dict)
    touched: Mapping[str, tuple[Trace, ...]] = field(default_factory=dict)


def known_link(workspace: Workspace, view: View, link: Link) -> Link:
    """The link with what the ledger knows of the thing: its id, its title, when it happened and where it acted.

    :raises NotFound: if it looks like an id of the ledger, and there is no such thing.
    :raises Ambiguous: if there are several.
    """
    text = link.what.strip()
    ours = _OURS.fullmatch(text)
    if ours:
        return _BY_KIND[ours[1].upper()](workspace, view, link, text)
    for change in view.changes.with_reference(text):
        return linked_change(workspace, view, link, change)
    seen = view.evidence.observation(evidence_id("observation", f"observation:{text}"))
    if seen is not None:
        return _linked_observation(link, seen)
    return replace(link, what=workspace.masked_text(text))


def imported_link(workspace: Workspace, view: View, link: Link, beside: Beside) -> Link:
    """The link of an import's line, as :func:`known_link`; what nobody knows stays as it is written."""
    text = link.what.strip()
    if text in beside.changes:
        change = beside.changes[text]
        touched = beside.touched.get(change.id, ()) or beside.touched.get(change.ref, ())
        found = linked_change(workspace, view, link, change)
        return replace(found, traces=touched or found.traces)
    if text in beside.observations:
        return _linked_observation(link, beside.observations[text])
    try:
        return known_link(workspace, view, link)
    except NotFound:
        return replace(link, what=text)


def linked_change(workspace: Workspace, view: View, link: Link, change: Change) -> Link:
    """The link to a change."""
    return _filled(link, change.id, change.title, change.begins, traces_of_change(view, change, workspace.now()))


def _change(workspace: Workspace, view: View, link: Link, text: str) -> Link:
    return linked_change(workspace, view, link, view.changes.find(text))


def _evidence(_workspace: Workspace, view: View, link: Link, text: str) -> Link:
    identity = evidence_id_of(view, text)
    for delta in view.evidence.deltas_by_id([identity]):
        piece = net_evidence([delta])[0].evidence
        return _filled(link, identity, f"{delta.host} {piece.summary}", piece.seen_at, (trace_of_delta(delta),))
    seen = view.evidence.observation(identity)
    assert seen is not None  # it has been found by its id
    return _linked_observation(link, seen)


def _linked_observation(link: Link, seen: Observation) -> Link:
    return _filled(link, seen.id, f"{seen.target.name} {seen.summary}", seen.at, (trace_of_observation(seen),))


def _incident(_workspace: Workspace, view: View, link: Link, text: str) -> Link:
    incident: Incident = view.incidents.named(text)
    return _filled(link, incident.id, incident.title, incident.began_at)


def _filled(link: Link, what: str, title: str, happened_at: datetime | None, traces: tuple[Trace, ...] = ()) -> Link:
    return replace(link, what=what, title=title, happened_at=happened_at, traces=traces)


_BY_KIND: Mapping[str, Callable[[Workspace, View, Link, str], Link]] = {"CHG": _change, "EV": _evidence, "INC": _incident}
