"""``recent``, ``drift`` and ``explain``: the log of what happened, what of it nobody logged, and the word of somebody who knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from changelog_ledger.errors import Ambiguous, InvalidTime, NotFound
from changelog_ledger.investigation import attribute, net_evidence, observed
from changelog_ledger.investigation.noise import NoiseJudge, sifted
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.identifiers import identifier_prefix
from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.model.report import Sifted, Suppressed
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Mark, Reach, Target
from changelog_ledger.store.explained_places import place_of
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.noise import noise_judge
from changelog_ledger.workflows.topology import hosts_within, scope_of
from changelog_ledger.workflows.what_changed import asked_target, changes_in_scope, marks_of_question, runs_on
from changelog_ledger.workflows.workspace import Workspace

RECENT = timedelta(days=7)
"""How far back ``recent`` looks unless told."""


def recent(
    workspace: Workspace, target: str | Target | None = None, *, since: datetime | None = None, until: datetime | None = None
) -> Sifted[TimelineEntry]:
    """Changes, drift, observations, marks and partial snapshots in the order of time.

    :param since: a week ago if None.
    """
    now = workspace.now()
    begin, end = _checked(since or (until or now) - RECENT, until or now)
    with workspace.store.reading() as view:
        scope = scope_of(view, asked_target(workspace, view, target))
        evidence, changes, suppressed = _evidence(view, scope, begin, end, now, noise_judge(workspace))
        marks = [mark for mark in view.evidence.marks([reach.target for reach in scope], end) if mark.at > begin]
        snapshots = view.evidence.snapshots_between(hosts_within(scope), begin, end)
    entries = [
        *(entry for change in changes for entry in _change_entries(change, begin, end)),
        *(_evidence_entry(piece) for piece in evidence),
        *(_mark_entry(mark) for mark in marks),
        *(_partial_entry(snapshot) for snapshot in snapshots if snapshot.unread),
    ]
    return Sifted(sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.id)), suppressed)


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
        observations = view.evidence.observations([reach.target for reach in scope], begin, now)
        changes = changes_in_scope(view, scope, begin, now, deltas, observations)
        pieces = [*net_evidence(deltas), *observed(observations)]
        evidence = attribute(pieces, changes, runs_on(view, scope, changes), now)
    return Sifted(sorted((piece for piece in evidence if piece.unlogged), key=lambda piece: (piece.seen_at, piece.id)), suppressed)


def explain(workspace: Workspace, evidence: str, change: str) -> tuple[str, Change]:
    """Attribute evidence to a change by hand: the last word about it.

    :param evidence: ``EV-…`` or an unambiguous beginning of it.
    :returns: the evidence's full id and the change.
    :raises NotFound: if there is no such evidence or change.
    """
    with workspace.store.reading() as view:
        identity = _evidence_id(view, evidence)
        found = view.changes.find(change)
        parts = _shown_parts(view, identity, workspace.now(), noise_judge(workspace))
        places = {delta.id: place_of(delta) for delta in view.evidence.deltas_by_id(parts)}
    workspace.store.append([workspace.fact("explanation", {"evidence": parts, "change": found.id, "places": places})])
    return identity, found


def _shown_parts(view: View, identity: str, now: datetime, judge: NoiseJudge) -> list[str]:
    """The evidence and what ``drift`` sums up with it: changed twice, shown once, explained at once. Nothing from before the last good mark."""
    host = view.evidence.host_of_delta(identity)
    if host is None:
        return [identity]
    scope = scope_of(view, Target.host(host))
    begin = _last_good(view, Target.host(host), scope, now) or datetime(1970, 1, 1, tzinfo=now.tzinfo)
    deltas, _ = sifted(view.evidence.deltas([host], begin, now), judge)
    pieces = net_evidence(deltas)
    return next(([part.id for part in piece.parts] for piece in pieces if piece.evidence.id == identity), [identity])


def _evidence_id(view: View, text: str) -> str:
    found = view.evidence.evidence_ids(identifier_prefix(text, "EV"))
    if not found:
        raise NotFound(f"there is no evidence {text}", "ledger drift shows what nobody has explained yet")
    if len(found) > 1:
        raise Ambiguous(f"{text} fits several pieces of evidence: {', '.join(found[:5])}", "type one more character")
    return found[0]


def _evidence(
    view: View, scope: Sequence[Reach], since: datetime, until: datetime, now: datetime, judge: NoiseJudge
) -> tuple[tuple[Evidence, ...], tuple[Change, ...], tuple[Suppressed, ...]]:
    """Every delta and observation on its own, not net: a log shows each step."""
    found = view.evidence.deltas(hosts_within(scope), since, until)
    deltas, suppressed = sifted((delta for delta in found if delta.not_after <= until), judge)
    observations = view.evidence.observations([reach.target for reach in scope], since, until)
    changes = changes_in_scope(view, scope, since, until, deltas, observations)
    pieces = [piece for delta in deltas for piece in net_evidence([delta])] + list(observed(observations))
    return attribute(pieces, changes, runs_on(view, scope, changes), now), changes, suppressed


def _change_entries(change: Change, since: datetime, until: datetime) -> Iterable[TimelineEntry]:
    """One line a step that falls into the time."""
    steps: list[tuple[datetime | None, str]] = [
        (change.planned_start if not change.started_at else None, f"{change.status}, to start"),
        (change.started_at, "logged afterwards" if change.logged_after else "started"),
        (change.finished_at if change.finished_at != change.started_at else None, change.outcome or "finished"),
    ]
    steps += [
        (note.at, note.step) for note in change.notes if note.step in ("cancelled", "rolled-back", "reviewed") and note.at != change.finished_at
    ]
    for at, status in steps:
        if at is not None and since < at <= until:
            yield TimelineEntry(at, "change", change.title, change.id, change.on, status, actor=change.actor)


def _evidence_entry(piece: Evidence) -> TimelineEntry:
    kind = "drift" if piece.path is not None else "observation"
    return TimelineEntry(piece.seen_at, kind, piece.summary, piece.id, (piece.target,), actor=piece.actor, explained_by=piece.explained_by)


def _mark_entry(mark: Mark) -> TimelineEntry:
    return TimelineEntry(mark.at, "mark", mark.symptom or mark.source, mark.id, (mark.target,), str(mark.state), actor=mark.actor)


def _partial_entry(snapshot: Snapshot) -> TimelineEntry:
    unread = ", ".join(snapshot.unread[:3]) + (f" and {len(snapshot.unread) - 3} more" if len(snapshot.unread) > 3 else "")
    return TimelineEntry(snapshot.at, "snapshot", f"could not read {unread}", snapshot.id, (Target.host(snapshot.host),), "partial")


def _last_good(view: View, asked: Target, scope: Sequence[Reach], until: datetime) -> datetime | None:
    marks = marks_of_question(asked, scope, view.evidence.marks([reach.target for reach in scope], until))
    return max((mark.at for mark in marks if mark.state == "good"), default=None)


def _checked(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    if until < since:
        raise InvalidTime(f"the end {shown_instant(until)} lies before the beginning {shown_instant(since)}", "exchange --since and --until")
    return since, until
