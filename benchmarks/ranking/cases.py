"""Cases: facts, a question and the truth. From a seed, or from a folder of outages in the same shape.

What the generator assumes. A culprit acts log-normally before the onset (median 3.5 minutes, and two and a half more until somebody
says so, as in published post-mortems; 10 seconds to 2 days), sits
on the target or on what it depends on, and is of any trade; its author is a stranger to the trade twice as often as usual, its declared impact and
risk are somewhat higher, its items are left unticked more often. Services have several hosts, and damage to one of them is hidden by the others: what
people notice was done on all of them in four of five cases, everyday work on one of them in two of three. People complain in the culprit's words in
eight of ten cases, vaguely in a tenth, about something else in 3 %, and say nothing in 7 %; where one of several hosts is hit,
they say in six of ten cases that it is a part. Repairs begin when the onset is marked. In six of ten houses monitoring then says of most
other services whether they work, and is wrong about one in seven of those that do not.
Sixty-five to a hundred and fifty things and more happen in one to five days, most of them in the scope of the question: at least fifty candidates
besides the culprit. Three houses in ten are quiet: three to twenty-five things in one to fourteen days, and what does harm does it five hours before
somebody complains, an edit of one host of several more often than not.

Where it is kinder than the world: dependencies are known and right; clocks agree; the last good mark is true; what was done is on the hosts that it
is said to be on; no innocent change covers the file or the moment of an unlogged culprit; at most one outage at a time, and two causes at most; every
kind of source is ingested on every host, except that only some hosts have snapshots. Where it is harder: everyday work is as risky to look at as the
culprit, people's words are the only thing that points to a trade, and nobody groups or labels anything.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ranking.authors import AUTHORS
from benchmarks.ranking.culprits import CULPRITS, Plot, Scene
from benchmarks.ranking.deeds import Edit, Entry, stamp, told, trade_at
from benchmarks.ranking.everyday import HISTORY, everyday, logins, own_services, red_herrings, repairs, unlogged_edits
from benchmarks.ranking.fleets import Fleet, make_fleet
from benchmarks.ranking.shots import snapshots, watched_hosts

VERSION = 9
"""Part of every seed: another generator makes other cases."""

NOTHING = "none"
_SINCE_WHEN = re.compile(
    r",? (?:since|for) [\w ]*(?:minutes?|hours?|days?|morning|noon|evening|night|yesterday)\b(?: now)?| [\w ]*\bago\b", re.IGNORECASE
)
"""What a text says of when it began: it was written before anybody knew when that would be."""

_SLACK = timedelta(minutes=35)
_QUIET = 0.3
_WITH_MONITORING = 0.6
_FIRST = datetime(2023, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One outage.

    :ivar kind: of culprit; empty where nobody says. ``author``: of its words.
    :ivar facts: lines of the import format, in the order of time.
    :ivar question: ``target``, ``symptom``, ``since``, ``until``.
    :ivar chosen: whether it was chosen for having its cause in the record: of such cases nobody can learn how often there is none.
    :ivar truth: ``any_of`` what counts as found: ``ref``, or ``unlogged_host`` and ``contains``; or ``nothing``: true.
    """

    id: str
    kind: str
    facts: Sequence[Mapping[str, Any]]
    question: Mapping[str, str]
    truth: Mapping[str, Any]
    author: str = ""
    chosen: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether the record holds no cause."""
        return bool(self.truth.get("nothing"))

    @property
    def accepted(self) -> Sequence[Mapping[str, str]]:
        """What counts as found."""
        found: Sequence[Mapping[str, str]] = self.truth.get("any_of", ())
        return found


def read_cases(folder: Path) -> list[Case]:
    """The cases of a folder, by name."""
    cases = []
    for file in sorted(folder.glob("*.json")):
        read = json.loads(file.read_text(encoding="utf-8"))
        cases.append(Case(read["id"], read.get("kind", ""), read["facts"], read["question"], read["truth"], chosen="any_of" in read["truth"]))
    return cases


def made_case(seed: int, kind: str = "", author: str = "") -> Case:
    """The case of a seed; of a kind of culprit and in the words of an author if one is named."""
    dice = random.Random(f"ranking-{VERSION}-{seed}-{kind}-{author}")
    author = author or dice.choice(list(AUTHORS))
    chosen = dice.choices(list(CULPRITS), [share for share, _ in CULPRITS.values()])[0]
    kind = kind or chosen
    fleet = make_fleet(dice, AUTHORS[author])
    scene = Scene(dice, fleet, _target(dice, fleet), _onset(dice, fleet), dice.random() < _QUIET)
    plot = CULPRITS[kind][1](scene)
    marked = scene.onset + timedelta(seconds=20 + dice.lognormvariate(5.0, 1.0))
    since = _since(scene, plot)
    entries, edits = _around(scene, plot, since, marked)
    edits = _unmistakable(edits, plot, since)
    entries = _without_cover(entries, plot, fleet)
    needed = {edit.host for edit in plot.edits if edit.truth}
    for host in watched_hosts(dice, fleet, needed):
        entries += snapshots(dice, fleet, host, [edit for edit in edits if edit.host == host], since, marked)
    entries += _marks(scene, plot, since, marked)
    entries += _monitored(scene, plot, marked)
    facts, truth = _numbered(dice, entries, edits)
    begin = min(entry.at for entry in entries) - timedelta(days=1)
    question = {"target": f"service:{scene.target.name}", "symptom": _symptom(scene, plot), "since": "last-good", "until": "onset"}
    is_found = kind != NOTHING and truth
    return Case(
        f"made-{seed}",
        kind if is_found else NOTHING,
        [*fleet.lines(stamp(begin, fleet)), *facts],
        question,
        {"any_of": truth} if is_found else {"nothing": True},
        author,
    )


def _target(dice: random.Random, fleet: Fleet) -> Any:
    services = own_services(fleet)
    return dice.choices(services, [1 + 3 * len(service.depends_on) for service in services])[0]


def _onset(dice: random.Random, fleet: Fleet) -> datetime:
    """In office hours more often than not; people notice what they use."""
    day = _FIRST + timedelta(days=dice.randint(0, 900))
    hour = dice.choices(range(24), [2 if 8 <= hour <= 18 else 1 for hour in range(24)])[0]
    offset = fleet.zone.utcoffset(None) or timedelta()
    return day + timedelta(hours=hour, minutes=dice.randint(0, 59), seconds=dice.randint(0, 59)) - offset


def _since(scene: Scene, plot: Plot) -> datetime:
    """When it was last seen working: one to five days before, in quiet houses up to two weeks; and before the culprit, whenever that was."""
    dice, onset = scene.dice, scene.onset
    length = timedelta(hours=24 * (14 if scene.quiet else 5) ** dice.random())
    return min(onset - length, plot.begins - (onset - plot.begins) * dice.uniform(0.05, 1.0) - timedelta(minutes=dice.uniform(1, 90)))


def _around(scene: Scene, plot: Plot, since: datetime, marked: datetime) -> tuple[list[Entry], list[Edit]]:
    """Everything that happened, the culprit among it."""
    dice = scene.dice
    now, touched = everyday(scene, since, marked, dice.randint(3, 25) if scene.quiet else dice.randint(65, 150), near=0.75)
    before, touched_before = everyday(scene, marked - HISTORY, since, dice.randint(60, 140))
    late, _ = everyday(scene, marked, marked + timedelta(hours=2), dice.randint(0, 6))
    entries = [
        *now,
        *before,
        *late,
        *plot.entries,
        *red_herrings(scene, plot.trade.name, marked),
        *repairs(scene, marked),
        *logins(scene, since, marked),
    ]
    watched = list(scene.fleet.hosts)
    edits = [
        *touched,
        *touched_before,
        *plot.edits,
        *unlogged_edits(scene, watched, since, marked, dice.randint(0, 3) if scene.quiet else dice.randint(2, 14)),
    ]
    return entries, [edit for edit in edits if edit.unlogged or dice.random() < 0.7]


def _unmistakable(edits: Sequence[Edit], plot: Plot, since: datetime) -> list[Edit]:
    """Without others of the very file of the culprit from its time on: the truth is told by host and path."""
    guilty = {(edit.host, edit.path): edit.at for edit in plot.edits if edit.truth}
    return [edit for edit in edits if edit.truth or (edit.host, edit.path) not in guilty or edit.at < min(since, guilty[edit.host, edit.path])]


def _without_cover(entries: Sequence[Entry], plot: Plot, fleet: Fleet) -> list[Entry]:
    """Without changes that would rightly be taken to have done what the culprit did: at its place, of its file, or under way at its time."""
    files = {(place, edit.path) for edit in plot.edits if edit.truth for place in _places(fleet, edit.host)}
    events = [(set(_places(fleet, entry.fact["on"][5:])), entry.at) for entry in plot.entries if entry.fact["kind"] == "observation"]
    hidden = {place for place, _ in files}

    def covers(entry: Entry) -> bool:
        on = set(entry.fact["on"])
        over = datetime.fromisoformat(entry.fact["finished_at"])
        if any(on & places and entry.at - _SLACK <= at <= over + _SLACK for places, at in events):
            return True
        return any("paths" not in entry.fact or any((place, path) in files for path in entry.fact["paths"]) for place in on & hidden)

    own = {id(entry) for entry in plot.entries}
    kept = [entry for entry in entries if entry.truth or entry.fact["kind"] != "change" or not covers(entry)]
    return [entry for entry in kept if id(entry) in own or not _wakes(entry, plot)]


def _wakes(entry: Entry, plot: Plot) -> bool:
    """Whether it would have given effect to what was latent before its time."""
    if plot.asleep is None or entry.fact.get("what") not in ("service-restarted", "reboot"):
        return False
    hosts, begin, end = plot.asleep
    return entry.fact["on"].removeprefix("host:") in hosts and begin <= entry.at <= end


def _places(fleet: Fleet, host: str) -> list[str]:
    return [f"host:{host}", *(f"service:{name}" for name in fleet.services_of(host))]


def _symptom(scene: Scene, plot: Plot) -> str:
    """What somebody on call types."""
    kind = scene.dice.choices(("own", "vague", "other", "empty"), (80, 10, 3, 7))[0]
    if kind == "empty":
        return ""
    trade = trade_at(scene.dice, scene.fleet, scene.target) if kind == "other" else plot.trade
    text = _SINCE_WHEN.sub("", told(scene.dice, scene.dice.choice(scene.fleet.author.vague if kind == "vague" else trade.symptoms), scene.target))
    if _hits_a_part(scene, plot) and scene.dice.random() < 0.6:
        return scene.dice.choice(("sometimes: {}", "for some: {}", "one in three requests: {}", "{}, but only now and then")).format(text)
    return text


def _hits_a_part(scene: Scene, plot: Plot) -> bool:
    """Whether the culprit was done to some of the hosts that do the same: the others go on."""
    named = {name for entry in plot.entries if entry.truth for name in _listed(entry.fact["on"])} | {
        f"host:{edit.host}" for edit in plot.edits if edit.truth
    }
    hosts = {name.removeprefix("host:") for name in named if name.startswith("host:")}
    return len(hosts) == len(named) and any(hosts and hosts < set(service.hosts) for service in scene.fleet.services.values())


def _listed(on: Any) -> list[str]:
    return [on] if isinstance(on, str) else list(on)


def _marks(scene: Scene, plot: Plot, since: datetime, marked: datetime) -> list[Entry]:
    """Good and bad: of former incidents, some of them by the trade of today; of the target before and now."""
    dice, fleet = scene.dice, scene.fleet
    near = [name for name in fleet.closure(scene.target.name) if fleet.services[name].hosts]
    marks = []
    for _ in range(dice.randint(0, 3)):
        at = marked - timedelta(days=dice.uniform(6, 85))
        name = scene.target.name if dice.random() < 0.5 else dice.choice(near)
        trade = plot.trade if dice.random() < 0.3 else dice.choice(fleet.author.trades)
        marks.append(_mark(fleet, name, "bad", at, told(dice, dice.choice(trade.symptoms), fleet.services[name])))
        marks.append(_mark(fleet, name, "good", at + timedelta(hours=dice.uniform(0.3, 8))))
    others = (name for name in near if name != scene.target.name and dice.random() < 0.5)
    marks += [_mark(fleet, name, "good", since + timedelta(minutes=dice.uniform(-300, 5))) for name in others]
    return [*marks, _mark(fleet, scene.target.name, "good", since), _mark(fleet, scene.target.name, "bad", marked)]


def _monitored(scene: Scene, plot: Plot, marked: datetime) -> list[Entry]:
    """What monitoring says once there is trouble, in the houses that have it: services that depend on the place of the culprit are bad, others good.

    It has its gaps, and now and then it does not see what people see. Of the hosts of the target it says so only where they are watched one by one.
    """
    dice, fleet = scene.dice, scene.fleet
    if dice.random() >= _WITH_MONITORING:
        return []
    hit = _places_hit(scene, plot)
    marks = []
    for service in own_services(fleet):
        if service.name != scene.target.name and dice.random() < 0.8:
            below = fleet.closure(service.name)
            reached = {f"service:{name}" for name in below} | {f"host:{host}" for name in below for host in fleet.services[name].hosts}
            marks.append((f"service:{service.name}", bool(hit & reached)))
    if dice.random() < 0.5:
        marks += [(f"host:{host}", bool(hit & {f"host:{host}", f"service:{scene.target.name}"})) for host in scene.target.hosts]
    return [_said(dice, fleet, target, is_hit, marked) for target, is_hit in marks]


def _said(dice: random.Random, fleet: Fleet, target: str, is_hit: bool, marked: datetime) -> Entry:
    at = marked + timedelta(minutes=dice.uniform(0.5, 15))
    return Entry(at, {"kind": "mark", "target": target, "state": "bad" if is_hit and dice.random() < 0.85 else "good", "at": stamp(at, fleet)})


def _places_hit(scene: Scene, plot: Plot) -> set[str]:
    """Where the culprit was; where nobody recorded it, somewhere below the target."""
    named = {name for entry in plot.entries if entry.truth for name in _listed(entry.fact["on"])}
    named |= {f"host:{edit.host}" for edit in plot.edits if edit.truth}
    return named or {f"service:{scene.dice.choice(list(scene.fleet.closure(scene.target.name)))}"}


def _mark(fleet: Fleet, service: str, state: str, at: datetime, symptom: str = "") -> Entry:
    return Entry(
        at, {"kind": "mark", "target": f"service:{service}", "state": state, "at": stamp(at, fleet)} | ({"symptom": symptom} if symptom else {})
    )


def _numbered(dice: random.Random, entries: list[Entry], edits: Sequence[Edit]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The facts in the order of time, with references; and what counts as found."""
    counters = {"change": dice.randint(1000, 8000), "observation": dice.randint(10000, 80000)}
    truth: list[dict[str, str]] = []
    for entry in sorted(entries, key=lambda entry: entry.at):
        kind = entry.fact["kind"]
        if kind in counters:
            counters[kind] += dice.randint(1, 9)
            entry.fact["ref"] = f"{'CR' if kind == 'change' else 'EV'}-{counters[kind]}"
            if entry.truth:
                truth.append({"ref": entry.fact["ref"]})
    truth += [{"unlogged_host": edit.host, "contains": edit.path} for edit in edits if edit.truth]
    return [entry.fact for entry in sorted(entries, key=lambda entry: entry.at)], truth
