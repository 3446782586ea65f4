"""What every reason may look at: the question, and how common words and observations are among all candidates."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from changelog_ledger.investigation.candidates import Candidate, horizon, named_targets
from changelog_ledger.investigation.complaint import Complaint, understood
from changelog_ledger.investigation.consequences import ended
from changelog_ledger.investigation.evidence import shortened
from changelog_ledger.investigation.latent import Awakening
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.past import Companion, Record, by_place, companions, record_of
from changelog_ledger.investigation.vocabulary import words_of
from changelog_ledger.model.evidence import Confidence, Evidence, Observation, Op, RecordedDelta
from changelog_ledger.model.topology import Health, Target, TargetKind

_CHANGING = re.compile(r"\d[\w.:~+-]*")
_PIECES = 50

Bag = Mapping[str, float]
"""Word → how much of what was done it names: 1 for the title, less for paths, values and places."""


class Dependents(NamedTuple):
    """How many of the failing and of the healthy targets depend on something."""

    failing: int
    healthy: int


@dataclass(frozen=True, slots=True)
class Context:
    """The question, prepared for the reasons.

    :ivar end: the horizon: the onset, else the end of the window.
    :ivar many: how many candidates there are; ``pace`` how many for each minute of the window.
    :ivar words: candidate → its words, those of where it was done among them; of changes nobody asks for them where there is no complaint.
    :ivar rarity: word → 0 (every candidate has it) to 1 (one has it): its inverse document frequency (Spärck Jones 1972), scaled. Nobody asks for it
        where there is no complaint.
    :ivar alike: shape of an observation → how often it was made in the window.
    :ivar usual: change → how many others of the window and before it were the same sort of work; without those that are the only one.
    :ivar ended: the references of pending restarts that are over.
    :ivar awakened: candidate → what may have given it effect, where that was another thing than itself.
    :ivar waking: when and where something may have given effect to what had been changed before → how likely.
    :ivar companions: (host, path) → what usually changes with it.
    :ivar before_onset: (host, path, key) → what was found changed there within the window and before the onset.
    :ivar changed: every (host, path) with a difference within the window.
    :ivar record: earlier judgements of suspects.
    :ivar failing: targets that were last seen bad, ``healthy``: those last seen good since the trouble began.
    :ivar dependents: candidate → how many of these depend on one of its targets.
    :ivar found_by_run: change → the deltas that the snapshots after its own run found, by path and key.
    """

    material: Material
    end: datetime
    complaint: Complaint
    many: int
    pace: float
    words: Mapping[str, Bag]
    rarity: Mapping[str, float]
    alike: Mapping[str, int]
    usual: Mapping[str, int]
    ended: frozenset[str]
    awakened: Mapping[str, tuple[Awakening, ...]]
    waking: Mapping[tuple[datetime, Target], float]
    companions: Mapping[tuple[str, str], tuple[Companion, ...]]
    before_onset: Mapping[tuple[str, str, str | None], Sequence[RecordedDelta]]
    changed: frozenset[tuple[str, str]]
    record: Record
    failing: frozenset[Target]
    healthy: frozenset[Target]
    dependents: Mapping[str, Dependents]
    found_by_run: Mapping[str, Sequence[RecordedDelta]]


def context_of(material: Material, candidates: Sequence[Candidate], awakened: Mapping[str, tuple[Awakening, ...]]) -> Context:
    """Prepare what the reasons need, once."""
    complaint = understood(" ".join([material.symptom, *_marked_symptoms(material)]).strip())
    speaking = candidates if complaint.text else [candidate for candidate in candidates if candidate.change is None]
    words = _words_by_candidate(speaking, named_targets(material), material.tags)
    failing, healthy = _last_seen(material, Health.BAD), _last_seen(material, Health.GOOD)
    return Context(
        material=material,
        end=horizon(material),
        complaint=complaint,
        many=len(candidates),
        pace=len(candidates) / max(1.0, (horizon(material) - material.window.since).total_seconds() / 60),
        words=words,
        rarity=_rarity(words.values()) if complaint.text else {},
        alike=Counter(shape(seen) for seen in material.observations),
        usual=_usual(material),
        ended=ended(material.observations),
        awakened=awakened,
        waking=_waking(awakened.values()),
        companions=companions(material.history.deltas),
        before_onset=by_place(delta for delta in material.deltas if material.window.onset is not None and delta.not_after <= material.window.onset),
        changed=frozenset((delta.host, delta.delta.path) for delta in material.deltas),
        record=record_of(material.history.judged, horizon(material)),
        failing=failing,
        healthy=healthy,
        dependents=_dependents(candidates, _above(material.history.below), failing, healthy),
        found_by_run=_found_by_run(material),
    )


def shape(observation: Observation) -> str:
    """An observation without what differs from one time to the next: names of places, numbers, versions."""
    return _shape(observation.what, observation.summary, observation.target.name)


@lru_cache(maxsize=16384)
def _shape(what: str, summary: str, place: str) -> str:
    """Asked of every observation more than once: for how often it was made, and for what was said of its like."""
    return f"{what} {_CHANGING.sub('#', summary.replace(place, '') if place else summary)}"


def _waking(awakened: Iterable[Iterable[Awakening]]) -> dict[tuple[datetime, Target], float]:
    """Each trigger with the chance that it woke what it most likely woke."""
    found: dict[tuple[datetime, Target], float] = {}
    for each in chain.from_iterable(awakened):
        trigger = each.trigger.at, each.trigger.target
        if each.chance > found.get(trigger, 0.0):
            found[trigger] = each.chance
    return found


def _usual(material: Material) -> dict[str, int]:
    """Change → how many others in the window and before it are the same sort of work: the same title, but for numbers and names of places."""
    places = frozenset().union(*(words_of(reach.target.name) for reach in material.scope))
    sorts = {change.id: words_of(_CHANGING.sub(" ", change.title)) - places for change in material.changes_ever()}
    often = Counter(sorts.values())
    return {name: often[sort] - 1 for name, sort in sorts.items() if often[sort] > 1}


def _last_seen(material: Material, health: Health) -> frozenset[Target]:
    return frozenset(target for target, seen in material.history.health.items() if seen is health)


def _dependents(
    candidates: Iterable[Candidate], above: Mapping[Target, frozenset[Target]], failing: frozenset[Target], healthy: frozenset[Target]
) -> dict[str, Dependents]:
    """Of each candidate's targets together: thousands of candidates are at a hundred places."""
    known: dict[tuple[Target, ...], Dependents] = {}
    found = {}
    for candidate in candidates:
        places = _places_of(candidate)
        if places not in known:
            reached: frozenset[Target] = frozenset().union(*(above[target] for target in places if target in above))
            known[places] = Dependents(len(reached & failing), len(reached & healthy))
        found[candidate.id] = known[places]
    return found


