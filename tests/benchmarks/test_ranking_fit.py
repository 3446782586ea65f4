"""The fit finds weights that were planted, keeps the signs of its prior, and writes the file that the program reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ranking.calibration import Judged, judged, reliability, threshold
from benchmarks.ranking.fit import SHARPNESS, Design, Held, codes_of, cross_validated, design_of, fitted, loss_of, table
from benchmarks.ranking.prepared import Prepared
from benchmarks.ranking.prior import PRIOR, prior_of
from benchmarks.ranking.written import weights_file
from changelog_ledger.investigation import weights as program

PLANTED = np.array([0.9, 0.4, -0.6, 0.0])
CANDIDATES, CASES = 12, 800


def planted(weights: np.ndarray = PLANTED, seed: int = 1) -> Design:
    """Cases whose truth is drawn by the chances that some weights give."""
    dice = np.random.default_rng(seed)
    values = dice.random((CASES * CANDIDATES, len(weights)))
    truth = np.full(len(values), -np.inf)
    for case in range(CASES):
        rows = slice(case * CANDIDATES, (case + 1) * CANDIDATES)
        strengths = np.exp(SHARPNESS * values[rows] @ weights)
        truth[case * CANDIDATES + dice.choice(CANDIDATES, p=strengths / strengths.sum())] = 0.0
    places = np.array([(0, case) for case in range(CASES)], dtype=np.intp)
    return Design(("a", "b", "c", "d"), values, np.arange(0, len(values), CANDIDATES), truth, places)


def test_planted_weights_are_found_again() -> None:
    found = fitted(planted(), np.array([0.1, 0.1, -0.1, 0.1]), 1e-4)
    assert np.abs(found - PLANTED).max() < 0.15


def test_the_stronger_it_is_drawn_the_nearer_to_the_prior_it_stays() -> None:
    prior = np.array([0.1, 0.1, -0.1, 0.1])
    away = [float(np.linalg.norm(fitted(planted(), prior, strength) - prior)) for strength in (1e-3, 1.0, 100.0)]
    assert away[0] > away[1] > away[2]
    assert away[2] < 0.05


def test_a_reason_in_favour_never_speaks_against_and_the_other_way_round() -> None:
    found = fitted(planted(), np.array([-0.1, 0.1, 0.1, 0.1]), 1e-4)
    assert found[0] == 0.0
    assert found[2] == 0.0


def test_the_gradient_is_that_of_the_loss() -> None:
    design = planted()
    loss = loss_of(design, design.shares())
    at, step = np.array([0.3, -0.2, 0.5, 0.1]), 1e-6
    for axis in range(len(at)):
        aside = np.eye(len(at))[axis] * step
        assert loss(at)[1][axis] == pytest.approx((loss(at + aside)[0] - loss(at - aside)[0]) / (2 * step), abs=1e-5)


def test_collections_count_the_same_however_many_cases_they_have() -> None:
    design = planted()
    places = np.array([(int(case >= 10), case) for case in range(CASES)], dtype=np.intp)
    shares = Design(design.codes, design.values, design.starts, design.truth, places).shares(fold=0, folds=5)
    assert shares[:10].sum() == pytest.approx(0.5)
    assert shares[10:].sum() == pytest.approx(0.5)
    assert shares[0] == shares[5] == shares[10] == 0.0


def test_every_case_is_ranked_by_weights_that_had_not_seen_it(prepared: list[Prepared]) -> None:
    held = _held(prepared)
    assert [len(ranks) for ranks in held.ranks] == [4, len(prepared) - 4]
    assert len({tuple(used.items()) for used in held.weights[0]}) == 4
    assert all((rank is None) is not case.findable for case, rank in zip(held.cases[1], held.ranks[1], strict=True))


def test_something_unrecorded_stands_beside_the_candidates_unless_the_case_was_chosen(prepared: list[Prepared]) -> None:
    several = [case for case in prepared if len(case.truth) > 1]
    assert {case.findable for case in several} == {True, False}
    design = design_of([several], codes_of([several]))
    assert len(design.values) == sum(len(case.truth) + 1 for case in several)
    chosen = design_of([[replace(case, chosen=True) for case in several]], design.codes)
    assert len(chosen.values) == sum(len(case.truth) for case in several if case.findable)


def test_chances_are_those_of_a_fit_that_had_not_seen_the_case(prepared: list[Prepared]) -> None:
    held = _held(prepared)
    found = judged(held, 1)
    assert [case.anything for case in found] == [case.findable for case in held.cases[1]]
    assert all(case.chance >= 0 and case.unrecorded > 0 and case.chance + case.unrecorded <= 1.0 + 1e-9 for case in found)
    assert sum(int(line.split("n=")[1].split()[0]) for line in reliability(found)) == len(found)


def test_the_threshold_keeps_to_the_false_alarms_that_are_allowed() -> None:
    cases = [Judged(0.5, place / 100, True, anything=True) for place in range(100)] + [Judged(0.1, 0.97, False, anything=False)]
    limit = threshold(cases)
    assert sum(case.unrecorded >= limit for case in cases if case.anything) / 100 <= 0.08
    assert cases[-1].unrecorded >= limit


def test_the_program_s_weights_are_what_the_script_writes() -> None:
    """Nobody edits them by hand; what is written is read again as the same."""
    text = Path(program.__file__).read_text(encoding="utf-8")
    assert weights_file({**program.WEIGHTS, **program.UNRECORDED}, program.NOTHING) == text


def test_every_weight_has_the_sign_of_its_prior() -> None:
    assert [code for code, weight in program.WEIGHTS.items() if weight * PRIOR.get(code, weight) < 0] == []


def test_weights_are_written_with_two_decimals_and_without_minus_zero() -> None:
    assert repr(table(["a", "b"], np.array([-0.001, 0.126]))) == "{'a': 0.0, 'b': 0.13}"


def _held(prepared: list[Prepared]) -> Held:
    codes = [*program.WEIGHTS, *program.UNRECORDED]
    return cross_validated([[case for case in prepared if case.findable][:4], prepared[4:]], codes, prior_of(codes), 0.1)
