"""When a commit was made, as far as it can be believed: it says so itself, and can say what it likes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 250_000_000_000
"""In the year 9892: git takes what no calendar knows."""


def moment(seconds: int) -> datetime:
    """Seconds since the epoch as a time; what lies before it, or beyond all reason, as the nearest that is a time."""
    return _EPOCH + timedelta(seconds=min(max(seconds, 0), _LATEST))


def made_at(committed_at: int, parents: Iterable[datetime], now: datetime) -> datetime:
    """When it was made, as far as it can be believed: after those that it was made on, and not after now."""
    return min(max((moment(committed_at), *parents)), now)
