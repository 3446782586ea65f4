"""Reasons that only a logged change can give: how it went, when, and what was said and ticked about it."""

from __future__ import annotations

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.vocabulary import subjects_of_things, words_of
from changelog_ledger.model.change import ChangeType, Level, Status
from changelog_ledger.model.globs import declares
from changelog_ledger.model.report import Reason
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import TargetKind

_NAMED = 4
_MOST_NAMED = 8


def outcome(candidate: Candidate, context: Context) -> Reason | None:
    """Failed, rolled back, or never finished."""
    change = candidate.change
    if change is None:
        return None
    if change.status is Status.FAILED:
        return Reason("failed", 0.25, "it failed")
    if change.status is Status.ROLLED_BACK:
        return Reason("rolled-back", 0.2, "it was rolled back")
    if change.status is Status.STARTED:
        return Reason("unfinished", 0.2, "it has not been finished")
    return None


def emergency(candidate: Candidate, context: Context) -> Reason | None:
    """Made in a hurry, and perhaps not reviewed since."""
    change = candidate.change
    if change is None or change.type is not ChangeType.EMERGENCY:
        return None
    if change.reviewed_at is None:
        return Reason("emergency", 0.25, "an emergency change that nobody has reviewed")
    return Reason("emergency", 0.15, "an emergency change")


def outside_window(candidate: Candidate, context: Context) -> Reason | None:
    """Made at another time than planned."""
    change = candidate.change
    if change is None or change.started_at is None or change.planned_start is None:
        return None
    if change.started_at < change.planned_start:
        return Reason("outside-window", 0.2, f"started before its planned window, which begins {shown_instant(change.planned_start)}")
    if change.planned_end is not None and (change.finished_at or change.started_at) > change.planned_end:
        return Reason("outside-window", 0.2, f"went on after its planned window, which ends {shown_instant(change.planned_end)}")
    return None


def declared_risk(candidate: Candidate, context: Context) -> Reason | None:
    """What its author thought of impact and risk."""
    change = candidate.change
    if change is None:
        return None
    worth = {Level.MEDIUM: 0.05, Level.HIGH: 0.15}
    weight = sum(worth.get(level, 0.0) for level in (change.impact, change.risk) if level is not None)
    said = " and ".join(f"{level} {name}" for level, name in ((change.impact, "impact"), (change.risk, "risk")) if level in worth)
    return Reason("declared-risk", round(weight, 3), f"logged with {said}") if weight else None


def unticked(candidate: Candidate, context: Context) -> Reason | None:
    """Points of the checklist that nobody ticked; more so where the complaint is about them."""
    change = candidate.change
    left = [item.name for item in change.open_items] if change else []
    if not left:
        return None
    relevant = [name for name in left if subjects_of_things(words_of(name)) & context.subjects]
    named = list(dict.fromkeys((*relevant, *left)))  # what the complaint is about first, for only a few are named
    weight = min(0.3, 0.1 * len(left)) + (0.25 if relevant else 0.0)
    shown = max(_NAMED, len(relevant[:_MOST_NAMED]))
    return Reason("unticked", round(weight, 3), f"not ticked on its checklist: {', '.join(named[:shown])}{' …' if len(named) > shown else ''}")


def overrun(candidate: Candidate, context: Context) -> Reason | None:
    """Its run changed paths that it had not declared."""
    change = candidate.change
    if change is None:
        return None
    outside = [found for found in context.found_by_run.get(change.id, ()) if not declares(change.paths, found.delta.path)]
    if not outside:
        return None
    return Reason("undeclared-paths", 0.35, f"its run also changed {outside[0].delta.path}, which it had not declared")


def logged_after(candidate: Candidate, context: Context) -> Reason | None:
    """Logged only after it had been made."""
    if candidate.change is not None and candidate.change.logged_after:
        return Reason("logged-after", 0.1, "logged only after it had been made")
    return None


def on_everything(candidate: Candidate, context: Context) -> Reason | None:
    """It names everything, which says little about this target."""
    if candidate.change is not None and candidate.targets and all(target.kind is TargetKind.ALL for target in candidate.targets):
        return Reason("names-everything", -0.1, "it names everything, not this target in particular")
    return None
