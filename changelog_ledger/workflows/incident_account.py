"""An incident with all that the ledger knows about its time: what reports show and reviews are written from.

The data's way: incident → scope of its targets → span (marks) → evidence, changes, linked things however old → suspects of the time before the onset
→ timeline and contributions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.changes.history import history
from changelog_ledger.investigation import attribute, investigate, net_evidence, observed
from changelog_ledger.investigation.actors import with_possible_actors
from changelog_ledger.investigation.consequences import inherited
from changelog_ledger.investigation.contributions import Linked, contributions
from changelog_ledger.investigation.noise import sifted
from changelog_ledger.investigation.timeline import Course, Span, explained_within, span_of, timeline
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence, Observation, RecordedDelta
from changelog_ledger.model.incident import CAUSES, Incident, IncidentAccount, LinkKind
from changelog_ledger.model.report import HostFreshness, Suspect, SuspectKind
from changelog_ledger.model.topology import Mark, Reach, Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.topology import acting_on, hosts_within, scope_of
from changelog_ledger.workflows.what_changed import changes_touching, freshness, gather, marks_of_question, observations_of, runs_on, targets_marked
from changelog_ledger.workflows.workspace import Workspace

LONGEST_QUESTION = timedelta(days=90)
"""A linked suspect that is older is not weighed again: all differences since would have to be looked at."""

MOST_SUSPECTS = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store has about an incident's time."""

    evidence: tuple[Evidence, ...]
    changes: Mapping[str, Change]
    freshness: tuple[HostFreshness, ...]
    suspects: Mapping[str, Suspect] = field(default_factory=dict)


def incident_account(workspace: Workspace, identifier: str) -> IncidentAccount:
    """The incident, its timeline, and what the record knows about what it links.

    :raises NotFound: if there is no such incident, or (:class:`Ambiguous`) several.
    """
    now = workspace.now()
    with workspace.store.reading() as view:
        incident = view.incidents.named(identifier)
        scope = _scope(view, incident.targets)
        own, ends = _ends(view, incident, scope, now)
        span = span_of(incident, ends, own, now)
        marks = _joined(ends, view.marks.between(targets_marked(scope), span.since, span.until))
        known = _known(workspace, view, incident, scope, span)
    linked = {link.what for link in incident.links}
    course = Course(
        incident=incident,
        now=now,
        marks=marks,
        own=own,
        steps=[(change, history(change)) for change in known.changes.values()],
        evidence=known.evidence,
    )
    changes = tuple(change for identity, change in known.changes.items() if identity in linked or identity == incident.fix)
    evidence = _linked_evidence(incident, known)
    reasons = {what: suspect.reasons for what, suspect in known.suspects.items()}
    return IncidentAccount(
        incident=incident,
        timeline=timeline(course),
        made_at=now,
        since=span.since,
        last_good=span.last_good,
        good_again=span.good_again,
        left_out=explained_within(course),
        changes=changes,
        evidence=evidence,
        together={what: suspect.evidence for what, suspect in known.suspects.items() if suspect.kind is SuspectKind.UNLOGGED},
        effects={what: suspect.trigger for what, suspect in known.suspects.items() if suspect.trigger},
        contributions=contributions(incident, Linked(changes, evidence, reasons, known.freshness, workspace.settings.stale_after)),
    )


def _scope(view: View, targets: Iterable[Target]) -> tuple[Reach, ...]:
    """What the targets reach together, each by the shortest way."""
    nearest: dict[Target, Reach] = {}
    for reach in (reach for target in targets for reach in scope_of(view, target)):
        if reach.target not in nearest or reach.distance < nearest[reach.target].distance:
            nearest[reach.target] = reach
    return tuple(sorted(nearest.values(), key=lambda reach: (reach.distance, str(reach.target))))


def _ends(view: View, incident: Incident, scope: Sequence[Reach], now: datetime) -> tuple[frozenset[Target], tuple[Mark, ...]]:
    """Whose marks say when it worked, and those marks around its beginning and its end: of what is checked every minute there are too many others."""
    targets = targets_marked(scope)
    before, latest = view.marks.latest(targets, incident.began_at), view.marks.latest(targets, now)
    own = frozenset(mark.target for target in incident.targets for mark in _own_marks(view, target, _joined(before, latest)))
    again = () if incident.users_out_until is None else view.marks.first_good(own, incident.users_out_until)
    return own, _joined(before, (mark for mark in again if mark.at <= now))


