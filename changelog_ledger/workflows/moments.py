"""A TIME as somebody types it: ISO 8601, ``now``, ``2h``, a snapshot's or a change's id, ``last-good``, ``onset``."""

from __future__ import annotations

import re
from datetime import datetime

from changelog_ledger.errors import Ambiguous, InvalidTime, LedgerError, NotFound
from changelog_ledger.model.report import Basis
from changelog_ledger.model.retention import ExpiredSnapshot
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.times import parse_time, shown_instant, utc
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.topology import scope_of
from changelog_ledger.workflows.workspace import Workspace

SNAPSHOT_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{9,25}")
"""A snapshot's id, or ten characters of its beginning at least: that is its time."""


def resolve_time(workspace: Workspace, time: str | datetime, target: str | Target | None = None) -> datetime:
    """The instant that a TIME means.

    :param target: whose ``last-good`` and ``onset`` are meant.
    :raises InvalidTime: if it cannot be read.
    :raises NotFound: if there is no such snapshot, change or mark.
    """
    if isinstance(time, datetime):
        return utc(time)
    wanted = time.strip()
    if wanted.upper().startswith("CHG-"):
        return _start_of_change(workspace, wanted)
    if wanted in (Basis.LAST_GOOD, Basis.ONSET):
        return _mark_time(workspace, wanted, target)
    try:
        return parse_time(wanted, workspace.now())
    except InvalidTime as error:  # a snapshot's id may look like a compact date, so dates come first
        if SNAPSHOT_ID.fullmatch(wanted.upper()):
            return found_snapshot(workspace, wanted.upper()).at
        return _in_words(wanted, workspace.now(), error)


def _start_of_change(workspace: Workspace, text: str) -> datetime:
    with workspace.store.reading() as view:
        change = view.changes.find(text)
    begins = change.begins
    if begins is None:
        raise InvalidTime(f"{change.id} has not started and has no planned start", "give a time instead")
    return begins


def found_snapshot(workspace: Workspace, prefix: str) -> Snapshot:
    """The one snapshot whose id begins so.

    :raises NotFound: if there is none, or if it has expired.
    :raises Ambiguous: if there are several.
    """
    with workspace.store.reading() as view:
        found = view.evidence.snapshots_starting(prefix)
        expired = () if found else view.evidence.expired_starting(prefix)
        nearest = view.evidence.last_snapshot(expired[0].host, expired[0].at) if expired else None
    if expired:
        raise NotFound(*_expired(expired[0], nearest))
    if not found:
        raise NotFound(f"there is no snapshot {prefix}", "ledger snapshots HOST lists them")
    if len(found) > 1:
        raise Ambiguous(f"{prefix} fits several snapshots: {', '.join(entry.id for entry in found[:3])}", "type more of it")
    return found[0]


def _expired(snapshot: ExpiredSnapshot, nearest: Snapshot | None) -> tuple[str, str]:
    """Message and hint."""
    said = f"the snapshot {snapshot.id} of {snapshot.host} expired on {shown_instant(snapshot.expired_at)} by retention"
    if nearest is None:
        return said, f"those that are kept: ledger snapshots {snapshot.host}"
    return said, f"the last one kept before it is {nearest.id} of {shown_instant(nearest.at)}"


def _mark_time(workspace: Workspace, word: str, target: str | Target | None) -> datetime:
    from changelog_ledger.investigation import choose_window  # here, because no other TIME needs the investigation
    from changelog_ledger.workflows.what_changed import asked_target, marks_of_question, targets_marked

    now = workspace.now()
    with workspace.store.reading() as view:
        asked = asked_target(workspace, view, target)
        scope = scope_of(view, asked)
        marks = marks_of_question(asked, scope, view.marks.latest(targets_marked(scope), now))
    basis = Basis.ONSET if word == Basis.ONSET else None
    window = choose_window(marks, now=now, until_basis=basis)
    if basis is not None and window.onset is not None:
        return window.onset
    if window.since_basis is not Basis.LAST_GOOD:
        raise NotFound(f"{asked} was never marked good", f"say when it worked: ledger good {asked} --at TIME")
    return window.since


def _in_words(text: str, now: datetime, refused: LedgerError) -> datetime:
    """``yesterday 14:00``, where the ``human`` extra is installed."""
    try:
        import dateparser
    except ModuleNotFoundError:
        raise refused from None
    settings = {"RELATIVE_BASE": now.astimezone(), "RETURN_AS_TIMEZONE_AWARE": True, "PREFER_DATES_FROM": "past"}
    if not re.search(r"[a-zA-Z]{3,}", text):  # a bare date without an offset stays refused
        raise refused
    found = dateparser.parse(text, settings=settings)
    if found is None:
        raise refused
    return utc(found)
