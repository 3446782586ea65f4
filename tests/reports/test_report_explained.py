"""How a score comes about: whoever adds the table up gets its sum, and whoever computes the formula gets the score."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger import reports
from changelog_ledger.investigation import suspects
from changelog_ledger.model.report import Reason, Scoring
from changelog_ledger.reports.explained_score import explained_score, table_lines

from . import built

WEIGHTS = st.floats(-2, 2).map(lambda number: round(number, 2))
VALUES = st.floats(0.001, 1).map(lambda number: round(number, 3))


def test_the_table_of_a_suspect() -> None:
    assert table_lines(explained_score(built.clear().suspects[0], built.clear())) == [
        "reason             value  weight  contribution",
        "time-before-onset  0.712     1.6        +1.139",
        "unlogged               1     0.7        +0.700",
        "symptom-words          1     0.4        +0.400",
        "distance               1    0.45        +0.450",
        "peers-differ       0.857    0.35        +0.300",
        "changes-often        0.2    -0.6        -0.120",
        "sum                                     +2.869",
        "score 0.9112 = exp(3 × (2.869 - 2.9))",
    ]


def test_the_formula_gives_the_score() -> None:
    scoring = Scoring(3.1, 3.0)
    for total in (-3.0, 0.0, 1.6, 2.869, 3.1):
        assert suspects.score(total, scoring) == round(math.exp(3.0 * (total - 3.1)), 4)


@given(st.lists(st.floats(-5, 5), max_size=20))
def test_the_contributions_add_up_to_the_sum_as_printed(weights: list[float]) -> None:
    suspect = replace(built.UNLOGGED, reasons=tuple(Reason(f"code-{number}", weight, "") for number, weight in enumerate(weights)))
    explained = explained_score(suspect, built.s3())
    assert sum((Decimal(row[-1]) for row in explained.rows), Decimal(0)) == Decimal(explained.total)


@given(WEIGHTS, VALUES)
def test_value_times_weight_is_the_contribution(weight: float, value: float) -> None:
    reason = Reason("code", round(weight * value, 3), "", value)
    ((_, shown_value, shown_weight, contribution),) = explained_score(replace(built.UNLOGGED, reasons=(reason,)), built.s3()).rows
    assert abs(float(shown_value) * float(shown_weight) - float(contribution)) < 0.00051


def test_a_reason_without_a_recorded_value_claims_none() -> None:
    assert explained_score(built.UNLOGGED, built.s3()).rows[0] == ("unlogged", "-", "-", "+0.40")


def test_every_rendering_has_the_table_when_asked() -> None:
    report = built.clear()
    formula = "score 0.9112 = exp(3 × (2.869 - 2.9))"
    assert formula in reports.render_text(report, explain=True)
    assert formula not in reports.render_text(report)
    assert formula in reports.render_markdown(report, explain=True)
    assert formula not in reports.render_markdown(report)
    assert formula in reports.render_html(report), "folded up, it takes no room"
    assert "<details open><summary>How its score" in reports.render_html(report, explain=True)
