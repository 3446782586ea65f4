"""What the past says of evidence: whether it takes something back, what usually changes with it, and whether it was the culprit before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.model.evidence import Evidence, Op, RecordedDelta
from changelog_ledger.model.incident import Incident, Link, Trace

_ENOUGH = 3
"""How often two files must have changed together for their not doing so to be worth a word (Rex, NSDI'20, learns such rules)."""

_NEARLY_ALWAYS = 0.8
_MANY = 30
"""A snapshot that found more paths than this was a release or an installation, and says nothing of what belongs together."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A path that usually changes together with another: ``together`` of ``times`` times."""

    path: str
    together: int
    times: int


def companions(deltas: Iterable[RecordedDelta]) -> Mapping[tuple[str, str], tuple[Companion, ...]]:
    """(host, path) → what changed with it nearly always, from what earlier snapshots found."""
    found_by: dict[tuple[str, str], set[str]] = {}
    for delta in deltas:
        found_by.setdefault((delta.host, delta.snapshot), set()).add(delta.delta.path)
    times: Counter[tuple[str, str]] = Counter()
    both: Counter[tuple[str, str, str]] = Counter()
    for (host, _), paths in found_by.items():
        if len(paths) > _MANY:
            continue
        times.update((host, path) for path in paths)
        for one, other in combinations(sorted(paths), 2):
            both[host, one, other] += 1
            both[host, other, one] += 1
    found: dict[tuple[str, str], list[Companion]] = {}
    for (host, path, other), together in sorted(both.items()):
        if together >= _ENOUGH and together >= _NEARLY_ALWAYS * times[host, path]:
            found.setdefault((host, path), []).append(Companion(other, together, times[host, path]))
    return {place: tuple(known) for place, known in found.items()}


def taken_back(piece: Evidence, earlier: Mapping[tuple[str, str, str | None], Sequence[RecordedDelta]]) -> RecordedDelta | None:
    """The newest earlier difference at the same place that this one takes back; None if there is none."""
    if piece.op is Op.OBSERVED or piece.op is Op.OPAQUE or piece.before == piece.after:
        return None
    same = earlier.get((piece.target.name, piece.path or "", piece.key), ())
    undone = (delta for delta in same if delta.delta.before == piece.after and delta.delta.after == piece.before)
    return max(undone, key=lambda delta: (delta.not_after, delta.id), default=None)


def by_place(deltas: Iterable[RecordedDelta]) -> Mapping[tuple[str, str, str | None], Sequence[RecordedDelta]]:
    """Deltas by host, path and key."""
    found: dict[tuple[str, str, str | None], list[RecordedDelta]] = {}
    for delta in deltas:
        found.setdefault((delta.host, delta.delta.path, delta.delta.key), []).append(delta)
    return found


Judged = tuple[Incident, Link]


@dataclass(frozen=True, slots=True)
class Record:
    """Earlier judgements, ready to be looked up.

    :ivar named: id of a change or a piece of evidence → the latest judgement of it.
    :ivar traces: each kind of trace → the judgements of earlier incidents that left it, the latest first.
    """

    named: Mapping[str, Judged]
    traces: Mapping[tuple[str, ...], tuple[Judged, ...]]


def record_of(judged: Iterable[Judged], trouble_began: datetime) -> Record:
    """Judgements (the latest first) by what they name and by the traces they left.

    :param trouble_began: only incidents of before that are earlier ones; that the like of a suspect was the cause of this very trouble says nothing.
    """
    named: dict[str, Judged] = {}
    traces: dict[tuple[str, ...], list[Judged]] = {}
    for incident, link in judged:
        named.setdefault(link.what, (incident, link))
        left = link.traces if incident.began_at < trouble_began else ()
        for form in dict.fromkeys(form for trace in left for form, _ in _forms(trace)):
            traces.setdefault(form, []).append((incident, link))
    return Record(named, {form: tuple(known) for form, known in traces.items()})


def likeness(candidate: Candidate, shapes: Sequence[str], record: Record) -> tuple[float, Judged] | None:
    """The judgement of an earlier incident that is most like a candidate, and how like it is, 0 to 1.

    :param shapes: of its observations.
    """
    own = [Trace(piece.target.name, piece.path or "", piece.key or "") for piece in candidate.evidence[:50] if piece.path]
    own += [Trace(shape=shape) for shape in shapes]
    own += [Trace(path=path) for path in (candidate.change.paths if candidate.change else ())]
    best: tuple[float, Judged] | None = None
    for trace in own:
        for form, worth in _forms(trace):
            known = record.traces.get(form, ())
            if known and (best is None or worth > best[0]):
                best = worth, known[0]
    return best


def _forms(trace: Trace) -> Iterable[tuple[tuple[str, ...], float]]:
    """What a trace can be known by, and how much each says."""
    if trace.path and trace.key:
        yield ("key", trace.path, trace.key), 1.0
    if trace.path:
        yield ("path", trace.path), 0.7
    if trace.shape:
        yield ("shape", trace.shape), 0.7
