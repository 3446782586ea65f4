"""Incidents: opened, told more about, linked to what caused them, resolved; with the marks that go along, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from changelog_ledger.changes.incidents import Particulars, early_fix_words, linked, new_incident, reopened, resolved, updated
from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import short_id
from changelog_ledger.model.incident import Incident, Link, LinkKind
from changelog_ledger.model.topology import Target
from changelog_ledger.store.incident_codec import incident_to_json, step_body
from changelog_ledger.store.plain import plain_text
from changelog_ledger.store.queries import View
from changelog_ledger.store.recording import Recording
from changelog_ledger.workflows.incident_marks import bad_marks, good_marks, onset_of
from changelog_ledger.workflows.linked_things import known_link
from changelog_ledger.workflows.mark_health import not_future
from changelog_ledger.workflows.suspects import judged_suspect, suspect_number
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace


def open_incident(
    workspace: Workspace,
    title: str,
    on: Sequence[str | Target],
    *,
    began: datetime | None = None,
    detected: datetime | None = None,
    said: Particulars | None = None,
    ref: str = "",
) -> Incident:
    """Record that there is trouble; its targets are marked bad from when it began, unless they are marked so already.

    :param began: None for when one of its targets was first seen bad, else when it was detected.
    :param detected: now if None.
    :raises NotFound: if there is no such target.
    :raises InvalidInput: as :func:`~changelog_ledger.changes.incidents.new_incident`, or if the ``ref`` is taken.
    :raises InvalidTime: if a time is in the future or out of order.
    """
    noticed = not_future(workspace, detected)
    with workspace.store.recording() as recording:
        view = recording.view
        _refuse_known(view, ref.strip())
        targets = [resolve_target(view, target) for target in on]
        incident = new_incident(
            id=_unused_id(workspace, view),
            title=title,
            on=targets,
            actor=workspace.actor,
            recorded_at=workspace.now(),
            began_at=not_future(workspace, began) if began else onset_of(view, targets, noticed),
            detected_at=noticed,
            said=said or Particulars(),
            ref=ref.strip(),
        )
        return _added(recording, incident.id, [incident_fact(workspace, incident), *bad_marks(workspace, view, incident)])


def incident_fact(workspace: Workspace, incident: Incident) -> Fact:
    """The fact of an incident that is opened."""
    return workspace.fact("incident", incident_to_json(incident), at=incident.began_at, ref=incident.ref or incident.id)


def update_incident(workspace: Workspace, identifier: str, said: Particulars, *, note: str = "", fix: str = "") -> Incident:
    """Record what is known of an incident by now.

    :param fix: the change that carries its fix: an id or a reference.
    :raises NotFound: if there is no such incident or change.
    :raises InvalidInput: as :func:`~changelog_ledger.changes.incidents.updated`.
    """
    carrier = _fix_link(workspace, fix)
    for moment in (said.acknowledged_at, said.mitigated_at):
        not_future(workspace, moment)
    now = workspace.now()
    verb = "note" if said.is_empty and carrier is None else "update"
    told = record_step(workspace, identifier, verb, lambda incident: updated(incident, said, at=now, actor=workspace.actor, note=note, fix=carrier))
    return _with_its_fix_looked_at(workspace, told, carrier)


def link_incident(workspace: Workspace, identifier: str, what: str, kind: str | LinkKind, *, because: str = "") -> Incident:
    """Record what something has to do with an incident. What was linked as something else before is superseded.

    :param what: an id, a change's reference, ``suspect:1`` (of what changed before the incident), an address or words.
    :raises NotFound: if there is no such thing.
    :raises InvalidInput: if it is not said what, or as what.
    """
    link = Link(_link_kind(kind), what.strip(), workspace.now(), workspace.actor, because.strip())
    number = suspect_number(what)
    if number is not None:
        found = judged_suspect(workspace, find_incident(workspace, identifier), number, link)
    else:
        with workspace.store.reading() as view:
            found = known_link(workspace, view, link)
    told = record_step(workspace, identifier, "link", lambda incident: linked(incident, found))
    return _with_its_fix_looked_at(workspace, told, found if found.kind is LinkKind.FIX else None)


def resolve_incident(workspace: Workspace, identifier: str, *, at: datetime | None = None, by: str = "", note: str = "") -> Incident:
    """Record that the trouble is over; its targets are marked good, except those that another open incident is on.

    :param by: the change that ended it.
    :raises TransitionRefused: if it was over already.
    """
    when, carrier = not_future(workspace, at), _fix_link(workspace, by)
    over = record_step(
        workspace,
        identifier,
        "resolve",
        lambda incident: resolved(incident, at=when, actor=workspace.actor, note=note, fix=carrier),
        at=when,
        along=lambda view, incident: good_marks(workspace, view, incident),
    )
    return _with_its_fix_looked_at(workspace, over, carrier)


def reopen_incident(workspace: Workspace, identifier: str, because: str) -> Incident:
    """Record that the trouble is back; its targets are marked bad, unless they are marked so already.

    :raises TransitionRefused: if it was not over.
    :raises InvalidInput: if nobody says why.
    """
    now = workspace.now()
    return record_step(
        workspace,
        identifier,
        "reopen",
        lambda incident: reopened(incident, because, at=now, actor=workspace.actor),
        along=lambda view, incident: bad_marks(workspace, view, incident, since=now),
    )


def record_step(
    workspace: Workspace,
    identifier: str,
    verb: str,
    step: Callable[[Incident], Incident],
    *,
    at: datetime | None = None,
    along: Callable[[View, Incident], Iterable[Fact]] = lambda _view, _incident: (),
) -> Incident:
    """Record a step of an incident, as it stands while nobody else can write; it comes back as it was recorded. One that alters nothing is none.

    :param verb: what the step is called in its fact: ``update``, ``link``, ``resolve`` …
    :param step: the incident before → after it.
    :param at: when it was so; now if None.
    :param along: further facts that are recorded with it.
    :raises NotFound: if there is no such incident.
    """
    with workspace.store.recording() as recording:
        before = recording.view.incidents.named(identifier)
        after = step(before)
        body = step_body(before, after, verb)
        if not body.keys() - {"incident", "verb"}:
            return before
        fact = workspace.fact("incident-step", body, at=at)
        return _added(recording, before.id, [fact, *along(recording.view, after)])


def find_incident(workspace: Workspace, identifier: str) -> Incident:
    """The incident that an id, an unambiguous beginning of it, or an external reference names.

    :raises NotFound: if there is none, or (:class:`Ambiguous`) several.
    """
    with workspace.store.reading() as view:
        return view.incidents.named(identifier)


def list_incidents(
    workspace: Workspace, *, open_only: bool = False, on: str | Target | None = None, since: datetime | None = None
) -> tuple[Incident, ...]:
    """Incidents, the one that began last first.

    :param on: only those that name this target.
    :param since: only those that were going on after it.
    """
    with workspace.store.reading() as view:
        found = view.incidents.open() if open_only else view.incidents.between(since, workspace.now()) if since else view.incidents.all()
        target = None if on is None else resolve_target(view, on)
    return tuple(each for each in found if target is None or target in each.targets)


def incidents_linking(workspace: Workspace, identity: str) -> tuple[Incident, ...]:
    """The incidents that have to do with something: a change, a piece of evidence, another incident, by its whole id."""
    with workspace.store.reading() as view:
        return view.incidents.linking(identity)


def _added(recording: Recording, identity: str, facts: Iterable[Fact]) -> Incident:
    """Record facts together; the incident as it is recorded: without what looked like a secret."""
    for fact in facts:
        recording.add(fact)
    return recording.view.incidents.by_id([identity])[identity]


def _with_its_fix_looked_at(workspace: Workspace, incident: Incident, fix: Link | None) -> Incident:
    """The incident; a fix that was over before the trouble began is warned of, and kept as it was said: the clock of either may have been wrong."""
    if fix is not None and fix.what.startswith("CHG-"):
        with workspace.store.reading() as view:
            too_early = early_fix_words(incident, view.changes.find(fix.what))
        if too_early:
            workspace.warn(f"{too_early}: it can hardly be the fix; if another change is: ledger incident update {incident.id} --fix CHANGE")
    return incident


def _fix_link(workspace: Workspace, fix: str) -> Link | None:
    if not fix.strip():
        return None
    with workspace.store.reading() as view:
        link = known_link(workspace, view, Link(LinkKind.FIX, fix.strip(), workspace.now(), workspace.actor))
    if not link.what.startswith("CHG-"):
        raise InvalidInput(f"{fix!r} is no change", "name the change that carries the fix: CHG-7K3M9Q")
    return link


def _link_kind(text: str | LinkKind) -> LinkKind:
    try:
        return LinkKind(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no way to link something", f"it is one of {', '.join(LinkKind)}") from error


def _refuse_known(view: View, ref: str) -> None:
    if ref and view.facts.known_keys([plain_text(f"incident:{ref}")]):
        known = view.incidents.named(ref)
        raise InvalidInput(f"{ref} is recorded already, as {known.id}", f"look at it with: ledger incident show {known.id}")


def _unused_id(workspace: Workspace, view: View) -> str:
    while True:
        identity = short_id("INC", workspace.entropy(8))
        if not view.incidents.existing([identity]):
            return identity
