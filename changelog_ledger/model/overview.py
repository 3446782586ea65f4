"""The record at a glance: one line of the recent-changes log, and what ``ledger status`` tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.model.change import Change
from changelog_ledger.model.evidence import Evidence, Observation
from changelog_ledger.model.incident import Incident, OpenAction
from changelog_ledger.model.report import HostFreshness
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.topology import Target


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened, as one line of the recent-changes log.

    :ivar kind: ``change``, ``drift``, ``observation``, ``mark``, ``snapshot``, ``host``, ``service``, ``freeze``, ``incident`` … an open list.
    :ivar text: what happened, one line: a change's title, an observation's summary, a mark's symptom.
    :ivar id: what ``show`` takes, or empty.
    :ivar status: the step or state it reached: ``started``, ``failed``, ``good``, ``bad``, ``added`` … or empty.
    :ivar detail: a second line where there is one (``4096 → 512``), or empty.
    :ivar explained_by: a change's id; empty for what no change explains and for what needs none.
    :ivar category: those of the change whose step it is, or that explains it.
    :ivar outcome: how that change ended: ``succeeded``, ``failed``, ``rolled-back``, ``cancelled``; empty while it is open, and without one.
    :ivar remarks: the codes of what the rules had to say about the step (``freeze``, ``outside-window`` …).
    :ivar path: the file that a difference is in, or empty.
    :ivar found_at: when the snapshot that found a difference was taken; ``at`` is when it was made, as far as that can be told.
    :ivar folded: for how many entries it stands.
    """

    at: datetime
    kind: str
    text: str
    id: str = ""
    targets: tuple[Target, ...] = ()
    status: str = ""
    detail: str = ""
    actor: str = ""
    explained_by: str = ""
    category: tuple[str, ...] = ()
    outcome: str = ""
    remarks: tuple[str, ...] = ()
    path: str = ""
    found_at: datetime | None = None
    folded: int = 1

    @property
    def unlogged(self) -> bool:
        """Whether it is evidence, a difference or an observation, that no change explains."""
        return self.kind in ("drift", "observation") and not self.explained_by


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a home.

    :ivar database: its kind: ``sqlite`` or ``postgresql``.
    :ivar database_bytes: its size, None where it cannot be told.
    :ivar open_changes: those under way first, then what is planned or approved, the next one first.
    :ivar overdue: those of them whose planned end has passed.
    :ivar stuck: those that are under way past their planned end, or without one for longer than a day.
    :ivar awaiting_approval: those that lack approvals that the policy asks for.
    :ivar returning: those of which it matters now until when one can go back (:attr:`~changelog_ledger.model.change.Change.last_return`).
    :ivar unlogged: how many pieces of evidence no change explains; ``newest_unlogged`` are a few of them, newest first.
    :ivar stale: hosts whose last snapshot is older than it should be.
    :ivar never_snapshotted: hosts that are known and were never looked at.
    :ivar unreviewed: closed changes that still wait for the review that the policy asks for; ``overdue_reviews`` those that do for too long.
    :ivar unticked: changes that were finished, and not rolled back, with open items on their checklists.
    :ivar keys: the home's keys, one short description each (fingerprints, never the keys).
    :ivar packs: how many packs the repository has: one more with each snapshot that finds something, until ``gc``.
    :ivar spooled: facts that wait in the spool and are not in the database yet.
    :ivar restarts_pending: observations of services that still ran replaced code, and of hosts that still ran a replaced kernel, when it was last
        looked; oldest first.
    :ivar open_incidents: trouble that is not over, the most urgent first.
    :ivar open_actions: what is still to be done about all incidents, the earliest due first.
    """

    made_at: datetime
    home: str
    database: str
    database_bytes: int | None
    repository_bytes: int | None
    facts: int
    hosts: int
    services: int
    open_changes: tuple[Change, ...] = ()
    overdue: tuple[Change, ...] = ()
    stuck: tuple[Change, ...] = ()
    awaiting_approval: tuple[Change, ...] = ()
    returning: tuple[Change, ...] = ()
    unreviewed: tuple[Change, ...] = ()
    overdue_reviews: tuple[Change, ...] = ()
    unticked: tuple[Change, ...] = ()
    unlogged: int = 0
    newest_unlogged: tuple[Evidence, ...] = ()
    stale: tuple[HostFreshness, ...] = ()
    never_snapshotted: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    spooled: int = 0
    packs: int = 0
    restarts_pending: tuple[Observation, ...] = ()
    open_incidents: tuple[Incident, ...] = ()
    open_actions: tuple[OpenAction, ...] = ()
    warnings: tuple[Caveat, ...] = ()
