"""``import``: JSON Lines become facts, all or nothing.

The data's way: text → checked lines → what is new → changes and observations as facts, snapshots as commits → one append.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from changelog_ledger.errors import InvalidFact
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.identifiers import derived_id
from changelog_ledger.model.incident import Incident
from changelog_ledger.model.times import format_instant, shown_instant
from changelog_ledger.model.topology import Target, TargetKind
from changelog_ledger.store.codec import change_to_json
from changelog_ledger.store.expected import expected_body
from changelog_ledger.store.incident_codec import incident_to_json
from changelog_ledger.store.interchange import (
    ChangeLine,
    ExpectedLine,
    ExplanationLine,
    FreezeLiftedLine,
    FreezeLine,
    HostLine,
    HostRetiredLine,
    IncidentLine,
    MaintenanceLiftedLine,
    MaintenanceLine,
    MarkLine,
    ObservationLine,
    ReadLine,
    ServiceLine,
    SnapshotLine,
    read_line,
)
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.check_snapshots import possible
from changelog_ledger.workflows.collector import without_collector
from changelog_ledger.workflows.continued_incidents import continuing_steps
from changelog_ledger.workflows.import_calendar import recurring_rightly
from changelog_ledger.workflows.import_changes import imported_changes
from changelog_ledger.workflows.import_incidents import imported_incidents
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[str, int], None]
"""Called with the step (``reading``, ``recording``) and how many lines or facts were done since the last call."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file.

    :ivar recorded: how many facts are new; a step by which a known incident went on elsewhere is one.
    :ivar known: how many lines were recorded before, and say nothing new.
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
    with without_collector():
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
        new = list(possible(workspace, view, _in_order(view, workspace.now(), _first_of_each(read, known), refuse), refuse))
        new = list(recurring_rightly(new, refuse))
        changes = dict(imported_changes(workspace, view, new, refuse))
        incidents = dict(imported_incidents(workspace, view, new, list(changes.values()), refuse))
        implied = _implied(view, new)
        steps = dict(continuing_steps(workspace, view, read, known, list(changes.values()), refuse))
    refused_numbers = {error.line for error in refused}
    new = [line for line in new if line.number not in refused_numbers]
    taken_in = len(new) + len(steps)
    known_lines = sum(line.number not in refused_numbers for line in read) - taken_in
    result = ImportResult(taken_in + len(implied), known_lines, _altered(read, known), tuple(refused), tuple(map(str, implied)))
    if dry_run:
        return result
    batch = _batch(workspace, new, {**changes, **incidents}, implied)
    recorded = workspace.store.append([*batch.facts, *steps.values()], deltas=batch.deltas, progress=lambda done: progress("recording", done))
    return replace(result, recorded=len(recorded))


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


def _in_order(view: View, now: datetime, lines: Iterable[ReadLine], refuse: Callable[[InvalidFact], None]) -> Iterator[ReadLine]:
    """The lines without snapshots that come before an earlier one of their host."""
    last: dict[str, datetime | None] = {}
    for read in lines:
        line = read.line
        if isinstance(line, SnapshotLine):
            if line.host not in last:
                newest = view.evidence.last_snapshot(line.host)
                last[line.host] = newest.at if newest else None
            before = last[line.host]
            if line.at > now + CLOCK_TOLERANCE:
                refuse(InvalidFact(f"{shown_instant(line.at)} has not come yet", "a snapshot shows how files are or were", line=read.number))
                continue
            if before is not None and line.at <= before:
                message = f"the snapshot of {line.host} at {shown_instant(line.at)} is not after its last one at {shown_instant(before)}"
                refuse(InvalidFact(message, "lines of one host are in the order of time", line=read.number))
                continue
            last[line.host] = line.at
        yield read


