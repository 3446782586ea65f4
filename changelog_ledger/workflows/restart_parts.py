"""A part of a journal may hold half of a restart that is recorded: its stop, or its start. That half adds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.workspace import Workspace

_BATCH = 2_000
_HALVES = frozenset(("service-started", "service-stopped"))
_RESTARTED = "service-restarted"
_LONGEST = timedelta(minutes=2)
"""A stop waits one minute for its start."""


def without_parts(workspace: Workspace, host: str, seen: Iterable[Seen]) -> Iterator[Seen]:
    """Without the stops and starts that are part of a recorded restart of the same unit."""
    remaining = iter(seen)
    while batch := list(islice(remaining, _BATCH)):
        parts = _parts(workspace, host, [each for each in batch if each.what in _HALVES])
        yield from (each for each in batch if _part(each) not in parts)


def _parts(workspace: Workspace, host: str, halves: list[Seen]) -> frozenset[tuple[str, str, str]]:
    if not halves:
        return frozenset()
    since, until = min(each.at for each in halves) - _LONGEST, max(each.at for each in halves) + _LONGEST
    with workspace.store.reading() as view:
        restarts = view.evidence.observations([Target.host(host)], since, until, what=(_RESTARTED,))
    starts = {("service-started", str(each.data.get("unit")), format_instant(each.at)) for each in restarts}
    stops = {("service-stopped", str(each.data.get("unit")), str(each.data.get("stopped_at"))) for each in restarts}
    return frozenset(starts | stops)


def _part(seen: Seen) -> tuple[str, str, str]:
    return seen.what, str(seen.data.get("unit")), format_instant(seen.at)