def _places_of(candidate: Candidate) -> tuple[Target, ...]:
    """What it was done to, and what that affects."""
    return (*candidate.targets, *candidate.change.affects) if candidate.change else candidate.targets


def _above(below: Mapping[Target, frozenset[Target]]) -> dict[Target, frozenset[Target]]:
    """What each target is below of."""
    found: dict[Target, set[Target]] = {}
    for target, reached in below.items():
        for each in reached:
            found.setdefault(each, set()).add(target)
    return {target: frozenset(dependents) for target, dependents in found.items()}


def _found_by_run(material: Material) -> dict[str, list[RecordedDelta]]:
    found: dict[str, list[RecordedDelta]] = {}
    for delta in sorted(material.deltas, key=lambda delta: (delta.delta.path, delta.delta.key or "", delta.id)):
        if delta.change:
            found.setdefault(delta.change, []).append(delta)
    return found


def _marked_symptoms(material: Material) -> list[str]:
    """What the bad marks of the question's target say, up to the end of the window."""
    texts = (mark.symptom for mark in material.marks if mark.target == material.target and mark.at == material.window.onset)
    return [text for text in texts if text and text != material.symptom]


_TITLE, _PATH, _KEY, _SUMMARY, _VALUE, _PLACE = 1.0, 0.7, 0.8, 1.0, 0.6, 0.5
_BY_TIME = 0.5
"""Of evidence that a change explains by its time only, half: it may be another's."""


def _bag(candidate: Candidate) -> dict[str, float]:
    """The words of what was done: title, category, paths, keys and values; each at its best place.

    Of differences those that they were found in, not our own: that ``the file was added`` says nothing of files.
    """
    change = candidate.change
    parts: list[tuple[str, float]] = []
    if change is not None:
        parts += [(change.title, _TITLE), *((word, _TITLE) for word in change.category), *((path, _PATH) for path in change.paths)]
    for piece in candidate.evidence[:_PIECES]:
        share = _BY_TIME if piece.confidence is Confidence.TIME else 1.0
        parts += [(text, weight * share) for text, weight in ((_said(piece), _SUMMARY), (piece.path, _PATH), (piece.key, _KEY)) if text]
        parts += [(shortened(value), _VALUE * share) for value in (piece.before, piece.after) if value is not None]
    bag: dict[str, float] = {}
    for text, weight in parts:
        for word in words_of(text):
            if bag.get(word, 0.0) < weight:
                bag[word] = weight
    return bag


def _said(piece: Evidence) -> str:
    """What a piece of evidence tells in words of its own."""
    return piece.summary if piece.op is Op.OBSERVED else piece.op.value if piece.op is Op.REMOVED else ""


def _words_by_candidate(candidates: Iterable[Candidate], services: Mapping[str, frozenset[str]], tags: Mapping[str, Sequence[str]]) -> dict[str, Bag]:
    """Candidate → its own words, and those of where it was done: targets, what they affect, services on the hosts, tags of the hosts."""
    places: dict[tuple[Target, ...], Bag] = {}
    found: dict[str, Bag] = {}
    for candidate in candidates:
        targets = _places_of(candidate)
        if targets not in places:
            places[targets] = dict.fromkeys(_words_of_place(targets, services, tags), _PLACE)
        found[candidate.id] = {**places[targets], **_bag(candidate)}
    return found


def _words_of_place(targets: Iterable[Target], services: Mapping[str, frozenset[str]], tags: Mapping[str, Sequence[str]]) -> frozenset[str]:
    names = {target.name for target in targets}
    for target in targets:
        if target.kind is TargetKind.HOST:
            names |= {*services.get(target.name, ()), *tags.get(target.name, ())}
    return _words_of_all(tuple(sorted(names)))


@lru_cache(maxsize=4096)
def _words_of_all(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(words_of(text) for text in texts))


def _rarity(bags: Iterable[Iterable[str]]) -> dict[str, float]:
    """Inverse document frequency, scaled to 0..1."""
    known = list(bags)
    counts = Counter(chain.from_iterable(known))
    most = math.log(1 + len(known)) or 1.0
    return {word: math.log((1 + len(known)) / count) / most for word, count in counts.items()}
