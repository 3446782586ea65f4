"""The table of reasons: each a small function from a candidate and the context to a reason, or None where it has nothing to say.

A weight is what the reason adds to (or takes from) the sum that becomes the score; about 1 is as heavy as one reason gets. The weights are general
judgement, not fitted: when it happened and whether the complaint points to it weigh most; what is routine or harmless is held against it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from changelog_ledger.investigation import change_reasons
from changelog_ledger.investigation.automation import is_automatic, names_updater
from changelog_ledger.investigation.candidates import Candidate, spoken
from changelog_ledger.investigation.consequences import still_pending
from changelog_ledger.investigation.context import Context, own_words, shape
from changelog_ledger.investigation.vocabulary import HARMLESS, RISKY_SUBJECTS, ROUTINE, STOPPED, words_of
from changelog_ledger.model.change import Status
from changelog_ledger.model.evidence import Op
from changelog_ledger.model.processes import PENDING
from changelog_ledger.model.report import Reason, SuspectKind

Rule = Callable[[Candidate, Context], Reason | None]

_FRESH = 5.0  # minutes: within this time before the onset, sooner or later hardly matters
_STALE = 7 * 24 * 60.0  # minutes: from here on time says nothing more in its favour
_VERSIONS = re.compile(r"(?<![\w.])(?:\d+:)?(\d+)\.\d[\w.+~:-]* (?:->|→|to) (?:\d+:)?(\d+)\.\d")
_COSMETIC = re.compile(r"white ?space|comment|line end|blank line")
_OFTEN = 10


def time_before_onset(candidate: Candidate, context: Context) -> Reason:
    """The sooner before the trouble, the likelier; decays with the logarithm of the time between."""
    age = max(0.0, (context.end - candidate.acted_at).total_seconds() / 60)
    weight = 1.6 * (_nearness(age) + _nearness(_earliest_age(candidate, context, age))) / 2
    before = "the onset" if context.material.window.onset else "the window's end"
    if _under_way(candidate, context):
        return Reason("time-before-onset", round(weight, 3), f"it was under way at {before}")
    return Reason("time-before-onset", round(weight, 3), f"{spoken(timedelta(minutes=age))} before {before}")


def distance(candidate: Candidate, context: Context) -> Reason:
    """The nearer to what is broken, the likelier."""
    weights = (0.45, 0.4, 0.25, 0.1)
    weight = weights[candidate.distance] if candidate.distance < len(weights) else 0.0
    if candidate.distance == 0:
        return Reason("distance", weight, f"on {context.material.target} itself")
    away = "one dependency" if candidate.distance == 1 else f"{candidate.distance} dependencies"
    return Reason("distance", weight, f"{away} away from {context.material.target}")


def unlogged(candidate: Candidate, context: Context) -> Reason | None:
    """Nobody logged it, so nobody weighed it. A difference in a file says more than an observation, many of which nobody would ever log."""
    if candidate.kind is not SuspectKind.UNLOGGED:
        return None
    if candidate.evidence[0].op is not Op.OBSERVED:
        return Reason("unlogged", 0.7, f"no change explains it: {candidate.evidence[0].because}")
    return Reason("unlogged", 0.15, f"no change explains it: {candidate.evidence[0].because}")


def routine(candidate: Candidate, context: Context) -> Reason | None:
    """Observations that every host makes every day say little."""
    if candidate.observations and ROUTINE.search(candidate.observations[0].summary):
        return Reason("routine", -0.7, "routine: hosts do that every day")
    return None


def rarity(candidate: Candidate, context: Context) -> Reason | None:
    """What happens often anyway says little; what never changed says much."""
    if candidate.observations:
        count = sum(context.alike[shape(seen)] for seen in candidate.observations[:1])
        others = count - len(candidate.observations)
        return Reason("common", -min(0.5, 0.2 * math.log2(1 + others)), f"seen {others} more times in the window") if others > 0 else None
    places = {(piece.target.name, piece.path or "") for piece in candidate.evidence if piece.path and piece.unlogged}
    if not places:
        return None
    often = max(context.material.habits.get(place, 0) for place in places)
    if often >= _OFTEN:
        return Reason("changes-often", -min(0.6, 0.2 * math.log10(often) + 0.1), f"changed in {often} snapshots of the 90 days before")
    watched = min(context.material.watched_for.get(host, 0.0) for host, _ in places)
    if often == 0 and watched >= 30:
        return Reason("never-changed", 0.25, f"had not changed in the {round(watched)} days it was watched")
    return None


def complaint_subject(candidate: Candidate, context: Context) -> Reason | None:
    """The complaint is of the kind that such a thing causes."""
    shared = sorted(context.done[candidate.id] & context.subjects, key=lambda subject: (-context.rareness[subject], subject))
    if not shared:
        return None
    weight = min(0.8, sum(context.rareness[subject] for subject in shared[:3]))
    return Reason("symptom-subject", round(weight, 3), f"the symptom points to {' and '.join(shared[:3])}")


def complaint_words(candidate: Candidate, context: Context) -> Reason | None:
    """Words of the complaint are words of the candidate; rare ones weigh more."""
    shared = sorted(context.symptom & context.words[candidate.id], key=lambda word: (-context.rarity[word], word))
    weight = sum(context.rarity[word] ** 2 for word in shared[:4])
    if weight < 0.05:
        return None
    written = {next(iter(words_of(word)), ""): word for word in re.findall(r"[A-Za-z]+|\d+", context.complaint)}
    named = ", ".join(repr(written.get(word, word)) for word in shared[:4])
    return Reason("symptom-words", round(min(0.4, 0.25 * weight), 3), f"the symptom names {named}")


def risk_class(candidate: Candidate, context: Context) -> Reason | None:
    """Some things break services more often than others."""
    risky = sorted(context.done[candidate.id] & RISKY_SUBJECTS, key=lambda subject: (-context.rareness[subject], subject))
    if not risky:
        return None
    return Reason("risk-class", 0.2, f"touches {risky[0]}")


def harmless(candidate: Candidate, context: Context) -> Reason | None:
    """Dashboards, rotation, comments and the like seldom break anything at run time."""
    words = words_of(f"{candidate.title} {' '.join(candidate.change.category)}") if candidate.change else own_words(candidate)
    found = sorted(words & HARMLESS)
    if not found:
        return None
    return Reason("harmless-kind", -0.3 if len(found) == 1 else -0.45, "work of a kind that seldom breaks anything at run time")


def breadth(candidate: Candidate, context: Context) -> Reason | None:
    """What was done in many places at once breaks much at once."""
    if candidate.hosts < 2:
        return None
    weight = min(0.3, 0.08 * math.log2(candidate.hosts)) + (0.1 if context.everywhere and candidate.hosts >= 3 else 0.0)
    if candidate.kind is SuspectKind.UNLOGGED:
        weight += 0.3
    return Reason("breadth", round(weight, 3), f"on {candidate.hosts} hosts at once")


def automatic(candidate: Candidate, context: Context) -> Reason | None:
    """Nobody decided it at that time: nobody was watching either."""
    by_machine = any(is_automatic(seen) for seen in candidate.observations)
    if by_machine or (candidate.change is not None and names_updater(candidate.change.actor)):
        return Reason("automatic", 0.15, "made by an automatic updater, with nobody watching")
    return None


def stopped(candidate: Candidate, context: Context) -> Reason | None:
    """Something that ran was stopped, and nobody logged why."""
    if candidate.observations and candidate.observations[0].what in PENDING:
        return None  # that the old code was deleted is why it is pending
    if candidate.observations and STOPPED.search(candidate.observations[0].summary) and not ROUTINE.search(candidate.observations[0].summary):
        return Reason("stopped", 0.35, "something was stopped or went away")
    return None


def pending(candidate: Candidate, context: Context) -> Reason | None:
    """Old code runs beside new files: what it loads from now on may not fit, and what was mended is not in force."""
    waiting = still_pending(candidate.observations, context.ended)
    if not waiting:
        return None
    what = "the machine" if waiting[0].what == "reboot-pending" else str(waiting[0].data.get("unit") or "a process")
    return Reason("restart-pending", 0.3, f"{what} still runs the code of before")


def big_step(candidate: Candidate, context: Context) -> Reason | None:
    """A new major version."""
    for piece in candidate.evidence[:50]:
        found = next((match for match in _VERSIONS.finditer(piece.summary) if match[1] != match[2]), None)
        if found:
            return Reason("major-version", 0.45, f"a new major version: {found[1]} to {found[2]}")
    return None


def peers(candidate: Candidate, context: Context) -> Reason | None:
    """Whether healthy peers have the same difference: an odd one out is suspicious, a common one is not."""
    if candidate.kind is not SuspectKind.UNLOGGED:
        return None
    views = [context.material.peers.get((piece.target.name, piece.path or "", piece.key)) for piece in candidate.evidence if piece.path]
    known = [view for view in views if view is not None and view.total > 0]
    if not known:
        return None
    oddest = min(known, key=lambda view: (view.same / view.total, -view.total))
    if oddest.same == oddest.total:
        return Reason("peers-same", -0.15, f"all {oddest.total} peers of the same service have it")
    weight = min(0.35, 0.1 * math.log2(1 + oddest.total)) * (1 - oddest.same / oddest.total)  # one peer proves little, seven a good deal
    if oddest.same == 0:
        return Reason(
            "peers-differ",
            round(weight, 3),
            f"none of {oddest.total} peers of the same service has it" if oddest.total > 1 else "its peer does not have it",
        )
    return Reason("peers-differ", round(weight, 3), f"{oddest.total - oddest.same} of {oddest.total} peers do not have it")


def transient(candidate: Candidate, context: Context) -> Reason | None:
    """What has been taken back is less likely to be the trouble that lasts."""
    if candidate.evidence and all(piece.transient for piece in candidate.evidence):
        return Reason("transient", -0.4, "changed and changed back within the window")
    return None


def cosmetic(candidate: Candidate, context: Context) -> Reason | None:
    """Differences of white space, comments and the like, or of the file's metadata only."""
    if candidate.kind is SuspectKind.UNLOGGED and all(piece.op is Op.OPAQUE and _COSMETIC.search(piece.note) for piece in candidate.evidence):
        return Reason("cosmetic", -0.6, "comments or white space only")
    return None


