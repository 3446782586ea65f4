"""How sure the ranking is, and what it could not see.

Sums of weights order; how likely the first is, among all and beside something that is not recorded, comes of the same fit: what such sums came to in
cases that it had not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from changelog_ledger.investigation import weights
from changelog_ledger.investigation.material import Material
from changelog_ledger.model.report import Certainty, Reason, Suspect, Verdict, Warning  # noqa: A004 - the contract's own word
from changelog_ledger.model.topology import TargetKind

_NAMED = 2
"""Hosts that are named: the line, with the command at its end, is to fit into a terminal of 80 columns."""

_BLIND = ("no-snapshots", "stale-snapshot", "first-snapshot-in-window", "partial-snapshot", "left-out", "expired-snapshots")
"""Codes of warnings that say what could not be seen."""


def verdict_on(suspects: Sequence[Suspect], material: Material, warnings: Sequence[Warning], unrecorded: float) -> Verdict:
    """The verdict on a ranked list.

    :param suspects: at least the first two of it, if there are so many.
    :param unrecorded: the chance that the cause is not recorded; that of the first suspect is its score.
    """
    unrecorded = round(unrecorded, 3)
    unseen = tuple(_unseen(material, warnings))
    if _worked_with_all_of_it(material):
        return Verdict(nothing=not suspects, unrecorded=unrecorded, why=_since_it_worked(suspects), unseen=unseen)
    if not suspects:
        return Verdict(nothing=True, unrecorded=unrecorded, why="nothing that changed in this time is recorded", unseen=unseen)
    chance = round(suspects[0].score, 3)
    if unrecorded >= weights.NOTHING and _is_complaint(material):
        why = f"what changed before it fits badly, and best: {suspects[0].title}"
        return Verdict(nothing=True, chance=chance, unrecorded=unrecorded, why=why, unseen=unseen)
    confidence = Certainty.CLEAR if chance >= weights.CLEAR else Certainty.LIKELY if chance >= weights.LIKELY else Certainty.OPEN
    return Verdict(confidence, chance=chance, unrecorded=unrecorded, why=_ahead(suspects), unseen=unseen)


def _is_complaint(material: Material) -> bool:
    """Whether anybody said that something is wrong: without that there is nothing to be explained."""
    return material.window.onset is not None or bool(material.symptom)


def _worked_with_all_of_it(material: Material) -> bool:
    """Whether nothing is recorded since it was seen working, and nobody says that it is broken: what was under way then brought no trouble."""
    is_new = any(change.started_at and change.started_at >= material.window.since for change in material.changes)
    return not (_is_complaint(material) or material.window.last_good is None or material.deltas or material.observations or is_new)


def _since_it_worked(suspects: Sequence[Suspect]) -> str:
    well = "it was seen working, and nobody has marked it bad since"
    return f"{well}; what is under way was so then already" if suspects else well


def _ahead(suspects: Sequence[Suspect]) -> str:
    """What the first has that the second has not, or what speaks against the second only."""
    if len(suspects) == 1:
        return "it is the only one"
    mine, others = ({reason.code: reason for reason in suspect.reasons} for suspect in suspects[:2])
    lead = {code: _weight(mine.get(code)) - _weight(others.get(code)) for code in (*mine, *others)}
    most = max(sorted(lead), key=lambda code: lead[code], default="")
    against = f"{suspects[0].score:.2f} against {suspects[1].score:.2f} of the next"
    if not most or lead[most] <= 0:
        return against
    return f"{against}, most for this: {_gist(mine[most])}" if most in mine else f"{against}, of which one may say: {_gist(others[most])}"


def _gist(reason: Reason) -> str:
    """A reason without what explains it further."""
    return reason.text.partition(": ")[0] if reason.code == "unlogged" else reason.text


def _weight(reason: Reason | None) -> float:
    return reason.weight if reason is not None else 0.0


def _unseen(material: Material, warnings: Sequence[Warning]) -> Iterator[str]:
    """What the record could not have shown, one sentence each."""
    yield from (warning.text for warning in warnings if warning.code in _BLIND)
    hosts = sorted({reach.target.name for reach in material.scope if reach.target.kind is TargetKind.HOST})
    for source, command in (("package-", "packages"), ("service-", "journal")):
        silent = [host for host in hosts if not any(kind.startswith(source) for kind in material.sources.get(host, frozenset()))]
        if silent:
            yield f"no {_SOURCES[command]} of {_listed(silent)}: ledger ingest {command}"
    outside = [reach.target for reach in material.scope if reach.target.kind is TargetKind.SERVICE and not material.runs_on.get(reach.target)]
    known = {seen.target for seen in material.observations}
    for target in outside:
        if target not in known and target != material.target:
            yield f"{target} runs on no host that is known here, and nothing is recorded of it: ask its provider"


_SOURCES = {"packages": "package logs", "journal": "journals"}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"
