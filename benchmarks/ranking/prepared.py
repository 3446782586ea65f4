"""Cases made ready for fitting: every candidate with what the reasons found in it, and whether it is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.ranking.cases import Case
from benchmarks.ranking.scoring import is_truth
from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.investigate import sifted_material
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.suspects import Standing, Weighed, in_order, score, weigh
from changelog_ledger.investigation.unrecorded import scoring_of, signals, sum_of
from changelog_ledger.model.report import SuspectKind


@dataclass(frozen=True)
class Prepared:
    """One case.

    :ivar truth: for each of ``weighed``, whether it counts as found.
    :ivar unrecorded: what speaks for something that is not recorded.
    :ivar is_nothing: whether the record holds no cause; ``chosen`` whether it was chosen for holding one.
    """

    id: str
    kind: str
    weighed: tuple[Weighed, ...]
    truth: tuple[bool, ...]
    unrecorded: Mapping[str, float] = field(default_factory=dict)
    is_nothing: bool = False
    chosen: bool = False

    @property
    def findable(self) -> bool:
        """Whether the truth is among the candidates."""
        return any(self.truth)

    def order(self, weights: Mapping[str, float]) -> tuple[Standing, ...]:
        """The ranked list."""
        return in_order(self.weighed, weights)

    def chances(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """That the first is the cause, and that the cause is not recorded, by weights of reasons and of signals."""
        totals, unrecorded = [standing.total for standing in self.order(weights)], sum_of(self.unrecorded, weights)
        scoring = scoring_of(totals, unrecorded)
        return (score(totals[0], scoring) if totals else 0.0), score(unrecorded, scoring)

    def is_guilty(self, candidate: Candidate) -> bool:
        """Whether a candidate counts as found."""
        return any(true and own is candidate for (own, _), true in zip(self.weighed, self.truth, strict=True))

    def rank(self, weights: Mapping[str, float]) -> int | None:
        """Where the truth stands in it; None if it is not in it."""
        return next((rank for rank, standing in enumerate(self.order(weights), 1) if self.is_guilty(standing.candidate)), None)


def prepare(case: Case, material: Material) -> Prepared:
    """A case with its material's candidates."""
    sifted = sifted_material(material)
    candidates = sifted.candidates
    truth = tuple(
        is_truth(
            case,
            logged=candidate.kind is SuspectKind.CHANGE,
            ref=candidate.change.ref if candidate.change else "",
            title=candidate.title,
            evidence=candidate.evidence,
        )
        for candidate in candidates
    )
    weighed = weigh(candidates, sifted.awakened, material)
    return Prepared(case.id, case.kind, weighed, truth, signals(material, len(candidates)), case.is_nothing, case.chosen)
