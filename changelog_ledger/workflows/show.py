"""``show``: what is recorded under an id that the ledger printed, whatever it is of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.investigation import attribute, net_evidence, observed
from changelog_ledger.investigation.actors import with_possible_actors
from changelog_ledger.investigation.consequences import inherited
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.shown import Shown, ShownEvidence
from changelog_ledger.model.topology import Target
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.moments import found_snapshot
from changelog_ledger.workflows.recent import evidence_id_of
from changelog_ledger.workflows.topology import acting_on, scope_of
from changelog_ledger.workflows.what_changed import changes_touching, observations_of, runs_on
from changelog_ledger.workflows.workspace import Workspace

AROUND = timedelta(days=1)
"""How far around a piece of evidence is looked for what it follows from, and for who was there."""


def show(workspace: Workspace, identifier: str) -> Shown:
    """What has this id: ``CHG-…``, ``EV-…``, ``INC-…``, ``FRZ-…``, ``MNT-…`` or a snapshot's; any unambiguous beginning will do.

    :raises InvalidInput: if no id can begin like that.
    :raises NotFound: if nothing has it.
    :raises Ambiguous: if several have.
    """
    text = identifier.strip()
    kind = text.upper().partition("-")[0]
    if kind == "EV":
        return _evidence(workspace, text)
    if kind == "MNT":
        return _window(workspace, text)
    if kind not in ("CHG", "FRZ", "INC"):
        if not text.isalnum():
            raise InvalidInput(
                f"{identifier!r} is no id", "ids look like CHG-7K3M9Q, EV-0FXMJ44Y75, INC-…, FRZ-…, MNT-…; a snapshot's is 26 letters and digits"
            )
        return found_snapshot(workspace, text.upper())
    with workspace.store.reading() as view:
        if kind == "INC":
            return view.incidents.named(text)
        return view.changes.find(text) if kind == "CHG" else view.schedule.freeze(text)


def _window(workspace: Workspace, text: str) -> Shown:
    from changelog_ledger.workflows.schedule import list_windows

    with workspace.store.reading() as view:
        wanted = view.schedule.window(text).id
    return next(state for state in list_windows(workspace, everything=True) if state.window.id == wanted)


def _evidence(workspace: Workspace, text: str) -> ShownEvidence:
    with workspace.store.reading() as view:
        identity = evidence_id_of(view, text)
        deltas = view.evidence.deltas_by_id([identity])
        if deltas:
            return _judged(workspace, view, Target.host(deltas[0].host), (deltas[0].not_before, deltas[0].not_after), deltas)
        seen = view.evidence.observation(identity)
        if seen is None:
            raise NotFound(f"there is no evidence {identity}", "ledger recent shows what there is")
        return _judged(workspace, view, seen.target, (seen.at, seen.at), (), seen)


def _judged(
    workspace: Workspace,
    view: View,
    target: Target,
    when: tuple[datetime, datetime],
    deltas: Sequence[RecordedDelta],
    seen: Observation | None = None,
) -> ShownEvidence:
    """The difference or the observation, judged beside what was seen around it."""
    now, begin = workspace.now(), when[0] - AROUND
    places = acting_on(view, scope_of(view, target))
    circumstances, around = observations_of(view, places, begin, min(when[1] + AROUND, now))
    changes = changes_touching(view, places, begin, now, deltas, around)
    everything = {each.id: each for each in (*around, *([seen] if seen else []))}
    pieces = [*net_evidence(deltas), *observed(everything.values())]
    judged = inherited(pieces, attribute(pieces, changes, runs_on(view, places, changes), now))
    own = [piece for piece in judged if piece.id == (seen.id if seen else deltas[0].id)]
    (evidence,) = with_possible_actors(own, (*circumstances, *around), now)
    return ShownEvidence(evidence, seen.data if seen else {})
