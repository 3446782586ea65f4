"""How logrotate(8) calls what it rotates."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMPRESSED = r"(?:\.(?:gz|xz|bz2|zst|lzma))?"
_NUMBER = re.compile(rf"\.(\d{{1,6}})({_COMPRESSED})")
_DATE = re.compile(rf"[-._](\d{{4}}-?\d{{2}}-?\d{{2}}(?:[-_T.]?\d{{1,10}})?)({_COMPRESSED})")  # dateext, with %H or %s as dateformat may add


def rotations(base: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that are the log ``base`` or a rotation of it, oldest first: dates as they follow, numbers from the highest, the log last.

    Where one rotation is there twice, for it is just being compressed, the uncompressed one comes first.
    """
    found = [(order, name) for name in names if (order := _order(base, name)) is not None]
    return [name for _, name in sorted(found)]


def _order(base: str, name: str) -> tuple[int, str, int, bool] | None:
    if name == base:
        return 2, "", 0, False
    if not name.startswith(base):
        return None
    rest = name[len(base) :]
    if dated := _DATE.fullmatch(rest):
        return 0, re.sub(r"\D", "", dated[1]), 0, bool(dated[2])
    if numbered := _NUMBER.fullmatch(rest):
        return 1, "", -int(numbered[1]), bool(numbered[2])
    return None