def maybe_afterwards(candidate: Candidate, context: Context) -> Reason | None:
    """What a snapshot found only after the onset may be somebody's attempt at a repair."""
    onset = context.material.window.onset
    if candidate.kind is SuspectKind.UNLOGGED and onset is not None and all(piece.not_after > onset for piece in candidate.evidence):
        return Reason("maybe-afterwards", -0.6, "it may have been made after the onset")
    return None


TABLE: tuple[Rule, ...] = (
    time_before_onset,
    distance,
    unlogged,
    routine,
    rarity,
    complaint_subject,
    complaint_words,
    risk_class,
    harmless,
    breadth,
    change_reasons.outcome,
    change_reasons.emergency,
    change_reasons.outside_window,
    change_reasons.declared_risk,
    change_reasons.unticked,
    change_reasons.overrun,
    automatic,
    pending,
    stopped,
    big_step,
    peers,
    transient,
    maybe_afterwards,
    cosmetic,
    change_reasons.logged_after,
    change_reasons.on_everything,
)


def reasons_for(candidate: Candidate, context: Context) -> Iterator[Reason]:
    """Every reason that has something to say, in the table's order."""
    for rule in TABLE:
        reason = rule(candidate, context)
        if reason is not None:
            yield reason


def _nearness(minutes: float) -> float:
    """1 at the onset, 0 a week before, falling with the logarithm of the time."""
    return max(0.0, 1 - math.log1p(minutes / _FRESH) / math.log1p(_STALE / _FRESH))


def _earliest_age(candidate: Candidate, context: Context, latest: float) -> float:
    """How long before the horizon it may have happened at the earliest, in minutes: snapshots bound a difference, they do not date it."""
    if candidate.kind is not SuspectKind.UNLOGGED or any(piece.seen_at < piece.not_after for piece in candidate.evidence):
        return latest
    earliest = max(context.material.window.since, min(piece.not_before for piece in candidate.evidence))
    return max(latest, (context.end - earliest).total_seconds() / 60)


def _under_way(candidate: Candidate, context: Context) -> bool:
    change = candidate.change
    if change is None or change.started_at is None or change.started_at > context.end:
        return False
    return change.status is Status.STARTED or (change.finished_at is not None and change.finished_at > context.end)
