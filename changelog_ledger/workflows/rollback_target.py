"""What a change goes back to has to be there when it is planned: a rollback target that is found missing at night is none."""

from __future__ import annotations

from datetime import datetime

from changelog_ledger.errors import Ambiguous, InvalidInput, InvalidTime, NotFound
from changelog_ledger.model.change import Change
from changelog_ledger.model.rollback_target import LATEST, PACKAGES, RETAINED
from changelog_ledger.model.times import shown_instant
from changelog_ledger.store.queries import View
from changelog_ledger.workflows.topology import known_host


def resolved_rollback_target(view: View, text: str) -> str:
    """A rollback target as it is kept: of a snapshot the whole id.

    :param text: as :func:`~changelog_ledger.changes.planning.checked_rollback` leaves it.
    :raises NotFound: if there is no such snapshot or host, or (:class:`Ambiguous`) several snapshots.
    :raises InvalidInput: if the host is retired.
    """
    if not text or text == LATEST or text.startswith(PACKAGES):
        return text
    if text.startswith(RETAINED):
        return _retained(view, text)
    return _snapshot(view, text)


def checked_retention(change: Change, now: datetime) -> Change:
    """The change that is being planned, if its server is retained at all.

    :raises InvalidTime: if that would end before it begins: ``14d`` is a time of two weeks ago.
    """
    if change.retain_until is not None and change.retain_until <= now:
        raise InvalidTime(
            f"the server would be retained until {shown_instant(change.retain_until)}, which has passed",
            "write a time to come: 2026-12-24T18:00+01:00",
        )
    return change


def _retained(view: View, text: str) -> str:
    host = known_host(view, text.removeprefix(RETAINED))
    if host.retired_at is not None:
        raise InvalidInput(
            f"{host.name} is retired since {shown_instant(host.retired_at)}, so nothing can go back to it",
            f"name another rollback target; or, if it is there after all: ledger host add {host.name}",
        )
    return text


def _snapshot(view: View, text: str) -> str:
    prefix = text.upper()
    found = view.evidence.snapshots_starting(prefix)
    if len(found) == 1:
        return found[0].id
    hint = "ledger snapshots HOST lists them; the one before it starts is called latest"
    if found:
        raise Ambiguous(f"{text} fits several snapshots: {', '.join(entry.id for entry in found[:3])}", "type more of it")
    if expired := view.evidence.expired_starting(prefix):
        raise NotFound(f"the snapshot {expired[0].id} expired on {shown_instant(expired[0].expired_at)} by retention", hint)
    raise NotFound(f"there is no snapshot {text} to go back to", hint)
