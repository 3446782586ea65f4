"""What there was before the window, and what is known besides: the past that the present is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from changelog_ledger.model.change import Change, Freeze
from changelog_ledger.model.evidence import Observation, RecordedDelta
from changelog_ledger.model.incident import Incident, Link
from changelog_ledger.model.topology import Health, Target


@dataclass(frozen=True, slots=True)
class History:
    """The past of a question's scope, bounded in time and number: what is left out of it can hide a latent cause, so that of
    the hosts where something may have woken one is left out last.

    :ivar since: from when on it was looked at; None for not at all.
    :ivar deltas: the newest on each of the hosts where something happened within the window, from before the window.
    :ivar observations: package transactions, restarts, deployments and the like from before the window: on these hosts, of the services that may have
        been woken, and of everything.
    :ivar changes: the newest that touch the scope and were over before the window.
    :ivar judged: suspects that incidents confirmed or cleared, the latest first.
    :ivar freezes: those in force at some moment of the window.
    :ivar health: target → how it was last seen since the window began: the question's own, and others that were marked.
    :ivar below: for each target in ``health``: itself and everything that it runs on and depends on.
    """

    since: datetime | None = None
    deltas: Sequence[RecordedDelta] = ()
    observations: Sequence[Observation] = ()
    changes: Sequence[Change] = ()
    judged: Sequence[tuple[Incident, Link]] = ()
    freezes: Sequence[Freeze] = ()
    health: Mapping[Target, Health] = field(default_factory=dict)
    below: Mapping[Target, frozenset[Target]] = field(default_factory=dict)
