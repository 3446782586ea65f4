"""What every reason may look at: the question, and how common words and observations are among all candidates."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from changelog_ledger.investigation.candidates import Candidate, horizon, named_targets
from changelog_ledger.investigation.consequences import ended
from changelog_ledger.investigation.evidence import shortened
from changelog_ledger.investigation.material import Material
from changelog_ledger.investigation.vocabulary import FLEET_WORDS, subjects_of_symptom, subjects_of_things, words_of
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.topology import TargetKind

_CHANGING = re.compile(r"\d[\w.:~+-]*")


@dataclass(frozen=True, slots=True)
class Context:
    """The question, prepared for the reasons.

    :ivar end: the horizon: the onset, else the end of the window.
    :ivar symptom: the words of the complaint; ``complaint`` the text itself.
    :ivar subjects: what the complaint points to.
    :ivar everywhere: whether the complaint says that the trouble is everywhere.
    :ivar words: candidate → its words; ``rarity`` word → 0 (every candidate has it) to 1 (one has it).
    :ivar done: candidate → the subjects of what was done; ``rareness`` subject → the same scale as ``rarity``.
    :ivar alike: shape of an observation → how often it was made in the window.
    :ivar ended: the references of pending restarts that are over.
    :ivar found_by_run: change → the deltas that the snapshots after its own run found, by path and key.
    """

    material: Material
    end: datetime
    complaint: str
    symptom: frozenset[str]
    subjects: frozenset[str]
    everywhere: bool
    words: Mapping[str, frozenset[str]]
    rarity: Mapping[str, float]
    done: Mapping[str, frozenset[str]]
    rareness: Mapping[str, float]
    alike: Mapping[str, int]
    ended: frozenset[str]
    found_by_run: Mapping[str, Sequence[RecordedDelta]]
    hosts_in_scope: int


def context_of(material: Material, candidates: Sequence[Candidate]) -> Context:
    """Prepare what the reasons need, once."""
    complaint = " ".join([material.symptom, *_marked_symptoms(material)]).strip()
    symptom = words_of(complaint)
    services = named_targets(material)
    words = {candidate.id: own_words(candidate) | _place_words(candidate, services) for candidate in candidates}
    done = {candidate.id: subjects_of_things(own_words(candidate)) for candidate in candidates}
    return Context(
        material=material,
        end=horizon(material),
        complaint=complaint,
        symptom=symptom,
        subjects=subjects_of_symptom(symptom),
        everywhere=bool(symptom & FLEET_WORDS) or " all " in f" {complaint.lower()} ",
        words=words,
        rarity=_rarity(words),
        done=done,
        rareness=_rarity(done),
        alike=Counter(shape(seen) for seen in material.observations),
        ended=ended(material.observations),
        found_by_run=_found_by_run(material),
        hosts_in_scope=sum(reach.target.kind is TargetKind.HOST for reach in material.scope),
    )


def shape(observation: Observation) -> str:
    """An observation without what differs from one time to the next: names of places, numbers, versions."""
    text = observation.summary.replace(observation.target.name, "") if observation.target.name else observation.summary
    return f"{observation.what} {_CHANGING.sub('#', text)}"


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


def own_words(candidate: Candidate) -> frozenset[str]:
    """The words of what was done: title, category, paths, keys and values."""
    change = candidate.change
    texts = [candidate.title]
    if change is not None:
        texts += [*change.category, *change.paths]
    for piece in candidate.evidence[:50]:
        texts += [piece.summary, piece.path or "", piece.key or ""]
        texts += [shortened(value) for value in (piece.before, piece.after) if value is not None]
    return _words_of_all(tuple(texts))


@lru_cache(maxsize=4096)
def _words_of_all(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(words_of(text) for text in texts))


def _place_words(candidate: Candidate, services: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words of where it was done: targets, what they affect, services on the hosts."""
    change = candidate.change
    targets = [*candidate.targets, *(change.affects if change else ())]
    names = [target.name for target in targets]
    names += [service for target in targets if target.kind is TargetKind.HOST for service in services.get(target.name, ())]
    return _words_of_all(tuple(sorted(set(names))))


def _rarity(words: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Inverse document frequency, scaled to 0..1."""
    counts = Counter(word for own in words.values() for word in own)
    most = math.log(1 + len(words)) or 1.0
    return {word: math.log((1 + len(words)) / count) / most for word, count in counts.items()}
