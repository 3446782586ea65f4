"""What the record itself knows that may have contributed to an incident: facts about the linked suspects, and about how well they could be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from changelog_ledger.model.change import Change, ChangeType
from changelog_ledger.model.evidence import STALE_AFTER, Evidence
from changelog_ledger.model.incident import CAUSES, Contribution, Incident, Link
from changelog_ledger.model.report import HostFreshness, Reason

_REASONS = ("peers-differ", "undeclared-paths", "never-changed")
"""Reasons of a suspect that say something about how it came about, and not only how likely it is."""

_REMARKS = ("freeze", "not-approved", "conflict", "outside-window")


@dataclass(frozen=True, slots=True)
class Linked:
    """What an incident links, as the record has it.

    :ivar evidence: linked, and what its linked changes altered.
    :ivar reasons: of the suspects that linked things are, by the id of the linked thing.
    :ivar freshness: how old the last look at each host was when the trouble began.
    :ivar stale_after: from when on a look is too old.
    """

    changes: Sequence[Change] = ()
    evidence: Sequence[Evidence] = ()
    reasons: Mapping[str, Sequence[Reason]] | None = None
    freshness: Sequence[HostFreshness] = ()
    stale_after: timedelta = STALE_AFTER


def contributions(incident: Incident, linked: Linked) -> tuple[Contribution, ...]:
    """Facts about confirmed and contributing links, each once; then about hosts that had not been looked at for long."""
    changes = {change.id: change for change in linked.changes}
    found: list[Contribution] = []
    for link in incident.links:
        if link.kind not in CAUSES:
            continue
        if link.what in changes:
            found += _of_change(changes[link.what])
        found += _unlogged(link, linked.evidence)
        found += _of_reasons(link, (linked.reasons or {}).get(link.what, ()))
    found += _stale(incident.began_at, linked)
    return tuple({(each.code, each.what, each.text): each for each in found}.values())


def _of_change(change: Change) -> Iterator[Contribution]:
    for code, holds, text in (
        ("logged-after", change.logged_after, "was logged after it had been made"),
        ("outside-window", _outside(change), "was made outside its planned window"),
        ("unticked", bool(change.finished_at and change.open_items), f"was finished with open checklist items: {_items(change)}"),
        ("no-rollback-target", not (change.rollback_to or change.backout or change.irreversible), "named nothing to go back to"),
        ("irreversible", bool(change.irreversible), f"could not be taken back: {change.irreversible}"),
        ("unreviewed-emergency", change.type is ChangeType.EMERGENCY and change.reviewed_at is None, "is an emergency change without a review"),
    ):
        if holds:
            yield Contribution(code, f"{change.id} {text}", change.id)
    told = {remark.code: remark.text for note in change.notes for remark in note.remarks if remark.code in _REMARKS}
    for code, said in told.items():
        if code != "outside-window" or not _outside(change):
            yield Contribution(code, f"{change.id}: {said}", change.id)


def _outside(change: Change) -> bool:
    """Whether it acted before its planned start or after its planned end."""
    early = _before(change.started_at, change.planned_start)
    return early or _before(change.planned_end, change.finished_at or change.started_at)


def _before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


def _items(change: Change) -> str:
    names = [item.name for item in change.open_items]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _unlogged(link: Link, evidence: Iterable[Evidence]) -> Iterator[Contribution]:
    if any(piece.unlogged and link.what in (piece.id, *piece.parts) for piece in evidence):
        yield Contribution("unlogged", f"{link.name}: no change explains it", link.what)


def _of_reasons(link: Link, reasons: Sequence[Reason]) -> Iterator[Contribution]:
    for reason in reasons:
        if reason.code in _REASONS:
            yield Contribution(reason.code, f"{link.name}: {reason.text}", link.what)


def _stale(onset: datetime, linked: Linked) -> Iterator[Contribution]:
    for look in linked.freshness:
        if look.last_at is None:
            yield Contribution("stale-host", f"{look.host} had no snapshot when the trouble began: what changed on its disk was not seen")
        elif onset - look.last_at > linked.stale_after:
            yield Contribution("stale-host", f"the last snapshot of {look.host} before the trouble began was {_hours(onset - look.last_at)} old")


def _hours(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
