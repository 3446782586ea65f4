"""When a file below a root was last written to."""

from __future__ import annotations

import os

from changelog_ledger.sources.rooted import open_file


def modified_at(root: str, path: str) -> float | None:
    """Seconds since 1970; None if there is no such file, or it may not be looked at."""
    try:
        descriptor = open_file(root, path)
    except OSError:
        return None
    try:
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
