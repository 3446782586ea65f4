"""Lines of an import about incidents that are known: what became of them elsewhere is recorded as a step, or it is said that the two differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from changelog_ledger.changes.incident_continuation import continued, contradictions, extends, goes_on_from
from changelog_ledger.errors import InvalidFact
from changelog_ledger.model.change import Change
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.incident import Incident
from changelog_ledger.store.incident_codec import incident_from_json, incident_to_json, step_body, with_step
from changelog_ledger.store.interchange import IncidentLine, ReadLine
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.import_incidents import read_incidents
from changelog_ledger.workflows.workspace import Workspace

IMPORTED = "import"
"""The verb of a step that was brought along from elsewhere."""


@dataclass(frozen=True)
class _Past:
    """How a known incident came to be what it is here.

    :ivar opened: the fact that it was recorded with.
    """

    view: View
    opened: Fact

    @cached_property
    def steps(self) -> tuple[Fact, ...]:
        """The facts of its steps, in order."""
        identity = self.opened.data["id"]
        return tuple(fact for fact in self.view.facts.of_kind("incident-step") if fact.data["incident"] == identity)

    @cached_property
    def states(self) -> tuple[Incident, ...]:
        """What it was, from its first record to now."""
        found = [self.opened.data]
        for fact in self.steps:
            found.append(with_step(found[-1], fact.data))
        return tuple(map(incident_from_json, found))

    @property
    def is_of_elsewhere(self) -> bool:
        """Whether all of it was imported."""
        return all(fact.data["verb"] == IMPORTED for fact in self.steps)


def continuing_steps(
    workspace: Workspace,
    view: View,
    lines: Sequence[ReadLine],
    known: Mapping[str, str],
    changes: Sequence[Change],
    refuse: Callable[[InvalidFact], None],
) -> Iterator[tuple[int, Fact]]:
    """The steps by which incidents that are known have got further elsewhere, by line number. Warns of those that were altered here and there.

    :param known: the keys of lines that are recorded, with the ids of the facts that have them.
    :param changes: those of the same file.
    """
    again = {read.key: read for read in lines if isinstance(read.line, IncidentLine) and read.key in known}  # the last line of a key is the newest
    opened = view.facts.with_keys(again)
    ids = {key: str(fact.data["id"]) for key, fact in opened.items()}
    here = view.incidents.by_id(set(ids.values()))
    wanted = [read for read in again.values() if ids.get(read.key) in here]
    for read, line in read_incidents(workspace, view, wanted, lines, changes, lambda read: ids[read.key], refuse):
        before, there = here[ids[read.key]], _as_recorded(workspace, line)
        after = _continued(before, there, _Past(view, opened[read.key]))
        if after is None:
            workspace.warn(_differing(read.number, before, there))
        elif body := _step(before, after):
            yield read.number, workspace.fact("incident-step", body, ref=f"{before.id}#{read.digest}")


def _continued(here: Incident, there: Incident, past: _Past) -> Incident | None:
    """What the incident is when what is known elsewhere has been taken in; None where nobody can say which of the two is right."""
    if extends(here, there):
        return here
    if extends(there, here):
        return continued(here, there)
    if any(extends(state, there) and extends(there, state) for state in past.states):
        return here
    newer = goes_on_from(there, here) and not goes_on_from(here, there)
    return continued(here, there) if newer and past.is_of_elsewhere else None


def _as_recorded(workspace: Workspace, incident: Incident) -> Incident:
    """The incident without what looks like a secret: that is how it is compared with what is recorded."""
    return incident_from_json(workspace.fact("incident", incident_to_json(incident)).data)


def _step(before: Incident, after: Incident) -> dict[str, object]:
    """What the step sets and adds; empty where it does nothing."""
    body = step_body(before, after, IMPORTED)
    return body if body.keys() - {"incident", "verb"} else {}


def _differing(number: int, here: Incident, there: Incident) -> str:
    names = contradictions(there, here)
    what = f": {', '.join(names)}" if names and goes_on_from(there, here) else ""
    return (
        f"line {number}: {here.id} ({here.title}) is {here.state} here and {there.state} there, and both were altered{what}; "
        f"it is left as it is here: ledger incident show {here.id}"
    )
