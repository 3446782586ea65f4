"""The entries of the recent-changes log, made from what the store knows."""

from __future__ import annotations

from collections.abc import Iterator

from changelog_ledger.changes.history import history
from changelog_ledger.investigation.actors import CIRCUMSTANCES
from changelog_ledger.model.change import Change, Freeze, Note
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.incident import REOPENED, Incident
from changelog_ledger.model.overview import TimelineEntry
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.topology import Mark, Target

_INCIDENT_STEPS = ("mitigated", "resolved", REOPENED)


def change_entries(change: Change) -> Iterator[TimelineEntry]:
    """One entry a step, and one where it should have been started."""
    steps = history(change)
    if change.planned_start is not None and change.is_open and change.started_at is None:
        steps = (*steps, Note(change.planned_start, change.actor, "", f"{change.status}, to start"))
    for note in steps:
        yield TimelineEntry(
            note.at,
            "change",
            change.title,
            change.id,
            change.on,
            note.step,
            actor=note.actor,
            category=change.category,
            outcome=_outcome(change),
            remarks=tuple(dict.fromkeys(remark.code for remark in note.remarks)),
        )


def evidence_entry(piece: Evidence, change: Change | None) -> TimelineEntry:
    """A difference or an observation, by itself.

    :param change: what explains it.
    """
    return TimelineEntry(
        piece.seen_at,
        "drift" if piece.path is not None else "presence" if piece.kind in CIRCUMSTANCES else "observation",
        piece.summary,
        piece.id,
        (piece.target,),
        actor=piece.actor,
        explained_by=piece.explained_by,
        category=change.category if change else (),
        outcome=_outcome(change) if change else "",
        path=piece.path or "",
        found_at=piece.not_after if piece.path is not None else None,
    )


def _outcome(change: Change) -> str:
    return "" if change.is_open else str(change.status)


def mark_entry(mark: Mark) -> TimelineEntry:
    """Seen good or bad."""
    return TimelineEntry(mark.at, "mark", mark.symptom or mark.source, mark.id, (mark.target,), str(mark.state), actor=mark.actor)


def partial_entry(snapshot: Snapshot) -> TimelineEntry:
    """A snapshot that could not read something."""
    unread = ", ".join(snapshot.unread[:3]) + (f" and {len(snapshot.unread) - 3} more" if len(snapshot.unread) > 3 else "")
    return TimelineEntry(snapshot.at, "snapshot", f"could not read {unread}", snapshot.id, (Target.host(snapshot.host),), "partial")


def incident_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """That it was opened, and what became of it: mitigated, resolved, reopened …; what a reopening took back has been, too."""
    actors = {(note.at, note.step): note.actor for note in incident.notes}
    before = next((number for number, note in reversed([*enumerate(incident.notes)]) if note.step == REOPENED), -1)
    taken_back = [note for position, note in enumerate(incident.notes[: before + 1]) if position not in incident.corrected_notes]
    past = [(note.at, note.step) for note in taken_back if note.step in _INCIDENT_STEPS]
    present = [(incident.mitigated_at, "mitigated"), (incident.resolved_at, "resolved")]
    for at, step in dict.fromkeys([(incident.detected_at, "opened"), *past, *((at, step) for at, step in present if at is not None)]):
        actor = actors.get((at, step), incident.actor)
        yield TimelineEntry(at, "incident", incident.title, incident.id, incident.targets, step, actor=actor)


def freeze_entries(freeze: Freeze) -> Iterator[TimelineEntry]:
    """That it began, and that it was over or lifted."""
    lifted = freeze.lifted_at is not None and freeze.lifted_at < freeze.end
    if freeze.lifted_at is None or freeze.lifted_at > freeze.start:
        yield TimelineEntry(freeze.start, "freeze", freeze.title, freeze.id, freeze.on, "begun")
    ended = freeze.lifted_at if lifted and freeze.lifted_at is not None else freeze.end
    yield TimelineEntry(ended, "freeze", freeze.title, freeze.id, freeze.on, "lifted" if lifted else "over")
