"""What happens in a fleet, one deed at a time, as facts of the import format: changes, package transactions, restarts, events, edits of files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.ranking.fleets import Fleet, Service
from benchmarks.ranking.trades import Setting, Trade


@dataclass
class Entry:
    """A fact at its time, before it has a reference.

    :ivar truth: whether it is (part of) the cause.
    """

    at: datetime
    fact: dict[str, Any]
    truth: bool = False


@dataclass
class Edit:
    """A file of a host as it is from a time on.

    :ivar unlogged: whether no change says so.
    """

    at: datetime
    host: str
    path: str
    content: str
    unlogged: bool = False
    truth: bool = False


@dataclass(frozen=True)
class Manner:
    """How a piece of work is done: the tendencies in which culprits differ from the rest. All are probabilities."""

    harmful: bool = False

    @property
    def strangers(self) -> float:
        """By somebody who does not do it usually."""
        return 0.3 if self.harmful else 0.15

    @property
    def everywhere(self) -> float:
        """On all hosts of a service rather than on one of them: what is done to one of several is hidden by the others."""
        return 0.8 if self.harmful else 1 / 3

    @property
    def unticked(self) -> float:
        """For each item of a checklist."""
        return 0.22 if self.harmful else 0.12

    def impact(self, dice: random.Random) -> str:
        """What was declared before."""
        return dice.choices(("none", "low", "medium", "high"), (2, 6, 4, 2) if self.harmful else (3, 9, 3, 1))[0]

    def risk(self, dice: random.Random) -> str:
        """What was declared before."""
        return dice.choices(("low", "medium", "high"), (6, 4, 2) if self.harmful else (9, 3, 1))[0]

    def type(self, dice: random.Random) -> str:
        """Of the change."""
        return dice.choices(("standard", "normal", "emergency"), (2, 9, 1.5) if self.harmful else (4, 9, 1))[0]

    def outcome(self, dice: random.Random) -> str:
        """As its author saw it at its end."""
        return dice.choices(("succeeded", "failed", "rolled-back"), (18, 1, 1) if self.harmful else (30, 1, 1))[0]


INNOCENT, HARMFUL = Manner(), Manner(harmful=True)


def stamp(at: datetime, fleet: Fleet) -> str:
    """A time as that house writes it."""
    return at.astimezone(fleet.zone).replace(microsecond=0).isoformat()


def trade_at(dice: random.Random, fleet: Fleet, service: Service, *, by_habit: bool = True) -> Trade:
    """A trade that is practised on a service's hosts."""
    possible = fleet.author.trades_for(fleet.hosts[service.hosts[0]])
    return dice.choices(possible, [trade.habit if by_habit else 1.0 for trade in possible])[0]


def told(dice: random.Random, text: str, service: Service) -> str:
    """A text with the names of places in it."""
    host = dice.choice(service.hosts) if service.hosts else service.name
    return text.format(service=service.name, host=host, n=dice.choice((2, 3, 7, 12, 40, 76, 120, 417)), value="")


def setting_of(dice: random.Random, trade: Trade, service: Service) -> tuple[str, Setting]:
    """One of a trade's settings and its path for a service."""
    setting = dice.choice(trade.settings)
    return setting.path.format(service=service.name), setting


def content(setting: Setting, value: str, service: Service) -> str:
    """A file with a value in it."""
    return setting.text.format(value=value, service=service.name)


def change(
    dice: random.Random, fleet: Fleet, trade: Trade, service: Service, begins: datetime, manner: Manner = INNOCENT
) -> tuple[Entry, list[Edit]]:
    """A logged change, and what it does to files."""
    ends = begins + timedelta(seconds=min(14400, 20 + dice.lognormvariate(5.0, 1.1)))
    everywhere = dice.random() < manner.everywhere
    hosts = sorted(dice.sample(service.hosts, len(service.hosts) if everywhere else 1))
    on_service = everywhere and dice.random() < 0.6
    fact: dict[str, Any] = {
        "kind": "change",
        "ref": "",
        "title": told(dice, dice.choice(trade.titles), service) + dice.choice(("", "", "", f" for {service.name}", ", second half", " as agreed")),
        "on": [f"service:{service.name}"] if on_service else [f"host:{host}" for host in hosts],
    }
    path, setting = setting_of(dice, trade, service)
    if dice.random() < 0.92:
        fact["paths"] = [path]
    fact |= {"type": manner.type(dice), "impact": manner.impact(dice), "risk": manner.risk(dice), "category": [trade.name.split()[0]]}
    if dice.random() < 0.55:
        fact |= _plan(dice, fleet, begins, ends)
    fact |= {"started_at": stamp(begins, fleet), "finished_at": stamp(ends, fleet), "outcome": manner.outcome(dice)}
    fact["actor"] = fleet.person(dice, trade, manner.strangers)
    if dice.random() < 0.4:
        fact["description"] = dice.choice(fleet.author.descriptions)
    if dice.random() < 0.4:
        fact["items"] = [{"text": text, "done": dice.random() >= manner.unticked} for text in dice.sample(fleet.author.items, dice.randint(1, 3))]
    if dice.random() < 0.4:
        fact["backout"] = dice.choice(("previous file from the repository", "by hand, see runbook", "redeploy the release before"))
    text = content(setting, dice.choice(setting.values), service)
    where = service.hosts if on_service else hosts
    edits = [Edit(begins + (ends - begins) * 0.5, host, path, text) for host in where] if "paths" in fact else []
    return Entry(begins, fact), edits


