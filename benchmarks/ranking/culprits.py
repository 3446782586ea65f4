"""What is injected: for each kind of culprit, how it comes about. Everything else in a case is innocent."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.ranking.deeds import HARMFUL, Edit, Entry, change, content, event, seen, setting_of, told, trade_at, upgrade
from benchmarks.ranking.fleets import Fleet, Service
from benchmarks.ranking.trades import Trade

SHORTEST, MEDIAN, LONGEST = timedelta(seconds=10), timedelta(minutes=3.5), timedelta(days=2)
"""Between a culprit and the onset."""

MEDIAN_WHERE_QUIET, LONGEST_WHERE_QUIET = timedelta(hours=5), timedelta(days=6)
"""The same in small houses, where little happens and nobody looks at once."""

_TRIGGERS = {
    "restart": ("service-restarted", "{unit} restarted by hand"),
    "reboot": ("reboot", "booted kernel 6.1.0-18, previous uptime 61 days"),
    "failover": ("failover", "{service} moved to {host}"),
    "expiry": ("expired", "validity of what {service} uses on {host} ended"),
    "job": ("job-run", "nightly on {host} started"),
}


@dataclass(frozen=True)
class Scene:
    """Where and when it happens."""

    dice: random.Random
    fleet: Fleet
    target: Service
    onset: datetime
    quiet: bool = False

    def place(self) -> Service:
        """Where the culprit sits: on the target itself in every second case, else on something it depends on, the nearer the likelier."""
        near = {name: distance for name, distance in self.fleet.closure(self.target.name).items() if self.fleet.services[name].hosts}
        name = self.dice.choices(list(near), [(1.0, 0.35, 0.2, 0.12)[min(distance, 3)] for distance in near.values()])[0]
        return self.fleet.services[name]

    def culprit_at(self) -> datetime:
        """When it acted: log-normally before the onset."""
        median, longest = (MEDIAN_WHERE_QUIET, LONGEST_WHERE_QUIET) if self.quiet else (MEDIAN, LONGEST)
        seconds = median.total_seconds() * self.dice.lognormvariate(0, 1.7)
        return self.onset - min(longest, max(SHORTEST, timedelta(seconds=seconds)))


@dataclass
class Plot:
    """What was injected.

    :ivar trade: what people complain of.
    :ivar begins: the first moment that the window has to hold.
    :ivar asleep: hosts where nothing is restarted from when something latent was made until it took effect: otherwise it had taken effect before.
    """

    trade: Trade
    begins: datetime
    entries: list[Entry] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    asleep: tuple[frozenset[str], datetime, datetime] | None = None


def _guilty(entries: list[Entry]) -> list[Entry]:
    for entry in entries:
        entry.truth = True
    return entries


def logged(scene: Scene) -> Plot:
    """A change that somebody logged; where its trade has a usual companion in this house, it comes without."""
    place, at = scene.place(), scene.culprit_at()
    trade = trade_at(scene.dice, scene.fleet, place, by_habit=False)
    entry, edits = change(scene.dice, scene.fleet, trade, place, at, HARMFUL)
    return Plot(trade, at, _guilty([entry]), edits)


def unlogged_edit(scene: Scene) -> Plot:
    """Somebody edits a file and tells nobody; on all hosts more often than on one, or nobody would notice."""
    place, at = scene.place(), scene.culprit_at()
    trade = trade_at(scene.dice, scene.fleet, place, by_habit=False)
    path, setting = setting_of(scene.dice, trade, place)
    value = scene.dice.choice(setting.values)
    hosts = place.hosts if scene.dice.random() < (1 / 4 if scene.quiet else HARMFUL.everywhere) else place.hosts[:1]
    text = content(setting, value, place)
    edits = [Edit(at + timedelta(seconds=30 * number), host, path, text, unlogged=True, truth=True) for number, host in enumerate(hosts)]
    return Plot(trade, at, [], edits)


def update(scene: Scene) -> Plot:
    """The nightly updater replaces a package, and restarts what uses it."""
    trade, place = _with_packages(scene)
    at = scene.culprit_at()
    transactions, restarts = upgrade(scene.dice, scene.fleet, trade, place, at, unattended=scene.dice.random() < 0.85, restarts=0.6, manner=HARMFUL)
    entries = [entry for entry in (*transactions, *restarts) if entry.at < scene.onset]
    return Plot(trade, at, _guilty(entries))


def update_pending(scene: Scene) -> Plot:
    """The updater replaces a package and what uses it is not restarted: it runs on with code that is gone."""
    trade, place = _with_packages(scene)
    at = scene.culprit_at() - timedelta(hours=scene.dice.uniform(0.5, 20))
    transactions, _ = upgrade(scene.dice, scene.fleet, trade, place, at, unattended=True, restarts=0.0)
    name = transactions[0].fact["data"]["packages"][0]["name"]
    pending = []
    for entry in transactions:
        later = entry.at + timedelta(minutes=scene.dice.uniform(1, 20))
        data = {"ref": f"pending-{entry.fact['on'][5:]}-{name}", "packages": [name], "subject": "unit:app.service"}
        pending.append(seen("restart-pending", entry.fact["on"], later, scene.fleet, f"app.service still runs the code of before {name}", data))
    return Plot(trade, at, _guilty([*transactions, *pending]))


def latent(scene: Scene) -> Plot:
    """Something made days or weeks ago gets its effect from a restart, a reboot, a failover, an expiry or a job: not these are the cause."""
    dice, place = scene.dice, scene.place()
    trade = trade_at(dice, scene.fleet, place, by_habit=False)
    trigger_at = scene.culprit_at()
    made_at = trigger_at - timedelta(days=min(45.0, dice.lognormvariate(1.8, 0.8)))
    what, text = _TRIGGERS[dice.choice(trade.triggers)]
    hosts = place.hosts if dice.random() < HARMFUL.everywhere else place.hosts[:1]
    unit = (trade.units or ("app.service",))[0]
    triggers, asleep = [], (frozenset(place.hosts), made_at, trigger_at)
    for number, host in enumerate(hosts):
        summary = text.format(unit=unit, service=place.name, host=host)
        triggers.append(seen(what, f"host:{host}", trigger_at + timedelta(seconds=number), scene.fleet, summary))
    if dice.random() < 0.5:
        entry, edits = change(dice, scene.fleet, trade, place, made_at, HARMFUL)
        return Plot(trade, trigger_at, [*_guilty([entry]), *triggers], edits, asleep)
    if trade.packages and dice.random() < 0.5:
        transactions, _ = upgrade(dice, scene.fleet, trade, place, made_at, unattended=True, restarts=0.0, manner=HARMFUL)
        return Plot(trade, trigger_at, [*_guilty(transactions), *triggers], asleep=asleep)
    path, setting = setting_of(dice, trade, place)
    text = content(setting, dice.choice(setting.values), place)
    edits = [Edit(made_at, host, path, text, unlogged=True, truth=True) for host in hosts]
    return Plot(trade, trigger_at, triggers, edits, asleep)


def by_event(scene: Scene) -> Plot:
    """A log tells it and nobody logged it: a deployment by a pipeline, a flag in a console, a service stopped by hand."""
    place, at = scene.place(), scene.culprit_at()
    trade = trade_at(scene.dice, scene.fleet, place, by_habit=False)
    return Plot(trade, at, _guilty([entry for entry in event(scene.dice, scene.fleet, trade, place, at, HARMFUL) if entry.at < scene.onset]))


def outside(scene: Scene) -> Plot:
    """A provider says that it is in trouble, often after one has noticed it oneself."""
    provider = _provider(scene)
    if provider is None:
        return Plot(scene.dice.choice(scene.fleet.author.trades), scene.onset)
    at = scene.onset - timedelta(minutes=scene.dice.uniform(0.2, 60))
    summary = scene.dice.choice(("elevated error rates in one region", "investigating connection problems", "degraded performance", "partial outage"))
    what = scene.dice.choice(("provider-incident", "external-notice"))
    return Plot(scene.dice.choice(scene.fleet.author.trades), at, _guilty([seen(what, f"service:{provider}", at, scene.fleet, summary)]))


def two_causes(scene: Scene) -> Plot:
    """Two things that are harmless alone; either of them counts as found."""
    first, second = logged(scene), scene.dice.choice((logged, unlogged_edit, by_event))(scene)
    return Plot(first.trade, min(first.begins, second.begins), first.entries + second.entries, first.edits + second.edits)


def unticked(scene: Scene) -> Plot:
    """A move of which one item of the checklist was not done; what people complain of is that item."""
    place, at = scene.place(), scene.culprit_at()
    author = scene.fleet.author
    trade = scene.dice.choice([trade for trade in author.trades if trade.item in author.forgotten])
    entry, edits = change(scene.dice, scene.fleet, trade_at(scene.dice, scene.fleet, place), place, at, HARMFUL)
    entry.fact["title"] = told(scene.dice, scene.dice.choice(author.moves), place)
    others = [item for item in ("peer review", "rollback tried", "partners told", "monitoring") if scene.dice.random() < 0.6]
    items = [{"text": text, "done": scene.dice.random() >= 0.12} for text in others] + [{"text": trade.item, "done": False}]
    scene.dice.shuffle(items)
    entry.fact["items"] = items
    return Plot(trade, at, _guilty([entry]), edits)


def nothing(scene: Scene) -> Plot:
    """Nothing in the record did it: load, a broken cable, a provider that says nothing."""
    return Plot(scene.dice.choice(scene.fleet.author.trades), scene.onset)


def _with_packages(scene: Scene) -> tuple[Trade, Service]:
    for _ in range(50):
        place = scene.place()
        trade = trade_at(scene.dice, scene.fleet, place, by_habit=False)
        if trade.packages:
            return trade, place
    raise AssertionError("every role knows a trade with packages")


def _provider(scene: Scene) -> str | None:
    outsiders = [name for name in scene.fleet.closure(scene.target.name) if not scene.fleet.services[name].hosts]
    return scene.dice.choice(outsiders) if outsiders else None


CULPRITS: Mapping[str, tuple[float, Callable[[Scene], Plot]]] = {
    "logged": (28, logged),
    "unlogged-edit": (13, unlogged_edit),
    "update": (7, update),
    "update-pending": (5, update_pending),
    "latent": (8, latent),
    "event": (10, by_event),
    "outside": (4, outside),
    "two": (6, two_causes),
    "unticked": (7, unticked),
    "none": (12, nothing),
}
"""Kind → how often, in a hundred, and how."""
