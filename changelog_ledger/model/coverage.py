"""Which targets a change speaks for: one rule, for several stages need it."""

from __future__ import annotations

from collections.abc import Mapping

from changelog_ledger.model.change import Change
from changelog_ledger.model.topology import Target, TargetKind


def names_target(change: Change, target: Target, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    """Whether the change names the target, or ``all``; of a host, also whether it names a service that runs on it.

    :param runs_on: the hosts of each service.
    """
    if target.kind is TargetKind.HOST:
        return names_host(change, target.name, runs_on)
    return any(named.kind is TargetKind.ALL or named == target for named in change.on)


def names_host(change: Change, host: str, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    """Whether the change names the host itself, a service that runs on it, or ``all``.

    :param runs_on: the hosts of each service.
    """
    return any(_reaches(target, host, runs_on) for target in change.on)


def _reaches(target: Target, host: str, runs_on: Mapping[Target, frozenset[str]]) -> bool:
    if target.kind is TargetKind.ALL:
        return True
    if target.kind is TargetKind.HOST:
        return target.name == host
    return host in runs_on.get(target, frozenset())
