"""The rules of incidents: what can be opened, in which order its times come, and which step leads where. Nothing that was said is lost.

Its state follows from its times (:attr:`~changelog_ledger.model.incident.Incident.state`). Notes with a ``step`` keep what a later step takes back:
who acknowledged, mitigated, resolved and reopened it, and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from changelog_ledger.changes.planning import checked_title, checked_word
from changelog_ledger.errors import InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.change import Change, Level, Note
from changelog_ledger.model.incident import REOPENED, FixPath, Incident, IncidentKind, IncidentState, Link, LinkKind
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target

_ORDER = (
    ("began_at", "it began"),
    ("detected_at", "it was detected"),
    ("acknowledged_at", "it was acknowledged"),
    ("mitigated_at", "it was mitigated"),
    ("resolved_at", "it was resolved"),
    ("reviewed_at", "it was reviewed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What is said about an incident, at its beginning or later; None: nothing is said about it.

    :ivar impact: ``none``, ``low``, ``medium`` or ``high``; ``urgency`` the same without ``none``.
    :ivar kinds: where the cause lies; they take the place of those before.
    :ivar path: by which way the fix reaches its users.
    """

    title: str | None = None
    symptom: str | None = None
    impact: str | None = None
    urgency: str | None = None
    kinds: Sequence[str] | None = None
    commander: str | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    path: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return self == Particulars()


def new_incident(
    *,
    id: str,  # noqa: A002 - the field's name
    title: str,
    on: Iterable[Target],
    actor: str,
    recorded_at: datetime,
    began_at: datetime,
    detected_at: datetime,
    said: Particulars,
    ref: str = "",
) -> Incident:
    """An incident that is opened.

    :raises InvalidInput: if it has no title or target, or a word is none of those allowed.
    :raises InvalidTime: if its times are in no order that can be.
    """
    targets = tuple(dict.fromkeys(on))
    if not targets:
        raise InvalidInput("the incident is on nothing", "say what is affected: --on service:shop")
    bare = Incident(id, checked_title(title, "incident"), targets, began_at, detected_at, recorded_at, actor, ref=ref)
    return checked_times(_with(bare, said))


def updated(incident: Incident, said: Particulars, *, at: datetime, actor: str, note: str = "", fix: Link | None = None) -> Incident:
    """The incident with what is said of it now; times may be said or corrected later, as long as they are in order.

    :param fix: the change that carries the fix.
    :raises InvalidInput: if nothing is said, or a word is none of those allowed.
    :raises InvalidTime: if a time is out of order.
    """
    if said.is_empty and fix is None and not note.strip():
        raise InvalidInput("nothing is said about the incident", "say what is to be altered, or --note TEXT")
    steps = list(_steps(said, at, actor))
    if note.strip() and steps:
        steps[-1] = replace(steps[-1], text=note.strip())
    elif note.strip():
        steps = [Note(at, actor, note.strip())]
    told = checked_times(replace(_with(incident, said), notes=(*incident.notes, *steps)))
    return told if fix is None else with_fix(told, fix)


def resolved(incident: Incident, *, at: datetime, actor: str, note: str = "", fix: Link | None = None) -> Incident:
    """The incident when its trouble is over.

    :param fix: the change that ended it.
    :raises TransitionRefused: if it was over already.
    :raises InvalidTime: if that was before something that came before it.
    """
    if incident.state.is_over and incident.resolved_at is not None:
        raise TransitionRefused(
            f"{incident.id} is {incident.state} since {shown_instant(incident.resolved_at)}",
            f"if it came back: ledger incident update {incident.id} --reopen --because TEXT",
        )
    said = Note(at, actor, note.strip(), IncidentState.RESOLVED)
    over = checked_times(replace(incident, resolved_at=at, notes=(*incident.notes, said)))
    return over if fix is None else with_fix(over, fix)


def reopened(incident: Incident, because: str, *, at: datetime, actor: str) -> Incident:
    """The incident when its trouble is back. When it was mitigated and resolved before stays in its notes.

    :raises TransitionRefused: if it was not over.
    :raises InvalidInput: if nobody says why.
    :raises InvalidTime: if that was before it was over.
    """
    if incident.resolved_at is None:
        raise TransitionRefused(f"{incident.id} is {incident.state}, not over", f"look at it with: ledger incident show {incident.id}")
    if not because.strip():
        raise InvalidInput(f"why {incident.id} is reopened is not said", f"ledger incident update {incident.id} --reopen --because TEXT")
    if at < incident.resolved_at:
        raise InvalidTime(f"{shown_instant(at)} lies before it was resolved at {shown_instant(incident.resolved_at)}", "it cannot come back before")
    said = Note(at, actor, because.strip(), REOPENED)
    notes = (*incident.notes, *_unnoted(incident), said)
    return replace(incident, mitigated_at=None, resolved_at=None, reviewed_at=None, notes=notes)


