"""Reasons that only a logged change can give: how it went, when, and what was said and ticked about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.reasons.words import subject_of_complaint
from changelog_ledger.investigation.vocabulary import words_of
from changelog_ledger.model.change import Level, Status
from changelog_ledger.model.globs import declares

_OFTEN_DONE = 3  # doublings: eight times
_NAMED = 4
_WORTH: Mapping[Level | None, float] = {Level.MEDIUM: 1 / 6, Level.HIGH: 1 / 2}


def usual_work(candidate: Candidate, context: Context) -> Finding | None:
    """The same was done before, here or beside, and things worked: what is done every week seldom breaks anything."""
    others = context.usual.get(candidate.id, 0)
    return _done_before(others) if others else None


@lru_cache(maxsize=1024)
def _done_before(others: int) -> Finding:
    return Finding("usual-work", min(1.0, math.log2(1 + others) / _OFTEN_DONE), f"the same sort of work was done {others} more times in these months")


def unfinished(candidate: Candidate, context: Context) -> Finding | None:
    """Begun, and nobody said that it was finished."""
    if candidate.change is not None and candidate.change.status is Status.STARTED:
        return Finding("unfinished", 1.0, "it has not been finished")
    return None


def declared_risk(candidate: Candidate, context: Context) -> Finding | None:
    """What its author thought of impact and risk."""
    change = candidate.change
    if change is None:
        return None
    telling = [(level, name) for level, name in ((change.impact, "impact"), (change.risk, "risk")) if level in _WORTH]
    if not telling:
        return None
    said = " and ".join(f"{level} {name}" for level, name in telling)
    return Finding("declared-risk", sum(_WORTH[level] for level, _ in telling), f"logged with {said}")


def unticked_relevant(candidate: Candidate, context: Context) -> Finding | None:
    """The complaint is about points of its checklist that nobody ticked: what was not done is what may be missing."""
    left = [item.name for item in candidate.change.open_items] if candidate.change else []
    fits = {name: subject_of_complaint(dict.fromkeys(words_of(name), 1.0), context)[1] for name in left}
    best = max(fits.values(), default=0.0)
    relevant = sorted((name for name in left if fits[name] > best / 2), key=lambda name: -fits[name])
    if not relevant:
        return None
    return Finding("unticked-relevant", best, f"the symptom is about what was not ticked: {_listed(relevant)}")


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''}"


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
