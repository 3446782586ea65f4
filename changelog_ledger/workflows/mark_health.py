"""``good``, ``bad`` and ``observe``: what somebody or something saw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.errors import InvalidInput, InvalidTime
from changelog_ledger.model.evidence import Observation
from changelog_ledger.model.identifiers import evidence_id
from changelog_ledger.model.times import shown_instant, utc
from changelog_ledger.model.topology import Health, Mark, Target
from changelog_ledger.workflows.topology import resolve_target
from changelog_ledger.workflows.workspace import Workspace

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far ahead of our clock somebody else's may be before a time counts as the future."""


def mark(workspace: Workspace, target: str | Target, state: Health, *, at: datetime | None = None, source: str = "", symptom: str = "") -> Mark:
    """Record that a target was seen good or bad.

    :param at: when; now if None.
    :raises InvalidTime: if it lies in the future.
    :raises NotFound: if there is no such target.
    """
    with workspace.store.reading() as view:
        resolved = resolve_target(view, target)
    when = not_future(workspace, at)
    body = {"target": str(resolved), "state": str(state)}
    body |= {name: text for name, text in (("source", source), ("symptom", symptom)) if text}
    fact = workspace.fact("mark", body, at=when)
    workspace.store.append([fact])
    return Mark(fact.id, resolved, state, fact.occurred_at, fact.actor, source, symptom)


def observe(
    workspace: Workspace, text: str, on: str | Target, *, at: datetime | None = None, kind: str = "note", data: Mapping[str, Any] | None = None
) -> Observation:
    """Record something seen that is no file difference.

    :param kind: ``package-upgraded``, ``service-restarted``, ``reboot``, ``deploy`` …
    :raises InvalidInput: if the text or kind is empty.
    :raises InvalidTime: if it lies in the future.
    :raises NotFound: if there is no such target.
    """
    summary = " ".join(text.split())
    if not summary or not kind.strip():
        raise InvalidInput("the observation says nothing", 'write what was seen: ledger observe "nginx restarted" --on host:web-01')
    with workspace.store.reading() as view:
        target = resolve_target(view, on)
    when = not_future(workspace, at)
    seen = dict(data or {})
    body = {"what": kind.strip(), "on": str(target), "summary": summary, "data": seen}
    fact = workspace.fact("observation", body, at=when)
    workspace.store.append([fact])
    identity = evidence_id("observation", fact.key)
    return Observation(identity, kind.strip(), target, fact.occurred_at, summary, actor=fact.actor, data=seen)


def not_future(workspace: Workspace, at: datetime | None) -> datetime:
    """``at`` (now if None), which must have come.

    :raises InvalidTime: otherwise.
    """
    now = workspace.now()
    when = utc(at or now)
    if when > now + CLOCK_TOLERANCE:
        raise InvalidTime(f"{shown_instant(when)} has not come yet", "what was seen lies in the past; plans go to: ledger change plan")
    return when
