"""The timeline of an incident: what happened, in order, from the last good mark to the good mark behind its resolution.

Linked things are in it however long before they happened (a latent cause). Of the rest: the changes in scope, and what no change explains.
Differences that changes explain are counted, for the changes stand for them. Much of one kind is folded into one line that says how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.investigation.moment_folding import folded, order_of
from changelog_ledger.model.change import Change, Note, Status
from changelog_ledger.model.evidence import Evidence, Op
from changelog_ledger.model.incident import Incident, IncidentState, Link, LinkKind, Moment, MomentKind
from changelog_ledger.model.topology import Health, Mark, Target

WITHOUT_A_MARK = timedelta(days=1)
"""How long before the onset the timeline begins where nobody marked that it worked."""

ROLES: Mapping[LinkKind, str] = {
    LinkKind.CONFIRMED: "trigger",
    LinkKind.CONTRIBUTING: "contributing",
    LinkKind.FIX: "fix",
    LinkKind.CLEARED: "cleared",
    LinkKind.RELATED: "related",
}
"""What a linked thing is called in a timeline."""

_ACTING = frozenset({"started", "logged afterwards", "finished", *map(str, (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK))})
"""The steps at which a change acts; the others are of interest only where it is linked."""

_INCIDENT_STEPS = (
    ("acknowledged_at", IncidentState.ACKNOWLEDGED),
    ("mitigated_at", IncidentState.MITIGATED),
    ("resolved_at", IncidentState.RESOLVED),
    ("reviewed_at", IncidentState.REVIEWED),
)
_LINK_WORDS = {
    LinkKind.CONFIRMED: "confirmed as the cause",
    LinkKind.CLEARED: "looked at and cleared",
    LinkKind.CONTRIBUTING: "found to have contributed",
    LinkKind.FIX: "named as the fix",
    LinkKind.RELATED: "linked",
}


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of an incident and its time. No sequence needs to be in a particular order.

    :ivar marks: those of everything in scope.
    :ivar own: the targets whose good marks begin and end the timeline.
    :ivar steps: changes in scope and linked ones, each with the steps that it has taken.
    :ivar evidence: in scope or linked, each difference by itself and attributed.
    """

    incident: Incident
    now: datetime
    marks: Sequence[Mark] = ()
    own: frozenset[Target] = frozenset()
    steps: Sequence[tuple[Change, Sequence[Note]]] = ()
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a timeline tells of what is not linked.

    :ivar last_good: the mark that it begins at, where there is one; :ivar good_again: the first good one when it was over.
    """

    since: datetime
    until: datetime
    last_good: Mark | None = None
    good_again: Mark | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether something that happened then is in it."""
        return self.since <= moment <= self.until


def span_of(incident: Incident, marks: Sequence[Mark], own: frozenset[Target], now: datetime) -> Span:
    """The time of an incident. Of several targets it begins with the one that was seen working least recently."""
    good = sorted((mark for mark in marks if mark.state is Health.GOOD and mark.target in own), key=lambda mark: (mark.at, mark.id))
    last_by_target = {mark.target: mark for mark in good if mark.at <= incident.began_at}
    last_good = min(last_by_target.values(), key=lambda mark: (mark.at, mark.id), default=None)
    working_from = incident.users_out_until
    again = None if working_from is None else next((mark for mark in good if mark.at >= working_from), None)
    since = last_good.at if last_good else incident.began_at - WITHOUT_A_MARK
    return Span(since, max(incident.resolved_at or now, since), last_good, again)


def timeline(course: Course) -> tuple[Moment, ...]:
    """Its moments in the order of time; the order of what is given does not matter."""
    return folded(unfolded(course))


def unfolded(course: Course) -> tuple[Moment, ...]:
    """Every moment by itself, in the order of time."""
    span = span_of(course.incident, course.marks, course.own, course.now)
    known = {link.what: link for link in course.incident.links}
    found = [
        *_of_incident(course.incident, course.marks),
        *_of_marks(course.marks, span),
        *(moment for change, steps in course.steps for moment in _of_change(change, steps, known.get(change.id), span)),
        *(moment for piece in course.evidence for moment in _of_evidence(piece, _link_of(piece, known), span)),
    ]
    found += _not_found(course.incident.links, found)
    return tuple(sorted(found, key=order_of))


def explained_within(course: Course) -> int:
    """How many pieces of evidence the timeline leaves to the changes that explain them."""
    span = span_of(course.incident, course.marks, course.own, course.now)
    known = {link.what: link for link in course.incident.links}
    return sum(not piece.unlogged and span.holds(piece.seen_at) and _link_of(piece, known) is None for piece in course.evidence)


# ---- where moments come from


