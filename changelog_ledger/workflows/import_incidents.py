"""Incidents of an import: a record that another system kept. Marks are lines of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from changelog_ledger.changes.incidents import Particulars, checked_times, linked, new_incident
from changelog_ledger.errors import InvalidFact, InvalidInput
from changelog_ledger.model.change import Change, Note, Remark
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.identifiers import derived_id, evidence_id
from changelog_ledger.model.incident import Action, Incident, Link, LinkKind, Told, Trace
from changelog_ledger.model.topology import Target
from changelog_ledger.store.interchange import ActionLine, IncidentLine, LinkLine, NoteLine, ObservationLine, ReadLine, SnapshotLine
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.import_changes import refuse_future
from changelog_ledger.workflows.linked_things import Beside, imported_link
from changelog_ledger.workflows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Around:
    """What the lines of an incident may speak of."""

    workspace: Workspace
    view: View
    beside: Beside
    now: datetime


def imported_incidents(
    workspace: Workspace, view: View, lines: Sequence[ReadLine], changes: Sequence[Change], refuse: Callable[[InvalidFact], None]
) -> Iterator[tuple[int, Incident]]:
    """The incident of each incident line, by line number, under an id that is free.

    :param changes: those of the same file.
    """
    taken: set[str] = set()
    wanted = [read for read in lines if isinstance(read.line, IncidentLine)]
    for read, incident in read_incidents(workspace, view, wanted, lines, changes, lambda read: _free_id(view, read, taken), refuse):
        yield read.number, incident


def read_incidents(
    workspace: Workspace,
    view: View,
    wanted: Sequence[ReadLine],
    lines: Sequence[ReadLine],
    changes: Sequence[Change],
    id_of: Callable[[ReadLine], str],
    refuse: Callable[[InvalidFact], None],
) -> Iterator[tuple[ReadLine, Incident]]:
    """The incidents of some lines.

    :param wanted: those lines; ``lines`` are all that they may speak of, ``changes`` those of the same file.
    :param id_of: the id that the incident of a line has.
    """
    if not wanted:
        return
    named = {name: change for change in changes for name in (change.id, change.ref) if name}
    around = _Around(workspace, view, Beside(named, _observations(lines), _touched(lines)), workspace.now())
    for read in wanted:
        assert isinstance(read.line, IncidentLine)
        try:
            yield read, _incident(around, read.line, id_of(read))
        except InvalidInput as error:
            refuse(InvalidFact(error.message, error.hint, line=read.number))


def _free_id(view: View, read: ReadLine, taken: set[str]) -> str:
    """The id follows from what the incident is known by, so every ledger that imports it calls it the same."""
    assert isinstance(read.line, IncidentLine)
    identity, salt = read.line.id or derived_id("INC", read.key), 0
    while identity in taken or view.incidents.existing([identity]):
        salt += 1
        identity = derived_id("INC", f"{read.key}#{salt}")
    taken.add(identity)
    return identity


def _observations(lines: Sequence[ReadLine]) -> dict[str, Observation]:
    pairs = ((read, read.line) for read in lines)
    return {
        line.ref: Observation(evidence_id("observation", read.key), line.what, Target.parse(line.on), line.at, line.summary, data=line.data)
        for read, line in pairs
        if isinstance(line, ObservationLine) and line.ref
    }


def _touched(lines: Sequence[ReadLine]) -> dict[str, tuple[Trace, ...]]:
    found: dict[str, dict[Trace, None]] = {}
    for line in (read.line for read in lines):
        if isinstance(line, SnapshotLine) and line.change and line.phase != "before":
            found.setdefault(line.change, {}).update(dict.fromkeys(Trace(line.host, path) for path in line.files))
    return {change: tuple(traces) for change, traces in found.items()}


def _incident(around: _Around, line: IncidentLine, identity: str) -> Incident:
    began = line.began_at or line.detected_at
    if began is None:
        raise InvalidInput("the incident has no time", "say when it began or was detected: began_at, detected_at")
    times = (began, line.detected_at, line.recorded_at, line.acknowledged_at, line.mitigated_at, line.resolved_at, line.reviewed_at)
    for moment in times:
        refuse_future(moment, around.now)
    actor = line.actor or around.workspace.actor
    bare = new_incident(
        id=identity,
        title=line.title,
        on=[Target.parse(text) for text in line.on],
        actor=actor,
        recorded_at=line.recorded_at or around.now,
        began_at=began,
        detected_at=line.detected_at or began,
        said=_particulars(line),
        ref=line.ref,
    )
    for link in [_link(around, each, actor, bare.detected_at) for each in line.links]:
        bare = linked(bare, link)
    return checked_times(
        replace(
            bare,
            resolved_at=line.resolved_at,
            reviewed_at=line.reviewed_at,
            fix=_fix(around, line.fix) or bare.fix,
            summary=line.summary.strip(),
            trigger=line.trigger.strip(),
            causes=tuple(line.causes),
            worked=tuple(line.worked),
            notes=tuple(_note(note) for note in line.notes),
            told=tuple(Told(told.at, told.actor, told.text, told.template) for told in line.told),
            actions=_actions(line.actions),
        )
    )


def _particulars(line: IncidentLine) -> Particulars:
    return Particulars(
        symptom=line.symptom,
        impact=line.impact,
        urgency=line.urgency,
        kinds=line.kinds,
        commander=line.commander,
        acknowledged_at=line.acknowledged_at,
        mitigated_at=line.mitigated_at,
        path=line.path,
    )


def _link(around: _Around, line: LinkLine, actor: str, detected_at: datetime) -> Link:
    """What a line links; it was said when the incident was detected, where the line does not say when."""
    bare = Link(LinkKind(line.kind), line.what, line.at or detected_at, line.actor or actor, line.because)
    found = imported_link(around.workspace, around.view, bare, around.beside)
    said = tuple(Trace(trace.host, trace.path, trace.key, trace.shape, trace.subject) for trace in line.traces)
    return replace(found, title=line.title or found.title, happened_at=line.happened_at or found.happened_at, traces=said or found.traces)


def _fix(around: _Around, name: str) -> str:
    """The id of the change that a line calls its fix; as it is written where nobody knows it."""
    if name in around.beside.changes:
        return around.beside.changes[name].id
    return next((change.id for change in around.view.changes.with_reference(name)), name) if name else ""


def _note(line: NoteLine) -> Note:
    if not (line.text.strip() or line.step.strip()):
        raise InvalidInput("a note says nothing", "it has a text, or a step, or both")
    return Note(line.at, line.actor, line.text, line.step, tuple(Remark(remark.code, remark.text) for remark in line.remarks))


def _actions(lines: Sequence[ActionLine]) -> tuple[Action, ...]:
    found: dict[int, Action] = {}
    for line in lines:
        number = line.number or max(found, default=0) + 1
        if number in found:
            raise InvalidInput(f"two actions have the number {number}", "number them 1, 2, 3 …")
        found[number] = Action(number, line.text, line.owner, line.due, line.done_at, line.done_by)
    return tuple(found[number] for number in sorted(found))
