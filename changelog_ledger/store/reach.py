"""Which changes are to be looked at for some targets, and which of them really name one: what a statement cannot say exactly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from changelog_ledger.model.change import Change
from changelog_ledger.model.coverage import names_target
from changelog_ledger.model.topology import EVERYTHING, Target, TargetKind


def hosts_of(targets: Iterable[Target]) -> list[str]:
    """The names of the hosts among the targets."""
    return [target.name for target in targets if target.kind is TargetKind.HOST]


def hosts_by_service(pairs: Iterable[tuple[str, str]]) -> dict[Target, frozenset[str]]:
    """The hosts of each service, from pairs of a service and a host."""
    found: dict[Target, set[str]] = {}
    for service, host in pairs:
        found.setdefault(Target(TargetKind.SERVICE, service), set()).add(host)
    return {service: frozenset(hosts) for service, hosts in found.items()}


def asked_of(targets: Iterable[Target], runs_on: Mapping[Target, frozenset[str]]) -> list[Target]:
    """The targets that a change may name in order to speak for one of these.

    :param runs_on: the services on the hosts among them.
    """
    return list(dict.fromkeys((EVERYTHING, *targets, *runs_on)))


def naming(changes: Iterable[Change], targets: Collection[Target], runs_on: Mapping[Target, frozenset[str]]) -> tuple[Change, ...]:
    """The changes that speak for one of the targets, by id; those that only affect one do not."""
    found = (change for change in changes if any(names_target(change, target, runs_on) for target in targets))
    return tuple(sorted(found, key=lambda change: change.id))
