"""Incidents: trouble that somebody takes care of, from when it was noticed to what is done so that it does not come back.

The words are ITIL's: *impact* is how many are hit and how hard, *urgency* how soon it must end, *priority* follows from both. *Severity* is what an
organisation calls the impact aloud (SEV1 to SEV4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from changelog_ledger.model.change import Change, Level, Note, Status
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.topology import Mark, Target


class IncidentState(StrEnum):
    """How far it got. Mitigated: users can work again, the cause may still be there. Reviewed: its root cause analysis is written."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"

    @property
    def is_over(self) -> bool:
        """Whether the trouble is."""
        return self in (IncidentState.RESOLVED, IncidentState.REVIEWED)


REOPENED = "reopened"
"""The step of the note of a reopening."""

_TIMED_STEPS = (IncidentState.ACKNOWLEDGED, IncidentState.MITIGATED, IncidentState.RESOLVED, IncidentState.REVIEWED)
"""Steps that happen once, unless a reopening lies between."""


class IncidentKind(StrEnum):
    """Where the cause lies. An incident with several kinds is a mix."""

    CONFIGURATION = "configuration"
    CODE = "code"
    NETWORK = "network"
    BACK_END = "back-end"
    HARDWARE = "hardware"
    CUSTOMER_SIDE = "customer-side"
    PROVIDER = "provider"


class FixPath(StrEnum):
    """By which way the fix reaches its users."""

    HOTFIX = "hotfix"
    PATCH = "patch"
    NEXT_RELEASE = "next-release"
    PLANNED_MAINTENANCE = "planned-maintenance"
    CUSTOMER_FIX = "customer-fix"


class Severity(IntEnum):
    """How bad it is for those who are hit; 1 is the worst."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4


_SEVERITY = {Level.HIGH: Severity.SEV1, Level.MEDIUM: Severity.SEV2, Level.LOW: Severity.SEV3, Level.NONE: Severity.SEV4}

_PRIORITY = {  # rows: impact, columns: urgency; the matrix of ITIL's service operation, with a row for "none"
    Level.HIGH: {Level.HIGH: 1, Level.MEDIUM: 2, Level.LOW: 3},
    Level.MEDIUM: {Level.HIGH: 2, Level.MEDIUM: 3, Level.LOW: 4},
    Level.LOW: {Level.HIGH: 3, Level.MEDIUM: 4, Level.LOW: 5},
    Level.NONE: {Level.HIGH: 4, Level.MEDIUM: 5, Level.LOW: 5},
}


def severity_of(impact: Level) -> Severity:
    """SEV1 for high impact to SEV4 for none."""
    return _SEVERITY[impact]


def priority_of(impact: Level, urgency: Level) -> int:
    """1 (everybody, now) to 5 (when there is time), from the matrix impact × urgency. An urgency of ``none`` counts as low."""
    return _PRIORITY[impact][Level.LOW if urgency is Level.NONE else urgency]


class LinkKind(StrEnum):
    """What something has to do with an incident.

    ``confirmed`` and ``cleared`` are judgements of suspects, which later rankings learn from; ``fix`` is the change that carries the fix.
    """

    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    CONTRIBUTING = "contributing"
    FIX = "fix"
    RELATED = "related"


JUDGEMENTS = (LinkKind.CONFIRMED, LinkKind.CLEARED)
"""What is said of a suspect when somebody has looked at it."""

CAUSES = (LinkKind.CONFIRMED, LinkKind.CONTRIBUTING)
"""What had a part in how the trouble came about."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a linked suspect acted, kept with the link so that it is known again: what came once comes again.

    :ivar host: empty where it is no host's.
    :ivar path: of a file; empty for an observation or a change without evidence.
    :ivar key: in that file, or empty.
    :ivar shape: of an observation: its kind and its summary without numbers, versions and host.
    :ivar subject: what was acted on in a word: a package, a unit.
    """

    host: str = ""
    path: str = ""
    key: str = ""
    shape: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Something that has to do with an incident: a change, a piece of evidence, another incident, or an address of a ticket or page.

    :ivar what: its id as the ledger has it, else the text as given.
    :ivar title: what it was called when it was linked.
    :ivar happened_at: when the linked thing happened, where that is known.
    :ivar traces: where it acted.
    """

    kind: LinkKind
    what: str
    at: datetime
    actor: str
    because: str = ""
    title: str = ""
    happened_at: datetime | None = None
    traces: tuple[Trace, ...] = ()

    @property
    def name(self) -> str:
        """``CHG-7K3M9Q (Raise worker limit)``, ``db/host db-01 → db-02 in /etc/app.ini on web-01 (EV-…)``, or as it was linked."""
        if not self.title or self.title == self.what:
            return self.what
        return f"{self.what} ({self.title})" if self.what.startswith(("CHG-", "INC-")) else f"{self.title} ({self.what})"


