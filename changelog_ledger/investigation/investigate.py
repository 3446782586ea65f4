"""From material to report: the evidence is summed up, each piece attributed, the rest of it and the changes weighed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from changelog_ledger.investigation.actors import present, with_possible_actors
from changelog_ledger.investigation.attribution import attribute
from changelog_ledger.investigation.candidates import Candidate, sift_changes
from changelog_ledger.investigation.clusters import clusters
from changelog_ledger.investigation.consequences import inherited
from changelog_ledger.investigation.evidence import net_evidence, observed
from changelog_ledger.investigation.latent import awakened, has_trigger
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
    evidence, candidates, ruled_out = sifted_material(material)
    order = in_order(weigh(candidates, material), weights)
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
        evidence=tuple(sorted(evidence, key=lambda piece: (piece.seen_at, piece.target, piece.path or "", piece.key or "", piece.id))),
        changes=_mentioned((*material.changes, *material.history.changes), candidates, ruled_out, evidence),
        ruled_out=ruled_out,
        warnings=warnings,
        freshness=tuple(sorted(material.freshness, key=lambda freshness: freshness.host)),
        symptom=material.symptom,
        suppressed=material.suppressed,
        scoring=scoring,
        verdict=verdict_on(suspects, material, warnings, score(unrecorded, scoring)),
        present=present(seen for seen in material.circumstances if material.window.since < seen.at <= material.window.until),
    )


Sifted = tuple[tuple[Evidence, ...], tuple[Candidate, ...], tuple[RuledOut, ...]]


def sifted_material(material: Material) -> Sifted:
    """The evidence with what explains it; who is to be suspected, not weighed yet; and the changes that cannot have been it.

    What happened before the window is evidence only where something within the window gave it effect.
    """
    evidence, candidates, ruled_out = _sifted(material)
    earlier_evidence, earlier = _awakened_within(material)
    known = {candidate.id for candidate in candidates} | {out.change for out in ruled_out}
    added = [candidate for candidate in earlier if candidate.id not in known]
    used = {piece.id for candidate in added for piece in candidate.evidence}
    return (*evidence, *(piece for piece in earlier_evidence if piece.id in used)), (*candidates, *added), ruled_out


def _sifted(material: Material) -> Sifted:
    pieces = (*net_evidence(material.deltas, material.window.onset), *observed(material.observations))
    attributed = inherited(pieces, attribute(pieces, material.changes, material.runs_on, material.now))
    evidence = with_possible_actors(attributed, (*material.circumstances, *material.observations), material.now)
    changes, ruled_out = sift_changes(material, evidence)
    return tuple(evidence), (*changes, *clusters(pieces, evidence, material)), tuple(ruled_out)


def _awakened_within(material: Material) -> tuple[tuple[Evidence, ...], tuple[Candidate, ...]]:
    """What was changed before the window and took effect within it: the same sifting, of the past."""
    history, window = material.history, material.window
    if history.since is None or not has_trigger(material.observations, window.onset or window.until):
        return (), ()
    past = replace(
        material,
        window=replace(window, since=history.since, until=window.since),
        deltas=history.deltas,
        observations=history.observations,
        changes=history.changes,
    )
    evidence, candidates, _ = _sifted(past)
    woken = awakened(candidates, material)
    return evidence, tuple(candidate for candidate in candidates if candidate.id in woken)


def _mentioned(
    changes: Iterable[Change], candidates: Iterable[Candidate], ruled_out: Iterable[RuledOut], evidence: Iterable[Evidence]
) -> tuple[Change, ...]:
    """The changes that the report names, by id."""
    named = (
        {candidate.change.id for candidate in candidates if candidate.change}
        | {out.change for out in ruled_out}
        | {piece.explained_by for piece in evidence}
    )
    found = {change.id: change for change in changes if change.id in named}
    return tuple(found[identity] for identity in sorted(found))
