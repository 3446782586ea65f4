"""Twenty generated cases, two of each kind of culprit, with the material of their questions: gathered once for all tests of this folder."""

from __future__ import annotations

import pytest

from benchmarks.ranking.cases import Case, made_case
from benchmarks.ranking.culprits import CULPRITS
from benchmarks.ranking.materials import material_of
from benchmarks.ranking.prepared import Prepared, prepare

SEEDS = (11, 12)


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    return [made_case(seed, kind) for kind in CULPRITS for seed in SEEDS]


@pytest.fixture(scope="session")
def prepared(cases: list[Case]) -> list[Prepared]:
    """They are imported as they are: a fact that is refused fails every test that wants them."""
    return [prepare(case, material_of(case)) for case in cases]
