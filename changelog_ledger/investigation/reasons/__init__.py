"""The tables of reasons: each a small function from a candidate and the context to a finding, or None where it has nothing to say.

What a finding weighs stands in :mod:`~changelog_ledger.investigation.weights`, which is fitted; what counts as a finding stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    place.part_of_many,
    words.complaint_subject,
    words.complaint_place,
    words.works,
    words.risk_class,
    words.more_room,
    words.out_of_use,
    words.harmless,
    words.big_step,
    unplanned.automatic,
    unplanned.transient,
    unplanned.peer_comparison,
    past.latent,
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
    changes.outcome,
    changes.outside_window,
    changes.declared_risk,
    changes.unticked_relevant,
    changes.overrun,
    changes.logged_after,
    past.new_author,
)
"""What only a logged change can give."""

OF_UNLOGGED: tuple[Rule, ...] = (
    place.several_hosts,
    words.anomaly,
    unplanned.unlogged,
    unplanned.routine,
    unplanned.common,
    unplanned.rarity,
    unplanned.pending,
    unplanned.stopped,
    unplanned.provider,
    unplanned.peers,
    unplanned.maybe_afterwards,
    unplanned.repair,
    unplanned.cosmetic,
    past.gave_effect,
)
"""What only evidence that nobody logged can give."""

_RULES = {SuspectKind.CHANGE: (*OF_ANY, *OF_CHANGES), SuspectKind.UNLOGGED: (*OF_ANY, *OF_UNLOGGED)}


def findings_for(candidate: Candidate, context: Context) -> Iterator[Finding]:
    """What the reasons of its kind have to say about a candidate."""
    for rule in _RULES[candidate.kind]:
        finding = rule(candidate, context)
        if finding is not None:
            yield finding
