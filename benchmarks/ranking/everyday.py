"""The usual work around a culprit: at the usual rate, of the same trades, with the same manners."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from benchmarks.ranking.culprits import Scene
from benchmarks.ranking.deeds import Edit, Entry, change, content, event, login, restart, seen, setting_of, trade_at, upgrade
from benchmarks.ranking.fleets import Fleet, Service

HISTORY = timedelta(days=90)
_BUSY = (1, 1, 2, 4, 2, 1, 2, 4, 8, 10, 10, 9, 6, 8, 10, 9, 8, 5, 3, 2, 2, 2, 2, 1)
"""How much is done in each hour of the day; at three the machines work."""


def own_services(fleet: Fleet) -> list[Service]:
    """The services that have hosts."""
    return [service for service in fleet.services.values() if service.hosts]


def usual_time(dice: random.Random, fleet: Fleet, begin: datetime, end: datetime) -> datetime:
    """A moment between two, when people and machines usually work."""
    for _ in range(20):
        at = begin + (end - begin) * dice.random()
        if dice.random() * 10 < _BUSY[at.astimezone(fleet.zone).hour]:
            return at
    return at


def everyday(
    scene: Scene, begin: datetime, end: datetime, count: int, *, companions: bool = True, near: float = 0.0
) -> tuple[list[Entry], list[Edit]]:
    """So many things that were done or happened, and what they did to files.

    :param near: the share of them that is done to what the target depends on; the rest is done anywhere.
    """
    entries: list[Entry] = []
    edits: list[Edit] = []
    everywhere = own_services(scene.fleet)
    below = [service for service in everywhere if service.name in scene.fleet.closure(scene.target.name)]
    while len(entries) < count:
        at = usual_time(scene.dice, scene.fleet, begin, end)
        services = below if scene.dice.random() < near else everywhere
        made, touched = _deed(scene, scene.dice.choice(services), at, companions=companions)
        entries += [entry for entry in made if entry.at <= end]
        edits += touched
    return entries, edits


def _deed(scene: Scene, service: Service, at: datetime, *, companions: bool) -> tuple[list[Entry], list[Edit]]:
    dice, fleet = scene.dice, scene.fleet
    trade = trade_at(dice, fleet, service)
    kind = dice.choices(("change", "upgrade", "restart", "event", "notice"), (50, 7, 12, 22, 3))[0]
    if kind == "change":
        entry, edits = change(dice, fleet, trade, service, at)
        companion = next((other for other in fleet.author.trades if other.name == fleet.pairs.get(trade.name)), None)
        if companions and companion is not None and dice.random() < 0.85:
            more, further = change(dice, fleet, companion, service, at + timedelta(minutes=dice.uniform(1, 30)))
            return [entry, more], edits + further
        return [entry], edits
    if kind == "upgrade":
        transactions, restarts = upgrade(dice, fleet, trade, service, at, unattended=dice.random() < 0.85, restarts=0.5)
        return transactions + restarts, []
    if kind == "restart":
        return [restart(dice, fleet, service, at)], []
    if kind == "event":
        return event(dice, fleet, trade, service, at), []
    return [_notice(dice, fleet, service, at)], []


def _notice(dice: random.Random, fleet: Fleet, service: Service, at: datetime) -> Entry:
    """What providers write all day."""
    providers = [name for name, each in fleet.services.items() if not each.hosts]
    summary = dice.choice(
        ("maintenance on circuit 12 announced", "degraded performance", "storage maintenance finished", "connection problems resolved")
    )
    on = f"service:{dice.choice(providers)}" if dice.random() < 0.5 else f"host:{dice.choice(service.hosts)}"
    return seen("external-notice", on, at, fleet, summary)


def unlogged_edits(scene: Scene, watched: Sequence[str], begin: datetime, end: datetime, count: int) -> list[Edit]:
    """Edits that nobody logged and that hurt nobody."""
    edits = []
    for _ in range(count):
        service = next(iter(scene.dice.sample(own_services(scene.fleet), 1)))
        hosts = [host for host in service.hosts if host in watched]
        if hosts:
            path, setting = setting_of(scene.dice, trade_at(scene.dice, scene.fleet, service), service)
            at = usual_time(scene.dice, scene.fleet, begin, end)
            text = content(setting, scene.dice.choice(setting.values), service)
            edits += [Edit(at, host, path, text, unlogged=True) for host in (hosts if scene.dice.random() < 0.3 else hosts[:1])]
    return edits


def red_herrings(scene: Scene, plot_trade: str, end: datetime) -> list[Entry]:
    """What the target does not depend on: the same trade shortly before, an emergency change, a title that frightens."""
    dice, fleet = scene.dice, scene.fleet
    below = fleet.closure(scene.target.name)
    elsewhere = [service for service in own_services(fleet) if service.name not in below]
    entries = []
    for _ in range((dice.randint(0, 1) if scene.quiet else dice.randint(1, 3)) if elsewhere else 0):
        service = dice.choice(elsewhere)
        trade = next(trade for trade in fleet.author.trades if trade.name == plot_trade) if dice.random() < 0.5 else trade_at(dice, fleet, service)
        entry, _ = change(dice, fleet, trade, service, end - timedelta(seconds=min(20000, 60 + dice.lognormvariate(6.8, 1.3))))
        if dice.random() < 0.4:
            entry.fact["type"] = "emergency"
        if dice.random() < 0.3:
            entry.fact["title"] = dice.choice(("Urgent: fix errors in {}", "Workaround for outage of {}", "Attention: breaking change in {}")).format(
                service.name
            )
        entries.append(entry)
    return entries


def repairs(scene: Scene, noticed: datetime) -> list[Entry]:
    """What is tried once the trouble is noticed, here and there."""
    dice, fleet = scene.dice, scene.fleet
    near = [fleet.services[name] for name in fleet.closure(scene.target.name) if fleet.services[name].hosts]
    entries = []
    for _ in range(dice.randint(3, 8)):
        service, at = dice.choice(near), noticed + timedelta(minutes=1 + dice.expovariate(1 / 30))
        if dice.random() < 0.5:
            entries.append(restart(dice, fleet, service, at))
            continue
        entry, _ = change(dice, fleet, trade_at(dice, fleet, service), service, at)
        entry.fact["type"] = "emergency"
        entry.fact["title"] = dice.choice(("Roll back {}", "Restart everything of {}", "Undo today's work on {}", "Emergency fix for {}")).format(
            service.name
        )
        entries.append(entry)
    return entries


def logins(scene: Scene, begin: datetime, end: datetime) -> list[Entry]:
    """Who was there."""
    hosts = list(scene.fleet.hosts)
    return [login(scene.dice, scene.fleet, hosts, usual_time(scene.dice, scene.fleet, begin, end)) for _ in range(scene.dice.randint(2, 15))]
