"""The file of weights, as the program reads it: the same numbers always give the same text."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.ranking.calibration import CLEAR, LIKELY
from benchmarks.ranking.prior import OF_UNRECORDED

_HEAD = '''"""What each reason weighs. Written by the fitting script in ``benchmarks/ranking`` from all cases together, never by hand on single ones.

A weight times a finding's value (0 to 1) is what the reason adds to the sum that becomes the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
'''


def weights_file(weights: Mapping[str, float], nothing: float) -> str:
    """The whole text of ``investigation/weights.py``.

    :param weights: of reasons and of the signals of what is not recorded.
    :param nothing: the chance of that from which on nothing explains the trouble.
    """
    reasons = {code: weight for code, weight in weights.items() if code not in OF_UNRECORDED}
    signals = {code: weight for code, weight in weights.items() if code in OF_UNRECORDED}
    lines = [_HEAD, *_table("WEIGHTS", reasons), "", *_table("UNRECORDED", signals)]
    lines += ['"""Signal → weight: what something that is not recorded sums up to."""', "", f"CLEAR = {CLEAR}", f"LIKELY = {LIKELY}"]
    lines += ['"""The chance of the first suspect from which on the verdict is called so."""', "", f"NOTHING = {nothing}"]
    lines += ['"""The chance of something unrecorded from which on nothing in the record explains the trouble."""', ""]
    return "\n".join(lines)


def _table(name: str, weights: Mapping[str, float]) -> list[str]:
    own = [f'        "{code}": {weights[code]},' for code in sorted(weights)]
    return [f"{name}: Mapping[str, float] = MappingProxyType(", "    {", *own, "    }", ")"]