def _altered(read: Sequence[ReadLine], known: Mapping[str, str]) -> tuple[int, ...]:
    """Lines of one file that share a ``ref`` and differ. (What an earlier file said under the ref is not kept as a line.)"""
    digests: dict[str, str] = {}
    return tuple(line.number for line in read if digests.setdefault(line.key, line.digest) != line.digest and line.key not in known)


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
        case IncidentLine():
            yield from (Target.parse(text) for text in line.on)


# ---- facts


def _batch(workspace: Workspace, lines: Sequence[ReadLine], made: Mapping[int, Change | Incident], implied: Sequence[Target]) -> _Batch:
    batch = _Batch()
    for target in implied:
        body: dict[str, Any] = {"name": target.name}
        body |= {"tags": [], "attrs": {}} if target.kind is TargetKind.HOST else {"runs_on": [], "depends_on": []}
        batch.facts.append(workspace.fact(str(target.kind), body, ref=f"implied:{target.name}"))
    snapshots = _commit_snapshots(workspace, [read for read in lines if isinstance(read.line, SnapshotLine)], batch.deltas)
    for read in lines:
        batch.facts.append(snapshots.get(read.number) or _fact(workspace, read, made.get(read.number)))
    return batch


def _fact(workspace: Workspace, read: ReadLine, made: Change | Incident | None) -> Fact:
    line = read.line
    ref = read.key.partition(":")[2]
    match made:
        case Change():
            at = made.started_at or made.planned_start
            return workspace.fact("change", change_to_json(made), at=at, ref=ref, actor=made.actor)
        case Incident():
            return workspace.fact("incident", incident_to_json(made), at=made.began_at, ref=ref, actor=made.actor)
    assert not isinstance(line, ChangeLine | SnapshotLine | IncidentLine)
    at = line.start if isinstance(line, FreezeLine | MaintenanceLine) else line.at
    return workspace.fact(read.kind, _body(line, read), at=at, ref=ref, actor=line.actor)


def _body(line: Any, read: ReadLine) -> dict[str, Any]:
    match line:
        case HostLine():
            return {"name": line.name, "tags": line.tags, "attrs": line.attrs}
        case HostRetiredLine():
            return {"name": line.name} | ({"because": line.because} if line.because else {})
        case ServiceLine():
            return {"name": line.name, "runs_on": line.runs_on, "depends_on": line.depends_on} | ({"attrs": line.attrs} if line.attrs else {})
        case ObservationLine():
            return {"ref": line.ref, "what": line.what, "on": line.on, "summary": line.summary, "data": line.data}
        case MarkLine():
            return {"target": line.target, "state": line.state, "symptom": line.symptom, "source": line.source}
        case FreezeLine() | FreezeLiftedLine() | MaintenanceLine() | MaintenanceLiftedLine():
            return _calendar_body(line, read)
        case ExplanationLine():
            places = {piece: place.model_dump(mode="json") for piece, place in line.places.items()}
            return {"evidence": line.evidence, "change": line.change} | ({"places": places} if places else {})
        case ExpectedLine():
            return expected_body(line.all_edits(), commit=line.commit, parent=line.parent)
    raise InvalidFact(f"cannot record a {read.kind}", line=read.number)


def _calendar_body(line: FreezeLine | FreezeLiftedLine | MaintenanceLine | MaintenanceLiftedLine, read: ReadLine) -> dict[str, Any]:
    length: dict[str, Any]
    match line:
        case FreezeLiftedLine():
            return {"freeze": line.freeze} | ({"because": line.because} if line.because else {})
        case MaintenanceLiftedLine():
            return {"maintenance": line.maintenance} | ({"because": line.because} if line.because else {})
        case FreezeLine():
            identity, length = line.id or derived_id("FRZ", read.key), {"end": format_instant(line.end)}
        case MaintenanceLine():
            identity, length = line.id or derived_id("MNT", read.key), {"seconds": line.seconds, "zone": line.zone, "rule": line.rule}
    return {"id": identity, "title": line.title, "on": line.on, "start": format_instant(line.start)} | length


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
