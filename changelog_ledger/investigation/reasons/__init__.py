"""The tables of reasons: each a small function from a candidate and the context to a finding, or None where it has nothing to say.

What a finding weighs stands in :mod:`~changelog_ledger.investigation.weights`, which is fitted; what counts as a finding stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.reasons import changes, past, place, timing, unplanned, words
from changelog_ledger.model.report import SuspectKind

Rule = Callable[[Candidate, Context], Finding | None]

OF_ANY: tuple[Rule, ...] = (
    timing.time_before_onset,
    place.distance,
    place.breadth,
    words.complaint_subject,
    words.works,
    words.more_room,
    words.out_of_use,
    words.harmless,
    words.big_step,
    unplanned.automatic,
    unplanned.transient,
    unplanned.peer_comparison,
    past.latent,
    past.gave_effect,
    past.lacks_companion,
    past.in_freeze,
    past.judged_now,
    past.former_incident,
    past.blast_radius,
    past.reaches_healthy,
)
"""What is asked of every candidate."""

OF_CHANGES: tuple[Rule, ...] = (
    timing.under_way,
    place.names_everything,
    changes.usual_work,
    changes.unfinished,
    changes.declared_risk,
    changes.unticked_relevant,
    changes.overrun,
    changes.logged_after,
)
"""What only a logged change can give."""

OF_UNLOGGED: tuple[Rule, ...] = (
    place.several_hosts,
    unplanned.unlogged,
    unplanned.routine,
    unplanned.common,
    unplanned.rarity,
    unplanned.pending,
    unplanned.provider,
    unplanned.peers,
    unplanned.maybe_afterwards,
    unplanned.repair,
    unplanned.cosmetic,
)
"""What only evidence that nobody logged can give."""

_ASKED_WHERE: Mapping[Rule, Callable[[Context], object]] = {
    words.complaint_subject: lambda context: context.complaint.subjects or context.complaint.talk,
    words.works: lambda context: context.complaint.working,
    unplanned.peer_comparison: lambda context: context.material.peer_strength,
    unplanned.peers: lambda context: context.material.peers,
    unplanned.maybe_afterwards: lambda context: context.material.window.onset,
    unplanned.repair: lambda context: context.material.window.onset,
    past.latent: lambda context: context.awakened,
    past.gave_effect: lambda context: context.waking,
    past.lacks_companion: lambda context: context.companions,
    past.in_freeze: lambda context: context.material.history.freezes,
    past.judged_now: lambda context: context.record.named,
    past.former_incident: lambda context: context.record.traces,
    past.blast_radius: lambda context: context.failing,
    past.reaches_healthy: lambda context: context.failing and context.healthy,
    changes.unticked_relevant: lambda context: context.complaint.subjects or context.complaint.talk,
    changes.usual_work: lambda context: context.usual,
    changes.overrun: lambda context: context.found_by_run,
}
"""What a reason cannot do without: where a question has none of it, thousands of candidates need not be asked. A reason that is missing here is asked
always."""

_RULES = {SuspectKind.CHANGE: (*OF_ANY, *OF_CHANGES), SuspectKind.UNLOGGED: (*OF_ANY, *OF_UNLOGGED)}


def rules_for(context: Context) -> Mapping[SuspectKind, Sequence[Rule]]:
    """The reasons that can have something to say about a question's candidates, by their kind."""
    asked = {rule: rule not in _ASKED_WHERE or bool(_ASKED_WHERE[rule](context)) for rules in _RULES.values() for rule in rules}
    return {kind: tuple(rule for rule in rules if asked[rule]) for kind, rules in _RULES.items()}


def findings_for(candidate: Candidate, context: Context, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """What the reasons of its kind have to say about a candidate."""
    return tuple([found for rule in rules if (found := rule(candidate, context)) is not None])
