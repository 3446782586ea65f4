"""The table of reasons: each a small function from a candidate and the context to a finding, or None where it has nothing to say.

What a finding weighs stands in :mod:`~changelog_ledger.investigation.weights`, which is fitted; what counts as a finding stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from changelog_ledger.investigation.candidates import Candidate
from changelog_ledger.investigation.context import Context
from changelog_ledger.investigation.findings import Finding
from changelog_ledger.investigation.reasons import changes, past, place, timing, unplanned, words

Rule = Callable[[Candidate, Context], Finding | None]

TABLE: tuple[Rule, ...] = (
    timing.time_before_onset,
    timing.under_way,
    place.distance,
    place.breadth,
    place.everywhere,
    place.several_hosts,
    place.names_everything,
    words.complaint_subject,
    words.complaint_words,
    words.complaint_place,
    words.works,
    words.risk_class,
    words.more_room,
    words.out_of_use,
    words.anomaly,
    words.harmless,
    words.big_step,
    changes.outcome,
    changes.emergency,
    changes.outside_window,
    changes.declared_risk,
    changes.unticked,
    changes.unticked_relevant,
    changes.overrun,
    changes.logged_after,
    unplanned.unlogged,
    unplanned.routine,
    unplanned.common,
    unplanned.rarity,
    unplanned.automatic,
    unplanned.pending,
    unplanned.stopped,
    unplanned.peers,
    unplanned.transient,
    unplanned.maybe_afterwards,
    unplanned.cosmetic,
    unplanned.peer_comparison,
    past.latent,
    past.gave_effect,
    past.undoes_earlier,
    past.lacks_companion,
    past.new_author,
    past.in_freeze,
    past.judged_now,
    past.former_incident,
    past.blast_radius,
    past.reaches_healthy,
)


def findings_for(candidate: Candidate, context: Context) -> Iterator[Finding]:
    """What every reason has to say about a candidate, in the table's order."""
    for rule in TABLE:
        finding = rule(candidate, context)
        if finding is not None:
            yield finding
