"""Change lines of an import become changes, each under an id that every ledger gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from changelog_ledger.changes.planning import Details, planned_change
from changelog_ledger.errors import InvalidFact, InvalidInput
from changelog_ledger.model.change import Assessment, Change, Dependent, Item, ItemState, Level, Note, Proposal, Remark, Status
from changelog_ledger.model.identifiers import change_id
from changelog_ledger.model.times import shown_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.store.interchange import AssessmentLine, ChangeLine, ItemLine, ReadLine, RemarkLine
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.workspace import Workspace
from changelog_ledger.workflows.zones import zone_named


def imported_changes(
    workspace: Workspace, view: View, lines: Sequence[ReadLine], refuse: Callable[[InvalidFact], None]
) -> Iterator[tuple[int, Change]]:
    """The change of each change line, by line number, under an id that is free."""
    drawn = {read.number: read.line.id or _derived_id(read.key, 0) for read in lines if isinstance(read.line, ChangeLine)}
    taken = set(view.changes.existing(drawn.values()))
    now = workspace.now()
    for read in lines:
        if not isinstance(read.line, ChangeLine):
            continue
        identity, salt = drawn[read.number], 0
        while identity in taken:
            salt += 1
            identity = _derived_id(read.key, salt)
            if view.changes.existing([identity]):
                taken.add(identity)
        taken.add(identity)
        try:
            yield read.number, _change(read.line, identity, read.line.actor or workspace.actor, now)
        except InvalidInput as error:
            refuse(InvalidFact(error.message, error.hint, line=read.number))


def _derived_id(key: str, salt: int) -> str:
    """The id of an imported change follows from what it is known by, so every ledger that imports it calls it the same."""
    return change_id(sha256(f"{key}#{salt}".encode()).digest())


def _change(line: ChangeLine, identity: str, actor: str, now: datetime) -> Change:
    details = Details(
        type=line.type,
        paths=line.paths,
        affects=[Target.parse(text) for text in line.affects],
        impact=line.impact,
        risk=line.risk,
        category=line.category,
        items=[_item(item) for item in line.items],
        ticket=line.ticket,
        rollback_to=line.rollback_to,
        backout=line.backout,
        reason=line.reason,
        description=line.description,
        ref=line.ref,
        backout_time=_length(line.backout_time),
        downtime=_length(line.downtime),
        retain_until=line.retain_until,
        irreversible=line.irreversible,
        contact=line.contact,
        zone=line.zone,
    )
    planned = planned_change(
        id=identity,
        title=line.title,
        on=[Target.parse(text) for text in line.on],
        actor=actor,
        recorded_at=now,
        start=line.planned_start or (line.started_at if line.planned_end else None),  # what was started without a plan may have been given an end
        end=line.planned_end,
        details=details,
    )
    if line.started_at and line.finished_at and line.finished_at < line.started_at:
        raise InvalidInput(
            f"finished at {shown_instant(line.finished_at)}, before it started at {shown_instant(line.started_at)}", "exchange the two"
        )
    if line.zone:
        zone_named(line.zone)  # raises where there is none
    status = _status(line)
    started, finished = _made(line, status)
    for moment in (line.recorded_at, line.approved_at, started, finished, line.reviewed_at):
        refuse_future(moment, now)
    return replace(
        planned,
        status=status,
        planned_start=line.planned_start,
        recorded_at=line.recorded_at or planned.recorded_at,
        approved_at=line.approved_at,
        started_at=started,
        finished_at=finished,
        reviewed_at=line.reviewed_at,
        outcome=line.outcome or "",
        notes=tuple(Note(note.at, note.actor, note.text, note.step, _remarks(note.remarks)) for note in line.notes),
        assessment=None if line.assessment is None else _assessment(line.assessment),
        template=line.template,
        parent=line.parent,
        logged_after=line.logged_after,
    )


def _made(line: ChangeLine, status: Status) -> tuple[datetime | None, datetime | None]:
    """When it was started and finished. Of a change that was made and says only when it ended, both are that.

    :raises InvalidInput: if it was made, and nobody says when: it could explain nothing, and be suspected of nothing.
    """
    if status not in (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK) or line.started_at is not None:
        return line.started_at, line.finished_at
    if line.finished_at is None and line.planned_start is None:
        raise InvalidInput(f"the change {status}, and has no time", "say when: started_at and finished_at")
    return line.finished_at, line.finished_at


def refuse_future(moment: datetime | None, now: datetime) -> None:
    """Refuse what is said to have been and has not come.

    :raises InvalidInput: if it lies further ahead than clocks differ.
    """
    if moment is not None and moment > now + CLOCK_TOLERANCE:
        raise InvalidInput(f"{shown_instant(moment)} lies in the future, and is said to have been", "a planned time is planned_start or planned_end")


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _remarks(lines: Sequence[RemarkLine]) -> tuple[Remark, ...]:
    return tuple(Remark(line.code, line.text) for line in lines)


def _assessment(line: AssessmentLine) -> Assessment:
    return Assessment(
        made_at=line.made_at,
        dependents=tuple(Dependent(Target.parse(found.target), found.distance, found.owner) for found in line.dependents),
        impact=Level(line.impact) if line.impact else None,
        risk=Level(line.risk) if line.risk else None,
        reasons=_remarks(line.reasons),
        proposals=tuple(Proposal(found.text, found.support, found.of, tuple(found.paths), found.given) for found in line.proposals),
    )


def _item(item: ItemLine) -> Item:
    state = item.state or ("done" if item.done else "open")
    return Item(item.text, ItemState(state), item.because, item.command, tuple(item.paths))


def _status(line: ChangeLine) -> Status:
    """As the line says, else as its times and outcome tell."""
    if line.status:
        try:
            return Status(line.status)
        except ValueError as error:
            raise InvalidInput(f"{line.status!r} is no status", f"it is one of {', '.join(Status)}") from error
    if line.outcome:
        return Status(line.outcome)
    if line.finished_at:
        return Status.SUCCEEDED
    if line.started_at:
        return Status.STARTED
    return Status.APPROVED if line.approved_at else Status.PLANNED