def _plan(dice: random.Random, fleet: Fleet, begins: datetime, ends: datetime) -> dict[str, str]:
    """A planned window; one in ten was not kept."""
    start = begins - timedelta(minutes=5 * dice.randint(0, 6))
    length = timedelta(minutes=30 * dice.randint(1, 6))
    if dice.random() < 0.1:
        start += timedelta(minutes=45)
    return {"planned_start": stamp(start, fleet), "planned_end": stamp(max(start + length, start + (ends - begins) / 2), fleet)}


def seen(what: str, on: str, at: datetime, fleet: Fleet, summary: str, data: dict[str, Any] | None = None) -> Entry:
    """An observation."""
    return Entry(at, {"kind": "observation", "ref": "", "what": what, "on": on, "at": stamp(at, fleet), "summary": summary, "data": data or {}})


def event(dice: random.Random, fleet: Fleet, trade: Trade, service: Service, at: datetime, manner: Manner = INNOCENT) -> list[Entry]:
    """Something that a log tells and nobody logged, on one host or on several."""
    what, text = dice.choice(trade.events or (("config-run", "{service} configuration applied"),))
    hosts = sorted(dice.sample(service.hosts, len(service.hosts) if dice.random() < manner.everywhere else 1))
    number = dice.choice((3, 12, 40, 76, 120))
    entries = []
    for position, host in enumerate(hosts):
        summary = text.format(service=service.name, host=host, n=number)
        entries.append(seen(what, f"host:{host}", at + timedelta(seconds=40 * position * dice.random()), fleet, summary))
    return entries


def upgrade(
    dice: random.Random, fleet: Fleet, trade: Trade, service: Service, at: datetime, *, unattended: bool, restarts: float, manner: Manner = INNOCENT
) -> tuple[list[Entry], list[Entry]]:
    """A package transaction on the service's hosts, one after the other: the transactions, and the restarts that came with them."""
    name = dice.choice(trade.packages or ("openssl",))
    version = (dice.randint(1, 9), dice.randint(0, 30), dice.randint(1, 20))
    old, new = f"{version[0]}.{version[1]}-{version[2]}", f"{version[0] + (dice.random() < 0.06)}.{version[1]}-{version[2] + 1}"
    packages = [{"name": name, "from": old, "to": new}]
    packages += [
        {"name": other, "from": "2.1-4", "to": "2.1-5"} for other in dice.sample(("tar", "rsync", "sudo", "vim-tiny", "less"), dice.randint(0, 2))
    ]
    by = "unattended-upgrades" if unattended else dice.choice(("apt", "dnf"))
    summary = ", ".join(f"{each['name']} {each['from']} -> {each['to']}" for each in packages) + f" by {by}"
    transactions, restarted = [], []
    when = at
    for host in dice.sample(service.hosts, len(service.hosts) if dice.random() < manner.everywhere else dice.randint(1, len(service.hosts))):
        data: dict[str, Any] = {"packages": packages} | ({"unattended": True} if unattended else {})
        transactions.append(seen("package-upgraded", f"host:{host}", when, fleet, summary, data))
        if trade.units and dice.random() < restarts:
            later = when + timedelta(seconds=dice.randint(2, 30))
            restarted.append(seen("service-restarted", f"host:{host}", later, fleet, f"{trade.units[0]} restarted after upgrade of {name}"))
        when += timedelta(seconds=dice.randint(5, 400))
    return transactions, restarted


def restart(dice: random.Random, fleet: Fleet, service: Service, at: datetime) -> Entry:
    """A service that was restarted, or a host that was."""
    host, trade = dice.choice(service.hosts), trade_at(dice, fleet, service)
    if dice.random() < 0.12:
        return seen("reboot", f"host:{host}", at, fleet, f"booted kernel 6.1.0-{dice.randint(10, 40)}, previous uptime {dice.randint(2, 300)} days")
    unit = dice.choice(trade.units or ("app.service",))
    return seen(
        "service-restarted",
        f"host:{host}",
        at,
        fleet,
        f"{unit} restarted {dice.choice(('after configuration change', 'by hand', 'by systemd, main process exited with status 0'))}",
    )


def login(dice: random.Random, fleet: Fleet, hosts: Sequence[str], at: datetime) -> Entry:
    """Somebody who was there: a circumstance, no suspect."""
    person = dice.choice(list(fleet.skills))
    return seen("login", f"host:{dice.choice(hosts)}", at, fleet, f"{person} logged in from the jump host", {"user": person})
