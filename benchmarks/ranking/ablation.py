"""What each reason is worth: the fit is done again without it, and compared on cases that neither had seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from benchmarks.ranking.fit import Held, cross_validated
from benchmarks.ranking.prepared import Prepared
from benchmarks.ranking.prior import OF_UNRECORDED, prior_of
from benchmarks.ranking.scoring import Totals

Collections = Sequence[Sequence[Prepared]]

HEAD = """# What each reason is worth

Written by `python -m benchmarks.ranking --ablate`. Each row is a fit without the reason (fitted anew, not merely set to zero), beside the fit with
all of them; each case is ranked by weights that had not seen it. Differences are without minus with: a reason that helps has negative numbers.
`top-1` and `MRR` in percentage points, `log-likelihood` of a case in hundredths of a nat. With few outages one case is several points: only what both
collections say is worth believing.

A reason without which both collections become likelier is taken out, and so is one that the fit gives no weight. A thousandth of a nat is no
difference: those near nought find something in few of these cases, and stay where what they say is what a reader would look up next (that none of its
peers has it, that what usually changes with it did not).
"""


def ablation(collections: Collections, names: Sequence[str], weights: Mapping[str, float], strength: float, jobs: int = 1) -> str:
    """The table as Markdown, the most useful reason first.

    :param names: of the collections, in their order.
    :param weights: the fitted ones, for the table.
    """
    found = {finding.code for cases in collections for case in cases for _, findings in case.weighed for finding in findings}
    codes = sorted(weights.keys() & found)
    whole = _held(collections, strength, list(weights))
    without = partial(_without, collections, weights, strength)
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            held = list(pool.map(without, codes))
    else:
        held = [without(code) for code in codes]
    rows = sorted(zip(codes, held, strict=True), key=lambda row: (row[1].quality, row[0]))
    head = ["reason", "weight", *(f"{name}: {what}" for name in names for what in ("top-1", "MRR", "log-likelihood"))]
    lines = [HEAD, _row(head), _row(["---", *["--:"] * (len(head) - 1)])]
    lines += [_row([f"`{code}`", f"{weights[code]:.2f}", *_differences(without_it, whole)]) for code, without_it in rows]
    silent = ", ".join(f"`{code}`" for code in sorted(weights.keys() - found - OF_UNRECORDED.keys()))
    lines += [
        "",
        f"In none of these cases these found anything: {silent or 'none'}.",
        "",
        "With all of them:",
        "",
        *(f"    {_totals(whole, place).line(name)}" for place, name in enumerate(names)),
        "",
    ]
    return "\n".join(lines)


def _held(collections: Collections, strength: float, codes: list[str]) -> Held:
    return cross_validated(collections, codes, prior_of(codes), strength)


def _without(collections: Collections, present: Mapping[str, float], strength: float, code: str) -> Held:
    return _held(collections, strength, [each for each in present if each != code])


def _totals(held: Held, place: int) -> Totals:
    return Totals([rank for rank, case in zip(held.ranks[place], held.cases[place], strict=True) if not case.is_nothing])


def _differences(without: Held, whole: Held) -> list[str]:
    cells = []
    for place in range(len(whole.cases)):
        one, other = _totals(without, place), _totals(whole, place)
        cells += [_signed(100 * (one.top(1) - other.top(1))), _signed(100 * (one.mrr - other.mrr))]
        cells.append(_signed(100 * (without.likelihood[place] - whole.likelihood[place])))
    return cells


def _signed(value: float) -> str:
    return "" if math.isnan(value) else f"{value:+.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
