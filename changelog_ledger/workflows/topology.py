"""Hosts, services, and what a target means."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import Ambiguous, NotFound
from changelog_ledger.model.topology import EVERYTHING, Host, Reach, Service, Target, TargetKind, checked_name
from changelog_ledger.workflows.workspace import Workspace

if TYPE_CHECKING:
    from changelog_ledger.store.queries import View


def add_host(workspace: Workspace, name: str, *, tags: Sequence[str] = (), attributes: Mapping[str, str] | None = None) -> Host:
    """Record a host, or what it is now: tags and attributes replace those of before."""
    host = Host(checked_name(name), tuple(dict.fromkeys(tags)), dict(attributes or {}))
    workspace.store.append([workspace.fact("host", {"name": host.name, "tags": list(host.tags), "attrs": dict(host.attributes)})])
    return host


def add_service(
    workspace: Workspace, name: str, *, runs_on: Sequence[str] = (), depends_on: Sequence[Target] = (), attributes: Mapping[str, str] | None = None
) -> Service:
    """Record a service, or what it is now. Hosts that it runs on and that are not known yet become known.

    :param attributes: whatever is worth knowing; ``owner`` says who answers for it.
    :raises NotFound: if it depends on a host or service that is not known.
    """
    hosts = tuple(dict.fromkeys(checked_name(host) for host in runs_on))
    with workspace.store.reading() as view:
        new_hosts = [host for host in hosts if view.topology.host(host) is None]
        for target in depends_on:
            known_target(view, target)
    service = Service(checked_name(name), hosts, tuple(dict.fromkeys(depends_on)), dict(attributes or {}))
    body: dict[str, Any] = {"name": service.name, "runs_on": list(hosts), "depends_on": [str(target) for target in service.depends_on]}
    body |= {"attrs": service.attributes} if service.attributes else {}
    facts = [workspace.fact("host", {"name": host, "tags": [], "attrs": {}}) for host in new_hosts]
    workspace.store.append([*facts, workspace.fact("service", body)])
    return service


def known_host(view: View, name: str) -> Host:
    """The host.

    :raises NotFound: with the names most like it.
    """
    host = view.topology.host(name)
    if host is None:
        raise NotFound(f"there is no host {name}", _did_you_mean(name, (entry.name for entry in view.topology.hosts()), "ledger host add"))
    return host


def known_service(view: View, name: str) -> Service:
    """The service.

    :raises NotFound: with the names most like it.
    """
    service = view.topology.service(name)
    if service is None:
        raise NotFound(f"there is no service {name}", _did_you_mean(name, (entry.name for entry in view.topology.services()), "ledger service add"))
    return service


def known_target(view: View, target: Target) -> Target:
    """``target`` if there is such a thing.

    :raises NotFound: with the names most like it.
    """
    if target.kind is TargetKind.HOST:
        known_host(view, target.name)
    elif target.kind is TargetKind.SERVICE:
        known_service(view, target.name)
    return target


def resolve_target(view: View, text: str | Target) -> Target:
    """What somebody typed: ``host:NAME``, ``service:NAME``, ``all``, or a bare name where it is unambiguous.

    :raises NotFound: if there is no such thing.
    :raises Ambiguous: if a bare name is both a host and a service.
    """
    if isinstance(text, Target):
        return known_target(view, text)
    if text == "all" or ":" in text:
        return known_target(view, Target.parse(text))
    checked_name(text)
    is_host, is_service = view.topology.host(text) is not None, view.topology.service(text) is not None
    if is_host and is_service:
        raise Ambiguous(f"{text} is a host and a service", f"write host:{text} or service:{text}")
    if not is_host and not is_service:
        names = [host.name for host in view.topology.hosts()] + [service.name for service in view.topology.services()]
        raise NotFound(f"there is no host or service {text}", _did_you_mean(text, names, "ledger host add"))
    return Target.host(text) if is_host else Target.service(text)


def scope_of(view: View, target: Target) -> tuple[Reach, ...]:
    """What a question about ``target`` has to look at, nearest first.

    A service reaches the hosts it runs on (same distance) and what it depends on (one more). A host reaches the services that run on it and
    what those depend on, but not the other hosts of those services: they are peers, not causes. ``all`` reaches everything known.
    """
    if target.kind is TargetKind.ALL:
        everything = [Target.host(host.name) for host in view.topology.hosts()] + [Target.service(entry.name) for entry in view.topology.services()]
        return (Reach(EVERYTHING, 0, (EVERYTHING,)), *(Reach(entry, 1, (EVERYTHING, entry)) for entry in everything))
    services = view.topology.services_on(target.name) if target.kind is TargetKind.HOST else [target.name]
    return _scope(target, services, _topology_below(view, services))


def scopes_of(view: View, targets: Collection[Target]) -> dict[Target, tuple[Reach, ...]]:
    """The scope of each of some targets; what lies below them is read once for all."""
    everything = {target: scope_of(view, target) for target in targets if target.kind is TargetKind.ALL}
    hosts = [target.name for target in targets if target.kind is TargetKind.HOST]
    services: dict[Target, Sequence[str]] = {target: [target.name] for target in targets if target.kind is TargetKind.SERVICE}
    services |= {Target(TargetKind.HOST, host): on_it for host, on_it in view.topology.services_by_host(hosts).items()}
    below = _topology_below(view, {name for names in services.values() for name in names})
    return everything | {target: _scope(target, names, below) for target, names in services.items()}


@dataclass(frozen=True, slots=True)
class _Below:
    """What lies below some services: what each depends on, and which hosts each runs on, all by name."""

    depends_on: Mapping[str, Sequence[Target]]
    hosts: Mapping[str, Sequence[str]]


def _topology_below(view: View, services: Collection[str]) -> _Below:
    depends_on = view.topology.dependencies_below(services)
    needed = (entry.name for targets in depends_on.values() for entry in targets if entry.kind is TargetKind.SERVICE)
    return _Below(depends_on, view.topology.hosts_of({*services, *depends_on, *needed}))


def _scope(target: Target, services: Iterable[str], below: _Below) -> tuple[Reach, ...]:
    """The scope of a service, or of a host with the services on it."""
    start = Reach(target, 0, (target,))
    if target.kind is TargetKind.SERVICE:
        return _followed([start], below, without_hosts_of=frozenset())
    around = [Target.service(name) for name in services]
    return _followed([start, *(Reach(service, 1, (target, service)) for service in around)], below, without_hosts_of=frozenset(around))


def _followed(begun: Sequence[Reach], below: _Below, without_hosts_of: frozenset[Target]) -> tuple[Reach, ...]:
    """Breadth first along the dependencies; the shortest way to each target counts."""
    found: dict[Target, Reach] = {}
    level = list(begun)
    while level:
        following: list[Reach] = []
        for reach in sorted(level, key=lambda entry: entry.distance):
            if reach.target in found:
                continue
            found[reach.target] = reach
            if reach.target.kind is TargetKind.SERVICE:
                if reach.target not in without_hosts_of:
                    hosts = (Target(TargetKind.HOST, name) for name in below.hosts.get(reach.target.name, ()))
                    found |= {host: Reach(host, reach.distance, (*reach.path, host)) for host in hosts if host not in found}
                following += [Reach(entry, reach.distance + 1, (*reach.path, entry)) for entry in below.depends_on.get(reach.target.name, ())]
        level = following
    asked = begun[0].target.kind
    return tuple(sorted(found.values(), key=lambda reach: (reach.distance, reach.target.kind != asked, reach.target.kind, reach.target.name)))


def acting_on(view: View, scope: Sequence[Reach]) -> tuple[Target, ...]:
    """Everything of which what is done there reaches a scope: its targets, the nearest first, other services on its hosts, and ``all``."""
    nearest = [reach.target for reach in sorted(scope, key=lambda reach: (reach.distance, reach.target))]
    beside = view.topology.services_on_any(hosts_within(scope))
    return tuple(dict.fromkeys((*nearest, *map(Target.service, beside), EVERYTHING)))


def hosts_within(scope: Iterable[Reach]) -> tuple[str, ...]:
    """The names of the hosts in a scope, nearest first."""
    return tuple(reach.target.name for reach in scope if reach.target.kind is TargetKind.HOST)


def _did_you_mean(name: str, names: Iterable[str], command: str) -> str:
    close = difflib.get_close_matches(name, list(names), n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"add it with: {command} {name}"
