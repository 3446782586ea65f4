"""What was changed in the same files since a change was made: taking the change back takes that back too, or collides with it.

Files are restored whole, so another key of the same file counts. Read from the stored differences and the logged changes, both by their indexes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog_ledger.changes.coverage import covers, speaks_for
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import RecordedDelta
from changelog_ledger.model.report import Warning as Caveat
from changelog_ledger.model.topology import EVERYTHING, Target
from changelog_ledger.store.queries import View

CODE = "later-change"

_MOST = 10
_PLACES = 3
_MADE = (Status.STARTED, Status.SUCCEEDED, Status.FAILED)


@dataclass(frozen=True)
class Undoing:
    """What is to be taken back, and where.

    :ivar hosts: those whose files go back.
    :ivar since: the time that they go back to; None: to when the change began.
    """

    change: Change
    hosts: Sequence[str]
    since: datetime | None
    now: datetime


def later_warnings(view: View, undoing: Undoing) -> tuple[Caveat, ...]:
    """A warning for each change (and each host with unlogged differences) that touched the same files since."""
    began = undoing.change.started_at
    if began is None or not undoing.hosts:
        return ()
    others = _others(view, undoing, began)
    found: dict[tuple[str, str], list[RecordedDelta]] = {}
    for delta in _later(view, undoing, began):
        made_by = _made_by(view, delta, others)
        found.setdefault((made_by, delta.host), []).append(delta)
    known = view.changes.by_id({made_by for made_by, _ in found if made_by})
    texts = [_seen_text(known.get(made_by), host, deltas) for (made_by, host), deltas in found.items()]
    texts += [_declared_text(other) for other in others if other.id not in known and _declares_the_same(view, undoing, other)]
    more = [f"and {len(texts) - _MOST} more that touched the same files since"] if len(texts) > _MOST else []
    return tuple(Caveat(CODE, text) for text in [*texts[:_MOST], *more])


def _others(view: View, undoing: Undoing, began: datetime) -> list[Change]:
    """The changes that were made at the same place since, the newest first."""
    targets = {*undoing.change.on, *(Target.host(host) for host in undoing.hosts), EVERYTHING}
    targets |= {Target.service(name) for host in undoing.hosts for name in view.topology.services_on(host)}
    touching = view.changes.touching(targets, began, undoing.now)
    return [other for other in touching if other.id != undoing.change.id and other.status in _MADE and other.started_at and other.started_at >= began]


def _later(view: View, undoing: Undoing, began: datetime) -> list[RecordedDelta]:
    """The differences that go back too and are not the change's."""
    change, ended = undoing.change, undoing.change.finished_at or undoing.now
    since = min(undoing.since or began, began)
    deltas = view.evidence.deltas(undoing.hosts, since, undoing.now)
    own = {(found.host, found.delta.path) for found in deltas if change.id in (found.change, found.expected_by) or _within(found, began, ended)}

    def is_later(found: RecordedDelta) -> bool:
        if change.id in (found.change, found.explained_by, found.expected_by):
            return False
        same = covers(change, found.delta.path) if change.paths else (found.host, found.delta.path) in own
        other = bool(found.change or found.expected_by) or found.not_before >= ended or found.not_after <= began
        return same and other and found.not_before >= since

    return [found for found in deltas if is_later(found)]


def _within(found: RecordedDelta, began: datetime, ended: datetime) -> bool:
    """Whether it may have been made while the change was, and is not known to be another's."""
    return not (found.change or found.expected_by) and found.not_before < ended and found.not_after > began


def _made_by(view: View, found: RecordedDelta, others: Sequence[Change]) -> str:
    """The change that a difference belongs to: as recorded, else the newest that speaks for its place and was under way then; or empty."""
    if said := found.explained_by or found.change or found.expected_by:
        return said
    runs_on = {Target.service(name): frozenset([found.host]) for name in view.topology.services_on(found.host)}
    fitting = (other for other in others if speaks_for(other, found.host, found.delta.path, runs_on) and _under_way(other, found))
    return next((other.id for other in fitting), "")


def _under_way(other: Change, found: RecordedDelta) -> bool:
    begins, ends = other.started_at, other.finished_at
    return begins is not None and begins <= found.not_after and (ends is None or ends >= found.not_before)


def _declares_the_same(view: View, undoing: Undoing, other: Change) -> bool:
    """Whether it declares a path that the change has touched or declares; of one that declares none nothing can be said."""
    touched = {found.delta.path for found in view.evidence.deltas_of_change(undoing.change.id)}
    touched |= {glob for glob in undoing.change.paths if glob.startswith("/")}
    return bool(other.paths) and any(covers(other, path.removesuffix("/**")) for path in touched)


def _seen_text(other: Change | None, host: str, deltas: Sequence[RecordedDelta]) -> str:
    places = list(dict.fromkeys(f"{found.delta.path}{f' {found.delta.key}' if found.delta.key else ''}" for found in deltas))
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    who = f"{other.id} ({other.title[:60]})" if other else f"something unlogged ({deltas[0].id})"
    return f"{who} has changed the same files since, on {host}: {', '.join(places[:_PLACES])}{more}"


def _declared_text(other: Change) -> str:
    return f"{other.id} ({other.title[:60]}) was made since, on {', '.join(map(str, other.on))}, and declares {', '.join(other.paths[:_PLACES])}"