def linked(incident: Incident, link: Link) -> Incident:
    """The incident with one more link. What was linked before as something else is superseded.

    Said again with the same reason, or with none, it stays as it was said first. The change that carries the fix is noted as that.

    :raises InvalidInput: if it links nothing, or itself.
    """
    if not link.what.strip():
        raise InvalidInput("nothing is linked", f"ledger incident link {incident.id} WHAT --as confirmed")
    if link.what == incident.id:
        raise InvalidInput(f"{incident.id} cannot be linked to itself", "name what it has to do with")
    fix = link.what if link.kind is LinkKind.FIX and link.what.startswith("CHG-") else incident.fix
    if any(_is_said(link, each) for each in incident.links):
        return replace(incident, fix=fix)
    others = tuple(each for each in incident.links if each.what != link.what)
    return replace(incident, links=(*others, link), fix=fix)


def _is_said(link: Link, before: Link) -> bool:
    """Whether a link says nothing that was not said before; who says it when does not matter."""
    return (link.kind, link.what) == (before.kind, before.what) and link.because in ("", before.because)


def with_fix(incident: Incident, link: Link) -> Incident:
    """The incident with the change that carries its fix. A suspect that was judged (it may be its own roll-back that helps) stays so judged."""
    judged = any(each.what == link.what and each.kind is not LinkKind.RELATED for each in incident.links)
    return replace(incident, fix=link.what) if judged else linked(incident, link)


def early_fix_words(incident: Incident, change: Change) -> str:
    """Why a change can hardly be what ended the trouble: it was over before that began. Empty where it may be, and for one that was taken back."""
    if change.finished_at is None or not incident.began_after(change):
        return ""
    return f"{change.id} ended at {shown_instant(change.finished_at)}, before {incident.id} began at {shown_instant(incident.began_at)}"


def checked_times(incident: Incident) -> Incident:
    """``incident``, whose times are in order.

    :raises InvalidTime: if they are not, naming the first two that are not.
    """
    if incident.reviewed_at is not None and incident.resolved_at is None:
        raise InvalidTime("it was reviewed, and never resolved", "say when it was resolved")
    last_name, last = _ORDER[0][1], incident.began_at
    reopening = max((note.at for note in incident.notes if note.step == REOPENED), default=None)
    for name, words in _ORDER[1:]:
        moment: datetime | None = getattr(incident, name)
        if name == "mitigated_at" and reopening is not None and reopening > last:
            last_name, last = "it was reopened", reopening
        if moment is None:
            continue
        if moment < last:
            message = f"{words} at {shown_instant(moment)}, before {last_name} at {shown_instant(last)}"
            raise InvalidTime(message, f"give a later time{_correction(incident, last_name)}")
        last_name, last = words, moment
    return incident


def _correction(incident: Incident, words: str) -> str:
    """How the earlier of two times that are out of order is put right, where it can be."""
    option = {"it was acknowledged": "--acknowledged", "it was mitigated": "--mitigated"}.get(words)
    return f", or correct the other first: ledger incident update {incident.id} {option} TIME" if option else ""


def _with(incident: Incident, said: Particulars) -> Incident:
    words = {name: text.strip() for name in ("symptom", "commander") if (text := getattr(said, name)) is not None}
    times = {name: moment for name in ("acknowledged_at", "mitigated_at") if (moment := getattr(said, name)) is not None}
    return replace(
        incident,
        **words,
        **times,
        title=incident.title if said.title is None else checked_title(said.title, "incident"),
        impact=incident.impact if said.impact is None else checked_word(Level, said.impact, "impact"),
        urgency=incident.urgency if said.urgency is None else _urgency(said.urgency),
        kinds=incident.kinds if said.kinds is None else tuple(checked_word(IncidentKind, kind, "kind") for kind in dict.fromkeys(said.kinds)),
        path=incident.path if said.path is None else checked_word(FixPath, said.path, "path"),
    )


def _steps(said: Particulars, at: datetime, actor: str) -> Iterator[Note]:
    """The notes of what is a step; the rest is seen by what it set."""
    if said.path is not None:
        yield Note(at, actor, "", f"path {said.path}")
    for moment, state in ((said.acknowledged_at, IncidentState.ACKNOWLEDGED), (said.mitigated_at, IncidentState.MITIGATED)):
        if moment is not None:
            yield Note(moment, actor, "", state)


def _unnoted(incident: Incident) -> Iterable[Note]:
    """What a reopening takes back and no note tells of: an import has no notes."""
    noted = {(note.step, note.at) for note in incident.notes}
    times = (
        (incident.mitigated_at, IncidentState.MITIGATED),
        (incident.resolved_at, IncidentState.RESOLVED),
        (incident.reviewed_at, IncidentState.REVIEWED),
    )
    return [Note(at, incident.actor, "", state) for at, state in times if at is not None and (state, at) not in noted]


def _urgency(text: str) -> Level:
    urgency = checked_word(Level, text, "urgency")
    if urgency is Level.NONE:
        raise InvalidInput("an urgency of none is no incident", "it is one of low, medium, high")
    return urgency