def _of_incident(incident: Incident, marks: Sequence[Mark]) -> Iterator[Moment]:
    began_with_a_mark = any(mark.at == incident.began_at and mark.state is Health.BAD for mark in marks)  # which says so already
    symptom = f": {incident.symptom}" if incident.symptom and not began_with_a_mark else ""
    if incident.began_at < incident.detected_at and not began_with_a_mark:
        yield Moment(incident.began_at, MomentKind.INCIDENT, f"the trouble began, as far as is known{symptom}")
    yield Moment(incident.detected_at, MomentKind.INCIDENT, f"the trouble was noticed{symptom if incident.began_at >= incident.detected_at else ''}")
    yield Moment(incident.recorded_at, MomentKind.INCIDENT, f"incident opened: {incident.title}", actor=incident.actor, what=incident.id)
    noted = {(note.step, note.at) for note in incident.notes}
    for name, state in _INCIDENT_STEPS:
        at: datetime | None = getattr(incident, name)
        if at is not None and (state, at) not in noted:
            yield Moment(at, MomentKind.INCIDENT, f"incident {state}")
    yield from _of_notes(incident)
    for told in incident.told:
        yield Moment(told.at, MomentKind.TOLD, told.text, actor=told.actor, what=told.template)
    for link in incident.links:
        yield Moment(link.at, MomentKind.LINK, _link_text(link), actor=link.actor, what=link.what)


def _of_notes(incident: Incident) -> Iterator[Moment]:
    """Notes and steps; of a step whose time was corrected later only what was said with it, for it was not then."""
    for position, note in enumerate(incident.notes):
        if position not in incident.corrected_notes:
            kind = MomentKind.INCIDENT if note.step else MomentKind.NOTE
            yield Moment(note.at, kind, ": ".join(filter(None, (_step_words(note.step), note.text))), actor=note.actor)
        elif note.text:
            yield Moment(note.at, MomentKind.NOTE, f"{note.text} (said of the step {note.step}, whose time was corrected later)", actor=note.actor)


def _step_words(step: str) -> str:
    """``incident mitigated``; ``fix goes out as hotfix`` of a step ``path hotfix``; empty for a remark."""
    if step.startswith("path "):
        return f"fix goes out as {step.removeprefix('path ')}"
    return f"incident {step}" if step else ""


def _link_text(link: Link) -> str:
    named = f"{link.what} ({link.title})" if link.title and link.title != link.what else link.what
    return f"{named} {_LINK_WORDS[link.kind]}{f': {link.because}' if link.because else ''}"


def _of_marks(marks: Sequence[Mark], span: Span) -> Iterator[Moment]:
    ends = {mark.id for mark in (span.last_good, span.good_again) if mark is not None}
    for mark in marks:
        if span.holds(mark.at) or mark.id in ends:
            said = mark.symptom or mark.source
            text = "seen working" if mark.state is Health.GOOD else "seen broken"
            yield Moment(mark.at, MomentKind.MARK, f"{text}{f': {said}' if said else ''}", mark.target, mark.actor, mark.id)


def _of_change(change: Change, steps: Sequence[Note], link: Link | None, span: Span) -> Iterator[Moment]:
    where = change.on[0] if len(change.on) == 1 else None
    for note in steps:
        acts = note.step in _ACTING
        if (acts and link is not None) or (span.holds(note.at) and (acts or link is not None)):
            said = f"{change.title}: {note.step}{f', {note.text}' if note.text else ''}"
            yield Moment(note.at, MomentKind.CHANGE, said, where, note.actor, change.id, _role(link) if acts else "")


def _of_evidence(piece: Evidence, link: Link | None, span: Span) -> Iterator[Moment]:
    if link is None and not (piece.unlogged and span.holds(piece.seen_at)):
        return
    kind = MomentKind.OBSERVATION if piece.op is Op.OBSERVED else MomentKind.DRIFT
    yield Moment(piece.seen_at, kind, piece.summary, piece.target, piece.actor, piece.id, _role(link))


def _not_found(links: Sequence[Link], found: Sequence[Moment]) -> list[Moment]:
    """Linked things whose time is known and that nothing else tells of: retention dropped them, or they are another system's."""
    told_of = {moment.what for moment in found if moment.role}
    lacking = [link for link in links if link.happened_at is not None and link.what not in told_of]
    return [
        Moment(link.happened_at, MomentKind.LINK, link.title or link.what, what=link.what, role=_role(link)) for link in lacking if link.happened_at
    ]


def _link_of(piece: Evidence, known: Mapping[str, Link]) -> Link | None:
    return next((known[name] for name in (piece.id, *piece.parts) if name in known), None)


def _role(link: Link | None) -> str:
    return ROLES[link.kind] if link is not None else ""
