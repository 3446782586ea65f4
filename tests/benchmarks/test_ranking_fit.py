"""The fit finds weights that were planted, keeps the signs of its prior, and writes the file that the program reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.ranking.calibration import Calibration, Seen, calibrated, chance, logistic
from benchmarks.ranking.fit import SHARPNESS, Design, Held, cross_validated, fitted, loss_of, table
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


def test_chances_rise_with_what_speaks_for_the_answer() -> None:
    lists = [Seen({"constant": 1.0, "gap": gap / 100}, gap > 40, True, 1.0) for gap in range(100)]
    weights = logistic(lists, [each.first for each in lists], 0.001)
    assert chance({"constant": 1.0, "gap": 0.1}, weights) < 0.4 < 0.6 < chance({"constant": 1.0, "gap": 0.9}, weights)


def test_a_calibration_is_made_of_the_verdict_s_own_signals(prepared: list[Prepared]) -> None:
    made = calibrated(_held(prepared))
    assert made.first.keys() == made.anything.keys() >= {"constant", "total"}
    assert 0.0 <= made.nothing < 1.0


def test_the_program_s_weights_are_what_the_script_writes() -> None:
    """Nobody edits them by hand; what is written is read again as the same."""
    text = Path(program.__file__).read_text(encoding="utf-8")
    calibration = Calibration(program.FIRST, program.ANYTHING, program.NOTHING, program.MIDDLE, program.STEEPNESS, program.CLEAR, program.LIKELY)
    assert weights_file(program.WEIGHTS, calibration) == text


def test_every_weight_has_the_sign_of_its_prior() -> None:
    assert [code for code, weight in program.WEIGHTS.items() if weight * PRIOR.get(code, weight) < 0] == []


def test_weights_are_written_with_two_decimals_and_without_minus_zero() -> None:
    assert repr(table(["a", "b"], np.array([-0.001, 0.126]))) == "{'a': 0.0, 'b': 0.13}"


def _held(prepared: list[Prepared]) -> Held:
    codes = sorted(program.WEIGHTS)
    return cross_validated([[case for case in prepared if case.findable][:4], prepared[4:]], codes, prior_of(codes, program.WEIGHTS), 0.1)
