"""One incident in two records, as another ledger or a tracker has it and as it is here: which of the two goes on from the other.

What only grows (notes, texts for users, links, actions) and its times tell which is the later one. The rest of what is said of it leaves no note,
so of two records that differ in nothing else neither is known to be the later one, unless one says what the other leaves open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from changelog_ledger.model.change import Note
from changelog_ledger.model.incident import REOPENED, Action, Incident, Link

_STEPS = {"acknowledged_at": "acknowledged", "mitigated_at": "mitigated", "resolved_at": "resolved", "reviewed_at": "reviewed"}
_SAID = ("title", "symptom", "impact", "urgency", "commander", "kinds", "path", "fix", "summary", "trigger", "causes", "worked")


def goes_on_from(later: Incident, earlier: Incident) -> bool:
    """Whether nothing that grows of ``earlier`` is missing in ``later``, and each time that differs is a later step's. True of equal ones."""
    new = later.notes[len(earlier.notes) :]
    return (
        (earlier.targets, earlier.began_at, earlier.detected_at) == (later.targets, later.began_at, later.detected_at)
        and later.notes[: len(earlier.notes)] == earlier.notes
        and later.told[: len(earlier.told)] == earlier.told
        and all(_is_kept(link, later.links) for link in earlier.links)
        and all(_is_in(action, later.actions) for action in earlier.actions)
        and all(_follows(getattr(earlier, name), getattr(later, name), step, new) for name, step in _STEPS.items())
    )


def contradictions(later: Incident, earlier: Incident) -> tuple[str, ...]:
    """The names of what both say, and not the same; what ``earlier`` leaves open is no contradiction, nor is a cause more."""
    return tuple(name for name in _SAID if not _agrees(getattr(earlier, name), getattr(later, name)))


def extends(later: Incident, earlier: Incident) -> bool:
    """Whether ``later`` says all that ``earlier`` says, and perhaps more."""
    return goes_on_from(later, earlier) and not contradictions(later, earlier)


def continued(here: Incident, there: Incident) -> Incident:
    """The incident of this record as it is in another one: by its own id and reference, links that say the same as they are here."""
    known = {_words(link): link for link in here.links}
    links = tuple(known.get(_words(link), link) for link in there.links)
    return replace(there, id=here.id, ref=here.ref, recorded_at=here.recorded_at, actor=here.actor, links=links)


def _follows(before: datetime | None, after: datetime | None, step: str, new: Sequence[Note]) -> bool:
    """Whether a time is still what it was, is said for the first time, or was altered by one of the new notes."""
    steps = {note.step for note in new}
    return after == before or REOPENED in steps or (after is not None and (before is None or step in steps))


def _agrees(before: object, after: object) -> bool:
    if isinstance(before, tuple) and isinstance(after, tuple):
        return after[: len(before)] == before
    return after == before or before in ("", None)


def _is_kept(link: Link, later: Sequence[Link]) -> bool:
    """Whether a link is still there, or a later word about the same thing superseded it."""
    return any(_words(each) == _words(link) or (each.what == link.what and each.at > link.at) for each in later)


def _words(link: Link) -> tuple[str, ...]:
    """What a link says: what was known of the linked thing when it was linked may differ from ledger to ledger."""
    return str(link.kind), link.what, link.at.isoformat(), link.actor, link.because


def _is_in(action: Action, later: Sequence[Action]) -> bool:
    """Whether an action is still there; it may be done by now."""
    same = next((each for each in later if each.number == action.number), None)
    if same is None or action.done_at is not None:
        return same == action
    return replace(same, done_at=None, done_by="") == action
