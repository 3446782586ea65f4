"""``recent``, ``drift`` and ``explain``: the log of what happened, what of it nobody logged, and the word of somebody who knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.errors import Ambiguous, InvalidInput, InvalidTime, NotFound
from changelog_ledger.investigation import attribute, net_evidence, observed
from changelog_ledger.investigation.actors import with_possible_actors
from changelog_ledger.investigation.consequences import inherited
from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.identifiers import identifier_prefix
from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.model.report import Sifted, Suppressed
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Reach, Target
from changelog_ledger.store.explained_places import place_of
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.recent_entries import change_entries, evidence_entry, freeze_entries, incident_entries, mark_entry, partial_entry
from changelog_ledger.workflows.topology import acting_on, hosts_within, scope_of
from changelog_ledger.workflows.what_changed import asked_target, changes_touching, marks_of_question, observations_of, runs_on, targets_marked
from changelog_ledger.workflows.workspace import Workspace

RECENT = timedelta(days=7)
"""How far back ``recent`` looks unless told."""


BEFOREHAND = timedelta(days=366)
"""How long before it begins a change is approved or cancelled at most, to be in the log at that time."""

AFTERWARDS = timedelta(days=31)
"""How long after its end a change is reviewed at most, to be in the log at that time."""

KINDS = ("change", "drift", "observation", "presence", "mark", "snapshot", "freeze", "incident")
OUTCOMES = (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries of the log are wanted: those that fit all that is said.

    :ivar category: of the change whose step it is, or that explains it.
    :ivar actor: who took the step, saw it or marked it; of a difference, who planned the change that explains it.
    :ivar outcome: how that change ended: one of :data:`OUTCOMES`.
    :ivar unlogged: only what no change explains.
    :ivar kind: one of :data:`KINDS`.
    """

    category: str | None = None
    actor: str | None = None
    outcome: str | None = None
    unlogged: bool = False
    kind: str | None = None

    def __post_init__(self) -> None:
        """Refuse what nothing can fit.

        :raises InvalidInput: for an unknown outcome or kind.
        """
        for name, word, known in (("outcome", self.outcome, OUTCOMES), ("kind", self.kind, KINDS)):
            if word is not None and word not in known:
                raise InvalidInput(f"{word!r} is no {name} that the log knows", f"it is one of {', '.join(known)}")

    def wants(self, entry: TimelineEntry, change: Change | None) -> bool:
        """Whether an entry fits.

        :param change: whose step it is, or that explains it.
        """
        return (
            (self.category is None or self.category.strip().lower() in entry.category)
            and (self.actor is None or self.actor in (entry.actor, change.actor if change and not entry.actor else None))
            and (self.outcome is None or self.outcome == entry.outcome)
            and (not self.unlogged or entry.unlogged)
            and (self.kind is None or self.kind == entry.kind)
        )

    @property
    def wants_drift(self) -> bool:
        """Whether a difference can fit."""
        return self.kind in (None, "drift")


ALL_ENTRIES = Selection()


def recent(
    workspace: Workspace,
    target: str | Target | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    selection: Selection = ALL_ENTRIES,
) -> Sifted[TimelineEntry]:
    """Every step of changes and incidents, drift, observations, marks, partial snapshots and freezes in the order of time.

    :param since: a week ago if None.
    """
    now = workspace.now()
    begin, end = _checked(since or (until or now) - RECENT, until or now)
    with workspace.store.reading() as view:
        scope = scope_of(view, asked_target(workspace, view, target))
        places = acting_on(view, scope)
        evidence, touching, suppressed = _evidence(view, scope, places, begin, end, now, noise_judge(workspace))
        stepping = changes_touching(view, places, begin - AFTERWARDS, end + BEFOREHAND, (), ())
        marks = view.marks.between(targets_marked(scope), begin, end)
        snapshots = view.evidence.snapshots_between(hosts_within(scope), begin, end)
        concerned = frozenset(places)
        freezes = [freeze for freeze in view.schedule.freezes_between(begin, end) if not concerned.isdisjoint(freeze.on)]
        incidents = [incident for incident in view.incidents.between(begin, end) if not concerned.isdisjoint(incident.targets)]
    changes = {change.id: change for change in (*touching, *stepping)}
    steps = [entry for change in changes.values() for entry in change_entries(change)]
    steps += [entry for freeze in freezes for entry in freeze_entries(freeze)]
    steps += [entry for incident in incidents for entry in incident_entries(incident)]
    entries = [
        *(entry for entry in steps if begin < entry.at <= end),  # evidence is in by the snapshot that found it, even if it is older
        *(evidence_entry(piece, changes.get(piece.explained_by)) for piece in evidence),
        *(mark_entry(mark) for mark in marks),
        *(partial_entry(snapshot) for snapshot in snapshots if snapshot.unread),
    ]
    wanted = [entry for entry in entries if selection.wants(entry, changes.get(entry.explained_by or entry.id))]
    return Sifted(sorted(wanted, key=lambda entry: (entry.at, entry.kind, entry.id)), suppressed if selection.wants_drift else ())


