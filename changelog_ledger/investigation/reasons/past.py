"""Reasons of the past: what it woke up with, what it takes back, what it lacks, and whether it was the culprit before."""

from __future__ import annotations

from changelog_ledger.investigation.candidates import Candidate, spoken
from changelog_ledger.investigation.context import Context, shape
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.latent import restarting
from changelog_ledger.investigation.past import likeness
from changelog_ledger.investigation.reasons.timing import nearness_of
from changelog_ledger.model.incident import Incident, Link, LinkKind
from changelog_ledger.model.topology import TargetKind

_LEAST = 0.05


def latent(candidate: Candidate, context: Context) -> Finding | None:
    """It took effect only later, with a restart, a reboot, a failover: by how much that is probably nearer to the onset than itself."""
    woken = context.awakened.get(candidate.id)
    if woken is None:
        return None
    began = nearness_of(candidate.began_at, context.end)
    if nearness_of(woken[-1].trigger.at, context.end) - began < _LEAST:  # the last is the nearest, and all chances together come to 1 at most
        return None
    gains = [(each.chance * (nearness_of(each.trigger.at, context.end) - began), each) for each in woken]
    value = min(1.0, sum(gain for gain, _ in gains))
    if value < _LEAST:
        return None
    trigger = max(gains, key=lambda gained: gained[0])[1].trigger
    before = "the onset" if context.material.window.onset else "the window's end"
    return Finding("latent", value, f"it took effect with: {trigger.text}, {spoken(context.end - trigger.at)} before {before}")


def gave_effect(candidate: Candidate, context: Context) -> Finding | None:
    """It gave effect to what had been changed before, which is the cause rather than this."""
    moments = [(seen.at, seen.target) for seen in candidate.observations]
    if candidate.change is not None and restarting(candidate.change, context.end) is not None:
        moments = [(candidate.began_at, target) for target in candidate.change.on]
    value = max([context.waking.get(moment, 0.0) for moment in moments], default=0.0)
    return Finding("gave-effect", value, "it gave effect to what had been changed before") if value >= _LEAST else None


def lacks_companion(candidate: Candidate, context: Context) -> Finding | None:
    """It changed without what usually changes with it (Rex, NSDI'20)."""
    for piece in candidate.evidence[:20]:
        for companion in context.companions.get((piece.target.name, piece.path or ""), ()):
            if (piece.target.name, companion.path) not in context.changed:
                often = f"{companion.together} of {companion.times} times"
                return Finding("lacks-companion", 1.0, f"{piece.path} changed without {companion.path}, which changed with it {often} before")
    return None


def in_freeze(candidate: Candidate, context: Context) -> Finding | None:
    """Made in a freeze."""
    for freeze in context.material.history.freezes:
        held = any(target.kind is TargetKind.ALL or target in candidate.targets for target in freeze.on)
        if held and freeze.start <= candidate.began_at < freeze.end:
            return Finding("in-freeze", 1.0, f"made in a freeze: {freeze.title}")
    return None


def judged_now(candidate: Candidate, context: Context) -> Finding | None:
    """Somebody confirmed or cleared this very suspect."""
    known = _judgement(candidate, context)
    if known is None:
        return None
    incident, link = known
    because = f": {link.because}" if link.because else ""
    code = "confirmed" if link.kind is LinkKind.CONFIRMED else "cleared"
    return Finding(code, 1.0, f"{code} by {link.actor} in {incident.id}{because}")


def _judgement(candidate: Candidate, context: Context) -> tuple[Incident, Link] | None:
    """What somebody said of this very suspect, and in which incident."""
    names = [candidate.change.id] if candidate.change else [piece.id for piece in candidate.evidence]
    return next((context.record.named[name] for name in names if name in context.record.named), None)


def former_incident(candidate: Candidate, context: Context) -> Finding | None:
    """The like of it was confirmed as a cause, or cleared, in an earlier incident; not itself, which is :func:`judged_now`."""
    if not context.record.traces or _judgement(candidate, context) is not None:
        return None
    known = likeness(candidate, [shape(seen) for seen in candidate.observations[:5]], context.record)
    if known is None:
        return None
    value, (incident, link) = known
    if link.kind is LinkKind.CONFIRMED:
        return Finding("former-incident", value, f"the like of it was the cause of {incident.id} ({incident.title})")
    return Finding("formerly-cleared", value, f"the like of it was cleared in {incident.id} ({incident.title})")


def blast_radius(candidate: Candidate, context: Context) -> Finding | None:
    """What it can reach is what fails: every target that is marked bad depends on it, and none that was seen good since."""
    if len(context.failing) + len(context.healthy) < 2:
        return None
    failing, healthy = context.dependents[candidate.id]
    if not failing:
        return None
    value = failing / (len(context.failing) + healthy)
    if healthy == len(context.healthy) and healthy:
        return None  # what everything depends on tells nothing apart
    which = f"all {failing}" if failing == len(context.failing) else f"{failing} of {len(context.failing)}"
    spared = f" and none of the {len(context.healthy)} that work" if context.healthy and not healthy else ""
    return Finding("blast-radius", value, f"{which} failing targets depend on it{spared}")


def reaches_healthy(candidate: Candidate, context: Context) -> Finding | None:
    """Targets that were seen good since depend on it as well."""
    if not context.healthy or not context.failing:
        return None
    healthy = context.dependents[candidate.id].healthy
    if not healthy:
        return None
    text = f"{healthy} of {len(context.healthy)} targets that work depend on it as well"
    return Finding("reaches-healthy", healthy / len(context.healthy), text)
