"""Which paths and hosts a change speaks for. The matching itself is in :mod:`changelog_ledger.model.globs`, for other stages need it too."""

from __future__ import annotations

from collections.abc import Mapping

from changelog_ledger.model import globs
from changelog_ledger.model.change import Change
from changelog_ledger.model.topology import Target, TargetKind


def covers(change: Change, path: str) -> bool:
    """Whether one of the change's globs matches ``path`` (on a host or in a repository), or it has none: then it may touch any path."""
    return globs.covers(change.paths, path)


def names_host(change: Change, host: str, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    """Whether the change names the host itself, a service that runs on it, or ``all``.

    :param runs_on: the hosts of each service.
    """
    return any(_reaches(target, host, runs_on) for target in change.on)


def speaks_for(change: Change, host: str, path: str, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    """Whether the change covers an edit of ``path`` on ``host``: the gate's rule (interface.md, "A change covers an edit when")."""
    return names_host(change, host, runs_on) and covers(change, path)


def _reaches(target: Target, host: str, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    if target.kind is TargetKind.ALL:
        return True
    if target.kind is TargetKind.HOST:
        return target.name == host
    return host in runs_on.get(target, frozenset())
