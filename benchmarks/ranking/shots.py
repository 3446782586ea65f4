"""From edits of files to snapshots of them: taken now and then, and some time after an edit, so that a look may come before or after the onset."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from benchmarks.ranking.deeds import Edit, Entry, content, stamp
from benchmarks.ranking.everyday import HISTORY
from benchmarks.ranking.fleets import Fleet

MOST_WATCHED = 8
_OLD_SHOTS = 4


def watched_hosts(dice: random.Random, fleet: Fleet, needed: Collection[str]) -> list[str]:
    """The hosts with snapshots: a third of them, and those that are needed; more of the same kind, so that those do not stand out."""
    more = dice.sample(list(fleet.hosts), min(len(fleet.hosts), max(3, len(fleet.hosts) // 3)))
    return sorted({*list(dict.fromkeys(more))[:MOST_WATCHED], *needed})


def snapshots(dice: random.Random, fleet: Fleet, host: str, edits: Sequence[Edit], since: datetime, end: datetime) -> list[Entry]:
    """A host's snapshots: 90 days ago, some since then with the habits of its files, before the window, after edits within it."""
    begin = end - HISTORY - timedelta(days=dice.randint(1, 20))
    files = _first_files(dice, fleet, host, edits)
    changed = sorted([*edits, *_habits(dice, fleet, host, begin, since)], key=lambda edit: edit.at)
    wanted = [begin, *(begin + (since - begin) * dice.random() for _ in range(_OLD_SHOTS)), since - timedelta(minutes=dice.uniform(5, 600))]
    wanted += [edit.at + timedelta(seconds=15 + 900 * dice.lognormvariate(0, 1.3)) for edit in edits if edit.at > since]
    if dice.random() < 0.5:
        wanted.append(end - timedelta(minutes=dice.uniform(0, 60)))
    latest = end + timedelta(hours=2)
    shots: list[Entry] = []
    position, shown = 0, dict(files)
    for at in _apart(min(each, latest) for each in wanted):
        while position < len(changed) and changed[position].at < at:
            shown[changed[position].path] = changed[position].content
            position += 1
        new = {path: text for path, text in shown.items() if not shots or files.get(path) != text} or dict([min(shown.items())])
        files = dict(shown)
        shots.append(Entry(at, {"kind": "snapshot", "host": host, "at": stamp(at, fleet), "files": new}))
    return shots


def _apart(times: Iterable[datetime]) -> list[datetime]:
    """In order, at least a minute apart."""
    kept: list[datetime] = []
    for at in sorted(times):
        if not kept or at - kept[-1] >= timedelta(minutes=1):
            kept.append(at)
        else:
            kept[-1] = at if len(kept) == 1 or at - kept[-2] >= timedelta(minutes=1) else kept[-1]
    return kept


def _first_files(dice: random.Random, fleet: Fleet, host: str, edits: Sequence[Edit]) -> dict[str, str]:
    """What a host's files are to begin with: those of its trades, and those that are edited later."""
    services = [fleet.services[name] for name in fleet.services if host in fleet.services[name].hosts]
    edited = {edit.path: edit.content for edit in edits}
    files: dict[str, str] = {"/etc/motd": f"{host} managed host\n"}
    for service in services:
        for trade in fleet.author.trades:
            if fleet.hosts[host] in trade.roles or "any" in trade.roles or any(s.path.format(service=service.name) in edited for s in trade.settings):
                for setting in trade.settings:
                    path = setting.path.format(service=service.name)
                    values = [value for value in setting.values if content(setting, value, service) != edited.get(path)]
                    files[path] = content(setting, dice.choice(values), service)
    return files


def _habits(dice: random.Random, fleet: Fleet, host: str, begin: datetime, end: datetime) -> list[Edit]:
    """Edits of old: what changes often changed often."""
    edits = []
    for service in (each for each in fleet.services.values() if host in each.hosts):
        for trade in fleet.author.trades:
            if fleet.hosts[host] in trade.roles and dice.random() < trade.habit:
                setting = dice.choice(trade.settings)
                for _ in range(dice.randint(1, 4)):
                    at = begin + (end - begin) * dice.random()
                    edits.append(Edit(at, host, setting.path.format(service=service.name), content(setting, dice.choice(setting.values), service)))
    return edits