def _joined(*marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Each mark once, the oldest first."""
    found = {mark.id: mark for some in marks for mark in some}
    return tuple(sorted(found.values(), key=lambda mark: (mark.at, mark.id)))


def _own_marks(view: View, target: Target, marks: Sequence[Mark]) -> list[Mark]:
    """The marks that say of one target when it worked."""
    scope = scope_of(view, target)
    reached = frozenset(targets_marked(scope))
    return marks_of_question(target, scope, [mark for mark in marks if mark.target in reached])


def _known(workspace: Workspace, view: View, incident: Incident, scope: Sequence[Reach], span: Span) -> _Known:
    hosts = hosts_within(scope)
    places = acting_on(view, scope)
    deltas, observations, circumstances = _seen(workspace, view, incident, hosts, places, span)
    found = changes_touching(view, places, span.since, span.until, deltas, observations)
    wanted = {link.what for link in incident.links} | {incident.fix}
    changes = {change.id: change for change in found} | dict(view.changes.by_id({what for what in wanted if what.startswith("CHG-")}))
    pieces = [*(piece for delta in deltas for piece in net_evidence([delta])), *observed(observations)]
    now = workspace.now()
    judged = inherited(pieces, attribute(pieces, tuple(changes.values()), runs_on(view, places, changes.values()), now))
    near = [reach.target.name for reach in scope if reach.distance == 0 and reach.target.name in set(hosts)]
    spans = view.evidence.snapshot_span(near)
    looks = freshness(view, near, incident.began_at, spans)
    evidence = with_possible_actors(judged, (*circumstances, *observations), now)
    return _Known(evidence, changes, looks, _suspects(workspace, view, incident, span))


def _seen(
    workspace: Workspace, view: View, incident: Incident, hosts: Sequence[str], places: Sequence[Target], span: Span
) -> tuple[Sequence[RecordedDelta], Sequence[Observation], Sequence[Observation]]:
    """Differences and observations of the span without noise, with what the incident links whenever that was; and who was there."""
    names = [link.what for link in incident.links]
    within = [delta for delta in view.evidence.deltas(hosts, span.since, span.until) if delta.not_after <= span.until]
    deltas = {delta.id: delta for delta in sifted(within, noise_judge(workspace))[0]}
    deltas |= {delta.id: delta for delta in view.evidence.deltas_by_id([name for name in names if name.startswith("EV-")])}
    acted = [link.what for link in incident.links if link.kind in (*CAUSES, LinkKind.FIX) and link.what.startswith("CHG-")]
    deltas |= {delta.id: delta for change in acted for delta in view.evidence.deltas_of_change(change)}
    circumstances, found = observations_of(view, places, span.since, span.until)
    observations = {seen.id: seen for seen in found}
    linked = (view.evidence.observation(name) for name in names if name.startswith("EV-"))
    observations |= {seen.id: seen for seen in linked if seen is not None}
    return tuple(deltas.values()), tuple(observations.values()), circumstances


def _suspects(workspace: Workspace, view: View, incident: Incident, span: Span) -> dict[str, Suspect]:
    """The suspects that confirmed and contributing links are, by what is linked: weighed as they were when the trouble began."""
    causes = {link.what: link for link in incident.links if link.kind in CAUSES}
    if not causes:
        return {}
    since = _question_since(incident, [link.happened_at for link in causes.values()], span)
    found: dict[str, Suspect] = {}
    for target in incident.targets:
        material = gather(workspace, view, target, since=since, until=incident.began_at, symptom=incident.symptom, limit=MOST_SUSPECTS)
        for suspect in investigate(material).suspects:
            for name in causes.keys() & {suspect.change, *suspect.evidence}:
                found.setdefault(name, suspect)
    return found


def _question_since(incident: Incident, happened: Iterable[datetime | None], span: Span) -> datetime:
    """Before the earliest of what is asked for, as far as that is not too long ago."""
    earliest = min((moment for moment in happened if moment is not None), default=span.since) - timedelta(seconds=1)
    near_enough = earliest >= incident.began_at - LONGEST_QUESTION
    return min(span.since, earliest) if near_enough else span.since


def _linked_evidence(incident: Incident, known: _Known) -> tuple[Evidence, ...]:
    """Evidence that is linked or seen together with what is, and what confirmed and contributing changes altered; in the order of time."""
    names = {link.what for link in incident.links}
    acted = {link.what for link in incident.links if link.kind in (*CAUSES, LinkKind.FIX)}
    together = {piece for suspect in known.suspects.values() for piece in suspect.evidence}
    wanted = names | together
    found = [piece for piece in known.evidence if piece.explained_by in acted or not wanted.isdisjoint((piece.id, *piece.parts))]
    return tuple(sorted(found, key=lambda piece: (piece.seen_at, piece.id)))