@dataclass(frozen=True, slots=True)
class Told:
    """What users were told: the text as it went out.

    :ivar template: the template it was made from, or empty.
    """

    at: datetime
    actor: str
    text: str
    template: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be done so that it does not come back.

    :ivar number: 1, 2, 3 … within its incident; what people type.
    """

    number: int
    text: str
    owner: str = ""
    due: date | None = None
    done_at: datetime | None = None
    done_by: str = ""

    def is_overdue(self, today: date) -> bool:
        """Whether it is still to be done and its day has passed."""
        return self.done_at is None and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True)
class OpenAction:
    """Something that is still to be done, with the incident that it is about."""

    incident: str
    title: str
    action: Action

    def order(self) -> tuple[date, str, int]:
        """The earliest due first, what has no date last."""
        return self.action.due or date.max, self.incident, self.action.number


@dataclass(frozen=True, slots=True)
class Period:
    """A time from ``since`` until ``until``."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """Trouble, from when it was detected on. All times are aware.

    :ivar id: ``INC-`` and six characters.
    :ivar targets: what is affected.
    :ivar symptom: what was seen, in the words of who saw it.
    :ivar began_at: the onset as far as it is known: when it was first seen bad.
    :ivar detected_at: when somebody noticed; the others likewise, None until then.
    :ivar commander: who leads.
    :ivar kinds: where the cause lies; several are a mix, none is not known yet.
    :ivar path: by which way the fix reaches its users.
    :ivar fix: the change that carries the fix, by id.
    :ivar trigger: what set it off, :ivar causes: what else it took; :ivar worked: what helped: for the review, in words.
    :ivar ref: the name that another system has for it.
    """

    id: str
    title: str
    targets: tuple[Target, ...]
    began_at: datetime
    detected_at: datetime
    recorded_at: datetime
    actor: str
    symptom: str = ""
    impact: Level = Level.MEDIUM
    urgency: Level = Level.MEDIUM
    kinds: tuple[IncidentKind, ...] = ()
    commander: str = ""
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    reviewed_at: datetime | None = None
    path: FixPath | None = None
    fix: str = ""
    summary: str = ""
    trigger: str = ""
    causes: tuple[str, ...] = ()
    worked: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    told: tuple[Told, ...] = ()
    actions: tuple[Action, ...] = ()
    ref: str = ""

    @property
    def state(self) -> IncidentState:
        """How far it got, from its times."""
        if self.reviewed_at is not None and self.resolved_at is not None:
            return IncidentState.REVIEWED
        if self.resolved_at is not None:
            return IncidentState.RESOLVED
        if self.mitigated_at is not None:
            return IncidentState.MITIGATED
        return IncidentState.OPEN if self.acknowledged_at is None else IncidentState.ACKNOWLEDGED

    @property
    def severity(self) -> Severity:
        """From its impact."""
        return severity_of(self.impact)

    @property
    def priority(self) -> int:
        """From its impact and urgency, 1 to 5."""
        return priority_of(self.impact, self.urgency)

    @property
    def open_actions(self) -> tuple[Action, ...]:
        """What is still to be done, the earliest due first."""
        left = [action for action in self.actions if action.done_at is None]
        return tuple(sorted(left, key=lambda action: (action.due or date.max, action.number)))

    def began_after(self, change: Change) -> bool:
        """Whether a change was over before the trouble began, so that it can hardly be what ended it. One that was taken back since may be."""
        return change.status is not Status.ROLLED_BACK and change.finished_at is not None and change.finished_at < self.began_at

    def links_of(self, kind: LinkKind) -> tuple[Link, ...]:
        """Its links of one kind, in the order they were made."""
        return tuple(link for link in self.links if link.kind is kind)

    @property
    def users_out_until(self) -> datetime | None:
        """When users could work again: mitigated, else resolved; None while they cannot."""
        return self.mitigated_at or self.resolved_at

    @property
    def working_between(self) -> tuple[Period, ...]:
        """When users could work although it was not over for good: from mitigated (else resolved) to reopened, as its notes have it; in order."""
        found: list[Period] = []
        for since, until in sorted(_working(self.notes)):
            start = max([since, self.began_at, *(period.until for period in found[-1:])])
            if start < until:
                found.append(Period(start, until))
        return tuple(found)

    @property
    def users_out_for(self) -> timedelta | None:
        """How long users could not work, without the time in between in which they could; None while they cannot."""
        until = self.users_out_until
        if until is None:
            return None
        between = (max(timedelta(0), min(period.until, until) - period.since) for period in self.working_between)
        return until - self.began_at - sum(between, timedelta(0))

    @property
    def corrected_notes(self) -> frozenset[int]:
        """The positions of the notes of steps whose time a later note of the same step corrects: no reopening lies between."""
        corrected: set[int] = set()
        last: dict[str, int] = {}
        for position, note in enumerate(self.notes):
            if note.step == REOPENED:
                last = {}
            elif note.step in _TIMED_STEPS:
                corrected |= {last[note.step]} if note.step in last else set()
                last[note.step] = position
        return frozenset(corrected)


def _working(notes: Sequence[Note]) -> Iterator[tuple[datetime, datetime]]:
    """From when to when users could work before each reopening."""
    times: dict[str, datetime] = {}
    for note in notes:
        if note.step == REOPENED and (since := times.get(IncidentState.MITIGATED, times.get(IncidentState.RESOLVED))) is not None:
            yield since, note.at
        times = {} if note.step == REOPENED else times | {note.step: note.at}


def judgements(incidents: Sequence[Incident]) -> tuple[tuple[Incident, Link], ...]:
    """Every suspect that an incident confirmed or cleared, with the incident, the latest judgement first."""
    judged = [(each, link) for each in incidents for link in each.links if link.kind in JUDGEMENTS]
    return tuple(sorted(judged, key=lambda pair: (pair[1].at, pair[1].what), reverse=True))


class MomentKind(StrEnum):
    """What a line of an incident's timeline is about."""

    MARK = "mark"
    CHANGE = "change"
    DRIFT = "drift"
    OBSERVATION = "observation"
    INCIDENT = "incident"
    NOTE = "note"
    TOLD = "told"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of an incident's timeline.

    :ivar where: the target it is about, or None.
    :ivar what: the id of the change, evidence … behind it, or empty.
    :ivar role: what it was for the incident: ``trigger``, ``contributing``, ``fix``, ``cleared`` … or empty.
    :ivar folded: for how many of its kind it stands; ``until`` is when the last of them was.
    """

    at: datetime
    kind: MomentKind
    text: str
    where: Target | None = None
    actor: str = ""
    what: str = ""
    role: str = ""
    folded: int = 1
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something that the record itself knows about a linked suspect, or about how well it could be seen: a fact, no judgement.

    :ivar code: ``unlogged``, ``outside-window``, ``unticked``, ``no-rollback-target``, ``freeze``, ``unreviewed-emergency``, ``stale-host``,
        ``peers-differ`` … an open list.
    :ivar what: the id of the suspect that it is said of; empty for none in particular.
    """

    code: str
    text: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class IncidentAccount:
    """An incident with all that the ledger knows about its time: what reports show and reviews are written from.

    :ivar timeline: marks, changes, drift, observations, notes, what users were told; in the order of time.
    :ivar since: when the time begins that it tells of: the last good mark where there is one (``last_good``).
    :ivar good_again: the first good mark after it was mitigated or resolved.
    :ivar left_out: how many differences within that time logged changes explain: the changes stand for them.
    :ivar changes: the changes that the incident links.
    :ivar evidence: the evidence that it links, and what its confirmed and contributing changes altered.
    :ivar together: for a linked piece of evidence, what was seen together with it and belongs to the same suspect, by ids.
    :ivar effects: what gave a linked suspect effect where that is another thing than itself (a restart, a reboot), by the suspect's id.
    :ivar contributions: what the record itself knows that may have contributed.
    """

    incident: Incident
    timeline: tuple[Moment, ...]
    made_at: datetime
    since: datetime | None = None
    last_good: Mark | None = None
    good_again: Mark | None = None
    left_out: int = 0
    changes: tuple[Change, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effects: Mapping[str, str] = field(default_factory=dict)
    contributions: tuple[Contribution, ...] = ()

    @property
    def until(self) -> datetime:
        """When it was over, else when the account was made."""
        return self.incident.resolved_at or self.made_at

    def change(self, identity: str) -> Change | None:
        """A linked change by its id."""
        return next((change for change in self.changes if change.id == identity), None)

    def evidence_of(self, what: str) -> tuple[Evidence, ...]:
        """The evidence of something linked: itself, what was seen together with it, or what the change altered."""
        names = {what, *self.together.get(what, ())}
        return tuple(piece for piece in self.evidence if piece.explained_by == what or not names.isdisjoint((piece.id, *piece.parts)))
