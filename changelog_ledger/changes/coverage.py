"""Which paths and hosts a change speaks for. The matching itself is in ``model/`` (``globs``, ``coverage``), for other stages need it too."""

from __future__ import annotations

from collections.abc import Mapping

from changelog_ledger.model import globs
from changelog_ledger.model.change import Change
from changelog_ledger.model.coverage import names_host
from changelog_ledger.model.topology import Target

__all__ = ["covers", "names_host", "speaks_for"]


def covers(change: Change, path: str) -> bool:
    """Whether one of the change's globs matches ``path`` (on a host or in a repository), or it has none: then it may touch any path."""
    return globs.declares(change.paths, path)


def speaks_for(change: Change, host: str, path: str, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    """Whether the change covers an edit of ``path`` on ``host``: the gate's rule (interface.md, "A change covers an edit when")."""
    return names_host(change, host, runs_on) and covers(change, path)
