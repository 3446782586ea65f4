"""Reasons that only a logged change can give: how it went, when, and what was said and ticked about it."""

from __future__ import annotations

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.subjects import subjects_of_things
from changelog_ledger.investigation.vocabulary import words_of
from changelog_ledger.model.change import ChangeType, Level, Status
from changelog_ledger.model.globs import declares
from changelog_ledger.model.times import shown_instant

_NAMED = 4
_MOST_NAMED = 8


def outcome(candidate: Candidate, context: Context) -> Finding | None:
    """Failed, rolled back, or never finished."""
    change = candidate.change
    if change is None:
        return None
    if change.status is Status.FAILED:
        return Finding("failed", 1.0, "it failed")
    if change.status is Status.ROLLED_BACK:
        return Finding("rolled-back", 1.0, "it was rolled back")
    if change.status is Status.STARTED:
        return Finding("unfinished", 1.0, "it has not been finished")
    return None


def emergency(candidate: Candidate, context: Context) -> Finding | None:
    """Made in a hurry, and perhaps not reviewed since."""
    change = candidate.change
    if change is None or change.type is not ChangeType.EMERGENCY:
        return None
    if change.reviewed_at is None:
        return Finding("emergency", 1.0, "an emergency change that nobody has reviewed")
    return Finding("emergency", 0.6, "an emergency change")


def outside_window(candidate: Candidate, context: Context) -> Finding | None:
    """Made at another time than planned."""
    change = candidate.change
    if change is None or change.started_at is None or change.planned_start is None:
        return None
    if change.started_at < change.planned_start:
        return Finding("outside-window", 1.0, f"started before its planned window, which begins {shown_instant(change.planned_start)}")
    if change.planned_end is not None and (change.finished_at or change.started_at) > change.planned_end:
        return Finding("outside-window", 1.0, f"went on after its planned window, which ends {shown_instant(change.planned_end)}")
    return None


def declared_risk(candidate: Candidate, context: Context) -> Finding | None:
    """What its author thought of impact and risk."""
    change = candidate.change
    if change is None:
        return None
    worth = {Level.MEDIUM: 1 / 6, Level.HIGH: 1 / 2}
    value = sum(worth.get(level, 0.0) for level in (change.impact, change.risk) if level is not None)
    said = " and ".join(f"{level} {name}" for level, name in ((change.impact, "impact"), (change.risk, "risk")) if level in worth)
    return Finding("declared-risk", value, f"logged with {said}") if value else None


def unticked(candidate: Candidate, context: Context) -> Finding | None:
    """Points of its checklist that nobody ticked."""
    left, relevant = _unticked(candidate, context)
    if not left:
        return None
    named = list(dict.fromkeys((*relevant, *left)))  # what the complaint is about first, for only a few are named
    shown = max(_NAMED, len(relevant[:_MOST_NAMED]))
    return Finding("unticked", min(1.0, len(left) / 3), f"not ticked on its checklist: {_listed(named, shown)}")


def unticked_relevant(candidate: Candidate, context: Context) -> Finding | None:
    """The complaint is about points of its checklist that nobody ticked."""
    _, relevant = _unticked(candidate, context)
    return Finding("unticked-relevant", 1.0, f"the symptom is about what was not ticked: {_listed(relevant)}") if relevant else None


def _unticked(candidate: Candidate, context: Context) -> tuple[list[str], list[str]]:
    """What was left open on its checklist, and what of that the complaint is about."""
    left = [item.name for item in candidate.change.open_items] if candidate.change else []
    return left, [name for name in left if subjects_of_things(words_of(name)) & context.complaint.subjects.keys()]


def _listed(names: list[str], shown: int = _NAMED) -> str:
    return f"{', '.join(names[:shown])}{' …' if len(names) > shown else ''}"


def overrun(candidate: Candidate, context: Context) -> Finding | None:
    """Its run changed paths that it had not declared."""
    change = candidate.change
    if change is None:
        return None
    outside = [found for found in context.found_by_run.get(change.id, ()) if not declares(change.paths, found.delta.path)]
    if not outside:
        return None
    return Finding("undeclared-paths", 1.0, f"its run also changed {outside[0].delta.path}, which it had not declared")


def logged_after(candidate: Candidate, context: Context) -> Finding | None:
    """Logged only after it had been made."""
    if candidate.change is not None and candidate.change.logged_after:
        return Finding("logged-after", 1.0, "logged only after it had been made")
    return None
