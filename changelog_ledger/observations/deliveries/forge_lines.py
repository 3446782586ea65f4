"""What GitHub and GitLab have in common: a deployment is an observation ``deploy``, a pipeline ``pipeline``, a release ``release``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from changelog_ledger.model.times import format_instant
from changelog_ledger.observations.deliveries.untrusted import one_line

OUTCOMES = {"success": "succeeded", "failure": "failed", "failed": "failed", "error": "failed", "canceled": "interrupted", "cancelled": "interrupted"}
"""How it ended, in the forges' words and in ours; what is none of these is a step on the way."""

FAILED_TOO = {"timed_out": "failed", "startup_failure": "failed"}


def observation(what: str, ref: str, at: datetime, summary: str, actor: str, data: dict[str, Any]) -> dict[str, Any]:
    """A line of the import format."""
    return {
        "kind": "observation",
        "ref": ref,
        "what": what,
        "at": format_instant(at),
        "summary": one_line(summary),
        "actor": actor[:200],
        "data": data,
    }


def written(moment: datetime | None) -> str:
    """A time as text; empty for none."""
    return "" if moment is None else format_instant(moment)


def places(repository: str, environment: str) -> tuple[str, ...]:
    """Names that a deployment may be about: the repository's own, then the environment's. ``production`` is nobody's name, and will not be known."""
    name = repository.rpartition("/")[2]
    return tuple(f"{kind}:{word}" for word in (name, environment) for kind in ("service", "host") if word)
