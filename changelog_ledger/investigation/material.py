"""What an investigation is made from. A workflow fills it from the store; the stage itself reads nothing.

::

    window  = choose_window(marks_of_the_target, since=…, until=…, now=now, first_snapshot_at=…)
    report  = investigate(Material(target=…, now=now, window=window, scope=…, deltas=…, …))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from changelog_ledger.investigation.history import History
from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import STALE_AFTER, Observation, RecordedDelta
from changelog_ledger.model.report import HostFreshness, Suppressed, Window
from changelog_ledger.model.topology import Mark, Reach, Target

HABIT = timedelta(days=90)
"""How far back a path's habit of changing is looked at, and which sources were ever read."""

Place = tuple[str, str, str | None]
"""Where a piece of configuration is: host, path, key (None for the file as a whole)."""


@dataclass(frozen=True, slots=True)
class PeerView:
    """How the other hosts of the same service look at the same path and key.

    :ivar total: other hosts that run a service together with this one and have at least one snapshot.
    :ivar same: how many of them made the same difference within the window (same path and key, same value after).
    """

    total: int
    same: int


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that is known about a question. All times are aware; no sequence needs to be in a particular order.

    :ivar window: from :func:`~changelog_ledger.investigation.window.choose_window`.
    :ivar scope: the target itself (distance 0), the hosts it runs on and what it depends on.
    :ivar deltas: those of hosts in scope whose ``(not_before, not_after]`` meets the window, whatever side of the onset they are on.
        Without noise.
    :ivar suppressed: the noise among them, in numbers.
    :ivar observations: those on hosts and services in scope, on other services on these hosts, or on ``all``, with ``at`` within the
        window, without circumstances.
    :ivar circumstances: those that say who was there (see :mod:`~changelog_ledger.investigation.actors`), from some time before the window on.
    :ivar marks: the marks of the targets in scope, those before and after the window included.
    :ivar changes: those that touch the scope (``on`` or ``affects`` name a target in it, a service on a host in it, or ``all``) and whose planned or
        actual window meets the window, that are still open, or that began after the onset; and those that deltas or observations name.
    :ivar runs_on: for every service in scope or on a host of it, and every one that a change names: the hosts it runs on.
    :ivar freshness: one entry for each host in scope that is watched or ought to be.
    :ivar limit: how many suspects to report.
    :ivar stale_after: a last look older than this before the window's end leaves too much unknown.
    :ivar habits: (host, path) → how many snapshots found a difference there in :data:`HABIT` before the window. A missing entry means never.
    :ivar watched_for: host → how long it had been watched when the window began, in days: ``never changed`` says little about a week.
    :ivar expired: host → how many of its snapshots within the window retention has dropped.
    :ivar tags: host → its tags: they say what it is for.
    :ivar sources: host → the kinds of observations made on it in :data:`HABIT` before the window's end: what was never ingested cannot show.
    :ivar history: what there was before the window, and what is known besides.
    :ivar peer_strength: id of a piece of evidence, or of a part of one → how much it sets the failing hosts apart from the working ones, 0 to 1,
        where they were compared. A missing entry means that it is not known.
    :ivar peers: see :class:`PeerView`. A missing entry means that there are no peers to compare with.
    """

    target: Target
    now: datetime
    window: Window
    scope: tuple[Reach, ...]
    deltas: Sequence[RecordedDelta] = ()
    observations: Sequence[Observation] = ()
    circumstances: Sequence[Observation] = ()
    marks: Sequence[Mark] = ()
    changes: Sequence[Change] = ()
    runs_on: Mapping[Target, frozenset[str]] = field(default_factory=dict)
    freshness: Sequence[HostFreshness] = ()
    symptom: str = ""
    limit: int = 20
    stale_after: timedelta = STALE_AFTER
    habits: Mapping[tuple[str, str], int] = field(default_factory=dict)
    watched_for: Mapping[str, float] = field(default_factory=dict)
    peers: Mapping[Place, PeerView] = field(default_factory=dict)
    expired: Mapping[str, int] = field(default_factory=dict)
    suppressed: tuple[Suppressed, ...] = ()
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    history: History = field(default_factory=History)
    peer_strength: Mapping[str, float] = field(default_factory=dict)

    def changes_ever(self) -> tuple[Change, ...]:
        """The changes of the window and those of before it, each once."""
        return tuple({change.id: change for change in (*self.history.changes, *self.changes)}.values())
