"""``import``: JSON Lines become facts, all or nothing.

The data's way: text → checked lines → what is new → changes and observations as facts, snapshots as commits → one append.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from changelog_ledger.changes.planning import Details, planned_change
from changelog_ledger.errors import InvalidFact, InvalidInput, OutOfOrder
from changelog_ledger.model.change import Change, Item, ItemState, Note, Status
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import change_id
from changelog_ledger.model.times import format_instant, shown_instant
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.codec import change_to_json
from changelog_ledger.store.interchange import (
    ChangeLine,
    ExplanationLine,
    FreezeLiftedLine,
    FreezeLine,
    HostLine,
    HostRetiredLine,
    ItemLine,
    MarkLine,
    ObservationLine,
    ReadLine,
    ServiceLine,
    SnapshotLine,
    read_line,
)
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.check_snapshots import possible
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[str, int], None]
"""Called with the step (``reading``, ``recording``) and how many lines or facts were done since the last call."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file.

    :ivar recorded: how many facts are new.
    :ivar known: how many lines were recorded before.
    :ivar altered: numbers of lines whose ``ref`` is known with a different content: they were left as they are.
    :ivar refused: lines that were left out (only with ``keep_going``).
    :ivar implied: hosts and services that lines speak of and no line declares; they were added.
    """

    recorded: int
    known: int
    altered: tuple[int, ...] = ()
    refused: tuple[InvalidFact, ...] = ()
    implied: tuple[str, ...] = ()


@dataclass
class _Batch:
    """What is about to be recorded; deltas by fact id."""

    facts: list[Fact] = field(default_factory=list)
    deltas: dict[str, Sequence[Delta]] = field(default_factory=dict)


def import_facts(
    workspace: Workspace,
    lines: Iterable[str],
    *,
    dry_run: bool = False,
    keep_going: bool = False,
    progress: Progress = lambda _step, _done: None,
) -> ImportResult:
    """Record the facts of JSON Lines. What is recorded already (known by ``ref``, else by content) is passed over.

    :param dry_run: check everything, record nothing.
    :param keep_going: leave bad lines out instead of refusing the whole.
    :raises InvalidFact: naming the first bad line; then nothing was recorded.
    """
    with _without_collector():
        return _imported(workspace, lines, dry_run, keep_going, progress)


def _imported(workspace: Workspace, lines: Iterable[str], dry_run: bool, keep_going: bool, progress: Progress) -> ImportResult:
    refused: list[InvalidFact] = []

    def refuse(error: InvalidFact) -> None:
        if not keep_going:
            raise error
        refused.append(error)

    read = list(_read(lines, refuse, progress))
    if not dry_run and any(isinstance(line.line, SnapshotLine) for line in read):
        from changelog_ledger.workflows.import_snapshots import adopt_left_behind

        adopt_left_behind(workspace, read)
    with workspace.store.reading() as view:
        known = view.facts.known_keys([line.key for line in read])
        new = list(possible(workspace, view, _in_order(view, _first_of_each(read, known), refuse), refuse))
        changes = dict(_changes(workspace, view, new, refuse))
        implied = _implied(view, new)
    refused_numbers = {error.line for error in refused}
    new = [line for line in new if line.number not in refused_numbers]
    result = ImportResult(len(new) + len(implied), len(read) - len(new), _altered(read, known), tuple(refused), tuple(map(str, implied)))
    if dry_run:
        return result
    batch = _batch(workspace, new, changes, implied)
    recorded = workspace.store.append(batch.facts, deltas=batch.deltas, progress=lambda done: progress("recording", done))
    return replace(result, recorded=len(recorded))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Without Python's search for cycles: there are none here, and over a file's worth of live objects it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(lines: Iterable[str], refuse: Callable[[InvalidFact], None], progress: Progress) -> Iterator[ReadLine]:
    for number, text in enumerate(lines, 1):
        if number % 1000 == 0:
            progress("reading", 1000)
        if not text.strip():
            continue
        try:
            yield read_line(text, number)
        except InvalidFact as error:
            refuse(error)


def _first_of_each(read: Iterable[ReadLine], known: Mapping[str, str]) -> Iterator[ReadLine]:
    seen = set(known)
    for line in read:
        if line.key not in seen:
            seen.add(line.key)
            yield line


def _in_order(view: View, lines: Iterable[ReadLine], refuse: Callable[[InvalidFact], None]) -> Iterator[ReadLine]:
    """The lines without snapshots that come before an earlier one of their host."""
    last: dict[str, datetime | None] = {}
    for read in lines:
        line = read.line
        if isinstance(line, SnapshotLine):
            if line.host not in last:
                newest = view.evidence.last_snapshot(line.host)
                last[line.host] = newest.at if newest else None
            before = last[line.host]
            if before is not None and line.at <= before:
                message = f"the snapshot of {line.host} at {shown_instant(line.at)} is not after its last one at {shown_instant(before)}"
                refuse(InvalidFact(message, OutOfOrder.__doc__ or "", line=read.number))
                continue
            last[line.host] = line.at
        yield read


def _altered(read: Sequence[ReadLine], known: Mapping[str, str]) -> tuple[int, ...]:
    """Lines of one file that share a ``ref`` and differ. (What an earlier file said under the ref is not kept as a line.)"""
    digests: dict[str, str] = {}
    return tuple(line.number for line in read if digests.setdefault(line.key, line.digest) != line.digest and line.key not in known)


# ---- changes


def _changes(workspace: Workspace, view: View, lines: Sequence[ReadLine], refuse: Callable[[InvalidFact], None]) -> Iterator[tuple[int, Change]]:
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
        items=[
            Item(item.text, ItemState(item.state) if item.state else ItemState.DONE if item.done else ItemState.OPEN, item.because)
            for item in line.items
        ],
        ticket=line.ticket,
        rollback_to=line.rollback_to,
        backout=line.backout,
        reason=line.reason,
        description=line.description,
        ref=line.ref,
    )
    planned = planned_change(
        id=identity,
        title=line.title,
        on=[Target.parse(text) for text in line.on],
        actor=actor,
        recorded_at=now,
        start=line.planned_start,
        end=line.planned_end,
        details=details,
    )
    if line.started_at and line.finished_at and line.finished_at < line.started_at:
        raise InvalidInput(
            f"finished at {shown_instant(line.finished_at)}, before it started at {shown_instant(line.started_at)}", "exchange the two"
        )
    return replace(
        planned,
        status=_status(line),
        approved_at=line.approved_at,
        started_at=line.started_at,
        finished_at=line.finished_at,
        reviewed_at=line.reviewed_at,
        outcome=line.outcome or "",
        notes=tuple(Note(note.at, note.actor, note.text, note.step) for note in line.notes),
        logged_after=line.logged_after,
    )


def _item(item: ItemLine) -> Item:
    state = item.state or ("done" if item.done else "open")
    return Item(item.text, ItemState(state), item.because)


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


# ---- hosts and services that nobody declares


def _implied(view: View, lines: Sequence[ReadLine]) -> tuple[Target, ...]:
    """Targets that lines speak of and neither they nor the ledger declare, in the order in which they are first named."""
    declared: set[Target] = {Target.host(read.line.name) for read in lines if isinstance(read.line, HostLine)}
    declared |= {Target.service(read.line.name) for read in lines if isinstance(read.line, ServiceLine)}
    named = dict.fromkeys(target for read in lines for target in _named(read) if target not in declared)
    known = view.topology.known_among(named)
    return tuple(target for target in named if target not in known)


def _named(read: ReadLine) -> Iterator[Target]:
    line = read.line
    match line:
        case ServiceLine():
            yield from (Target.host(name) for name in line.runs_on)
            yield from (Target.parse(text) for text in line.depends_on)
        case ChangeLine():
            yield from (Target.parse(text) for text in (*line.on, *line.affects))
        case ObservationLine():
            yield Target.parse(line.on)
        case MarkLine():
            yield Target.parse(line.target)
        case SnapshotLine():
            yield Target.host(line.host)


# ---- facts


def _batch(workspace: Workspace, lines: Sequence[ReadLine], changes: Mapping[int, Change], implied: Sequence[Target]) -> _Batch:
    batch = _Batch()
    for target in implied:
        body: dict[str, Any] = {"name": target.name}
        body |= {"tags": [], "attrs": {}} if target.kind is TargetKind.HOST else {"runs_on": [], "depends_on": []}
        batch.facts.append(workspace.fact(str(target.kind), body, ref=f"implied:{target.name}"))
    snapshots = _commit_snapshots(workspace, [read for read in lines if isinstance(read.line, SnapshotLine)], batch.deltas)
    for read in lines:
        batch.facts.append(snapshots.get(read.number) or _fact(workspace, read, changes.get(read.number)))
    return batch


def _fact(workspace: Workspace, read: ReadLine, change: Change | None) -> Fact:
    line = read.line
    ref = read.key.partition(":")[2]
    if change is not None:
        at = change.started_at or change.planned_start
        return workspace.fact("change", change_to_json(change), at=at, ref=ref, actor=change.actor)
    assert not isinstance(line, ChangeLine | SnapshotLine)
    at = line.start if isinstance(line, FreezeLine) else line.at
    return workspace.fact(read.kind, _body(line, read), at=at, ref=ref, actor=line.actor)


def _body(line: Any, read: ReadLine) -> dict[str, Any]:
    match line:
        case HostLine():
            return {"name": line.name, "tags": line.tags, "attrs": line.attrs}
        case HostRetiredLine():
            return {"name": line.name}
        case ServiceLine():
            return {"name": line.name, "runs_on": line.runs_on, "depends_on": line.depends_on}
        case ObservationLine():
            return {"ref": line.ref, "what": line.what, "on": line.on, "summary": line.summary, "data": line.data}
        case MarkLine():
            return {"target": line.target, "state": line.state, "symptom": line.symptom, "source": line.source}
        case FreezeLine():
            return {"title": line.title, "start": format_instant(line.start), "end": format_instant(line.end), "on": line.on}
        case FreezeLiftedLine():
            return {"freeze": line.freeze}
        case ExplanationLine():
            return {"evidence": line.evidence, "change": line.change}
    raise InvalidFact(f"cannot record a {read.kind}", line=read.number)


def _commit_snapshots(workspace: Workspace, lines: Sequence[ReadLine], deltas: dict[str, Sequence[Delta]]) -> dict[int, Fact]:
    """The snapshots of the lines in git, and the fact of each, by line number."""
    if not lines:
        return {}
    from changelog_ledger.workflows.import_snapshots import commit_snapshots

    facts = {}
    for read, (fact, found) in zip(lines, commit_snapshots(workspace, lines), strict=True):
        facts[read.number] = fact
        deltas[fact.id] = found
    return facts
