"""What a change goes back to, as it is written down: ``latest``, a snapshot's id, ``host:NAME`` or ``packages:NAME=VERSION,…``."""

from __future__ import annotations

LATEST = "latest"
"""The snapshot before the change starts."""

RETAINED = "host:"
"""In front of the name of a server that is retained."""

PACKAGES = "packages:"
"""In front of package versions."""


def is_snapshot(rollback_to: str) -> bool:
    """Whether it is a snapshot: its id, or ``latest``."""
    return bool(rollback_to) and ":" not in rollback_to
