"""How files are called that a restore is writing: apart from what a restore is, because every snapshot asks and few restore."""

from __future__ import annotations

import re

TEMPORARY_PREFIX = ".ledger-restore-"
"""How the names of files begin that a restore is writing; sixteen hex digits follow."""

_TEMPORARY = re.compile(re.escape(TEMPORARY_PREFIX) + r"[0-9a-f]{16}")


def is_temporary(name: str) -> bool:
    """Whether a file is called as those are that a restore is writing, or was when it was killed.

    Such a file holds secrets under a name that no rule of redaction knows, so no snapshot looks at it.
    """
    return name.startswith(TEMPORARY_PREFIX) and _TEMPORARY.fullmatch(name) is not None
