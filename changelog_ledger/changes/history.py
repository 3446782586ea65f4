"""What has happened to a change, step by step."""

from __future__ import annotations

from changelog_ledger.model.change import Change, Note, Status

LOGGED = "logged afterwards"
"""The step of a change that was recorded after it had been made."""

FINISHED = "finished"
"""The step of a change that ended, where nobody can tell any more how it ended then."""

_ENDINGS = (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK, FINISHED)


def history(change: Change) -> tuple[Note, ...]:
    """Every step that a change has taken, in order: its notes, and those that only a time tells of (an import has no notes).

    The ``step`` is ``approved``, ``started``, ``succeeded``, ``failed``, ``rolled-back``, ``cancelled``, ``reviewed``, :data:`LOGGED` or
    :data:`FINISHED`; ``actor`` is who took it, else who planned the change.
    """
    noted = tuple(note for note in change.notes if note.step)
    return tuple(sorted((*_unnoted(change, noted), *noted), key=lambda note: note.at))


def _unnoted(change: Change, noted: tuple[Note, ...]) -> tuple[Note, ...]:
    named = {note.step for note in noted}
    beginning = (
        (change.approved_at, "approved" not in named, "approved"),
        (change.started_at, "started" not in named, LOGGED if change.logged_after else "started"),
    )
    ended_at_once = change.logged_after and change.finished_at == change.started_at
    ending_noted = any(note.step in _ENDINGS and note.at == change.finished_at for note in noted)
    taken_back_since = any(note.step == Status.ROLLED_BACK for note in noted)
    ending = (
        (change.finished_at, not ended_at_once and not ending_noted, FINISHED if taken_back_since else change.outcome or FINISHED),
        (change.reviewed_at, "reviewed" not in named, "reviewed"),
    )
    return tuple(Note(at, change.actor, "", step) for at, wanted, step in (*beginning, *ending) if at is not None and wanted)