def drift(workspace: Workspace, target: str | Target | None = None, *, since: datetime | None = None) -> Sifted[Evidence]:
    """The evidence that no change explains, oldest first: net over the time, what came and went included and marked transient.

    :param since: the last good mark if None, else the first snapshot.
    """
    now = workspace.now()
    with workspace.store.reading() as view:
        asked = asked_target(workspace, view, target)
        scope = scope_of(view, asked)
        begin = since or _last_good(view, asked, scope, now) or datetime(1970, 1, 1, tzinfo=now.tzinfo)
        _checked(begin, now)
        deltas, suppressed = sifted(view.evidence.deltas(hosts_within(scope), begin, now), noise_judge(workspace))
        places = acting_on(view, scope)
        circumstances, observations = observations_of(view, places, begin, now)
        changes = changes_touching(view, places, begin, now, deltas, observations)
        pieces = [*net_evidence(deltas), *observed(observations)]
        judged = inherited(pieces, attribute(pieces, changes, runs_on(view, places, changes), now))
        evidence = with_possible_actors(judged, (*circumstances, *observations), now)
    return Sifted(sorted((piece for piece in evidence if piece.unlogged), key=lambda piece: (piece.seen_at, piece.id)), suppressed)


def explain(workspace: Workspace, evidence: str, change: str) -> tuple[str, Change]:
    """Attribute evidence to a change by hand: the last word about it.

    :param evidence: ``EV-…`` or an unambiguous beginning of it.
    :returns: the evidence's full id and the change.
    :raises NotFound: if there is no such evidence or change.
    """
    with workspace.store.reading() as view:
        identity = evidence_id_of(view, evidence)
        found = view.changes.find(change)
        parts = _shown_parts(view, identity, workspace.now(), noise_judge(workspace))
        places = {delta.id: place_of(delta) for delta in view.evidence.deltas_by_id(parts)}
    workspace.store.append([workspace.fact("explanation", {"evidence": parts, "change": found.id, "places": places})])
    return identity, found


def _shown_parts(view: View, identity: str, now: datetime, judge: NoiseJudge) -> list[str]:
    """The evidence and what ``drift`` sums up with it: changed twice, shown once, explained at once.

    Nothing from before the last good mark, and nothing that another change explains already.
    """
    host = view.evidence.host_of_delta(identity)
    if host is None:
        return [identity]
    scope = scope_of(view, Target.host(host))
    begin = _last_good(view, Target.host(host), scope, now) or datetime(1970, 1, 1, tzinfo=now.tzinfo)
    deltas, _ = sifted(view.evidence.deltas([host], begin, now), judge)
    pieces = net_evidence(deltas)
    parts = next((piece.parts for piece in pieces if piece.evidence.id == identity), ())
    unexplained = [part.id for part in parts if not part.change and not part.explained_by and not part.expected_by]
    return list(dict.fromkeys([identity, *unexplained]))


def evidence_id_of(view: View, text: str) -> str:
    """The id of the one piece of evidence that ``text`` begins.

    :raises NotFound: if there is none.
    :raises Ambiguous: if there are several.
    """
    found = view.evidence.evidence_ids(identifier_prefix(text, "EV"))
    if not found:
        raise NotFound(f"there is no evidence {text}", "ledger drift shows what nobody has explained yet")
    if len(found) > 1:
        raise Ambiguous(f"{text} fits several pieces of evidence: {', '.join(found[:5])}", "type one more character")
    return found[0]


def _evidence(
    view: View, scope: Sequence[Reach], places: Collection[Target], since: datetime, until: datetime, now: datetime, judge: NoiseJudge
) -> tuple[tuple[Evidence, ...], tuple[Change, ...], tuple[Suppressed, ...]]:
    """Every delta and observation on its own, not net: a log shows each step."""
    found = view.evidence.deltas(hosts_within(scope), since, until)
    deltas, suppressed = sifted((delta for delta in found if delta.not_after <= until), judge)
    observations = view.evidence.observations(places, since, until)
    changes = changes_touching(view, places, since, until, deltas, observations)
    pieces = [piece for delta in deltas for piece in net_evidence([delta])] + list(observed(observations))
    return inherited(pieces, attribute(pieces, changes, runs_on(view, places, changes), now)), changes, suppressed


def _last_good(view: View, asked: Target, scope: Sequence[Reach], until: datetime) -> datetime | None:
    marks = marks_of_question(asked, scope, view.marks.latest(targets_marked(scope), until))
    return max((mark.at for mark in marks if mark.state == "good"), default=None)


def _checked(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    if until < since:
        raise InvalidTime(f"the end {shown_instant(until)} lies before the beginning {shown_instant(since)}", "exchange --since and --until")
    return since, until
