"""The file of weights, as the program reads it: the same numbers always give the same text."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.ranking.calibration import Calibration

_HEAD = '''"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
'''


def weights_file(weights: Mapping[str, float], calibration: Calibration) -> str:
    """The whole text of ``investigation/weights.py``."""
    lines = [
        _HEAD,
        "WEIGHTS: Mapping[str, float] = MappingProxyType(",
        "    {",
        *(f'        "{code}": {weights[code]},' for code in sorted(weights)),
        "    }",
        ")",
        "",
    ]
    lines += _signals("FIRST", calibration.first, "the logistic of their sum is the chance that the first suspect is the cause.")
    lines += _signals("ANYTHING", calibration.anything, "the logistic of their sum is the chance that the cause is among the suspects at all.")
    lines += [f"CLEAR = {calibration.clear}", f"LIKELY = {calibration.likely}"]
    lines += ['"""The chance of the first suspect from which on the verdict is called so."""', "", f"NOTHING = {calibration.nothing}"]
    lines += ['"""The chance that the cause is among the suspects, below which nothing in the record explains the trouble."""', ""]
    lines += [f"MIDDLE = {calibration.middle}", f"STEEPNESS = {calibration.steepness}"]
    lines += ['"""Of the score: the sum that culprits and innocents have equally often, and how fast it tips beyond."""', ""]
    return "\n".join(lines)


def _signals(name: str, weights: Mapping[str, float], meaning: str) -> list[str]:
    own = [f'        "{signal}": {weights[signal]},' for signal in sorted(weights)]
    return [f"{name}: Mapping[str, float] = MappingProxyType(", "    {", *own, "    }", ")", f'"""Signal → weight: {meaning}"""', ""]
