"""How a suspect's score comes about, to the decimal: a table of its reasons whose contributions add up to the sum as printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from changelog_ledger.model.report import Reason, Report, Scoring, Suspect
from changelog_ledger.reports.escape import printable

_FEWEST, _MOST = 2, 6
"""Decimal places of a contribution: as many as the numbers have, within these."""

_ROUNDED = 0.0005001
"""By how much a contribution may differ from value × weight: the investigation rounds it to three places."""

UNKNOWN = "-"
HEADINGS = ("reason", "value", "weight", "contribution")


@dataclass(frozen=True, slots=True)
class ExplainedScore:
    """A table as text.

    :ivar rows: code, value, weight, contribution of each reason; value × weight = contribution. ``-`` where a value was not recorded.
    :ivar total: the sum of the contributions as they are printed.
    :ivar formula: how the score comes of that sum.
    """

    rows: tuple[tuple[str, str, str, str], ...]
    total: str
    formula: str


def explained_score(suspect: Suspect, report: Report) -> ExplainedScore:
    """The table of a suspect's reasons."""
    places = _places([reason.weight for reason in suspect.reasons])
    contributions = [_rounded(reason.weight, places) for reason in suspect.reasons]
    total = sum(contributions, _rounded(0.0, places))
    rows = tuple(_row(reason, contribution) for reason, contribution in zip(suspect.reasons, contributions, strict=True))
    return ExplainedScore(rows, f"{total:+}", _formula(total, suspect, report.scoring))


def table_lines(explained: ExplainedScore) -> list[str]:
    """The table in columns, for a terminal or a fenced block; the formula stands last."""
    rows = [HEADINGS, *explained.rows, ("sum", "", "", explained.total)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = []
    for row in rows:
        numbers = "  ".join(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append(f"{row[0].ljust(widths[0])}  {numbers}")
    return [*lines, explained.formula]


def _row(reason: Reason, contribution: Decimal) -> tuple[str, str, str, str]:
    code = printable(reason.code[:40])
    if not reason.value:
        return code, UNKNOWN, UNKNOWN, f"{contribution:+}"
    return code, _number(reason.value), _weight(reason), f"{contribution:+}"


def _weight(reason: Reason) -> str:
    """The roundest number that gives the contribution, which was rounded itself."""
    exact = reason.weight / reason.value
    fitting = (round(exact, places) for places in range(1, _MOST))
    return _number(next((each for each in fitting if abs(each * reason.value - reason.weight) <= _ROUNDED), exact))


def _formula(total: Decimal, suspect: Suspect, scoring: Scoring) -> str:
    return f"score {suspect.score:.4f} = exp({_number(scoring.steepness)} × ({total} - {_number(scoring.full)}))"


def _places(numbers: Sequence[float]) -> int:
    """How many decimal places say all of the numbers."""
    needed = (-int(Decimal(repr(round(number, _MOST))).normalize().as_tuple().exponent) for number in numbers)
    return max(_FEWEST, min(_MOST, max(needed, default=0)))


def _rounded(number: float, places: int) -> Decimal:
    return Decimal(repr(round(number, places))).quantize(Decimal(1).scaleb(-places))


def _number(number: float) -> str:
    """At most four places, none that is nothing."""
    return f"{round(number, 4):g}"
