"""Cases made ready for fitting: every candidate with what the reasons found in it, and whether it is the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.ranking.cases import Case
from benchmarks.ranking.scoring import is_truth
from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.investigate import sifted_material
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.suspects import Weighed, ranked, weigh
from changelog_ledger.model.report import Suspect, SuspectKind


@dataclass(frozen=True)
class Prepared:
    """One case.

    :ivar truth: for each of ``weighed``, whether it counts as found.
    :ivar is_nothing: whether the record holds no cause.
    """

    id: str
    kind: str
    weighed: tuple[Weighed, ...]
    truth: tuple[bool, ...]
    is_nothing: bool = False

    @property
    def findable(self) -> bool:
        """Whether the truth is among the candidates."""
        return any(self.truth)

    def suspects(self, weights: Mapping[str, float]) -> tuple[Suspect, ...]:
        """The ranked list."""
        return ranked(self.weighed, weights)

    def is_guilty(self, candidate: Candidate) -> bool:
        """Whether a candidate counts as found."""
        return any(true and own is candidate for (own, _), true in zip(self.weighed, self.truth, strict=True))

    def rank(self, suspects: Sequence[Suspect]) -> int | None:
        """Where the truth stands in it."""
        guilty = {_identity(candidate) for (candidate, _), true in zip(self.weighed, self.truth, strict=True) if true}
        return next((suspect.rank for suspect in suspects if (suspect.change, *suspect.evidence) in guilty), None)


def _identity(candidate: Candidate) -> tuple[str, ...]:
    return (candidate.change.id if candidate.change else "", *(piece.id for piece in candidate.evidence))


def prepare(case: Case, material: Material) -> Prepared:
    """A case with its material's candidates."""
    _, candidates, _ = sifted_material(material)
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
    return Prepared(case.id, case.kind, weigh(candidates, material), truth, case.is_nothing)
