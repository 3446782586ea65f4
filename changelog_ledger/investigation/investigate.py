"""From material to report: the evidence is summed up, each piece attributed, the rest of it and the changes weighed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from changelog_ledger.investigation.actors import present, with_possible_actors
from changelog_ledger.investigation.attribution import attribute
from changelog_ledger.investigation.candidates import Candidate, sift_changes
from changelog_ledger.investigation.clusters import clusters
from changelog_ledger.investigation.consequences import inherited
from changelog_ledger.investigation.evidence import net_evidence, observed
from changelog_ledger.investigation.latent import Awakening, Triggers, awakened, known_triggers, triggered, waking_since
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.suspects import in_order, score, suspects_of, weigh
from changelog_ledger.investigation.unrecorded import scoring_of, signals, sum_of
from changelog_ledger.investigation.verdict import verdict_on
from changelog_ledger.investigation.warnings import warnings_of
from changelog_ledger.investigation.weights import UNRECORDED, WEIGHTS
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence
from changelog_ledger.model.report import Report, RuledOut


def investigate(material: Material, weights: Mapping[str, float] = WEIGHTS) -> Report:
    """The answer to "what changed since it last worked?" from what is recorded.

    The order of the material does not matter; the same material always gives the same report.

    :param weights: what each reason weighs; another table than the fitted one is for fitting and for finding out what a reason is worth.
    """
    sifted = sifted_material(material)
    order = in_order(weigh(sifted.candidates, sifted.awakened, material), weights)
    unrecorded = sum_of(signals(material, len(order)), UNRECORDED)
    scoring = scoring_of([each.total for each in order], unrecorded)
    suspects = suspects_of(order[: max(material.limit, 2)] if material.limit > 0 else order, weights, scoring)
    warnings = warnings_of(material)
    return Report(
        target=material.target,
        made_at=material.now,
        window=material.window,
        scope=tuple(sorted(material.scope, key=lambda reach: (reach.distance, reach.target))),
        suspects=suspects[: material.limit] if material.limit > 0 else suspects,
        suspects_total=len(order),
        evidence=tuple(sorted(sifted.evidence, key=lambda piece: (piece.seen_at, piece.target, piece.path or "", piece.key or "", piece.id))),
        changes=_mentioned((*material.changes, *material.history.changes), sifted),
        ruled_out=sifted.ruled_out,
        warnings=warnings,
        freshness=tuple(sorted(material.freshness, key=lambda freshness: freshness.host)),
        symptom=material.symptom,
        suppressed=material.suppressed,
        scoring=scoring,
        verdict=verdict_on(suspects, material, warnings, score(unrecorded, scoring)),
        present=present(seen for seen in material.circumstances if material.window.since < seen.at <= material.window.until),
    )


@dataclass(frozen=True, slots=True)
class Sifted:
    """What there is to judge, not weighed yet.

    :ivar evidence: each piece with what explains it.
    :ivar candidates: who is to be suspected at all, ``ruled_out`` the changes that cannot have been it.
    :ivar awakened: candidate → what may have given it effect within the window, where that was another thing than itself.
    """

    evidence: tuple[Evidence, ...]
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...] = ()
    awakened: Mapping[str, tuple[Awakening, ...]] = field(default_factory=dict)


def sifted_material(material: Material) -> Sifted:
    """The evidence with what explains it, and who is to be suspected.

    What happened before the window is evidence only where something within the window gave it effect.
    """
    known = known_triggers(material)
    now, earlier = _sifted(material), _awakened_within(material, known)
    here = {candidate.id for candidate in now.candidates} | {out.change for out in now.ruled_out}
    added = [candidate for candidate in earlier.candidates if candidate.id not in here]
    used = {piece.id for candidate in added for piece in candidate.evidence}
    return Sifted(
        (*now.evidence, *(piece for piece in earlier.evidence if piece.id in used)),
        (*now.candidates, *added),
        now.ruled_out,
        {**awakened(now.candidates, known, waking_since(material)), **{each.id: earlier.awakened[each.id] for each in added}},
    )


def _sifted(material: Material) -> Sifted:
    pieces = (*net_evidence(material.deltas, material.window.onset), *observed(material.observations))
    attributed = inherited(pieces, attribute(pieces, material.changes, material.runs_on, material.now))
    evidence = with_possible_actors(attributed, (*material.circumstances, *material.observations), material.now)
    changes, ruled_out = sift_changes(material, evidence)
    return Sifted(tuple(evidence), (*changes, *clusters(pieces, evidence, material)), tuple(ruled_out))


def _awakened_within(material: Material, known: Triggers) -> Sifted:
    """What was changed before the window and took effect within it: the same sifting, of the past."""
    history, window = material.history, material.window
    if history.since is None or not triggered(material.observations, material.changes, window.onset or window.until):
        return Sifted((), ())
    past = _sifted(
        replace(
            material,
            window=replace(window, since=history.since, until=window.since),
            deltas=history.deltas,
            observations=history.observations,
            changes=history.changes,
        )
    )
    woken = awakened(past.candidates, known, window.since)
    return Sifted(past.evidence, tuple(candidate for candidate in past.candidates if candidate.id in woken), awakened=woken)


def _mentioned(changes: Iterable[Change], sifted: Sifted) -> tuple[Change, ...]:
    """The changes that the report names, by id."""
    named = (
        {candidate.change.id for candidate in sifted.candidates if candidate.change}
        | {out.change for out in sifted.ruled_out}
        | {piece.explained_by for piece in sifted.evidence}
    )
    found = {change.id: change for change in changes if change.id in named}
    return tuple(found[identity] for identity in sorted(found))
