"""Made-up fleets: hosts with roles, services on them that depend on each other, and the people who work there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from typing import Any

from benchmarks.ranking.authors import Author
from benchmarks.ranking.trades import Trade

ROLES = ("web", "app", "db", "cache", "queue", "dns", "mail", "lb", "fw", "storage", "auth", "search", "batch")
_NAMES = {
    "web": ("shop", "portal", "booking", "news", "forum", "intranet"),
    "app": ("orders", "catalog", "payments", "profile", "pricing", "stock", "tickets", "shipping", "loyalty"),
    "db": ("orders-db", "crm-db", "main-db", "ledger-db"),
    "cache": ("cache", "sessions"),
    "queue": ("queue", "events"),
    "dns": ("dns", "resolver"),
    "mail": ("mail", "relay"),
    "lb": ("edge", "balancer"),
    "fw": ("perimeter", "core-net"),
    "storage": ("files", "media-store"),
    "auth": ("sso", "directory"),
    "search": ("search", "suggest"),
    "batch": ("batch", "reports"),
}
_PROVIDERS = ("card-provider", "cdn", "mail-gateway", "sms-gateway", "cloud-region", "address-check")
_PEOPLE = "anna bilal chen dora emil fatma goran hana ivo jana karl lena milan nora otto petra quinn rosa sven tara uwe vera wanda yusuf zoe".split()
_OFFSETS = (-8, -5, 0, 0, 1, 1, 2, 3, 5.5, 9)


@dataclass(frozen=True, slots=True)
class Service:
    """A service; one without hosts is somebody else's."""

    name: str
    role: str
    hosts: tuple[str, ...]
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fleet:
    """Hosts, services and people.

    :ivar hosts: name → role.
    :ivar services: by name.
    :ivar author: of all that is said there.
    :ivar skills: person → the trades that are theirs.
    :ivar pairs: trades whose settings change together in this house.
    """

    hosts: Mapping[str, str]
    services: Mapping[str, Service]
    zone: tzinfo
    skills: Mapping[str, tuple[str, ...]]
    author: Author
    pairs: Mapping[str, str] = field(default_factory=dict)

    def closure(self, service: str) -> dict[str, int]:
        """A service and all that it depends on: name → distance."""
        found, todo = {service: 0}, [service]
        for name in todo:
            for below in self.services[name].depends_on:
                if below not in found:
                    found[below] = found[name] + 1
                    todo.append(below)
        return found

    def services_of(self, host: str) -> list[str]:
        """What runs on a host."""
        return [service.name for service in self.services.values() if host in service.hosts]

    def person(self, dice: random.Random, trade: Trade, strangers: float) -> str:
        """Somebody of the trade; with the given probability anybody."""
        skilled = [person for person, trades in self.skills.items() if trade.name in trades]
        return dice.choice(skilled) if skilled and dice.random() >= strangers else dice.choice(list(self.skills))

    def lines(self, at: str) -> list[dict[str, Any]]:
        """The fleet as facts of the import format."""
        hosts: list[dict[str, Any]] = [{"kind": "host", "name": name, "tags": [role], "at": at} for name, role in self.hosts.items()]
        services: list[dict[str, Any]] = [
            {"kind": "service", "name": each.name, "runs_on": list(each.hosts), "depends_on": [f"service:{name}" for name in each.depends_on]}
            for each in self.services.values()
        ]
        return hosts + services


def make_fleet(dice: random.Random, author: Author) -> Fleet:
    """A fleet of 8 to 60 hosts and 5 to 20 services."""
    wanted = dice.randint(5, 20)
    roles = ["web", "app", "db", *dice.sample(ROLES, 13)]
    services: dict[str, Service] = {}
    hosts: dict[str, str] = {}
    left = dice.randint(max(8, wanted), 60)
    for number in range(wanted):
        role = roles[number] if number < len(roles) else dice.choice(("web", "app", "app", "batch"))
        name = next((name for name in dice.sample(_NAMES[role], len(_NAMES[role])) if name not in services), f"{role}-{number}")
        services[name] = Service(name, role, tuple(_hosts_for(dice, role, hosts, left // (wanted - number))))
        left -= len(services[name].hosts)
    for name in dice.sample(_PROVIDERS, dice.randint(1, 3)):
        services[name] = Service(name, "provider", ())
    services = _wired(dice, services)
    people = dice.sample(_PEOPLE, dice.randint(5, 14))
    names = [trade.name for trade in author.trades]
    skills = {person: tuple(dice.sample(names, dice.randint(3, 9))) for person in people}
    paired = dice.sample(names, 6)
    pairs = dict(zip(paired[:3], paired[3:], strict=True))
    return Fleet(hosts, services, timezone(timedelta(hours=dice.choice(_OFFSETS))), skills, author, pairs)


def _hosts_for(dice: random.Random, role: str, hosts: dict[str, str], share: int) -> list[str]:
    """New hosts of a role; now and then one that is there already has to do."""
    if hosts and share < 1:
        return [dice.choice(list(hosts))]
    taken = sum(1 for host in hosts if host.startswith(f"{role}-"))
    names = [f"{role}-{taken + number + 1:02}" for number in range(max(1, min(dice.randint(1, 6), share)))]
    hosts.update(dict.fromkeys(names, role))
    return names


_BELOW = {"web": 6, "app": 4, "batch": 4, "search": 3, "lb": 3, "mail": 2, "auth": 2}


def _wired(dice: random.Random, services: dict[str, Service]) -> dict[str, Service]:
    """Every service on top of some further down; nothing in a circle."""
    order: Sequence[str] = ("web", "lb", "batch", "app", "search", "mail", "auth", "queue", "cache", "db", "storage", "dns", "fw", "provider")
    depth = {role: level for level, role in enumerate(order)}
    wired = {}
    for each in services.values():
        below = [other.name for other in services.values() if depth[other.role] > depth[each.role]]
        count = min(len(below), dice.randint(1, _BELOW.get(each.role, 1))) if each.role != "provider" else 0
        outsiders = (
            [name for name in services if services[name].role == "provider"] if each.role in ("web", "app", "mail") and dice.random() < 0.4 else []
        )
        names = dict.fromkeys([*dice.sample(below, count), *outsiders[:1]])
        wired[each.name] = Service(each.name, each.role, each.hosts, tuple(names))
    return wired
